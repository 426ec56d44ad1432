"""What people do in Telegram, as events; and nothing of who they are."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.channels.telegram.reading import COMMANDS, Reading, message_number, read
from handlers import events
from tests.fakes.telegram import FakeTelegram, TelegramPerson


class Phone:
    """Somebody's doings, read as the channel reads them."""

    def __init__(self, fake: FakeTelegram, http: httpx.AsyncClient) -> None:
        self.fake, self.http = fake, http
        self.person: TelegramPerson = fake.person()

    async def read(self) -> list[Reading]:
        url = f"{self.fake.api_url}/bot{self.fake.token}/getUpdates"
        found = (await self.http.post(url, json={})).json()["result"]
        if found:
            await self.http.post(url, json={"offset": found[-1]["update_id"] + 1})
        return [read(raw) for raw in found]

    async def events(self) -> list[events.Event]:
        return [each.event for reading in await self.read() for each in reading.inbounds]


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    async with FakeTelegram.serving() as fake, httpx.AsyncClient() as http:
        yield Phone(fake, http)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("เห็นเขาเอาปูนไป", [events.Text("เห็นเขาเอาปูนไป")]),
        ("/start", [events.Command("start")]),
        ("/start r-2026", [events.Command("start", "r-2026")]),
        ("/Help@saisaat_test_bot", [events.Command("help")]),
        ("/real_bot", [events.Command("real_bot")]),
        ("/follow 4821 0937", [events.Command("follow"), events.Text("4821 0937")]),
        ("/report\nเห็นเขา", [events.Command("report"), events.Text("เห็นเขา")]),
        ("/unknown thing", [events.Text("/unknown thing")]),
        ("/ เห็นเขา", [events.Text("/ เห็นเขา")]),
        ("/starting", [events.Text("/starting")]),
    ],
)
async def test_words_and_commands(phone: Phone, typed: str, expected: list[Any]) -> None:
    phone.person.write(typed)
    assert await phone.events() == expected


async def test_every_command_that_the_account_offers_is_heard(phone: Phone) -> None:
    for name in sorted(COMMANDS):
        phone.person.write(f"/{name}")
        assert await phone.events() == [events.Command(name)]


@pytest.mark.parametrize(
    ("kind", "mime", "media"),
    [
        ("video", "video/mp4", "video"),
        ("animation", "video/mp4", "video"),
        ("video_note", None, "video"),
        ("voice", "audio/ogg", "voice"),
        ("audio", "audio/mpeg", "voice"),
        ("document", "application/pdf", "document"),
        ("document", "image/png", "photo"),
        ("document", None, "document"),
    ],
)
async def test_every_kind_of_file_is_held_by_the_platform(
    phone: Phone, kind: str, mime: str | None, media: str
) -> None:
    phone.person.file(kind, b"x" * 100, mime=mime, name="สัญญา.pdf")
    (held,) = await phone.events()
    assert isinstance(held, events.Held)
    handle = json.loads(held.handle)
    assert (held.media, handle["size"]) == (media, 100)
    assert held.name in ("สัญญา.pdf", None)
    assert handle["file_id"].startswith("AgAC")
    assert handle["file_id"] not in repr(held)


async def test_of_a_photo_the_largest_is_taken(phone: Phone) -> None:
    phone.person.photo(b"p" * 4000)
    (held,) = await phone.events()
    assert isinstance(held, events.Held)
    assert json.loads(held.handle)["size"] == 4000


async def test_an_album_is_as_many_files_and_its_caption_is_not_lost(phone: Phone) -> None:
    phone.person.album([b"a" * 10, b"b" * 10, b"c" * 10], caption="สามรูปนี้")
    found = await phone.events()
    assert [type(each).__name__ for each in found] == ["Held", "Text", "Held", "Held"]
    assert found[1] == events.Text("สามรูปนี้")


