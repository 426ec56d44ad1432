"""The LINE channel on real sockets, between a fake LINE and a small stand-in for turns."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.channels.line import Line, LineParts, LineRules
from bot.chat import NO_CHAT
from bot.outbox import Batch, Parcel
from bot.turn import Inbound, Taken
from handlers.book import Book, Channel, load_book
from handlers.effects import Ask, Card, Intent, Option, Row, Say, SecretOnce
from tests.bot.fake_clock import FakeClock
from tests.fakes.line import FakeLine, LinePerson
from tests.fakes.line.server import listening

RECEIPT = "4821-0937-5518-2260-7314-9903"
HELLO = Say("th", "say.dropped")
LOST = Say("th", "say.lost_failed", {"media": "รูป"})
CARD = Card("th", (Row("category", "row.category", "skipped"), Row("who", "row.who", "open")))
_keys = itertools.count(1)


async def at_once(inbound: Inbound) -> None:
    """How a stand-in turn goes when nothing is in its way."""


@dataclass
class StandIn:
    """Takes events as `bot.turn.Turns` does, the same one once; *before* may wait or raise."""

    before: Callable[[Inbound], Awaitable[None]] = at_once
    begun: list[Inbound] = field(default_factory=list)
    taken: list[Inbound] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    at_work: int = 0
    most_at_work: int = 0

    async def take(self, inbound: Inbound) -> Taken:
        self.begun.append(inbound)
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await self.before(inbound)
        finally:
            self.at_work -= 1
        if inbound.event_id in self.seen:
            return Taken(is_fresh=False)
        self.seen.add(inbound.event_id)
        self.taken.append(inbound)
        return Taken(is_fresh=True)

    @property
    def events(self) -> list[Any]:
        return [inbound.event for inbound in self.taken]


@dataclass
class Room:
    platform: FakeLine
    line: Line
    turns: StandIn
    clock: FakeClock
    book: Book
    person: LinePerson

    async def later(self, claim: Callable[[], object]) -> None:
        """Let the time pass until *claim* holds."""

        def passing() -> object:
            self.clock.advance(0.05)
            return claim()

        await until(passing)

    async def deliver(self, *parcels: Parcel, person: LinePerson | None = None) -> Any:
        who = (person or self.person).user_id
        return await self.line.deliver(Batch(who, "th", parcels, NO_CHAT))


def parcel(intent: Intent = HELLO, **more: Any) -> Parcel:
    return Parcel(f"{next(_keys):032x}", intent, **more)


def receipt(**more: Any) -> Parcel:
    return parcel(SecretOnce("th", "receipt"), receipt=RECEIPT, **more)


def ask(count: int = 3, screen: str = "a1b2") -> Ask:
    """A question with *count* answers (categories) and two controls."""
    ids = [
        "bribe", "procurement", "embezzlement", "title_deed", "personnel", "budget",
    ][:count]  # fmt: skip
    labels = ["label.yes", "label.no", "label.unsure", "label.none", "label.done", "label.keep"]
    answers = [Option(each, word) for each, word in zip(ids, labels[:count], strict=True)]
    controls = [Option(each, f"label.{each}", role="control") for each in ("back", "cancel")]
    return Ask("th", "category", "ask.category", {}, (*answers, *controls), screen, progress=(1, 9))


@asynccontextmanager
async def opened_room(
    rules: LineRules | None = None, turns: StandIn | None = None, **parts: Any
) -> AsyncIterator[Room]:
    clock, turns = FakeClock(), turns or StandIn()
    book = load_book(channel=Channel("line", can_push=True, unsend_hours=1))
    async with FakeLine.opened(clock=clock) as platform:
        made = LineParts(
            turns,
            clock,
            lambda: book,
            platform.channel_secret,
            platform.access_token,
            platform.api_url,
            platform.data_url,
            rules=rules or LineRules(again_after_s=0),
            **parts,
        )
        async with (
            Line.opened(made) as line,
            listening(platform, lambda *_: line.webhook) as url,
        ):
            platform.webhook_url = f"{url}/line/webhook"
            yield Room(platform, line, turns, clock, book, platform.person())


async def knock(room: Room, head: str, *body: bytes) -> bytes:
    """Send a request's head, and *body* if there is one, and no more; the answer's first line."""
    host, _, rest = room.platform.webhook_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(rest.partition("/")[0]))
    try:
        writer.write(f"POST /line/webhook HTTP/1.1\r\nhost: bot\r\n{head}\r\n".encode())
        for chunk in body:
            writer.write(chunk)
        async with asyncio.timeout(5):
            return await reader.readline()
    finally:
        writer.transport.abort()  # a body may be left that nobody reads


async def until(claim: Callable[[], object], within_s: float = 5.0) -> None:
    """Return as soon as *claim* holds; the world outside needs a moment."""
    async with asyncio.timeout(within_s):
        while not claim():  # noqa: ASYNC110  # what it waits for is in another program
            await asyncio.sleep(0.002)
