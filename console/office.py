"""An officer at work: unlocked keys, one desk, the roster in force, the memory. What CLI and pages
share.

Reads and opens; what changes a tip is in `acting.py`. Opening many seals leaves the event loop.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from console import answers, days
from console.checks import check_tip, judge_part
from console.clocks import Rules, check_clock, due_day, listed_day, shown_day
from console.desk_client import PAGE, Desk
from console.desk_wire import MovedAway, TipShredded
from console.errors import ConsoleError, Distrusted, Mistaken, Refused
from console.files import opened
from console.findings import Finding, Signers
from console.folder import SEEN, Folder, Settings
from console.history import is_signed_move
from console.jurisdiction import Suggestion, suggest_for
from console.office_rows import Row, TrackRecord, is_application
from console.own_grants import Reader, look, problem_now
from console.priority import by_priority
from console.reading import OpenedPart, OpenedTip, open_tip
from console.rekeys import is_signed_withdrawal
from console.remembering import newly_seen
from console.results import result_of
from console.seen import Memory, SeenTip
from console.shredded import doubt
from console.track_record import TrackRecords, track_records
from console.trust import Trust, admin_key, trust_roster
from sealing import FileFacts, OfficerKeys, Summary

FRESH_S = 60.0
PAGES_AT_MOST = 20
WHOLE_PAGE = 200
PREFIX_AT_LEAST = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the officer wants listed. *statuses* are asked of the desk; the rest is seen only after
    opening. By priority, the whole queue is looked at and its first rows are listed.
    """

    statuses: tuple[str, ...] = ()
    is_urgent: bool = False
    is_verified: bool = False
    is_mine: bool = False
    is_unclaimed: bool = False
    province: str | None = None
    category: str | None = None
    is_application: bool = False
    is_reopened: bool = False
    is_held: bool = False
    is_by_priority: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Some rows, where to go on, and how many tips were looked at to find them."""

    rows: tuple[Row, ...]
    next: str | None
    looked_at: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A tip, opened and examined."""

    tip: OpenedTip
    findings: tuple[Finding, ...]
    left: int | None
    signed: Mapping[int, str] = field(default_factory=dict)
    suggestions: tuple[Suggestion, ...] = ()
    track: TrackRecord | None = None
    due_day: str | None = None
    warn_days: int = days.WARN_DAYS

    @property
    def alarms(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_alarm)

    def new_since(self, looked_to: int | None, own: str) -> frozenset[int]:
        """The numbers of the parts behind *looked_to* that are news to the officer *own*: their own
        words are none, and before a first look nothing stands out."""
        if looked_to is None:
            return frozenset()
        return frozenset(
            part.seq
            for part in self.tip.parts
            if part.seq > looked_to and not (part.part is not None and part.part.officer == own)
        )

    @property
    def notices(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.is_alarm)


