"""What every answer carries, and what happens when something of ours fails.

Laws: no script, no frame, no request to anywhere else; nothing is kept but what says of itself that
it may be (figures, which are the same for everybody); nobody after us learns where the person came
from; an error is a plain page, and in the log a class and a place.
"""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.web.session import Site
from bot.evidence import CutOff
from bot.logs import logger

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "fullscreen",
    "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection",
    "local-fonts", "magnetometer", "microphone", "midi", "payment",
    "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "web-share",
    "xr-spatial-tracking",
)  # fmt: skip
ALWAYS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
}
KEEPING = "cache-control"
HSTS = "max-age=63072000"


class Guarded:
    """An app whose every answer is safe to show, also when the app fails."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        is_begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal is_begun
            if message["type"] == "http.response.start":
                is_begun = True
                self._add(scope, MutableHeaders(scope=message))
            await send(message)

        try:
            await self._app(scope, receive, send_guarded)
        except CutOff:
            return  # nobody is left to answer
        except Exception as error:
            logger().error("page_failed", channel="web", error=type(error).__name__, exc_info=error)
            if not is_begun:  # the page that says so failed as well
                await Response(status_code=503)(scope, receive, send_guarded)

    def _add(self, scope: Scope, headers: MutableHeaders) -> None:
        asked = Headers(scope=scope)
        own = headers.get(KEEPING)
        headers.update(ALWAYS)
        if own is not None:
            headers[KEEPING] = own
        if self._site.is_onion(asked):
            return
        if self._site.is_https(asked):
            headers["strict-transport-security"] = HSTS
            if self._site.onion_url is not None:
                headers["onion-location"] = self._site.onion_url
