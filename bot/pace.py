"""The pace of turns: a few begin together, and each comes as far as the others before any goes on.

One hop to a thread answers many turns at once. Were they all to go on in the same round of the
loop, nobody else would be heard until the last had. So a turn goes by stages, one for each round,
and the next turns begin once these are through: a round then holds one stage of a few turns, and
the processor has the code and tables of that stage at hand for all of them, which is worth a tenth
of a turn. Knows nothing of turns but that they ask. Laws: first come, first served; whoever was let
go holds nothing, so one that is cancelled keeps nobody waiting.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

STAGES = 4
"""Of a turn that seals words: reading, stepping, sealing, leaving."""
AT_ONCE = 32
"""Turns that may begin together; a round holds at most all their seals."""
SHARE_S = 0.004
"""Of the round in which turns begin. The last that begins in it adds what its first stage takes."""


class Pace:
    """Lets turns compute. One for the whole event loop."""

    def __init__(self, now_s: Callable[[], float] = time.perf_counter) -> None:
        self._now_s = now_s
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._put_off: list[asyncio.Future[None]] = []
        self._rounds_left = 0
        self._room = 0
        self._until_s: float | None = None

    async def its_turn(self) -> None:
        """Return when one more turn may begin."""
        if not self._waiting and self._has_room():
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        await place
        while not self._has_room():
            place = asyncio.get_running_loop().create_future()
            self._put_off.append(place)
            await place

    def next_stage(self) -> Coroutine[Any, Any, None]:
        """Await it: returns when those that began together have come as far."""
        return asyncio.sleep(0)

    def _has_room(self) -> bool:
        now_s = self._now_s()
        if self._until_s is None:
            self._until_s, self._room = now_s + SHARE_S, AT_ONCE
            self._plan_next()
        if not self._room or now_s >= self._until_s:
            return False
        self._room -= 1
        return True

    def _plan_next(self) -> None:
        """Whatever is to be called soon runs in the round after this one."""
        if not self._rounds_left:
            self._rounds_left = STAGES
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        self._rounds_left -= 1
        if self._rounds_left:
            asyncio.get_running_loop().call_soon(self._next)
            return
        self._until_s = None
        self._waiting.extendleft(reversed(self._put_off))
        self._put_off.clear()
        woken = 0
        while self._waiting and woken < AT_ONCE:
            place = self._waiting.popleft()
            if not place.done():  # else cancelled
                place.set_result(None)
                woken += 1
        if woken:
            self._plan_next()
