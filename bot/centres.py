"""The organisation: the configured centres and agencies as the pure rooms want them, and clocks.

Agencies that ship with the program come first; the configuration adds its own, and one with the
same id replaces the shipped one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.config_sections import Centre as Configured
from bot.config_sections import Config
from bot.errors import Misconfigured
from handlers.agencies import Agency, parse_agencies
from handlers.routing import Centre, Centres
from handlers.shipped import shipped


@dataclass(frozen=True, slots=True)
class Clocks:
    """The days that a centre's officers have, counted from filing."""

    acknowledge_days: int
    screening_days: int
    feedback_days: int
    warn_days: int


@dataclass(frozen=True, slots=True)
class Organisation:
    """Centres, agencies and clocks of one deployment."""

    centres: Centres
    agencies: tuple[Agency, ...]
    clocks: Mapping[str, Clocks]


def organise(config: Config) -> Organisation:
    """Build the organisation of *config*. Raises Misconfigured when routing refuses the tree."""
    try:
        centres = Centres(tuple(_centre(each) for each in config.centres))
    except ValueError as error:
        raise Misconfigured(f"[[centre]]: {error}.") from None
    clocks = {each.id: _clocks(each) for each in config.centres}
    return Organisation(centres, _agencies(config), clocks)


def _centre(configured: Configured) -> Centre:
    return Centre(
        id=configured.id,
        parent=configured.parent,
        provinces=configured.provinces,
        agency=configured.agency,
        name_th=configured.name_th,
        name_en=configured.name_en,
    )


def _clocks(configured: Configured) -> Clocks:
    return Clocks(
        configured.acknowledge_days,
        configured.screening_days,
        configured.feedback_days,
        configured.warn_days,
    )


def _agencies(config: Config) -> tuple[Agency, ...]:
    found = {agency.id: agency for agency in parse_agencies(shipped("agencies.toml"))}
    for own in config.agencies:
        found[own.id] = Agency(own.id, own.name_th, own.name_en, own.aliases, own.parent)
    return tuple(found.values())
