"""Memory of a process and of whatever runs below it, taken together: `python -m bench.footprint
PID` watches from outside, and says at the end of its input what was the most, as JSON.

Together means: what a process has for itself (anonymous memory) counts for each; a page of a file
(a program, a library, a font) that several of them have mapped is in RAM once and counts once. It
is looked up page by page (`/proc/PID/pagemap`), so no share is guessed; that processes outside have
mapped it too makes it no smaller. Whom the kernel lets nobody look at counts with all it has
resident, and is told of.

A process of its own: what watching costs is not counted.
"""

import asyncio
import json
import os
import select
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

LOOK_S = 0.01
PAGE = os.sysconf("SC_PAGE_SIZE")
_PRESENT, _OF_A_FILE = 1 << 63, 1 << 61
_ABOUT = 1024 * 1024
"""By how much the kernel's quick sum may be wrong; in bytes."""

FilePage = tuple[str, str, int]
"""Device, inode, and which page of the file."""


@dataclass(frozen=True, slots=True)
class Most:
    """The highest of each by itself, in bytes. *plain*: resident memory summed, so that a shared
    page counts for each that has it; *own*: of the watched process alone, resident. *is_whole*:
    everybody could be looked at."""

    together: int = 0
    plain: int = 0
    own: int = 0
    is_whole: bool = True


class Footprint:
    """Watches *pid* as long as the block; then *most* is known."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._watcher: asyncio.subprocess.Process | None = None
        self.most = Most()

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._watcher = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.footprint", str(self._pid), stdin=pipe, stdout=pipe
        )
        if self._watcher.stdout is None or not await self._watcher.stdout.readline():
            raise RuntimeError("the watcher failed")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watcher is not None:
            said, _nothing = await self._watcher.communicate(b"")
            self.most = Most(**json.loads(said))


def main(pid: int) -> None:
    together = plain = own = 0
    is_whole = True
    print("{}", flush=True)
    while not select.select([sys.stdin], [], [], LOOK_S)[0]:
        with suppress(OSError):  # one of them is just ending
            family = _family(pid)
            seen = [_resident(each) for each in family]
            plain, own = max(plain, sum(seen)), max(own, seen[0])
            if sum(seen) + _ABOUT > together:  # else it cannot be the most
                found, could_look = _together(family)
                together, is_whole = max(together, found), is_whole and could_look
    print(json.dumps(asdict(Most(together, plain, own, is_whole))))


def _together(pids: Sequence[int]) -> tuple[int, bool]:
    alone, shared, is_whole = 0, set[FilePage](), True
    for pid in pids:
        try:
            pages = set(_file_pages(pid))
            alone += _told(Path(f"/proc/{pid}/smaps_rollup"), "Anonymous:")
            shared |= pages
        except PermissionError:
            alone += _resident(pid)
            is_whole = False
    return alone + len(shared) * PAGE, is_whole


def _file_pages(pid: int) -> Iterator[FilePage]:
    """Pages in RAM that *pid* has of files, as they lie in the file: none that it has changed."""
    with Path(f"/proc/{pid}/pagemap").open("rb", buffering=0) as pagemap:
        for line in _maps(pid).splitlines():
            span, _, offset, device, inode = line.split(maxsplit=5)[:5]
            if inode == "0":
                continue
            begin, end = (int(each, 16) // PAGE for each in span.split("-"))
            first = int(offset, 16) // PAGE
            pagemap.seek(begin * 8)
            entries = memoryview(pagemap.read((end - begin) * 8)).cast("Q")
            for nth, entry in enumerate(entries):
                if entry & _PRESENT and entry & _OF_A_FILE:
                    yield device, inode, first + nth


def _family(pid: int) -> list[int]:
    """*pid* first, then whatever runs below it. A child that has not begun a program of its own
    yet still has its parent's memory, and is not counted."""
    found, maps = [pid], _maps(pid)
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # a thread or a process that has just ended
            for child in map(int, (task / "children").read_text(encoding="ascii").split()):
                if child != os.getpid() and _maps(child) != maps:
                    found += _family(child)
    return found


def _maps(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")


def _resident(pid: int) -> int:
    return _told(Path(f"/proc/{pid}/status"), "VmRSS:")


def _told(file: Path, field: str) -> int:
    """A number of bytes; 0 of a process that is no more than a name."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), 0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
