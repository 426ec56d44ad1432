"""The outbox: what is still to be said, delivered on channels that push.

Owns retries, their spacing and the order within one conversation. Refuses to know platforms: a
channel is a port that takes a conversation's waiting lines and says how many it delivered. Laws: a
line leaves the outbox only after its channel took it, so a crash in between delivers it again under
the same idempotency key; one conversation's lines go one after the other, a slow conversation
delays nobody else's, and a slow platform no other platform's; what cannot be delivered is kept, and
appears at the person's next message; what may have arrived is not said twice, but for a receipt,
once, and an officer's words, when the person writes next.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from random import SystemRandom
from typing import Protocol

from bot.chat import Chat
from bot.errors import BotError
from bot.following import Letter
from bot.lines import Opened
from bot.logs import logger
from bot.means import Means, Read
from bot.screen import Screens
from bot.turn import Turns
from bot.waking import Alarm
from handlers.effects import Intent, OfficerWords
from storage import StorageError, Transaction
from storage.repositories import conversations, outbox
from storage.repositories.outbox import Line, State

_RANDOM = SystemRandom()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One line, with everything secret opened. Hold it no longer than sending takes.

    *key* (32 hex digits) is the same whenever the same line is delivered again: give it to the
    platform as its idempotency key. *letter* belongs to an OfficerWords (None: taken back),
    *receipt* to a SecretOnce. Unsure: an earlier try may have arrived.
    """

    key: str
    intent: Intent
    letter: Letter | None = field(default=None, repr=False)
    receipt: str | None = field(default=None, repr=False)
    is_retry: bool = False
    is_uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that waits to be said to one person, in order; at least one parcel."""

    person: str = field(repr=False)
    language: str
    parcels: tuple[Parcel, ...]
    chat: Chat = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many of the first parcels the platform has now (at least one), and the chat since."""

    count: int
    chat: Chat = field(repr=False)


class Undeliverable(BotError):
    """The platform will not take this now: blocked, deleted, quota used up, nobody to answer to.
    Not tried again until the person writes."""


class ShutOut(Undeliverable):
    """The person blocked the bot or is gone from the platform: nothing will arrive until they open
    the chat again. No tip's news leads to them any more."""


class NotYet(BotError):
    """The platform asks for a pause, or (of no length) the channel to look again what there is to
    say; not an attempt that failed."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("the platform asks for a pause")
        self.wait_s = wait_s


class Uncertain(BotError):
    """The first *count* parcels may have arrived, or not: they are not sent again, but for a
    receipt among them, once, and an officer's words, at the person's next message."""

    def __init__(self, count: int) -> None:
        super().__init__("the platform's answer did not come")
        self.count = count


class Channel(Protocol):
    """A platform that has to be delivered to."""

    async def deliver(self, batch: Batch) -> Delivered:
        """Hand over as many of the first parcels as one careful call carries; return once the
        platform has them.

        Raises Undeliverable (ShutOut where the platform says that much), NotYet or Uncertain; any
        other exception means: try again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class OutboxRules:
    """The numbers. *at_once*: the deliveries that one channel may have under way."""

    at_most_attempts: int = 8
    first_wait_s: float = 2.0
    longest_wait_s: float = 3600.0
    deliver_s: float = 30.0
    at_once: int = 32
    idle_s: float = 30.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A conversation's ready lines, opened, and the channel that takes them."""

    lines: tuple[Line, ...]
    batch: Batch
    channel: Channel
    name: str
    read: Read = field(repr=False)


