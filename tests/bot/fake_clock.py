"""Clocks that a test holds in its hand; sleeping returns when the time was moved on."""

import asyncio

NOON_23_NOVEMBER_2026 = 1_795_410_000.0  # 12:00 in Thailand


class FakeClock:
    def __init__(self, now_s: float = NOON_23_NOVEMBER_2026) -> None:
        self._now_s = now_s
        self._started_s = now_s
        self._moved = asyncio.Event()

    def now_s(self) -> float:
        return self._now_s

    def monotonic_s(self) -> float:
        return self._now_s - self._started_s

    def advance(self, wait_s: float) -> None:
        self._now_s += wait_s
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def sleep(self, wait_s: float) -> None:
        until = self._now_s + wait_s
        while self._now_s < until:
            await self._moved.wait()


class LeapingClock(FakeClock):
    """Whoever sleeps by it moves it on: hours pass in moments, and no more than was slept."""

    async def sleep(self, wait_s: float) -> None:
        self.advance(wait_s)
        await asyncio.sleep(0)
