"""A person on LINE, the real turns, outbox and fetching behind them, and an officer who reads."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.channels.line import Line, LineParts, LineRules
from bot.fetching import Fetching, FetchRules
from bot.outbox import Outbox
from sealing import Kind
from tests.bot.turn_house import SOMCHAI, House
from tests.fakes.line import FakeLine, Fault, LinePerson
from tests.fakes.line.server import listening

PHOTO = b"\xff\xd8\xff" + b"road" * 20_000
STORY = "เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง"
RECEIPT_SAID = "รหัสติดตามของคุณ"


@dataclass
class Bot:
    """The bot as it is wired, driven by hand: nothing happens behind a test's back."""

    house: House
    platform: FakeLine
    rules: LineRules = field(default_factory=lambda: LineRules(again_after_s=0))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Bot"]:
        house, platform = self.house, self.platform
        parts = LineParts(
            house.turns,
            house.clock,
            lambda: house.means.books["line"],
            platform.channel_secret,
            platform.access_token,
            platform.api_url,
            platform.data_url,
            rules=self.rules,
        )
        async with (
            Line.opened(parts) as self.line,
            listening(platform, lambda *_: self.line.webhook) as url,
        ):
            platform.webhook_url = f"{url}/line/webhook"
            self.outbox = Outbox(house.means, house.turns, house.screens, {"line": self.line})
            rules = FetchRules(at_most_attempts=2, first_wait_s=1, quiet_s=0, longest_wait_s=1)
            sources = {"line": self.line}
            self.fetching = Fetching(house.means, house.turns, house.evidence, sources, rules)
            yield self

    async def settles(self, seconds: float = 0) -> None:
        """Deliver and fetch what is due, after *seconds*."""
        self.house.clock.advance(seconds)
        await self.outbox.deliver_due()
        await self.fetching.fetch_due()
        await self.outbox.deliver_due()


@pytest.fixture
async def bot(house: House) -> AsyncIterator[Bot]:
    async with FakeLine.opened(clock=house.clock) as platform, Bot(house, platform).running() as it:
        yield it


async def tells(bot: Bot, person: LinePerson) -> None:
    """From the greeting to the last question before the review, by buttons, words and files."""
    await person.follows()
    await bot.settles()
    for act in (
        lambda: person.taps("แจ้งเบาะแส"),
        lambda: person.types_number(1),
        lambda: person.says("ขอนแก่น"),
        lambda: person.taps("ไม่ทราบ"),
        lambda: person.taps("ข้าม"),
        lambda: person.says(STORY),
        lambda: person.taps("เล่าจบแล้ว"),
        lambda: person.taps("เมื่อวาน"),
    ):
        assert await act() == 200
        await bot.settles()
        assert person.unread, "the person was left without an answer"
        await person.hears()


async def ends(bot: Bot, person: LinePerson) -> None:
    """On to the review."""
    for _ in range(6):
        if "ส่ง" in person.quick:
            return
        offered = ("ส่งครบแล้ว", "เล่าจบแล้ว", "ไม่มี", "ข้าม", "เสร็จแล้ว")
        await person.taps(next(label for label in offered if label in person.quick))
        await bot.settles()
    raise AssertionError("the review never came")


async def test_a_tip_is_told_on_line_and_read_by_an_officer(bot: Bot) -> None:
    person = bot.platform.person()
    await tells(bot, person)
    await ends_at_leads(bot, person)
    await person.sends_photo(PHOTO)
    await bot.settles()
    await person.sends_video(b"film" * 5000)
    await bot.settles()
    person.content().is_ready = True
    await bot.settles(5)
    await ends(bot, person)
    await person.taps("ส่ง")
    await bot.settles()
    assert RECEIPT_SAID in person.said
    await person.taps("จดแล้ว")
    await bot.settles()
    assert "ลบแชตในเครื่องของคุณได้แล้ว" in person.chat[-2].text + person.chat[-1].text
    (tip_id,) = await bot.house.tip_ids()
    parts = await bot.house.read_as(SOMCHAI, tip_id)
    assert STORY in [part.words for part in parts if part.kind is Kind.WORDS]
    assert len([part for part in parts if part.kind is Kind.FILE]) == 2
    assert bot.platform.profile_calls == []
    assert bot.platform.quota.used == 0
    assert {call.status for call in bot.platform.called("message/reply")} == {200}


async def ends_at_leads(bot: Bot, person: LinePerson) -> None:
    for _ in range(4):
        if "มีอะไรที่ช่วยให้ตรวจสอบต่อได้ไหม" in person.chat[-1].text:
            return
        await person.taps("ข้าม")
        await bot.settles()
    raise AssertionError("files were never asked for")


