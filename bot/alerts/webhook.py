"""Alerts to a program of the operator's choice: counts as JSON, signed as Standard Webhooks says
(https://www.standardwebhooks.com, specification 1.0): HMAC-SHA256 over `id.timestamp.body`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import TracebackType
from urllib.parse import urlsplit

import httpx

from bot.alerts.sending import Alert, Later, NeverTaken
from bot.clock import Clock
from bot.errors import Unavailable

CHANNEL = "webhook"
CONNECT_S = 5.0
CALL_S = 15.0
PREFIX = "whsec_"
"""Before a secret in base64, as Standard Webhooks writes it; another is taken as it stands."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A program that is told of *centre*."""

    url: str = field(repr=False)
    centre: str
    secret: str = field(repr=False)

    @property
    def way(self) -> str:
        """What names its lines: not its address, which may hold a secret."""
        digest = hashlib.sha256(f"{self.centre}\0{self.url}".encode()).hexdigest()
        return f"webhook:{digest[:32]}"


class WebhookAlerts:
    """`bot.alerts.sending.Way`. Use as an async context manager."""

    def __init__(self, receivers: Sequence[Receiver], clock: Clock) -> None:
        self._receivers: Mapping[str, Receiver] = {each.way: each for each in receivers}
        self._clock = clock
        timeout = httpx.Timeout(CALL_S, connect=CONNECT_S)
        # A proxy of the environment is for the internet, not for a program beside us.
        self._outside = httpx.AsyncClient(timeout=timeout, follow_redirects=False)
        self._beside = httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False)

    async def __aenter__(self) -> "WebhookAlerts":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._outside.aclose()
        await self._beside.aclose()

    async def send(self, alert: Alert) -> None:
        receiver = self._receivers.get(alert.address)
        if receiver is None:
            raise NeverTaken("this webhook is configured no more")
        body = json.dumps({"type": "alert", "centres": [asdict(each) for each in alert.told]})
        stamp = int(self._clock.now_s())
        headers = {
            "content-type": "application/json",
            "webhook-id": alert.id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signature(receiver.secret, alert.id, stamp, body.encode()),
        }
        is_beside = (urlsplit(receiver.url).hostname or "") in ("localhost", "127.0.0.1", "::1")
        client = self._beside if is_beside else self._outside
        status = 0
        try:
            async with client.stream(
                "POST", receiver.url, content=body.encode(), headers=headers
            ) as answer:
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            pass
        _judge(status)


def signature(secret: str, id: str, stamp: int, body: bytes) -> str:
    """The header `webhook-signature` of *body*."""
    key = secret.encode()
    if secret.startswith(PREFIX):
        key = base64.b64decode(secret.removeprefix(PREFIX))
    mac = hmac.digest(key, f"{id}.{stamp}.".encode() + body, "sha256")
    return "v1," + base64.b64encode(mac).decode()


def _judge(status: int) -> None:
    """What an answer means. 410: never again (Standard Webhooks)."""
    if 200 <= status < 300:
        return
    if status == httpx.codes.GONE:
        raise NeverTaken("the receiver wants no more")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise Later(60.0)
    raise Unavailable("the receiver did not take it")
