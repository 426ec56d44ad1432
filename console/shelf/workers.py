"""A few processes that open grants and parts, so that the pages answer meanwhile.

Processes, not threads: opening a seal holds Python's interpreter lock (docs/decisions/). They are
given the officer's age identity through a pipe, never the signing key; they end with the pages, at
lock, and when the pipe breaks. Nothing secret is in an argument, an environment or a file.
"""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from console.apart import gone
from console.errors import ConsoleError, Unreachable
from console.findings import Signers
from console.records import read
from console.seen import Memory
from console.shelf.opening import Course, OpenedPage, OpenedWords, Trouble
from console.shelf.search import ONE_BYTE_THAI, Packed
from console.shelf.worker import LENGTH, framed
from sealing import OfficerKeys

AT_MOST = 2
ANSWERS_S = 120.0
ENDS_S = 2.0


class Workers:
    """Make it with `working_beside`, and hand it what it opens with before the first question."""

    def __init__(self) -> None:
        self._all: list[_Hand] = []
        self._free: asyncio.Queue[_Hand] = asyncio.Queue()

    def __repr__(self) -> str:
        return "Workers(…)"

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(hand.process.pid for hand in self._all if hand.process is not None)

    @property
    def count(self) -> int:
        return len(self._all)

    def open_with(self, keys: OfficerKeys, memory: Memory) -> None:
        """From now on open what is asked with *keys*, and compare it with *memory*."""
        told = {
            "officer": keys.id,
            "seed": keys.age.seed.hex(),
            "memory": str(memory.path),
            "memory_key": memory.reveal().hex(),
        }
        for hand in self._all:
            hand.keys = told

    async def open_page(self, raw: bytes, signers: Signers) -> OpenedPage:
        """A page of the desk's queue. Raises what opening raises, and Unreachable when the process
        died of it."""
        _, body = await self._ask({"do": "page"}, raw, signers)
        return read(OpenedPage, body)

    async def open_words(self, raw: bytes) -> OpenedWords:
        """A tip's words, likewise."""
        head, body = await self._ask({"do": "words"}, raw)
        folded, written = body[: head["folded"]], body[head["folded"] :]
        is_one_byte = head["coding"] == ONE_BYTE_THAI
        packed = Packed(folded if is_one_byte else folded.decode("utf-8", "surrogatepass"), written)
        return OpenedWords(Course(**head["course"]), packed)

    async def _ask(
        self, head: Mapping[str, Any], body: bytes, signers: Signers | None = None
    ) -> tuple[Mapping[str, Any], bytes]:
        hand = await self._free.get()
        try:
            answer, found = await hand.ask(head, body, signers)
        except (OSError, EOFError, TimeoutError, ValueError):
            hand.end()
            raise Unreachable("shelf.worker_died") from None
        except BaseException:
            hand.end()  # an answer that nobody waits for would be taken for the next one's
            raise
        finally:
            self._free.put_nowait(hand)
        if "trouble" in answer:
            raise _error(Trouble(**answer["trouble"]))
        return answer, found

    async def _add(self, many: int) -> None:
        """Started at once, so that they are ready when the first page has come."""
        for _ in range(many):
            hand = _Hand()
            self._all.append(hand)
            await hand.start()
            self._free.put_nowait(hand)

    async def _end(self) -> None:
        for hand in self._all:
            hand.end()
        await asyncio.gather(*(hand.ended() for hand in self._all), return_exceptions=True)


@asynccontextmanager
async def working_beside(many: int | None = None) -> AsyncIterator[Workers]:
    """As many processes as there are processors, at most two; none is left at the end. They start
    while the passphrase is still being stretched: what they open with is told later."""
    workers = Workers()
    try:
        await workers._add(min(AT_MOST, os.cpu_count() or 1) if many is None else many)
        yield workers
    finally:
        await workers._end()


class _Hand:
    """One process, started again when it died."""

    def __init__(self) -> None:
        self.keys: Mapping[str, str] = {}
        self._told: Signers | None = None
        self._has_keys = False
        self._is_ended = False
        self.process: Process | None = None

    def __repr__(self) -> str:
        return "_Hand(…)"

    async def start(self) -> None:
        """The process alone: it is told its keys with the first question."""
        self.end()
        await self.ended()
        self._told, self._has_keys, self._is_ended = None, False, False
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "console.shelf.worker"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
        )

    async def ask(
        self, head: Mapping[str, Any], body: bytes, signers: Signers | None
    ) -> tuple[Mapping[str, Any], bytes]:
        if self.process is None or self._is_ended or self.process.returncode is not None:
            await self.start()
        if not self._has_keys:
            await self._exchange(self.keys, b"")
            self._has_keys = True
        if signers is not None and signers is not self._told:
            await self._exchange(_trust(signers), b"")
            self._told = signers
        return await self._exchange(head, body)

    def end(self) -> None:
        """It is asked nothing more, even while its death has not been noticed."""
        self._is_ended = True
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()

    async def ended(self) -> None:
        """Dead, and its pipes closed."""
        if self.process is not None:
            await gone(self.process, ENDS_S)

    async def _exchange(
        self, head: Mapping[str, Any], body: bytes
    ) -> tuple[Mapping[str, Any], bytes]:
        process = self.process
        if process is None or process.stdin is None or process.stdout is None:
            raise EOFError
        async with asyncio.timeout(ANSWERS_S):
            process.stdin.write(framed(head, body))
            await process.stdin.drain()
            size = int.from_bytes(await process.stdout.readexactly(LENGTH), "big")
            answer = json.loads(await process.stdout.readexactly(size))
            return answer, await process.stdout.readexactly(answer["body"])


def _trust(signers: Signers) -> Mapping[str, Any]:
    current, former = (
        {officer: key.raw.hex() for officer, key in keys.items()}
        for keys in (signers.current, signers.former)
    )
    return {"do": "trust", "current": current, "former": former}


def _error(trouble: Trouble) -> ConsoleError:
    if trouble.key == "app.internal":
        return Unreachable("app.internal", **trouble.params)
    return trouble.error()
