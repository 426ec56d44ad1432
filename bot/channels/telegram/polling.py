"""Long polling that confirms only what is durable.

Asking Telegram for updates from an offset on confirms everything before it. So the offset is the
oldest update that is not taken yet: whatever a crash or a failure left untaken comes again, and the
turn's seen-marks make that harmless. Laws: different people are taken side by side, one person's
updates in order; a slow or failing person holds up nobody else; a bounded number is at work.
"""

import asyncio
from collections import deque
from typing import Any

from bot.channels.telegram.api import Api
from bot.channels.telegram.errors import Clash, Flood
from bot.channels.telegram.intake import Again, Intake
from bot.channels.telegram.parts import CHANNEL, TelegramRules
from bot.channels.telegram.reading import Reading, read, update_id_of
from bot.clock import Clock
from bot.errors import BotError
from bot.logs import logger


class Window:
    """Which updates are at work, taken, or have to come again; and so from where to ask."""

    def __init__(self) -> None:
        self._at_work: set[int] = set()
        self._taken: set[int] = set()
        self._again: set[int] = set()
        self._newest: int | None = None

    @property
    def offset(self) -> int | None:
        """The oldest update that is not taken; None when Telegram knows that by itself."""
        if self._newest is None:
            return None
        return min(self._at_work | self._again, default=self._newest + 1)

    def news(self, found: list[Any]) -> list[Any]:
        """What of an answer is to be started now. The answer confirmed what came before it."""
        ids = [update_id for raw in found if (update_id := update_id_of(raw)) is not None]
        offset = self.offset
        self._taken = {each for each in self._taken if offset is not None and each >= offset}
        # What we ask for again and do not get is gone: Telegram keeps updates for a day.
        self._again = {each for each in self._again if each in ids}
        if not ids and not self._at_work:
            self._newest = None  # all is confirmed; its next number need not follow the last
            return []
        known = self._at_work | self._taken
        return [raw for raw in found if update_id_of(raw) not in known | {None}]

    def started(self, update_id: int) -> None:
        self._again.discard(update_id)
        self._at_work.add(update_id)
        self._newest = max(self._newest or update_id, update_id)

    def ended(self, update_id: int, *, is_taken: bool) -> None:
        self._at_work.discard(update_id)
        (self._taken if is_taken else self._again).add(update_id)


class Polling:
    """Asks for updates until it is cancelled."""

    def __init__(self, api: Api, intake: Intake, clock: Clock, rules: TelegramRules) -> None:
        self._api = api
        self._intake = intake
        self._clock = clock
        self._rules = rules
        self._window = Window()
        self._room = asyncio.Semaphore(rules.turns_at_once)
        self._lanes: dict[str, deque[Reading]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._outages = 0
        self._has_failed = False
        self._has_taken = False

    async def run(self) -> None:
        """Poll for ever. When Telegram is away, or nothing can be stored, ask later and later."""
        is_ours = False
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    if not is_ours:
                        await self._api.take_no_webhook()
                        is_ours = True
                    await self._round(group)
                except BotError as error:
                    is_ours = is_ours and not isinstance(error, Clash)
                    logger().warning("polling_waits", channel=CHANNEL, error=type(error).__name__)
                    least_s = error.wait_s if isinstance(error, Flood) else 0.0
                    await self._back_off(self._rules.longest_wait_s, least_s)

    async def _round(self, group: asyncio.TaskGroup) -> None:
        rules = self._rules
        found = await self._api.updates(self._window.offset, rules.poll_s, rules.poll_updates)
        for raw in self._window.news(found):
            self._start(group, read(raw))
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=rules.patience_s)
        has_failed, has_taken = self._has_failed, self._has_taken
        self._has_failed = self._has_taken = False
        if has_taken or not has_failed:
            self._outages = 0
        if has_failed:
            await self._back_off(rules.longest_turn_wait_s)

    def _start(self, group: asyncio.TaskGroup, reading: Reading) -> None:
        self._window.started(reading.update_id)
        if reading.lane in self._lanes:
            self._lanes[reading.lane].append(reading)
            return
        self._lanes[reading.lane] = deque([reading])
        task = group.create_task(self._drain(reading.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, lane: str) -> None:
        """Take one person's updates in order; after one that failed, the rest comes again too."""
        waiting = self._lanes[lane]
        try:
            while waiting:
                async with self._room:
                    many = await self._intake.take_first(waiting)
                for _ in range(many):
                    self._window.ended(waiting.popleft().update_id, is_taken=True)
                self._has_taken = True
        except Again:
            self._has_failed = True
        finally:
            del self._lanes[lane]
            for reading in waiting:
                self._window.ended(reading.update_id, is_taken=False)

    async def _back_off(self, at_most_s: float, at_least_s: float = 0.0) -> None:
        wait_s = min(at_most_s, self._rules.first_wait_s * 2 ** min(self._outages, 16))
        self._outages += 1
        await self._clock.sleep(max(wait_s, at_least_s))
