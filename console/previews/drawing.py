"""Previews from the console's side: a bounded number of workers, each for one file, then dead.

A worker is not believed: what it answers is bounded, and is a picture or plain text or nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from console.answering import HEAD_AT_MOST, parted
from console.apart import Work, answered
from console.previews.hazards import in_order
from console.previews.orders import PAGE_ENDS, REASONS, WALLS, Asked, Orders

_START = (
    "import sys; sys.path[:0] = sys.argv[1:-1]; "
    "from console.previews.WORKER import start; start(sys.argv[-1])"
)
_LIBRARIES = ("PIL", "pypdf", "pypdfium2", "pypdfium2_raw")
_COUNT_AT_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Picture:
    """A likeness as WebP; *width* and *height* are those of the picture that was sent, or of the
    page as it was drawn; *of*: how many pages can be drawn.
    """

    webp: bytes = field(repr=False)
    width: int
    height: int
    of: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """The text of each of the first pages, of *of* pages; *is_cut*: there is more. *hazards* are
    those that only the inside of the file tells.
    """

    pages: tuple[str, ...] = field(repr=False)
    of: int
    is_cut: bool
    hazards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotShown:
    """Why there is nothing to see (`orders.REASONS`); *hazards* as of a `Text`, where there is no
    text and the inside was looked into all the same.
    """

    reason: str
    hazards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Walls:
    """What keeps a worker in on this machine, and what does not (`orders.WALLS`); nothing stands
    when no worker could be shut in at all. *is_shut_in*: neither disk nor network are in reach.
    """

    standing: tuple[str, ...]
    missing: tuple[str, ...]
    is_shut_in: bool


Preview = Picture | Text | NotShown


class Drawing:
    """Makes previews; at most a few at once."""

    def __init__(self, orders: Orders | None = None) -> None:
        self.orders = orders or Orders()
        self._places = asyncio.Semaphore(self.orders.at_once)

    async def picture(self, data: bytes, page: int = 1) -> Picture | NotShown:
        """A page of the picture or PDF in *data*, drawn anew. Raises nothing for what *data* is."""
        told = await self._told((data,), Asked(self.orders, page), "worker")
        return told if isinstance(told, Picture | NotShown) else NotShown("died")

    async def for_paper(self, *data: bytes) -> bytes | NotShown:
        """The picture in *data*, which comes in pieces, on white as a JPEG of our own."""
        answer = await self._answer(data, Asked(self.orders), "drawer")
        if isinstance(answer, NotShown):
            return answer
        told, jpeg = parted(answer)
        is_one = told.get("as") == "print" and jpeg.startswith(b"\xff\xd8\xff")
        return jpeg if is_one else _why(told)

    async def text(self, *data: bytes) -> Text | NotShown:
        """The text of the document in *data*, which may come in pieces. Raises nothing for what
        it is."""
        told = await self._told(data, Asked(self.orders), "reader")
        return told if isinstance(told, Text | NotShown) else NotShown("died")

    async def walls(self) -> Walls:
        """What a worker says of its walls, tried now."""
        answer = await self._answer((), Asked(self.orders, is_trial=True), "worker")
        told = {} if isinstance(answer, NotShown) else parted(answer)[0]
        shut = told.get("shut")
        standing = tuple(wall for wall in WALLS if isinstance(shut, list) and wall in shut)
        missing = tuple(wall for wall in WALLS if wall not in standing)
        return Walls(standing, missing, bool(standing) and told.get("enough") is True)

    async def _told(self, data: Sequence[bytes], asked: Asked, worker: str) -> Preview:
        answer = await self._answer(data, asked, worker)
        return answer if isinstance(answer, NotShown) else _understood(answer)

    async def _answer(self, data: Sequence[bytes], asked: Asked, worker: str) -> bytes | NotShown:
        if sum(map(len, data)) > self.orders.input_bytes:
            return NotShown("too_large")
        try:
            async with asyncio.timeout(self.orders.wait_s):
                await self._places.acquire()
        except TimeoutError:
            return NotShown("busy")
        try:
            return await self._drawn(data, asked, _START.replace("WORKER", worker))
        finally:
            self._places.release()

    async def _drawn(self, data: Sequence[bytes], asked: Asked, start: str) -> bytes | NotShown:
        work = Work(
            start,
            _LIBRARIES,
            asked.written(),
            self.orders.at_most_s,
            HEAD_AT_MOST + self.orders.answer_bytes,
        )
        try:
            return await answered(work, *data)
        except TimeoutError:
            return NotShown("too_long")
        except OSError:
            return NotShown("died")


def _understood(answer: bytes) -> Preview:
    told, payload = parted(answer)
    if told.get("as") == "picture" and payload[:4] == b"RIFF" and payload[8:12] == b"WEBP":
        of = max(1, _count(told, "of"))
        return Picture(payload, _count(told, "width"), _count(told, "height"), of)
    if told.get("as") == "text":
        pages = payload.decode("utf-8", "replace").split(PAGE_ENDS)
        is_cut = told.get("is_cut") is True
        return Text(tuple(pages), max(_count(told, "of"), len(pages)), is_cut, _hazards(told))
    return _why(told)


def _why(told: Mapping[str, Any]) -> NotShown:
    why = told.get("why")
    return NotShown(why if why in REASONS else "died", _hazards(told))


def _hazards(told: Mapping[str, Any]) -> tuple[str, ...]:
    hazards = told.get("hazards")
    return in_order(map(str, hazards)) if isinstance(hazards, list) else ()


def _count(told: Mapping[str, Any], name: str) -> int:
    value = told.get(name)
    return value if isinstance(value, int) and 0 < value < _COUNT_AT_MOST else 0
