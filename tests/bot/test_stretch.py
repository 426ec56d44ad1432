"""The costly work waits its turn, is bounded, can be braked, and never holds up filing."""

import asyncio
import threading
import time

import pytest

from bot.stretch import Busy, Stretches, StretchRules
from tests.bot.fake_clock import FakeClock, LeapingClock


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_it_returns_what_the_work_returns_and_counts_it() -> None:
    stretches = Stretches()
    assert await stretches.look_up("web", b"one", lambda: 7) == 7
    assert await stretches.for_filing(lambda: 8) == 8
    assert (stretches.stretches_done, stretches.filings_done) == (1, 1)
    stretches.close()


async def test_a_full_queue_is_an_answer_and_runs_nothing() -> None:
    stretches, gate = Stretches(StretchRules(look_ups_waiting=2)), threading.Event()
    tasks = [asyncio.create_task(stretches.look_up("web", b"a", gate.wait)) for _ in range(3)]
    await settle()
    with pytest.raises(Busy):
        await stretches.look_up("web", b"b", lambda: pytest.fail("this must never run"))
    gate.set()
    assert await asyncio.gather(*tasks) == [True] * 3
    assert stretches.stretches_done == 3
    stretches.close()


async def test_conversations_are_served_in_turn() -> None:
    stretches, gate, served = Stretches(), threading.Event(), list[str]()

    def say(name: str) -> None:
        gate.wait()
        served.append(name)

    tasks = []
    for name in ("flood", "flood", "flood", "flood", "calm", "other"):
        work = asyncio.create_task(
            stretches.look_up("web", name.encode(), lambda name=name: say(name))
        )
        tasks.append(work)
        await settle()
    gate.set()
    await asyncio.gather(*tasks)
    assert served == ["flood", "flood", "calm", "other", "flood", "flood"]
    stretches.close()


async def test_filing_does_not_wait_for_look_ups() -> None:
    stretches, gate = Stretches(), threading.Event()
    look_ups = [
        asyncio.create_task(stretches.look_up("web", b"flood", gate.wait)) for _ in range(20)
    ]
    await settle()
    async with asyncio.timeout(5):
        assert await stretches.for_filing(lambda: "filed") == "filed"
    gate.set()
    await asyncio.gather(*look_ups)
    stretches.close()


async def test_whoever_gives_up_while_waiting_frees_the_place() -> None:
    stretches, gate = Stretches(StretchRules(look_ups_waiting=1)), threading.Event()
    first = asyncio.create_task(stretches.look_up("web", b"a", gate.wait))
    await settle()
    second = asyncio.create_task(stretches.look_up("web", b"b", gate.wait))
    await settle()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert stretches.waiting == 0
    third = asyncio.create_task(stretches.look_up("web", b"c", lambda: "served"))
    await settle()
    gate.set()
    assert await third == "served"
    await first
    assert stretches.stretches_done == 2
    stretches.close()


async def test_the_event_loop_stays_free_meanwhile() -> None:
    stretches = Stretches()
    work = asyncio.create_task(stretches.look_up("web", b"a", lambda: time.sleep(0.2)))
    turns = 0
    while not work.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns >= 5
    stretches.close()


async def test_a_flood_on_one_channel_delays_another_by_one_turn_and_gives_way_to_it() -> None:
    stretches = Stretches(StretchRules(look_ups_waiting=4))
    gate, served = threading.Event(), list[str]()

    def look(channel: str, name: str) -> "asyncio.Task[None]":
        work = stretches.look_up(channel, name.encode(), lambda: (gate.wait(), served.append(name)))
        return asyncio.create_task(work)  # type: ignore[arg-type]  # what it returns is not used

    flood = [look("web", f"web {number}") for number in range(5)]  # one at work, four wait
    await settle()
    ann, bob = look("telegram", "ann"), look("line", "bob")
    await settle()
    assert stretches.waiting == 4
    with pytest.raises(Busy):
        await stretches.look_up("web", b"one more", lambda: pytest.fail("this must never run"))
    gate.set()
    outcomes = await asyncio.gather(*flood, ann, bob, return_exceptions=True)
    assert served == ["web 0", "web 1", "ann", "bob", "web 2"]
    assert [type(each) for each in outcomes[3:5]] == [Busy, Busy]  # the last of the flood
    stretches.close()


async def test_while_the_brake_is_on_look_ups_begin_no_faster_than_its_pace() -> None:
    clock, began = LeapingClock(), list[float]()
    stretches = Stretches(
        StretchRules(braked_a_minute=120), clock=clock, is_braked=lambda: len(began) >= 3
    )
    for _ in range(9):
        await stretches.look_up("web", b"a", lambda: began.append(clock.monotonic_s()))
    assert began == [0, 0, 0, 0.5, 1, 1.5, 2, 2.5, 3]
    clock.advance(100)  # a pause saves nothing up
    for _ in range(3):
        await stretches.look_up("web", b"a", lambda: began.append(clock.monotonic_s()))
    assert began[-3:] == [103, 103.5, 104]
    stretches.close()


async def test_when_the_brake_comes_on_whoever_would_wait_too_long_is_told_so_at_once() -> None:
    clock, is_braked = FakeClock(), False
    rules = StretchRules(braked_a_minute=60, braked_wait_s=5)
    stretches = Stretches(rules, clock=clock, is_braked=lambda: is_braked)
    await stretches.look_up("web", b"before", lambda: None)
    gate = threading.Event()
    hold = asyncio.create_task(stretches.look_up("web", b"first", gate.wait))
    waiting = [
        asyncio.create_task(stretches.look_up("web", bytes([number]), lambda: None))
        for number in range(20)
    ]
    await settle()
    is_braked = True
    gate.set()
    await hold
    await settle()
    told = [task for task in waiting if task.done()]
    assert told == waiting[-14:]  # one begins, five wait, which takes as many seconds
    assert all(isinstance(task.exception(), Busy) for task in told)
    with pytest.raises(Busy):
        await stretches.look_up("web", b"late", lambda: pytest.fail("this must never run"))
    while not all(task.done() for task in waiting):
        clock.advance(1)
        await asyncio.sleep(0.001)
    assert stretches.stretches_done == 2 + 6
    stretches.close()


async def test_filing_knows_no_brake() -> None:
    stretches = Stretches(clock=FakeClock(), is_braked=lambda: True)
    spaced = asyncio.create_task(stretches.look_up("web", b"a", lambda: "in time"))
    await settle()
    second = asyncio.create_task(stretches.look_up("web", b"b", lambda: "later"))
    async with asyncio.timeout(5):
        assert [await stretches.for_filing(lambda: "filed") for _ in range(9)] == ["filed"] * 9
        assert await spaced == "in time"
    assert not second.done()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    stretches.close()
