"""The forget store: the keys whose destruction is how the server forgets.

Owns one small file outside the database and its backups: a header and slots of 64 bytes, each
holding one key. Refuses to know what a key seals and who asks.

    header   b"saisaat forget store 1\\n", zeros up to 64 bytes
    slot     key id (16 bytes) | key (32) | SHA-256 of what stands before, cut to 16
    free     64 zero bytes

Laws:
- A key is on disk (fdatasync) before `keep` returns it, and its bytes are overwritten on disk
  before `destroy` returns. Callers that ask at the same time share one sync.
- A slot that a crash tore holds no key; opening zeroes it. `keep` that did not return kept nothing,
  `destroy` that did not return left the key whole or gone.
- Which slot is taken is random: the file does not tell who came first.
- One process at a time (flock).

What a solid-state disk or a copying file system keeps of overwritten blocks is beyond this file.
"""

import asyncio
import fcntl
import hashlib
import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from storage.folders import sync_folder
from storage.lanes import Failed, Lane
from storage.port import InUse, Unavailable

HEADER = b"saisaat forget store 1\n".ljust(64, b"\0")
SLOT_BYTES = 64
FREE = bytes(SLOT_BYTES)
ROOM_SLOTS = 256  # the file grows by this many, so that a keep seldom changes its size
REQUESTS_PER_SYNC = 1024

_sync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class Kept(NamedTuple):
    """A key that survives a crash, and the name to find it by (32 hex characters)."""

    key_id: str
    key: bytes

    def __repr__(self) -> str:
        return f"Kept(key_id={self.key_id!r})"


@dataclass(frozen=True, slots=True)
class _Keep:
    kept: Kept


@dataclass(frozen=True, slots=True)
class _Destroy:
    key_ids: frozenset[str] = field(default_factory=frozenset)