async def test_a_receipt_whose_reply_was_lost_is_pushed_once(bot: Bot) -> None:
    person = bot.platform.person()
    await tells(bot, person)
    await ends(bot, person)
    bot.platform.faults.next(Fault.RESET_BEFORE, path="message/reply")
    await person.taps("ส่ง")
    await bot.settles()
    shown = [bubble for bubble in person.chat if RECEIPT_SAID in bubble.text]
    assert [bubble.is_pushed for bubble in shown] == [True]
    for _ in range(3):
        await bot.settles(60)
    assert bot.platform.quota.used == 1
    await person.says("จดแล้ว")
    await bot.settles()
    assert "ลบแชตในเครื่องของคุณได้แล้ว" in person.said


async def test_evidence_that_never_arrives_is_said_by_a_push_when_the_minute_is_over(
    bot: Bot,
) -> None:
    person = bot.platform.person()
    await tells(bot, person)
    await person.sends_video(b"film")
    await bot.settles()
    person.content().is_failed = True
    await bot.settles(70)
    (lost, *_) = await person.hears()
    assert lost.is_pushed
    assert "ส่งใหม่อีกครั้ง" in lost.text
    assert bot.platform.quota.used == 1


async def test_a_used_up_quota_keeps_the_news_for_the_next_message(bot: Bot) -> None:
    person = bot.platform.person()
    await tells(bot, person)
    await person.sends_video(b"film")
    await bot.settles()
    person.content().is_failed = True
    bot.platform.quota.at_most = 0
    await bot.settles(70)
    assert person.unread == []
    await person.says("มีอะไรอีกไหม")
    await bot.settles()
    assert "ส่งใหม่อีกครั้ง" in "\n".join(bubble.text for bubble in await person.hears())


async def test_an_answer_that_missed_its_minute_waits_for_the_next_message(bot: Bot) -> None:
    person = bot.platform.person()
    await person.says("สวัสดี")
    bot.house.clock.advance(61)
    await bot.outbox.deliver_due()
    assert person.chat[-1].side == "person"
    await person.says("ยังอยู่ไหม")
    await bot.settles()
    assert "ที่นี่รับแจ้งเบาะแสการทุจริต" in person.said


async def test_a_redelivered_message_is_answered_and_kept_once(bot: Bot) -> None:
    person = bot.platform.person()
    await tells(bot, person)
    message = {"type": "text", "id": bot.platform.new_message_id(), "text": "อีกเรื่องหนึ่งที่ได้เห็นมา" * 5}
    event = bot.platform.event(person.user_id, {"type": "message", "message": message})
    again = {**event, "deliveryContext": {"isRedelivery": True}}
    assert await bot.platform.post([event]) == 200
    await bot.settles()
    before = len(person.chat)
    assert await bot.platform.post([again]) == 200
    await bot.settles()
    assert len(person.chat) == before
    rows = await bot.house.tables()
    assert rows["part"] == 2, "the story, once, and what came before it"


async def test_what_was_unsent_is_taken_out_of_what_was_told(bot: Bot) -> None:
    person = bot.platform.person()
    await tells(bot, person)
    story = next(bubble for bubble in person.chat if bubble.text == STORY)
    await person.unsends(story)
    await person.says("ต่อ")
    await bot.settles()
    assert "เอาข้อความนั้นออกให้แล้ว" in person.said
    await ends(bot, person)
    await person.taps("ส่ง")
    await bot.settles()
    (tip_id,) = await bot.house.tip_ids()
    parts = await bot.house.read_as(SOMCHAI, tip_id)
    assert STORY not in json.dumps([part.words for part in parts], ensure_ascii=False)


async def test_a_file_is_fetched_after_a_restart(bot: Bot, tmp_path: Path) -> None:
    person = bot.platform.person()
    await tells(bot, person)
    await person.sends_photo(PHOTO)
    await bot.house.reopen()
    async with Bot(bot.house, bot.platform).running() as again:
        await again.settles()
        await ends(again, person)
        await person.taps("ส่ง")
        await again.settles()
        (tip_id,) = await bot.house.tip_ids()
        parts = await bot.house.read_as(SOMCHAI, tip_id)
        assert [part for part in parts if part.kind is Kind.FILE]


async def test_who_blocks_the_bot_is_let_go(bot: Bot) -> None:
    person = bot.platform.person()
    await person.says("สวัสดี")
    await bot.settles()
    calls = len(bot.platform.calls)
    await person.blocks()
    await bot.settles()
    assert len(bot.platform.calls) == calls
