"""Sleeping until the time comes or somebody wakes us, on a clock that a test can hold."""

import asyncio

from bot.clock import Clock


class Alarm:
    """One sleeper. Clear it, look what is due, then sleep: who wakes it in between is heard."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the sleeper, now or as soon as it lies down."""
        self._rung.set()

    def clear(self) -> None:
        self._rung.clear()

    async def sleep(self, wait_s: float) -> None:
        """Return after *wait_s* seconds, or when it rings."""
        if self._rung.is_set():  # as it mostly is while much is to be done
            await asyncio.sleep(0)
            return
        rung = asyncio.create_task(self._rung.wait())
        slept = asyncio.create_task(self._clock.sleep(wait_s))
        try:
            await asyncio.wait({rung, slept}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (rung, slept):
                task.cancel()
            await asyncio.gather(rung, slept, return_exceptions=True)
