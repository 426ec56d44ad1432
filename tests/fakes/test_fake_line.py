"""The fake platform refuses what LINE refuses: else no test against it would prove anything."""

import asyncio
import io
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.bot.fake_clock import FakeClock
from tests.fakes.line import FakeLine, Fault, LinePerson
from tests.fakes.line.server import listening

HELLO = [{"type": "text", "text": "สวัสดี"}]


@dataclass
class Bot:
    """A bot that only writes down what it is told, and answers as it is told to."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    raw: list[tuple[bytes, str | None]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        raw = await request.body()
        self.raw.append((raw, request.headers.get("x-line-signature")))
        self.bodies.append(json.loads(raw))
        status = self.statuses.pop(0) if self.statuses else 200
        await Response(status_code=status)(scope, receive, send)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.bodies for event in body["events"]]

    @property
    def token(self) -> str:
        return str(self.events[-1]["replyToken"])


@dataclass
class Room:
    line: FakeLine
    bot: Bot
    clock: FakeClock
    http: httpx.AsyncClient
    person: LinePerson

    async def api(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.line.access_token}", **headers}
        url = f"{self.line.api_url}/v2/bot/{path}"
        return await self.http.request(method, url, json=body, headers=headers)

    async def reply(self, messages: Any = HELLO, token: str | None = None) -> httpx.Response:
        body = {"replyToken": self.bot.token if token is None else token, "messages": messages}
        return await self.api("POST", "message/reply", body)

    async def push(self, messages: Any = HELLO, key: str | None = None) -> httpx.Response:
        headers = {} if key is None else {"x-line-retry-key": key}
        body = {"to": self.person.user_id, "messages": messages}
        return await self.api("POST", "message/push", body, **headers)

    async def data(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.line.access_token}", **more.pop("headers", {})}
        url = f"{self.line.data_url}/v2/bot/{path}"
        return await self.http.request(method, url, headers=headers, **more)


@asynccontextmanager
async def opened() -> AsyncIterator[Room]:
    bot, clock = Bot(), FakeClock()
    async with (
        FakeLine.opened(clock=clock) as line,
        listening(line, lambda *_: bot) as url,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        line.webhook_url = url
        yield Room(line, bot, clock, http, line.person())


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with opened() as made:
        yield made


async def test_a_reply_is_taken_once_and_seen(room: Room) -> None:
    assert await room.person.says("สวัสดี") == 200
    assert (await room.reply()).status_code == 200
    assert [bubble.text for bubble in await room.person.hears()] == ["สวัสดี"]
    again = await room.reply()
    assert (again.status_code, again.json()["message"]) == (400, "Invalid reply token")


async def test_a_reply_token_dies_after_a_minute(room: Room) -> None:
    await room.person.says("สวัสดี")
    room.clock.advance(60)
    assert (await room.reply()).status_code == 400
    assert room.person.unread == []


async def test_a_reply_with_a_retry_key_or_a_made_up_token_is_refused(room: Room) -> None:
    await room.person.says("สวัสดี")
    body = {"replyToken": room.bot.token, "messages": HELLO}
    key = {"x-line-retry-key": str(uuid.uuid4())}
    assert (await room.api("POST", "message/reply", body, **key)).status_code == 400
    assert (await room.reply(token="f" * 32)).status_code == 400
    assert (await room.reply()).status_code == 200, "the refusals used the token up"


def quick(count: int = 1, **action: Any) -> dict[str, Any]:
    whole = {"type": "postback", "label": "ใช่", "data": "x", **action}
    return {"items": [{"type": "action", "action": whole}] * count}


def bubble(text: str = "ก", **more: Any) -> dict[str, Any]:
    body = {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": text}]}
    return {"type": "bubble", "body": {**body, **more}}


def flex(contents: dict[str, Any], alt: str = "ก") -> list[dict[str, Any]]:
    return [{"type": "flex", "altText": alt, "contents": contents}]


def big(count: int) -> dict[str, Any]:
    texts = [{"type": "text", "text": "x" * 1000}] * count
    return {
        "type": "bubble",
        "body": {"type": "box", "layout": "vertical", "contents": texts},
    }


def buttons(count: int) -> list[dict[str, Any]]:
    actions = [quick()["items"][0]["action"]] * count
    return [
        {
            "type": "template",
            "altText": "ก",
            "template": {"type": "buttons", "text": "ก", "actions": actions},
        }
    ]


FITS = {
    "text 5000": [{"type": "text", "text": "ก" * 5000}],
    "five": HELLO * 5,
    "quick 13": [{**HELLO[0], "quickReply": quick(13)}],
    "label 20": [{**HELLO[0], "quickReply": quick(label="กำ" * 20)}],
    "data 300": [{**HELLO[0], "quickReply": quick(data="x" * 300, displayText="ก" * 300)}],
    "flex": flex(bubble()),
    "alt 1500": flex(bubble(), "ก" * 1500),
    "bubble 30 KB": flex(big(29)),
    "carousel 12": flex({"type": "carousel", "contents": [bubble()] * 12}),
    "buttons 4": buttons(4),
}
TOO_MUCH = {
    "no messages": [],
    "six": HELLO * 6,
    "empty text": [{"type": "text", "text": ""}],
    "blank text": [{"type": "text", "text": " \n"}],
    "text 5001": [{"type": "text", "text": "ก" * 5001}],
    "astral text counts twice": [{"type": "text", "text": "😀" * 2501}],
    "unknown type": [{"type": "hologram"}],
    "not a message": ["สวัสดี"],
    "quick 14": [{**HELLO[0], "quickReply": quick(14)}],
    "quick 0": [{**HELLO[0], "quickReply": {"items": []}}],
    "label 21": [{**HELLO[0], "quickReply": quick(label="กำ" * 21)}],
    "no label": [{**HELLO[0], "quickReply": quick(label="")}],
    "data 301": [{**HELLO[0], "quickReply": quick(data="x" * 301)}],
    "displayText 301": [{**HELLO[0], "quickReply": quick(displayText="ก" * 301)}],
    "flex without altText": flex(bubble(), ""),
    "alt 1501": flex(bubble(), "ก" * 1501),
    "bubble over 30 KB": flex(big(31)),
    "carousel 13": flex({"type": "carousel", "contents": [bubble()] * 13}),
    "carousel over 50 KB": flex({"type": "carousel", "contents": [big(13)] * 4}),
    "flex with an empty text": flex(bubble("")),
    "flex with an unknown field": flex(bubble(colour="#ffffff")),
    "buttons 5": buttons(5),
}  # fmt: skip


@pytest.mark.parametrize("messages", FITS.values(), ids=FITS)
async def test_what_fits_is_taken(messages: Any, room: Room) -> None:
    await room.person.says("สวัสดี")
    answer = await room.reply(messages)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["sentMessages"]) == len(messages)


@pytest.mark.parametrize("messages", TOO_MUCH.values(), ids=TOO_MUCH)
async def test_what_does_not_fit_is_refused_and_uses_no_token(messages: Any, room: Room) -> None:
    await room.person.says("สวัสดี")
    assert (await room.reply(messages)).status_code == 400
    assert (await room.push(messages)).status_code == 400
    assert room.line.quota.used == 0
    assert (await room.reply()).status_code == 200


async def test_a_push_is_accepted_once_by_its_retry_key(room: Room) -> None:
    key = str(uuid.uuid4())
    assert (await room.push(key=key)).status_code == 200
    again = await room.push(key=key)
    assert again.status_code == 409
    assert again.headers["x-line-accepted-request-id"]
    assert len(room.person.chat) == 1
    assert room.line.quota.used == 1
    assert (await room.push(key="not-a-uuid")).status_code == 400


async def test_the_months_quota_and_the_rate_are_refused_in_other_words(room: Room) -> None:
    room.line.quota.at_most = 1
    await room.push()
    gone = await room.push()
    assert (gone.status_code, gone.json()["message"]) == (
        429,
        "You have reached your monthly limit.",
    )
    room.line.quota.at_most, room.line.pushes_a_second = None, 0
    fast = await room.push()
    assert fast.status_code == 429
    assert "rate limit" in fast.json()["message"]
    assert (await room.api("GET", "message/quota")).json() == {"type": "none"}
    assert (await room.api("GET", "message/quota/consumption")).json() == {"totalUsage": 1}


async def test_a_push_to_who_blocked_the_bot_is_counted_and_not_seen(room: Room) -> None:
    await room.person.blocks()
    assert (await room.push()).status_code == 200
    assert (room.line.quota.used, room.person.chat) == (1, [])


async def test_a_wrong_token_and_an_unknown_path_are_refused(room: Room) -> None:
    wrong = await room.api("GET", "info", authorization="Bearer wrong")
    assert wrong.status_code == 401
    assert (await room.api("GET", "infos")).status_code == 404
    assert (await room.api("GET", "info")).json()["userId"] == room.line.bot_user_id


async def test_the_webhook_is_signed_and_mixes_people(room: Room) -> None:
    other = room.line.person()
    async with room.line.together() as batch:
        await room.person.says("หนึ่ง")
        await other.says("สอง")
        batch.events.reverse()
    assert [event["message"]["text"] for event in room.bot.events] == ["สอง", "หนึ่ง"]
    raw, signature = room.bot.raw[-1]
    assert signature == room.line.sign(raw)
    assert await room.line.ping() == 200
    assert room.bot.bodies[-1]["events"] == []


async def test_what_is_not_answered_is_delivered_again_when_that_is_switched_on(room: Room) -> None:
    room.bot.statuses = [503, 503]
    assert await room.person.says("หนึ่ง") == 503
    room.line.is_redelivery_on = True
    assert await room.person.says("สอง") == 503
    async with asyncio.timeout(5):
        while len(room.bot.events) < 3:
            await asyncio.sleep(0)
            room.clock.advance(1)
    first, again = room.bot.events[1:]
    assert again.pop("deliveryContext") == {"isRedelivery": True}
    assert first.pop("deliveryContext") == {"isRedelivery": False}
    assert first == again


async def test_contents_are_processing_then_there_then_gone(room: Room) -> None:
    await room.person.sends_video(b"film" * 1000)
    path = f"message/{room.person.chat[-1].message_id}/content"
    assert (await room.data(path)).status_code == 202
    assert (await room.data(f"{path}/transcoding")).json() == {"status": "processing"}
    room.person.content().is_ready = True
    film = await room.data(path)
    assert (film.status_code, film.content) == (200, b"film" * 1000)
    assert film.headers["content-type"] == "video/mp4"
    await room.person.unsends()
    assert (await room.data(path)).status_code == 410
    assert (await room.data("message/1234/content")).status_code == 404
    assert (await room.api("GET", path)).status_code == 404, "contents are on the other host"


async def test_a_content_can_be_cut_off(room: Room) -> None:
    await room.person.sends_photo(b"x" * 300_000)
    room.person.content().cut_after = 100_000
    with pytest.raises(httpx.RemoteProtocolError):
        await room.data(f"message/{room.person.chat[-1].message_id}/content")


@pytest.mark.parametrize(
    ("seconds", "status"), [(5, 202), (60, 202), (4, 400), (61, 400), (7, 400), ("5", 400)]
)
async def test_the_loading_animation_takes_multiples_of_five(
    seconds: Any, status: int, room: Room
) -> None:
    body = {"chatId": room.person.user_id, "loadingSeconds": seconds}
    assert (await room.api("POST", "chat/loading/start", body)).status_code == status


async def test_the_loading_animation_is_for_one_person(room: Room) -> None:
    body = {"chatId": "C" + "0" * 32, "loadingSeconds": 5}
    assert (await room.api("POST", "chat/loading/start", body)).status_code == 400


@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.RESET_AFTER])
async def test_a_broken_connection_leaves_an_effect_or_none(fault: Fault, room: Room) -> None:
    await room.person.says("สวัสดี")
    room.line.faults.next(fault, path="reply")
    with pytest.raises(httpx.TransportError):
        await room.reply()
    assert len(room.person.unread) == (1 if fault is Fault.RESET_AFTER else 0)
    assert (await room.reply()).status_code == (400 if fault is Fault.RESET_AFTER else 200)


async def test_faults_by_chance_are_the_same_for_the_same_seed(room: Room) -> None:
    runs = []
    for _ in range(2):
        room.line.faults.often(Fault.SERVER_ERROR, probability=0.5, seed=3)
        runs.append([(await room.api("GET", "info")).status_code for _ in range(12)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500}


async def test_quick_replies_are_tapped_on_the_newest_message_only(room: Room) -> None:
    await room.person.says("สวัสดี")
    asked = [{**HELLO[0], "quickReply": quick(data="first")}, HELLO[0]]
    await room.reply(asked)
    assert room.person.quick == ()
    with pytest.raises(AssertionError):
        await room.person.taps("ใช่")
    await room.person.says("อีกครั้ง")
    await room.reply([{**HELLO[0], "quickReply": quick(data="second", displayText="ใช่")}])
    await room.person.taps("ใช่")
    assert room.bot.events[-1]["postback"] == {"data": "second"}
    assert room.person.chat[-1].text == "ใช่"
    room.person.is_on_pc = True
    assert room.person.quick == ()


async def test_asking_who_somebody_is_is_written_down(room: Room) -> None:
    assert room.line.profile_calls == []
    await room.api("GET", f"profile/{room.person.user_id}")
    assert len(room.line.profile_calls) == 1


async def test_the_webhook_address_is_set_tried_and_read(room: Room) -> None:
    url, at = room.line.webhook_url, "channel/webhook/endpoint"
    assert (await room.api("PUT", at, {"endpoint": "ftp://x"})).status_code == 400
    assert (await room.api("PUT", at, {"endpoint": url})).status_code == 200
    assert (await room.api("GET", at)).json() == {"endpoint": url, "active": True}
    assert (await room.api("POST", "channel/webhook/test", {})).json()["success"] is True
    room.bot.statuses = [500]
    tried = (await room.api("POST", "channel/webhook/test", {"endpoint": url})).json()
    assert (tried["success"], tried["statusCode"]) == (False, 500)


# --- rich menus ------------------------------------------------------------------------------

AREA = {
    "bounds": {"x": 0, "y": 0, "width": 1250, "height": 843},
    "action": {"type": "postback", "data": "menu=report", "displayText": "แจ้งเบาะแส"},
}
MENU: dict[str, Any] = {
    "size": {"width": 2500, "height": 843},
    "selected": True,
    "name": "main",
    "chatBarText": "เมนู",
    "areas": [AREA],
}


def picture(width: int = 2500, height: int = 843, kind: str = "PNG") -> bytes:
    raw = io.BytesIO()
    Image.new("RGB", (width, height)).save(raw, kind)
    return raw.getvalue()


async def upload(room: Room, menu_id: str, raw: bytes, mime: str = "image/png") -> int:
    path, headers = f"richmenu/{menu_id}/content", {"content-type": mime}
    return (await room.data(path, "POST", content=raw, headers=headers)).status_code


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": {"width": 799, "height": 300}},
        {"size": {"width": 2501, "height": 843}},
        {"size": {"width": 800, "height": 249}},
        {"size": {"width": 1000, "height": 900}},
        {"chatBarText": "ก" * 15},
        {"chatBarText": ""},
        {"name": "x" * 301},
        {"areas": [AREA] * 21},
        {"areas": [{**AREA, "bounds": {"x": 2000, "y": 0, "width": 1250, "height": 843}}]},
        {"areas": [{**AREA, "action": {"type": "postback", "data": "x" * 301}}]},
        {"selected": "yes"},
    ],
)
async def test_a_menu_beyond_its_limits_is_refused(wrong: dict[str, Any], room: Room) -> None:
    assert (await room.api("POST", "richmenu", {**MENU, **wrong})).status_code == 400
    assert (await room.api("GET", "richmenu/list")).json() == {"richmenus": []}


async def test_a_menu_needs_its_picture_before_anybody_sees_it(room: Room) -> None:
    menu_id = (await room.api("POST", "richmenu", MENU)).json()["richMenuId"]
    assert (await room.api("POST", f"user/all/richmenu/{menu_id}")).status_code == 400
    assert await upload(room, menu_id, picture(700)) == 400
    assert await upload(room, menu_id, b"no picture") == 400
    assert await upload(room, menu_id, picture(), "image/jpeg") == 400
    assert await upload(room, menu_id, picture() + bytes(1024 * 1024)) == 400
    assert await upload(room, menu_id, picture()) == 200
    assert await upload(room, menu_id, picture()) == 400, "a picture is never replaced"
    assert (await room.api("POST", f"user/all/richmenu/{menu_id}")).status_code == 200
    assert (await room.api("GET", "user/all/richmenu")).json() == {"richMenuId": menu_id}
    await room.person.taps_menu(0)
    assert room.bot.events[-1]["postback"] == {"data": "menu=report"}
    assert (await room.api("DELETE", f"richmenu/{menu_id}")).status_code == 200
    assert (await room.api("GET", "user/all/richmenu")).status_code == 404


async def test_an_alias_leads_to_a_menu_and_can_be_moved(room: Room) -> None:
    ids = []
    for _ in range(2):
        ids.append((await room.api("POST", "richmenu", MENU)).json()["richMenuId"])
        await upload(room, ids[-1], picture())
    made = {"richMenuAliasId": "main-th", "richMenuId": ids[0]}
    assert (await room.api("POST", "richmenu/alias", made)).status_code == 200
    assert (await room.api("POST", "richmenu/alias", made)).status_code == 400
    odd = {**made, "richMenuAliasId": "No Spaces"}
    assert (await room.api("POST", "richmenu/alias", odd)).status_code == 400
    moved = {"richMenuId": ids[1]}
    assert (await room.api("POST", "richmenu/alias/main-th", moved)).status_code == 200
    listed = (await room.api("GET", "richmenu/alias/list")).json()["aliases"]
    assert listed == [{"richMenuAliasId": "main-th", "richMenuId": ids[1]}]
    assert (await room.api("DELETE", "richmenu/alias/main-th")).status_code == 200
    assert (await room.api("GET", "richmenu/alias/main-th")).status_code == 404
