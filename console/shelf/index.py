"""The queue as it is known now: rows, words, how tips went, and what has arrived. Nobody here asks
the desk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from msgspec import structs

from console.answers import TipDetail, TipStanding
from console.clocks import Rules
from console.errors import ConsoleError
from console.office import Office
from console.office_rows import Row
from console.reading import OpenedTip
from console.shelf.opening import Course, OpenedListing, OpenedWords, summary_of
from console.shelf.search import Packed, Piece, excerpt, find
from console.track_record import TrackRecords, track_records
from sealing import Summary

WORDS_AT_MOST_BYTES = 64 * 1024 * 1024
"""All that can be searched, together."""

_TOLD_OF_A_TIP = {*TipDetail.__struct_encode_fields__} - {"parts"}
_ALSO_OF_A_TIP = _TOLD_OF_A_TIP.intersection(TipStanding.__struct_fields__)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A tip of the queue. *told* and *problem* are what its grant says."""

    standing: TipStanding
    grant_id: str
    told: Summary | None
    problem: ConsoleError | None
    row: Row


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the queue is known. *change* grows with every change; *arrived* counts tips that came
    after the first look at the whole."""

    listed: int
    is_whole: bool
    readable: int
    searched: int
    is_full: bool
    arrived: int
    change: int
    trouble: ConsoleError | None


class Index:
    """Everything that is known of the queue. Forgotten by dropping it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._entries: dict[str, _Entry] = {}
        self._words: dict[str, Packed] = {}
        self._courses: dict[str, Course] = {}
        self._read: dict[str, tuple[int, int]] = {}
        self._bytes = 0
        self._is_full = False
        self._rows: tuple[int, date, tuple[Row, ...]] | None = None
        self._tracks: tuple[int, TrackRecords] | None = None
        self._readable = 0
        self._arrived = 0
        self._change = 0
        self.rules = Rules({}, office.settings.clocks)
        """How long clocks run; whoever asks the desk keeps it up to date."""
        self.is_whole = False
        self.trouble: ConsoleError | None = None

    def __repr__(self) -> str:
        return "Index(…)"

    @property
    def progress(self) -> Progress:
        return Progress(
            listed=len(self._entries),
            is_whole=self.is_whole,
            readable=self._readable,
            searched=len(self._read),
            is_full=self._is_full,
            arrived=self._arrived,
            change=self._change,
            trouble=self.trouble,
        )

    # --- what stands in it

    @property
    def rows(self) -> tuple[Row, ...]:
        """The queue, newest day first."""
        today = self._office.today()
        if self._rows is None or self._rows[:2] != (self._change, today):
            if self._rows is not None and self._rows[1] != today:
                self._entries = {i: self._entry(e, e.standing) for i, e in self._entries.items()}
            rows = sorted((e.row for e in self._entries.values()), key=_newest, reverse=True)
            self._rows = self._change, today, tuple(rows)
        return self._rows[2]

    @property
    def tracks(self) -> TrackRecords | None:
        """What the queue tells of members; None until it is whole."""
        if not self.is_whole:
            return None
        if self._tracks is None or self._tracks[0] != self._change:
            self._tracks = self._change, track_records(self.rows, is_whole=True)
        return self._tracks[1]

    def course(self, tip_id: str) -> Course | None:
        """How the tip went; None until it was read."""
        return self._courses.get(tip_id)

    def find(self, query: str) -> frozenset[str]:
        return find(query, self._words)

    def excerpt(self, tip_id: str, query: str) -> Sequence[Piece]:
        packed = self._words.get(tip_id)
        return () if packed is None else excerpt(packed, query)

    def knows(self, tip_id: str, grant_id: str) -> bool:
        entry = self._entries.get(tip_id)
        return entry is not None and entry.grant_id == grant_id

    def unread(self, at_most: int) -> list[TipStanding]:
        """Tips that were never read here, or have grown since; newest first, none when no more
        words are taken."""
        if self._is_full:
            return []
        found = (
            row.shown
            for row in self.rows
            if row.summary is not None
            and self._read.get(row.shown.tip_id) != (row.shown.version, row.shown.parts)
        )
        return list(islice(found, at_most))

    # --- what is learnt

    def add(self, listings: Iterable[OpenedListing]) -> None:
        """Grants that were opened."""
        for one in listings:
            tip_id = one.standing.tip_id
            self._arrived += self.is_whole and tip_id not in self._entries
            told = summary_of(one.summary)
            problem = None if one.problem is None else one.problem.error()
            row = self._office.row(one.standing, told, problem, self.rules)
            self._readable += (told is not None) - self._is_readable(tip_id)
            self._entries[tip_id] = _Entry(one.standing, one.grant_id, told, problem, row)
            self._change += 1

    def stand(self, standing: TipStanding) -> None:
        """Where a known tip stands now."""
        entry = self._entries.get(standing.tip_id)
        if entry is not None and entry.standing != standing:
            self._entries[standing.tip_id] = self._entry(entry, standing)
            self._change += 1

    def keep_only(self, tip_ids: Iterable[str]) -> None:
        """Forget every tip that the whole queue no longer has."""
        for tip_id in set(self._entries) - set(tip_ids):
            self._readable -= self._is_readable(tip_id)
            del self._entries[tip_id]
            self._forget_words(tip_id)
            self._courses.pop(tip_id, None)
            self._change += 1

    def note(self, tip: OpenedTip) -> None:
        """A tip that was just read for its page: the list stands where the page does."""
        shown = tip.shown
        entry = self._entries.get(shown.tip_id)
        if entry is not None:
            known = {name: getattr(shown, name) for name in _ALSO_OF_A_TIP}
            now = structs.replace(entry.standing, **known, parts=len(shown.parts))
            self.stand(now)

    def learn(self, standing: TipStanding, words: OpenedWords | None) -> None:
        """The words of a tip as it stood (None: it has none to give)."""
        tip_id = standing.tip_id
        self._forget_words(tip_id)
        if tip_id not in self._entries:
            return
        self._read[tip_id] = standing.version, standing.parts
        if words is None:
            return
        self._courses[tip_id] = words.course
        if self._bytes + words.packed.size > WORDS_AT_MOST_BYTES:
            self._is_full = True
            del self._read[tip_id]
            return
        self._words[tip_id] = words.packed
        self._bytes += words.packed.size

    # --- how

    def _is_readable(self, tip_id: str) -> bool:
        entry = self._entries.get(tip_id)
        return entry is not None and entry.told is not None

    def _entry(self, entry: _Entry, standing: TipStanding) -> _Entry:
        row = self._office.row(standing, entry.told, entry.problem, self.rules)
        return replace(entry, standing=standing, row=row)

    def _forget_words(self, tip_id: str) -> None:
        self._read.pop(tip_id, None)
        gone = self._words.pop(tip_id, None)
        self._bytes -= 0 if gone is None else gone.size


def _newest(row: Row) -> tuple[str, str]:
    return row.shown.filed_day, row.shown.tip_id
