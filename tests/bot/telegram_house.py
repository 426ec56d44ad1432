"""A Telegram channel on a fake Telegram, with stand-ins for the turns behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import SecretStr

from bot.channels.telegram import Telegram, TelegramParts, TelegramRules
from bot.chat import NO_CHAT, Chat
from bot.following import Letter
from bot.outbox import Batch, Delivered, Parcel
from bot.turn import Inbound, Taken
from handlers.book import Book, Channel, load_book
from handlers.effects import Ask, Intent, OfficerWords, Option, Say, SecretOnce
from handlers.events import Event
from tests.bot.fake_clock import FakeClock
from tests.fakes.telegram import FakeTelegram, Rules, TelegramPerson

BOOK: Book = load_book(channel=Channel("telegram", can_push=True, can_wipe=True))
WEBHOOK_SECRET = "canary-webhook-secret_-42"
RECEIPT = "4821-0937-5518-2260-7314-9903"
QUICK = TelegramRules(poll_s=1, patience_s=0.05, answer_s=1)


class QuickClock(FakeClock):
    """Whoever sleeps moves the time on, at once."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []
        self.has_slept = asyncio.Event()

    async def sleep(self, wait_s: float) -> None:
        self.slept.append(wait_s)
        self.has_slept.set()
        self.advance(wait_s)
        await asyncio.sleep(0)


@dataclass
class FakeTurns:
    """Takes events like the real ones: once each, and only if *meets* lets it."""

    meets: Callable[[Inbound], Coroutine[Any, Any, None]] | None = None
    taken: list[Inbound] = field(default_factory=list)
    asked: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take_first(self, burst: Sequence[Inbound]) -> int:
        await self.take(burst[0])
        return 1

    async def take(self, inbound: Inbound) -> Taken:
        self.asked += 1
        if self.meets is not None:
            await self.meets(inbound)
        is_fresh = all(
            (each.person, each.event_id) != (inbound.person, inbound.event_id)
            for each in self.taken
        )
        if is_fresh:
            self.taken.append(inbound)
        self._news.set()
        return Taken(is_fresh)

    @property
    def events(self) -> list[Event]:
        return [each.event for each in self.taken]

    async def until(self, count: int) -> list[Event]:
        """What was taken, once there are *count*."""
        async with asyncio.timeout(10):
            while len(self.taken) < count:
                self._news.clear()
                await self._news.wait()
        return self.events


@dataclass
class TelegramHouse:
    """Everything for one test."""

    fake: FakeTelegram
    clock: FakeClock
    turns: FakeTurns
    telegram: Telegram
    parts: TelegramParts
    chats: dict[int, Chat] = field(default_factory=dict)

    def person(self, **who: Any) -> TelegramPerson:
        """Somebody who opened the chat."""
        person = self.fake.person(**who)
        person.start()
        self.chats[person.chat_id] = NO_CHAT
        return person

    @asynccontextmanager
    async def polling(self) -> AsyncIterator[None]:
        """The channel polls until the block ends, as if it were killed then."""
        task = asyncio.create_task(self.telegram.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @asynccontextmanager
    async def reopened(self) -> AsyncIterator["TelegramHouse"]:
        """The same after a restart: the channel knows nothing of what it did."""
        async with Telegram.opened(self.parts) as telegram:
            yield replace(self, telegram=telegram)

    async def say(self, person: TelegramPerson, *what: Intent | Parcel) -> Delivered:
        """Deliver once; the chat is remembered as the turn would."""
        parcels = tuple(
            each if isinstance(each, Parcel) else Parcel(f"{nth:032x}", each)
            for nth, each in enumerate(what)
        )
        batch = Batch(str(person.chat_id), "th", parcels, self.chats[person.chat_id])
        delivered = await self.telegram.deliver(batch)
        self.chats[person.chat_id] = delivered.chat
        return delivered

    def hears(self, person: TelegramPerson, message_id: int) -> None:
        """The person's message, as the turn notes it."""
        chat = self.chats[person.chat_id]
        self.chats[person.chat_id] = chat.heard(str(message_id), is_tap=False)


@asynccontextmanager
async def telegram_house(
    *,
    clock: FakeClock | None = None,
    rules: Rules | None = None,
    ours: TelegramRules = QUICK,
    turns: FakeTurns | None = None,
    **changed: Any,
) -> AsyncIterator[TelegramHouse]:
    clock = clock or QuickClock()
    async with FakeTelegram.serving(clock=clock, rules=rules) as fake:
        turns = turns or FakeTurns()
        parts = TelegramParts(
            turns=turns,
            clock=clock,
            book=lambda: BOOK,
            token=SecretStr(fake.token),
            api_url=fake.api_url,
            webhook_secret=SecretStr(WEBHOOK_SECRET),
            rules=ours,
        )
        async with Telegram.opened(replace(parts, **changed)) as telegram:
            yield TelegramHouse(fake, clock, turns, telegram, parts)


def ask(
    question: str = "what",
    *choices: str,
    screen: str = "aabbccdd",
    key: str | None = None,
    controls: tuple[str, ...] = ("back", "cancel"),
    **params: Any,
) -> Ask:
    options = tuple(Option(each, f"label.{question}.{each}") for each in choices)
    below = tuple(Option(each, f"label.{each}", role="control") for each in controls)
    return Ask("th", question, key or f"ask.{question}", params, (*options, *below), screen)


def say(key: str, **params: Any) -> Say:
    return Say("th", f"say.{key}", params)


def receipt(key: str = "f" * 32, code: str | None = RECEIPT, **more: Any) -> Parcel:
    return Parcel(key, SecretOnce("th", "receipt"), receipt=code, **more)


def letter(words: str | None, day: str = "2026-11-26") -> Parcel:
    part_id = "c" * 32
    found = None if words is None else Letter(part_id, day, "message", words)
    return Parcel("c" * 32, OfficerWords("th", part_id), letter=found)
