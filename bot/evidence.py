"""Evidence: a file streamed from a socket into a sealed blob, without ever being whole anywhere.

Owns sealing, counting and padding on the way. Memory holds a few pieces whatever the file's size;
no plain byte touches a disk. Laws: bytes are kept only when the last one has come and every limit
held; a kept file is durable before anybody hears that it arrived; who sends slowly slows nobody
else down. A piece is hashed and sealed in threads while the next comes and the one before is
written; the event loop only passes them on. Pieces are large for as many senders as memory allows,
and small for the others: slower, but never stopped by them.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from bot.clock import Clock
from bot.places import Place
from bot.slots import Slots
from bot.uploads import Uploads
from handlers.events import MEDIA, FileRef
from sealing import padme
from sealing.age import Encryptor
from storage.blobs import BlobStore, BlobWriter

T = TypeVar("T")

PIECE_BYTES = 1024 * 1024
SMALL_PIECE_BYTES = 64 * 1024
_ZEROS = bytes(PIECE_BYTES)
AT_MOST_NAME = 120
AT_MOST_MIME = 100


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file was not taken: file_not_now, file_busy, file_empty, file_too_big, files_enough or
    files_too_much; *at_most* is the limit it names (MiB, or a number of files)."""

    reason: str
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRules:
    """The numbers; all of them come from the configuration."""

    file_bytes: int = 50 * 1024 * 1024
    files_per_tip: int = 20
    conversation_bytes: int = 200 * 1024 * 1024
    at_once: int = 192
    at_once_each: int = 2
    """How many files one conversation sends at once: one person must not hold all places."""
    large_at_once: int = 48
    """How many files come in large pieces; together they take most of the memory."""
    idle_s: float = 60.0
    wait_s: float = 10.0
    """How long a file waits for others to come to their end before its sender is told to wait."""


class Places(Protocol):
    """Says where a file may go now (`Turns` does)."""

    async def place_for_file(self, channel: str, person: str, language: str) -> Place | None: ...


class CutOff(Exception):
    """The sender went away before the last byte; nothing was kept. Channels may raise it too."""


class Evidence:
    """Takes files in. One for the whole program."""

    def __init__(
        self,
        places: Places,
        blobs: BlobStore,
        uploads: Uploads,
        clock: Clock,
        new_id: Callable[[], str],
        rules: EvidenceRules | None = None,
    ) -> None:
        self._places = places
        self._blobs = blobs
        self._uploads = uploads
        self._clock = clock
        self._new_id = new_id
        self._rules = rules or EvidenceRules()
        self._slots = Slots(self._rules.at_once, self._rules.at_once_each)
        self._large = _LargePlaces(self._rules.large_at_once)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="evidence")

    async def receive(
        self,
        channel: str,
        person: str,
        chunks: AsyncIterator[bytes],
        *,
        mime: str,
        name: str | None,
        media: str,
        language: str = "th",
        at_most_bytes: int | None = None,
    ) -> FileRef | Refused:
        """Seal *chunks* into a blob for what *person* is telling now; hand the FileRef on in a
        Media event at once. The blob is durable then, and destroyed unless that turn keeps it.

        *media* is one of photo, video, voice, document. *at_most_bytes* bounds the file instead of
        the rules' own limit: what a platform holds has limits of its own. Whatever *chunks* raises
        passes through, and so does Unavailable: nothing was kept. A sender who stalls for `idle_s`
        is cut off.
        """
        if media not in MEDIA:
            raise ValueError("not a kind of media")
        async with self._slots.hold((channel, person), self._rules.wait_s) as has_place:
            if not has_place:
                return Refused("file_busy")
            place = await self._places.place_for_file(channel, person, language)
            if place is None:
                return Refused("file_not_now")
            if place.files + self._uploads.files_of(place.tip_id) >= self._rules.files_per_tip:
                return Refused("files_enough", self._rules.files_per_tip)
            most = self._rules.file_bytes if at_most_bytes is None else at_most_bytes
            return await self._seal(place, chunks, mime, name, media, most)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _seal(
        self,
        place: Place,
        chunks: AsyncIterator[bytes],
        mime: str,
        name: str | None,
        media: str,
        at_most_bytes: int,
    ) -> FileRef | Refused:
        blob_id = self._new_id()
        intake = _Intake(place, self._uploads, self._rules, at_most_bytes)
        try:
            async with self._blobs.writing(blob_id) as out:
                sealing = _Sealing(Encryptor(place.recipient), out, self._threads)
                refused = await self._pour(chunks, intake, sealing)
                if refused is not None:
                    return refused
                await sealing.finish(intake.size)
                await out.keep()
        except BaseException:
            intake.let_go()
            raise
        self._uploads.arrived(
            blob_id, place.conversation, place.tip_id, intake.size, self._clock.monotonic_s()
        )
        return FileRef(
            blob_id,
            intake.size,
            sealing.sha256,
            media,
            mime[:AT_MOST_MIME],
            None if name is None else name[:AT_MOST_NAME],
        )

    async def _pour(
        self, chunks: AsyncIterator[bytes], intake: "_Intake", sealing: "_Sealing"
    ) -> Refused | None:
        gathered, coming = bytearray(), aiter(chunks)
        with _Pieces(self._large) as pieces:
            while True:
                try:
                    async with asyncio.timeout(self._rules.idle_s):
                        chunk = await anext(coming, None)
                except TimeoutError:
                    raise CutOff("the sender stalled") from None
                if chunk is None:
                    break
                refused = intake.count(len(chunk))
                if refused is not None:
                    intake.let_go()
                    return refused
                gathered += chunk
                if pieces.is_full(len(gathered)):
                    await sealing.add(gathered)
                    gathered = bytearray()
        if not intake.size:
            intake.let_go()
            return Refused("file_empty")
        await sealing.add(gathered)
        return None


@dataclass(slots=True)
class _LargePlaces:
    """How many more files may come in large pieces."""

    left: int


class _Pieces:
    """How much of one file is gathered before it is sealed: little, until one of the large places
    is free. Nobody waits for one."""

    def __init__(self, places: _LargePlaces) -> None:
        self._places = places
        self._is_large = False

    def __enter__(self) -> "_Pieces":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_large:
            self._places.left += 1

    def is_full(self, gathered: int) -> bool:
        """Whether *gathered* bytes are to be sealed now."""
        if not self._is_large and gathered >= SMALL_PIECE_BYTES and self._places.left:
            self._is_large = True
            self._places.left -= 1
        return gathered >= (PIECE_BYTES if self._is_large else SMALL_PIECE_BYTES)


class _Intake:
    """Counts bytes against the limits as they come."""

    def __init__(
        self, place: Place, uploads: Uploads, rules: EvidenceRules, at_most_bytes: int
    ) -> None:
        self._at_most_bytes = at_most_bytes
        self._place = place
        self._uploads = uploads
        self._rules = rules
        self.size = 0

    def count(self, more: int) -> Refused | None:
        self.size += more
        held = self._uploads.hold(self._place.conversation, more)
        if self.size > self._at_most_bytes:
            return Refused("file_too_big", self._at_most_bytes // (1024 * 1024))
        if self._place.bytes_held + held > self._rules.conversation_bytes:
            return Refused("files_too_much", self._rules.conversation_bytes // (1024 * 1024))
        return None

    def let_go(self) -> None:
        self._uploads.let_go(self._place.conversation, self.size)


class _Sealing:
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
