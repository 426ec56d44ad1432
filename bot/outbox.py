"""The outbox: what is still to be said, delivered on channels that push.

Owns retries, their spacing and the order within one conversation. Refuses to know platforms: a
channel is a port that delivers one line and says how it failed. Laws: a line leaves the outbox only
after its channel took it, so a crash in between delivers it again under the same idempotency key;
one conversation's lines go one after the other, a slow conversation delays nobody else's; what
cannot be delivered is kept, and appears at the person's next message.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Protocol

from bot.errors import BotError
from bot.following import Letter
from bot.logs import logger
from bot.means import Means
from bot.screen import Screens
from bot.turn import Turns
from handlers.effects import Intent
from storage import StorageError, Transaction
from storage.repositories import conversations, outbox
from storage.repositories.outbox import Line, State

_RANDOM = SystemRandom()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One line for one person, with everything secret opened. Hold it no longer than sending takes.

    *key* is the same whenever the same line is delivered again: give it to the platform as its
    idempotency key. *letter* belongs to an OfficerWords (None: taken back), *receipt* to a
    SecretOnce.
    """

    key: str
    person: str = field(repr=False)
    intent: Intent
    letter: Letter | None = field(default=None, repr=False)
    receipt: str | None = field(default=None, repr=False)


class Undeliverable(BotError):
    """The platform will never take this: blocked, deleted, quota used up. Not tried again until
    the person writes."""


