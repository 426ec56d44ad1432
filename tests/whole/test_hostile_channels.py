"""Hostile calls to the webhooks of the whole program: turned away, nothing done, others served.

Real HTTP against the real process; whether something was done is seen in how many commits it made.
What each channel makes of a body is looked at more closely in tests/bot.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.whole.chats import CHATS, LineChat, TelegramChat
from tests.whole.deployment import make
from tests.whole.nursery import running
from tests.whole.platforms import LINE_DOOR, TELEGRAM_DOOR, WEBHOOK_SECRET, World, platforms
from tests.whole.server import Running

SECRET_HEADER, SIGNATURE_HEADER = "X-Telegram-Bot-Api-Secret-Token", "X-Line-Signature"
TURNED_AWAY = {400, 401, 403, 405, 411, 413}
MIB = 1024 * 1024


@dataclass
class Doors:
    """The two webhooks of a running bot, and whoever knocks."""

    world: World
    bot: Running
    http: httpx.AsyncClient

    def signed(self, body: bytes) -> dict[str, str]:
        secret = self.world.line.channel_secret.encode()
        mac = hmac.new(secret, body, hashlib.sha256).digest()
        return {SIGNATURE_HEADER: base64.b64encode(mac).decode()}

    async def line(self, body: bytes, *headers: tuple[str, str]) -> int:
        return await self._post(LINE_DOOR, body, headers)

    async def telegram(self, body: bytes, *headers: tuple[str, str]) -> int:
        return await self._post(TELEGRAM_DOOR, body, headers)

    async def _post(self, path: str, body: bytes, headers: Sequence[tuple[str, str]]) -> int:
        try:
            answer = await self.http.post(path, content=body, headers=list(headers))
        except (httpx.ReadError, httpx.WriteError):
            assert len(body) > MIB  # refused by its length: the rest of it met a closed door
            return 413
        return answer.status_code

    async def from_line(self, body: Any) -> int:
        """Post *body* as LINE would, signed."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.line(raw, *self.signed(raw).items())

    async def from_telegram(self, body: Any) -> int:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.telegram(raw, (SECRET_HEADER, WEBHOOK_SECRET))

    async def check_served(self) -> None:
        """Somebody new on each platform is greeted."""
        for kind in CHATS.values():
            await kind(self.world).start()


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(
            platforms(tmp_path / "deployment", is_polling=False)
        )
        bot = stack.enter_context(running(world.made))
        http = httpx.AsyncClient(base_url=world.made.web_url, timeout=30, trust_env=False)
        yield Doors(world, bot, await stack.enter_async_context(http))


def telling(doors: Doors) -> tuple[bytes, bytes]:
    """What each platform would post if somebody wrote."""
    person = doors.world.line.person()
    message = {"type": "text", "id": "580000000000000001", "text": "แจ้งเบาะแส"}
    event = doors.world.line.event(person.user_id, {"type": "message", "message": message})
    chat = {"id": 5_550_000_999, "type": "private"}
    update = {
        "update_id": 700_000_999,
        "message": {"message_id": 9, "date": 1_795_410_000, "chat": chat, "text": "/start"},
    }
    on_line = {"destination": doors.world.line.bot_user_id, "events": [event]}
    return json.dumps(on_line).encode(), json.dumps(update).encode()


async def test_a_call_that_does_not_come_from_the_platform_is_turned_away(doors: Doors) -> None:
    on_line, on_telegram = telling(doors)
    ((name, right),) = doors.signed(on_line).items()
    before = doors.bot.commits
    for headers in (
        [],
        [(name, "")],
        [(name, "A" * 43 + "=")],
        [(name, right[:-2])],
        [(name, right.swapcase())],
        [(name, doors.signed(on_line + b" ")[name])],
        [(name, "A" * 5000)],
        [(SECRET_HEADER, WEBHOOK_SECRET)],
    ):
        assert await doors.line(on_line, *headers) in {401, 403}, headers
    assert await doors.line(on_line + b" ", (name, right)) == 403
    for headers in (
        [],
        [(SECRET_HEADER, "")],
        [(SECRET_HEADER, WEBHOOK_SECRET[:-1])],
        [(SECRET_HEADER, WEBHOOK_SECRET + "x")],
        [(SECRET_HEADER, WEBHOOK_SECRET.upper())],
        [(SECRET_HEADER, WEBHOOK_SECRET), (SECRET_HEADER, WEBHOOK_SECRET)],
        [("Authorization", WEBHOOK_SECRET)],
    ):
        assert await doors.telegram(on_telegram, *headers) == 403, headers
    assert doors.bot.commits == before
    await doors.check_served()
    assert doors.bot.commits > before  # the count does tell


DEEP = b"[" * 200_000
BROKEN: list[Any] = [
    b"", b"{", b"\xff\xfe\x00", DEEP, b'{"events":' * 50_000, b"null", b"7", b'"events"', b"[]",
    b"{}",
    {"events": None}, {"events": {"0": 1}}, {"update_id": None}, {"update_id": True},
    {"update_id": "7"}, {"update_id": 1.5}, b"x" * (5 * MIB), b'{"a": "' + b"x" * (5 * MIB) + b'"}',
]  # fmt: skip


