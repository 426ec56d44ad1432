"""Cleaning from the program's side: a bounded number of workers, each for one file, then dead.

Owns processes and time. Refuses to know formats: it never looks into a file. Laws: one piece of the
file is in this process at a time; a worker lives no longer than its file, its time and whoever
asked; what it answers is believed only within the protocol, and its answer is no longer than the
file may be. One fresh worker waits for the next file, shut in already.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Self, TypeVar

from cleaning.frames import FRAME_BYTES, HEAD, BadFrame, Frame, head, parse_head
from cleaning.orders import Limits, Orders
from cleaning.outcomes import (
    DETAILS,
    REASONS,
    CannotClean,
    Cleaned,
    CleaningBroke,
    Nothing,
    Outcome,
)
from sandbox import MUST, WISHED, is_enough

T = TypeVar("T")

_MIB = 1024 * 1024
_START = (
    "import sys; sys.path[:0] = sys.argv[1:-1]; "
    "from cleaning.worker import start; start(sys.argv[-1])"
)
_LIBRARIES = ("PIL", "pikepdf")
_END_S = 5.0
_READY_S = 20.0
_GROWTH = 64 * 1024  # a cleaned file may be this much longer: archives are packed anew


@dataclass(frozen=True, slots=True)
class CleaningRules:
    """The numbers; all of them come from the configuration or stand here."""

    file_bytes: int = 32 * _MIB
    at_once: int = 2
    at_most_s: float = 40.0
    """From the first byte to the last, waiting for a place not counted."""
    wait_s: float = 20.0
    """How long a file waits for a place."""
    memory_bytes: int = 1024 * _MIB
    cpu_s: int = 20
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What shuts a worker in on this machine, and what the machine lacks for it."""

    shut: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_shut_in(self) -> bool:
        """Whether neither files nor the network are within a worker's reach."""
        return is_enough(self.shut)


class Work:
    """One file on its way through a worker."""

    def __init__(self, rules: CleaningRules, worker: "_Worker | None", reason: str = "") -> None:
        self._rules = rules
        self._worker = worker
        self._reason = reason
        self._fed = 0
        self._until_s = asyncio.get_running_loop().time() + rules.at_most_s

    async def feed(self, chunk: bytes) -> None:
        """The next bytes of the file. Never raises for what the worker does: `finish` tells."""
        self._fed += len(chunk)
        if self._fed > self._rules.file_bytes:
            self._give_up("too_large")
        for at in range(0, len(chunk), FRAME_BYTES):
            if self._worker is None:
                return
            await self._try(self._worker.say(Frame.DATA, chunk[at : at + FRAME_BYTES]))

    async def finish(self) -> Outcome:
        """The outcome, once the last byte was fed. Read the chunks of Cleaned before leaving."""
        if self._worker is not None:
            await self._try(self._worker.say(Frame.END, b""))
        answer = None
        if self._worker is not None:
            answer = await self._try(self._worker.hear())
        if self._worker is None or answer is None:
            return CannotClean(self._reason)
        try:
            return self._understood(self._worker, *answer)
        except BadFrame:
            return CannotClean("died")

    def _understood(self, worker: "_Worker", kind: Frame, payload: bytes) -> Outcome:
        text = payload.decode("ascii", "replace")
        if kind is Frame.NOTHING:
            return Nothing()
        if kind is Frame.CANNOT and text in REASONS:
            return CannotClean(text)
        if kind is Frame.FOUND:
            said = _labels(payload)
            found = tuple(each for each in DETAILS if each in said)
            if found:
                return Cleaned(found, self._chunks(worker))
        return CannotClean("died")

    async def _chunks(self, worker: "_Worker") -> AsyncIterator[bytes]:
        left = 2 * self._fed + _GROWTH
        while True:
            answer = await self._try(worker.hear())
            if answer is None:
                raise CleaningBroke(self._reason)
            kind, payload = answer
            left -= len(payload)
            if kind is Frame.END:
                return
            if kind is not Frame.DATA or left < 0:
                raise CleaningBroke("died")
            yield payload

    async def _try(self, step: Coroutine[None, None, T]) -> T | None:
        """*step* in time; None when the worker did not live to it."""
        try:
            async with asyncio.timeout_at(self._until_s):
                return await step
        except TimeoutError:
            self._give_up("too_long")
        except (OSError, EOFError, BadFrame):
            self._give_up("died")
        return None

    def _give_up(self, reason: str) -> None:
        self._worker, self._reason = None, self._reason or reason


