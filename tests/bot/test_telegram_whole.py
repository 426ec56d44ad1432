"""A whole bot behind the fake Telegram: people tell, come back and leave no trace in the chat."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.fetching import Fetching, FetchRules
from bot.outbox import Outbox
from sealing import Kind
from tests.bot.telegram_house import QuickClock, TelegramHouse, telegram_house
from tests.bot.turn_house import SOMCHAI, House
from tests.fakes.telegram import RESET_AFTER, FakeTelegram, Shown, TelegramPerson

PHOTO = b"\xff\xd8\xff" + b"cement" * 10_000


class Outer:
    """The house's turns, through a door that a restart does not move."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def take_first(self, burst: Any) -> Any:
        await self.take(burst[0])
        return 1

    async def take(self, inbound: Any) -> Any:
        return await self.house.turns.take(inbound)


@dataclass
class Whole:
    """The bot and the platform, run step by step."""

    house: House
    channel: TelegramHouse
    outbox: Outbox
    fetching: Fetching
    people: list[TelegramPerson] = field(default_factory=list)

    @property
    def fake(self) -> FakeTelegram:
        return self.channel.fake

    async def settle(self) -> None:
        """Let everything happen that has to, until nothing is left to do."""
        for _ in range(3):
            async with self.channel.polling():
                await self.fake.settled()
            await self.fetching.fetch_due()
            await self.outbox.deliver_due()
            self.channel.clock.advance(5)

    async def does(self, act: Callable[[], Any]) -> Any:
        made = act()
        await self.settle()
        return made

    async def taps(self, person: TelegramPerson, *labels: str) -> None:
        for label in labels:
            await self.does(lambda label=label: person.tap(label))  # type: ignore[misc]

    async def tells(self, person: TelegramPerson) -> Shown:
        """From /start to the receipt; the message that shows it."""
        await self.does(person.start)
        await self.taps(person, "แจ้งเบาะแส", "ยักยอก")
        await self.does(lambda: person.write("มหาสารคาม"))
        if "ใช่" in person.card.labels:
            await self.taps(person, "ใช่")
        await self.taps(person, "ไม่ทราบ", "ข้าม")
        await self.does(lambda: person.write("เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง"))
        await self.taps(person, "เล่าจบแล้ว", "เมื่อวาน", "ข้าม")
        await self.does(lambda: person.album([PHOTO, PHOTO + b"2"], caption="ป้ายหน้าถนน"))
        await self.taps(person, "ส่งครบแล้ว", "ข้าม", "ส่ง")
        (code,) = [each for each in person.from_bot if "รหัสติดตามของคุณ\n" in each.text]
        return code


def file_bytes(folder: Path) -> list[bytes]:
    """Everything on the disk."""
    return [file.read_bytes() for file in folder.rglob("*") if file.is_file()]


@asynccontextmanager
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    clock = QuickClock()
    house = await House(tmp_path, clock=clock).open()
    turns: Any = Outer(house)
    try:
        async with telegram_house(clock=clock, turns=turns) as channel:
            outbox = Outbox(house.means, house.turns, house.screens, {"telegram": channel.telegram})
            fetching = Fetching(
                house.means,
                house.turns,
                house.evidence,
                {"telegram": channel.telegram},
                FetchRules(quiet_s=0),
            )
            yield Whole(house, channel, outbox, fetching)
    finally:
        await house.close()


async def test_a_citizen_tells_with_photos_and_the_chat_is_empty_afterwards(
    tmp_path: Path,
) -> None:
    async with whole(tmp_path) as bot:
        person = bot.fake.person()
        code = await bot.tells(person)
        assert code.is_protected
        assert len(person.cards) == 1
        (tip_id,) = await bot.house.tip_ids()
        told = await bot.house.read_as(SOMCHAI, tip_id)
        assert [part.words for part in told if part.words] == [
            "เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง",
            "ป้ายหน้าถนน",
        ]
        assert sum(part.kind is Kind.FILE for part in told) == 2
        await bot.taps(person, "จดแล้ว ลบแชตเลย")
        assert code.is_deleted
        (goodbye,) = (each.text for each in person.chat if not each.rows)
        assert goodbye.startswith("ลบข้อความในห้องนี้ทั้งสองฝ่ายแล้ว")
        assert not any(each for each in person.chat if not each.is_from_bot)
        on_disk = b"".join(file_bytes(tmp_path))
        assert on_disk
        assert not any(canary.encode() in on_disk for canary in person.canaries)


