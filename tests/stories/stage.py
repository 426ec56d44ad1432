"""Where stories are played for real: a bot with its loops running, between two fake platforms.

Owns what people on all three channels share: the house, the outbox, the fetching, the books of the
story that is on. Time stands still between two things a person does, so that nothing hangs on how
fast this machine is; a file comes when the story says so.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from pydantic import SecretStr

from bot.channels.line import Line, LineParts
from bot.channels.telegram import Telegram, TelegramParts, TelegramRules
from bot.fetching import Arriving, Fetching, FetchRules, Source
from bot.means import random_id
from bot.outbox import Outbox
from bot.turn import Inbound
from cleaning import CleaningRules
from handlers.book import Book
from handlers.events import NewCard, News
from sealing import MemberCode, stretch_member_code
from storage import Transaction
from storage.repositories import codes, fetches, outbox
from storage.repositories.codes import MemberCodeRow
from storage.repositories.outbox import State
from tests.bot.turn_house import CHEAP, House
from tests.bot.web_house import Web
from tests.fakes.line import FakeLine
from tests.fakes.line.server import listening
from tests.fakes.telegram import FakeTelegram, Rules
from tests.stories.engine_room import CODES, card_id
from tests.stories.player import Story

AT_MOST_S = 20.0
A_MOMENT_S = 1.0
SLOW_S = 20.0
UNPACED = 10_000
"""People here write as fast as the machine plays them: pacing has tests of its own."""
FETCHING = FetchRules(quiet_s=0, slow_s=SLOW_S, at_most_attempts=1)


@dataclass
class Gate:
    """Where files wait while the story holds some back; then the real source is asked. *held* is
    how many there are."""

    through: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    is_shut: bool = False
    held: int = 0

    def before(self, source: Source) -> Source:
        return _Gated(self, source)


@dataclass
class _Gated:
    gate: Gate
    source: Source

    @asynccontextmanager
    async def open(self, handle: str) -> AsyncIterator[Arriving]:
        if self.gate.is_shut:
            await self.gate.through.acquire()
        async with self.source.open(handle) as arriving:
            yield arriving


@dataclass
class Stage:
    """A running bot and both platforms."""

    house: House
    telegram: FakeTelegram
    line: FakeLine
    gate: Gate
    members: list[MemberCodeRow] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def opened(cls, folder: Path) -> AsyncIterator["Stage"]:
        house = House(folder, cleaning=CleaningRules())
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            await house.open()
            stack.push_async_callback(house.close)
            rules = Rules(chat_burst=UNPACED, all_burst=UNPACED)
            telegram = await enter(FakeTelegram.serving(clock=house.clock, rules=rules))
            line = await enter(FakeLine.opened(clock=house.clock))
            stage = cls(house, telegram, line, Gate())
            await stage._register_members()
            await stage._run(stack)
            yield stage

    async def _run(self, stack: AsyncExitStack) -> None:
        """Open both channels and start what runs, as the program does."""
        house, gate = self.house, self.gate
        telegram = await stack.enter_async_context(Telegram.opened(self._telegram_parts()))
        line = await stack.enter_async_context(Line.opened(self._line_parts()))
        url = await stack.enter_async_context(listening(self.line, lambda *_: line.webhook))
        self.line.webhook_url = f"{url}/line/webhook"
        delivers = {"telegram": telegram, "line": line}
        sources = {name: gate.before(each) for name, each in delivers.items()}
        delivering = Outbox(house.means, house.turns, house.screens, delivers)
        fetching = Fetching(house.means, house.turns, house.evidence, sources, FETCHING)
        for run in (delivering.run, fetching.run, telegram.run):
            stack.push_async_callback(_ended, asyncio.create_task(run()))

    def _telegram_parts(self) -> TelegramParts:
        return TelegramParts(
            turns=self.house.turns,
            clock=self.house.clock,
            book=lambda: self.house.means.books["telegram"],
            token=SecretStr(self.telegram.token),
            api_url=self.telegram.api_url,
            rules=TelegramRules(chat_burst=UNPACED, all_per_s=float("inf")),
        )

    def _line_parts(self) -> LineParts:
        return LineParts(
            turns=self.house.turns,
            clock=self.house.clock,
            book=lambda: self.house.means.books["line"],
            channel_secret=self.line.channel_secret,
            access_token=self.line.access_token,
            api_url=self.line.api_url,
            data_api_url=self.line.data_url,
        )

    async def _register_members(self) -> None:
        key = self.house.server_key
        self.members = [
            MemberCodeRow(
                stretch_member_code(
                    MemberCode.parse(CODES[name]), salt=key.salt, pepper=key.pepper, cost=CHEAP
                ),
                "kkn",
                name == "duress",
                "2027-11-23",
                2020,
            )
            for name in ("member", "duress")
        ]

        def add(t: Transaction) -> None:
            for row in self.members:
                codes.add(t, row)

        await self.house.db.commit(add)

    # --- setting a story up --------------------------------------------------------------------

    def reads_from(self, book: Book) -> None:
        """Speak from *book* on its channel: a story has its own addresses and centres."""
        books = cast(dict[str, Book], self.house.means.books)
        books[book.channel.name] = book

    async def receipt_for(self, story: Story) -> str:
        """The receipt that somebody in *story* comes back with, for a tip that was filed before; a
        story that files one itself shows which."""
        typed = [exchange.person.words for exchange in story.exchanges]
        if "{receipt}" not in typed or "ส่ง" in typed[: typed.index("{receipt}")]:
            return CODES["receipt"]
        known = await self.house.tip_ids()
        receipt = await self.house.person(f"teller of {story.name}").file("เรื่องเดิม")
        await self.officers_did(story, known)
        return receipt

    async def officers_did(self, story: Story, known: Sequence[str]) -> None:
        """Make the only tip that was not *known* what *story* says that it is by now."""
        (tip_id,) = set(await self.house.tip_ids()) - set(known)
        status = story.setting("status", "received 2026-11-23").split()
        await self.house.db.commit(
            lambda t: t.execute(
                "UPDATE tip SET status = ?, status_day = ? WHERE tip_id = ?",
                (status[0], status[-1], tip_id),
            )
        )
        due, *climbed = story.setting("due").split() or [None]
        await self.house.db.commit(
            lambda t: t.execute(
                "UPDATE tip SET due_day = ?, climbed_to = ? WHERE tip_id = ?",
                (due, "region" if climbed else None, tip_id),
            )
        )
        for words in story.settings.get("officer", []):
            await Web(self.house, 0, "").officer_writes(words, tip_id)

    async def stops_codes(self, *, again: bool = False) -> None:
        """The members' centre stops their codes; or lets them work *again*."""
        state = codes.State.ACTIVE if again else codes.State.PAUSED

        def change(t: Transaction) -> None:
            for row in self.members:
                codes.set_state(t, row.locator, state)

        await self.house.db.commit(change)

    async def tells_news(self, channel: str, person: str, *, is_ending: bool = False) -> None:
        """As `bot.telling` tells whoever asked: an event of its own."""
        news = Inbound(channel, person, f"news:{random_id()}", News(is_ending))
        await self.house.turns.take(news)

    async def sends_card(self, channel: str, person: str, number: str) -> None:
        """As `bot.campaigning` sends a card to whoever asked for such cards."""
        sent = Inbound(channel, person, f"card:{random_id()}", NewCard(card_id(number)))
        await self.house.turns.take(sent)

    # --- waiting -------------------------------------------------------------------------------

    def passes(self, wait_s: float = A_MOMENT_S) -> None:
        self.house.clock.advance(wait_s)

    async def settled(self) -> None:
        """Return once nothing is to be said or fetched any more, but for what is held back."""
        async with asyncio.timeout(AT_MOST_S):
            while await self._is_at_work():  # noqa: ASYNC110  # the bot's loops
                await asyncio.sleep(0.001)

    async def _is_at_work(self) -> bool:
        ready, coming = await self.house.db.read(
            lambda t: (outbox.count(t, State.READY), fetches.count(t))
        )
        return bool(ready) or coming > self.gate.held

    async def _coming(self) -> int:
        return await self.house.db.read(fetches.count)

    async def _turns_taken(self) -> int:
        rows = await self.house.db.read(lambda t: t.rows("SELECT count(*) FROM seen"))
        return int(rows[0][0])

    # --- files ---------------------------------------------------------------------------------

    @asynccontextmanager
    async def holding_files(self) -> AsyncIterator[None]:
        """What a platform is sent inside stays there for now."""
        self.gate.is_shut = True
        yield
        self.gate.held = await self._coming()

    def lets_a_file_through(self) -> None:
        """One file that was held back comes."""
        self.gate.held -= 1
        self.gate.is_shut = self.gate.held > 0
        self.gate.through.release()

    async def files_are_slow(self) -> None:
        """So much time passes that whoever waits for a file hears of it."""
        taken = await self._turns_taken()
        self.passes(SLOW_S)
        async with asyncio.timeout(AT_MOST_S):
            while await self._turns_taken() == taken:  # noqa: ASYNC110  # the bot's loops
                await asyncio.sleep(0.001)


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
