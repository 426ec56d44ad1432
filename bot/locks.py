"""One turn at a time for each conversation; conversations wait for nobody but themselves."""

import asyncio
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

    def hold(self, conversation: bytes) -> "_Turn":
        """`async with` it: enters when it is our turn, first come first served. Raises Crowded."""
        return _Turn(self._lines, conversation, self._at_most_waiting)


class _Turn:
    """One event's place in its conversation's line."""

    __slots__ = ("_at_most_waiting", "_conversation", "_lines")

    def __init__(
        self, lines: dict[bytes, _Line], conversation: bytes, at_most_waiting: int
    ) -> None:
        self._lines = lines
        self._conversation = conversation
        self._at_most_waiting = at_most_waiting

    async def __aenter__(self) -> None:
        line = self._lines.get(self._conversation)
        if line is None:
            line = self._lines[self._conversation] = _Line()
        if line.people > self._at_most_waiting:
            raise Crowded("too many events of one conversation wait")
        line.people += 1
        try:
            await line.lock.acquire()
        except BaseException:
            self._leave(line)
            raise

    async def __aexit__(self, *_: object) -> None:
        line = self._lines[self._conversation]
        line.lock.release()
        self._leave(line)

    def _leave(self, line: _Line) -> None:
        line.people -= 1
        if not line.people:
            del self._lines[self._conversation]
