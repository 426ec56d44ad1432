"""What LINE sends: forged, repeated, oversized, out of order; and what people do."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from bot.channels.line import LineRules, command_data
from bot.channels.line.postback import choice_data
from bot.errors import Unavailable
from bot.turn import Inbound
from handlers import events
from tests.bot.line.line_room import Room, StandIn, knock, opened_room, until
from tests.fakes.line import Fault

BAD_SIGNATURES = [None, b"", b"x" * 44, b"A" * 43 + b"=", b"\xff" * 44, b"A" * 5000]


def body_of(room: Room, *raw_events: Any) -> bytes:
    body = {"destination": room.platform.bot_user_id, "events": raw_events}
    return json.dumps(body).encode()


def text_event(room: Room, words: str = "สวัสดี") -> dict[str, Any]:
    message = {"type": "text", "id": room.platform.new_message_id(), "text": words}
    return room.platform.event(room.person.user_id, {"type": "message", "message": message})


# --- the door ----------------------------------------------------------------------------------


@pytest.mark.parametrize("signature", BAD_SIGNATURES, ids=range(len(BAD_SIGNATURES)))
async def test_a_forged_signature_is_turned_away_and_nothing_is_done(
    signature: bytes | None, room: Room
) -> None:
    raw = body_of(room, text_event(room))
    async with httpx.AsyncClient(trust_env=False) as http:
        headers = {} if signature is None else {b"x-line-signature": signature}
        answer = await http.post(room.platform.webhook_url, content=raw, headers=headers)
    assert answer.status_code in (401, 403)
    assert answer.content == b""
    assert room.turns.begun == []


async def test_a_body_changed_after_signing_is_turned_away(room: Room) -> None:
    raw = body_of(room, text_event(room))
    signature = room.platform.sign(raw)
    assert await room.platform.post_raw(raw.replace(b"message", b"Message"), signature) == 403
    assert room.turns.begun == []


async def test_a_replayed_body_does_nothing_new(room: Room) -> None:
    raw = body_of(room, text_event(room))
    assert await room.platform.post_raw(raw) == 200
    assert await room.platform.post_raw(raw) == 200
    assert len(room.turns.taken) == 1


async def test_five_megabytes_are_refused_before_a_byte_of_them_came(room: Room) -> None:
    head = f"x-line-signature: {'A' * 44}\r\ncontent-length: 5000000\r\n"
    assert b" 413 " in await knock(room, head)
    assert room.turns.begun == []


async def test_five_megabytes_that_are_signed_are_refused_too(room: Room) -> None:
    raw = body_of(room, text_event(room, "x" * 5_000_000))
    assert await room.platform.post_raw(raw) in (413, None), "None: hung up on while sending"
    assert room.turns.begun == []


async def test_a_body_of_unsaid_length_is_refused_at_the_bound() -> None:
    async with opened_room(LineRules(body_bytes=1000)) as room:
        head = f"x-line-signature: {'A' * 44}\r\ntransfer-encoding: chunked\r\n"
        assert b" 413 " in await knock(room, head, *[b"200\r\n" + b"x" * 512 + b"\r\n"] * 2)
        assert room.turns.begun == []


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"null", b'"x"', b'{"events": {}}', b'{"events": null}', b"{}",
        b"\xff\xfe", b'{"events": [' + b"[" * 200_000 + b"]}", b'{"events": 1' + b"0" * 9000 + b"}",
    ],
)  # fmt: skip
async def test_what_is_no_json_of_events_is_a_bad_request(raw: bytes, room: Room) -> None:
    assert await room.platform.post_raw(raw) == 400
    assert room.turns.begun == []


async def test_only_post_is_answered(room: Room) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(room.platform.webhook_url)).status_code == 405


async def test_a_body_that_trickles_is_hung_up_on() -> None:
    async with opened_room(LineRules(body_s=0.05)) as room:
        head = f"x-line-signature: {'A' * 44}\r\ncontent-length: 100\r\n"
        assert b" 408 " in await knock(room, head, b"{")


async def test_a_ping_is_answered(room: Room) -> None:
    assert await room.platform.ping() == 200


# --- what people do ----------------------------------------------------------------------------


async def test_everything_a_person_does_becomes_its_event(room: Room) -> None:
    person, taken = room.person, room.turns.taken
    await person.follows()
    await person.says("สวัสดี")
    await person.posts_back(choice_data("a1b2", "ขอนแก่น & co"))
    await person.posts_back(command_data("report"))
    await person.drops_pin(16.44, 102.83)
    await person.sends_sticker()
    await person.unsends(person.chat[0])
    await person.blocks()
    assert [inbound.event for inbound in taken] == [
        events.Followed(),
        events.Text("สวัสดี"),
        events.Choice("a1b2", "ขอนแก่น & co"),
        events.Command("report"),
        events.Location(16.44, 102.83),
        events.Unknown(),
        events.Unsent(None),
        events.Blocked(),
    ]
    assert {inbound.person for inbound in taken} == {person.user_id}
    assert {(inbound.channel, inbound.language) for inbound in taken} == {("line", "th")}
    assert taken[1].message == taken[6].message == person.chat[0].message_id
    assert len({inbound.event_id for inbound in taken}) == len(taken)


async def test_files_are_held_and_say_where_they_are(room: Room) -> None:
    person = room.person
    await person.sends_photo(b"photo")
    await person.sends_video(b"video")
    await person.sends_audio(b"audio")
    await person.sends_file(b"file", "สัญญา.pdf")
    held = [event for event in room.turns.events if isinstance(event, events.Held)]
    assert [event.media for event in held] == ["photo", "video", "voice", "document"]
    assert [event.name for event in held] == [None, None, None, "สัญญา.pdf"]
    ids = [json.loads(event.handle)["message"] for event in held]
    assert ids == [inbound.message for inbound in room.turns.taken]
    assert ids[0] not in repr(held)


async def test_an_album_is_noted_as_one(room: Room) -> None:
    await room.person.sends_album(b"one", b"two", b"three")
    handles = [json.loads(event.handle) for event in room.turns.events]
    assert len({handle["album"] for handle in handles}) == 1
    assert len({handle["message"] for handle in handles}) == 3


async def test_a_photo_that_lies_elsewhere_is_not_asked_for(room: Room) -> None:
    await room.person.sends_linked_photo("http://127.0.0.1:1/canary.jpg")
    assert room.turns.events == [events.Unknown()]


ODD = [
    None, 7, "event", [], {}, {"type": "message"}, {"type": "hologram"},
    {"type": "message", "message": None}, {"type": "message", "message": {"type": "text"}},
    {"type": "postback"}, {"type": "postback", "postback": {"data": "x"}, "source": None},
    {"type": "unsend", "unsend": {}}, {"type": ["message"]},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
async def test_an_odd_event_in_the_middle_sinks_nobody_else(odd: Any, room: Room) -> None:
    first, last = text_event(room, "ก่อน"), text_event(room, "หลัง")
    if isinstance(odd, dict):
        odd = {**room.platform.event(room.person.user_id, {}), **odd}
    assert await room.platform.post_raw(body_of(room, first, odd, last)) == 200
    assert room.turns.events == [events.Text("ก่อน"), events.Text("หลัง")]


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": "now"}, {"timestamp": True}, {"timestamp": 1e400}, {"timestamp": 10**400},
        {"timestamp": -1}, {"webhookEventId": 7}, {"webhookEventId": "x" * 500}, {"replyToken": 7},
        {"source": {"type": "user", "userId": "U\ud800"}}, {"source": {"type": "user"}},
        {"mode": "standby"},
    ],
)  # fmt: skip
async def test_an_envelope_that_is_odd_is_left_aside(change: dict[str, Any], room: Room) -> None:
    raw = body_of(room, {**text_event(room), **change}, text_event(room, "หลัง"))
    assert await room.platform.post_raw(raw) == 200
    assert room.turns.events == [events.Text("หลัง")]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "text", "text": 7}, {"type": "text"}, {"type": "hologram"},
        {"type": "location", "latitude": float("nan"), "longitude": 1},
        {"type": "location", "latitude": 91, "longitude": 1}, {"type": "location", "latitude": "1"},
        {"type": "image"}, {"type": "image", "contentProvider": "line"}, {"type": {}},
        {"type": "image", "contentProvider": {"type": "line"}, "imageSet": {"id": 7}},
    ],
)  # fmt: skip
async def test_a_message_that_cannot_be_read_is_still_something_sent(
    message: dict[str, Any], room: Room
) -> None:
    body = {"type": "message", "message": {"id": "123", **message}}
    event = room.platform.event(room.person.user_id, body)
    assert await room.platform.post_raw(body_of(room, event)) == 200
    assert room.turns.events == [events.Unknown()]


@pytest.mark.parametrize("kind", ["group", "room"])
async def test_groups_and_rooms_are_ignored(kind: str, room: Room) -> None:
    event = text_event(room)
    event["source"] |= {"type": kind, f"{kind}Id": "C" + "0" * 32}
    assert await room.platform.post_raw(body_of(room, event)) == 200
    assert room.turns.begun == []


@pytest.mark.parametrize(
    "data", ["", "x", "screen=a", "screen=a&choice=b&more=c", "menu=forget", "%", "a&b", "=" * 300]
)
async def test_a_postback_that_is_none_of_ours_is_unknown(data: str, room: Room) -> None:
    await room.person.posts_back(data)
    assert room.turns.events == [events.Unknown()]


# --- order, time, redelivery -------------------------------------------------------------------


async def test_one_persons_events_are_taken_in_the_order_they_happened(room: Room) -> None:
    async with room.platform.together() as batch:
        for words in ("1", "2", "3"):
            await room.person.says(words)
            room.clock.advance(1)
        batch.events.reverse()
    assert room.turns.events == [events.Text("1"), events.Text("2"), events.Text("3")]


async def test_requests_that_overtake_one_another_are_put_in_order_while_they_wait() -> None:
    gate = asyncio.Event()

    async def wait(inbound: Inbound) -> None:
        await gate.wait()

    async with opened_room(turns=StandIn(wait)) as room:
        early = [text_event(room, "1")]
        room.clock.advance(1)
        middle = [text_event(room, "2")]
        room.clock.advance(1)
        late = [text_event(room, "3")]
        async with asyncio.TaskGroup() as group:
            group.create_task(room.platform.post(early))
            await until(lambda: room.turns.begun)
            group.create_task(room.platform.post(late))
            group.create_task(room.platform.post(middle))
            await asyncio.sleep(0.1)  # both are waiting now
            gate.set()
        assert room.turns.events == [events.Text("1"), events.Text("2"), events.Text("3")]
        assert room.platform.posts == [200] * 3
        assert room.turns.most_at_work == 1


async def test_a_slow_person_delays_nobody_else() -> None:
    gate = asyncio.Event()

    async with opened_room() as room:
        slow, quick = room.person, room.platform.person()

        async def wait(inbound: Inbound) -> None:
            if inbound.person == slow.user_id:
                await gate.wait()

        room.turns.before = wait
        async with asyncio.TaskGroup() as group:
            group.create_task(slow.says("ช้า"))
            await until(lambda: room.turns.begun)
            assert await quick.says("เร็ว") == 200
            gate.set()


async def test_a_turn_that_takes_too_long_is_answered_503_in_time_and_goes_on() -> None:
    gate = asyncio.Event()

    async def wait(inbound: Inbound) -> None:
        await gate.wait()

    async with opened_room(LineRules(answer_s=0.1), StandIn(wait)) as room:
        room.platform.is_redelivery_on = True
        assert await room.person.says("สวัสดี") == 503
        assert room.turns.taken == []
        gate.set()
        await until(lambda: room.turns.taken)
        await room.later(lambda: len(room.platform.posts) == 2)
        assert room.platform.posts == [503, 200]
        assert len(room.turns.begun) == 2, "LINE did not deliver again"
        assert len(room.turns.taken) == 1


@pytest.mark.parametrize("error", [Unavailable("database"), RuntimeError("ours")])
async def test_what_is_not_stored_is_not_acknowledged_and_others_are(error: Exception) -> None:
    async with opened_room() as room:
        other = room.platform.person()

        async def fail(inbound: Inbound) -> None:
            if inbound.person == room.person.user_id and len(room.turns.begun) < 3:
                raise error

        room.turns.before = fail
        room.platform.is_redelivery_on = True
        async with room.platform.together():
            await room.person.says("หนึ่ง")
            await other.says("สอง")
        assert room.platform.posts == [503]
        assert room.turns.events == [events.Text("สอง")]
        await room.later(lambda: len(room.platform.posts) == 2)
        assert room.platform.posts == [503, 200]
        assert room.turns.events == [events.Text("สอง"), events.Text("หนึ่ง")]


async def test_a_flood_of_one_person_is_bounded_and_asked_for_again() -> None:
    gate = asyncio.Event()

    async def wait(inbound: Inbound) -> None:
        await gate.wait()

    async with opened_room(LineRules(waiting_at_most=3, answer_s=0.2), StandIn(wait)) as room:
        flood = []
        for number in range(50):
            flood.append(text_event(room, str(number)))
            room.clock.advance(1)
        assert await room.platform.post_raw(body_of(room, *reversed(flood))) == 503
        gate.set()
        await until(lambda: len(room.turns.taken) == 3)
        assert room.turns.events == [events.Text("0"), events.Text("1"), events.Text("2")]
        assert await room.person.says("อีกครั้ง") == 200
        assert len(room.turns.begun) == 4


async def test_a_crowd_is_taken_side_by_side() -> None:
    gate = asyncio.Event()

    async def wait(inbound: Inbound) -> None:
        await gate.wait()

    async with opened_room(LineRules(answer_s=20), StandIn(wait)) as room:
        room.platform.answer_within_s = 20
        crowd = [room.platform.person() for _ in range(100)]
        async with asyncio.TaskGroup() as group:
            for person in crowd:
                group.create_task(person.says("สวัสดี"))
            await until(lambda: room.turns.at_work == len(crowd), within_s=20)
            gate.set()
        assert room.platform.posts == [200] * len(crowd)


async def test_leaving_ends_the_turns_that_are_under_way() -> None:
    gate = asyncio.Event()

    async def wait(inbound: Inbound) -> None:
        await gate.wait()

    async with opened_room(LineRules(answer_s=0.05), StandIn(wait)) as room:
        assert await room.person.says("สวัสดี") == 503
        asyncio.get_running_loop().call_later(0.05, gate.set)
    assert len(room.turns.taken) == 1


async def test_an_error_inside_the_block_comes_out_as_itself() -> None:
    with pytest.raises(KeyError):
        async with opened_room():
            raise KeyError("ours")


# --- the animation -----------------------------------------------------------------------------


async def test_a_file_shows_that_something_is_under_way_once(room: Room) -> None:
    await room.person.sends_album(b"one", b"two", b"three")
    await until(lambda: room.platform.loading)
    assert room.platform.loading == [(room.person.user_id, 20)]
    room.clock.advance(21)
    await room.person.sends_photo(b"four")
    await until(lambda: len(room.platform.loading) == 2)


async def test_a_long_turn_shows_it_too_and_a_short_one_does_not() -> None:
    gate = asyncio.Event()

    async def wait(inbound: Inbound) -> None:
        await gate.wait()

    async with opened_room(LineRules(loading_after_s=0.05)) as room:
        await room.person.says("เร็ว")
        room.turns.before = wait
        asyncio.get_running_loop().call_later(0.2, gate.set)
        slow = room.platform.person()
        assert await slow.says("ช้า") == 200
        assert room.platform.loading == [(slow.user_id, 20)]


async def test_an_animation_that_fails_delays_nothing(room: Room) -> None:
    room.platform.faults.next(Fault.SLOW, path="loading")
    assert await room.person.sends_photo(b"one") == 200
    assert len(room.turns.taken) == 1


async def test_nobodys_profile_is_ever_asked_for(room: Room) -> None:
    await room.person.follows()
    await room.person.says("สวัสดี")
    await room.person.sends_photo(b"one")
    await until(lambda: room.platform.loading)
    assert room.platform.profile_calls == []
