"""The pace of turns: a few compute in each round of the event loop, the rest in the next ones.

One hop to a thread answers many turns at once. Were they all to go on in the same round of the
loop, nobody else would be heard until the last had. So each round has a share of time for turns;
what finds it spent waits for the next. Knows nothing of turns but that they ask. Laws: first come,
first served; whoever was let go holds nothing, so one that is cancelled keeps nobody waiting.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

SHARE_S = 0.004
"""Of one round. The turn that begins in the last of it adds what one turn takes."""
WOKEN_AT_ONCE = 8
"""Of those who wait, for one round; any for which it has no time then are the first of the next."""


class Pace:
    """Lets turns compute. One for the whole event loop."""

    def __init__(self, now_s: Callable[[], float] = time.perf_counter) -> None:
        self._now_s = now_s
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._put_off: list[asyncio.Future[None]] = []
        self._is_next_planned = False
        self._until_s: float | None = None

    async def its_turn(self) -> None:
        """Return when this round has time for one more turn."""
        if not self._waiting and self._has_time():
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        await place
        while not self._has_time():
            place = asyncio.get_running_loop().create_future()
            self._put_off.append(place)
            await place

    def _has_time(self) -> bool:
        now_s = self._now_s()
        if self._until_s is None:
            self._until_s = now_s + SHARE_S
            self._plan_next()
        return now_s < self._until_s

    def _plan_next(self) -> None:
        """Whatever is to be called soon runs in the round after this one."""
        if not self._is_next_planned:
            self._is_next_planned = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        self._is_next_planned, self._until_s = False, None
        self._waiting.extendleft(reversed(self._put_off))
        self._put_off.clear()
        woken = 0
        while self._waiting and woken < WOKEN_AT_ONCE:
            place = self._waiting.popleft()
            if not place.done():  # else cancelled
                place.set_result(None)
                woken += 1
        if woken:
            self._plan_next()
