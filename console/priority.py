"""Which tip comes first: levels out of data/priority.toml, applied to what a queue shows. Pure."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from console.office_rows import Row
from sealing import TipKind

MARKS = frozenset(
    {
        "duress",
        "afraid",
        "overdue",
        "reopened",
        "unopened",
        "verified",
        *(kind.value for kind in TipKind),
    }
)
NO_CLOCK = 10**6


@cache
def levels() -> tuple[frozenset[str], ...]:
    """The marks of each level, first level first. Raises ValueError for a mark that is none."""
    text = files("console.data").joinpath("priority.toml").read_text(encoding="utf-8")
    found = tuple(frozenset(level["marks"]) for level in tomllib.loads(text)["level"])
    if not all(marks and marks <= MARKS for marks in found):
        raise ValueError("a level of priority.toml has a mark that there is not")
    return found


def level(row: Row) -> int:
    """The row's level: 1 is the first, one more than there are is the last."""
    has = frozenset(_marks(row))
    all_levels = levels()
    return next(
        (place for place, marks in enumerate(all_levels, 1) if marks <= has), len(all_levels) + 1
    )


def by_priority(row: Row) -> tuple[int, int, str, str]:
    """What to sort rows by."""
    left = NO_CLOCK if row.left is None else row.left
    return level(row), left, row.shown.filed_day, row.shown.tip_id


def _marks(row: Row) -> Iterator[str]:
    if row.is_overdue and not row.is_application:
        yield "overdue"
    if row.is_reopened:
        yield "reopened"
    if row.problem is not None or row.summary is None:
        yield "unopened"
    if row.summary is None:
        return
    yield row.summary.kind.value
    if row.summary.is_duress:
        yield "duress"
    if row.summary.is_afraid:
        yield "afraid"
    if row.summary.is_verified:
        yield "verified"
