"""The desk's edge: what is too long, of too many pieces, or too slow to come is turned away before
anything acts on it.

Sets the headers of every answer.
"""

import asyncio
from collections.abc import Collection

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_AT_MOST = 4 * 1024 * 1024
STRANGERS_BODY_AT_MOST = 1024
"""Bytes of what is open to anybody: to sign in takes some hundred."""
COMMAS_AT_MOST = 4096
"""In one body: a few more than the longest list of grants has. A body is refused for every value
that is wrong in it, and a million of them would keep the whole bot busy for as many errors."""
BODY_IDLE_S = 10.0
BODY_WHOLE_S = 60.0
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Bounded:
    """Refuses a body that is too long, of too many pieces, or too slow to come, before anything
    acts on it.

    A request is read before anybody knows who sent it, so a stranger who stalls must not keep an
    officer's place; and the *opened* paths take no more than signing in needs. Also sets the
    headers of every answer.
    """

    def __init__(self, app: ASGIApp, opened: Collection[str]) -> None:
        self._app = app
        self._opened = frozenset(opened)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        left = STRANGERS_BODY_AT_MOST if scope["path"] in self._opened else BODY_AT_MOST
        commas_left, is_whole = COMMAS_AT_MOST, False
        ends_at = asyncio.get_running_loop().time() + BODY_WHOLE_S

        async def bounded_receive() -> Message:
            nonlocal left, commas_left, is_whole
            if is_whole:  # what comes now is only the news that they hung up
                return await receive()
            patience_s = min(BODY_IDLE_S, ends_at - asyncio.get_running_loop().time())
            try:
                async with asyncio.timeout(max(0.0, patience_s)):
                    message = await receive()
            except TimeoutError:
                raise _Turned(408, "too_slow", "The request did not come to its end.") from None
            left -= len(message.get("body", b""))
            commas_left -= message.get("body", b"").count(b",")
            if left < 0 or commas_left < 0:
                raise _Turned(413, "too_long", "This is more than the desk takes at once.")
            is_whole = not message.get("more_body", False)
            return message

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                has = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.lower().encode(), value.encode())
                        for name, value in HEADERS.items()
                        if name.lower().encode() not in has
                    ),
                ]
            await send(message)

        try:
            await self._app(scope, bounded_receive, send_with_headers)
        except _Turned as turned:
            body = {"error": turned.code, "says": turned.says}
            answer = JSONResponse(body, turned.status, {"Connection": "close"})
            await answer(scope, receive, send_with_headers)


class _Turned(BaseException):
    """Turned away at the edge: passes through the framework's own handlers."""

    def __init__(self, status: int, code: str, says: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.says = says
