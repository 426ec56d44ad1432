"""LINE's messaging API: three calls, and what became of each.

Owns the SDK's client, its timeouts and its errors. `Fate` says what a caller must know: what may be
sent again, and what may not. The SDK's own `AsyncMessagingApi` is not used for messages: it turns
dicts into its models and drops their text on the way, and raises for an odd 200 after the message
was sent. Law: no error that leaves this module carries a body, a header or an address.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from types import TracebackType
from typing import Any

import aiohttp
from linebot.v3.messaging import (  # type: ignore[import-untyped]  # it ships no types
    ApiException,
    AsyncApiClient,
    Configuration,
)

from bot.channels.line.parts import LineRules
from bot.channels.line.rendering import Message


class Fate(Enum):
    """What became of a call."""

    SENT = auto()
    """LINE has it."""
    DEAD_TOKEN = auto()
    """The reply token was used or is too old; nothing was said."""
    REFUSED = auto()
    """LINE does not take this content; the same again would not help."""
    BUSY = auto()
    """Too many calls just now; nothing was said."""
    NO_QUOTA = auto()
    """The month's pushes are used up; nothing was said."""
    NOT_OURS = auto()
    """The channel access token is wrong; nothing was said."""
    NOT_SENT = auto()
    """LINE was not reached; nothing was said."""
    FAILED = auto()
    """LINE answered that it failed; it may have said it nevertheless."""
    UNKNOWN = auto()
    """No answer came; it may have been said, or may still be."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """An answer that is no success."""

    status: int
    said: str


class Api:
    """The calls. Open it inside the running loop: `async with Api(…) as api`."""

    def __init__(self, api_url: str, access_token: str, rules: LineRules) -> None:
        configuration = Configuration(host=api_url, access_token=access_token)
        configuration.connection_pool_maxsize = rules.calls_at_once
        self._client: Any = AsyncApiClient(configuration)
        self._timeout = aiohttp.ClientTimeout(total=rules.call_s, sock_connect=rules.connect_s)

    async def __aenter__(self) -> "Api":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.close()

    async def reply(self, token: str, messages: Sequence[Message]) -> Fate:
        """Answer with *token*."""
        body = {"replyToken": token, "messages": list(messages)}
        fate = await self._post("/v2/bot/message/reply", body)
        return Fate.BUSY if fate is Fate.NO_QUOTA else fate

    async def push(self, person: str, messages: Sequence[Message], retry_key: str) -> Fate:
        """Say *messages* unasked, once per *retry_key*."""
        body = {"to": person, "messages": list(messages)}
        return await self._post("/v2/bot/message/push", body, {"X-Line-Retry-Key": retry_key})

    async def pushes_left(self) -> float | None:
        """How many pushes the month has left (math.inf where there is no limit); None when LINE
        does not say."""
        quota = await self._get("/v2/bot/message/quota")
        used = await self._get("/v2/bot/message/quota/consumption")
        value, total = quota.get("value"), used.get("totalUsage")
        if quota.get("type") == "none":
            return math.inf
        if quota.get("type") != "limited" or not isinstance(value, int):
            return None
        return max(0, value - total) if isinstance(total, int) else None

    async def _get(self, path: str) -> dict[str, Any]:
        """What LINE answers; nothing when it does not."""
        try:
            answer = await self._client.call_api(
                path,
                "GET",
                header_params={"Accept": "application/json"},
                response_types_map={"200": "object"},
                auth_settings=["Bearer"],
                _request_timeout=self._timeout,
                _return_http_data_only=True,
            )
        except (ApiException, aiohttp.ClientError, OSError, ValueError):
            return {}
        return answer if isinstance(answer, dict) else {}

    async def loading(self, person: str, seconds: int) -> Fate:
        """Show *person* that something is under way, until the next message or for *seconds*."""
        body = {"chatId": person, "loadingSeconds": seconds}
        return await self._post("/v2/bot/chat/loading/start", body)

    async def _post(
        self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> Fate:
        said = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        try:
            await self._client.call_api(
                path,
                "POST",
                header_params=said,
                body=body,
                response_types_map={},
                auth_settings=["Bearer"],
                _request_timeout=self._timeout,
            )
        except ApiException as error:
            return _fate_of(_refusal(error))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return Fate.NOT_SENT
        except (aiohttp.ClientError, OSError, UnicodeDecodeError):
            return Fate.UNKNOWN
        return Fate.SENT


def _refusal(error: Any) -> _Refusal:
    try:
        said = json.loads(error.body or "{}").get("message", "")
    except (ValueError, AttributeError):
        said = ""
    return _Refusal(int(error.status or 0), said if isinstance(said, str) else "")


def _fate_of(refusal: _Refusal) -> Fate:
    match refusal.status:
        case 409:
            return Fate.SENT  # an earlier try with this retry key was accepted
        case 429:
            return Fate.NO_QUOTA if "monthly limit" in refusal.said else Fate.BUSY
        case 400 if "reply token" in refusal.said.lower():
            return Fate.DEAD_TOKEN
        case 401 | 403:
            return Fate.NOT_OURS
        case status if 400 <= status < 500:
            return Fate.REFUSED
    return Fate.FAILED
