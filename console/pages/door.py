"""Who may come in, and what every answer carries.

Another site in the officer's browser may try to reach this port. So: the Host must be this address
(no rebinding), a POST must come from our own page, the cookie is sent to nobody else's request, and
no answer can be framed, cached, or read by another origin. The address that opens the door works
once, and only for a short while.
"""

import contextlib
import hmac
import secrets
import time
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENTRY_S = 300.0
BODY_AT_MOST = 4 * 1024 * 1024
"""A tip's page with a long text in each of its fields, as a browser writes Thai in a form."""
METHODS = ("GET", "HEAD", "POST")
BROKEN = (
    "โปรแกรมขัดข้องภายใน ปิดโปรแกรม (Ctrl-C) แล้วเปิดใหม่ด้วย saisaat-console open\n"
    "Something in this program failed. Stop it (Ctrl-C) and start it again: saisaat-console open\n"
)
"""Where no page can be drawn, in both languages."""

_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-DNS-Prefetch-Control": "off",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


class Key:
    """What lets one browser window in: first an address that works once, then a cookie."""

    def __init__(self, now_s: float | None = None) -> None:
        self.entry = secrets.token_urlsafe(32)
        # Cookies know no port: a name of its own keeps two consoles from overwriting each other.
        self.cookie_name = f"console_{secrets.token_hex(4)}"
        self.form_token = secrets.token_urlsafe(32)
        self._cookie: str | None = None
        self._entry_ends_s = (time.monotonic() if now_s is None else now_s) + ENTRY_S

    def __repr__(self) -> str:
        return "Key(…)"

    def enter(self, claimed: str, now_s: float | None = None) -> str | None:
        """The cookie for whoever comes with the entry token first and in time; None for all
        others.
        """
        now_s = time.monotonic() if now_s is None else now_s
        is_right = hmac.compare_digest(claimed.encode(), self.entry.encode())
        if not is_right or self._cookie is not None or now_s > self._entry_ends_s:
            return None
        self._cookie = secrets.token_urlsafe(32)
        return self._cookie

    def opens(self, cookie: str | None) -> bool:
        return (
            cookie is not None
            and self._cookie is not None
            and hmac.compare_digest(cookie.encode(), self._cookie.encode())
        )

    def is_own_form(self, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.form_token.encode())


class Door:
    """ASGI middleware: turns away what did not come from our own window, and sets the headers."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        send = _with_headers(send)
        refusal = self._refusal(scope)
        if refusal is not None:
            await PlainTextResponse("", refusal)(scope, receive, send)
            return
        # The app has answered whatever went wrong; what it raises besides would reach the server's
        # log with values in it.
        has_begun = False

        async def answer(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        with contextlib.suppress(Exception):
            await self._app(scope, receive, answer)
        if not has_begun:  # even the page that says so failed, as when files change beneath it
            await PlainTextResponse(BROKEN, 500)(scope, receive, send)

    def _refusal(self, scope: Scope) -> int | None:
        headers = Headers(scope=scope)
        if headers.getlist("host") != [self._host]:
            return 421
        if scope["method"] not in METHODS:
            return 405
        if scope["method"] == "POST":
            if not _is_from_our_page(headers, f"http://{self._host}"):
                return 403
            length = headers.get("content-length", "")
            if not length.isascii() or not length.isdigit() or int(length) > BODY_AT_MOST:
                return 413
        return None


def _is_from_our_page(headers: Headers, origin: str) -> bool:
    """With no-referrer a browser sends Origin "null" from our own form: then its fetch metadata
    must say that the request stayed on this site.
    """
    claimed = headers.get("origin")
    site = headers.get("sec-fetch-site")
    if claimed == origin:
        return site in (None, "same-origin")
    return claimed in (None, "null") and site == "same-origin"


def _with_headers(send: Send) -> Send:
    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with
