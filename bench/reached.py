"""The measured side of the channels' benches: the real wiring with LINE and Telegram switched on.

    python -m bench.reached API_URL [unpaced]

First prints where its webhooks listen. Then it answers each line it reads with a line of JSON:
`walk CHANNEL PERSON…` (bring them to the story), `floor CHANNEL PEOPLE MESSAGES` (what no message
can do without, as many at once), `quiet` (answers once nothing is left to say), `parts` (files that
lie sealed), `subscribe CHANNEL MANY` (they ask for cards), `begin_campaign` (a card is sent to all
of them), `campaign` (how far it is), `begin` and `end` (memory and the loop, seen since).
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr
from telegram import Update

from bench.cards import begin_campaign, subscribe, told_of_campaign
from bench.house import House, a_house
from bench.measuring import Took, took
from bench.receiver import Seeing, say
from bench.said import LINE_SECRET, LINE_TOKEN, TELEGRAM_TOKEN, line_body, telegram_update
from bench.turns import FLOOR_INSERT, FLOOR_TABLE, a_part
from bot.app import Platform, Reached
from bot.channels.line import Line, LineParts
from bot.channels.telegram import Telegram, TelegramParts, TelegramRules
from bot.channels.web import serving
from bot.config import Config
from bot.means import Means
from bot.turn import Inbound, Turns
from handlers.events import Choice, Command
from sealing import seal_part
from sealing.age import PQIdentity, PQRecipient
from storage.repositories import conversations, outbox
from storage.repositories.outbox import State

UNPACED = TelegramRules(chat_per_s=1e6, chat_burst=1000, all_per_s=1e6, poll_s=2)
"""What Telegram allows is Telegram's affair, and would be all that is seen of many turns."""


async def connect(
    api_url: str,
    rules: TelegramRules,
    config: Config,
    means: Means,
    turns: Turns,
    stack: AsyncExitStack,
) -> Reached:
    """Both channels, at *api_url*."""
    telegram = await stack.enter_async_context(
        Telegram.opened(
            TelegramParts(
                turns=turns,
                clock=means.clock,
                book=lambda: means.books["telegram"],
                token=SecretStr(TELEGRAM_TOKEN),
                api_url=api_url,
                rules=rules,
            )
        )
    )
    line = await stack.enter_async_context(
        Line.opened(
            LineParts(
                turns=turns,
                clock=means.clock,
                book=lambda: means.books["line"],
                channel_secret=LINE_SECRET,
                access_token=LINE_TOKEN,
                api_url=api_url,
                data_api_url=api_url,
                file_bytes=300 * 1024 * 1024,
            )
        )
    )
    both = {
        "telegram": Platform(telegram, telegram, telegram, None, telegram.run),
        "line": Platform(line, line, line, line.webhook),
    }
    return Reached(both)


async def main() -> None:
    api_url, rules = sys.argv[1], UNPACED if sys.argv[2:] == ["unpaced"] else TelegramRules()

    async def reach(config: Config, means: Means, turns: Turns, stack: AsyncExitStack) -> Reached:
        return await connect(api_url, rules, config, means, turns, stack)

    async with a_house(reach) as house, AsyncExitStack() as stack:
        server = uvicorn.Server(
            uvicorn.Config(house.running.web, host="127.0.0.1", port=0, **serving.settings())
        )
        running = house.running
        runs = (
            server.serve,
            running.outbox.run,
            running.fetching.run,
            running.campaigning.run,
            *running.reached.runs,
        )
        tasks = [asyncio.create_task(run()) for run in runs]
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        say({"port": server.servers[0].sockets[0].getsockname()[1]})
        seeing, floor = Seeing(house, stack), _Floor(house, api_url)
        while command := (await asyncio.to_thread(sys.stdin.readline)).split():
            if command[0] == "floor":
                say(await floor.run(command[1], int(command[2]), int(command[3])))
            elif command[0] == "walk":
                await asyncio.gather(*(_walk(house, command[1], name) for name in command[2:]))
                say({})
            elif command[0] == "quiet":
                await _quiet(house)
                say({})
            elif command[0] == "subscribe":
                await subscribe(house, command[1], int(command[2]))
                say({})
            elif command[0] == "begin_campaign":
                await begin_campaign(house)
                say({})
            elif command[0] == "campaign":
                say(await told_of_campaign(house))
            elif command[0] == "parts":
                say({"parts": await parts_of(house)})
            else:
                say(await seeing.obey(*command))
        server.should_exit = True
        await tasks[0]
        for task in tasks[1:]:
            task.cancel()
        for task in tasks[1:]:
            with contextlib.suppress(asyncio.CancelledError):
                await task


