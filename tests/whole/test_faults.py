"""A month of faults in a minute: whatever the platforms and the machine do to each other, what was
acknowledged is told once, and what was to be said is said.

Several people on each platform tell whole tips, change and take back, send albums, and come back
with their receipts, while connections break before and after their effect, servers fail, answers
are late, events come twice and in disorder, files are not ready, cut off or withdrawn, and the bot
is killed and started again. Time flies, so that pauses and back-offs pass. A seed names the month.
"""

import asyncio
import random
import sqlite3
from collections.abc import Coroutine
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from console import acting
from tests.fakes.line import Fault
from tests.fakes.telegram import CUT_OFF, ERROR_500, NOT_FOUND, RESET_AFTER, RESET_BEFORE, Slow
from tests.whole.chats import Chat, LineChat, TelegramChat
from tests.whole.mortal import Mortal
from tests.whole.nursery import Nursery
from tests.whole.patience import PatientLine, Stubborn
from tests.whole.platforms import World, platforms
from tests.whole.readings import files, readings, told

SEEDS = (2569, 1206, 77, 8)
PEOPLE, KILLS = 4, 5  # people on each platform
FAULT_EVERY_S = (0.02, 0.1)
LATE_S = 0.3
TELEGRAM_CALLS = ("getUpdates", "sendMessage", "editMessageText", "deleteMessages", "getFile")
TELEGRAM_FAULTS = (RESET_BEFORE, RESET_AFTER, ERROR_500, Slow(LATE_S))
FILE_FAULTS = (RESET_BEFORE, ERROR_500, NOT_FOUND, CUT_OFF)
LINE_PATHS = ("/message/reply", "/message/push", "/content", "/loading")
FILE_HOST = [each for each in Fault if each is not Fault.ODD_ANSWER]
"""An odd answer with status 200 would be the file itself."""
QUESTION = "จำทะเบียนรถได้ไหม"
A_FILE_MEETS = 2
"""Faults of each of two kinds: six in a row would be a file that is lost, and said to be."""
A_DAY = {"fetch_minutes": 24 * 60}
"""Of the bot's patience with a file: time flies here, also while the machine is busy."""


@dataclass
class Teller:
    """One person of the story, and what has to be read of them in the end."""

    number: int
    chat: Chat
    chance: random.Random
    stubborn: Stubborn = field(init=False)
    receipt: str = ""

    def __post_init__(self) -> None:
        self.stubborn = Stubborn(self.chat)
        photo = b"\xff\xd8\xff\xe0"
        self.photos = [photo + self.chance.randbytes(20_000 + 99 * each) for each in range(3)]
        self.who = f"คนที่ {self.number} รู้ว่าใคร"
        self.what = [f"คนที่ {self.number} เล่าข้อความที่ {each}" for each in range(3)]
        self.answer = f"คนที่ {self.number} ตอบว่าจำได้"

    async def tell(self, world: World) -> None:
        press, chat = self.stubborn.press, self.chat
        await self.stubborn.start()
        for choice in ("report", "embezzlement", "TH-40", "unknown"):
            await press(choice)
        await chat.write(self.who)
        await press("done")
        for words in self.what:
            await chat.write(words)
        await self._revise()
        for choice in ("done", "yesterday", "skip"):
            await press(choice)
        await chat.photos(self.photos[0])
        await chat.photos(*self.photos[1:])
        await self._withdraw_one(world)
        await chat.until(lambda: not is_fetching(world), 40)
        for choice in ("done", "skip", "send"):
            await press(choice)
        await self._see_receipt()

    async def _revise(self) -> None:
        """On Telegram the last message is changed; on LINE one more is written and taken back."""
        match self.chat:
            case TelegramChat(person=on_telegram):
                message = await self.chat.write(f"{self.what[-1]} ผิด")
                on_telegram.edit(int(message), f"{self.what[-1]} แก้แล้ว")
                self.what = [*self.what, f"{self.what[-1]} แก้แล้ว"]
            case LineChat(person=on_line):
                message = await self.chat.write("ข้อความที่ถอนคืน")
                (bubble,) = (each for each in on_line.chat if each.message_id == message)
                await on_line.unsends(bubble)

    async def _withdraw_one(self, world: World) -> None:
        """A LINE photo that is taken back at once: 410 for whoever still fetches it."""
        if isinstance(self.chat, LineChat):
            await self.chat.photos(b"\xff\xd8\xff\xe0 taken back " + bytes(30_000))
            await self.chat.person.unsends()

    async def _see_receipt(self) -> None:
        """The receipt; whoever has not noted it is shown it again."""
        chat = self.chat
        await self.stubborn.until(lambda: chat.receipt is not None)
        self.receipt = chat.receipt or ""
        shown = sum(self.receipt in text for text in chat.heard)
        await chat.command("help")
        await self.stubborn.until(lambda: sum(self.receipt in each for each in chat.heard) > shown)
        assert chat.receipts == [self.receipt]
        await self.stubborn.press("noted")

    async def come_back(self) -> None:
        chat, press = self.chat, self.stubborn.press
        while not chat.choices or "follow" in chat.choices:
            await press("follow")  # again, if it was pressed on a menu that had just been replaced
        await chat.write(self.receipt)
        await self.stubborn.until(lambda: any(QUESTION in text for text in chat.heard))
        await press("answer")
        await chat.write(self.answer)
        await press("done")
        await press("cancel")


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_month_of_faults_loses_doubles_and_misfiles_nothing(
    seed: int, forks: Nursery, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    async with platforms(tmp_path / "deployment", line=PatientLine, limits=A_DAY) as world:
        world.line.faults.slow_s = LATE_S
        world.line.faults.each_at_most = world.telegram.faults.each_at_most = A_FILE_MEETS
        bot = Mortal(world.made, forks)
        bot.live()
        crowd = people(world, chance)
        try:
            async with world.flying(1.0):
                await through_faults(world, bot, chance, [each.tell(world) for each in crowd])
                await officers_ask(world)
                await through_faults(world, bot, chance, [each.come_back() for each in crowd])
            await check(world, crowd)
        finally:
            bot.end()


def people(world: World, chance: random.Random) -> list[Teller]:
    kinds = (TelegramChat, LineChat) * PEOPLE
    return [
        Teller(number, kind(world), random.Random(chance.random()))
        for number, kind in enumerate(kinds)
    ]


async def through_faults(
    world: World, bot: Mortal, chance: random.Random, doings: list[Coroutine[None, None, None]]
) -> None:
    """Let *doings* be done while everything goes wrong; at the end nothing does any more."""
    over = asyncio.Event()
    wrong = asyncio.create_task(go_wrong(world, chance))
    killing = asyncio.create_task(kill_now_and_then(bot, chance, over))
    try:
        async with asyncio.TaskGroup() as tasks:
            for each in doings:
                tasks.create_task(each)
    finally:
        over.set()
        wrong.cancel()
        await asyncio.gather(wrong, killing, return_exceptions=True)
        world.telegram.faults.clear()
        world.line.faults.stop()


async def kill_now_and_then(bot: Mortal, chance: random.Random, over: asyncio.Event) -> None:
    for _ in range(KILLS):
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), chance.uniform(0.3, 1.2))
        if over.is_set():
            return
        bot.kill()
        await asyncio.to_thread(bot.live)


