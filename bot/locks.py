"""One turn at a time for each conversation; conversations wait for nobody but themselves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.errors import Unavailable


class Crowded(Unavailable):
    """This conversation has too many events waiting; nothing was taken. Try again later."""


@dataclass(slots=True)
class _Line:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    people: int = 0


class Locks:
    """A lock per conversation, made when somebody comes and dropped when the last one leaves."""

    def __init__(self, at_most_waiting: int) -> None:
        self._at_most_waiting = at_most_waiting
        self._lines: dict[bytes, _Line] = {}

    def __len__(self) -> int:
        return len(self._lines)

    @asynccontextmanager
    async def hold(self, conversation: bytes) -> AsyncIterator[None]:
        """Enter when it is our turn, first come first served. Raises Crowded."""
        line = self._lines.setdefault(conversation, _Line())
        if line.people > self._at_most_waiting:
            raise Crowded("too many events of one conversation wait")
        line.people += 1
        try:
            async with line.lock:
                yield
        finally:
            line.people -= 1
            if not line.people:
                del self._lines[conversation]