class NotYet(BotError):
    """The platform asks for a pause; not an attempt that failed."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("the platform asks for a pause")
        self.wait_s = wait_s


class Channel(Protocol):
    """A platform that has to be delivered to."""

    async def deliver(self, delivery: Delivery) -> None:
        """Hand one line to the platform; return once it has it.

        Raises Undeliverable or NotYet; any other exception means: try again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class OutboxRules:
    """The numbers; all of them come from the configuration."""

    at_most_attempts: int = 8
    first_wait_s: float = 2.0
    longest_wait_s: float = 3600.0
    deliver_s: float = 30.0
    at_once: int = 32
    idle_s: float = 30.0


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
        self._at_work: set[bytes] = set()
        self._wake = asyncio.Event()
        turns.on_lines = self._wake.set

    async def run(self) -> None:
        """Deliver whatever falls due, for ever. A database that is away is asked again."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                try:
                    for conversation in await self._due():
                        self._at_work.add(conversation)
                        group.create_task(self._guarded(conversation))
                    wait_s = await self._wait_s()
                except StorageError as error:
                    logger().warning("outbox_waits", error=type(error).__name__)
                    wait_s = self._rules.idle_s
                await self._sleep(wait_s)

    async def deliver_due(self) -> None:
        """Deliver everything that is due now."""
        while conversations_due := await self._due():
            async with asyncio.TaskGroup() as group:
                for conversation in conversations_due:
                    self._at_work.add(conversation)
                    group.create_task(self._guarded(conversation))

    async def _due(self) -> list[bytes]:
        room = self._rules.at_once - len(self._at_work)
        if room <= 0:
            return []
        now_s, limit = int(self._means.clock.now_s()), self._rules.at_once + room
        lines = await self._means.db.read(lambda t: outbox.due(t, now_s, limit))
        found = [line.conversation for line in lines if line.conversation not in self._at_work]
        return found[:room]

    async def _wait_s(self) -> float:
        next_s = await self._means.db.read(outbox.next_due_s)
        if next_s is None:
            return self._rules.idle_s
        is_full = len(self._at_work) >= self._rules.at_once
        left_s = next_s - self._means.clock.now_s()
        # Lines that are due but not startable (their conversation is at work) wake us when it ends.
        return self._rules.idle_s if is_full or left_s <= 0 else min(left_s, self._rules.idle_s)

    async def _sleep(self, wait_s: float) -> None:
        woken = asyncio.create_task(self._wake.wait())
        slept = asyncio.create_task(self._means.clock.sleep(wait_s))
        try:
            await asyncio.wait({woken, slept}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (woken, slept):
                task.cancel()
            await asyncio.gather(woken, slept, return_exceptions=True)

    async def _guarded(self, conversation: bytes) -> None:
        """Deliver one conversation's lines; a failure of ours delays this conversation only."""
        try:
            await self._deliver_all(conversation)
        except (StorageError, BotError) as error:
            logger().warning("delivery_failed", error=type(error).__name__)
        finally:
            self._at_work.discard(conversation)
            self._wake.set()

    async def _deliver_all(self, conversation: bytes) -> None:
        while (line := await self._first_due(conversation)) is not None:
            if not await self._deliver(line):
                return
        await self._turns.drop_contact(conversation)

    async def _first_due(self, conversation: bytes) -> Line | None:
        now_s = self._means.clock.now_s()
        lines = await self._means.db.read(lambda t: outbox.of_conversation(t, conversation))
        ready = [line for line in lines if line.state is State.READY]
        return ready[0] if ready and ready[0].not_before <= now_s else None

    async def _deliver(self, line: Line) -> bool:
        """Deliver one line; whether the next one may follow."""
        delivery = await self._addressed(line)
        if delivery is None:
            await self._means.db.commit(lambda t: outbox.remove(t, line.outbox_id))
            return True
        channel, parcel = delivery
        try:
            async with asyncio.timeout(self._rules.deliver_s):
                await channel.deliver(parcel)
        except Undeliverable:
            await self._means.db.commit(lambda t: _give_up(t, line.conversation))
            return False
        except NotYet as pause:
            wait_s = pause.wait_s
            await self._means.db.commit(lambda t: _pause(t, line, self._at(wait_s)))
            return False
        except Exception as error:  # whatever a platform's client raises: the line is tried again
            logger().warning("delivery_failed", error=type(error).__name__)
            await self._postpone(line)
            return False
        await self._means.db.commit(lambda t: _delivered(t, line))
        return True

    async def _addressed(self, line: Line) -> tuple[Channel, Delivery] | None:
        """The line, opened; None when its conversation or its key is gone: it was forgotten."""
        means, conversation = self._means, line.conversation
        row = await means.db.read(lambda t: conversations.get(t, conversation))
        key = None if row is None else means.forget.get(row.key_id)
        opened = means.lines.open(line, key)
        if row is None or row.contact is None or key is None or opened is None:
            return None
        channel = self._channels.get(row.channel)
        if channel is None:
            return None
        person = means.drawer.open_contact(key, conversation, row.contact)
        state = means.open(row, person, "th").state
        letters = await self._screens.letters(state, (opened.intent,))
        letter = next(iter(letters.values()), None)
        return channel, Delivery(line.outbox_id, person, opened.intent, letter, opened.receipt)

    async def _postpone(self, line: Line) -> None:
        if line.attempts + 1 >= self._rules.at_most_attempts:
            await self._means.db.commit(lambda t: _give_up(t, line.conversation))
            return
        wait_s = min(self._rules.first_wait_s * 2**line.attempts, self._rules.longest_wait_s)
        at = self._at(wait_s * (0.5 + self._random()))
        await self._means.db.commit(lambda t: outbox.postpone(t, line.outbox_id, at))

    def _at(self, wait_s: float) -> int:
        return int(self._means.clock.now_s() + wait_s) + 1


def _delivered(t: Transaction, line: Line) -> None:
    """A receipt stays until it is noted; anything else is done."""
    if line.key_id is not None:
        outbox.mark(t, line.outbox_id, State.SHOWN)
    else:
        outbox.remove(t, line.outbox_id)


def _give_up(t: Transaction, conversation: bytes) -> None:
    for line in outbox.of_conversation(t, conversation):
        if line.state is State.READY:
            outbox.mark(t, line.outbox_id, State.DEAD)


def _pause(t: Transaction, line: Line, not_before: int) -> None:
    t.execute("UPDATE outbox SET not_before = ? WHERE outbox_id = ?", (not_before, line.outbox_id))
