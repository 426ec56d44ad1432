"""The processes that work beside the pages, cut off at any moment: the next question is answered,
and no pipe stays open."""

import asyncio
import gc
import warnings
from collections.abc import Iterator
from contextlib import suppress

import pytest

from console.apart import Work, answered
from console.errors import ConsoleError
from console.folder import SEEN
from console.seen import Memory
from console.shelf.workers import Workers, working_beside
from tests.console.fake_world import Person, World

SLEEPS = Work("import time; time.sleep(60)", (), "", at_most_s=30, answer_bytes=10)


@pytest.fixture
def closed() -> Iterator[None]:
    """Afterwards nothing was left open for the collector to find."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield
        gc.collect()
    assert [str(each.message) for each in warned] == []


async def asked(workers: Workers) -> str:
    """The key of what is said to words that are none."""
    with pytest.raises(ConsoleError) as caught:
        await workers.open_words(b"no words")
    return caught.value.key


async def test_after_a_question_was_cut_off_the_next_one_is_answered_at_once(
    world: World, somchai: Person, closed: None
) -> None:
    async with working_beside(1) as workers:
        workers.open_with(somchai.keys, Memory(somchai.home / SEEN, somchai.keys.sign.seed))
        first = await asked(workers)
        assert first != "shelf.worker_died"
        task = asyncio.create_task(workers.open_words(b"no words"))
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert await asked(workers) == first


def test_cut_off_while_it_ends_a_process_leaves_no_pipe_open(closed: None) -> None:
    async def cut_off() -> None:
        task = asyncio.create_task(answered(SLEEPS, b""))
        await asyncio.sleep(0.2)
        while not task.done():  # who ends the program does not wait for its end either
            task.cancel()
            await asyncio.sleep(0)

    asyncio.run(cut_off())