class Cleaner:
    """All workers of the program. Open it with `async with`."""

    def __init__(self, rules: CleaningRules | None = None) -> None:
        self.rules = rules or CleaningRules()
        self._places = asyncio.Semaphore(self.rules.at_once)
        self._spare: _Worker | None = None
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._spare = await _Worker.start(self.rules)
        return self

    async def __aexit__(self, *_: object) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            await spare.end()

    @asynccontextmanager
    async def cleaning(self) -> AsyncIterator[Work]:
        """A place for one file, and a worker in it; on leaving the worker is dead.

        Where none is to be had in time, the outcome says so (busy, died); nothing is raised.
        """
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self.rules.wait_s):
                    await stack.enter_async_context(self._places)
            except TimeoutError:
                yield Work(self.rules, None, "busy")
                return
            worker = await self._fresh()
            if worker is None:
                yield Work(self.rules, None, "died")
                return
            stack.push_async_callback(worker.end)
            yield Work(self.rules, worker)

    async def capabilities(self) -> Capabilities:
        """What a worker shuts in here: for the operator to be told."""
        worker = await self._fresh()
        if worker is None:
            return Capabilities((), (*MUST, *WISHED))
        try:
            shut = await worker.ready()
        finally:
            await worker.end()
        return Capabilities(shut, tuple(each for each in (*MUST, *WISHED) if each not in shut))

    async def _fresh(self) -> "_Worker | None":
        """A worker that has seen nothing yet; another one begins to get ready meanwhile."""
        try:
            async with self._starting:
                worker = await self._started()
        except OSError:
            return None
        try:
            await worker.ready()
        except (OSError, EOFError, BadFrame):  # TimeoutError is one of the first
            await worker.end()
            return None
        except BaseException:
            await worker.end()
            raise
        return worker

    async def _started(self) -> "_Worker":
        """The spare worker, or a new one if it died; and a new spare. Raises OSError."""
        worker, self._spare = self._spare, None
        if worker is not None and not worker.is_alive:
            await worker.end()
            worker = None
        worker = worker or await _Worker.start(self.rules)
        try:
            self._spare = await _Worker.start(self.rules)
        except OSError:
            pass  # no room for a spare one now: the next file starts its own
        except BaseException:
            await worker.end()
            raise
        return worker


class _Worker:
    """One process: frames in, frames out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._shut: tuple[str, ...] | None = None

    @classmethod
    async def start(cls, rules: CleaningRules) -> Self:
        orders = Orders(rules.memory_bytes, rules.cpu_s, rules.file_bytes, rules.limits)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _START, *_paths(),
            orders.written(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
            limit=FRAME_BYTES,
        )  # fmt: skip
        return cls(process)

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ready(self) -> tuple[str, ...]:
        """What the worker has shut. Raises EOFError, BadFrame, TimeoutError."""
        if self._shut is None:
            async with asyncio.timeout(_READY_S):
                kind, payload = await self.hear()
            if kind is not Frame.READY:
                raise BadFrame("not ready")
            said = _labels(payload)
            self._shut = tuple(each for each in (*MUST, *WISHED) if each in said)
        return self._shut

    async def say(self, kind: Frame, payload: bytes) -> None:
        pipe = _there(self._process.stdin)
        pipe.write(head(kind, len(payload)) + payload)
        await pipe.drain()

    async def hear(self) -> tuple[Frame, bytes]:
        pipe = _there(self._process.stdout)
        kind, length = parse_head(await pipe.readexactly(HEAD.size))
        return kind, await pipe.readexactly(length)

    async def end(self) -> None:
        """Dead, with whatever it held, and its pipes closed."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                if os.name == "posix":
                    os.killpg(self._process.pid, signal.SIGKILL)
                else:
                    self._process.kill()
        try:
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout(_END_S):
                    await self._process.communicate()
        finally:  # also of one that is not done dying, or whose end nobody waits for any more
            self._process._transport.close()  # type: ignore[attr-defined]  # no public name leads to its pipes


def _paths() -> list[str]:
    """Where a worker finds this program and its two libraries: without site-packages' own start."""
    found = [Path(__file__).parents[1]]
    found += [Path(_there(_there(find_spec(name)).origin)).parents[1] for name in _LIBRARIES]
    return list(dict.fromkeys(map(str, found)))


def _labels(payload: bytes) -> list[object]:
    """A worker's list of words; nothing in it is believed yet. Raises BadFrame."""
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, list):
        raise BadFrame("not a list")
    return said


def _there(value: T | None) -> T:
    """What was asked for when the process was started, and what is installed with the program."""
    if value is None:
        raise AssertionError("a worker without pipes, or a program without its libraries")
    return value
