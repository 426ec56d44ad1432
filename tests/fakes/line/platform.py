"""The state of the fake platform: accounts, tokens, quota, contents, and the webhooks it sends.

Owns what LINE would remember. The HTTP face is in `api`, the rules of messages in `limits`. Every
id, token and secret is a canary: `secrets` holds them all, and none of them belongs in a log.
"""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import secrets
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.clock import Clock, SystemClock
from tests.fakes.line.faults import Faults
from tests.fakes.line.person import Bubble, LinePerson, shown_text
from tests.fakes.line.rich_menus import RichMenus

TOKEN_S = 60.0
REDELIVERIES_AT_MOST = 60


@dataclass(frozen=True)
class Call:
    """One call the bot made, as LINE saw it."""

    method: str
    path: str
    status: int
    body: Any = field(default=None, repr=False)
    retry_key: str | None = field(default=None, repr=False)


@dataclass
class Content:
    """What a person sent, as LINE holds it. *pause_s* is waited before every chunk but the first;
    after *cut_after* bytes the connection is gone (*cuts*: how often it was); *stalls_after* bytes
    nothing comes any more."""

    data: bytes = field(repr=False)
    mime: str
    is_ready: bool = True
    is_failed: bool = False
    is_unsent: bool = False
    pause_s: float = 0.0
    chunk_bytes: int = 64 * 1024
    cut_after: int | None = None
    cuts: int = 0
    stalls_after: int | None = None
    has_length: bool = True


@dataclass
class Quota:
    """Pushes of this month; *at_most* None: no limit."""

    at_most: int | None = 200
    used: int = 0

    @property
    def is_gone(self) -> bool:
        return self.at_most is not None and self.used >= self.at_most


@dataclass
class _Token:
    user_id: str
    until_s: float
    is_used: bool = False


