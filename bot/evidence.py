"""Evidence: a file streamed from a socket into a sealed blob, without ever being whole anywhere.

Owns sealing, counting and padding on the way. Memory holds a few pieces whatever the file's size;
no plain byte touches a disk. Laws: bytes are kept only when the last one has come and every limit
held; a kept file is durable before anybody hears that it arrived; who sends slowly slows nobody
else down. A piece is hashed and sealed in threads while the next comes and the one before is
written; the event loop only passes them on. Pieces are large for as many senders as memory allows,
and small for the others: slower, but never stopped by them.

A file that may hide details (where a photo was taken) is sealed to a key of its own first. Only
when it lies whole, a cleaner looks into it: who sends slowly holds no cleaner. Then either its
cleaned twin is the file and it the original, or it is the file, and its key goes into its part.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from bot.clock import Clock
from bot.file_sealing import PIECE_BYTES, FileSealing
from bot.hidden import Blob, Hidden, Kept
from bot.places import Place
from bot.slots import Slots
from bot.uploads import Uploads
from cleaning import CannotClean, Cleaner, may_clean
from handlers.events import MEDIA, FileRef
from sealing.age import Encryptor, PQIdentity, PQRecipient
from storage.blobs import BlobStore

SMALL_PIECE_BYTES = 64 * 1024
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
        *,
        cleaner: Cleaner | None = None,
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
        self._hidden = None if cleaner is None else Hidden(cleaner, blobs, self._threads)

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
            intake = _Intake(place, self._uploads, self._rules, most)
            try:
                kept = await self._take(place, chunks, intake, mime)
            except BaseException:
                intake.let_go()
                raise
            if isinstance(kept, Refused):
                return kept
            self._arrived(place, intake, kept)
            return kept.as_ref(media, mime[:AT_MOST_MIME], name and name[:AT_MOST_NAME])

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _take(
        self, place: Place, chunks: AsyncIterator[bytes], intake: "_Intake", mime: str
    ) -> Kept | Refused:
        verdict = may_clean(mime)
        if self._hidden is not None and verdict is None:
            return await self._look(self._hidden, place, chunks, intake)
        sent = await self._seal(place.recipient, chunks, intake)
        if isinstance(sent, Refused):
            return sent
        is_shut = self._hidden is not None and isinstance(verdict, CannotClean)
        return Kept(sent, "unremovable" if is_shut else "none")

    async def _look(
        self, hidden: Hidden, place: Place, chunks: AsyncIterator[bytes], intake: "_Intake"
    ) -> Kept | Refused:
        """Seal the file under a key of its own, and see what has to come out of it."""
        key, clean_id = PQIdentity.generate(), self._new_id()
        sent = await self._seal(key.recipient, chunks, intake)
        if isinstance(sent, Refused):
            return sent
        try:
            return await hidden.look(sent, key, place.recipient, clean_id)
        except BaseException:
            await self._blobs.destroy(sent.blob_id, clean_id)
            raise

    async def _seal(
        self, recipient: PQRecipient, chunks: AsyncIterator[bytes], intake: "_Intake"
    ) -> Blob | Refused:
        blob_id = self._new_id()
        async with self._blobs.writing(blob_id) as out:
            sealing = FileSealing(Encryptor(recipient), out, self._threads)
            refused = await self._pour(chunks, intake, sealing)
            if refused is not None:
                return refused
            await sealing.finish(intake.size)
            await out.keep()
        return Blob(blob_id, intake.size, sealing.sha256)

    def _arrived(self, place: Place, intake: "_Intake", kept: Kept) -> None:
        """Wait for the turn that tells of it; the original, if there is one, waits along."""
        held, original = intake.size, kept.original
        if original is not None:
            held += kept.file.size
            self._uploads.hold(place.conversation, kept.file.size)
        self._uploads.arrived(
            kept.file.blob_id,
            place.conversation,
            place.tip_id,
            held,
            self._clock.monotonic_s(),
            None if original is None else original.blob_id,
        )

    async def _pour(
        self, chunks: AsyncIterator[bytes], intake: "_Intake", sealing: FileSealing
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
