"""The server: paths, the token, faults, and every call written down."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from tests.bot.fake_clock import FakeClock
from tests.fakes.telegram.faults import (
    CUT_OFF,
    ERROR_500,
    NOT_FOUND,
    RESET_AFTER,
    RESET_BEFORE,
    Faults,
    Slow,
)
from tests.fakes.telegram.files import Files
from tests.fakes.telegram.floods import Floods
from tests.fakes.telegram.http import Reply, Request, serve_connection
from tests.fakes.telegram.messages import Messages
from tests.fakes.telegram.methods import Methods
from tests.fakes.telegram.person import TelegramPerson
from tests.fakes.telegram.profile import Profile
from tests.fakes.telegram.rules import Refused, Rules
from tests.fakes.telegram.updates import Updates

TOKEN = "7423901856:AAF-canary-token-9hJkLmNoPqRsTuVwXyZ"
BOT = {"id": 7423901856, "is_bot": True, "first_name": "Saisaat", "username": "saisaat_test_bot"}


@dataclass(frozen=True)
class Call:
    """One call of the bot, as it came in, and what it was answered with (0: nothing)."""

    method: str
    params: dict[str, Any]
    status: int


@dataclass
class FakeTelegram:
    """One bot's side of the platform. Made by `serving`."""

    rules: Rules
    clock: Clock
    token: str
    methods: Methods
    faults: Faults = field(default_factory=Faults)
    calls: list[Call] = field(default_factory=list)
    api_url: str = ""
    _people: int = 0
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def serving(
        cls,
        *,
        clock: Clock | None = None,
        rules: Rules | None = None,
        token: str = TOKEN,
        port: int = 0,
    ) -> AsyncIterator["FakeTelegram"]:
        """Serve on a free port of this machine until the block ends."""
        rules, clock = rules or Rules(), clock or FakeClock()
        methods = Methods(
            rules,
            clock,
            Messages(rules),
            Updates(rules, clock),
            Files(rules),
            Floods(rules, clock),
            Profile(dict(BOT)),
        )
        fake = cls(rules, clock, token, methods)
        server = await asyncio.start_server(fake._connected, "127.0.0.1", port, limit=2**20)
        fake.api_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield fake
        finally:
            server.close()
            await methods.updates.close()
            open_now = list(fake._open)
            for task in open_now:
                task.cancel()
            await asyncio.gather(*open_now, return_exceptions=True)
            await server.wait_closed()

    @property
    def updates(self) -> Updates:
        return self.methods.updates

    @property
    def floods(self) -> Floods:
        return self.methods.floods

    @property
    def files(self) -> Files:
        return self.methods.files

    @property
    def profile(self) -> Profile:
        return self.methods.profile

    def person(self, **who: Any) -> TelegramPerson:
        """Somebody new with an account of their own."""
        self._people += 1
        return TelegramPerson.new(self.methods, self._people, **who)

    def inject(self, update: dict[str, Any], chat_id: int = 0) -> int:
        """Put any update into the queue, as odd as you like; its id."""
        return self.updates.add(update, chat_id)

    def called(self, *methods: str) -> list[Call]:
        """The calls of these methods, in order."""
        return [call for call in self.calls if call.method in methods]

    async def settled(self) -> None:
        """Return when every update is confirmed."""
        await self.updates.emptied.wait()

    # --- answering -----------------------------------------------------------------------------

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await serve_connection(reader, writer, self._answer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._open.discard(task)

    async def _answer(self, request: Request) -> Reply:
        found = re.fullmatch(r"/(file/)?bot([^/]+)/(.+)", request.path)
        if found is None or not re.fullmatch(r"\d+:[A-Za-z0-9_-]{20,}", found[2]):
            return _refusal(Refused(404, "Not Found"))
        if found[2] != self.token:
            return _refusal(Refused(401, "Unauthorized"))
        if found[1]:
            return self._download(found[3])
        return await self._call(found[3], request)

    async def _call(self, method: str, request: Request) -> Reply:
        params = request.params()
        fault = self.faults.take(method, params.get("file_id"))
        if fault in (RESET_BEFORE, ERROR_500):
            self.calls.append(Call(method, params, 0 if fault == RESET_BEFORE else 500))
            if fault == RESET_BEFORE:
                return Reply(is_reset=True)
            return Reply(500, b"<html>Internal Server Error</html>", "text/html")
        reply = await self._carried_out(method, params)
        if isinstance(fault, Slow):
            await asyncio.sleep(fault.wait_s)
        if fault == RESET_AFTER:
            return Reply(is_reset=True)
        return reply

    async def _carried_out(self, method: str, params: dict[str, Any]) -> Reply:
        try:
            result = await self.methods.call(method, params)
        except Refused as refused:
            self.calls.append(Call(method, params, refused.status))
            return _refusal(refused)
        self.calls.append(Call(method, params, 200))
        return Reply(body=json.dumps({"ok": True, "result": result}).encode())

    def _download(self, path: str) -> Reply:
        fault = self.faults.take("file", path)
        data = self.files.download(path, self.clock.now_s())
        self.calls.append(Call("file", {"path": path}, 404 if data is None else 200))
        if data is None or fault == NOT_FOUND:
            return _refusal(Refused(404, "Not Found"))
        if fault in (RESET_BEFORE, RESET_AFTER):
            return Reply(is_reset=True)
        if fault == ERROR_500:
            return Reply(500, b"", "text/html")
        return Reply(
            body=data,
            content_type="application/octet-stream",
            cut_at=len(data) // 2 if fault == CUT_OFF else None,
            pause_s=fault.wait_s if isinstance(fault, Slow) else 0.0,
            pieces=8,
        )


def _refusal(refused: Refused) -> Reply:
    return Reply(refused.status, json.dumps(refused.body()).encode())