@dataclass
class _Batch:
    """Events that leave in one request; a test may put them into another order."""

    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class FakeLine:
    """One channel on the platform."""

    clock: Clock = field(default_factory=SystemClock)
    access_token: str = field(
        default_factory=lambda: "canary-access-" + secrets.token_urlsafe(40), repr=False
    )
    channel_secret: str = field(
        default_factory=lambda: "canary" + secrets.token_hex(13), repr=False
    )
    webhook_url: str = ""
    is_webhook_active: bool = True
    is_redelivery_on: bool = False
    redelivery_after_s: float = 0.05
    answer_within_s: float = 2.0
    pushes_a_second: int | None = None
    api_url: str = ""
    data_url: str = ""
    quota: Quota = field(default_factory=Quota)
    faults: Faults = field(default_factory=Faults)
    menus: RichMenus = field(default_factory=RichMenus)
    people: dict[str, LinePerson] = field(default_factory=dict, repr=False)
    contents: dict[str, Content] = field(default_factory=dict, repr=False)
    calls: list[Call] = field(default_factory=list, repr=False)
    loading: list[tuple[str, int]] = field(default_factory=list, repr=False)
    secrets: set[str] = field(default_factory=set, repr=False)
    tokens: dict[str, _Token] = field(default_factory=dict, repr=False)
    accepted: dict[str, tuple[str, list[dict[str, str]]]] = field(default_factory=dict, repr=False)
    last_status: int | None = None
    posts: list[int | None] = field(default_factory=list)
    _together: _Batch | None = None
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set, repr=False)
    _pushed_at: list[float] = field(default_factory=list, repr=False)

    http: httpx.AsyncClient = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.bot_user_id = self.secret("U")
        self.secrets |= {self.access_token, self.channel_secret}

    @classmethod
    @asynccontextmanager
    async def opened(cls, **settings: Any) -> AsyncIterator["FakeLine"]:
        """The platform, listening on two ports of 127.0.0.1."""
        from tests.fakes.line.api import api_app, data_app
        from tests.fakes.line.server import listening

        line = cls(**settings)
        no_limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        async with (
            listening(line, api_app) as api_url,
            listening(line, data_app) as data_url,
            httpx.AsyncClient(trust_env=False, timeout=None, limits=no_limits) as line.http,  # noqa: S113  # each post has its own
        ):
            line.api_url, line.data_url = api_url, data_url
            try:
                yield line
            finally:
                for task in line._tasks:
                    task.cancel()
                await asyncio.gather(*line._tasks, return_exceptions=True)

    # --- ids ---------------------------------------------------------------------------------

    def secret(self, prefix: str) -> str:
        made = prefix + secrets.token_hex(16)
        self.secrets.add(made)
        return made

    def new_message_id(self) -> str:
        made = str(580_000_000_000_000_000 + secrets.randbelow(10**15) * 100 + next(self._ids))
        self.secrets.add(made)
        return made

    def person(self, name: str = "canary name", *, is_on_pc: bool = False) -> LinePerson:
        made = LinePerson(self, self.secret("U"), name, is_on_pc)
        self.people[made.user_id] = made
        return made

    def keep(self, data: bytes, mime: str, *, is_ready: bool = True) -> str:
        """Hold what a person sent; its message id."""
        message_id = self.new_message_id()
        self.contents[message_id] = Content(data, mime, is_ready)
        return message_id

    # --- webhooks ----------------------------------------------------------------------------

    async def happens(
        self, person: LinePerson, body: Mapping[str, Any], *, has_token: bool = True
    ) -> int | None:
        """Tell the bot that *body* happened; what it answered."""
        event = self.event(person.user_id, body, has_token=has_token)
        if self._together is not None:
            self._together.events.append(event)
            return None
        return await self.post([event])

    def event(
        self, user_id: str, body: Mapping[str, Any], *, has_token: bool = True
    ) -> dict[str, Any]:
        """*body* as LINE would send it, with a token of its own."""
        event: dict[str, Any] = {
            **body,
            "mode": "active",
            "timestamp": int(self.clock.now_s() * 1000),
            "source": {"type": "user", "userId": user_id},
            "webhookEventId": self.secret("01"),
            "deliveryContext": {"isRedelivery": False},
        }
        if has_token:
            token = self.secret("")
            self.tokens[token] = _Token(user_id, self.clock.now_s() + TOKEN_S)
            event["replyToken"] = token
        return event

    @asynccontextmanager
    async def together(self) -> AsyncIterator[_Batch]:
        """What people do inside leaves in one request at the end."""
        batch = self._together = _Batch()
        try:
            yield batch
        finally:
            self._together = None
        await self.post(batch.events)

    async def ping(self) -> int | None:
        """`events: []`, which LINE sends to see whether the bot is there."""
        return await self.post([])

    async def post(self, events: Iterable[Mapping[str, Any]]) -> int | None:
        """One webhook request; when it is not answered with 200 in time, again later."""
        leaving = [dict(event) for event in events]
        status = await self._post(leaving)
        if status != 200 and self.is_redelivery_on and leaving:
            self._begin(self._redeliver(leaving))
        return status

    async def _redeliver(self, events: list[dict[str, Any]]) -> None:
        again = [{**event, "deliveryContext": {"isRedelivery": True}} for event in events]
        for _ in range(REDELIVERIES_AT_MOST):
            await self.clock.sleep(self.redelivery_after_s)
            if await self._post(again) == 200:
                return

    async def _post(self, events: list[dict[str, Any]]) -> int | None:
        body = {"destination": self.bot_user_id, "events": events}
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        status = await self.post_raw(raw)
        self.last_status = status
        self.posts.append(status)
        return status

    async def post_raw(self, raw: bytes, signature: str | None = "right") -> int | None:
        """Send *raw* to the bot's webhook. *signature* "right" signs it; None sends none."""
        if not self.is_webhook_active:
            return None
        headers = {"content-type": "application/json; charset=utf-8"}
        if signature is not None:
            signed = self.sign(raw) if signature == "right" else signature
            headers["x-line-signature"] = signed
        try:
            async with asyncio.timeout(self.answer_within_s):
                answer = await self.http.post(self.webhook_url, content=raw, headers=headers)
                return answer.status_code
        except (TimeoutError, httpx.HTTPError):
            return None

    def sign(self, raw: bytes) -> str:
        mac = hmac.new(self.channel_secret.encode(), raw, hashlib.sha256)
        return base64.b64encode(mac.digest()).decode()

    @property
    def is_redelivering(self) -> bool:
        """Whether something waits to be delivered again."""
        return bool(self._tasks)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- messages of the bot -----------------------------------------------------------------

    def take_token(self, token: object) -> LinePerson | None:
        """Whom a reply with *token* goes to, once and in time; None: "Invalid reply token"."""
        found = self.tokens.get(token) if isinstance(token, str) else None
        if found is None or found.is_used or self.clock.now_s() >= found.until_s:
            return None
        found.is_used = True
        return self.people[found.user_id]

    def is_rate_limited(self) -> bool:
        if self.pushes_a_second is None:
            return False
        now = self.clock.now_s()
        self._pushed_at = [at for at in self._pushed_at if now - at < 1]
        if len(self._pushed_at) >= self.pushes_a_second:
            return True
        self._pushed_at.append(now)
        return False

    def deliver(
        self, person: LinePerson, messages: list[dict[str, Any]], *, is_pushed: bool
    ) -> list[dict[str, str]]:
        """Put *messages* into the chat; `sentMessages` of the answer."""
        bubbles = [
            Bubble(
                "bot",
                message["type"],
                shown_text(message),
                self.new_message_id(),
                message,
                is_pushed=is_pushed,
            )
            for message in messages
        ]
        if person.is_friend:
            person.shows(bubbles)
        return [{"id": bubble.message_id, "quoteToken": self.secret("q")} for bubble in bubbles]

    def called(self, path: str) -> list[Call]:
        """The calls whose path holds *path*."""
        return [call for call in self.calls if path in call.path]

    @property
    def profile_calls(self) -> list[Call]:
        """Every time the bot asked who somebody is. It never may."""
        return self.called("/profile")


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
