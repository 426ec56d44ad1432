"""Lanes: jobs gather while one batch is at work, and each batch costs one hop to a thread.

Owns: one task that hands batches to a `run` function and gives each caller its own answer.
Refuses to know what a job is. Laws: a caller that is cancelled never harms its batch; a job taken
into a batch gets an answer whatever happens; after `close` no task is left. A batch that begins
early costs twice: its own hop and sync, and a thread that works beside the event loop takes the
interpreter from those who are still computing. So a batch waits while rounds of the loop bring
more, but only so many.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from storage.port import Unavailable

J = TypeVar("J")

ROUNDS_AT_MOST = 16
"""Of the event loop, for which a batch waits while each brings more."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The outcome of a job that raised."""

    error: Exception


class Lane(Generic[J]):
    """Runs jobs in order, as many at a time as have gathered (≤ *at_most*).

    *run* answers a batch with one outcome per job, in order: a value or `Failed`. A batch begins
    after *patience* rounds of the loop on end that brought no more.
    """

    def __init__(
        self,
        name: str,
        run: Callable[[Sequence[J]], Awaitable[Sequence[Any]]],
        *,
        at_most: int,
        patience: int = 1,
    ) -> None:
        self._name = name
        self._run = run
        self._at_most = at_most
        self._patience = patience
        self._waiting: deque[tuple[J, asyncio.Future[Any]]] = deque()
        self._wake = asyncio.Event()
        self._is_closing = False
        self._at_work = 0
        self._task = asyncio.create_task(self._work(), name=name)

    @property
    def load(self) -> int:
        """How many jobs stand before a new one; none while the next batch still gathers."""
        return len(self._waiting) + self._at_work if self._at_work else 0

    async def ask(self, job: J) -> Any:
        """The answer to *job*; raises what it raised, or Unavailable when the lane is closed."""
        if self._is_closing or self._task.done():
            raise Unavailable(f"{self._name} is closed")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, answer))
        self._wake.set()
        return await answer

    async def close(self) -> None:
        """Take no more jobs, finish those that wait, end the task."""
        self._is_closing = True
        self._wake.set()
        await asyncio.wait([self._task])

    async def _work(self) -> None:
        try:
            while self._waiting or not self._is_closing:
                self._wake.clear()
                await self._wait_for_more()
                if batch := self._gather():
                    await self._serve(batch)
                    self._at_work = 0
                elif not self._is_closing:  # else all who waited were cancelled: nobody wakes us
                    await self._wake.wait()
        finally:
            self._is_closing = True
            self._refuse(list(self._waiting))
            self._waiting.clear()

    async def _wait_for_more(self) -> None:
        there = in_vain = 0
        for _ in range(ROUNDS_AT_MOST):
            many = len(self._waiting)
            in_vain = in_vain + 1 if many == there else 0
            if in_vain == self._patience or not 0 < many < self._at_most:
                return
            there = many
            await asyncio.sleep(0)

    def _gather(self) -> list[tuple[J, asyncio.Future[Any]]]:
        batch: list[tuple[J, asyncio.Future[Any]]] = []
        while self._waiting and len(batch) < self._at_most:
            job, answer = self._waiting.popleft()
            if not answer.done():  # cancelled before it began: it never happens
                batch.append((job, answer))
        self._at_work = len(batch)
        return batch

    async def _serve(self, batch: list[tuple[J, asyncio.Future[Any]]]) -> None:
        try:
            outcomes = await self._run([job for job, _ in batch])
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                _answer(answer, outcome)
        except Exception as error:
            self._refuse(batch, error)  # the next batch may fare better
        finally:
            self._refuse(batch)

    def _refuse(
        self,
        batch: Sequence[tuple[J, asyncio.Future[Any]]],
        cause: BaseException | None = None,
    ) -> None:
        for _, answer in batch:
            if not answer.done():
                error = Unavailable(f"{self._name} could not finish")
                error.__cause__ = cause
                answer.set_exception(error)


def _answer(answer: asyncio.Future[Any], outcome: Any) -> None:
    if answer.done():
        return  # cancelled meanwhile: what it asked for has happened
    if isinstance(outcome, Failed):
        answer.set_exception(_raisable(outcome.error))
    else:
        answer.set_result(outcome)


def _raisable(error: Exception) -> Exception:
    # A future refuses StopIteration, as a generator does; answer with the same RuntimeError.
    if isinstance(error, StopIteration):
        replacement = RuntimeError("a work raised StopIteration")
        replacement.__cause__ = error
        return replacement
    return error
