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
from handlers.clocks import Lengths
from handlers.routing import Centre, Centres
from handlers.shipped import shipped
from storage.repositories.clocks import OTHERS


@dataclass(frozen=True, slots=True)
class Clocks:
    """The days that a centre's officers have, and how long before the end they are warned."""

    lengths: Lengths
    warn_days: int


@dataclass(frozen=True, slots=True)
class Organisation:
    """Centres, agencies and clocks of one deployment."""

    centres: Centres
    agencies: tuple[Agency, ...]
    clocks: Mapping[str, Clocks]

    @property
    def longest_acknowledge_days(self) -> int | None:
        """Within so many days every centre acknowledges: what is said before it is known which
        centre it will be. None without centres."""
        return max((each.lengths.acknowledge_days for each in self.clocks.values()), default=None)


def organise(config: Config) -> Organisation:
    """Build the organisation of *config*. Raises Misconfigured when routing refuses the tree."""
    try:
        centres = Centres(tuple(_centre(each) for each in config.centres))
    except ValueError as error:
        raise Misconfigured(f"[[centre]]: {error}.") from None
    clocks = {each.id: _clocks(config, each) for each in config.centres}
    return Organisation(centres, _agencies(config), clocks)


def lengths_of(config: Config, organisation: Organisation) -> Mapping[str, Lengths]:
    """How long the clocks run in each centre, and (OTHERS) in those that *config* does not name."""
    days = config.clocks
    others = Lengths(
        days.acknowledge_days, days.screening_days, days.feedback_days, days.escalate_again_days
    )
    named = {centre: each.lengths for centre, each in organisation.clocks.items()}
    return {**named, OTHERS: others}


def _centre(configured: Configured) -> Centre:
    return Centre(
        id=configured.id,
        parent=configured.parent,
        provinces=configured.provinces,
        agency=configured.agency,
        name_th=configured.name_th,
        name_en=configured.name_en,
    )


def _clocks(config: Config, configured: Configured) -> Clocks:
    """The days of a centre: its own, else those of the nearest centre above that says."""
    by_id = {each.id: each for each in config.centres}
    line = [configured]
    while (parent := line[-1].parent) is not None:
        line.append(by_id[parent])

    def days(name: str) -> int:
        said = (getattr(each, name) for each in line)
        return int(next((each for each in said if each is not None), getattr(config.clocks, name)))

    return Clocks(
        Lengths(
            days("acknowledge_days"),
            days("screening_days"),
            days("feedback_days"),
            config.clocks.escalate_again_days,
        ),
        days("warn_days"),
    )


def _agencies(config: Config) -> tuple[Agency, ...]:
    found = {agency.id: agency for agency in parse_agencies(shipped("agencies.toml"))}
    for own in config.agencies:
        found[own.id] = Agency(own.id, own.name_th, own.name_en, own.aliases, own.parent)
    return tuple(found.values())
