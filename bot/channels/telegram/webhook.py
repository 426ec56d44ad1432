"""The webhook: who calls is checked first, the body is read after that, and only a durable turn is
answered with 200. Whatever else it is answered with, Telegram delivers the update again."""

import asyncio
import hmac
import json

from pydantic import SecretStr
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.channels.telegram.intake import Again, Intake
from bot.channels.telegram.parts import TelegramRules
from bot.channels.telegram.reading import read, update_id_of
from bot.errors import BadRequest

SECRET_HEADER = b"x-telegram-bot-api-secret-token"


class _TooLong(BadRequest):
    """More bytes than an update has."""


class Webhook:
    """The ASGI app."""

    def __init__(self, secret: SecretStr, intake: Intake, rules: TelegramRules) -> None:
        self._secret = secret
        self._intake = intake
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status = await self._status(scope, receive)
        await Response(status_code=status)(scope, receive, send)

    async def _status(self, scope: Scope, receive: Receive) -> int:
        if not self._is_telegram(scope):
            return 403
        if scope["method"] != "POST":
            return 405
        try:
            raw = json.loads(await self._body(scope, receive))
        except _TooLong:
            return 413
        except (BadRequest, TimeoutError, ValueError, RecursionError):
            return 400
        if update_id_of(raw) is None:
            return 400
        try:
            await self._intake.take(read(raw))
        except Again:
            return 503
        return 200

    def _is_telegram(self, scope: Scope) -> bool:
        claimed = [value for name, value in scope["headers"] if name == SECRET_HEADER]
        expected = self._secret.get_secret_value().encode()
        said = claimed[0] if len(claimed) == 1 else b""
        return hmac.compare_digest(said, expected) and bool(expected)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        at_most, gathered = self._rules.body_bytes, bytearray()
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > at_most:
                raise _TooLong("the body is too long")
        async with asyncio.timeout(self._rules.body_s):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise BadRequest("the caller went away")
                gathered += message.get("body", b"")
                if len(gathered) > at_most:
                    raise _TooLong("the body is too long")
                if not message.get("more_body", False):
                    return bytes(gathered)
