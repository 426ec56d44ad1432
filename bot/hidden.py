"""What hides in a file that lies whole: looked for by the cleaner, and taken out.

Owns the way between the blob store and a cleaner: the file is opened in memory, piece by piece,
with the key of its own, and its cleaned twin is sealed while it comes back. Refuses to know who
sent it and how. The file as it was sent is never changed and never destroyed here.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass

from bot.file_sealing import FileSealing
from cleaning import Cleaned, Cleaner, CleaningBroke, Nothing
from handlers.events import FileRef, Original
from sealing.age import Decryptor, Encryptor, PQIdentity, PQRecipient
from storage.blobs import BlobStore


@dataclass(frozen=True, slots=True)
class Blob:
    """A file that lies sealed; *sha256* is hex over the plain bytes."""

    blob_id: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What the person's file is now: see FileRef."""

    file: Blob
    details: str
    key: PQIdentity | None = None
    original: Original | None = None

    def as_ref(self, media: str, mime: str, name: str | None) -> FileRef:
        return FileRef(
            self.file.blob_id,
            self.file.size,
            self.file.sha256,
            media,
            mime,
            name,
            self.original,
            self.details,
            None if self.key is None else self.key.seed,
        )


class Hidden:
    """Looks into files. One for the whole program."""

    def __init__(self, cleaner: Cleaner, blobs: BlobStore, threads: ThreadPoolExecutor) -> None:
        self._cleaner = cleaner
        self._blobs = blobs
        self._threads = threads

    async def look(
        self, sent: Blob, key: PQIdentity, recipient: PQRecipient, clean_id: str
    ) -> Kept:
        """What *sent* (which *key* opens) becomes: its twin *clean_id*, sealed to *recipient*, with
        *sent* as the original; or itself. Raises Unavailable: *clean_id* may be there or not."""
        as_sent = Kept(sent, "unremovable", key)
        if sent.size > self._cleaner.rules.file_bytes:
            return as_sent
        async with self._cleaner.cleaning() as work, aclosing(self._opened(sent, key)) as pieces:
            async for piece in pieces:
                await work.feed(piece)
            outcome = await work.finish()
            if isinstance(outcome, Nothing):
                return Kept(sent, "none", key)
            if isinstance(outcome, Cleaned):
                with suppress(CleaningBroke):
                    clean = await self._seal(outcome.chunks, recipient, clean_id)
                    original = Original(
                        sent.blob_id, sent.size, sent.sha256, key.seed, outcome.found
                    )
                    return Kept(clean, "cleaned", original=original)
        return as_sent

    async def _opened(self, sent: Blob, key: PQIdentity) -> AsyncGenerator[bytes, None]:
        """The plain bytes, without the padding behind them."""
        opening, left = Decryptor(key), sent.size
        async for chunk in self._blobs.read(sent.blob_id):
            for piece in await self._in_thread(opening, chunk):
                if left:
                    yield piece[:left]
                    left -= len(piece[:left])
        if last := opening.finish()[:left]:
            yield last

    async def _seal(
        self, chunks: AsyncIterator[bytes], recipient: PQRecipient, blob_id: str
    ) -> Blob:
        size = 0
        async with self._blobs.writing(blob_id) as out:
            sealing = FileSealing(Encryptor(recipient), out, self._threads)
            async for chunk in chunks:
                size += len(chunk)
                await sealing.add(bytearray(chunk))
            await sealing.finish(size)
            await out.keep()
        return Blob(blob_id, size, sealing.sha256)

    async def _in_thread(self, opening: Decryptor, chunk: bytes) -> list[bytes]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: list(opening.pieces(chunk)))
