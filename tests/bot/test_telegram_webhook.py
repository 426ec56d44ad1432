"""The webhook: a stranger learns nothing and costs nothing, Telegram hears 200 only when it may."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from bot.channels.telegram import Telegram
from bot.channels.web import serving
from bot.errors import Misconfigured, Unavailable
from bot.turn import Inbound
from handlers import events
from tests.bot.telegram_house import (
    WEBHOOK_SECRET,
    FakeTurns,
    TelegramHouse,
    telegram_house,
)
from tests.loopback import listening

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@asynccontextmanager
async def hooked(turns: FakeTurns | None = None) -> AsyncIterator[tuple[TelegramHouse, str]]:
    """A channel in webhook mode, served on a free port."""
    async with telegram_house(mode="webhook", turns=turns) as house:
        with listening() as place:
            assert house.telegram.webhook is not None
            config = uvicorn.Config(house.telegram.webhook, **serving.settings())
            config.load()
            server = uvicorn.Server(config)
            server.lifespan = config.lifespan_class(config)
            await server.startup(sockets=[place])
            try:
                yield house, f"http://127.0.0.1:{place.getsockname()[1]}/telegram/webhook"
            finally:
                server.force_exit = True
                await server.shutdown(sockets=[place])


async def set_hook(house: TelegramHouse, url: str, secret: str = WEBHOOK_SECRET) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.post(
            f"{house.fake.api_url}/bot{house.fake.token}/setWebhook",
            json={"url": url, "secret_token": secret},
        )
    assert answer.json()["ok"]


async def test_what_people_write_comes_by_the_webhook_and_is_taken_once() -> None:
    async with hooked() as (house, url):
        await set_hook(house, url)
        person = house.fake.person()
        for nth in range(5):
            person.write(f"{nth}")
        await house.turns.until(5)
        await house.fake.settled()
        assert house.turns.events == [events.Text(f"{nth}") for nth in range(5)]
        assert {status for _, status in house.fake.updates.attempts} == {200}


async def test_what_cannot_be_stored_is_503_and_telegram_brings_it_again() -> None:
    failures = iter([Unavailable("away"), Unavailable("away")])

    async def meets(inbound: Inbound) -> None:
        for error in failures:
            raise error

    async with hooked(FakeTurns(meets)) as (house, url):
        await set_hook(house, url)
        house.fake.person().write("x")
        await house.fake.settled()
        assert [status for _, status in house.fake.updates.attempts] == [503, 503, 200]
        assert house.turns.events == [events.Text("x")]


async def test_an_odd_update_is_skipped_and_does_not_come_again() -> None:
    async with hooked() as (house, url):
        await set_hook(house, url)
        house.fake.inject({"message": {"message_id": "ten"}})
        house.fake.person().write("after")
        await house.fake.settled()
        assert {status for _, status in house.fake.updates.attempts} == {200}
        assert house.turns.events == [events.Text("after")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: WEBHOOK_SECRET[:-1]},
        {HEADER: WEBHOOK_SECRET + "x"},
        {HEADER: WEBHOOK_SECRET.upper()},
        {HEADER: "ลับ".encode()},
        {"Authorization": WEBHOOK_SECRET},
    ],
)
async def test_a_forged_secret_is_refused_and_nothing_taken(headers: dict[str, Any]) -> None:
    async with hooked() as (house, url), httpx.AsyncClient() as http:
        answer = await http.post(url, json={"update_id": 1}, headers=headers)
        assert (answer.status_code, answer.text) == (403, "")
        assert house.turns.asked == 0


async def test_two_secrets_are_no_secret() -> None:
    async with hooked() as (_, url), httpx.AsyncClient() as http:
        twice = [(HEADER, WEBHOOK_SECRET), (HEADER, "x")]
        assert (await http.post(url, json={"update_id": 1}, headers=twice)).status_code == 403


async def test_a_strangers_body_is_not_even_read() -> None:
    async with hooked() as (_, url):
        host, port = url.split("/")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /telegram/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n"
            b"Content-Type: application/json\r\n\r\n"
        )
        await writer.drain()
        async with asyncio.timeout(5):
            head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 403")
        writer.close()
        await writer.wait_closed()


async def test_five_megabytes_are_413_also_when_their_length_is_not_told() -> None:
    async with hooked() as (house, url), httpx.AsyncClient() as http:
        headers = {HEADER: WEBHOOK_SECRET}
        told = await http.post(url, content=b"x" * 5_000_000, headers=headers)
        assert told.status_code == 413

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(80):
                yield b"x" * 65_536

        try:
            untold = await http.post(url, content=chunks(), headers=headers)
            assert untold.status_code == 413
        except httpx.TransportError:
            pass  # hung up on while still sending
        assert house.turns.asked == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"x"', b'{"update_id":"x"}', b"[" * 100_000, b"{}"],
)
async def test_what_is_no_update_is_400(body: bytes) -> None:
    async with hooked() as (house, url), httpx.AsyncClient() as http:
        answer = await http.post(url, content=body, headers={HEADER: WEBHOOK_SECRET})
        assert answer.status_code == 400
        assert house.turns.asked == 0


async def test_only_a_post_is_a_call() -> None:
    async with hooked() as (_, url), httpx.AsyncClient() as http:
        assert (await http.get(url, headers={HEADER: WEBHOOK_SECRET})).status_code == 405


async def test_without_a_secret_there_is_no_webhook() -> None:
    async with telegram_house() as house:
        from dataclasses import replace

        for secret in (None, house.parts.token.__class__("")):
            parts = replace(house.parts, mode="webhook", webhook_secret=secret)
            with pytest.raises(Misconfigured, match="webhook_secret"):
                async with Telegram.opened(parts):
                    pass


async def test_a_button_pressed_by_webhook_is_answered() -> None:
    async with hooked() as (house, url):
        await set_hook(house, url)
        person = house.person()
        body = {
            "id": person.press(house.fake.methods.messages.by_id[101], "start:report"),
        }
        await house.fake.settled()
        assert [each.query_id for each in house.fake.methods.answered] == [body["id"]]
        assert json.dumps(body)
