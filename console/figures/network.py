"""The network's counters as facts, and what the desk's answer leaves open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from console.figure_answers import CentreFigures, NetworkFigures
from console.figures.facts import ALL, COUNTED, ENDED, INTAKE, NOT_COUNTED, Basis, Fact, Scope
from console.figures.periods import FIRST, Period


@dataclass(frozen=True, slots=True)
class Network:
    """*k*: of fewer tips nothing is told. *until* is the last month that is over."""

    facts: tuple[Fact, ...]
    centres: tuple[str, ...]
    k: int
    until: str


YEARS_AT_MOST = 10
"""Of which a desk tells at once."""


def months_to_ask(period: Period, today: date) -> tuple[str, str]:
    """The ISO months to ask a desk for, so that *period* can be shown beside the one before: never
    more than it tells of, up to now."""
    now = f"{today:%Y-%m}"
    last = max(min(period.last, now), FIRST)
    first = max(period.first if period.before is None else period.before.first, FIRST)
    earliest = f"{int(last[:4]) - YEARS_AT_MOST:04d}{last[4:]}"
    return min(max(first, earliest), last), last


def network_of(told: NetworkFigures) -> Network:
    facts = tuple(fact for each in told.centres for fact in _facts(each))
    return Network(facts, tuple(each.centre for each in told.centres), told.k, told.until)


def _facts(told: CentreFigures) -> Iterator[Fact]:
    for months in told.intake:
        yield Fact(
            *(Scope.NETWORK, Basis.FILED, told.centre, months.first, months.last),
            *(INTAKE, (ALL,), months.n),
        )
    for ended in told.ended:
        where = (Scope.NETWORK, Basis.ENDED, told.centre, ended.first, ended.last)
        yield Fact(*where, ENDED, (ALL,), ended.n)
        if ended.not_counted:
            yield Fact(*where, COUNTED, (NOT_COUNTED,), ended.not_counted)
        for table in ended.tables:
            for cell in table.cells:
                yield Fact(*where, table.measure, cell.values, cell.n)
