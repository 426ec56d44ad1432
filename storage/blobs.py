"""Sealed files: the port, and its twin in a folder.

Owns bytes under random ids, written once and never changed. Refuses to know what they are: they
arrive sealed. Laws:
- Kept means durable: the bytes and the name are synced before `keep` returns. What was not kept
  leaves nothing behind, at once or at the next `open`.
- A file's times say the day and no more (midnight of the day in Thailand); reading leaves no time.
- Memory does not grow with the file, and the disk never blocks the event loop.
"""

import asyncio
import os
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Protocol, Self, TypeVar

from storage.folders import sync_folder
from storage.port import Conflict, Missing, Misuse, StorageError, Unavailable

T = TypeVar("T")

HALF = ".half"
CHUNK_BYTES = 256 * 1024
PIECES_AT_MOST = 512  # for one call; systems allow 1024
THREADS = 8
DAY_S = 24 * 60 * 60
# Thailand has no daylight saving. A day of UTC would change at seven in the morning there, and
# together with the day in the database would tell early morning from the rest.
THAILAND_AHEAD_S = 7 * 60 * 60
_BLOB_ID = re.compile(r"[0-9a-f]{32}")


class BlobWriter(Protocol):
    """A blob being written."""

    async def write(self, *pieces: bytes) -> None:
        """Add bytes. Raises Unavailable, perhaps for bytes given earlier."""
        ...

    async def keep(self) -> int:
        """Make the blob durable and visible under its id; its size. Raises Unavailable."""
        ...


class BlobStore(Protocol):
    """Sealed files under ids of 32 hex characters."""

    def writing(self, blob_id: str) -> AbstractAsyncContextManager[BlobWriter]:
        """Write a new blob; leaving the block without `keep` leaves nothing. Raises Conflict."""
        ...

    def read(self, blob_id: str) -> AsyncIterator[bytes]:
        """The blob in pieces. Raises Missing, also in the middle when it is destroyed."""
        ...

    async def size(self, blob_id: str) -> int:
        """The blob's size in bytes. Raises Missing."""
        ...

    async def destroy(self, *blob_ids: str) -> None:
        """Delete blobs durably; those that are not there are no error. Raises Unavailable."""
        ...

    async def ids(self) -> frozenset[str]:
        """Every kept blob."""
        ...

    async def close(self) -> None:
        """Let go of threads and files."""
        ...