async def test_only_one_card_ever_stands_there_and_it_is_last(tmp_path: Path) -> None:
    async with whole(tmp_path) as bot:
        person = bot.fake.person()
        seen: list[int] = []
        settle = bot.settle

        async def looked() -> None:
            await settle()
            seen.append(len(person.cards))
            assert person.chat[-1] is person.card

        bot.settle = looked  # type: ignore[method-assign]
        await bot.tells(person)
        assert set(seen) == {1}
        assert len(seen) > 12


async def test_coming_back_with_the_receipt_wipes_the_typed_code(tmp_path: Path) -> None:
    async with whole(tmp_path) as bot:
        person, other = bot.fake.person(), bot.fake.person()
        code = (await bot.tells(person)).text.split("\n")[1]
        await bot.does(other.start)
        await bot.taps(other, "ติดตามเรื่อง")
        await bot.does(lambda: other.write(code))
        assert "สถานะ: รอตรวจสอบ" in other.text
        assert not any(code in each.text for each in other.chat)


async def test_a_stale_press_and_a_forged_one_are_answered_kindly(tmp_path: Path) -> None:
    async with whole(tmp_path) as bot:
        person = bot.fake.person()
        await bot.does(person.start)
        await bot.taps(person, "แจ้งเบาะแส")
        old = person.card.rows[0][0]["callback_data"]
        await bot.taps(person, "ยักยอก")
        card = person.card
        await bot.does(lambda: person.press(card, old))
        assert "ปุ่มนั้นเป็นของข้อก่อน" in person.card.text
        await bot.does(lambda: person.press(card, "☃ forged"))
        assert "จังหวัดไหน" in person.card.text
        assert len(person.toasts) == 4


async def test_an_edited_message_changes_what_officers_read(tmp_path: Path) -> None:
    async with whole(tmp_path) as bot:
        person = bot.fake.person()
        await bot.tells(person)
        number = next(
            each.message_id for each in person.chat if each.text.startswith("เห็นเขาเอาปูน")
        )
        await bot.does(lambda: person.edit(number, "เห็นเขาเอาทรายไป"))
        (tip_id,) = await bot.house.tip_ids()
        words = [part.words for part in await bot.house.read_as(SOMCHAI, tip_id) if part.words]
        assert "เห็นเขาเอาทรายไป" in words


async def test_a_file_over_20_mb_is_said_in_words(tmp_path: Path) -> None:
    async with whole(tmp_path) as bot:
        bot.channel.telegram._files._at_most_bytes = 20 * 1024 * 1024  # as the cloud
        person = bot.fake.person()
        await bot.does(person.start)
        await bot.taps(person, "แจ้งเบาะแส")
        await bot.does(lambda: person.file("video", b"v", size=21 * 1024 * 1024))
        assert "ใหญ่เกิน 20 MB ซึ่ง Telegram ส่งต่อให้เราไม่ได้" in person.text


@pytest.mark.parametrize("seed", range(4))
async def test_over_a_line_that_breaks_one_tip_is_filed_and_one_code_shown(
    tmp_path: Path, seed: int
) -> None:
    async with whole(tmp_path) as bot:
        for method in ("editMessageText", "deleteMessages", "answerCallbackQuery", "getUpdates"):
            bot.fake.faults.by_chance(method, RESET_AFTER, 0.15, seed=seed)
        settle = bot.settle

        async def longer() -> None:
            for _ in range(3):
                await settle()
                bot.channel.clock.advance(30)

        bot.settle = longer  # type: ignore[method-assign]
        person = bot.fake.person()
        await bot.tells(person)
        assert len(await bot.house.tip_ids()) == 1
        shown = [each for each in person.from_bot if "รหัสติดตามของคุณ\n" in each.text]
        assert len(shown) == 1
