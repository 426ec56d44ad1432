"""The webhook: LINE's requests in, and 200 only when everything in them is durable.

Owns the answer's status and its time. LINE hears 503 when an event could not be stored, or not in
time: it then delivers again, and what was stored meanwhile is known by its id. (Redelivery has to
be switched on in LINE's console; the doctor says so.)
"""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.channels.line.door import Door
from bot.channels.line.errors import Turned
from bot.channels.line.lanes import Lanes
from bot.channels.line.parts import HookParts
from bot.channels.line.reading import Heard, read_event
from bot.channels.line.tokens import ReplyTokens
from bot.locks import Crowded
from handlers.events import Blocked


class Webhook:
    """An ASGI app for the one address that LINE calls, wherever it is mounted."""

    def __init__(self, parts: HookParts, lanes: Lanes, tokens: ReplyTokens) -> None:
        self._parts = parts
        self._lanes = lanes
        self._tokens = tokens
        self._door = Door(parts.channel_secret, parts.rules)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        until_s = asyncio.get_running_loop().time() + self._parts.rules.answer_s
        try:
            raw_events = await self._door.events_of(request)
        except Turned as turned:
            # Their body may be unread: the connection is of no more use.
            return Response(status_code=turned.status, headers={"connection": "close"})
        language = self._parts.language
        heard = [each for raw in raw_events if (each := read_event(raw, language)) is not None]
        is_durable = await self._taken(sorted(heard, key=lambda each: each.at_ms), until_s)
        return Response(status_code=200 if is_durable else 503)

    async def _taken(self, events: Sequence[Heard], until_s: float) -> bool:
        """Whether every one of *events* is durable by *until_s*; they go on if not."""
        waits: list[asyncio.Future[bool]] = []
        is_whole = True
        for heard in events:
            self._remember(heard)
            try:
                waits.append(self._lanes.enter(heard))
            except Crowded:
                is_whole = False
        if waits:
            left_s = until_s - asyncio.get_running_loop().time()
            done, late = await asyncio.wait(waits, timeout=max(0.0, left_s))
            is_whole = is_whole and not late and all(_is_durable(each) for each in done)
        return is_whole

    def _remember(self, heard: Heard) -> None:
        person = heard.inbound.person
        if isinstance(heard.inbound.event, Blocked):
            self._tokens.forget(person)
        elif heard.token is not None:
            self._tokens.keep(person, heard.token, heard.at_ms, is_again=heard.is_again)


def _is_durable(done: "asyncio.Future[bool]") -> bool:
    return not done.cancelled() and done.result()
