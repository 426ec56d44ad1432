"""Previews from the console's side: a bounded number of workers, each for one file, then dead.

Owns processes and time. A worker is not believed: what it answers is bounded, and is a picture or
plain text or nothing.
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from console.previews.orders import HEAD_AT_MOST, PAGE_ENDS, REASONS, Orders

_START = (
    "import sys; sys.path[:0] = sys.argv[1:-1]; "
    "from console.previews.worker import start; start(sys.argv[-1])"
)
_LIBRARIES = ("PIL", "pypdf")
_END_S = 5.0
_COUNT_AT_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Picture:
    """A likeness as WebP; *width* and *height* are those of the picture that was sent."""

    webp: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Text:
    """The text of each of the first pages, of *of* pages; *is_cut*: there is more."""

    pages: tuple[str, ...] = field(repr=False)
    of: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class NotShown:
    """Why there is nothing to see (`orders.REASONS`)."""

    reason: str


Preview = Picture | Text | NotShown


class Drawing:
    """Makes previews; at most a few at once."""

    def __init__(self, orders: Orders | None = None) -> None:
        self.orders = orders or Orders()
        self._places = asyncio.Semaphore(self.orders.at_once)

    async def preview(self, data: bytes) -> Preview:
        """The likeness of the picture or PDF in *data*. Raises nothing for what *data* is."""
        if len(data) > self.orders.input_bytes:
            return NotShown("too_large")
        try:
            async with asyncio.timeout(self.orders.wait_s):
                await self._places.acquire()
        except TimeoutError:
            return NotShown("busy")
        try:
            return await self._drawn(data)
        finally:
            self._places.release()

    async def _drawn(self, data: bytes) -> Preview:
        try:
            process = await self._started()
        except OSError:
            return NotShown("died")
        try:
            async with asyncio.timeout(self.orders.at_most_s):
                return _understood(await self._asked(process, data))
        except TimeoutError:
            return NotShown("too_long")
        finally:
            await _ended(process)

    async def _asked(self, process: asyncio.subprocess.Process, data: bytes) -> bytes:
        """The worker's whole answer; b"" from one that says too much."""
        feeding = asyncio.ensure_future(_fed(process, data))
        try:
            return await self._heard(process)
        finally:
            feeding.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await feeding

    async def _heard(self, process: asyncio.subprocess.Process) -> bytes:
        pipe, answer = process.stdout, bytearray()
        while pipe is not None and (piece := await pipe.read(64 * 1024)):
            answer += piece
            if len(answer) > HEAD_AT_MOST + self.orders.answer_bytes:
                return b""
        return bytes(answer)

    async def _started(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _START, *_paths(),
            self.orders.written(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/" if os.name == "posix" else None,
            start_new_session=True,
        )  # fmt: skip


async def _fed(process: asyncio.subprocess.Process, data: bytes) -> None:
    pipe = process.stdin
    if pipe is None:
        return
    with suppress(OSError):  # it has heard enough
        pipe.write(data)
        await pipe.drain()
        pipe.close()


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Dead, with whatever it held, and its pipes closed."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError, OSError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(_END_S):
            await process.communicate()


def _understood(answer: bytes) -> Preview:
    head, _, payload = answer.partition(b"\n")
    try:
        told = json.loads(head) if len(head) <= HEAD_AT_MOST else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return NotShown("died")
    if told.get("as") == "picture" and payload[:4] == b"RIFF" and payload[8:12] == b"WEBP":
        return Picture(payload, _count(told, "width"), _count(told, "height"))
    if told.get("as") == "text":
        pages = payload.decode("utf-8", "replace").split(PAGE_ENDS)
        return Text(tuple(pages), max(_count(told, "of"), len(pages)), told.get("is_cut") is True)
    why = told.get("why")
    return NotShown(why if why in REASONS else "died")


def _count(told: dict[str, Any], name: str) -> int:
    value = told.get(name)
    return value if isinstance(value, int) and 0 < value < _COUNT_AT_MOST else 0


def _paths() -> list[str]:
    """Where a worker finds this program and its libraries: without site-packages' own start."""
    found = [Path(__file__).parents[2]]
    for name in _LIBRARIES:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            place = Path(spec.origin)
            found.append(place.parents[1] if place.name == "__init__.py" else place.parent)
    return list(dict.fromkeys(map(str, found)))
