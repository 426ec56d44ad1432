"""So many at once, and so many of them for any one person: who finds no place waits, or is told."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class _Own:
    places: asyncio.Semaphore
    people: int = 0


class Slots:
    """*at_once* places, of which one *owner* gets at most *each*."""

    def __init__(self, at_once: int, each: int) -> None:
        self._all = asyncio.Semaphore(at_once)
        self._each = each
        self._own: dict[Hashable, _Own] = {}

    @asynccontextmanager
    async def hold(self, owner: Hashable, wait_s: float) -> AsyncIterator[bool]:
        """A place for *owner*, first come first served; whether there was one within *wait_s*.
        Who already holds as many as one may have takes no place of others while waiting."""
        own = self._own.setdefault(owner, _Own(asyncio.Semaphore(self._each)))
        own.people += 1
        held: list[asyncio.Semaphore] = []
        try:
            try:
                async with asyncio.timeout(wait_s):
                    for places in (own.places, self._all):
                        await places.acquire()
                        held.append(places)
                is_there = True
            except TimeoutError:
                is_there = False
            yield is_there
        finally:
            for places in held:
                places.release()
            own.people -= 1
            if not own.people:
                del self._own[owner]