async def test_a_body_that_nobody_can_read_is_turned_away(doors: Doors) -> None:
    before = doors.bot.commits
    for body in BROKEN:
        assert await doors.from_line(body) in TURNED_AWAY, body[:40]
        assert await doors.from_telegram(body) in TURNED_AWAY, body[:40]
    assert doors.bot.commits == before
    await doors.check_served()


def odd_events(doors: Doors) -> list[Any]:
    line = doors.world.line
    user, group = (
        {"type": "user", "userId": line.person().user_id},
        {"type": "group", "groupId": "C1"},
    )
    message = {"type": "text", "id": "1", "text": "ก"}
    whole = line.event(user["userId"], {"type": "message", "message": message})
    return [
        None, 7, "event", [], {}, {"type": "message"}, {"type": None},
        {**whole, "type": "something_new"}, {**whole, "source": group}, {**whole, "source": None},
        {**whole, "timestamp": "now"}, {**whole, "timestamp": 10**30},
        {**whole, "webhookEventId": 7}, {**whole, "mode": None, "type": 7},
        {**whole, "source": {"type": "user", "userId": "U" * 5000}},
    ]  # fmt: skip


def odd_updates() -> list[Any]:
    group = {"id": -100_555, "type": "supergroup", "title": "a group"}
    message = {"message_id": 9, "date": 1_795_410_000, "chat": group, "text": "/start"}
    return [
        {}, {"message": None}, {"message": 7}, {"message": message}, {"something_new": {"id": 1}},
        {"callback_query": {"id": "1", "data": "x"}}, {"poll": {}},
        {"message": {"chat": {"id": "x"}}},
        {"edited_message": message}, {"my_chat_member": {}}, {"channel_post": message},
    ]  # fmt: skip


async def test_an_event_that_means_nothing_is_taken_and_nothing_is_done(doors: Doors) -> None:
    before = doors.bot.commits
    assert await doors.from_line({"events": []}) == 200
    for event in odd_events(doors):
        assert await doors.from_line({"events": [event]}) == 200, event
    assert await doors.from_line({"events": odd_events(doors)}) == 200
    for nth, update in enumerate(odd_updates()):
        assert await doors.from_telegram({"update_id": 700_000_000 + nth, **update}) == 200, update
    assert doors.bot.commits == before
    await doors.check_served()


async def test_a_replayed_call_is_answered_once(doors: Doors) -> None:
    on_line, on_telegram = LineChat(doors.world), TelegramChat(doors.world)
    for chat in (on_line, on_telegram):
        await chat.start()
    line, telegram = doors.world.line, doors.world.telegram
    event = line.event(
        on_line.person.user_id, {"type": "postback", "postback": {"data": "menu=report"}}
    )
    stranger = {"id": on_telegram.person.chat_id, "type": "private"}
    update = {
        "update_id": 799_000_000,
        "message": {"message_id": 999, "date": 1_795_410_000, "chat": stranger, "text": "/report"},
    }
    heard = len(on_line.heard), len(on_telegram.heard)
    for _ in range(4):
        assert await doors.from_line({"events": [event]}) == 200
        assert await doors.from_telegram(update) == 200
    for chat, before in zip((on_line, on_telegram), heard, strict=True):
        await chat.until(lambda: "embezzlement" in chat.choices)  # noqa: B023  # asked at once
        assert len(chat.heard) == before + 1
    assert len(line.called("/message/")) == 2
    assert telegram.called("sendMessage", "editMessageText")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"])
async def test_only_a_post_opens_a_webhook(doors: Doors, method: str) -> None:
    before = doors.bot.commits
    secret = {SECRET_HEADER: WEBHOOK_SECRET, **doors.signed(b"")}
    for path in (LINE_DOOR, TELEGRAM_DOOR):
        for headers in ({}, secret):
            answer = await doors.http.request(method, path, headers=headers)
            assert answer.status_code in TURNED_AWAY
            assert answer.content == b""
    assert doors.bot.commits == before


async def test_without_a_channel_its_webhook_is_a_page_like_any_that_is_not_there(
    tmp_path: Path,
) -> None:
    made = make(tmp_path / "deployment")
    with running(made):
        async with httpx.AsyncClient(base_url=made.web_url, timeout=30, trust_env=False) as http:
            for method in ("GET", "POST", "PUT"):
                unknown = await http.request(method, "/no/such/page")
                for path in (LINE_DOOR, TELEGRAM_DOOR):
                    answer = await http.request(method, path, headers={SECRET_HEADER: "x"})
                    assert answer.status_code == unknown.status_code != 200
                    assert answer.text == unknown.text


async def test_while_it_polls_telegrams_webhook_is_no_page_either(tmp_path: Path) -> None:
    async with platforms(tmp_path / "deployment") as world:
        with running(world.made):
            async with httpx.AsyncClient(base_url=world.made.web_url, trust_env=False) as http:
                unknown = await http.post("/no/such/page")
                answer = await http.post(TELEGRAM_DOOR, headers={SECRET_HEADER: WEBHOOK_SECRET})
                assert (answer.status_code, answer.text) == (unknown.status_code, unknown.text)
