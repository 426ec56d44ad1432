"""One HTTP request to a platform, and its answer with the platform's time.

Owns the timeouts and what is said when nothing comes back. Refuses to know any API. An error of the
client is dropped, not chained: it holds the request, whose address or header is the token.
"""

import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from bot.platforms.errors import Unreachable

_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_AT_MOST_ANSWER_BYTES = 2 * 1024 * 1024
_AT_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. *skew_s*: how far our clock is ahead of the platform's, if it said a time."""

    status: int
    json: Any
    skew_s: float | None

    def field(self, name: str) -> Any:
        """Return the field *name* of the answer, or None."""
        return self.json.get(name) if isinstance(self.json, Mapping) else None


class Wire:
    """A connection to the platform at *base*. Use as a context manager; it is not shared."""

    def __init__(
        self, base: str, headers: Mapping[str, str], now_s: Callable[[], float] = time.time
    ) -> None:
        self.host = urlsplit(base).hostname or ""
        self._now_s = now_s
        # A proxy of the environment is for the internet, not for a server beside us.
        is_beside_us = _is_loopback(self.host)
        self._client = httpx.Client(
            base_url=base, headers=headers, timeout=_TIMEOUT, trust_env=not is_beside_us
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._client.close()

    def __repr__(self) -> str:
        return f"Wire({self.host})"

    def send(
        self, method: str, path: str, json: object = None, *,
        content: bytes | None = None, kind: str | None = None,
    ) -> Answer:  # fmt: skip
        """Send one request. Raises Unreachable; every status is an answer."""
        headers = {"content-type": kind} if kind else None
        body: dict[str, Any] = {"json": json} if json is not None else {"content": content}
        why = ""
        try:
            with self._client.stream(method, path, headers=headers, **body) as reply:
                return self._read(reply)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why = type(error).__name__
        raise Unreachable(
            f"{self.host} does not answer ({why}).",
            "See whether this machine reaches the internet (name server, firewall, proxy).",
        )

    def _read(self, reply: httpx.Response) -> Answer:
        raw = bytearray()
        for chunk in reply.iter_bytes():
            raw += chunk
            if len(raw) > _AT_MOST_ANSWER_BYTES:
                break
        skew_s = _skew_s(reply.headers.get("date"), self._now_s())
        return Answer(reply.status_code, _parsed(bytes(raw)), skew_s)


def platform_words(text: object, *secrets: str) -> str:
    """Return what a platform says as one printable line without *secrets*."""
    words = text if isinstance(text, str) else ""
    for secret in secrets:
        words = words.replace(secret, "…")
    words = "".join(letter if letter.isprintable() else " " for letter in words).strip()
    return words[:_AT_MOST_WORDS]


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parsed(raw: bytes) -> Any:
    try:
        return httpx.Response(200, content=raw).json()
    except (ValueError, RecursionError):
        return None


def _skew_s(date: str | None, now_s: float) -> float | None:
    try:
        return now_s - parsedate_to_datetime(date).timestamp() if date else None
    except (ValueError, TypeError):
        return None
