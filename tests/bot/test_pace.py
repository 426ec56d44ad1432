"""The pace: so many turns at once as a round has time for, abreast, and nobody overtaken."""

import asyncio
from collections.abc import Iterator

import pytest

from bot.pace import AT_ONCE, SHARE_S, STAGES, Pace


class Room:
    """Turns that take *cost_s* each, in rounds that are counted."""

    def __init__(self, cost_s: float, stages: int = 1) -> None:
        self.now_s = 0.0
        self.cost_s = cost_s
        self.stages = stages
        self.round = 0
        self.took: list[tuple[int, int]] = []  # (round, who), in the order of beginning
        self.went: list[tuple[int, int]] = []  # (round, stage), in the order of computing
        self.pace = Pace(lambda: self.now_s)

    async def turn(self, who: int) -> None:
        await self.pace.its_turn()
        self.took.append((self.round, who))
        for stage in range(self.stages):
            if stage:
                await self.pace.next_stage()
            self.went.append((self.round, stage))
            self.now_s += self.cost_s

    async def count_rounds(self) -> None:
        while True:
            self.round += 1
            await asyncio.sleep(0)

    @property
    def by_round(self) -> Iterator[int]:
        for nth in range(self.round + 1):
            yield sum(each == nth for each, _ in self.took)


async def play(room: Room, many: int) -> None:
    counting = asyncio.create_task(room.count_rounds())
    await asyncio.gather(*(room.turn(who) for who in range(many)))
    counting.cancel()


@pytest.mark.parametrize("cost_s", [SHARE_S / 100, 0.3 * SHARE_S, 1.1 * SHARE_S, 10 * SHARE_S])
async def test_a_round_computes_no_more_turns_than_it_has_time_for(cost_s: float) -> None:
    room = Room(cost_s)
    await play(room, 40)
    assert len(room.took) == 40
    assert max(room.by_round) * cost_s < SHARE_S + cost_s


async def test_turns_compute_in_the_order_they_came() -> None:
    for cost_s in (SHARE_S / 100, 0.3 * SHARE_S, 2 * SHARE_S):
        room = Room(cost_s)
        await play(room, 40)
        assert [who for _, who in room.took] == list(range(40))


async def test_light_turns_share_a_round() -> None:
    room = Room(0.3 * SHARE_S)
    await play(room, 40)
    assert max(room.by_round) == 4


async def test_turns_that_begin_together_go_abreast_and_the_next_begin_behind_them() -> None:
    room = Room(SHARE_S / 1000, STAGES)
    await play(room, 3 * AT_ONCE)
    rounds = [{stage for at, stage in room.went if at == nth} for nth in range(room.round + 1)]
    assert all(len(stages) <= 1 for stages in rounds)
    assert [stage for stages in rounds for stage in stages] == [*range(STAGES)] * 3
    assert max(room.by_round) == AT_ONCE


async def test_whoever_comes_alone_does_not_wait() -> None:
    pace = Pace()
    coming = pace.its_turn()
    with pytest.raises(StopIteration):  # ran to its end without giving the loop away
        coming.send(None)


async def test_who_is_cancelled_while_waiting_keeps_nobody_waiting() -> None:
    room = Room(SHARE_S)
    tasks = [asyncio.create_task(room.turn(who)) for who in range(40)]
    await asyncio.sleep(0)
    for task in tasks[1:30]:
        task.cancel()
    done = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    assert sum(isinstance(each, asyncio.CancelledError) for each in done) == 29
    assert [who for _, who in room.took] == [0, *range(30, 40)]


async def test_who_is_cancelled_when_woken_keeps_nobody_waiting() -> None:
    room = Room(SHARE_S)
    tasks = [asyncio.create_task(room.turn(who)) for who in range(AT_ONCE + 12)]
    for _ in range(100 * STAGES):
        await asyncio.sleep(0)
        for task in tasks[1 : 1 + AT_ONCE]:
            task.cancel()
    assert {who for _, who in room.took} >= {0, *range(1 + AT_ONCE, AT_ONCE + 12)}
