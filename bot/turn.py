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

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from bot.chat import Chat
from bot.clock import today
from bot.closing import say_to_ending
from bot.deeds import Deeds, FollowedGone, Recipients, find_filed, read_followed
from bot.errors import Unavailable
from bot.inbound import Inbound, Taken
from bot.leaving import Burst, Done, Said, key_ids, lines_of, row_of, unused_keys, write
from bot.locks import Locks
from bot.means import Means, Read
from bot.notifying import NOTHING_CHANGED, prepared, wish
from bot.pace import Pace
from bot.places import Place, find_place
from bot.recall import Remembered
from bot.recent import Recent
from bot.settling import settle_delivery
from bot.state import Following
from bot.subscribing import wish_for_cards
from bot.unbroken import unbroken
from handlers import effects, events
from handlers.book import Book
from handlers.effects import Effect, Intent, Say
from handlers.engine import STALE
from handlers.events import Event
from handlers.strays import RETURNED
from storage import Conflict, Transaction
from storage.forget import Kept
from storage.repositories import conversations, fetches, notices, outbox, seen
from storage.repositories.outbox import Line

__all__ = ["Inbound", "Taken", "Turns"]

AT_MOST_STEPS = 4

_UNDONE_BY_NOT_COMMITTING = (effects.Seal, *effects.INTENTS)


class _Seen(Exception):  # no error: the event was taken before
    """Raised and caught in here."""


_TAKEN_BEFORE = (Taken(is_fresh=False), frozenset[str](), 1)


@dataclass(slots=True)
class _More:
    """What goes on behind the first event of a burst."""

    marks: list[bytes] = field(default_factory=list)
    remembered: tuple[Remembered, ...] = ()
    said: "Said | None" = None


_NO_MORE = _More()


