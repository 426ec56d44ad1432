"""One piece of work in a process of its own: bytes in, one bounded answer out, then it is dead.

Owns the process and its end. The form of an answer is `answering`'s; what the work is, and what of
its answer is believed, is its caller's. The process gets nothing of this one but the program and
the libraries that are named: nothing of its environment, no open file, no site-packages' own start,
and its complaints go nowhere, because they would quote what it works on.
"""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

_END_S = 5.0
_PIECE = 64 * 1024
_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
}
"""All of it. glibc gives back at once what is freed: it is for a short life on a shared machine."""


@dataclass(frozen=True, slots=True)
class Work:
    """Python *code* to start with, found with its *libraries*, told *orders* as its last argument
    (`sys.argv[-1]`; those before it are the places to import from)."""

    code: str = field(repr=False)
    libraries: Sequence[str]
    orders: str
    at_most_s: float
    """From its start to the end of its answer."""
    answer_bytes: int


async def answered(work: Work, *data: bytes) -> bytes:
    """What a process of its own answers to *data*, one piece behind the other; b"" from one that
    says too much.

    Raises TimeoutError after *at_most_s*, OSError when no process can be started.
    """
    process = await _started(work)
    try:
        async with asyncio.timeout(work.at_most_s):
            return await _asked(process, data, work.answer_bytes)
    finally:
        await _ended(process)


async def _asked(process: asyncio.subprocess.Process, data: Sequence[bytes], at_most: int) -> bytes:
    feeding = asyncio.ensure_future(_fed(process, data))
    try:
        return await _heard(process, at_most)
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await feeding


async def _heard(process: asyncio.subprocess.Process, at_most: int) -> bytes:
    pipe, pieces, size = process.stdout, list[bytes](), 0
    while pipe is not None and (piece := await pipe.read(_PIECE)):
        pieces.append(piece)
        size += len(piece)
        if size > at_most:
            return b""
    return b"".join(pieces)


async def _started(work: Work) -> asyncio.subprocess.Process:
    _give_back()
    return await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", "-B", "-X", "utf8", "-X", "no_debug_ranges", "-c", work.code,
        *_paths(work.libraries), work.orders,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_ENVIRONMENT,
        cwd="/" if os.name == "posix" else None,
        start_new_session=True,
    )  # fmt: skip


def _give_back() -> None:
    """What was freed here, and is kept in case it is needed again, goes back to the system: two
    processes are about to share it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # only glibc needs to be told
        if trim is not None:
            trim(0)


async def _fed(process: asyncio.subprocess.Process, data: Sequence[bytes]) -> None:
    pipe = process.stdin
    if pipe is None:
        return
    with suppress(OSError):  # it has heard enough
        for whole in data:
            # Piece by piece: the pipe keeps a copy of what it still has to say.
            for at in range(0, len(whole), _PIECE):
                pipe.write(memoryview(whole)[at : at + _PIECE])
                await pipe.drain()
        pipe.close()


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(OSError):  # it is gone already
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
    await gone(process, _END_S)


async def gone(process: asyncio.subprocess.Process, at_most_s: float) -> None:
    """Wait until *process*, which was killed, is no more, and close its pipes. It is a matter of
    moments: whoever is cancelled meanwhile waits for them, and is cancelled then."""
    dying = asyncio.ensure_future(process.communicate())
    clock = asyncio.get_running_loop().time
    until, is_cut_off = clock() + at_most_s, False
    while not dying.done() and (left_s := until - clock()) > 0:
        try:
            await asyncio.wait((dying,), timeout=left_s)
        except asyncio.CancelledError:
            is_cut_off = True
    dying.cancel()
    process._transport.close()  # type: ignore[attr-defined]  # no public name leads to all its pipes
    if is_cut_off:
        raise asyncio.CancelledError
    with suppress(asyncio.CancelledError, OSError, RuntimeError):  # the last: somebody still reads
        await dying


def _paths(libraries: Sequence[str]) -> list[str]:
    """Where the process finds this program and its libraries."""
    found = [Path(__file__).parents[1]]
    for name in libraries:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            place = Path(spec.origin)
            found.append(place.parents[1] if place.name == "__init__.py" else place.parent)
    return list(dict.fromkeys(map(str, found)))
