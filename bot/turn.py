"""The turn: one event in, one commit, and only then an answer.

    await turns.take(Inbound(…))         take one event; returns when it is durable
    await turns.place_for_file(…)        where a file may go now (the evidence room asks)
    await turns.forget_if(…)             forget a whole conversation (upkeep asks)

Owns the order in which things happen: read, step, prepare, commit, destroy. Whatever moment the
process is killed at, an event either happened wholly (and its mark says so) or not at all (and the
platform's redelivery heals it). Refuses to know platforms, SQL and what a question is.

Laws: turns of one conversation run one after the other, of different ones side by side; the event
loop never works longer than a few seals take; no words, codes or keys in an error.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from bot.clock import today
from bot.deeds import Deeds, Recipients, read_followed
from bot.errors import Unavailable
from bot.lines import TurnLines, is_receipt
from bot.locks import Locks
from bot.means import Means, Read
from bot.places import Place, find_place, save
from bot.state import State
from bot.unbroken import unbroken
from handlers import effects, events
from handlers.conversation import Conversation
from handlers.effects import Ask, Effect, Intent, Say
from handlers.engine import STALE
from handlers.events import Event
from storage import Conflict, Transaction
from storage.forget import Kept
from storage.repositories import conversations, outbox, seen
from storage.repositories.outbox import State as LineState

AT_MOST_STEPS = 4


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event of one person. *person* is whatever the channel knows them by (an account, a
    session): secret. *event_id* is the same when the same event comes again, and only then.
    *language* is what a conversation that begins now is held in."""

    channel: str
    person: str = field(repr=False)
    event_id: str = field(repr=False)
    event: Event = field(repr=False)
    language: str = "th"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an event. Not fresh: it was taken before, and nothing happened now. *parts*
    are the ids of what was sealed, for a channel that can tell of edits later. Astray: a file that
    was sealed for what is no longer being told (it was sent or dropped meanwhile); it is gone.
    Stale: it was meant for a question that is gone, and nothing of it was kept."""

    is_fresh: bool
    parts: tuple[str, ...] = ()
    is_astray: bool = False
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """The conversation after a turn's steps, and what they want said."""

    talk: Conversation
    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class _Done:
    """What a durable commit left to be destroyed."""

    keys: tuple[str, ...]
    blobs: tuple[str, ...]


