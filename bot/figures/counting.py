"""Counting a tip that is ended, in the commit that ends it.

Laws: a tip is counted once, in the month of its first ending and at the centre that ended it then;
ended again in that month, what was counted before goes off the counters, and later nothing changes
any more. How long it took is the server's own to say; what it was about the officer says, and the
running server sees it for as long as this commit takes.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date

from bot.errors import BadRequest
from bot.figures.book import FigureBook
from bot.figures.measures import UNLISTED, Measures
from sealing import Counts
from storage.port import Conflict, Transaction
from storage.repositories import tips
from storage.repositories.clocks import APPLICATIONS
from storage.repositories.figures import COUNTED, ISO_MONTH, NO, YES, Basis, Counter
from storage.repositories.queue import Listing
from storage.repositories.tips import ENDS, ChangeKind, ChangeRow, Status


class Uncountable(BadRequest):
    """What was told cannot be counted: the mistake is in *field*."""

    def __init__(self, code: str, says: str, field: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says
        self.field = field


Said = Sequence[tuple[str, str]]
"""Values, each with its measure first."""


class TipCounting:
    """Counts by *measures* into *book*."""

    def __init__(self, book: FigureBook, measures: Measures) -> None:
        self._book = book
        self._measures = measures

    def ending(
        self,
        t: Transaction,
        listing: Listing,
        status: Status,
        day: str,
        counts: Counts | None,
        before: Counts | None = None,
    ) -> None:
        """Count the tip as it goes to *status* on *day*: of what it was (*counts*), if that is
        told, in place of what was counted *before*. Raises Uncountable when there is nothing to
        count, or what was counted before is something else."""
        if status not in ENDS or listing.grant.role == APPLICATIONS:
            if counts is not None:
                raise Uncountable("bad_shape", "Nothing is counted of it.", "counts")
            return
        changes = tips.changes(t, listing.tip_id)
        first = next((change for change in changes if change.is_ending), None)
        if first is None:
            _check_before(listing.tip_id, (), before)
            counted = _said(self._measures, listing, changes, day, counts)
            self._book.add(t, _counters(day, listing.centre, counted, 1))
        elif counts is not None:
            if first.day[:ISO_MONTH] != day[:ISO_MONTH]:
                says = "The month in which it was counted is over."
                raise Uncountable("counted", says, "counts")
            _check_before(listing.tip_id, changes, before)
            self._correct(t, listing, changes, first, counts, before)

    def _correct(
        self,
        t: Transaction,
        listing: Listing,
        changes: Sequence[ChangeRow],
        first: ChangeRow,
        counts: Counts,
        before: Counts | None,
    ) -> None:
        """Count *counts* in place of *before*, where and when the tip was ended *first*."""
        centre = _centre_at(changes, first.version, listing.centre)
        until_then = [change for change in changes if change.version <= first.version]
        if before is None:
            was = _said(self._measures, listing, until_then, first.day, None)
            now = _said(self._measures, listing, until_then, first.day, counts)
        else:
            was, now = _told(self._measures, before), _told(self._measures, counts)
        for counter in _counters(first.day, centre, was, -1):
            self._take_off(t, counter)
        self._book.add(t, _counters(first.day, centre, now, 1))

    def _take_off(self, t: Transaction, counter: Counter) -> None:
        try:
            self._book.add(t, [counter])
        except Conflict:  # counted by a release that did not list the value yet, or unreadable now
            with suppress(Conflict):
                self._book.add(t, [replace(counter, value=UNLISTED)])


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


def _told(measures: Measures, counts: Counts) -> Said:
    return tuple((name, measures.value(name, told)) for name, told in counts.by_measure().items())


def _check_before(tip_id: str, changes: Sequence[ChangeRow], before: Counts | None) -> None:
    kept = [change.counts_hash for change in changes if change.counts_hash is not None]
    if (None if before is None else before.hash(tip_id)) != (kept[-1] if kept else None):
        raise Uncountable("counted", "Something else was counted before.", "counts.before")


def _centre_at(changes: Sequence[ChangeRow], version: int, now: str) -> str:
    """Where the tip lay at *version*; it lies at *now*."""
    moves = (c for c in changes if c.kind is ChangeKind.MOVE and c.version > version)
    return next((move.from_centre or now for move in moves), now)


def _counters(day: str, centre: str, said: Said, n: int) -> Iterator[Counter]:
    month = day[:ISO_MONTH]
    return (Counter(Basis.ENDED, month, centre, measure, value, n) for measure, value in said)
