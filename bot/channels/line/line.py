"""The LINE channel, opened: its webhook, its way out, and the files it fetches.

    async with Line.opened(parts) as line:
        line.webhook          an ASGI app for LINE's requests
        await line.deliver(…) `bot.outbox.Channel`
        line.open(handle)     `bot.fetching.Source`

Every task belongs to this room's group: on leaving, turns that are under way end, animations do
not. Nobody's profile is ever asked for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.types import ASGIApp

from bot.channels.line.api import Api
from bot.channels.line.content import Contents
from bot.channels.line.delivering import Delivery
from bot.channels.line.lanes import Lanes
from bot.channels.line.parts import LineParts
from bot.channels.line.tokens import ReplyTokens
from bot.channels.line.waiting import Animations
from bot.channels.line.webhook import Webhook
from bot.fetching import Arriving
from bot.outbox import Batch, Delivered


class Line:
    """One LINE Official Account. Make it with `opened`."""

    def __init__(
        self, parts: LineParts, api: Api, contents: Contents, group: asyncio.TaskGroup
    ) -> None:
        rules, clock = parts.rules, parts.clock
        tokens = ReplyTokens(clock, rules.token_safety_s, rules.tokens_at_most)
        self._contents = contents
        self._animations = Animations(api, clock, rules, group)
        lanes = Lanes(parts.turns, rules, group, self._animations.show)
        self._delivery = Delivery(parts, api, tokens, lanes.rested)
        self.webhook: ASGIApp = Webhook(parts, lanes, tokens)

    @classmethod
    @asynccontextmanager
    async def opened(cls, parts: LineParts) -> AsyncIterator["Line"]:
        """The channel, until the block ends."""
        rules, token = parts.rules, parts.access_token
        failure: Exception | None = None
        async with (
            Api(parts.api_url, token, rules) as api,
            Contents(parts.data_api_url, token, parts.file_bytes, rules) as contents,
            asyncio.TaskGroup() as group,
        ):
            line = cls(parts, api, contents, group)
            try:
                yield line
            except Exception as error:  # a group would wrap it, and nobody would know it again
                failure = error
            finally:
                line._animations.stop()
        if failure is not None:
            raise failure

    @property
    def quota_refusals(self) -> int:
        """How many deliveries the month's used up quota has kept back since the start."""
        return self._delivery.quota_refusals

    async def to_spare(self) -> int | None:
        """How many pushes the month has for campaigns (`bot.campaigning.Spare`)."""
        return await self._delivery.quota.to_spare()

    async def deliver(self, batch: Batch) -> Delivered:
        """Say *batch*, or as much of it as one call carries (`bot.outbox.Channel`)."""
        delivered = await self._delivery.deliver(batch)
        self._animations.over(batch.person)
        return delivered

    def open(self, handle: str) -> AbstractAsyncContextManager[Arriving]:
        """The file that *handle* stands for (`bot.fetching.Source`)."""
        return self._contents.open(handle)