class Office:
    """Everything one unlocked officer can read. Make it with `working`."""

    def __init__(
        self,
        keys: OfficerKeys,
        settings: Settings,
        memory: Memory,
        desk: Desk,
        today: Callable[[], date] = days.today,
        home: Path | None = None,
    ) -> None:
        """*home* is the officer's folder, where their own templates are."""
        self.keys = keys
        self._own = keys.id  # worked out of the keys each time
        self.settings = settings
        self.memory = memory
        self.desk = desk
        self.today = today
        self.home = home
        self._admin = admin_key(settings.admin)
        self._me: answers.Me | None = None
        self._met_at = 0.0
        self._trust: Trust | None = None
        self._trusted_at = 0.0
        self._centres: answers.Centres | None = None
        self._centres_at = 0.0
        self._tracks: TrackRecords | None = None
        self._tracked_at = 0.0
        self._results: dict[str, tuple[int, str]] = {}
        self.tracks_at_hand: Callable[[], TrackRecords | None] = lambda: None
        """What a whole queue in memory tells of members, where there is one (`console.shelf`)."""

    def __repr__(self) -> str:
        return "Office(…)"

    # --- who and with whom

    async def me(self) -> answers.Me:
        """Who the desk says we are; asked for again when it is older than a minute."""
        now = time.monotonic()
        if self._me is None or now - self._met_at > FRESH_S:
            me = await self.desk.me()
            if me.officer != self.keys.id:
                raise Distrusted("desk.other_officer")
            self._me, self._met_at = me, now
        return self._me

    async def trust(self) -> Trust:
        """The roster in force; asked for again when it is older than a minute."""
        now = time.monotonic()
        if self._trust is None or now - self._trusted_at > FRESH_S:
            raw = await self.desk.roster()
            trust = await asyncio.to_thread(trust_roster, raw, self._admin, self.memory)
            if trust.roster.officer(self.keys.id) is None:
                raise Mistaken("roster.not_in", version=trust.roster.version)
            self._trust, self._trusted_at = trust, now
        return self._trust

    async def centres(self) -> Mapping[str, answers.TreeCentre]:
        """Every centre there is, by id; none from a desk that does not say."""
        return {centre.id: centre for centre in (await self._tree()).centres}

    async def rules(self) -> Rules:
        """How long the clocks of each centre run."""
        return Rules(await self.centres(), self.settings.clocks)

    async def longest_extension_days(self) -> int | None:
        """The most days that one extension gives, if the desk says."""
        return (await self._tree()).longest_extension_days

    async def _tree(self) -> answers.Centres:
        """What the desk says of its centres; asked for again when it is older than a minute."""
        now = time.monotonic()
        if self._centres is None or now - self._centres_at > FRESH_S:
            try:
                self._centres = await self.desk.centres()
            except Refused:
                self._centres = answers.Centres(centres=())
            self._centres_at = now
        return self._centres

    # --- the queue

    async def queue(
        self, wanted: Wanted, *, after: str | None = None, limit: int = PAGE
    ) -> Listing:
        """The next tips that fit *wanted*: whole pages of the desk until *limit* rows are found."""
        trust, rules = await self.trust(), await self.rules()
        rows: list[Row] = []
        looked_at = 0
        at_once = WHOLE_PAGE if wanted.is_by_priority else limit
        for _ in range(PAGES_AT_MOST):
            page = await self.desk.tips(after=after, limit=at_once, statuses=wanted.statuses)
            looked_at += len(page.tips)
            found = await asyncio.to_thread(self._rows, page.tips, trust, rules)
            rows += [row for row in found if _fits(row, wanted)]
            after = page.next
            if after is None or (len(rows) >= limit and not wanted.is_by_priority):
                break
        if wanted.is_by_priority:
            rows, after = sorted(rows, key=by_priority)[:limit], None
        return Listing(tuple(await self._with_tracks(rows)), after, looked_at)

    async def tip_id(self, typed: str) -> str:
        """The full id of the tip whose beginning was *typed*. Raises Mistaken."""
        text = typed.strip().lower()
        if not PREFIX_AT_LEAST <= len(text) <= 32 or not set(text) <= set("0123456789abcdef"):
            raise Mistaken("act.bad_tip")
        if len(text) == 32:
            return text
        found: set[str] = set()
        after = None
        while True:
            page = await self.desk.tips(after=after, limit=PAGE)
            found |= {tip.tip_id for tip in page.tips if tip.tip_id.startswith(text)}
            after = page.next
            if after is None:
                break
        if len(found) > 1:
            raise Mistaken("act.tip_ambiguous", tip=text)
        if not found:
            raise Refused("desk.not_found")
        return found.pop()

    async def rows_of(self, tip_ids: Set[str]) -> Mapping[str, Row]:
        """Those of *tip_ids* that are in the officer's queue. The desk is asked for the queue from
        its beginning, and so does not learn for which tips."""
        trust, rules = await self.trust(), await self.rules()
        found: dict[str, Row] = {}
        after = None
        for _ in range(PAGES_AT_MOST):
            page = await self.desk.tips(after=after, limit=WHOLE_PAGE)
            wanted = [tip for tip in page.tips if tip.tip_id in tip_ids]
            rows = await asyncio.to_thread(self._rows, wanted, trust, rules)
            found |= {row.shown.tip_id: row for row in rows}
            after = page.next
            if after is None:
                break
        return found

    async def track_records(self) -> TrackRecords:
        """What the officer's queue tells of every verified member; counted again after a
        minute."""
        at_hand = self.tracks_at_hand()
        if at_hand is not None:
            return at_hand
        now = time.monotonic()
        if self._tracks is None or now - self._tracked_at > FRESH_S:
            rows, is_whole = await self._whole_queue()
            self._tracks = track_records(rows, is_whole=is_whole)
            self._tracked_at = now
        return self._tracks

    async def every_row(self) -> Sequence[Row]:
        """The whole queue, newest first, as far as it is ever looked through."""
        return (await self._whole_queue())[0]

    # --- one tip

    def looked_to(self, tip_id: str) -> int | None:
        """Up to which part the officer has read the tip on this machine, before this look; None
        when they never did."""
        return self.memory.tip(tip_id).looked

    def remember_looked(self, reading: Reading) -> int | None:
        """That a person was shown all of *reading*; the number of its newest part."""
        newest = max((part.seq for part in reading.tip.parts), default=None)
        self.memory.remember_tip(reading.tip.tip_id, SeenTip(looked=newest))
        return newest

    async def read(self, tip_id: str) -> Reading:
        """Fetch, open and examine the tip, and remember what was seen of it."""
        return (await self.read_raw(tip_id))[0]

    async def read_raw(self, tip_id: str) -> tuple[Reading, bytes]:
        """As `read`, and the desk's answer as it came (for an export)."""
        trust, rules = await self.trust(), await self.rules()
        seen = self.memory.tip(tip_id)
        try:
            detail, raw = await self.desk.tip(tip_id)
        except MovedAway as error:
            raise self._moved_away(tip_id, error.change, trust) from None
        except TipShredded as error:
            raise await self._shredded(tip_id, error.said, trust) from None
        except Refused as error:
            if error.key == "desk.not_found" and seen.is_known:
                raise Distrusted("desk.vanished") from None
            raise
        reading = await asyncio.to_thread(self._examine, detail, trust, rules)
        self._keep_result(reading)
        summary = reading.tip.grant.summary
        if summary is not None and summary.is_verified:
            records = await self.track_records()
            track = records.of(summary, detail.tip_id, detail.filed_day)
            reading = replace(reading, track=track)
        return reading, raw

    async def file(self, reading: Reading, part: OpenedPart) -> AsyncIterator[bytes]:
        """The bytes of *part*'s file; whole and true only when this has ended without an error."""
        facts = facts_of(part)
        identity = reading.tip.identity(part.shown.sealed_to)
        async with self.desk.blob(reading.tip.tip_id, facts.blob_id) as sealed:
            async for piece in opened(sealed, identity, facts):
                yield piece

    # --- how

    def _keep_result(self, reading: Reading) -> None:
        """Keep what came of the tip for the queue, in memory: it lies in parts that a list does not
        open. What does not verify is not kept."""
        shown = reading.tip.shown
        self._results.pop(shown.tip_id, None)
        result = None if reading.alarms else result_of(reading.tip)
        if result is not None:
            self._results[shown.tip_id] = (shown.version, result)

    async def _with_tracks(self, rows: Sequence[Row]) -> Sequence[Row]:
        if not any(row.summary is not None and row.summary.is_verified for row in rows):
            return rows
        records = await self.track_records()
        return [
            replace(row, track=records.of(row.summary, row.shown.tip_id, row.shown.filed_day))
            for row in rows
        ]

    async def _whole_queue(self) -> tuple[list[Row], bool]:
        """Every row, and whether that is all there is."""
        trust, rules = await self.trust(), await self.rules()
        rows: list[Row] = []
        after = None
        for _ in range(PAGES_AT_MOST):
            page = await self.desk.tips(after=after, limit=WHOLE_PAGE)
            rows += await asyncio.to_thread(self._rows, page.tips, trust, rules)
            after = page.next
            if after is None:
                break
        return rows, after is None

    def _rows(self, tips: Sequence[answers.ListedTip], trust: Trust, rules: Rules) -> list[Row]:
        return [self._row(tip, trust, rules) for tip in tips]

    def _row(self, tip: answers.ListedTip, trust: Trust, rules: Rules) -> Row:
        reader = Reader(self._own, self.keys.age)
        return self.row(tip, *look(tip, reader, trust.signers, self.memory), rules)

    def row(
        self,
        tip: answers.TipStanding,
        summary: Summary | None,
        problem: ConsoleError | None,
        rules: Rules,
    ) -> Row:
        """*tip* as the queue lists it, with what its grant says and what is wrong with that."""
        due = listed_day(tip, rules, is_application=is_application(summary))
        version, result = self._results.get(tip.tip_id, (0, None))
        return Row(
            tip,
            summary,
            problem_now(problem, tip, self.memory),
            days.days_left(due, self.today()),
            tip.claimed_by == self._own,
            warn_days=rules.warn_days(tip.centre),
            due_day=due,
            result=result if version == tip.version else None,
        )

    def _examine(self, detail: answers.TipDetail, trust: Trust, rules: Rules) -> Reading:
        tip = open_tip(detail, self.keys.id, self.keys.age)
        return examine(tip, trust, self.memory, rules, self.today())

    def _moved_away(self, tip_id: str, change: answers.Change, trust: Trust) -> ConsoleError:
        """What to say of a tip that the desk says was moved, or this officer withdrawn from. It is
        believed with an officer's signature only, else the tip has vanished."""
        if is_signed_withdrawal(tip_id, change, trust.signers, self.keys.id):
            name = trust.signers.name(change.officer)
            return Refused("desk.withdrawn", name=name, day=change.day)
        if not is_signed_move(tip_id, change, trust.signers):
            return Distrusted("desk.vanished")
        return Refused(
            "desk.moved_away",
            centre=change.to_centre or "–",
            name=trust.signers.name(change.officer),
            day=change.day,
        )

    async def _shredded(self, tip_id: str, said: answers.Shredded, trust: Trust) -> ConsoleError:
        """What to say of a tip that the desk says was destroyed. Where nothing speaks against it,
        what was seen of it here is forgotten too."""
        seen, closed_days = self.memory.tip(tip_id), (await self._tree()).closed_days
        found = doubt(tip_id, said, seen, trust.signers, self.today(), closed_days)
        if found is not None:
            return Distrusted(found, day=said.day)
        self.memory.forget_tip(tip_id)
        return Refused("desk.shredded", day=said.day)