class FolderBlobs:
    """Blobs as files of a folder; open it with `open`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="blobs")

    @classmethod
    async def open(cls, folder: Path | str) -> Self:
        """The blobs in *folder* (made if missing), without what a crash left half-written."""
        store = cls(Path(folder))
        try:
            await store._hop(store._prepare)
        except BaseException:
            await store.close()
            raise
        return store

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def writing(self, blob_id: str) -> AsyncIterator[BlobWriter]:
        """See the port."""
        if not _BLOB_ID.fullmatch(blob_id):
            raise Misuse("a blob id is 32 hex characters")
        writer = _Writer(_HalfWritten(self._folder / blob_id), self._threads)
        try:
            await writer.begin()
            yield writer
        finally:
            if not writer.is_kept:
                await writer.drop()

    async def read(self, blob_id: str) -> AsyncIterator[bytes]:
        """See the port."""
        path = self._path(blob_id)
        offset = 0
        while piece := await self._hop(partial(_piece, path, offset)):
            yield piece
            offset += len(piece)

    async def size(self, blob_id: str) -> int:
        """See the port."""
        path = self._path(blob_id)
        return await self._hop(lambda: _size(path))

    async def destroy(self, *blob_ids: str) -> None:
        """See the port. The name goes; the sealed bytes on the disk are as good as their key."""
        paths = [self._path(blob_id) for blob_id in blob_ids]

        def unlink_all() -> None:
            for path in paths:
                path.unlink(missing_ok=True)
            sync_folder(self._folder)

        if paths:
            await self._hop(unlink_all)

    async def ids(self) -> frozenset[str]:
        """See the port."""
        names = await self._hop(lambda: os.listdir(self._folder))
        return frozenset(name for name in names if _BLOB_ID.fullmatch(name))

    async def close(self) -> None:
        """See the port."""
        self._threads.shutdown(wait=False)

    async def _hop(self, job: Callable[[], T]) -> T:
        return await _hop(self._threads, job)

    def _path(self, blob_id: str) -> Path:
        if not _BLOB_ID.fullmatch(blob_id):
            raise Missing("there is no such blob")
        return self._folder / blob_id

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for left in self._folder.glob(f"*{HALF}"):
            left.unlink()
        sync_folder(self._folder)


class _Writer:
    """Gathers pieces and writes them behind the caller, so that sealing and disk overlap."""

    def __init__(self, half: "_HalfWritten", threads: ThreadPoolExecutor) -> None:
        self._half = half
        self._threads = threads
        self._gathered: list[bytes] = []
        self._size = 0
        self._ahead: asyncio.Future[None] | None = None
        self.is_kept = False

    async def begin(self) -> None:
        await _hop(self._threads, self._half.begin)

    async def write(self, *pieces: bytes) -> None:
        self._gathered += pieces
        self._size += sum(map(len, pieces))
        if self._size >= CHUNK_BYTES or len(self._gathered) >= PIECES_AT_MOST:
            await self._hand_over()

    async def keep(self) -> int:
        await self._hand_over()
        await self._settled()
        size = await _hop(self._threads, self._half.keep)
        self.is_kept = True
        return size

    async def drop(self) -> None:
        # What could not be written or removed now is removed at the next `open`.
        with suppress(StorageError):
            await self._settled()
        with suppress(StorageError):
            await _hop(self._threads, self._half.drop)

    async def _hand_over(self) -> None:
        await self._settled()
        pieces, self._gathered, self._size = self._gathered, [], 0
        loop = asyncio.get_running_loop()
        self._ahead = loop.run_in_executor(self._threads, self._half.write, pieces)

    async def _settled(self) -> None:
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            with _errors_translated():
                await ahead


class _HalfWritten:
    """The file of a blob that is not kept yet. Synchronous; the lock orders it against `drop`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._half = path.with_name(path.name + HALF)
        self._lock = Lock()
        self._file = -1
        self._size = 0
        self._made: Path | None = None  # what `drop` has to remove; never somebody else's blob
        self._is_dropped = False

    def begin(self) -> None:
        with self._lock:
            if self._is_dropped or self._path.exists():
                raise Conflict("there is such a blob already")
            try:
                self._file = os.open(self._half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError as error:
                raise Conflict("this blob is being written already") from error
            self._made = self._half

    def write(self, pieces: Sequence[bytes]) -> None:
        with self._lock:
            self._check()
            left = deque(memoryview(piece) for piece in pieces)
            while left:
                written = os.writev(self._file, list(islice(left, PIECES_AT_MOST)))
                self._start_on(written)
                while left and written >= len(left[0]):
                    written -= len(left.popleft())
                if written:
                    left[0] = left[0][written:]

    def keep(self) -> int:
        with self._lock:
            self._check()
            day_s = midnight_s(os.fstat(self._file).st_mtime)
            os.utime(self._file, (day_s, day_s))
            os.fsync(self._file)
            os.rename(self._half, self._path)
            self._made = self._path
            sync_folder(self._path.parent)
            self._close()
            return self._size

    def drop(self) -> None:
        with self._lock:
            self._is_dropped = True
            self._close()
            # May be the blob itself: a keep that finished after its caller was cancelled, so that
            # nobody was told of it.
            if self._made is not None:
                self._made.unlink(missing_ok=True)

    def _start_on(self, written: int) -> None:
        """Have the disk begin with what was written, so that `keep` has little left to wait for."""
        if hasattr(os, "posix_fadvise"):  # Linux takes "not needed" as "write it out now"
            with suppress(OSError):  # a hint
                os.posix_fadvise(self._file, self._size, written, os.POSIX_FADV_DONTNEED)
        self._size += written

    def _check(self) -> None:
        if self._is_dropped or self._file < 0:
            raise Misuse("this blob is no longer being written")

    def _close(self) -> None:
        if self._file >= 0:
            file, self._file = self._file, -1
            os.close(file)


def midnight_s(moment_s: float) -> int:
    """The day in Thailand of *moment_s*, as midnight of that date in UTC."""
    return int(moment_s + THAILAND_AHEAD_S) // DAY_S * DAY_S


def _piece(path: Path, offset: int) -> bytes:
    # Opened anew for each piece: nothing to close when a reader goes away in the middle.
    file = _opened(path)
    try:
        return os.pread(file, CHUNK_BYTES, offset)
    finally:
        os.close(file)


def _opened(path: Path) -> int:
    try:
        try:
            return os.open(path, os.O_RDONLY | getattr(os, "O_NOATIME", 0))
        except PermissionError:  # O_NOATIME is for the owner of the file
            return os.open(path, os.O_RDONLY)
    except FileNotFoundError as error:
        raise Missing("there is no such blob") from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError as error:
        raise Missing("there is no such blob") from error


async def _hop(threads: ThreadPoolExecutor, job: Callable[[], T]) -> T:
    with _errors_translated():
        return await asyncio.get_running_loop().run_in_executor(threads, job)


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"the blobs can't be used: {error.strerror or error}") from error