class Outbox:
    """Delivers lines until it is cancelled; `deliver_due` does one round."""

    def __init__(
        self,
        means: Means,
        turns: Turns,
        screens: Screens,
        channels: Mapping[str, Channel],
        rules: OutboxRules | None = None,
        random: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self._means = means
        self._turns = turns
        self._screens = screens
        self._channels = channels
        self._rules = rules or OutboxRules()
        self._random = random
        self._at_work: dict[str, set[bytes]] = {channel: set() for channel in channels}
        self._alarm = Alarm(means.clock)
        turns.on_lines = self._alarm.ring

    async def run(self) -> None:
        """Deliver whatever falls due, for ever. A database that is away is asked again."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._alarm.clear()
                try:
                    wait_s = await self._begin_due(group)
                except StorageError as error:
                    logger().warning("outbox_waits", error=type(error).__name__)
                    wait_s = self._rules.idle_s
                await self._alarm.sleep(wait_s)

    async def deliver_due(self) -> None:
        """Deliver everything that is due now."""
        is_done = False
        while not is_done:
            async with asyncio.TaskGroup() as group:
                await self._begin_due(group)
                is_done = not any(self._at_work.values())

    async def _begin_due(self, group: asyncio.TaskGroup) -> float:
        """Begin to deliver what is due, as far as there are places; how long (seconds) to sleep if
        nobody wakes us. What is due and may not begin yet (its conversation is at work, or all
        places of its channel are taken) wakes us when one ends."""
        now_s, at_once = self._means.clock.now_s(), self._rules.at_once
        rooms = {name: at_once - len(busy) for name, busy in self._at_work.items()}

        def look(t: Transaction) -> tuple[dict[str, tuple[Line, ...]], list[int | None]]:
            due = {
                name: outbox.due(t, name, int(now_s), at_once + room)
                for name, room in rooms.items()
                if room > 0
            }
            return due, [outbox.next_due_s(t, name, int(now_s)) for name in rooms]

        due, moments = await self._means.db.read(look)
        for name, lines in due.items():
            busy = self._at_work[name]
            found = [line.conversation for line in lines if line.conversation not in busy]
            for conversation in found[: rooms[name]]:
                busy.add(conversation)
                group.create_task(self._guarded(name, conversation))
        waits_s = [moment - now_s for moment in moments if moment is not None]
        return min([self._rules.idle_s, *waits_s])

    async def _guarded(self, name: str, conversation: bytes) -> None:
        """Deliver one conversation's lines; a failure of ours delays this conversation only."""
        try:
            while (waiting := await self._waiting(conversation)) is not None:
                if not await self._deliver(conversation, waiting):
                    break
        except (StorageError, BotError) as error:
            logger().warning("delivery_failed", error=type(error).__name__)
        finally:
            self._at_work[name].discard(conversation)
            self._alarm.ring()

    async def _deliver(self, conversation: bytes, waiting: _Waiting) -> bool:
        """Deliver some of the waiting lines; whether the next may follow."""
        first, batch = waiting.lines[0], waiting.batch
        try:
            async with asyncio.timeout(self._rules.deliver_s):
                delivered = await waiting.channel.deliver(batch)
        except Undeliverable as error:
            has_news = not await self._given_up(waiting)
            if isinstance(error, ShutOut):
                await self._means.notices.forget_person(waiting.name, batch.person)
                await self._means.subscriptions.forget_person(waiting.name, batch.person)
            return has_news
        except NotYet as pause:
            if pause.wait_s <= 0:
                return True  # look again: there is more to say by now
            at = self._at(pause.wait_s)
            await self._means.db.commit(lambda t: outbox.pause(t, first.outbox_id, at))
            return False
        except Uncertain as unsure:
            await self._unsure(conversation, waiting, unsure.count)
            return True
        except Exception as error:  # whatever a platform's client raises: the line is tried again
            logger().warning("delivery_failed", error=type(error).__name__)
            return await self._postponed(waiting)
        lines = waiting.lines[: max(1, delivered.count)]
        after = delivered.chat
        await self._turns.delivered(conversation, lines, batch.chat, after, waiting.read)
        return True

    async def _unsure(self, conversation: bytes, waiting: _Waiting, count: int) -> None:
        """The first *count* lines may have been heard. An officer's words among them come again at
        the person's next message, which costs nothing and may show them twice: whoever did not
        hear them would not know that there was anything to hear."""
        lines, parcels = waiting.lines[:count], waiting.batch.parcels[:count]
        letters = frozenset(each.key for each in parcels if isinstance(each.intent, OfficerWords))
        chat, read = waiting.batch.chat, waiting.read
        await self._turns.delivered(conversation, lines, chat, None, read, kept=letters)

    # --- what waits ------------------------------------------------------------------------------

    async def _waiting(self, conversation: bytes) -> _Waiting | None:
        """The ready lines, opened; None when none is due. Lines that nobody can open or address
        any more (their conversation was forgotten) go."""
        means = self._means
        row, lines = await means.db.read(
            lambda t: (
                conversations.get(t, conversation),
                outbox.of_conversation(t, conversation),
            )
        )
        ready = [line for line in lines if line.state is State.READY]
        if not ready or ready[0].not_before > means.clock.now_s():
            return None
        read, person, channel = self._addressee(row)
        opened = [] if person is None else self._opened(ready, read)
        ids = {line.outbox_id for line, _ in opened}
        shut = [line.outbox_id for line in ready if line.outbox_id not in ids]
        if shut:
            await means.db.commit(lambda t: outbox.remove(t, *shut))
        if not opened or read is None or person is None or channel is None:
            return None
        parcels = await self._parcels(opened, read)
        language = read.state.conversation.language
        batch = Batch(person, language, parcels, read.state.chat)
        name = "" if row is None else row.channel
        return _Waiting(tuple(line for line, _ in opened), batch, channel, name, read)

    def _addressee(
        self, row: conversations.Conversation | None
    ) -> tuple[Read | None, str | None, Channel | None]:
        means = self._means
        key = None if row is None else means.forget.get(row.key_id)
        if row is None or row.contact is None or key is None:
            return None, None, None
        channel = self._channels.get(row.channel)
        if channel is None:
            return None, None, None
        person = means.drawer.open_contact(key, row.conversation, row.contact)
        return means.open(row, person, "th"), person, channel

    def _opened(self, ready: Sequence[Line], read: Read | None) -> list[tuple[Line, Opened]]:
        key = None if read is None else read.key
        found = [(line, self._means.lines.open(line, key)) for line in ready]
        return [(line, opened) for line, opened in found if opened is not None]

    async def _parcels(
        self, opened: Sequence[tuple[Line, Opened]], read: Read
    ) -> tuple[Parcel, ...]:
        intents = [each.intent for _, each in opened]
        letters = await self._screens.letters(read.state, intents)
        return tuple(
            Parcel(
                line.outbox_id,
                each.intent,
                letters.get(each.intent.part_id) if isinstance(each.intent, OfficerWords) else None,
                each.receipt,
                is_retry=line.attempts > 0,
                is_uncertain=line.is_unsure,
            )
            for line, each in opened
        )

    async def _postponed(self, waiting: _Waiting) -> bool:
        """Try again later, or never by itself; whether something new is to be tried at once."""
        line = waiting.lines[0]
        if line.attempts + 1 >= self._rules.at_most_attempts:
            return not await self._given_up(waiting)
        wait_s = min(self._rules.first_wait_s * 2**line.attempts, self._rules.longest_wait_s)
        at = self._at(wait_s * (0.5 + self._random()))
        await self._means.db.commit(lambda t: outbox.postpone(t, line.outbox_id, at))
        return False

    async def _given_up(self, waiting: _Waiting) -> bool:
        """Keep the lines for the person's next message; False when they wrote meanwhile."""
        conversation, tried = (
            waiting.lines[0].conversation,
            {each.outbox_id for each in waiting.lines},
        )
        return await self._means.db.commit(lambda t: _give_up(t, conversation, tried))

    def _at(self, wait_s: float) -> int:
        return int(self._means.clock.now_s() + wait_s) + 1


def _give_up(t: Transaction, conversation: bytes, tried: Set[str]) -> bool:
    """Whether all that waits was tried, and is kept now. What came while it was tried may come with
    a way to answer: giving that up too would leave a person without an answer who has just
    written."""
    ready = [line for line in outbox.of_conversation(t, conversation) if line.state is State.READY]
    if any(line.outbox_id not in tried for line in ready):
        return False
    for line in ready:
        outbox.mark(t, line.outbox_id, State.DEAD)
    row = None if not ready else conversations.get(t, ready[0].conversation)
    if row is not None and row.contact is not None:  # nobody need know until then who that is
        conversations.save(t, replace(row, contact=None))
    return True
