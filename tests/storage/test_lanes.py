"""Lanes: batches, and an answer for everybody whatever happens."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from storage import Unavailable
from storage.lanes import ROUNDS_AT_MOST, Lane


async def test_jobs_that_come_while_a_batch_is_at_work_share_the_next() -> None:
    batches: list[list[int]] = []

    async def run(batch: Sequence[int]) -> Sequence[int]:
        batches.append(list(batch))
        await asyncio.sleep(0.001)
        return [10 * job for job in batch]

    lane: Lane[int] = Lane("a lane", run, at_most=50)
    first = asyncio.create_task(lane.ask(0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = [asyncio.create_task(lane.ask(job)) for job in range(1, 64)]
    assert await asyncio.gather(first, *rest) == [10 * job for job in range(64)]
    assert [len(batch) for batch in batches] == [1, 50, 13]
    await lane.close()


async def test_a_batch_that_breaks_refuses_its_callers_and_the_next_goes_on() -> None:
    async def run(batch: Sequence[str]) -> Sequence[str]:
        if "break" in batch:
            raise OSError("broken")
        return batch

    lane: Lane[str] = Lane("a lane", run, at_most=2)
    outcomes = await asyncio.gather(
        *(lane.ask(job) for job in ("fine", "break", "good", "too")), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable, str, str]
    await lane.close()


async def test_nobody_waits_for_a_lane_whose_task_was_cancelled() -> None:
    async def run(batch: Sequence[int]) -> Sequence[Any]:
        await asyncio.sleep(60)
        return batch

    lane: Lane[int] = Lane("a lane", run, at_most=1)
    waiting = [asyncio.create_task(lane.ask(job)) for job in range(3)]
    await asyncio.sleep(0.001)
    lane._task.cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    with pytest.raises(Unavailable):
        await lane.ask(4)
    await lane.close()


async def test_a_job_cancelled_before_its_batch_never_runs() -> None:
    ran: list[int] = []

    async def run(batch: Sequence[int]) -> Sequence[int]:
        ran.extend(batch)
        return batch

    lane: Lane[int] = Lane("a lane", run, at_most=10)
    tasks = [asyncio.create_task(lane.ask(job)) for job in range(4)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert 2 not in ran
    assert lane.load == 0
    await lane.close()


async def test_a_lane_closes_although_its_last_job_was_cancelled_while_it_waited() -> None:
    async def run(batch: Sequence[int]) -> Sequence[int]:
        return batch

    lane: Lane[int] = Lane("a lane", run, at_most=10)
    await lane.ask(0)
    task = asyncio.create_task(lane.ask(1))
    await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(1):
        await lane.close()
    await asyncio.wait([task])
    assert task.cancelled()


async def batches_of(*rounds: int, **settings: int) -> list[list[int]]:
    """The batches of a lane that is asked after so many *rounds* of the loop, by one each."""
    batches: list[list[int]] = []

    async def run(batch: Sequence[int]) -> Sequence[int]:
        batches.append(list(batch))
        return batch

    async def after(rounds: int) -> None:
        for _ in range(rounds):
            await asyncio.sleep(0)
        await lane.ask(rounds)

    lane: Lane[int] = Lane("a lane", run, at_most=50, **settings)
    await asyncio.gather(*map(after, rounds))
    await lane.close()
    return batches


async def test_a_batch_waits_while_each_round_of_the_loop_brings_more() -> None:
    assert await batches_of(0, 1, 2, 3, 9) == [[0, 1, 2, 3], [9]]


@pytest.mark.parametrize(
    ("patience", "made"), [(1, [[0], [2], [5]]), (2, [[0, 2], [5]]), (3, [[0, 2, 5]])]
)
async def test_a_patient_lane_waits_so_many_rounds_in_vain(
    patience: int, made: list[list[int]]
) -> None:
    assert await batches_of(0, 2, 5, patience=patience) == made


async def test_a_batch_does_not_wait_for_ever() -> None:
    sizes: list[int] = []

    async def run(batch: Sequence[int]) -> Sequence[int]:
        sizes.append(len(batch))
        return batch

    lane: Lane[int] = Lane("a lane", run, at_most=1000)
    asked: list[asyncio.Task[int]] = []
    while not sizes:
        asked.append(asyncio.create_task(lane.ask(len(asked))))
        await asyncio.sleep(0)
        assert len(asked) < 3 * ROUNDS_AT_MOST
    assert await asyncio.gather(*asked) == list(range(len(asked)))
    await lane.close()
