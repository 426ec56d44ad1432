"""A queue in memory, kept up to date while somebody is at work, and gone afterwards."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from console.errors import ConsoleError, Unreachable
from console.office import Office, Reading
from console.shelf.filling import Pace, keep_filling
from console.shelf.index import Index
from console.shelf.looking import Looker, Rhythm
from console.shelf.workers import Workers

AGAIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the pages ask."""

    index: Index
    workers: Workers
    _looker: Looker = field(repr=False)

    async def begun(self) -> None:
        """Wait until there is something to show. Raises what kept the first page away."""
        await self._looker.has_begun.wait()
        if self.index.trouble is not None and not self.index.progress.listed:
            raise self.index.trouble

    def look_again(self) -> None:
        """Ask the desk where every tip stands, now."""
        self._looker.look_again()

    def note(self, reading: Reading) -> None:
        """A tip was read for its page."""
        self.index.note(reading.tip)


@asynccontextmanager
async def shelved(
    office: Office,
    workers: Workers,
    rhythm: Rhythm = Rhythm(),  # noqa: B008  # a frozen value
    pace: Pace = Pace(),  # noqa: B008  # likewise
) -> AsyncIterator[Shelf]:
    """*office*'s queue, opened by *workers*; at the end everything that was opened is dropped."""
    workers.open_with(office.keys, office.memory)
    index = Index(office)
    office.tracks_at_hand = lambda: index.tracks
    looker = Looker(office, workers, index, rhythm)
    tasks = [
        asyncio.create_task(_kept_on(office, looker.run, index)),
        asyncio.create_task(
            _kept_on(office, lambda: keep_filling(office, workers, index, pace), index)
        ),
    ]
    try:
        yield Shelf(index, workers, looker)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        office.tracks_at_hand = lambda: None


async def _kept_on(office: Office, work: Callable[[], Awaitable[None]], index: Index) -> None:
    """*work*, begun again after an error of ours: the officer is told, and the rest goes on. Who
    reads no tips has none of it, until a roster says otherwise."""
    while True:
        try:
            if (await office.me()).has_queue:
                await work()
        except ConsoleError as error:
            index.trouble = error
        except Exception as error:
            index.trouble = Unreachable("app.internal", kind=type(error).__name__)
        await asyncio.sleep(AGAIN_S)