async def test_a_file_and_its_caption_are_two_events_with_marks_of_their_own(phone: Phone) -> None:
    number = phone.person.photo(b"p" * 10, caption="ป้ายทะเบียน")
    (reading,) = await phone.read()
    file, caption = reading.inbounds
    assert file.event_id != caption.event_id
    assert (file.message, caption.message) == (str(number), f"{number}:caption")
    assert message_number(file.message or "") == message_number(caption.message or "") == number


async def test_an_edit_names_the_message_it_changes_and_is_an_event_of_its_own(
    phone: Phone,
) -> None:
    number = phone.person.write("ปูน 10 ถุง")
    phone.person.edit(number, "ปูน 100 ถุง")
    phone.person.edit(number, "ปูน 1000 ถุง")
    readings = await phone.read()
    first, *edits = [each for reading in readings for each in reading.inbounds]
    assert [each.event for each in edits] == [
        events.Edited(None, "ปูน 100 ถุง"),
        events.Edited(None, "ปูน 1000 ถุง"),
    ]
    assert {each.message for each in (first, *edits)} == {str(number)}
    assert len({each.event_id for each in (first, *edits)}) == 3


async def test_an_edited_caption_changes_the_caption_and_not_the_file(phone: Phone) -> None:
    number = phone.person.photo(b"p", caption="ผิด")
    phone.person.edit(number, "ถูก")
    (_, edit) = await phone.read()
    (inbound,) = edit.inbounds
    assert inbound.event == events.Edited(None, "ถูก")
    assert inbound.message == f"{number}:caption"


async def test_places_are_pins_and_a_moving_place_is_told_once(phone: Phone) -> None:
    phone.person.location(16.44, 102.83)
    phone.person.venue(16.5, 102.9, "อบต.")
    number = phone.person.location(1.0, 2.0)
    phone.person.edit(number, "")
    assert await phone.events() == [
        events.Location(16.44, 102.83),
        events.Location(16.5, 102.9),
        events.Location(1.0, 2.0),
    ]


async def test_what_we_have_no_word_for_is_unknown_and_a_contact_is_not_read(phone: Phone) -> None:
    phone.person.sticker()
    phone.person.poll()
    phone.person.contact()
    readings = await phone.read()
    assert [each.event for r in readings for each in r.inbounds] == [events.Unknown()] * 3
    assert phone.person.phone not in _everything(readings)


async def test_blocking_is_heard_and_coming_back_is_left_to_the_start_that_follows(
    phone: Phone,
) -> None:
    phone.person.start()
    phone.person.block()
    phone.person.unblock()
    assert await phone.events() == [events.Command("start"), events.Blocked()]


async def test_nothing_of_a_profile_comes_through_but_the_chat_itself(phone: Phone) -> None:
    person = phone.person
    person.write("สวัสดี")
    person.photo(b"p", caption="x")
    person.contact()
    person.location(1, 2)
    person.block()
    said = _everything(await phone.read())
    first, last, username, number, chat_id = person.canaries
    assert chat_id in said
    assert not any(each in said for each in (first, last, username, number))


@pytest.mark.parametrize(
    ("code", "language"), [("th", "th"), ("en", "en"), ("en-GB", "en"), ("lo", "th"), (None, "th")]
)
async def test_the_language_follows_the_phone(
    phone: Phone, code: str | None, language: str
) -> None:
    phone.fake.person(language_code=code).write("x")
    (reading,) = await phone.read()
    assert reading.inbounds[0].language == language


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_only_private_chats_count(phone: Phone, kind: str) -> None:
    chat = {"id": -100123, "type": kind, "title": "กลุ่ม"}
    sender = {"id": 7, "is_bot": False, "first_name": "x"}
    message = {"message_id": 5, "date": 1, "chat": chat, "from": sender, "text": "/start"}
    for update in (
        {"message": message},
        {"edited_message": message | {"edit_date": 2}},
        {"callback_query": {"id": "9", "from": sender, "message": message, "chat_instance": "1"}},
        {"channel_post": message},
        {
            "my_chat_member": {
                "chat": chat, "from": sender, "date": 1,
                "old_chat_member": {"user": sender, "status": "member"},
                "new_chat_member": {"user": sender, "status": "kicked", "until_date": 0},
            }
        },
    ):  # fmt: skip
        found = read({"update_id": 1, **update})
        assert found.inbounds == ()
        assert not found.is_odd