async def go_wrong(world: World, chance: random.Random) -> None:
    """One fault after the other, each waiting for its call; a few pauses that Telegram orders."""
    telegram, line = world.telegram, world.line
    while True:
        telegram.faults.clear()
        telegram.faults.next(chance.choice(TELEGRAM_CALLS), chance.choice(TELEGRAM_FAULTS))
        if chance.random() < 0.3:
            telegram.faults.next("file", chance.choice(FILE_FAULTS))
        if chance.random() < 0.1:
            telegram.floods.order_pause(chance.choice([*telegram.methods.messages.chats]), 5)
        line.faults.stop()
        path = chance.choice(LINE_PATHS)
        line.faults.next(chance.choice(FILE_HOST if path == "/content" else [*Fault]), path=path)
        for content in list(line.contents.values())[-2:]:
            content.is_ready = chance.random() < 0.8
            is_cut = chance.random() < 0.2 and content.cuts < A_FILE_MEETS
            content.cut_after = 8_000 if is_cut else None
            content.chunk_bytes = 8_000
        await asyncio.sleep(chance.uniform(*FAULT_EVERY_S))
        for content in line.contents.values():
            content.is_ready, content.cut_after = True, None


def is_fetching(world: World) -> bool:
    with closing(sqlite3.connect(world.made.database)) as database:
        return database.execute("SELECT 1 FROM fetch").fetchone() is not None


async def officers_ask(world: World) -> None:
    async with world.made.office() as office:
        for tip in await readings(office):
            await acting.reply(office, tip.tip.tip_id, QUESTION)


async def check(world: World, crowd: list[Teller]) -> None:
    async with world.made.office() as office:
        tips = {told(tip, "who")[0]: tip for tip in await readings(office)}
        assert sorted(tips) == sorted(each.who for each in crowd)
        for each in crowd:
            tip = tips[each.who]
            assert told(tip, "who") == [each.who]
            assert told(tip, "what") == each.what
            assert told(tip, "reply") == [each.answer]
            found = await files(office, tip)
            assert len(found) == len(each.photos), each.chat.heard
            assert sorted(found) == sorted(each.photos)
    assert len({each.receipt for each in crowd}) == len(crowd)
    assert isinstance(world.line, PatientLine)
    assert world.line.said_blindly_again == []
    assert world.line.profile_calls == []
    assert world.beyond_limits == []
