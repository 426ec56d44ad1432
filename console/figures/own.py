"""Figures of what one officer can read: counted on this machine from the queue in memory; nothing
of it leaves.
"""

import statistics
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from console.endings import ENDS
from console.figures.facts import ALL, DAYS, ENDED, INTAKE, MORE, Basis, Fact, Scope
from console.figures.periods import Period
from console.office_rows import Row
from console.shelf.opening import Course

ISO_MONTH = len("2026-11")
UNKNOWN = "unknown"

CourseOf = Callable[[str], Course | None]


@dataclass(frozen=True, slots=True)
class Took:
    """Days that something took, of so many tips: the median and the longest."""

    tips: int
    median: float
    longest: int


@dataclass(frozen=True, slots=True)
class Tiles:
    """*shut* could not be opened; the times are of those that were *read* so far."""

    total: int
    shut: int
    read: int
    acknowledged: Took | None
    ended: Took | None
    overdue: int
    unclaimed: int


def rows_within(rows: Iterable[Row], period: Period, centre: str = "") -> tuple[Row, ...]:
    """Those filed in *period*, and lying at *centre* if one is meant."""
    return tuple(
        row
        for row in rows
        if period.first <= row.shown.filed_day[:ISO_MONTH] <= period.last
        and centre in ("", row.shown.centre)
    )


def tiles(rows: Sequence[Row], course_of: CourseOf) -> Tiles:
    read = [(row, course) for row in rows if (course := course_of(row.shown.tip_id)) is not None]
    return Tiles(
        total=len(rows),
        shut=sum(row.summary is None for row in rows),
        read=len(read),
        acknowledged=_took((row, course.acknowledged_day) for row, course in read),
        ended=_took((row, course.ended_day) for row, course in read),
        overdue=sum(row.is_overdue for row in rows),
        unclaimed=sum(row.shown.claimed_by is None for row in rows),
    )


def own_facts(rows: Iterable[Row], course_of: CourseOf) -> tuple[Fact, ...]:
    """What *rows* tell. A tip that could not be opened is counted by what the desk shows of it."""
    found = Counter(told for row in rows for told in _told(row, course_of(row.shown.tip_id)))
    return tuple(
        Fact(Scope.OWN, basis, centre, month, month, measure, (value,), found[told])
        for told in sorted(found)
        for basis, centre, month, measure, value in [told]
    )


Told = tuple[Basis, str, str, str, str]


def _told(row: Row, course: Course | None) -> Iterator[Told]:
    shown, summary = row.shown, row.summary
    filed = (Basis.FILED, shown.centre, shown.filed_day[:ISO_MONTH])
    yield *filed, INTAKE, ALL
    yield *filed, "status", shown.status
    if summary is not None:
        yield *filed, "teller", teller(row)
        yield *filed, "category", summary.category
        yield *filed, "province", summary.province
        yield *filed, "kind", summary.kind
    if course is not None and course.acknowledged_day is not None:
        yield *filed, "acknowledged", _range(row, course.acknowledged_day)
    ended_day = shown.status_day if course is None else course.ended_day or shown.status_day
    if shown.status in ENDS:
        ended = (Basis.ENDED, shown.centre, ended_day[:ISO_MONTH])
        yield *ended, ENDED, ALL
        yield *ended, "result", row.result or UNKNOWN
        if course is not None and course.ended_day is not None:
            yield *ended, "ended", _range(row, course.ended_day)


def teller(row: Row) -> str:
    if row.is_application:
        return "application"
    return "member" if row.summary is not None and row.summary.is_verified else "citizen"


def _range(row: Row, day: str) -> str:
    at = bisect_left(DAYS, _days(row, day))
    return str(DAYS[at]) if at < len(DAYS) else MORE


def _took(told: Iterable[tuple[Row, str | None]]) -> Took | None:
    days = [_days(row, day) for row, day in told if day is not None]
    return Took(len(days), statistics.median(days), max(days)) if days else None


def _days(row: Row, day: str) -> int:
    return (date.fromisoformat(day) - date.fromisoformat(row.shown.filed_day)).days
