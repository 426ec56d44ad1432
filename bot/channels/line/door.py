"""The door: what a request must be before anybody looks inside it.

Owns the bound on its size and time, and LINE's signature. Law: until the signature over the raw
bytes is right, nothing of them is parsed, logged or kept.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

from starlette.requests import ClientDisconnect, Request

from bot.channels.line.errors import Turned
from bot.channels.line.parts import LineRules

SIGNATURE = "x-line-signature"
SIGNATURE_CHARACTERS = 44
"""Base64 of 32 bytes."""


class Door:
    """Reads LINE's requests. Holds the channel secret."""

    __slots__ = ("_rules", "_secret")

    def __init__(self, channel_secret: str, rules: LineRules) -> None:
        self._secret = channel_secret.encode()
        self._rules = rules

    async def events_of(self, request: Request) -> list[Any]:
        """The events of *request*, still raw, each to be read by itself. Raises Turned."""
        if request.method != "POST":
            raise Turned(405)
        signature = request.headers.get(SIGNATURE, "")
        if len(signature) != SIGNATURE_CHARACTERS or not signature.isascii():
            raise Turned(401)
        raw_body = await self._body(request)
        if not hmac.compare_digest(self._sign(raw_body), signature):
            raise Turned(403)
        return _events(raw_body)

    def _sign(self, raw_body: bytes) -> str:
        mac = hmac.new(self._secret, raw_body, hashlib.sha256)
        return base64.b64encode(mac.digest()).decode()

    async def _body(self, request: Request) -> bytes:
        length = request.headers.get("content-length", "")
        if length.isdigit() and (len(length) > 12 or int(length) > self._rules.body_bytes):
            raise Turned(413)
        raw_body = bytearray()
        try:
            async with asyncio.timeout(self._rules.body_s):
                async for chunk in request.stream():
                    raw_body += chunk
                    if len(raw_body) > self._rules.body_bytes:
                        raise Turned(413)
        except TimeoutError:
            raise Turned(408) from None
        except ClientDisconnect:
            raise Turned(400) from None
        return bytes(raw_body)


def _events(raw_body: bytes) -> list[Any]:
    try:
        body = json.loads(raw_body)
    except (ValueError, RecursionError):
        raise Turned(400) from None
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list):
        raise Turned(400)
    return events
