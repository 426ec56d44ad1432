"""Lanes: events on their way into turns. One person's go one after the other, oldest first, even
when they came in another order or in several requests; nobody waits for anybody else.

Owns the order and the bound on who may wait. Law: an event that was let in is taken to its end,
whoever asked for it and has gone meanwhile: LINE's redelivery then finds it done.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.channels.line.parts import LineRules, Turns
from bot.channels.line.reading import Heard
from bot.errors import BotError
from bot.locks import Crowded
from bot.logs import logger
from storage import StorageError

_Waiting = tuple[int, int, Heard, "asyncio.Future[bool]"]


@dataclass(slots=True)
class _Lane:
    waiting: list[_Waiting] = field(default_factory=list)
    task: "asyncio.Task[None] | None" = None


class Lanes:
    """Takes events into turns, in the tasks of *group*. *on_long* is called with whoever has to
    wait long for an answer."""

    def __init__(
        self,
        turns: Turns,
        rules: LineRules,
        group: asyncio.TaskGroup,
        on_long: Callable[[str], None],
    ) -> None:
        self._turns = turns
        self._rules = rules
        self._group = group
        self._on_long = on_long
        self._lanes: dict[str, _Lane] = {}
        self._numbers = itertools.count()

    def enter(self, heard: Heard) -> "asyncio.Future[bool]":
        """Let *heard* in; the future says whether it is durable. Raises Crowded: it is not in."""
        person = heard.inbound.person
        lane = self._lanes.get(person)
        if lane is not None and len(lane.waiting) >= self._rules.waiting_at_most:
            raise Crowded("too many events of one person wait")
        done = asyncio.get_running_loop().create_future()
        if lane is None:
            lane = self._lanes[person] = _Lane()
            lane.task = self._group.create_task(self._drive(person, lane))
        heapq.heappush(lane.waiting, (heard.at_ms, next(self._numbers), heard, done))
        return done

    async def rested(self, person: str, at_most_s: float) -> bool:
        """Wait, so long at most, until nothing of *person* is on its way into a turn; whether
        anything was."""
        lane = self._lanes.get(person)
        if lane is None or lane.task is None:
            return False
        await asyncio.wait({lane.task}, timeout=at_most_s)
        return True

    async def _drive(self, person: str, lane: _Lane) -> None:
        """Take what waits in *lane*, until nothing does."""
        try:
            while lane.waiting:
                _, _, heard, done = heapq.heappop(lane.waiting)
                is_durable = await self._taken(heard)
                if not done.done():
                    done.set_result(is_durable)
        finally:
            del self._lanes[person]
            for *_, done in lane.waiting:
                done.cancel()

    async def _taken(self, heard: Heard) -> bool:
        loop, person = asyncio.get_running_loop(), heard.inbound.person
        timer = loop.call_later(self._rules.loading_after_s, self._on_long, person)
        try:
            if heard.is_file:
                self._on_long(person)
            await self._turns.take(heard.inbound)
        except (BotError, StorageError) as error:
            logger().warning("line_event_waits", channel="line", error=type(error).__name__)
            return False
        except Exception as error:  # ours: this event is not stored, everybody else goes on
            logger().error("line_event_failed", channel="line", exc_info=error)
            return False
        finally:
            timer.cancel()
        return True
