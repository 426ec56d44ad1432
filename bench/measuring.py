"""Stopwatches: wall and CPU of a piece of work, the event loop's worst block, resident memory.

CPU is the whole process's (every thread), so it counts what a busy machine cannot blur. Real and
floor run in turn, round by round, and medians are taken: noise then hits both.
"""

import asyncio
import statistics
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Took:
    """What one piece of work took, per operation, in seconds."""

    wall_s: float
    cpu_s: float

    def per(self, operations: int) -> "Took":
        return Took(self.wall_s / operations, self.cpu_s / operations)


@dataclass(frozen=True, slots=True)
class Beside:
    """Real beside floor, medians of the rounds. The ratios are floor time by real time: 1 is as
    fast as the floor, 0.5 half as fast."""

    real: Took
    floor: Took
    wall_ratio: float
    cpu_ratio: float


async def took(work: Awaitable[object]) -> Took:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    await work
    return Took(time.perf_counter() - wall_s, time.process_time() - cpu_s)


async def side_by_side(
    rounds: int, real: Callable[[], Awaitable[Took]], floor: Callable[[], Awaitable[Took]]
) -> Beside:
    """Run floor and real in turn, *rounds* times."""
    pairs: list[tuple[Took, Took]] = []
    for nth in range(rounds):
        if nth % 2:  # whoever runs second finds warmer caches: take turns
            lower = await floor()
            pairs.append((await real(), lower))
        else:
            upper = await real()
            pairs.append((upper, await floor()))
    return Beside(
        median([upper for upper, _ in pairs]),
        median([lower for _, lower in pairs]),
        statistics.median(lower.wall_s / upper.wall_s for upper, lower in pairs),
        statistics.median(lower.cpu_s / upper.cpu_s for upper, lower in pairs),
    )


def median(several: Sequence[Took]) -> Took:
    return Took(
        statistics.median(each.wall_s for each in several),
        statistics.median(each.cpu_s for each in several),
    )


@dataclass(slots=True)
class Beat:
    """How late a heartbeat came at worst: *late_s* by the clock; *blocked_s* without the time in
    which the loop's thread waited for a processor, and at most what this process computed
    meanwhile in any thread (one that holds the interpreter blocks the loop too)."""

    late_s: float = 0.0
    blocked_s: float = 0.0


BEAT_S = 0.002


@asynccontextmanager
async def heartbeat() -> AsyncIterator[Beat]:
    """Watch the running loop: a task that wakes every 2 ms and sees how late it is."""
    beat, queued = Beat(), _queued_s_of_this_thread()

    async def watch() -> None:
        while True:
            wall_s, queued_s, cpu_s = time.perf_counter(), queued(), time.process_time()
            await asyncio.sleep(BEAT_S)
            late_s = time.perf_counter() - wall_s - BEAT_S
            beat.late_s = max(beat.late_s, late_s)
            computed_s = time.process_time() - cpu_s
            blocked_s = min(late_s - (queued() - queued_s), computed_s)
            beat.blocked_s = max(beat.blocked_s, blocked_s)

    task = asyncio.create_task(watch(), name="heartbeat")
    try:
        yield beat
    finally:
        task.cancel()
        await asyncio.wait([task])


def _queued_s_of_this_thread() -> Callable[[], float]:
    """How long this thread has waited for a processor, ever (Linux; elsewhere nothing is known)."""
    schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    if not schedule.exists():
        return lambda: 0.0
    return lambda: int(schedule.read_bytes().split()[1]) / 1e9


@asynccontextmanager
async def idle_process() -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """Another process whose loop only beats; yields a function that says how late it came at worst.

    What the machine does to somebody who does nothing: the floor of every wall-clock figure.
    """
    program = "import asyncio; from bench.measuring import beat_until_asked; "
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program + "asyncio.run(beat_until_asked())",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )

    async def ask() -> float:
        said, _ = await child.communicate(b"")
        return float(said)

    try:
        yield ask
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def beat_until_asked() -> None:
    """The idle process: beat until standard input ends, then print how late it was."""
    async with heartbeat() as beat:
        await asyncio.to_thread(sys.stdin.read)
    print(beat.late_s, flush=True)


def resident_bytes(field: str = "VmRSS") -> int:
    """Memory of this process in RAM: now (VmRSS), or at its highest (VmHWM)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))