@pytest.mark.parametrize("service", ["pinned_message", "message_auto_delete_timer_changed"])
async def test_what_the_platform_does_in_a_chat_is_not_answered(phone: Phone, service: str) -> None:
    chat = {"id": 7, "type": "private", "first_name": "x"}
    inner = {
        "pinned_message": {"message_id": 1, "date": 1, "chat": chat, "text": "x"},
        "message_auto_delete_timer_changed": {"message_auto_delete_time": 86400},
    }
    message = {"message_id": 5, "date": 1, "chat": chat, service: inner[service]}
    found = read({"update_id": 1, "message": message})
    assert (found.inbounds, found.is_odd) == ((), False)


@pytest.mark.parametrize(
    "raw",
    [
        None, 7, "x", [], {}, {"update_id": True}, {"update_id": "1"},
        {"update_id": 1, "message": "x"},
        {"update_id": 1, "message": {}},
        {"update_id": 1, "message": {"message_id": 1, "date": "yesterday", "chat": {"id": 1}}},
        {"update_id": 1, "callback_query": {"id": 1}},
        {"update_id": 1, "message": {"message_id": 1, "date": 1, "photo": [{}],
                                     "chat": {"id": 1, "type": "private"}}},
        {"update_id": 1, "message": {"message_id": 1, "date": 10**20,
                                     "chat": {"id": 1, "type": "private"}}},
    ],
)  # fmt: skip
def test_whatever_comes_reading_never_raises(raw: Any) -> None:
    found = read(raw)
    assert {each.event for each in found.inbounds} <= {events.Unknown()}


async def test_words_are_read_whatever_odd_thing_they_answer_or_forward(phone: Phone) -> None:
    person = phone.person
    odd = {"reply_to_message": {"poll": {}}, "forward_origin": 7, "entities": [{"type": 1}]}
    body = {"message_id": 5, "date": 1, "chat": {"id": person.chat_id, "type": "private"}}
    phone.fake.inject({"message": body | odd | {"text": "เห็นเขาเอาปูนไป"}})
    assert await phone.events() == [events.Text("เห็นเขาเอาปูนไป")]


async def test_who_sent_what_nobody_can_read_hears_that(phone: Phone) -> None:
    body = {"message_id": 5, "date": 1, "chat": {"id": 9, "type": "private"}, "voice": {}}
    phone.fake.inject({"message": body})
    (reading,) = await phone.read()
    assert reading.is_odd
    assert [each.event for each in reading.inbounds] == [events.Unknown()]


@pytest.mark.parametrize("data", ["", ":", "x", ":x", "x:", "☃" * 20, "a:b:c"])
def test_a_changed_app_may_press_anything(data: str) -> None:
    update = {
        "update_id": 3,
        "callback_query": {
            "id": "9",
            "from": {"id": 7, "is_bot": False, "first_name": "x"},
            "chat_instance": "1",
            "message": {"message_id": 5, "date": 0, "chat": {"id": 7, "type": "private"}},
            "data": data,
        },
    }
    found = read(update)
    assert found.query == "9"
    (inbound,) = found.inbounds
    assert isinstance(inbound.event, events.Choice)


def _everything(readings: list[Reading]) -> str:
    """All that came out, secrets too."""
    return json.dumps(
        [
            [vars_of(inbound), vars_of(inbound.event)]
            for reading in readings
            for inbound in reading.inbounds
        ],
        ensure_ascii=False,
    )


def vars_of(thing: object) -> dict[str, str]:
    return {name: str(getattr(thing, name)) for name in getattr(thing, "__slots__", ())}
