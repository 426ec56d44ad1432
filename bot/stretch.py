"""Where codes are stretched: Argon2id off the event loop, bounded at work and in waiting.

Look-ups wait in a bounded queue that serves conversations in turn; a full queue is an answer
(Busy), not a wait. Filing has a worker of its own: a flood of guesses slows look-ups, never filing.
Nothing here knows what a code is; a job is a function that returns keys.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class Busy(Exception):
    """The queue of look-ups is full; nothing was stretched. The person may try again soon."""


@dataclass(frozen=True, slots=True)
class StretchRules:
    """The numbers; all of them come from the configuration."""

    look_up_workers: int = 1
    look_ups_waiting: int = 64
    filing_workers: int = 1


class Stretches:
    """Runs the costly functions of turns in two small pools of threads."""

    def __init__(self, rules: StretchRules | None = None) -> None:
        self._rules = rules or StretchRules()
        self._look_ups = ThreadPoolExecutor(self._rules.look_up_workers, "look-up")
        self._filings = ThreadPoolExecutor(self._rules.filing_workers, "filing")
        self._at_work = 0
        self._waiting: OrderedDict[bytes, deque[asyncio.Future[None]]] = OrderedDict()
        self.stretches_done = 0
        """Look-ups that reached a worker, ever."""
        self.filings_done = 0
        """Filings that reached their worker, ever."""

    async def look_up(self, conversation: bytes, work: Callable[[], T]) -> T:
        """Run *work* when it is *conversation*'s turn. Raises Busy: too many wait already."""
        await self._enter(conversation)
        try:
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
        return sum(len(line) for line in self._waiting.values())

    def close(self) -> None:
        """Take no more work; what runs may end."""
        self._look_ups.shutdown(wait=False, cancel_futures=True)
        self._filings.shutdown(wait=False, cancel_futures=True)

    async def _enter(self, conversation: bytes) -> None:
        if self._at_work < self._rules.look_up_workers:
            self._at_work += 1
            return
        if self.waiting >= self._rules.look_ups_waiting:
            raise Busy
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(conversation, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()  # the worker was handed over while we were being cancelled
            else:
                self._give_up(conversation, turn)
            raise

    def _leave(self) -> None:
        """Hand the worker to the conversation whose turn it is; it goes to the end of the round."""
        while self._waiting:
            conversation, line = self._waiting.popitem(last=False)
            turn = line.popleft()
            if line:
                self._waiting[conversation] = line
            if not turn.done():
                turn.set_result(None)
                return
        self._at_work -= 1

    def _give_up(self, conversation: bytes, turn: asyncio.Future[None]) -> None:
        line = self._waiting.get(conversation)
        if line and turn in line:
            line.remove(turn)
        if not line:
            self._waiting.pop(conversation, None)
