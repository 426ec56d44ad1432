"""Telegram and LINE as the demo has them: two fakes on this machine, beside the real bot.

The fakes are those of the tests (tests/fakes): real HTTP, the documented rules and limits. They run
in a thread of their own, because people in the demo do one thing after the other. Laws: nothing
here leaves this machine; the tokens are made up and die with the demo.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from bot.clock import SystemClock
from deploy.demo.errors import DemoFailed
from tests.fakes.line import FakeLine
from tests.fakes.telegram import FakeTelegram

T = TypeVar("T")

CALL_AT_MOST_S = 30.0
WEBHOOK_AT_MOST_S = 10.0
"""LINE wants its answer within 2 s; a busy laptop that plays everything at once gets longer."""


class Platforms:
    """Both platforms, as long as the block lasts."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open = AsyncExitStack()
        self.telegram: FakeTelegram
        self.line: FakeLine

    def __enter__(self) -> Self:
        self._thread.start()
        self.telegram, self.line = self.run(self._opened())
        return self

    def __exit__(self, *error: object) -> None:
        self.run(self._open.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _opened(self) -> tuple[FakeTelegram, FakeLine]:
        clock = cast(Any, SystemClock())  # the tests hold the fakes' clock, the demo lets it run
        enter = self._open.enter_async_context
        line = FakeLine.opened(answer_within_s=WEBHOOK_AT_MOST_S, is_redelivery_on=True)
        return await enter(FakeTelegram.serving(clock=clock)), await enter(line)

    def run(self, work: Any) -> Any:
        """What *work* (a coroutine) comes to. Raises DemoFailed when it takes too long."""
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_AT_MOST_S)
        except TimeoutError:
            raise DemoFailed("A platform of the demo did not answer.") from None

    def call(self, deed: Callable[[], T]) -> T:
        """Do *deed* where the fakes live."""

        async def done() -> T:
            return deed()

        return cast(T, self.run(done()))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every id, name, number and token that the platforms told the bot or could tell."""
        people = self.telegram.methods.messages.chats.values()
        names = ("id", "first_name", "last_name", "username")
        told = [str(chat.sender[name]) for chat in people for name in names]
        return (self.telegram.token, *told, *self.line.secrets)

    # --- switching them on ---------------------------------------------------------------------

    def lay_down_secrets(self, folder: Path) -> None:
        """As the operator: each secret in a file of its own, for nobody else to read."""
        for name, secret in (
            ("telegram-token", self.telegram.token),
            ("line-channel-secret", self.line.channel_secret),
            ("line-access-token", self.line.access_token),
        ):
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as out:
                out.write(secret + "\n")

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """What stands in a fresh configuration, and what the demo writes there."""
        return (
            ('"https://api.telegram.org"', f'"{self.telegram.api_url}"'),
            ('"https://api.line.me"', f'"{self.line.api_url}"'),
            ('"https://api-data.line.me"', f'"{self.line.data_url}"'),
        )

    def calls_webhook_at(self, web_url: str) -> None:
        """As the operator, in LINE's console: where LINE sends what people write."""
        self.line.webhook_url = f"{web_url}/line/webhook"
