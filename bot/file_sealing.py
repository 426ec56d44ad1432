"""Sealing one file piece by piece: hashed and sealed in threads while the next piece comes.

Owns padding and the order of pieces; holds one piece at a time. Refuses to know where they come
from and whose key it is.
"""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from sealing import padme
from sealing.age import Encryptor
from storage.blobs import BlobWriter

T = TypeVar("T")

PIECE_BYTES = 1024 * 1024
_ZEROS = bytes(PIECE_BYTES)


class FileSealing:
    """Hashes and seals one piece while the caller gathers the next and the disk takes the last.

    Whoever gives up leaves at most one piece in the threads; it touches nothing but memory.
    """

    def __init__(self, encryptor: Encryptor, out: BlobWriter, threads: ThreadPoolExecutor) -> None:
        self._encryptor = encryptor
        self._out = out
        self._threads = threads
        self._hash = hashlib.sha256()
        self._at_work: asyncio.Future[list[bytes]] | None = None

    @property
    def sha256(self) -> str:
        """Of every piece, once finished."""
        return self._hash.hexdigest()

    async def add(self, piece: bytearray) -> None:
        """Begin with *piece*, which nobody else may touch from now on."""
        sealed = await self._settled()
        self._at_work = self._in_thread(partial(self._hash_and_seal, piece))
        await self._out.write(*sealed)

    async def finish(self, size: int) -> None:
        """Pad with zeros to the Padmé length, and seal the end."""
        await self._out.write(*await self._settled())
        left = padme(size) - size
        while left:
            zeros = _ZEROS[: min(left, PIECE_BYTES)]
            left -= len(zeros)
            await self._out.write(*await self._in_thread(partial(self._seal, zeros)))
        await self._out.write(self._encryptor.finish())

    async def _settled(self) -> list[bytes]:
        """The piece at work, sealed."""
        if self._at_work is None:
            return []
        at_work, self._at_work = self._at_work, None
        return await at_work

    def _hash_and_seal(self, piece: bytearray) -> list[bytes]:
        # One job, not two side by side: the loop takes longer to gather the next piece, and each
        # hop to a thread and back takes its time too.
        self._hash.update(piece)
        return self._seal(piece)

    def _seal(self, piece: bytes | bytearray) -> list[bytes]:
        return list(self._encryptor.pieces(piece))

    def _in_thread(self, job: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, job)
