"""Files that go along: cleaned once more here, in the shut-in process, or left out and named.

What the desk's cleaner did is not relied on. One file at a time is in memory, and none larger than
the cleaner takes. What a file is, its own bytes say after they were cleaned, never its name or what
the desk calls it. Voices and documents go along only where the officer ticked them: the voice
itself tells who speaks, and a document's words are nobody's to black out here.
"""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from cleaning import CannotClean, Cleaned, Cleaner, CleaningBroke, Nothing
from console.errors import Distrusted
from console.handoff.choices import Choices
from console.office import Office, Reading, facts_of
from console.previews.kinds import kind_of
from console.reading import OpenedPart, in_order
from sealing import Author, Media

FILES_AT_MOST = 99
_PHOTOS = {
    "jpeg": "jpg",
    "png": "png",
    "gif": "gif",
    "webp": "webp",
    "tiff": "tiff",
    "heic": "heic",
    "avif": "avif",
}
# The cleaner takes no mp4 with pictures in it.
_SOUNDS = {"ogg": "ogg", "m4a": "m4a", "wav": "wav", "mp3": "mp3", "mp4": "m4a"}
_DOCUMENTS = {each: each for each in ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp")}
_ONLY_TICKED = {Media.VOICE: "voice", Media.DOCUMENT: "document"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that goes along, under a *name* of ours; *media* is what its bytes are."""

    name: str
    media: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Left:
    """A file that does not, and why: a key of `handoff_left`."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Clean:
    """A file without hidden details: what it is (*media*), its *ending*, its bytes."""

    media: str
    ending: str
    data: bytes = field(repr=False)


def evidence_parts(reading: Reading) -> tuple[OpenedPart, ...]:
    """The reporter's files, in their order."""
    return tuple(
        part
        for part in in_order(reading.tip.files())
        if part.part is not None and part.part.author is Author.REPORTER
    )


async def clean_file(
    office: Office, reading: Reading, part: OpenedPart, choices: Choices, cleaner: Cleaner
) -> Clean | Left:
    """The file of *part* as it may go along, or why it may not."""
    facts, seq = facts_of(part), part.seq
    if seq in choices.without:
        return Left(seq, "chosen")
    if facts.media is Media.VIDEO:
        return Left(seq, "video")
    if facts.media in _ONLY_TICKED and seq not in choices.ticked:
        return Left(seq, _ONLY_TICKED[facts.media])
    if facts.size > cleaner.rules.file_bytes:
        return Left(seq, "too_large")
    try:
        data = await _cleaned(office.file(reading, part), cleaner)
    except Distrusted:
        return Left(seq, "altered")
    if isinstance(data, str):
        return Left(seq, data)
    media, ending = _what(data)
    if not ending:
        return Left(seq, "unknown")
    if media in _ONLY_TICKED.values() and seq not in choices.ticked:
        return Left(seq, media)
    return Clean(media, ending, data)


def named(number: int, clean: Clean) -> Taken:
    """How the *number*-th file is listed."""
    name = f"evidence-{number:02}.{clean.ending}"
    return Taken(name, clean.media, len(clean.data), hashlib.sha256(clean.data).hexdigest())


async def _cleaned(pieces: AsyncIterator[bytes], cleaner: Cleaner) -> bytes | str:
    """The bytes without hidden details, or why there are none."""
    whole = bytearray()
    async with cleaner.cleaning() as work:
        async for piece in pieces:
            whole += piece
            await work.feed(piece)
        outcome = await work.finish()
        if isinstance(outcome, CannotClean):
            return outcome.reason
        if isinstance(outcome, Nothing):
            return bytes(whole)
        return await _collected(outcome)


async def _collected(outcome: Cleaned) -> bytes | str:
    cleaned = bytearray()
    try:
        async for piece in outcome.chunks:
            cleaned += piece
    except CleaningBroke as broke:
        return broke.reason
    return bytes(cleaned)


def _what(data: bytes) -> tuple[str, str]:
    """What the bytes are, and the ending that opens them; no ending where they are nothing that
    goes along."""
    if data.startswith(b"fLaC"):
        return Media.VOICE, "flac"
    name = kind_of(data).name
    for media, endings in (
        (Media.PHOTO, _PHOTOS),
        (Media.VOICE, _SOUNDS),
        (Media.DOCUMENT, _DOCUMENTS),
    ):
        if name in endings:
            return media, endings[name]
    return Media.DOCUMENT, ""
