"""The officers' bot on a Telegram of its own: real HTTP, their rules, their refusals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.alerts.chatting import STRANGERS_A_MINUTE, Chatting, Reply
from bot.alerts.counting import Standing
from bot.alerts.telegram import TelegramAlerts
from tests.bot.alerts.alert_house import AlertHouse, alert_house, saying
from tests.bot.telegram_house import QuickClock
from tests.bot.turn_house import SOMCHAI
from tests.fakes.telegram import RESET_AFTER, FakeTelegram, TelegramPerson

PATIENCE_S = 60.0
"""Dozens of calls on a busy machine; nothing is measured by it."""
STRANGER = "บอตนี้สำหรับเจ้าหน้าที่ ขอลิงก์ได้จากโปรแกรมของเจ้าหน้าที่ (saisaat-console alerts add)"


@dataclass
class Room:
    made: AlertHouse
    fake: FakeTelegram
    telegram: TelegramAlerts

    async def hear(self) -> None:
        """Let the bot hear what was written."""
        task = asyncio.create_task(self.telegram.run())
        async with asyncio.timeout(PATIENCE_S):
            await self.fake.settled()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def bound(self) -> TelegramPerson:
        person = self.fake.person(language_code="th")
        person.start(self.made.codes.link(SOMCHAI.id, "telegram", "th"))
        await self.hear()
        return person

    async def says(self, person: TelegramPerson, words: str) -> str:
        before = len(person.from_bot)
        person.write(words)
        await self.hear()
        return "\n".join(each.text for each in person.from_bot[before:])


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(alert_house(tmp_path))
        clock = QuickClock()
        fake = await stack.enter_async_context(FakeTelegram.serving(clock=clock))

        def make(reply: Reply) -> Chatting:
            return Chatting(
                "telegram", made.house.db, made.bindings, saying(), made.house.clock, reply,
                roster=lambda: made.roster, clocks=made.clocks,
            )  # fmt: skip

        telegram = await stack.enter_async_context(
            TelegramAlerts.opened(SecretStr(fake.token), fake.api_url, saying(), clock, make)
        )
        made.sending._ways = {"telegram": telegram}
        yield Room(made, fake, telegram)


async def test_a_link_from_the_console_binds_and_alerts_arrive(room: Room) -> None:
    person = await room.bound()
    assert person.from_bot[-1].text.startswith("ผูกกับโต๊ะเจ้าหน้าที่แล้ว")
    await room.made.file(is_afraid=True)
    await room.made.quarter()
    assert person.from_bot[-1].text == "ขอนแก่น: ใหม่ 1 เร่งด่วน 1"


async def test_a_link_that_comes_again_is_answered_again_and_binds_once(room: Room) -> None:
    """The platform brings it twice when the first answer, or its own, was lost."""
    person = room.fake.person(language_code="th")
    link = room.made.codes.link(SOMCHAI.id, "telegram", "th")
    for _ in range(2):
        person.start(link)
        await room.hear()
        assert person.from_bot[-1].text.startswith("ผูกกับโต๊ะเจ้าหน้าที่แล้ว")
    assert (await room.made.rows())["alert_binding"] == 1


async def test_a_stranger_learns_nothing_whatever_they_write(room: Room) -> None:
    await room.bound()
    await room.made.file()
    for words in ("/start", "/queue", "/mine", "/stop", "สวัสดี", "0" * 26, "/start " + "7" * 26):
        stranger = room.fake.person(language_code="th")
        assert await room.says(stranger, words) == STRANGER, words
        assert await room.says(stranger, words) == "", "said once a minute"


async def test_a_crowd_of_strangers_is_not_answered_one_by_one(room: Room) -> None:
    crowd = [room.fake.person(language_code="th") for _ in range(STRANGERS_A_MINUTE + 20)]
    for each in crowd:
        each.write("/start")
    await room.hear()
    assert sum(len(each.from_bot) for each in crowd) == STRANGERS_A_MINUTE


async def test_queue_and_mine_are_counts_and_clocks(room: Room) -> None:
    person = await room.bound()
    assert await room.says(person, "/queue") == "ไม่มีงานค้าง"
    await room.made.file(alias="mkm7", is_duress=True)
    await room.made.file()
    room.made.clocks.by_centre["kkn"] = Standing(overdue=3, nearest_days=4)
    said = await room.says(person, "/queue")
    assert said == "ขอนแก่น: รอรับเรื่อง 2 · กำหนดใกล้สุดอีก 4 วัน"
    assert await room.says(person, "ของฉัน") == "ยังไม่มีเรื่องที่รับไว้"
    (first, _) = await room.made.house.tip_ids()
    await room.made.house.db.commit(
        lambda t: t.execute("UPDATE tip SET claimed_by = ? WHERE tip_id = ?", (SOMCHAI.id, first))
    )
    assert await room.says(person, "/mine") == "รับไว้ 1 เรื่อง"
    assert "/queue" in await room.says(person, "อะไรก็ได้")


async def test_stop_and_blocking_end_it(room: Room) -> None:
    for end in ("/stop", ""):
        person = await room.bound()
        if end:
            assert (await room.says(person, end)).startswith("เลิกแจ้งเตือนที่นี่แล้ว")
            assert await room.says(person, "/queue") == STRANGER
        else:
            person.block()
            await room.hear()
        assert await room.made.rows() == {"alert_record": 0, "alert_binding": 0, "alert_line": 0}


async def test_who_blocked_the_bot_unheard_is_forgotten_at_the_next_alert(room: Room) -> None:
    person = await room.bound()
    person.block()
    await room.made.file()
    await room.made.quarter()
    assert await room.made.rows() == {"alert_record": 0, "alert_binding": 0, "alert_line": 0}


async def test_who_left_the_roster_is_a_stranger(room: Room) -> None:
    person = await room.bound()
    room.made.roster = replace(room.made.roster, officers=room.made.roster.officers[1:])
    assert await room.says(person, "/queue") == STRANGER


async def test_an_answer_of_telegram_that_is_lost_means_once_more(room: Room) -> None:
    person = await room.bound()
    room.fake.faults.next("sendMessage", RESET_AFTER)
    await room.made.file()
    await room.made.quarter()
    room.made.house.clock.advance(60)
    await room.made.sending.send_due()
    texts = [each.text for each in person.from_bot if each.text.startswith("ขอนแก่น")]
    assert texts == ["ขอนแก่น: ใหม่ 1"] * 2


async def test_no_token_contact_or_code_is_in_any_error_or_repr(room: Room) -> None:
    code = room.made.codes.link(SOMCHAI.id, "telegram", "th")
    shown = repr(room.telegram) + repr(room.made.codes.__dict__) + repr(room.made.bindings)
    assert code not in shown
    assert room.fake.token not in shown