def examine(tip: OpenedTip, trust: Trust, memory: Memory, rules: Rules, today: date) -> Reading:
    """*tip* checked against the roster, the memory and its clock; then memory takes what is new."""
    seen, applies = memory.tip(tip.tip_id), is_application(tip.grant.summary)
    findings = [
        *check_tip(tip, trust.signers, seen, memory.name, today),
        *check_clock(tip.shown, rules, trust.signers, trust.roster, is_application=applies),
    ]
    memory.remember_tip(tip.tip_id, newly_seen(tip, findings, seen, memory.name))
    own = due_day(tip.shown, rules, trust.signers, is_application=applies)
    due = shown_day(tip.shown, own)
    return Reading(
        tip,
        tuple(findings),
        days.days_left(due, today),
        verdicts(tip, trust.signers),
        suggest_for(tip),
        due_day=due,
        warn_days=rules.warn_days(tip.shown.centre),
    )


def verdicts(tip: OpenedTip, signers: Signers) -> dict[int, str]:
    """How each officer's part is signed, by its number."""
    judged = {part.seq: judge_part(tip.tip_id, part, signers) for part in tip.parts}
    return {seq: verdict for seq, verdict in judged.items() if verdict is not None}


def facts_of(part: OpenedPart) -> FileFacts:
    """The facts of *part*'s file. Raises Mistaken when it has none."""
    if part.part is None or part.part.file is None:
        raise Mistaken("file.missing")
    return part.part.file


@asynccontextmanager
async def working(folder: Folder, keys: OfficerKeys) -> AsyncIterator[Office]:
    """An office on *folder*'s desk; the connection closes with it."""
    settings = folder.settings()
    memory = Memory(folder.path / SEEN, keys.sign.seed)
    async with Desk(settings.desk, keys.id, keys.sign, proxy=settings.proxy) as desk:
        yield Office(keys, settings, memory, desk, home=folder.path)


def _fits(row: Row, wanted: Wanted) -> bool:
    told = row.summary
    if told is None:
        return True  # what cannot be opened is never filtered away
    return (
        (row.is_urgent or not wanted.is_urgent)
        and (told.is_verified or not wanted.is_verified)
        and (row.is_application or not wanted.is_application)
        and (row.is_reopened or not wanted.is_reopened)
        and (row.shown.is_held or not wanted.is_held)
        and (row.is_mine or not wanted.is_mine)
        and (row.shown.claimed_by is None or not wanted.is_unclaimed)
        and wanted.province in (None, told.province)
        and wanted.category in (None, told.category)
    )
