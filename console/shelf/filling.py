"""Reading every tip in the background so that its words can be found, newest first.

At a bounded rate, so that one officer's search costs the desk little; a tip that cannot be read is
left out, and its own page says why.
"""

import asyncio
from dataclasses import dataclass

from console.answers import TipStanding
from console.errors import Distrusted, Refused, Unreachable
from console.office import Office
from console.shelf.index import Index
from console.shelf.workers import Workers

AT_ONCE = 2
PER_S = 40.0
REST_S = 2.0
SOME = 100
"""Then the list is looked at again: what is newer than the rest is read first."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many tips are read at once, how many in a second at most, and how long to wait when there
    is nothing to read."""

    at_once: int = AT_ONCE
    per_s: float = PER_S
    rest_s: float = REST_S


async def keep_filling(office: Office, workers: Workers, index: Index, pace: Pace) -> None:
    """Read what has not been read yet, until cancelled; the list comes first."""
    while True:
        try:
            is_done = not index.is_whole or not await fill(office, workers, index, pace)
        except Unreachable:
            is_done = True  # the desk is asked for the list meanwhile, and that tells the officer
        await asyncio.sleep(pace.rest_s if is_done else 0)


async def fill(office: Office, workers: Workers, index: Index, pace: Pace) -> bool:
    """Read the newest of what has not been read yet; whether there was any. Raises Unreachable."""
    some = index.unread(SOME)
    queue = iter(some)
    loop = asyncio.get_running_loop()
    next_at = loop.time()

    async def read_on() -> None:
        nonlocal next_at
        for standing in queue:
            due = max(next_at, loop.time())
            next_at = due + 1 / pace.per_s
            await asyncio.sleep(due - loop.time())
            await _read(office, workers, index, standing)

    try:
        async with asyncio.TaskGroup() as several:
            for _ in range(pace.at_once):
                several.create_task(read_on())
    except* Unreachable as errors:
        raise Unreachable("desk.busy") from errors
    return bool(some)


async def _read(office: Office, workers: Workers, index: Index, standing: TipStanding) -> None:
    try:
        words = await workers.open_words(await office.desk.tip_raw(standing.tip_id))
    except (Refused, Distrusted):
        index.learn(standing, None)
    else:
        index.learn(standing, words)
