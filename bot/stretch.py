"""Where codes are stretched: Argon2id off the event loop, bounded at work, in waiting and in pace.

Look-ups wait in a bounded queue that serves channels and conversations in turn; a full queue is an
answer (Busy), not a wait. While the brake is on they are spaced out as well, so that a flood of
guesses has a known pace on any machine. Filing has a worker of its own, and no brake: a flood slows
look-ups, never filing. Nothing here knows what a code is; a job is a function that returns keys.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from bot.clock import Clock, SystemClock
from bot.in_turn import InTurn

T = TypeVar("T")


class Busy(Exception):
    """The queue of look-ups is full; nothing was stretched. The person may try again soon."""


@dataclass(frozen=True, slots=True)
class StretchRules:
    """The numbers; all of them come from the configuration."""

    look_up_workers: int = 1
    look_ups_waiting: int = 64
    filing_workers: int = 1
    braked_a_minute: int = 120
    braked_wait_s: float = 10.0
    """While the brake is on nobody waits longer than this; who would is told Busy at once."""

    @property
    def gap_s(self) -> float:
        """The least time between the beginnings of two look-ups, while the brake is on."""
        return 60 / self.braked_a_minute

    @property
    def braked_waiting(self) -> int:
        """How many may wait while the brake is on."""
        return min(self.look_ups_waiting, max(1, int(self.braked_wait_s / self.gap_s)))


class Stretches:
    """Runs the costly functions of turns in two small pools of threads. *is_braked* says whether
    look-ups are to be spaced out now (`bot.throttle`)."""

    def __init__(
        self,
        rules: StretchRules | None = None,
        *,
        clock: Clock | None = None,
        is_braked: Callable[[], bool] = lambda: False,
    ) -> None:
        self._rules = rules or StretchRules()
        self._clock = clock or SystemClock()
        self._is_braked = is_braked
        self._look_ups = ThreadPoolExecutor(self._rules.look_up_workers, "look-up")
        self._filings = ThreadPoolExecutor(self._rules.filing_workers, "filing")
        self._at_work = 0
        self._waiting: InTurn[asyncio.Future[None]] = InTurn()
        self._next_s = self._clock.monotonic_s()
        self.stretches_done = 0
        """Look-ups that reached a worker, ever."""
        self.filings_done = 0
        """Filings that reached their worker, ever."""

    async def look_up(self, channel: str, conversation: bytes, work: Callable[[], T]) -> T:
        """Run *work* when it is *conversation*'s turn. Raises Busy: too many wait already."""
        await self._enter(channel, conversation)
        try:
            await self._spaced()
            self.stretches_done += 1
            return await asyncio.get_running_loop().run_in_executor(self._look_ups, work)
        finally:
            self._leave()

    async def for_filing(self, work: Callable[[], T]) -> T:
        """Run *work* (a stretch, or the seals of a filing) on the worker that only filing uses."""
        self.filings_done += 1
        return await asyncio.get_running_loop().run_in_executor(self._filings, work)

    @property
    def waiting(self) -> int:
        """How many look-ups wait for a worker."""
        return len(self._waiting)

    def close(self) -> None:
        """Take no more work; what runs may end."""
        self._look_ups.shutdown(wait=False, cancel_futures=True)
        self._filings.shutdown(wait=False, cancel_futures=True)

    @property
    def _places(self) -> int:
        rules = self._rules
        return rules.braked_waiting if self._is_braked() else rules.look_ups_waiting

    async def _enter(self, channel: str, conversation: bytes) -> None:
        if self._at_work < self._rules.look_up_workers:
            self._at_work += 1
            return
        if len(self._waiting) >= self._places and not (
            self._places and self._told_busy(self._waiting.crowd_out(channel))
        ):
            raise Busy
        turn = asyncio.get_running_loop().create_future()
        self._waiting.add(channel, conversation, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()  # the worker was handed over while we were being cancelled
            else:
                self._waiting.give_up(channel, conversation, turn)
            raise

    async def _spaced(self) -> None:
        """Wait for our place in the brake's pace; who would wait too long behind us is told so."""
        now_s = self._clock.monotonic_s()
        begins_s = max(now_s, self._next_s) if self._is_braked() else now_s
        self._next_s = begins_s + self._rules.gap_s
        while len(self._waiting) > self._places:
            self._told_busy(self._waiting.crowd_out())
        if begins_s > now_s:
            await self._clock.sleep(begins_s - now_s)

    def _leave(self) -> None:
        """Hand the worker to the conversation whose turn it is."""
        while self._waiting:
            turn = self._waiting.next()
            if not turn.done():
                turn.set_result(None)
                return
        self._at_work -= 1

    def _told_busy(self, turn: "asyncio.Future[None] | None") -> bool:
        """Whether there was one that had to give way."""
        if turn is not None and not turn.done():
            turn.set_exception(Busy())
        return turn is not None
