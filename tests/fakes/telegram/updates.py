"""Updates on their way to the bot: kept until they are confirmed, or delivered to its webhook.

An update comes again with every getUpdates until a higher offset is asked for; of two pollers the
earlier gets a 409. A webhook is called again until it answers 2xx; one chat's updates go one after
the other, as on the real server.
"""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.clock import Clock
from tests.fakes.telegram.rules import Refused, Rules, bad

ALL_BUT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True)
class _Pending:
    update: dict[str, Any]
    at_s: float
    chat_id: int


@dataclass
class Webhook:
    url: str = ""
    secret_token: str | None = None
    max_connections: int = 40
    allowed_updates: list[str] | None = None
    last_error: str | None = None


@dataclass
class Updates:
    rules: Rules
    clock: Clock
    webhook: Webhook = field(default_factory=Webhook)
    attempts: list[tuple[int, int | None]] = field(default_factory=list)
    """Every webhook call: update_id, and the status it was answered with (None: no answer)."""
    polls: list[int] = field(default_factory=list)
    """The offset of every getUpdates."""
    polled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the next getUpdates."""
    _pending: list[_Pending] = field(default_factory=list)
    _last_id: int = 700_000_000
    emptied: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nothing waits to be confirmed."""
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _poller: asyncio.Event | None = None
    _allowed: list[str] | None = None
    _lanes: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _client: httpx.AsyncClient | None = None

    def add(self, update: dict[str, Any], chat_id: int = 0) -> int:
        """Put an update (without update_id) into the queue; its id."""
        self._last_id += 1
        kind = next(iter(update), "")
        allowed = self.webhook.allowed_updates if self.webhook.url else self._allowed
        if kind in ALL_BUT if not allowed else kind not in allowed:
            return self._last_id
        whole = {"update_id": self._last_id, **update}
        self._pending.append(_Pending(whole, self.clock.now_s(), chat_id))
        self.emptied.clear()
        self._news.set()
        self._push(chat_id)
        return self._last_id

    @property
    def waiting(self) -> list[int]:
        """The ids that are not confirmed yet."""
        return [each.update["update_id"] for each in self._pending]

    # --- polling ---------------------------------------------------------------------------

    async def poll(
        self, offset: int, limit: int, timeout_s: float, allowed: list[str] | None
    ) -> list[dict[str, Any]]:
        if self.webhook.url:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self.polls.append(offset)
        self.polled.set()
        if allowed is not None:
            self._allowed = allowed or None
        if self._poller is not None:
            self._poller.set()
        mine = self._poller = asyncio.Event()
        try:
            return await self._poll(mine, offset, limit, timeout_s)
        finally:
            if self._poller is mine:
                self._poller = None

    async def _poll(
        self, mine: asyncio.Event, offset: int, limit: int, timeout_s: float
    ) -> list[dict[str, Any]]:
        self._confirm(offset)
        until_s = asyncio.get_running_loop().time() + timeout_s
        while True:
            if mine.is_set():
                raise Refused(
                    409,
                    "Conflict: terminated by other getUpdates request; "
                    "make sure that only one bot instance is running",
                )
            found = [each.update for each in self._pending][:limit]
            left_s = until_s - asyncio.get_running_loop().time()
            if found or left_s <= 0:
                return found
            self._news.clear()
            waits = [asyncio.ensure_future(self._news.wait()), asyncio.ensure_future(mine.wait())]
            try:
                await asyncio.wait(waits, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in waits:
                    each.cancel()

    def _confirm(self, offset: int) -> None:
        oldest_s = self.clock.now_s() - self.rules.updates_kept_s
        self._pending = [each for each in self._pending if each.at_s > oldest_s]
        if offset < 0:
            self._pending = self._pending[offset:]
        self._pending = [each for each in self._pending if each.update["update_id"] >= offset]
        self._noticed()

    def _noticed(self) -> None:
        if not self._pending:
            self.emptied.set()

    # --- the webhook -----------------------------------------------------------------------

    def set_webhook(self, made: Webhook, *, drops: bool) -> None:
        if made.url and not re.match(
            "https?://" if self.rules.http_webhooks else "https://", made.url
        ):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if made.secret_token is not None and not re.fullmatch(
            "[A-Za-z0-9_-]{1,256}", made.secret_token
        ):
            raise bad("secret token contains unallowed characters")
        if not 1 <= made.max_connections <= 100:
            raise bad("max_connections must be between 1 and 100")
        self.webhook = made
        if drops:
            self._pending.clear()
            self._noticed()
        for each in list(self._pending):
            self._push(each.chat_id)

    def info(self) -> dict[str, Any]:
        hook = self.webhook
        made: dict[str, Any] = {
            "url": hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._pending),
            "max_connections": hook.max_connections,
        }
        if hook.allowed_updates:
            made["allowed_updates"] = hook.allowed_updates
        if hook.last_error is not None:
            made |= {"last_error_message": hook.last_error, "last_error_date": 1}
        return made

    def _push(self, chat_id: int) -> None:
        if self.webhook.url and chat_id not in self._lanes:
            self._lanes[chat_id] = asyncio.ensure_future(self._deliver(chat_id))

    async def _deliver(self, chat_id: int) -> None:
        try:
            while self.webhook.url:
                pending = next((each for each in self._pending if each.chat_id == chat_id), None)
                if pending is None:
                    return
                if await self._call(pending.update):
                    self._pending.remove(pending)
                    self._noticed()
                else:
                    await asyncio.sleep(self.rules.webhook_retry_s)
        finally:
            self._lanes.pop(chat_id, None)

    async def _call(self, update: dict[str, Any]) -> bool:
        hook, status = self.webhook, None
        secret = hook.secret_token
        headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=10)
        try:
            status = (await self._client.post(hook.url, json=update, headers=headers)).status_code
        except httpx.HTTPError:
            hook.last_error = "Connection failed"
        self.attempts.append((update["update_id"], status))
        if status is not None and not 200 <= status < 300:
            hook.last_error = f"Wrong response from the webhook: {status}"
        return status is not None and 200 <= status < 300

    async def close(self) -> None:
        for each in list(self._lanes.values()):
            each.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
