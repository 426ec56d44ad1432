"""The fake keeps the platform's rules: a channel that passes against it has met the refusals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.bot.fake_clock import FakeClock
from tests.fakes.telegram import (
    CUT_OFF,
    ERROR_500,
    NOT_FOUND,
    RESET_AFTER,
    RESET_BEFORE,
    FakeTelegram,
    Rules,
    Slow,
)


class Bot:
    """A bot that only knows HTTP."""

    def __init__(self, fake: FakeTelegram, http: httpx.AsyncClient) -> None:
        self.fake, self.http = fake, http

    async def call(self, method: str, token: str = "", **params: Any) -> Any:
        url = f"{self.fake.api_url}/bot{token or self.fake.token}/{method}"
        return (await self.http.post(url, json=params)).json()

    async def ok(self, method: str, **params: Any) -> Any:
        answer = await self.call(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> tuple[int, str]:
        answer = await self.call(method, **params)
        assert not answer["ok"], answer
        return answer["error_code"], answer["description"]


@asynccontextmanager
async def bot_of(**how: Any) -> AsyncIterator[Bot]:
    async with FakeTelegram.serving(**how) as fake, httpx.AsyncClient(timeout=5) as http:
        yield Bot(fake, http)


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with bot_of() as made:
        yield made


async def test_an_update_comes_again_until_a_higher_offset_is_asked_for(bot: Bot) -> None:
    person = bot.fake.person()
    person.write("สวัสดี")
    (first,) = await bot.ok("getUpdates")
    assert await bot.ok("getUpdates", offset=first["update_id"]) == [first]
    assert await bot.ok("getUpdates", offset=first["update_id"] + 1) == []
    assert await bot.ok("getUpdates") == []


async def test_a_long_poll_returns_when_something_comes(bot: Bot) -> None:
    person = bot.fake.person()
    polling = asyncio.ensure_future(bot.ok("getUpdates", timeout=5))
    await bot.fake.updates.polled.wait()
    person.write("สวัสดี")
    assert len(await polling) == 1


async def test_of_two_pollers_the_earlier_is_sent_away(bot: Bot) -> None:
    first = asyncio.ensure_future(bot.refused("getUpdates", timeout=5))
    await bot.fake.updates.polled.wait()
    second = asyncio.ensure_future(bot.ok("getUpdates", timeout=5))
    assert (await first)[0] == 409
    bot.fake.person().write("x")
    assert len(await second) == 1


async def test_updates_are_kept_for_a_day_only(bot: Bot) -> None:
    bot.fake.person().write("x")
    bot.fake.clock.advance(24 * 3600 + 1)
    assert await bot.ok("getUpdates") == []


async def test_an_update_carries_the_profile_as_the_platform_hands_it_out(bot: Bot) -> None:
    person = bot.fake.person(language_code="en")
    person.contact()
    (update,) = await bot.ok("getUpdates")
    said = str(update)
    assert all(canary in said for canary in person.canaries)
    assert update["message"]["from"]["language_code"] == "en"


async def test_polling_is_refused_while_a_webhook_is_set(bot: Bot) -> None:
    await bot.ok("setWebhook", url="http://127.0.0.1:9/x", secret_token="s")
    assert (await bot.refused("getUpdates"))[0] == 409
    await bot.ok("deleteWebhook")
    assert await bot.ok("getUpdates") == []


async def test_the_cloud_takes_only_https_and_a_plain_secret() -> None:
    async with bot_of(rules=Rules(http_webhooks=False)) as bot:
        assert (await bot.refused("setWebhook", url="http://x.example"))[0] == 400
        assert (await bot.refused("setWebhook", url="https://x.example", secret_token="ลับ"))[0]


async def test_a_webhook_is_called_again_until_it_answers_200(bot: Bot) -> None:
    seen: list[tuple[str, str]] = []
    statuses = iter(["503", "500", "200"])

    async def hook(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
        body = (await reader.readexactly(length)).decode()
        seen.append((head, body))
        writer.write(f"HTTP/1.1 {next(statuses)} x\r\nContent-Length: 0\r\n".encode())
        writer.write(b"Connection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hook, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    await bot.ok("setWebhook", url=url, secret_token="S3cret_-")
    bot.fake.person().write("สวัสดี")
    await bot.fake.settled()
    assert [status for _, status in bot.fake.updates.attempts] == [503, 500, 200]
    assert len({body for _, body in seen}) == 1
    assert "secret-token: s3cret_-" in seen[0][0].lower()
    assert (await bot.ok("getWebhookInfo"))["last_error_message"].endswith("500")
    server.close()
    await server.wait_closed()


async def test_a_wrong_token_is_unauthorized_and_a_strange_one_not_found(bot: Bot) -> None:
    assert (await bot.call("getMe", token="1:" + "a" * 30))["error_code"] == 401
    assert (await bot.call("getMe", token="nonsense"))["error_code"] == 404
    assert (await bot.ok("getMe"))["is_bot"]
    assert (await bot.refused("getMeNot"))[0] == 404


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "message text is empty"),
        (" \n ", "message text is empty"),
        ("ก" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_a_text_has_1_to_4096_utf16_units(bot: Bot, text: str, says: str) -> None:
    person = bot.fake.person()
    person.start()
    assert says in (await bot.refused("sendMessage", chat_id=person.chat_id, text=text))[1]


async def test_the_limit_counts_after_the_entities_are_parsed(bot: Bot) -> None:
    person = bot.fake.person()
    person.start()
    bold = f"<b>{'ก' * 4096}</b>"
    await bot.ok("sendMessage", chat_id=person.chat_id, text=bold, parse_mode="HTML")
    assert person.from_bot[-1].text == "ก" * 4096
    broken = {"chat_id": person.chat_id, "text": "<script>x", "parse_mode": "HTML"}
    assert "can't parse entities" in (await bot.refused("sendMessage", **broken))[1]


def keyboard(*rows: list[tuple[str, str]]) -> dict[str, Any]:
    made = [[{"text": text, "callback_data": data} for text, data in row] for row in rows]
    return {"inline_keyboard": made}


@pytest.mark.parametrize(
    "markup",
    [
        keyboard([("ก", "")]),
        keyboard([("ก", "ก" * 22)]),  # 22 letters, 66 bytes
        keyboard(*[[("ก", "x")]] * 101),
        keyboard([("", "x")]),
        {"inline_keyboard": [[{"text": "ก"}]]},
    ],
)
async def test_a_keyboard_that_the_platform_would_not_take(bot: Bot, markup: Any) -> None:
    person = bot.fake.person()
    person.start()
    sent = {"chat_id": person.chat_id, "text": "x", "reply_markup": markup}
    assert (await bot.refused("sendMessage", **sent))[0] == 400
    await bot.ok("sendMessage", **(sent | {"reply_markup": keyboard([("ก", "ก" * 21)])}))


async def test_an_edit_of_nothing_new_and_of_nothing_is_refused(bot: Bot) -> None:
    person = bot.fake.person()
    own = person.start()
    chat = {"chat_id": person.chat_id}
    sent = await bot.ok("sendMessage", **chat, text="ก", reply_markup=keyboard([("ข", "x")]))
    at = chat | {"message_id": sent["message_id"]}
    same = at | {"text": "ก", "reply_markup": keyboard([("ข", "x")])}
    assert "message is not modified" in (await bot.refused("editMessageText", **same))[1]
    await bot.ok("editMessageReplyMarkup", **at)
    assert person.cards == []
    await bot.ok("editMessageText", **at, text="ค")
    gone = chat | {"message_id": 1, "text": "ค"}
    assert "message to edit not found" in (await bot.refused("editMessageText", **gone))[1]
    theirs = chat | {"message_id": own, "text": "ค"}
    assert "can't be edited" in (await bot.refused("editMessageText", **theirs))[1]


async def test_both_sides_messages_are_deleted_up_to_a_hundred_unknown_ones_skipped(
    bot: Bot,
) -> None:
    person = bot.fake.person()
    own = person.start()
    chat = {"chat_id": person.chat_id}
    sent = (await bot.ok("sendMessage", **chat, text="ก"))["message_id"]
    await bot.ok("deleteMessages", **chat, message_ids=[own, sent, 999_999])
    assert person.chat == []
    assert (await bot.refused("deleteMessages", **chat, message_ids=list(range(1, 102))))[0] == 400
    assert "not found" in (await bot.refused("deleteMessage", **chat, message_id=sent))[1]


@pytest.mark.parametrize("refuses", [True, False])
async def test_a_message_of_48_hours_stays(refuses: bool) -> None:
    async with bot_of(rules=Rules(refuses_old_deletes=refuses)) as bot:
        fake, person = bot.fake, bot.fake.person()
        old = person.start()
        fake.clock.advance(48 * 3600)
        new = person.write("x")
        answer = await bot.call("deleteMessages", chat_id=person.chat_id, message_ids=[old, new])
        assert answer["ok"] is not refuses
        left = [each.message_id for each in person.chat]
        assert left == ([old, new] if refuses else [old])


async def test_a_query_is_answered_while_it_is_young(bot: Bot) -> None:
    person = bot.fake.person()
    person.start()
    await bot.ok(
        "sendMessage", chat_id=person.chat_id, text="ก", reply_markup=keyboard([("ข", "x:y")])
    )
    query = person.tap("ข")
    await bot.ok("answerCallbackQuery", callback_query_id=query, text="ได้")
    assert person.toasts == ["ได้"]
    bot.fake.clock.advance(61)
    assert (
        "query is too old" in (await bot.refused("answerCallbackQuery", callback_query_id=query))[1]
    )
    assert (await bot.refused("answerCallbackQuery", callback_query_id="7"))[0] == 400
    (_, tapped) = await bot.ok("getUpdates")
    assert tapped["callback_query"]["data"] == "x:y"


async def test_only_who_wrote_first_and_did_not_block_is_written_to(bot: Bot) -> None:
    person = bot.fake.person()
    sent = {"chat_id": person.chat_id, "text": "x"}
    assert "initiate" in (await bot.refused("sendMessage", **sent))[1]
    person.start()
    await bot.ok("sendMessage", **sent)
    person.block()
    assert (await bot.refused("sendMessage", **sent)) == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    person.unblock()
    person.delete_account()
    assert "deactivated" in (await bot.refused("sendMessage", **sent))[1]
    assert (await bot.refused("sendMessage", chat_id=1, text="x"))[
        1
    ] == "Bad Request: chat not found"
    kinds = [next(iter(set(each) - {"update_id"})) for each in await bot.ok("getUpdates")]
    assert kinds == ["message", "my_chat_member", "my_chat_member"]


async def test_too_many_to_one_chat_is_a_429_that_names_the_wait() -> None:
    clock = FakeClock()
    async with bot_of(clock=clock, rules=Rules(chat_burst=2)) as bot:
        one, other = bot.fake.person(), bot.fake.person()
        one.start()
        other.start()
        for _ in range(2):
            await bot.ok("sendMessage", chat_id=one.chat_id, text="x")
        answer = await bot.call("sendMessage", chat_id=one.chat_id, text="x")
        assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 1})
        await bot.ok("sendMessage", chat_id=other.chat_id, text="x")
        clock.advance(1)
        await bot.ok("sendMessage", chat_id=one.chat_id, text="x")


async def test_thirty_a_second_go_out_to_everybody_together() -> None:
    async with bot_of(rules=Rules(all_burst=3)) as bot:
        people = [bot.fake.person() for _ in range(4)]
        for person in people:
            person.start()
        for person in people[:3]:
            await bot.ok("sendMessage", chat_id=person.chat_id, text="x")
        assert (await bot.refused("sendMessage", chat_id=people[3].chat_id, text="x"))[0] == 429


async def test_a_file_is_fetched_by_a_link_that_dies_within_the_hour(bot: Bot) -> None:
    person = bot.fake.person()
    person.photo(b"\xff\xd8\xff" + b"p" * 5000)
    (update,) = await bot.ok("getUpdates")
    large = update["message"]["photo"][-1]
    found = await bot.ok("getFile", file_id=large["file_id"])
    url = f"{bot.fake.api_url}/file/bot{bot.fake.token}/{found['file_path']}"
    assert len((await bot.http.get(url)).content) == 5003
    bot.fake.faults.next("file", NOT_FOUND)
    assert (await bot.http.get(url)).status_code == 404
    bot.fake.faults.next("file", CUT_OFF)
    with pytest.raises(httpx.RemoteProtocolError):
        await bot.http.get(url)
    bot.fake.clock.advance(3601)
    assert (await bot.http.get(url)).status_code == 404


async def test_the_cloud_hands_out_no_file_over_20_mb(bot: Bot) -> None:
    person = bot.fake.person()
    person.file("video", b"v" * 10, size=20 * 1024 * 1024 + 1)
    (update,) = await bot.ok("getUpdates")
    file_id = update["message"]["video"]["file_id"]
    assert "file is too big" in (await bot.refused("getFile", file_id=file_id))[1]
    assert "invalid file_id" in (await bot.refused("getFile", file_id="../x"))[1]
    assert (await bot.refused("getFile", file_id="unknown"))[0] == 400


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("setMyCommands", {"commands": [{"command": "แจ้ง", "description": "x"}]}),
        ("setMyCommands", {"commands": [{"command": "a", "description": "x" * 257}]}),
        ("setMyCommands", {"commands": [{"command": "a", "description": "x"}] * 101}),
        ("setMyDescription", {"description": "ก" * 513}),
        ("setMyShortDescription", {"short_description": "ก" * 121}),
        ("setMyShortDescription", {"short_description": "ก", "language_code": "thai"}),
        ("setChatMenuButton", {"menu_button": {"type": "nonsense"}}),
        ("sendChatAction", {"action": "dancing", "chat_id": 5_550_000_001}),
    ],
)
async def test_what_the_profile_does_not_take(bot: Bot, method: str, params: Any) -> None:
    bot.fake.person().start()
    assert (await bot.refused(method, **params))[0] == 400


async def test_the_profile_is_kept_by_language(bot: Bot) -> None:
    await bot.ok("setMyDescription", description="แจ้งเบาะแส")
    await bot.ok("setMyDescription", description="Tell", language_code="en")
    assert await bot.ok("getMyDescription", language_code="en") == {"description": "Tell"}
    assert await bot.ok("getMyDescription") == {"description": "แจ้งเบาะแส"}


async def test_faults_break_a_call_before_or_after_it_happened(bot: Bot) -> None:
    person = bot.fake.person()
    person.start()
    sent = {"chat_id": person.chat_id, "text": "x"}
    for fault, count in [(RESET_BEFORE, 0), (RESET_AFTER, 1)]:
        bot.fake.faults.next("sendMessage", fault)
        with pytest.raises(httpx.TransportError):
            await bot.call("sendMessage", **sent)
        assert len(person.from_bot) == count
    bot.fake.faults.next("sendMessage", ERROR_500)
    url = f"{bot.fake.api_url}/bot{bot.fake.token}/sendMessage"
    assert (await bot.http.post(url, json=sent)).status_code == 500
    bot.fake.faults.next("sendMessage", Slow(0.3))
    with pytest.raises(httpx.ReadTimeout):
        await bot.http.post(url, json=sent, timeout=0.05)
    assert len(person.from_bot) == 2


async def test_chance_faults_are_the_same_for_the_same_seed(bot: Bot) -> None:
    def drawn() -> list[object]:
        bot.fake.faults.by_chance("*", RESET_AFTER, 0.3, seed=7)
        return [bot.fake.faults.take("sendMessage") for _ in range(50)]

    first = drawn()
    assert first == drawn()
    assert 5 < len([each for each in first if each]) < 25
