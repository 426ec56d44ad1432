"""A fact: so many tips of a centre and a span of months have one of some values."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from console.figures.periods import Period

INTAKE, ENDED, ALL = "intake", "ended_tips", "all"
"""Measures that count every tip, and their one value."""
COUNTED, NOT_COUNTED = "counted", "no"
"""Of those that ended, the ones of which nobody said more."""

DAYS, MORE = (7, 15, 30, 90), "more"
"""How long something took, as the desk's counters tell it: a value "15" is up to so many days and
more than the one before."""


class Scope(StrEnum):
    OWN = "own"
    NETWORK = "network"


class Basis(StrEnum):
    """Which day of a tip the months are those of."""

    FILED = "filed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Fact:
    """*first* and *last* are ISO months, *values* ids; of several it is not told which."""

    scope: Scope
    basis: Basis
    centre: str
    first: str
    last: str
    measure: str
    values: tuple[str, ...]
    n: int


def within(facts: Iterable[Fact], period: Period, centre: str = "") -> tuple[Fact, ...]:
    """Those of *period*, and of *centre* if one is meant. Months that are told together belong to
    the period of the last of them, so that no tip is in two."""
    return tuple(
        fact
        for fact in facts
        if period.first <= fact.last <= period.last and centre in ("", fact.centre)
    )