class Turns:
    """Takes events. One for the whole program, shared by all channels."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._locks = Locks(means.rules.at_most_waiting)
        self._recipients = Recipients()
        self._gate = asyncio.Lock()
        self.on_lines: Callable[[], None] = lambda: None
        """Called when lines for a pushing channel are durable; the outbox listens."""

    async def take(self, inbound: Inbound) -> Taken:
        """Take one event, durably; the same event again does nothing.

        Raises Unavailable or StorageError: nothing was stored; the channel says so to the person,
        or lets the platform deliver it again. Crowded: too many of their events wait already.
        """
        conversation = self._means.marks.conversation(inbound.channel, inbound.person)
        kept: frozenset[str] = frozenset()
        is_known = True
        try:
            async with self._locks.hold(conversation):
                taken, kept = await self._tried(conversation, inbound)
                return taken
        except BaseException as error:
            is_known = isinstance(error, Exception)  # cancelled: it may yet have been committed
            raise
        finally:
            if is_known and isinstance(inbound.event, events.Media):
                await self._settle_upload(conversation, inbound.event.file.blob_id, kept)

    async def place_for_file(self, channel: str, person: str, language: str) -> Place | None:
        """Where a file of *person* may go now; None when this conversation can take none.

        Begins the draft when there is none, so that its key is there before the file is.
        """
        conversation = self._means.marks.conversation(channel, person)
        async with self._locks.hold(conversation):
            for _ in range(self._means.rules.at_most_tries):
                try:
                    return await find_place(
                        self._means, self._recipients, conversation, channel, person, language
                    )
                except Conflict:
                    continue
        raise Unavailable("the conversation kept moving")

    async def forget_if(
        self, conversation: bytes, is_stale: Callable[[conversations.Conversation], bool]
    ) -> bool:
        """Forget a whole conversation, key first, if its row, read anew, *is_stale*."""
        async with self._locks.hold(conversation):
            row = await self._means.db.read(lambda t: conversations.get(t, conversation))
            if row is None or not is_stale(row):
                return False
            await self._means.forget.destroy(row.key_id)

            def forget(t: Transaction) -> tuple[str, ...]:
                conversations.forget(t, conversation, row.version)
                return outbox.remove_all_of(t, conversation)

            await self._means.forget.destroy(*await self._means.db.commit(forget))
            return True

    async def forget_person(self, channel: str, person: str) -> bool:
        """Forget all of *person*'s conversation at once, the draft and its files too, because they
        asked for it; whether there was one. A receipt not yet noted goes with it."""
        means, conversation = self._means, self._means.marks.conversation(channel, person)
        async with self._locks.hold(conversation):
            row = await means.db.read(lambda t: conversations.get(t, conversation))
            if row is None:
                return False
            read = means.open(row, person, "th")
            deeds = Deeds(
                read.state, today(means.clock).isoformat(), means.new_id, self._recipients
            )
            deeds.forget()
            await means.forget.destroy(row.key_id)

            def forget(t: Transaction) -> _Done:
                conversations.forget(t, conversation, row.version)
                blobs = deeds.write(t, is_new_day=False)
                return _Done(outbox.remove_all_of(t, conversation), blobs)

            done = await means.db.commit(forget)
            await means.forget.destroy(*done.keys)
            await means.blobs.destroy(*done.blobs)
            return True

    async def drop_contact(self, conversation: bytes) -> None:
        """Forget whom to deliver to, once nothing waits for delivery."""
        async with self._locks.hold(conversation):

            def drop(t: Transaction) -> None:
                row = conversations.get(t, conversation)
                lines = outbox.of_conversation(t, conversation)
                is_waiting = any(line.state is LineState.READY for line in lines)
                if row is not None and row.contact is not None and not is_waiting:
                    conversations.save(t, replace(row, contact=None))

            await self._means.db.commit(drop)

    @property
    def at_work(self) -> int:
        """How many conversations have a turn running or waiting."""
        return len(self._locks)

    # --- one try -------------------------------------------------------------------------------

    async def _tried(self, conversation: bytes, inbound: Inbound) -> tuple[Taken, frozenset[str]]:
        for _ in range(self._means.rules.at_most_tries):
            try:
                return await self._try(conversation, inbound)
            except Conflict:
                continue  # somebody was first (an officer, another process): read and decide anew
        raise Unavailable("the conversation kept moving")

    async def _try(self, conversation: bytes, inbound: Inbound) -> tuple[Taken, frozenset[str]]:
        means = self._means
        mark = means.marks.event(inbound.channel, inbound.person, inbound.event_id)
        is_seen, row = await means.db.read(
            lambda t: (seen.is_seen(t, mark), conversations.get(t, conversation))
        )
        if is_seen:
            return Taken(is_fresh=False), frozenset()
        await self._its_turn()
        read = means.open(row, inbound.person, inbound.language)
        day = today(means.clock)
        deeds = Deeds(read.state, day.isoformat(), means.new_id, self._recipients)
        event = self._claimed(inbound.event, conversation, deeds)
        is_astray = event is not inbound.event
        said = await self._talk(conversation, inbound.channel, event, deeds, day)
        # Unbroken: between the commit and the destroying of keys a cancellation would leave a filed
        # draft's key behind, and nobody would look for it before the next sweeps.
        committing = self._commit(conversation, inbound, mark, read, deeds, said)
        if not await unbroken(committing):
            return Taken(is_fresh=False), frozenset()
        is_stale = any(isinstance(each, Say) and each.key == STALE for each in said.intents)
        kept = tuple(part.part_id for part, _ in deeds.added)
        taken = Taken(True, kept, is_astray, is_stale)
        return taken, deeds.blobs_kept

    async def _its_turn(self) -> None:
        """Let one turn compute in each round of the event loop. One hop answers many reads at once;
        were they all to go on in the same round, nobody else would be heard until the last had."""
        async with self._gate:
            await asyncio.sleep(0)

    async def _talk(
        self, conversation: bytes, channel: str, first: Event, deeds: Deeds, day: date
    ) -> _Said:
        """Step until nothing is waited for."""
        means, talk = self._means, deeds.state.conversation
        book, said = means.books[channel], list[Intent]()
        event: Event | None = first
        for _ in range(AT_MOST_STEPS):
            if event is None:
                break
            step = means.step(book, talk, event, today=day, new_id=means.new_id)
            talk, event = step.conversation, None
            for effect in step.effects:
                if isinstance(effect, effects.CheckCode):
                    checked = await means.codes.check(conversation, effect, day)
                    event = checked.event
                    if checked.following is not None:
                        deeds.following, deeds.followed = checked.following, None
                elif isinstance(effect, effects.INTENTS):
                    said.append(effect)
                else:
                    await self._do(effect, deeds)
        return _Said(talk, tuple(said))

    async def _do(self, deed: Effect, deeds: Deeds) -> None:
        if deeds.following is not None and deeds.followed is None:
            tip_id = deeds.following.tip_id
            deeds.followed = await self._means.db.read(lambda t: read_followed(t, tip_id))
        match deed:
            case effects.Seal():
                deeds.seal(deed)
            case effects.Remove():
                deeds.remove(deed)
            case effects.File():
                draft = deeds.begin_draft()
                deeds.file(await self._means.filing.prepare(draft, deed, deeds.day))
            case effects.Forget():
                deeds.forget()
            case effects.Noted():
                deeds.is_noted = True
            case effects.StopContact():
                deeds.stop_contact()

    async def _commit(
        self,
        conversation: bytes,
        inbound: Inbound,
        mark: bytes,
        read: Read,
        deeds: Deeds,
        said: _Said,
    ) -> bool:
        """Make the turn durable; False when another process took the same event first.

        The order of keys and commit. A key that a row will need is synced before the commit. A
        draft that is discarded loses its key before: the person asked for it to be gone, and a
        crash in between leaves it gone. A draft that is *filed* loses its key after: if it went
        first, a crash in between would leave acknowledged words that nobody can open. A crash
        after the commit leaves an orphan key, and the sweep at the next start destroys it.
        """
        means = self._means
        old = [] if read.row is None else [read.row.key_id]
        needs_key = read.key is None or deeds.is_forgotten or deeds.filed is not None
        fresh: list[Kept] = []
        try:
            if needs_key:
                fresh.append(await means.forget.keep())
            if deeds.filed is not None:
                fresh.append(await means.forget.keep())
            if deeds.is_forgotten and read.state.draft is not None:
                await means.forget.destroy(*old)
            key = fresh[0] if needs_key else Kept(old[0], read.key or b"")
            lines = self._lines(conversation, inbound.channel, key, fresh[-1:], deeds, said)
            row = self._row(conversation, inbound, key, read, deeds, said, lines)
            done = await means.db.commit(lambda t: _write(t, mark, read, row, deeds, lines))
        except Exception:
            # Nothing was stored, so these serve nobody. (Cancelled, we would not know: then they
            # stay, and the sweep finds them if they are orphans.)
            await means.forget.destroy(*(kept.key_id for kept in fresh))
            raise
        if done is None:
            await means.forget.destroy(*(kept.key_id for kept in fresh))
            return False
        await means.forget.destroy(*done.keys, *(old if needs_key else ()))
        await means.blobs.destroy(*done.blobs)
        if lines.wakes:
            self.on_lines()
        return True

    def _row(
        self,
        conversation: bytes,
        inbound: Inbound,
        key: Kept,
        read: Read,
        deeds: Deeds,
        said: _Said,
        lines: TurnLines,
    ) -> conversations.Conversation:
        drawer = self._means.drawer
        state = _after(read.state, deeds, said, is_pulled=not lines.pushes)
        contact = None
        if lines.wakes:
            contact = drawer.seal_contact(key.key, conversation, inbound.person)
        return conversations.Conversation(
            conversation,
            inbound.channel,
            key.key_id,
            drawer.seal_state(key.key, conversation, inbound.person, state),
            deeds.day,
            1 if read.row is None else read.row.version,
            contact,
        )

    def _lines(
        self,
        conversation: bytes,
        channel: str,
        key: Kept,
        receipt_key: list[Kept],
        deeds: Deeds,
        said: _Said,
    ) -> TurnLines:
        means, lines = self._means, list[outbox.Line]()
        pushes, day = means.pushes(channel), date.fromisoformat(deeds.day)
        shows_receipt = False
        for intent in said.intents:
            if is_receipt(intent) and deeds.filed is not None:
                lines.append(
                    means.lines.receipt(
                        means.new_id(),
                        conversation,
                        receipt_key[0],
                        intent,
                        deeds.filed.receipt,
                        until_s=int(means.clock.now_s()) + means.rules.receipt_s,
                        last_day=day + timedelta(days=1),
                        state=LineState.READY if pushes else LineState.SHOWN,
                    )
                )
            elif is_receipt(intent):
                shows_receipt = True
            elif pushes:
                last = day + timedelta(days=means.rules.answer_days)
                lines.append(means.lines.push(means.new_id(), conversation, key.key, intent, last))
        is_rekeyed = deeds.is_forgotten or deeds.filed is not None
        return TurnLines(
            conversation, tuple(lines), pushes, shows_receipt, deeds.is_noted, is_rekeyed
        )

    # --- files ---------------------------------------------------------------------------------

    def _claimed(self, event: Event, conversation: bytes, deeds: Deeds) -> Event:
        """*event*, unless it tells of a file that was not sealed for what is being told now."""
        if not isinstance(event, events.Media):
            return event
        holder = deeds.following or deeds.draft
        tip_id = None if holder is None else holder.tip_id
        is_ours = self._means.uploads.is_for(event.file.blob_id, conversation, tip_id)
        return event if is_ours else events.Unknown()

    async def _settle_upload(self, conversation: bytes, blob_id: str, kept: frozenset[str]) -> None:
        """After its turn a file is part of a tip, or it is gone."""
        uploads = self._means.uploads
        if uploads.owner_of(blob_id) != conversation:
            return
        if blob_id not in kept:
            await self._means.blobs.destroy(blob_id)
        uploads.done(blob_id)


def _after(was: State, deeds: Deeds, said: _Said, *, is_pulled: bool) -> State:
    """The state to keep. A followed tip is let go when the conversation leaves the flow it was
    reached in."""
    following = deeds.following
    if following is not None and following is not was.following:
        following = replace(following, flow=said.talk.flow)
    if following is not None and following.flow != said.talk.flow:
        following = None
    asks = [intent for intent in said.intents if isinstance(intent, Ask)]
    is_silent = not said.intents
    return State(
        said.talk,
        deeds.draft,
        following,
        (was.screen if is_silent else said.intents) if is_pulled else (),
        asks[-1].accepts if asks else was.accepts,
    )


def _write(
    t: Transaction,
    mark: bytes,
    read: Read,
    row: conversations.Conversation,
    deeds: Deeds,
    lines: TurnLines,
) -> _Done | None:
    """Everything one turn stores, inside its commit; None when the event was taken meanwhile."""
    if not seen.mark(t, mark, deeds.day):
        return None
    save(t, read, row)
    is_new_day = read.row is None or read.row.touched_day != deeds.day
    blobs = deeds.write(t, is_new_day=is_new_day)
    return _Done(lines.write(t), blobs)
