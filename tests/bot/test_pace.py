"""The pace: so many turns in a round of the loop as it has time for, nobody overtaken."""

import asyncio
from collections.abc import Iterator

import pytest

from bot.pace import SHARE_S, WOKEN_AT_ONCE, Pace


class Room:
    """Turns that take *cost_s* each, in rounds that are counted."""

    def __init__(self, cost_s: float) -> None:
        self.now_s = 0.0
        self.cost_s = cost_s
        self.round = 0
        self.took: list[tuple[int, int]] = []  # (round, who), in the order of computing
        self.pace = Pace(lambda: self.now_s)

    async def turn(self, who: int) -> None:
        await self.pace.its_turn()
        self.took.append((self.round, who))
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
    tasks = [asyncio.create_task(room.turn(who)) for who in range(20)]
    for _ in range(100):
        await asyncio.sleep(0)
        for task in tasks[1 : 1 + WOKEN_AT_ONCE]:
            task.cancel()
    assert {who for _, who in room.took} >= {0, *range(1 + WOKEN_AT_ONCE, 20)}
