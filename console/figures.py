"""Figures of what one officer can read: how many tips came, of what, from where, and how long they
took. Counted on this machine from the queue in memory; nothing of it leaves. Pure.
"""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from console.office_rows import Row
from console.shelf.opening import Course

MONTHS_AT_MOST = 12
ISO_MONTH = len("2026-11")


@dataclass(frozen=True, slots=True)
class Count:
    """So many of *name* (an id, a month)."""

    name: str
    n: int


@dataclass(frozen=True, slots=True)
class Took:
    """Days that something took, of so many tips: the median and the longest."""

    tips: int
    median: float
    longest: int


@dataclass(frozen=True, slots=True)
class Figures:
    """*shut* could not be opened; the times are of those that were *read* so far."""

    total: int
    shut: int
    read: int
    months: tuple[Count, ...]
    statuses: tuple[Count, ...]
    categories: tuple[Count, ...]
    provinces: tuple[Count, ...]
    tellers: tuple[Count, ...]
    acknowledged: Took | None
    ended: Took | None
    overdue: int
    unclaimed: int


def figures(rows: Sequence[Row], course_of: Callable[[str], Course | None]) -> Figures:
    told = [row.summary for row in rows if row.summary is not None]
    read = [(row, course) for row in rows if (course := course_of(row.shown.tip_id)) is not None]
    months = Counter(row.shown.filed_day[:ISO_MONTH] for row in rows)
    return Figures(
        total=len(rows),
        shut=len(rows) - len(told),
        read=len(read),
        months=tuple(Count(m, months[m]) for m in sorted(months, reverse=True)[:MONTHS_AT_MOST]),
        statuses=_counted(row.shown.status for row in rows),
        categories=_counted(summary.category for summary in told),
        provinces=_counted(summary.province for summary in told),
        tellers=_counted(_teller(row) for row in rows if row.summary is not None),
        acknowledged=_took((row, course.acknowledged_day) for row, course in read),
        ended=_took((row, course.ended_day) for row, course in read),
        overdue=sum(row.is_overdue for row in rows),
        unclaimed=sum(row.shown.claimed_by is None for row in rows),
    )


def _teller(row: Row) -> str:
    if row.is_application:
        return "application"
    return "member" if row.summary is not None and row.summary.is_verified else "citizen"


def _counted(names: Iterable[str]) -> tuple[Count, ...]:
    """The most frequent first."""
    found = Counter(names)
    return tuple(Count(name, found[name]) for name in sorted(found, key=lambda n: (-found[n], n)))


def _took(told: Iterable[tuple[Row, str | None]]) -> Took | None:
    days = [
        (date.fromisoformat(day) - date.fromisoformat(row.shown.filed_day)).days
        for row, day in told
        if day is not None
    ]
    return Took(len(days), statistics.median(days), max(days)) if days else None