class ForgetStore:
    """Keys by id, in memory for reading, on disk before anybody relies on them.

    Open it with `open`. The sets below belong to the file's own thread; only `_keys` is read
    elsewhere, one operation at a time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="forget store")
        self._file = -1
        self._keys: dict[str, bytes] = {}
        self._slots: dict[str, int] = {}
        self._free: list[int] = []
        self._size = 0
        # To be zeroed with the next sync: asked for, or of a keep that did not return.
        self._doomed: set[str] = set()
        self._lane: Lane[_Keep | _Destroy] | None = None

    @classmethod
    async def open(cls, path: Path | str) -> Self:
        """The store at *path*, made if missing (mode 0600). Raises InUse or Unavailable."""
        store = cls(Path(path))
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(store._thread, store._load)
        except BaseException:
            await store.close()
            raise

        async def run(requests: Sequence[_Keep | _Destroy]) -> Sequence[Any]:
            return await loop.run_in_executor(store._thread, store._serve, requests)

        store._lane = Lane("the forget store", run, at_most=REQUESTS_PER_SYNC)
        return store

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def keep(self) -> Kept:
        """A new random key of 32 bytes, on disk. Raises Unavailable: nothing was kept."""
        kept = Kept(secrets.token_hex(16), secrets.token_bytes(32))
        try:
            await self._ask(_Keep(kept))
        except BaseException:
            self._keys.pop(kept.key_id, None)
            self._doomed.add(kept.key_id)
            raise
        return kept

    def get(self, key_id: str) -> bytes | None:
        """The key, or None when it was destroyed or never kept."""
        return self._keys.get(key_id)

    async def destroy(self, *key_ids: str) -> None:
        """Forget keys: at once for `get`, on disk before this returns. Unknown ids are forgotten.

        Raises Unavailable when the disk refuses: ask again, the key may still be there. Asked for
        is asked for: a caller that is cancelled leaves it to the next sync.
        """
        for key_id in key_ids:
            self._keys.pop(key_id, None)
        # Before asking: a caller cancelled while it waits must not leave the key on the disk.
        self._doomed.update(key_ids)
        if key_ids:
            await self._ask(_Destroy(frozenset(key_ids)))

    def ids(self) -> frozenset[str]:
        """Every key there is."""
        return frozenset(self._keys)

    async def close(self) -> None:
        """Finish what was asked for, then let the file go."""
        if self._lane is not None:
            await self._lane.close()
        if self._file >= 0:
            file, self._file = self._file, -1
            await asyncio.get_running_loop().run_in_executor(self._thread, os.close, file)
        self._thread.shutdown(wait=False)

    async def _ask(self, request: _Keep | _Destroy) -> None:
        if self._lane is None:
            raise Unavailable("the forget store is not open")
        await self._lane.ask(request)

    def _load(self) -> None:
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            os.fchmod(self._file, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._read()
        except BlockingIOError as error:
            raise InUse(f"another process uses {self._path}") from error
        except OSError as error:
            raise _unavailable(error) from error

    def _read(self) -> None:
        content = os.pread(self._file, os.fstat(self._file).st_size, 0)
        if not any(content) or HEADER.startswith(content):  # new, or its making was cut off
            content = HEADER
            self._write(0, HEADER)
            sync_folder(self._path.parent)
        elif not content.startswith(HEADER):
            raise Unavailable(f"{self._path} is not a forget store")
        self._size = (len(content) - len(HEADER)) // SLOT_BYTES
        for slot in range(self._size):
            record = content[_offset(slot) : _offset(slot + 1)]
            if (kept := _parsed(record)) is None:
                self._free.append(slot)
                if record != FREE:
                    self._write(_offset(slot), FREE)
            else:
                self._slots[kept.key_id] = slot
                self._keys[kept.key_id] = kept.key
        _sync(self._file)

    def _serve(self, requests: Sequence[_Keep | _Destroy]) -> Sequence[Any]:
        """One batch, in the store's thread: write everything, sync once, then tell."""
        for request in requests:
            if isinstance(request, _Destroy):
                self._doomed |= request.key_ids
        doomed = set(self._doomed)  # the loop's thread may add more meanwhile
        asked = [request.kept for request in requests if isinstance(request, _Keep)]
        kept = [one for one in asked if one.key_id not in doomed]  # else: cancelled just now
        try:
            for key_id in doomed:
                if key_id in self._slots:
                    self._write(_offset(self._slots[key_id]), FREE)
            for one in kept:
                self._slots[one.key_id] = slot = self._take_slot()
                self._write(_offset(slot), _record(one))
            _sync(self._file)
        except OSError as error:
            return [Failed(_unavailable(error))] * len(requests)
        for key_id in doomed:
            self._keys.pop(key_id, None)
            if (freed := self._slots.pop(key_id, None)) is not None:
                self._free.append(freed)
        self._doomed -= doomed
        self._keys.update(kept)
        return [None] * len(requests)

    def _take_slot(self) -> int:
        if not self._free:
            self._write(_offset(self._size), FREE * ROOM_SLOTS)
            self._free += range(self._size, self._size + ROOM_SLOTS)
            self._size += ROOM_SLOTS
        at = secrets.randbelow(len(self._free))
        self._free[at], self._free[-1] = self._free[-1], self._free[at]
        return self._free.pop()

    def _write(self, offset: int, data: bytes) -> None:
        if os.pwrite(self._file, data, offset) != len(data):
            raise OSError("the disk took only a part")


def _offset(slot: int) -> int:
    return len(HEADER) + slot * SLOT_BYTES


def _record(kept: Kept) -> bytes:
    body = bytes.fromhex(kept.key_id) + kept.key
    return body + hashlib.sha256(body).digest()[:16]


def _parsed(record: bytes) -> Kept | None:
    kept = Kept(record[:16].hex(), record[16:48])
    return kept if _record(kept) == record else None


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(f"the forget store can't be used: {error.strerror or error}")
