"""The officers' LINE account: alerts pushed under a retry key, questions answered for free."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.alerts.chatting import Chatting, Reply
from bot.alerts.line import LineAlerts, LineSecrets
from tests.bot.alerts.alert_house import AlertHouse, alert_house, saying
from tests.bot.turn_house import SOMCHAI
from tests.fakes.line import Bubble, FakeLine, Fault, LinePerson
from tests.fakes.line.server import listening


def heard(person: LinePerson) -> list[Bubble]:
    """What the bot said since one last looked."""
    found = person.unread
    person._read = len(person.chat)
    return found


@dataclass
class Room:
    made: AlertHouse
    fake: FakeLine
    line: LineAlerts

    async def says(self, person: LinePerson, words: str) -> str:
        assert await person.says(words) == 200
        await asyncio.sleep(0)
        return "\n".join(each.text for each in heard(person))

    async def bound(self) -> LinePerson:
        person = self.fake.person()
        await person.follows()
        heard(person)
        said = await self.says(person, self.made.codes.link(SOMCHAI.id, "line", "th"))
        assert said.startswith("ผูกกับโต๊ะเจ้าหน้าที่แล้ว")
        return person


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(alert_house(tmp_path))
        fake = await stack.enter_async_context(FakeLine.opened(clock=made.house.clock))

        def make(reply: Reply) -> Chatting:
            return Chatting(
                "line", made.house.db, made.bindings, saying(), made.house.clock, reply,
                roster=lambda: made.roster, clocks=made.clocks,
            )  # fmt: skip

        secrets = LineSecrets(fake.channel_secret, fake.access_token, fake.api_url)
        line = await stack.enter_async_context(
            LineAlerts.opened(secrets, saying(), made.house.clock, make)
        )
        url = await stack.enter_async_context(listening(fake, lambda *_: line.webhook))
        fake.webhook_url = f"{url}/line/officers/webhook"
        made.sending._ways = {"line": line}
        yield Room(made, fake, line)


async def test_a_code_binds_and_alerts_are_pushed(room: Room) -> None:
    person = await room.bound()
    await room.made.file()
    await room.made.quarter()
    (said,) = heard(person)
    assert said.text == "ขอนแก่น: ใหม่ 1"
    assert said.is_pushed


async def test_questions_are_answered_without_a_push(room: Room) -> None:
    person = await room.bound()
    await room.made.file()
    assert await room.says(person, "คิว") == "ขอนแก่น: รอรับเรื่อง 1"
    assert room.fake.called("/message/push") == []


async def test_a_stranger_learns_nothing(room: Room) -> None:
    await room.bound()
    stranger = room.fake.person()
    assert (await room.says(stranger, "/queue")).startswith("บอตนี้สำหรับเจ้าหน้าที่")


async def test_unfollowing_ends_it(room: Room) -> None:
    person = await room.bound()
    await person.blocks()
    assert await room.made.rows() == {"alert_record": 0, "alert_binding": 0, "alert_line": 0}


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.SERVER_ERROR_AFTER, Fault.RATE_LIMIT])
async def test_an_uncertain_push_is_repeated_under_its_key_and_arrives_once(
    fault: Fault, room: Room
) -> None:
    person = await room.bound()
    room.fake.faults.next(fault, path="/message/push")
    await room.made.file()
    await room.made.quarter()
    room.made.house.clock.advance(60)
    await room.made.sending.send_due()
    assert [each.text for each in heard(person)] == ["ขอนแก่น: ใหม่ 1"]
    keys = {call.retry_key for call in room.fake.called("/message/push")}
    assert len(keys) == 1
    assert (await room.made.rows())["alert_line"] == 0


async def test_a_used_up_quota_waits_and_loses_nothing(room: Room) -> None:
    person = await room.bound()
    room.fake.quota.at_most = 0
    await room.made.file()
    await room.made.quarter()
    assert heard(person) == []
    room.fake.quota.at_most = 10
    room.made.house.clock.advance(7 * 3600)
    await room.made.sending.send_due()
    assert [each.text for each in heard(person)] == ["ขอนแก่น: ใหม่ 1"]


async def test_a_request_that_line_did_not_sign_is_turned_away(room: Room) -> None:
    assert await room.fake.post_raw(b'{"events": []}', signature=None) == 401
    assert await room.fake.post_raw(b'{"events": []}', signature="A" * 44) == 403
    assert await room.fake.ping() == 200
