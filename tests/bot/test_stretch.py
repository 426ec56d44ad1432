"""The costly work waits its turn, is bounded, and never holds up filing."""

import asyncio
import threading
import time

import pytest

from bot.stretch import Busy, Stretches, StretchRules


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_it_returns_what_the_work_returns_and_counts_it() -> None:
    stretches = Stretches()
    assert await stretches.look_up(b"one", lambda: 7) == 7
    assert await stretches.for_filing(lambda: 8) == 8
    assert (stretches.stretches_done, stretches.filings_done) == (1, 1)
    stretches.close()


async def test_a_full_queue_is_an_answer_and_runs_nothing() -> None:
    stretches, gate = Stretches(StretchRules(look_ups_waiting=2)), threading.Event()
    tasks = [asyncio.create_task(stretches.look_up(b"a", gate.wait)) for _ in range(3)]
    await settle()
    with pytest.raises(Busy):
        await stretches.look_up(b"b", lambda: pytest.fail("this must never run"))
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
        work = asyncio.create_task(stretches.look_up(name.encode(), lambda name=name: say(name)))
        tasks.append(work)
        await settle()
    gate.set()
    await asyncio.gather(*tasks)
    assert served == ["flood", "flood", "calm", "other", "flood", "flood"]
    stretches.close()


async def test_filing_does_not_wait_for_look_ups() -> None:
    stretches, gate = Stretches(), threading.Event()
    look_ups = [asyncio.create_task(stretches.look_up(b"flood", gate.wait)) for _ in range(20)]
    await settle()
    async with asyncio.timeout(5):
        assert await stretches.for_filing(lambda: "filed") == "filed"
    gate.set()
    await asyncio.gather(*look_ups)
    stretches.close()


async def test_whoever_gives_up_while_waiting_frees_the_place() -> None:
    stretches, gate = Stretches(StretchRules(look_ups_waiting=1)), threading.Event()
    first = asyncio.create_task(stretches.look_up(b"a", gate.wait))
    await settle()
    second = asyncio.create_task(stretches.look_up(b"b", gate.wait))
    await settle()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert stretches.waiting == 0
    third = asyncio.create_task(stretches.look_up(b"c", lambda: "served"))
    await settle()
    gate.set()
    assert await third == "served"
    await first
    assert stretches.stretches_done == 2
    stretches.close()


async def test_the_event_loop_stays_free_meanwhile() -> None:
    stretches = Stretches()
    work = asyncio.create_task(stretches.look_up(b"a", lambda: time.sleep(0.2)))
    turns = 0
    while not work.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns >= 5
    stretches.close()
