"""LINE and Telegram for a whole deployment: the fakes live in the test's process, and their time is
the bot's.

    async with platforms(tmp_path / "deployment") as world:
        with running(world.made) as bot: ...
        async with world.flying(): ...              seconds pass in moments, for everybody

Owns the accounts (their secrets in files of the secrets folder) and the one clock that all of them
go by. Refuses to know what people say: `chats` does.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.bot.fake_clock import FakeClock
from tests.fakes.line import FakeLine
from tests.fakes.line.limits import check_messages
from tests.fakes.telegram import FakeTelegram, Rules
from tests.fakes.telegram.rules import Refused, check_keyboard, parsed
from tests.fakes.telegram.updates import Webhook
from tests.whole.deployment import Account, Whole, clock_file_in, make
from tests.whole.server import FileClock, advance

TELEGRAM_DOOR, LINE_DOOR = "/telegram/webhook", "/line/webhook"
WEBHOOK_SECRET = "canary-webhook-secret_-7731"
TICK_S = 0.02
FLIES_S = 0.3
"""So much passes in each tick while time flies: a reply token still lives for seconds of ours."""


@dataclass(frozen=True)
class World:
    """A deployment and the platforms that reach it."""

    made: Whole
    telegram: FakeTelegram
    line: FakeLine

    @property
    def clock(self) -> FileClock:
        return FileClock(self.made.clock_file)

    @property
    def beyond_limits(self) -> list[str]:
        """Every call whose content no platform takes: too long, too much, of an unknown shape.
        (A dead reply token, a message that is gone or a blocked chat is nobody's content.)"""
        line = [call.path for call in self.line.calls if _is_beyond_line(call.body)]
        rules = self.telegram.rules
        telegram = [
            call.method for call in self.telegram.calls if _is_beyond_telegram(call.params, rules)
        ]
        return line + telegram

    @property
    def is_idle(self) -> bool:
        """Whether the bot has nothing to say now and no file to fetch."""
        with closing(sqlite3.connect(self.made.database)) as database:
            work = "SELECT 1 FROM outbox WHERE state = 'ready' UNION SELECT 1 FROM fetch"
            return database.execute(work).fetchone() is None

    def advance(self, wait_s: float) -> None:
        """Let time pass for the bot and the platforms."""
        advance(self.made.clock_file, wait_s)

    @asynccontextmanager
    async def flying(self, step_s: float = FLIES_S) -> AsyncIterator[None]:
        """Let *step_s* pass in every tick: pauses and back-offs end in moments."""

        async def fly() -> None:
            while True:
                self.advance(step_s)
                await asyncio.sleep(TICK_S)

        task = asyncio.create_task(fly())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def platforms(
    folder: Path, *, is_polling: bool = True, line: type[FakeLine] = FakeLine, **settings: Any
) -> AsyncIterator[World]:
    """A fresh deployment in *folder*, reached by both platforms; *line* is how LINE behaves.
    *settings* as for `make`."""
    clock = FileClock(clock_file_in(folder))
    async with AsyncExitStack() as stack:
        # The fake only ever asks what time it is; this clock moves with the bot's.
        as_fake = cast("FakeClock", clock)
        telegram = await stack.enter_async_context(FakeTelegram.serving(clock=as_fake))
        on_line = await stack.enter_async_context(line.opened(clock=clock))
        accounts = (telegram_account(telegram, is_polling=is_polling), line_account(on_line))
        made = make(folder, accounts=accounts, **settings)
        on_line.webhook_url = made.web_url + LINE_DOOR
        on_line.is_redelivery_on = True
        if not is_polling:
            hook = Webhook(made.web_url + TELEGRAM_DOOR, WEBHOOK_SECRET)
            telegram.updates.set_webhook(hook, drops=False)
        yield World(made, telegram, on_line)


def telegram_account(telegram: FakeTelegram, *, is_polling: bool = True) -> Account:
    keys = {"mode": "polling" if is_polling else "webhook", "api_url": telegram.api_url}
    secrets = {"telegram-token": telegram.token}
    if not is_polling:
        secrets["telegram-webhook-secret"] = WEBHOOK_SECRET
    return Account("telegram", keys, secrets)


def line_account(line: FakeLine) -> Account:
    keys = {"api_url": line.api_url, "data_api_url": line.data_url}
    secrets = {"line-channel-secret": line.channel_secret, "line-access-token": line.access_token}
    return Account("line", keys, secrets)


def _is_beyond_line(body: Any) -> bool:
    """Whether a reply or a push holds what LINE refuses."""
    return isinstance(body, dict) and "messages" in body and bool(check_messages(body["messages"]))


def _is_beyond_telegram(params: dict[str, Any], rules: Rules) -> bool:
    try:
        if "text" in params:
            parsed(params["text"], params.get("parse_mode"), rules.text_units)
        check_keyboard(params.get("reply_markup"), rules)
    except Refused:
        return True
    return len(params.get("message_ids", ())) > rules.deletes_at_once
