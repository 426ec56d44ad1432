"""Upkeep: what has to be forgotten, swept and looked after while nobody asks.

Owns when things are forgotten. Laws: a key goes before the rows it opens; nothing that a running
turn may still need is touched (its conversation is locked, or its row is looked at again inside the
commit that deletes it); every figure comes from the configuration, the time from the clock.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from bot.chat import NO_CHAT
from bot.clock import today
from bot.errors import BotError
from bot.guessing import note
from bot.logs import logger
from bot.means import Means
from bot.roster import Alarm
from bot.throttle import Throttle
from bot.turn import Turns
from storage import StorageError, Transaction
from storage.repositories import conversations, keys, open_tips, originals, outbox, parts, seen
from storage.repositories.originals import Gone
from storage.repositories.outbox import Line

AT_A_TIME = 200
RECEIPTS_AT_A_TIME = 100_000


@dataclass(frozen=True, slots=True)
class UpkeepRules:
    """The numbers; all of them come from the configuration. A receipt is gone after its own time
    less one round, so that it never lies there longer."""

    round_s: float = 300.0
    draft_days: int = 7
    seen_days: int = 7
    truncate_s: float = 3600.0
    upload_s: float = 3600.0


class Refreshed(Protocol):
    """A signed file in use (`bot.roster.RosterInUse`, `bot.registry.RegistryInUse`)."""

    async def refresh(self) -> bool: ...


class CardKeeper(Protocol):
    """The knowledge cards that are shown (`bot.knowledge.Knowledge`)."""

    async def refresh(self) -> None: ...


class Climbing(Protocol):
    """What lets overdue tips climb (`bot.escalation.Escalation`)."""

    async def once(self) -> None: ...


class Destroying(Protocol):
    """What destroys tips whose time is over (`bot.retention.Retention`)."""

    async def once(self) -> int: ...


class DaySigner(Protocol):
    """Signs the days of the audit trail (`bot.auditing.Auditing`)."""

    async def sign_days(self) -> None: ...


class PeriodMaker(Protocol):
    """Decides what is shown of the months that are over (`bot.figures.periods.Periods`)."""

    async def make(self) -> None: ...


class QuarterKeeper(Protocol):
    """Publishes the quarters that are over (`bot.figures.publishing.Publishing`)."""

    async def publish_due(self) -> None: ...


class Upkeep:
    """Looks after a running bot."""

    def __init__(
        self,
        means: Means,
        turns: Turns,
        throttle: Throttle,
        rules: UpkeepRules | None = None,
        *,
        roster: Refreshed | None = None,
        registry: Refreshed | None = None,
        knowledge: CardKeeper | None = None,
        escalation: Climbing | None = None,
        retention: Destroying | None = None,
        auditing: DaySigner | None = None,
        periods: PeriodMaker | None = None,
        publishing: QuarterKeeper | None = None,
        alarms: Callable[[date], Iterable[Alarm]] = lambda day: (),
    ) -> None:
        self._means = means
        self._turns = turns
        self._throttle = throttle
        self._rules = rules or UpkeepRules()
        self._signed = {"roster_refused": roster, "registry_refused": registry}
        self._knowledge = knowledge
        self._escalation = escalation
        self._retention = retention
        self._auditing = auditing
        self._periods = periods
        self._publishing = publishing
        self._alarms = alarms
        self._alarms_heard = 0
        self._alarm_day: date | None = None
        self._suspects: frozenset[str] = frozenset()
        self._truncated_s: float | None = None

    async def at_start(self) -> None:
        """Sweep what a crash left. Before the first turn only: it takes every key for an orphan
        that no row names, and every blob that no part names."""
        means = self._means
        used_keys, used_blobs = await means.db.read(lambda t: (keys.in_use(t), parts.blob_ids(t)))
        await means.forget.destroy(*(means.forget.ids() - used_keys))
        await means.blobs.destroy(*(await means.blobs.ids() - used_blobs))
        await self.once()

    async def run(self) -> None:
        """A round every so often, for ever. What fails now is tried again in the next."""
        while True:
            await self._means.clock.sleep(self._rules.round_s)
            try:
                await self.once()
            except (StorageError, BotError) as error:
                logger().warning("upkeep_failed", error=type(error).__name__)

    async def once(self) -> None:
        """One round. Safe at any time, and as often as one likes. A step that fails keeps no other
        from being done; the first failure is raised at the end."""
        failed: Exception | None = None
        for step in self._steps(today(self._means.clock)):
            try:
                await step()
            except (StorageError, BotError) as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def _steps(self, day: date) -> Iterator[Callable[[], Awaitable[object]]]:
        """What a round does, in order: first what has to be forgotten."""
        yield lambda: self._forget_receipts(day)
        yield lambda: self._forget_drafts(day - timedelta(days=self._rules.draft_days))
        yield lambda: self._drop_lines(day)
        yield self._drop_uploads
        yield lambda: self._forget_seen(day - timedelta(days=self._rules.seen_days))
        if self._auditing is not None:
            yield self._auditing.sign_days
        if self._periods is not None:
            yield self._periods.make
        if self._publishing is not None:
            yield self._publishing.publish_due
        yield lambda: self._look_after_signed_files(day)
        if self._escalation is not None:  # after the roster: who can read above is its to say
            yield self._escalation.once
        if self._retention is not None:
            yield self._destroy_ended
        yield self._means.recall.forget_old
        yield self._means.notices.forget_old
        yield self._means.subscriptions.forget_old
        yield lambda: self._hear_throttle(day)
        yield self._truncate

    # --- forgetting ------------------------------------------------------------------------------

    async def _forget_receipts(self, day: date) -> None:
        """A receipt that nobody noted in time goes, and with it the conversation it stands in."""
        until = (day + timedelta(days=2)).isoformat()  # the last day of one filed today is tomorrow
        lines = await self._means.db.read(lambda t: outbox.expired(t, until, RECEIPTS_AT_A_TIME))
        for line in lines:
            if line.key_id is not None and self._is_over(line):
                await self._means.forget.destroy(line.key_id)
                await self._turns.forget_if(line.conversation, lambda row: True)
                await self._remove((line,))

    def _is_over(self, line: Line) -> bool:
        opened = self._means.lines.open(line, None)
        if opened is None or opened.until_s is None:
            return True  # its key is gone: nothing can show it any more
        return opened.until_s - self._rules.round_s <= self._means.clock.now_s()

    async def _forget_drafts(self, before: date) -> None:
        """Conversations nobody touched for long: their keys first, so that the drafts are shut
        for good; then the sealed parts that nothing leads to any more."""
        limit = before.isoformat()
        while True:
            stale = await self._means.db.read(
                lambda t: conversations.untouched_since(t, limit, AT_A_TIME)
            )
            for row in stale:
                await self._turns.forget_if(row.conversation, lambda now: now.touched_day < limit)
            if len(stale) < AT_A_TIME:
                break
        while gone := await self._means.db.commit(lambda t: _drop_open_tips(t, limit)):
            await self._destroy(Gone.all(gone))
        await self._drop_originals(limit)

    async def _drop_originals(self, before: str) -> None:
        """Originals in filed tips whose teller went away without a word about them."""
        while (
            gone := await self._means.db.commit(
                lambda t: originals.drop_undecided(t, before, AT_A_TIME)
            )
        ).keys:
            await self._destroy(gone)

    async def _forget_seen(self, before: date) -> None:
        await self._means.db.commit(lambda t: seen.forget_before(t, before.isoformat()))

    async def _destroy_ended(self) -> None:
        """What is left of destroyed tips in the log goes in this round, also when it broke off."""
        if self._retention is None:
            return
        destroyed = True
        try:
            destroyed = bool(await self._retention.once())
        finally:
            if destroyed:
                self._truncated_s = None

    async def _destroy(self, gone: Gone) -> None:
        await self._means.forget.destroy(*gone.keys)
        await self._means.blobs.destroy(*gone.blobs)

    async def _drop_lines(self, day: date) -> None:
        limit = day.isoformat()
        while lines := await self._means.db.read(lambda t: outbox.expired(t, limit, AT_A_TIME)):
            await self._remove(lines)
            for conversation in {line.conversation for line in lines}:
                await self._let_go(conversation)

    async def _let_go(self, conversation: bytes) -> None:
        """Once nothing waits to be said there any more, whom to say it to is forgotten too."""
        if not await self._means.db.read(lambda t: outbox.of_conversation(t, conversation)):
            await self._turns.delivered(conversation, (), NO_CHAT, None)

    async def _remove(self, lines: Iterable[Line]) -> None:
        ids = [line.outbox_id for line in lines]
        await self._means.db.commit(lambda t: outbox.remove(t, *ids))

    async def _drop_uploads(self) -> None:
        """Files whose turn never came: the channel died between the two."""
        uploads = self._means.uploads
        late = uploads.forgotten(self._means.clock.monotonic_s() - self._rules.upload_s)
        if not late:
            return
        used = await self._means.db.read(parts.blob_ids)
        await self._means.blobs.destroy(*(blob for blob in late if blob not in used))
        for blob in late:
            uploads.done(blob)

    # --- looking after ---------------------------------------------------------------------------

    async def _truncate(self) -> None:
        """Leave no residue in the database's log; and sweep keys of turns that were cut off."""
        now_s = self._means.clock.monotonic_s()
        if self._truncated_s is not None and now_s - self._truncated_s < self._truncate_s:
            return
        await self._sweep_keys()
        await self._means.db.truncate_log()
        self._truncated_s = now_s

    @property
    def _truncate_s(self) -> float:
        return self._rules.truncate_s - self._rules.round_s

    async def _sweep_keys(self) -> None:
        """Destroy keys that no row named in two sweeps running: no turn lasts that long."""
        orphans = self._means.forget.ids() - await self._means.db.read(keys.in_use)
        await self._means.forget.destroy(*(orphans & self._suspects))
        self._suspects = orphans - self._suspects

    async def _look_after_signed_files(self, day: date) -> None:
        for refused, signed in self._signed.items():
            if signed is None:
                continue
            try:
                await signed.refresh()
            except BotError as error:
                logger().error(refused, error=type(error).__name__)
        if self._knowledge is not None:  # who may sign cards is the roster's to say
            await self._knowledge.refresh()
        if self._alarm_day != day:
            self._alarm_day = day
            for alarm in self._alarms(day):
                logger().warning(alarm.event, count=alarm.count)

    async def _hear_throttle(self, day: date) -> None:
        """Somebody guesses codes: the operator's log says how often, officers hear the day."""
        alarms = self._throttle.alarms
        if alarms > self._alarms_heard:
            await self._means.db.commit(lambda t: note(t, day))
            logger().warning("many_wrong_codes", count=alarms - self._alarms_heard)
            self._alarms_heard = alarms


def _drop_open_tips(t: Transaction, before: str) -> list[Gone]:
    """Delete some drafts nobody touched since *before*; what goes with each of them."""
    gone = []
    for tip_id in open_tips.untouched_since(t, before, AT_A_TIME):
        gone.append(parts.remove_all(t, tip_id))
        open_tips.remove(t, tip_id)
    return gone
