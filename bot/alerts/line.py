"""The officers' channel on LINE: an Official Account of its own, with a webhook of its own.

Alerts are pushed and cost of that account's monthly quota; what officers ask is answered with the
reply token, which costs nothing.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from bot.alerts.chatting import Chatting, Reply
from bot.alerts.saying import Saying
from bot.alerts.sending import Alert, Later, NeverTaken
from bot.channels.line.api import Api, Fate
from bot.channels.line.lanes import Lanes
from bot.channels.line.parts import LineRules
from bot.channels.line.tokens import ReplyTokens
from bot.channels.line.webhook import Webhook
from bot.clock import Clock
from bot.errors import Unavailable
from bot.logs import logger

CHANNEL = "line"
BUSY_S = 30.0
NO_QUOTA_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class LineSecrets:
    """What the account is opened with. *api_url* is LINE's, without a slash at the end."""

    channel_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    api_url: str
    language: str = "th"
    rules: LineRules = field(default_factory=LineRules)


class LineAlerts:
    """`bot.alerts.sending.Way`, and the webhook. Made by `opened`."""

    def __init__(
        self,
        secrets: LineSecrets,
        api: Api,
        saying: Saying,
        clock: Clock,
        make: Callable[[Reply], Chatting],
        group: asyncio.TaskGroup,
    ) -> None:
        rules = secrets.rules
        self._api = api
        self._saying = saying
        self._tokens = ReplyTokens(clock, rules.token_safety_s, rules.tokens_at_most)
        lanes = Lanes(make(self._reply), rules, group, lambda person: None)
        self.webhook: ASGIApp = Webhook(secrets, lanes, self._tokens)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, secrets: LineSecrets, saying: Saying, clock: Clock, make: Callable[[Reply], Chatting]
    ) -> AsyncIterator["LineAlerts"]:
        """The account, until the block ends."""
        failure: Exception | None = None
        async with (
            Api(secrets.api_url, secrets.access_token, secrets.rules) as api,
            asyncio.TaskGroup() as group,
        ):
            try:
                yield cls(secrets, api, saying, clock, make, group)
            except Exception as error:  # a group would wrap it, and nobody would know it again
                failure = error
        if failure is not None:
            raise failure

    async def send(self, alert: Alert) -> None:
        key = str(uuid.UUID(hex=alert.id))
        match await self._api.push(alert.address, _text(self._saying.message(alert)), key):
            case Fate.SENT:
                return
            case Fate.BUSY:
                raise Later(BUSY_S)
            case Fate.NO_QUOTA:
                raise Later(NO_QUOTA_S)
            case Fate.REFUSED | Fate.DEAD_TOKEN:
                raise NeverTaken("LINE refused an alert")
        raise Unavailable("LINE did not say that it has the alert")  # the same key next time

    async def _reply(self, person: str, text: str) -> None:
        """An answer that does not arrive is asked for again."""
        for token in self._tokens.take(person):
            if await self._api.reply(token.text, _text(text)) is Fate.SENT:
                return
        logger().debug("courtesy_failed", channel=CHANNEL)


def _text(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text}]
