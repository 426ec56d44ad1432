"""One update through its turn: read, taken durably, the pressed button answered.

Owns what becomes of an update that fails: when the world failed (the database is away) it is the
caller's to let Telegram deliver it again; when we failed, it is tried a few times and then given
up, and the person is told. Laws: a pressed button is always answered, whatever became of the turn.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice, takewhile

from bot.channels.telegram.api import Api
from bot.channels.telegram.parts import CHANNEL, TelegramRules, Turns
from bot.channels.telegram.reading import Reading
from bot.errors import BotError, Unavailable
from bot.logs import logger
from handlers.events import Text
from storage import StorageError

SayTrouble = Callable[[str, str], Awaitable[None]]


class Again(Unavailable):
    """Nothing was stored, and the update must come again."""


class Intake:
    """Takes updates that were read; polling and the webhook share one."""

    def __init__(
        self, turns: Turns, api: Api, say_trouble: SayTrouble, rules: TelegramRules
    ) -> None:
        self._turns = turns
        self._api = api
        self._say_trouble = say_trouble
        self._rules = rules
        self._tries: dict[int, int] = {}

    async def take(self, reading: Reading) -> None:
        """Take one update; when this returns it may be confirmed. Raises Again."""
        if reading.is_odd:
            logger().warning("update_skipped", channel=CHANNEL)
        try:
            failed = await self._taken(reading)
        finally:
            if reading.query is not None:
                await self._answer(reading.query)
        if failed is not None:
            raise failed

    async def take_first(self, waiting: Sequence[Reading]) -> int:
        """Take the first of *waiting*, one person's updates in order, and with it those behind it
        that are words like it, as far as one commit takes them; how many. Raises Again."""
        words = list(takewhile(self._goes_along, islice(waiting, self._rules.burst)))
        if len(words) < 2:
            await self.take(waiting[0])
            return 1
        many, failed = 1, None
        try:
            many = await self._turns.take_first([each.inbounds[0] for each in words])
        except (Unavailable, StorageError) as error:
            logger().warning("turn_waits", channel=CHANNEL, error=type(error).__name__)
            failed = Again("the turn could not be taken")
        except Exception as error:  # a fault of ours: from now on the first of them goes alone
            failed = await self._failed(words[0], error)
        if failed is not None:
            raise failed
        return many

    def _goes_along(self, reading: Reading) -> bool:
        """Whether the update is one plain message that has not failed yet."""
        is_one = len(reading.inbounds) == 1 and reading.query is None and not reading.is_odd
        is_words = is_one and isinstance(reading.inbounds[0].event, Text)
        return is_words and reading.update_id not in self._tries

    async def _taken(self, reading: Reading) -> Again | None:
        try:
            for inbound in reading.inbounds:
                await self._turns.take(inbound)
        except (Unavailable, StorageError) as error:
            logger().warning("turn_waits", channel=CHANNEL, error=type(error).__name__)
            return Again("the turn could not be taken")
        except Exception as error:  # a fault of ours: it must not stall everybody behind it
            return await self._failed(reading, error)
        self._tries.pop(reading.update_id, None)
        return None

    async def _failed(self, reading: Reading, error: Exception) -> Again | None:
        tries = self._tries.pop(reading.update_id, 0) + 1
        logger().error("turn_failed", channel=CHANNEL, attempts=tries, exc_info=error)
        if tries < self._rules.at_most_tries:
            while len(self._tries) >= self._rules.tries_kept:
                del self._tries[next(iter(self._tries))]
            self._tries[reading.update_id] = tries
            return Again("the turn failed")
        last = reading.inbounds[-1]
        await self._quietly(self._say_trouble(last.person, last.language))
        return None

    async def _answer(self, query: str) -> None:
        await self._quietly(self._api.answer(query))

    async def _quietly(self, call: Awaitable[None]) -> None:
        """A courtesy: it may fail, and nothing hangs on it."""
        try:
            async with asyncio.timeout(self._rules.answer_s):
                await call
        except (BotError, TimeoutError) as error:
            logger().debug("courtesy_failed", channel=CHANNEL, error=type(error).__name__)
