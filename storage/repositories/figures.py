"""Monthly counters of each centre, and what was decided once to be shown of them.

Owns the tables `figure`, `figure_record` and `figure_period`. A counter is of one measure alone:
none joins two, and none names a tip, so they say after a tip was destroyed what they said before.
In the open lie those only that the rows of tips tell as well; what tips were about is in sealed
records (`bot.figures.book`), or in a month of one tip a thief would know it. Laws, kept by whoever
adds:

- A tip is counted at the centre to which it was filed, in the month it was filed (*filed*: measure
  `intake`, value `all`), and at the centre that ended it first, in the month of that ending
  (*ended*: whether it was `counted`, and the measures of bot/data/figures.toml).
- A month that is over never changes. It is over for certain on the second day of the next, since an
  officer's day may be one behind.
- Applications to join the network are not counted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from storage.port import Conflict, Transaction

ISO_MONTH = len("2026-11")
INTAKE, ALL = "intake", "all"
COUNTED, YES, NO = "counted", "yes", "no"
"""Whether an officer said what is to be counted of an ended tip."""


class Basis(StrEnum):
    """Which day of a tip its month is that of."""

    FILED = "filed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Counter:
    """So many tips (*n*) of *centre* have *value*; *month* is 'YYYY-MM'."""

    basis: Basis
    month: str
    centre: str
    measure: str
    value: str
    n: int


@dataclass(frozen=True, slots=True)
class Period:
    """What is shown of *centre*'s months from *first* to *last*, as canonical JSON."""

    basis: Basis
    centre: str
    first: str
    last: str
    said: str


def take_in(t: Transaction, day: str, centre: str) -> None:
    """Count a tip that is filed to *centre* on *day*."""
    add(t, [Counter(Basis.FILED, day[:ISO_MONTH], centre, INTAKE, ALL, 1)])


def record(t: Transaction, month: str, centre: str) -> bytes | None:
    """The sealed record of *centre*'s month, if there is one."""
    found = t.row(
        "SELECT sealed FROM figure_record WHERE month = ? AND centre = ?", (month, centre)
    )
    return None if found is None else bytes(found[0])


def put_record(t: Transaction, month: str, centre: str, sealed: bytes) -> None:
    """Write the record, over the one before."""
    key = (month, centre)
    if not t.execute(
        "UPDATE figure_record SET sealed = ? WHERE month = ? AND centre = ?", (sealed, *key)
    ):
        t.execute(
            "INSERT INTO figure_record (month, centre, sealed) VALUES (?, ?, ?)", (*key, sealed)
        )


def records(t: Transaction, first: str, last: str) -> tuple[tuple[str, str, bytes], ...]:
    """Month, centre and sealed record, of the months from *first* to *last*."""
    found = t.rows(
        "SELECT month, centre, sealed FROM figure_record WHERE month BETWEEN ? AND ?"
        " ORDER BY month, centre",
        (first, last),
    )
    return tuple((month, centre, bytes(sealed)) for month, centre, sealed in found)


def add(t: Transaction, counters: Iterable[Counter]) -> None:
    """Add to each counter its *n*, which may be negative. Raises Conflict for one that would come
    to less than nothing."""
    for each in counters:
        key = (each.basis.value, each.month, each.centre, each.measure, each.value)
        if t.execute(
            "UPDATE figure SET n = n + ? WHERE basis = ? AND month = ? AND centre = ?"
            " AND measure = ? AND value = ? AND n + ? >= 0",
            (each.n, *key, each.n),
        ):
            continue
        if each.n < 0:
            raise Conflict("a counter would come to less than nothing")
        t.execute(
            "INSERT INTO figure (basis, month, centre, measure, value, n)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (*key, each.n),
        )


def read(t: Transaction, basis: Basis, first: str, last: str) -> tuple[Counter, ...]:
    """Every counter above nothing of the months from *first* to *last*, in the order of month,
    centre, measure and value."""
    found = t.rows(
        "SELECT month, centre, measure, value, n FROM figure"
        " WHERE basis = ? AND month BETWEEN ? AND ? AND n > 0"
        " ORDER BY month, centre, measure, value",
        (basis.value, first, last),
    )
    return tuple(Counter(basis, *row) for row in found)


def add_period(t: Transaction, period: Period) -> None:
    """Raises Conflict for one that begins where another does."""
    t.execute(
        "INSERT INTO figure_period (basis, centre, first, last, said) VALUES (?, ?, ?, ?, ?)",
        (period.basis.value, period.centre, period.first, period.last, period.said),
    )


def periods(
    t: Transaction, basis: Basis, centres: Collection[str], first: str, last: str
) -> tuple[Period, ...]:
    """Those of *centres* that reach into the months from *first* to *last*."""
    found = [
        row
        for centre in sorted(centres)
        for row in t.rows(
            "SELECT centre, first, last, said FROM figure_period"
            " WHERE basis = ? AND centre = ? AND first <= ? AND last >= ? ORDER BY first",
            (basis.value, centre, last, first),
        )
    ]
    return tuple(Period(basis, *row) for row in found)


def ends(t: Transaction, basis: Basis) -> dict[str, str]:
    """Up to which month it was decided what is shown, of each centre of which anything was."""
    found = t.rows(
        "SELECT centre, max(last) FROM figure_period WHERE basis = ? GROUP BY centre",
        (basis.value,),
    )
    return dict(found)
