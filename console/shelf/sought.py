"""What an officer wants to see of the queue: filters, words, an order. Pure.

What cannot be opened is never filtered away, except by a search: somebody must look at it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from console.office_rows import Row
from console.priority import by_priority
from console.shelf.index import Index

NO_CLOCK = 10**6
ORDERS = ("newest", "clock", "priority")

_Mark = Callable[[Row], bool]
MARKS: Mapping[str, _Mark] = {
    "urgent": lambda row: row.is_urgent,
    "overdue": lambda row: row.is_overdue,
    "duress": lambda row: row.summary is not None and row.summary.is_duress,
    "afraid": lambda row: row.summary is not None and row.summary.is_afraid,
    "verified": lambda row: row.summary is not None and row.summary.is_verified,
    "reopened": lambda row: row.is_reopened,
    "mine": lambda row: row.is_mine,
    "unclaimed": lambda row: row.shown.claimed_by is None,
    "held": lambda row: row.shown.is_held,
    "applications": lambda row: row.is_application,
}
"""Filters of one tick each; several must all hold."""


@dataclass(frozen=True, slots=True)
class Sought:
    """*marks* are names of `MARKS`; *words* is what was typed."""

    statuses: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    province: str | None = None
    category: str | None = None
    order: str = "newest"
    words: str = field(default="", repr=False)


def found(index: Index, sought: Sought) -> Sequence[Row]:
    """The rows that fit, in order."""
    rows: Sequence[Row] = index.rows
    if sought.words.strip():
        having = index.find(sought.words)
        rows = [row for row in rows if row.shown.tip_id in having]
    fitting = [row for row in rows if fits(row, sought)]
    if sought.order == "priority":
        return sorted(fitting, key=by_priority)
    if sought.order == "clock":
        return sorted(fitting, key=_by_clock)
    return fitting


def fits(row: Row, sought: Sought) -> bool:
    """Whether a row is what is *sought*, its words aside."""
    if sought.statuses and row.shown.status not in sought.statuses:
        return False
    told = row.summary
    if told is None:
        return True
    return (
        sought.province in (None, told.province)
        and sought.category in (None, told.category)
        and all(MARKS[name](row) for name in sought.marks)
    )


def _by_clock(row: Row) -> tuple[int, str]:
    return NO_CLOCK if row.left is None else row.left, row.shown.filed_day
