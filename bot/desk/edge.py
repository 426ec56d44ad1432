"""The desk's edge: what is too long or too slow to come is turned away before anything acts on it.

Sets the headers of every answer.
"""

import asyncio

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_AT_MOST = 4 * 1024 * 1024
BODY_IDLE_S = 10.0
BODY_WHOLE_S = 60.0
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Bounded:
    """Refuses a body that is too long, or too slow to come, before anything acts on it.

    A request is read before anybody knows who sent it, so a stranger who stalls must not keep an
    officer's place. Also sets the headers of every answer.
    """

    def __init__(self, app: ASGIApp, at_most: int) -> None:
        self._app = app
        self._at_most = at_most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        left, is_whole = self._at_most, False
        ends_at = asyncio.get_running_loop().time() + BODY_WHOLE_S

        async def bounded_receive() -> Message:
            nonlocal left, is_whole
            if is_whole:  # what comes now is only the news that they hung up
                return await receive()
            patience_s = min(BODY_IDLE_S, ends_at - asyncio.get_running_loop().time())
            try:
                async with asyncio.timeout(max(0.0, patience_s)):
                    message = await receive()
            except TimeoutError:
                raise _Turned(408, "too_slow", "The request did not come to its end.") from None
            left -= len(message.get("body", b""))
            if left < 0:
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