QUIET_LOOK_S = 0.005
WAY = ("embezzlement", "TH-40", "unknown", "skip")
"""From the report's first question to the story."""


async def _walk(house: House, channel: str, person: str) -> None:
    """Bring *person* to the question what happened."""
    means, turns = house.running.means, house.running.turns
    conversation = means.marks.conversation(channel, person)
    await turns.take(Inbound(channel, person, "walk", Command("report")))
    for nth, choice in enumerate(WAY):
        row = await means.db.read(lambda t: conversations.get(t, conversation))
        screen = means.open(row, person, "th").state.conversation.screen
        await turns.take(Inbound(channel, person, f"walk {nth}", Choice(screen, choice)))


async def _quiet(house: House) -> None:
    """Return when nothing is left to say."""
    db = house.running.means.db
    while await db.read(lambda t: outbox.count(t, State.READY)):  # noqa: ASYNC110  # a database has no event
        await asyncio.sleep(QUIET_LOOK_S)


async def parts_of(house: House) -> int:
    """How many files lie sealed in parts."""
    rows = await house.running.means.db.read(
        lambda t: t.rows("SELECT count(*) FROM part WHERE blob_id IS NOT NULL")
    )
    return int(rows[0][0])


class _Floor:
    """The least that a message has to do: read, one seal, one commit, one request."""

    def __init__(self, house: House, api_url: str) -> None:
        self._db = house.running.means.db
        self._api_url = api_url
        self._recipients: list[PQRecipient] = []
        self._has_table = False

    async def run(self, channel: str, people: int, messages: int) -> dict[str, Any]:
        if not self._has_table:
            await self._db.commit(lambda t: t.execute(FLOOR_TABLE))
            self._has_table = True
        while len(self._recipients) < people:
            self._recipients.append(PQIdentity.generate().recipient)
        read = {"telegram": _read_update, "line": _read_event}[channel]
        async with httpx.AsyncClient(base_url=self._api_url) as client:
            ran = await self._all(client, read, people, messages)
        return {"wall_s": ran.wall_s, "cpu_s": ran.cpu_s}

    async def _all(
        self, client: httpx.AsyncClient, read: Callable[[int], str], people: int, messages: int
    ) -> Took:
        async def one(nth: int) -> None:
            for number in range(messages):
                sealed = seal_part(a_part(read(number)), self._recipients[nth]).data
                row = (os.urandom(16), sealed + bytes(1200))
                await self._db.commit(lambda t, row=row: t.execute(FLOOR_INSERT, row))  # type: ignore[misc]  # bound at once
                await client.post("/floor", json={"text": "x" * 400})

        everybody: Awaitable[object] = asyncio.gather(*(one(nth) for nth in range(people)))
        return (await took(everybody)).per(people * messages)


def _read_update(number: int) -> str:
    raw = json.dumps(telegram_update(number, 1, "คำ " * 60))
    update = Update.de_json(json.loads(raw), None)
    assert update.message is not None
    return update.message.text or ""


def _read_event(number: int) -> str:
    raw, signature = line_body(number, "U" + "0" * 32, "คำ " * 60)
    digest = hmac.digest(LINE_SECRET.encode(), raw, hashlib.sha256)
    assert hmac.compare_digest(base64.b64encode(digest).decode(), signature)
    return str(json.loads(raw)["events"][0]["message"]["text"])


if __name__ == "__main__":
    asyncio.run(main())
