"""Counting a tip that is ended, in the commit that ends it.

Laws: a tip is counted once, in the month of its first ending and at the centre that ended it then;
ended again in that month, what was counted before goes off the counters, and later nothing changes
any more. How long it took is the server's own to say; what it was about the officer says, and the
running server sees it for as long as this commit takes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from bot.desk.errors import BadShape
from bot.figures.measures import UNLISTED, Measures
from sealing import Counts
from storage.port import Conflict, Transaction
from storage.repositories import figures, tips
from storage.repositories.clocks import APPLICATIONS
from storage.repositories.figures import COUNTED, ISO_MONTH, NO, YES, Basis, Counter
from storage.repositories.queue import Listing
from storage.repositories.tips import ENDS, ChangeKind, ChangeRow, Status

Said = Sequence[tuple[str, str]]
"""Values, each with its measure first."""


def count_ending(
    t: Transaction,
    measures: Measures,
    listing: Listing,
    status: Status,
    day: str,
    counts: Counts | None,
    before: Counts | None = None,
) -> None:
    """Count the tip as it goes to *status* on *day*: of what it was (*counts*), if that is told, in
    place of what was counted *before*. Raises BadShape when there is nothing to count, or what was
    counted before is something else."""
    is_counted = status in ENDS and listing.grant.role != APPLICATIONS
    if not is_counted:
        if counts is not None:
            raise BadShape("bad_shape", "Nothing is counted of it.", field="counts")
        return
    changes = tips.changes(t, listing.tip_id)
    first = next((change for change in changes if change.is_ending), None)
    if first is None:
        _check_before(listing.tip_id, (), before)
        counted = _said(measures, listing, changes, day, counts)
        figures.add(t, _counters(day, listing.centre, counted, 1))
    elif counts is not None:
        if first.day[:ISO_MONTH] != day[:ISO_MONTH]:
            raise BadShape("counted", "The month in which it was counted is over.", field="counts")
        _check_before(listing.tip_id, changes, before)
        centre = _centre_at(changes, first.version, listing.centre)
        until_then = [change for change in changes if change.version <= first.version]
        if before is None:
            was, now = ((COUNTED, NO),), _said(measures, listing, until_then, first.day, counts)
        else:
            was, now = _told(measures, before), _told(measures, counts)
        for counter in _counters(day, centre, was, -1):
            _take_off(t, counter)
        figures.add(t, _counters(day, centre, now, 1))


def _said(
    measures: Measures,
    listing: Listing,
    changes: Sequence[ChangeRow],
    ended: str,
    counts: Counts | None,
) -> Said:
    """Everything that is counted of a tip that *ended* on that day, after *changes*."""
    if counts is None:
        return ((COUNTED, NO),)
    took = _times(measures, listing, changes, ended)
    return ((COUNTED, YES), *took, *_told(measures, counts))


def _times(measures: Measures, listing: Listing, changes: Sequence[ChangeRow], ended: str) -> Said:
    """How long the tip took, from the day of filing."""
    steps = [change.day for change in changes if change.kind is ChangeKind.STATUS]
    days = {"acknowledged": min((*steps, ended)), "ended": ended}
    filed = date.fromisoformat(listing.filed_day)
    return tuple(
        (name, measures.days(name, (date.fromisoformat(until) - filed).days))
        for name, until in days.items()
    )


def _take_off(t: Transaction, counter: Counter) -> None:
    try:
        figures.add(t, [counter])
    except Conflict:  # counted by a release that did not list the value yet
        figures.add(t, [replace(counter, value=UNLISTED)])


def _told(measures: Measures, counts: Counts) -> Said:
    return tuple((name, measures.value(name, told)) for name, told in counts.by_measure().items())


def _check_before(tip_id: str, changes: Sequence[ChangeRow], before: Counts | None) -> None:
    kept = [change.counts_hash for change in changes if change.counts_hash is not None]
    if (None if before is None else before.hash(tip_id)) != (kept[-1] if kept else None):
        raise BadShape("counted", "Something else was counted before.", field="counts.before")


def _centre_at(changes: Sequence[ChangeRow], version: int, now: str) -> str:
    """Where the tip lay at *version*; it lies at *now*."""
    moves = (c for c in changes if c.kind is ChangeKind.MOVE and c.version > version)
    return next((move.from_centre or now for move in moves), now)


def _counters(day: str, centre: str, said: Said, n: int) -> Iterator[Counter]:
    month = day[:ISO_MONTH]
    return (Counter(Basis.ENDED, month, centre, measure, value, n) for measure, value in said)