class Turns:
    """Takes events. One for the whole program, shared by all channels."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._locks = Locks(means.rules.at_most_waiting)
        self._recipients = Recipients()
        self._pace = Pace()
        self._recent = Recent()
        self.on_lines: Callable[[], None] = lambda: None
        """Called when lines for a pushing channel are durable; the outbox listens."""
        self.on_fetch: Callable[[bytes], None] = lambda conversation: None
        """Called when a file to be fetched is durable; whoever fetches listens."""

    async def take(self, inbound: Inbound) -> Taken:
        """Take one event, durably; the same event again does nothing.

        Raises Unavailable or StorageError: nothing was stored; the channel says so to the person,
        or lets the platform deliver it again. Crowded: too many of their events wait already.
        """
        taken, _ = await self._take((inbound,))
        return taken

    async def take_first(self, burst: Sequence[Inbound]) -> int:
        """Take the first of *burst*, events of one person in order, and in the same commit those
        behind it that only go on with the same words; how many. Raises as `take`, of all of them.
        """
        _, many = await self._take(burst)
        return many

    async def _take(self, burst: Sequence[Inbound]) -> tuple[Taken, int]:
        inbound = burst[0]
        conversation = self._means.marks.conversation(inbound.channel, inbound.person)
        kept: frozenset[str] = frozenset()
        is_known = True
        try:
            async with self._locks.hold(conversation):
                taken, kept, many = await self._tried(conversation, burst)
                return taken, many
        except BaseException as error:
            is_known = isinstance(error, Exception)  # cancelled: it may yet have been committed
            raise
        finally:
            if is_known and isinstance(inbound.event, events.Media | events.Fetched):
                await self._settle_upload(conversation, inbound.event.file, kept)

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
            await self._forget(row)
            return True

    async def _forget(self, row: conversations.Conversation) -> None:
        """Forget the conversation in *row*, whose lock is held: its key first."""
        conversation = row.conversation
        self._recent.take(conversation)
        await self._means.forget.destroy(row.key_id)

        def forget(t: Transaction) -> tuple[str, ...]:
            conversations.forget(t, conversation, row.version)
            fetches.remove_all_of(t, conversation)
            return outbox.remove_all_of(t, conversation)

        await self._means.forget.destroy(*await self._means.db.commit(forget))

    async def forget_person(self, channel: str, person: str) -> bool:
        """Forget all of *person*'s conversation at once, the draft and its files too, because they
        asked for it; whether there was one. A receipt not yet noted goes with it."""
        means, conversation = self._means, self._means.marks.conversation(channel, person)
        async with self._locks.hold(conversation):
            row = await means.db.read(lambda t: conversations.get(t, conversation))
            if row is None:
                return False
            self._recent.take(conversation)
            read = means.open(row, person, "th")
            deeds = Deeds(
                read.state, today(means.clock).isoformat(), means.new_id, self._recipients
            )
            held = [each.key_id for each in read.state.held.values()]
            deeds.forget()
            await means.forget.destroy(row.key_id, *held)

            def forget(t: Transaction) -> Done:
                conversations.forget(t, conversation, row.version)
                fetches.remove_all_of(t, conversation)
                gone = deeds.write(t, is_new_day=False)
                lines = outbox.remove_all_of(t, conversation)
                return Done((*lines, *gone.keys), gone.blobs)

            done = await means.db.commit(forget)
            await means.forget.destroy(*done.keys)
            await means.blobs.destroy(*done.blobs)
            return True

    async def delivered(
        self,
        conversation: bytes,
        lines: Sequence[Line],
        before: Chat,
        after: Chat | None,
        known: Read | None = None,
        *,
        kept: Set[str] = frozenset(),
    ) -> None:
        """*lines* were delivered, which took the chat from *before* to *after*; None: they may have
        been, and those that are *kept* (their ids) come again at the person's next message. Whom to
        deliver to is forgotten once nothing waits; who is done is forgotten whole. *known* is the
        conversation as it was before the delivery: mostly it has not moved."""
        async with self._locks.hold(conversation):
            for _ in range(self._means.rules.at_most_tries):
                try:
                    await settle_delivery(
                        self._means, conversation, lines, before, after, known, kept=kept
                    )
                    return
                except Conflict:
                    known = None
        raise Unavailable("the conversation kept moving")

    @property
    def at_work(self) -> int:
        """How many conversations have a turn running or waiting."""
        return len(self._locks)

    # --- one try -------------------------------------------------------------------------------

    async def _tried(
        self, conversation: bytes, burst: Sequence[Inbound]
    ) -> tuple[Taken, frozenset[str], int]:
        for _ in range(self._means.rules.at_most_tries):
            try:
                return await self._try(conversation, burst)
            except _Seen:
                return _TAKEN_BEFORE
            except FollowedGone:
                await self._leave_gone(conversation)
            except Conflict:
                continue  # somebody was first (an officer, another process): read and decide anew
        raise Unavailable("the conversation kept moving")

    async def _leave_gone(self, conversation: bytes) -> None:
        """The tip that was followed here is no more: the conversation begins afresh."""
        row = await self._means.db.read(lambda t: conversations.get(t, conversation))
        if row is not None:
            await self._forget(row)

    async def _try(
        self, conversation: bytes, burst: Sequence[Inbound]
    ) -> tuple[Taken, frozenset[str], int]:
        means, inbound = self._means, burst[0]
        mark = means.marks.event(inbound.channel, inbound.person, inbound.event_id)
        row = self._recent.take(conversation)
        is_new = row is None or not isinstance(inbound.event, events.Text)
        if is_new:
            is_seen, row = await means.db.read(
                lambda t: (seen.is_seen(t, mark), conversations.get(t, conversation))
            )
            if is_seen:
                return _TAKEN_BEFORE
        await self._pace.next_stage()  # their channels read those that came with it
        await self._pace.its_turn()
        read = means.open(row, inbound.person, inbound.language)
        await self._pace.next_stage()
        day = today(means.clock)
        deeds = Deeds(read.state, day.isoformat(), means.new_id, self._recipients)
        deeds.seed_of = partial(means.seed_of, read.state, inbound.person)
        deeds.unsure_mark = None if is_new else mark
        if isinstance(inbound.event, events.Fetched | events.Lost):
            deeds.arrived.append(inbound.event.fetch_id)
        recalled = await self._recalled(inbound, deeds)
        event = self._claimed(recalled, conversation, deeds)
        is_astray = event is not recalled
        book = means.books[inbound.channel]
        said = await self._talk(book, conversation, inbound, event, deeds, day)
        remembered = await self._remembered(inbound, deeds)
        more = await self._going_on(burst, deeds, said, day) if len(burst) > 1 else _NO_MORE
        told = Burst(burst[: 1 + len(more.marks)], (mark, *more.marks))
        said = more.said or said
        remembered = (*remembered, *more.remembered)
        committing = self._commit(conversation, told, read, deeds, said, remembered)
        # Unbroken: between the commit and the destroying of keys a cancellation would leave a filed
        # draft's key behind, and nobody would look for it before the next sweeps. After plain words
        # on a channel that pulls there is nothing left to do.
        is_all = read.key is not None and deeds.is_words_only and not book.channel.can_push
        if not await (committing if is_all else unbroken(committing)):
            return _TAKEN_BEFORE
        keys = {each.key for each in said.intents if isinstance(each, Say)}
        is_stale, is_returned = not STALE.isdisjoint(keys), not RETURNED.isdisjoint(keys)
        kept = tuple(part.part_id for part, _ in deeds.added)
        taken = Taken(True, kept, is_astray, is_stale, is_returned)
        return taken, deeds.blobs_kept, len(told.inbounds)

    async def _going_on(
        self, burst: Sequence[Inbound], deeds: Deeds, said: Said, day: date
    ) -> "_More":
        """What of *burst* goes on behind its first with words, and does no more than seal some."""
        means, more = self._means, _More()
        is_open = deeds.followed is None and deeds.following is deeds.state.following
        if not (deeds.is_words_only and is_open):
            return more
        marks = [means.marks.event(each.channel, each.person, each.event_id) for each in burst]
        is_seen = await means.db.read(lambda t: [seen.is_seen(t, mark) for mark in marks])
        for inbound, mark, is_old in list(zip(burst, marks, is_seen, strict=True))[1:]:
            if is_old or not isinstance(inbound.event, events.Text):
                break
            book, talk = means.books[inbound.channel], said.talk
            step = means.step(book, talk, inbound.event, today=day, new_id=means.new_id)
            if not all(isinstance(each, _UNDONE_BY_NOT_COMMITTING) for each in step.effects):
                break
            for effect in step.effects:
                if isinstance(effect, effects.Seal):
                    deeds.seal(effect)
            said = Said(step.conversation, _still_to_say(said.intents, step.effects))
            more.remembered += await self._remembered(inbound, deeds)
            more.marks.append(mark)
            more.said = said
        return more

    async def _talk(
        self,
        book: Book,
        conversation: bytes,
        inbound: Inbound,
        first: Event,
        deeds: Deeds,
        day: date,
    ) -> Said:
        """Step until nothing is waited for."""
        means, talk = self._means, deeds.state.conversation
        channel, person = inbound.channel, inbound.person
        said = list[Intent]()
        event: Event | None = first
        for _ in range(AT_MOST_STEPS):
            if event is None:
                break
            step = means.step(book, talk, event, today=day, new_id=means.new_id)
            talk, event = step.conversation, None
            for effect in step.effects:
                if not isinstance(effect, _UNDONE_BY_NOT_COMMITTING):
                    await self._make_sure(deeds)
                if isinstance(effect, effects.CheckCode):
                    checked = await means.codes.check(channel, conversation, effect, day)
                    event = checked.event
                    if checked.following is not None:
                        deeds.following, deeds.followed = checked.following, None
                        event = await self._with_notice(event, checked.following, inbound)
                elif isinstance(effect, effects.CheckMember):
                    works = await means.codes.still_works(effect.locator, day)
                    event = events.MemberChecked(works)
                elif isinstance(effect, effects.Notify):
                    language = talk.language
                    event = await wish(means, conversation, channel, person, language, deeds)
                elif isinstance(effect, effects.StopNotify):
                    deeds.untold = await means.notices.of_person(channel, person)
                    deeds.unsubscribed = await means.subscriptions.of_person(channel, person)
                elif isinstance(effect, effects.Subscribe):
                    audience, language = effect.audience, talk.language
                    event = await wish_for_cards(means, channel, person, language, audience, deeds)
                elif isinstance(effect, effects.Confirm | effects.Reopen):
                    event = await say_to_ending(means, channel, effect, deeds, day)
                elif isinstance(effect, effects.INTENTS):
                    said.append(effect)
                else:
                    await self._do(effect, deeds)
        return Said(talk, tuple(said))

    async def _with_notice(
        self, checked: events.CodeChecked, following: Following, inbound: Inbound
    ) -> events.CodeChecked:
        """The verdict, which says also whether news of the tip is told to this account."""
        if not self._means.pushes(inbound.channel):
            return checked
        standing = await self._means.notices.standing(
            following.tip_id, inbound.channel, inbound.person
        )
        return replace(checked, facts={**checked.facts, "notice": standing.notice})

    async def _make_sure(self, deeds: Deeds) -> None:
        """Raises _Seen for an event that was taken before. Plain words are only told so by their
        commit; whatever touches more than this turn has to know first."""
        mark, deeds.unsure_mark = deeds.unsure_mark, None
        if mark is not None and await self._means.db.read(lambda t: seen.is_seen(t, mark)):
            raise _Seen

    async def _do(self, deed: Effect, deeds: Deeds) -> None:
        if deeds.following is not None and deeds.followed is None:
            tip_id = deeds.following.tip_id
            deeds.followed = await self._means.db.read(lambda t: read_followed(t, tip_id))
        match deed:
            case effects.Seal():
                await self._pace.next_stage()
                deeds.seal(deed)
                await self._pace.next_stage()
            case effects.Remove():
                deeds.remove(deed)
            case effects.KeepOriginal():
                deeds.keep_original(deed)
            case effects.DropOriginal():
                deeds.drop_original(deed)
            case effects.File():
                draft = deeds.begin_draft()
                deeds.file(await self._means.filing.prepare(draft, deed, deeds.day), deed.locator)
            case effects.Forget():
                deeds.forget()
            case effects.Noted():
                deeds.is_noted = True
            case effects.StopContact():
                deeds.stop_contact()
                if (silenced := deeds.stopped) is not None:
                    deeds.untold = await self._means.db.read(lambda t: notices.of_tip(t, silenced))
            case effects.Fetch():
                deeds.fetch(deed)

    async def _commit(
        self,
        conversation: bytes,
        told: Burst,
        read: Read,
        deeds: Deeds,
        said: Said,
        remembered: Sequence[Remembered],
    ) -> bool:
        """Make the turn durable; False when another process took the same event first.

        The order of keys and commit. A key that a row will need is synced before the commit. A
        draft that is discarded loses its key before: the person asked for it to be gone, and a
        crash in between leaves it gone. A draft that is *filed* loses its key after: if it went
        first, a crash in between would leave acknowledged words that nobody can open. A crash
        after the commit leaves an orphan key, and the sweep at the next start destroys it.
        """
        means, inbound = self._means, told.inbounds[0]
        old = [] if read.row is None else [read.row.key_id]
        needs_key = read.key is None or deeds.is_forgotten or deeds.filed is not None
        fresh: list[Kept] = []
        notified = NOTHING_CHANGED
        try:
            await self._hold_originals(inbound, deeds)
            if needs_key:
                fresh.append(await means.forget.keep())
            if deeds.filed is not None:
                fresh.append(await means.forget.keep())
            if deeds.is_forgotten and read.state.draft is not None:
                await means.forget.destroy(*old)
            notified = await prepared(means, deeds)
            key = fresh[0] if needs_key else Kept(old[0], read.key or b"")
            lines = lines_of(means, conversation, inbound, key, fresh[-1:], deeds, said)
            row = row_of(means, conversation, told.inbounds, key, read, deeds, said, lines)
            done = await means.db.commit(
                lambda t: write(
                    t, told.marks, read, row, deeds, lines, notified, remembered, means.raising
                )
            )
        except Exception:
            # Nothing was stored, so these serve nobody. (Cancelled, we would not know: then they
            # stay, and the sweep finds them if they are orphans.)
            await means.forget.destroy(*unused_keys(fresh, notified), *key_ids(deeds))
            raise
        if done is None:
            await means.forget.destroy(*unused_keys(fresh, notified), *key_ids(deeds))
            return False
        if not lines.pushes:  # else a delivery will soon write the row
            self._recent.keep(row, row.version if read.row is None else row.version + 1)
        await means.forget.destroy(*done.keys, *(old if needs_key else ()))
        await means.blobs.destroy(*done.blobs)
        if lines.wakes:
            self.on_lines()
        if lines.fetches:
            self.on_fetch(conversation)
        return True

    async def _hold_originals(self, inbound: Inbound, deeds: Deeds) -> None:
        """Keep the seed of each new original, under a forget-store key of its own, until the
        person decides."""
        means = self._means
        for part_id, original in deeds.undecided.items():
            kept = await means.forget.keep()
            deeds.held[part_id] = means.drawer.hold_seed(
                kept, inbound.person, part_id, original.seed
            )

    # --- messages that can be taken back -------------------------------------------------------

    async def _recalled(self, inbound: Inbound, deeds: Deeds) -> Event:
        """The event, which says now what the person's message had become. A part of a filed tip
        is within reach too: that tip is what this turn's deeds are done to."""
        event = inbound.event
        if not isinstance(event, events.Edited | events.Unsent) or inbound.message is None:
            return event
        recall = self._means.recall
        found = await recall.find(inbound.channel, inbound.person, inbound.message)
        if found is None:
            return event
        question = None
        if deeds.draft is None or found.tip_id != deeds.draft.tip_id:
            tip_id = found.tip_id
            deeds.elsewhere = await self._means.db.read(lambda t: find_filed(t, tip_id))
            if deeds.elsewhere is None:
                return event
            question = found.question
        if isinstance(event, events.Unsent):
            return events.Unsent(found.part_id)
        return events.Edited(found.part_id, event.words, question)

    async def _remembered(self, inbound: Inbound, deeds: Deeds) -> tuple[Remembered, ...]:
        """What this turn's message became, to be found again if the person takes it back."""
        recall = self._means.recall
        became, deeds.became = deeds.became, None
        if inbound.message is None or became is None or not recall.remembers(inbound.channel):
            return ()
        await self._make_sure(deeds)
        row = await recall.remember(inbound.channel, inbound.person, inbound.message, became)
        return (row,)

    # --- files ---------------------------------------------------------------------------------

    def _claimed(self, event: Event, conversation: bytes, deeds: Deeds) -> Event:
        """*event*, unless it tells of a file that was not sealed for what is being told now."""
        if not isinstance(event, events.Media | events.Fetched):
            return event
        holder = deeds.following or deeds.draft
        tip_id = None if holder is None else holder.tip_id
        is_ours = self._means.uploads.is_for(event.file.blob_id, conversation, tip_id)
        if is_ours:
            return event
        if isinstance(event, events.Fetched):
            return events.Lost(event.fetch_id, "astray")
        return events.Unknown()

    async def _settle_upload(
        self, conversation: bytes, file: events.FileRef, kept: frozenset[str]
    ) -> None:
        """After its turn a file is part of a tip, or it is gone; so is its original."""
        uploads = self._means.uploads
        if uploads.owner_of(file.blob_id) != conversation:
            return
        await self._means.blobs.destroy(*(each for each in file.blob_ids if each not in kept))
        uploads.done(file.blob_id)


def _still_to_say(before: Sequence[Intent], made: Sequence[Effect]) -> tuple[Intent, ...]:
    """What is said after one more step: the newest question, and no remark twice."""
    now = [effect for effect in made if isinstance(effect, effects.INTENTS)]
    kept = (
        intent
        for intent in before
        if intent not in now
        and not isinstance(intent, effects.Ask | effects.Card)
        and not (isinstance(intent, Say) and intent.key in effects.PASSING)
    )
    return (*kept, *now)
