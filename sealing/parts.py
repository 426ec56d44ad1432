"""Parts: everything that a tip consists of, each sealed alone and knowing its own place.

Inside every seal: tip, part, sequence number, the hash of the sealed part before it, author, day,
kind, schema. So a part can be put nowhere but where it was written: another tip, another place or
another order gives Misplaced. What the server says outside (author, kind, day) is a convenience;
believe the inside. Anyone with the public recipient can seal a part: who wrote it is shown for
officers by their signature, and for reporters by nothing.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sealing import sealed_json
from sealing.age import Identity, PQIdentity, Recipient
from sealing.canonical import JSON, Fields, is_day, is_hex, is_id, is_label
from sealing.errors import Malformed, Misplaced
from sealing.originals import (
    SEED_BYTES,
    Original,
    OriginalFile,
    OriginalKey,
    SealedWords,
    key_from_json,
    key_to_json,
    original_from_json,
    original_to_json,
)
from sealing.tips import Side

SCHEMA = 1
HASH_BYTES = 32
NOTHING_BEFORE = bytes(HASH_BYTES)


class Author(StrEnum):
    """Who wrote a part. SYSTEM is the server speaking for itself."""

    REPORTER = "reporter"
    OFFICER = "officer"
    SYSTEM = "system"


class Kind(StrEnum):
    """What a part is."""

    FORM = "form"  # every choice answer, once, at filing
    WORDS = "words"  # the reporter's own words
    FILE = "file"  # one file, whose bytes are a blob
    MESSAGE = "message"  # an officer to the reporter
    NOTE = "note"  # an officer to officers
    STATUS = "status"  # the sentence that goes with a change of status
    STOP = "stop"  # the reporter wants no more contact
    KEY = "key"  # what opens the original of a part


_MAY_WRITE = {
    Kind.FORM: (Author.REPORTER,),
    Kind.WORDS: (Author.REPORTER,),
    Kind.FILE: (Author.REPORTER, Author.OFFICER),
    Kind.MESSAGE: (Author.OFFICER,),
    Kind.NOTE: (Author.OFFICER, Author.SYSTEM),
    Kind.STATUS: (Author.OFFICER, Author.SYSTEM),
    Kind.STOP: (Author.REPORTER,),
    Kind.KEY: (Author.REPORTER,),
}


class Media(StrEnum):
    """What kind of file a person sent."""

    PHOTO = "photo"
    VIDEO = "video"
    VOICE = "voice"
    DOCUMENT = "document"


class Details(StrEnum):
    """What was done about a file's hidden details (place, time, device, author)."""

    NONE = "none"  # nothing was found, or nobody looked
    CLEANED = "cleaned"  # they were taken out of this file
    UNREMOVABLE = "unremovable"  # a kind of file that cannot be cleaned: they may be in it


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What must hold of the file in blob *blob_id*.

    *size* (bytes) and *sha256* (hex) are of the file itself, before padding. *seed* opens the blob
    when it lies under a key of its own; None: it is sealed as the part is.
    """

    blob_id: str
    size: int
    sha256: str
    media: Media
    mime: str
    name: str | None = field(repr=False)
    details: Details = Details.NONE
    seed: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not is_id(self.blob_id) or not is_hex(self.sha256, HASH_BYTES) or self.size < 0:
            raise ValueError("a file has a blob id, a size and a SHA-256 in lowercase hex")
        if self.seed is not None and len(self.seed) != SEED_BYTES:
            raise ValueError("a file's own key is a seed of 32 bytes")

    def identity(self, of_part: Identity) -> Identity:
        """What opens the blob: its own key if it has one, else what opens its side of the tip."""
        return of_part if self.seed is None else PQIdentity.from_seed(self.seed)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a tip, opened.

    *previous* is the hash of the sealed part before it (zeros before the first). *original* is what
    was sent before *found* (labels of what was found in it) was taken out; *key* opens another
    part's original.
    """

    tip_id: str
    part_id: str
    seq: int
    previous: bytes
    author: Author
    day: str
    kind: Kind
    question: str | None = None
    words: str | None = field(default=None, repr=False)
    form: Mapping[str, JSON] | None = field(default=None, repr=False)
    file: FileFacts | None = field(default=None, repr=False)
    officer: str | None = None
    found: tuple[str, ...] = ()
    original: Original | None = None
    key: OriginalKey | None = None
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        _check_place(self.tip_id, self.part_id, self.seq, self.previous)
        _check_content(self)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed part was found.

    *previous* None: not known (the part before is on the side that stays shut).
    """

    tip_id: str
    part_id: str
    seq: int
    previous: bytes | None


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A part as it is stored, and the *hash* (SHA-256 of *data*) that the next part will carry."""

    data: bytes = field(repr=False)
    hash: bytes


def side_of(author: Author, kind: Kind) -> Side:
    """Which identity opens such a part: reply for what the reporter may read, else case."""
    is_for_reporter = kind in (Kind.MESSAGE, Kind.STATUS) or (
        kind is Kind.FILE and author is not Author.REPORTER
    )
    return Side.REPLY if is_for_reporter else Side.CASE


def seal_part(part: Part, recipient: Recipient) -> SealedPart:
    """*part* sealed to *recipient* (of the side that `side_of` says).

    Raises ValueError past 1 MiB.
    """
    data = sealed_json.seal(_to_json(part), recipient)
    return SealedPart(data, hash_sealed(data))


def hash_sealed(data: bytes) -> bytes:
    """The hash of a sealed part: SHA-256 of all its bytes."""
    return hashlib.sha256(data).digest()


def open_part(data: bytes, identity: Identity, expect: Place) -> Part:
    """The part in *data*, which was found at *expect*.

    Raises Misplaced when it says another place inside, WrongKey, Tampered, Malformed, NewerFormat.
    """
    part = _from_json(sealed_json.unseal(data, identity))
    is_here = (part.tip_id, part.part_id, part.seq) == (expect.tip_id, expect.part_id, expect.seq)
    if not is_here or expect.previous not in (None, part.previous):
        raise Misplaced("this part was written for another place")
    return part


def _check_place(tip_id: str, part_id: str, seq: int, previous: bytes) -> None:
    if not is_id(tip_id) or not is_id(part_id) or seq < 1 or len(previous) != HASH_BYTES:
        raise ValueError("a part has two ids, a number from 1 and the hash before it")
    if (seq == 1) != (previous == NOTHING_BEFORE):
        raise ValueError("the first part, and only the first, has nothing before it")


def _check_content(part: Part) -> None:
    if not is_day(part.day) or part.schema != SCHEMA:
        raise ValueError("a part has a day and this release's schema")
    if (part.author is Author.OFFICER) != (part.officer is not None):
        raise ValueError("an officer's part, and only that, names the officer")
    if part.officer is not None and not is_id(part.officer):
        raise ValueError("an officer is named by id")
    _check_kind(part)


def _check_kind(part: Part) -> None:
    if part.author not in _MAY_WRITE[part.kind]:
        raise ValueError("this author does not write this kind of part")
    if (part.kind is Kind.FILE) != (part.file is not None):
        raise ValueError("a file part, and only that, has a file")
    if part.kind is Kind.FORM and part.form is None:
        raise ValueError("a form part has a form")
    if part.kind in (Kind.WORDS, Kind.MESSAGE, Kind.NOTE) and part.words is None:
        raise ValueError("this kind of part has words")
    if (part.kind is Kind.KEY) != (part.key is not None):
        raise ValueError("a key part, and only that, has a key")
    _check_original(part)


def _check_original(part: Part) -> None:
    if not all(map(is_label, part.found)):
        raise ValueError("what was found is named by labels")
    if (part.original is not None) != bool(part.found):
        raise ValueError("an original, and what was found in it, go together")
    fits = {Kind.WORDS: SealedWords, Kind.FILE: OriginalFile}.get(part.kind)
    if part.original is not None and (
        part.author is not Author.REPORTER or fits is None or not isinstance(part.original, fits)
    ):
        raise ValueError("only the reporter's words and files have an original of their kind")


def _to_json(part: Part) -> dict[str, JSON]:
    return {
        "schema": part.schema,
        "tip_id": part.tip_id,
        "part_id": part.part_id,
        "seq": part.seq,
        "previous": part.previous.hex(),
        "author": part.author,
        "day": part.day,
        "kind": part.kind,
        "question": part.question,
        "words": part.words,
        "form": part.form,
        "file": None if part.file is None else _file_to_json(part.file),
        "officer": part.officer,
        "found": list(part.found),
        "original": None if part.original is None else original_to_json(part.original),
        "key": None if part.key is None else key_to_json(part.key),
    }


def _file_to_json(file: FileFacts) -> dict[str, JSON]:
    return {
        "blob_id": file.blob_id,
        "size": file.size,
        "sha256": file.sha256,
        "media": file.media,
        "mime": file.mime,
        "name": file.name,
        "details": file.details,
        "seed": None if file.seed is None else file.seed.hex(),
    }


def _from_json(value: Mapping[str, JSON]) -> Part:
    fields = Fields(value)
    fields.schema(SCHEMA)
    try:
        part = Part(
            tip_id=fields.id("tip_id"),
            part_id=fields.id("part_id"),
            seq=fields.number("seq"),
            previous=fields.raw("previous", HASH_BYTES),
            author=fields.choice("author", Author),
            day=fields.day("day"),
            kind=fields.choice("kind", Kind),
            question=fields.text_or_none("question"),
            words=fields.text_or_none("words"),
            form=fields.object_or_none("form"),
            file=_file_from_json(fields.object_or_none("file")),
            officer=None if fields.is_null("officer") else fields.id("officer"),
            found=fields.texts("found"),
            original=original_from_json(fields.object_or_none("original")),
            key=key_from_json(fields.object_or_none("key")),
        )
    except ValueError as error:
        raise Malformed("a part that contradicts itself") from error
    fields.done()
    return part


def _file_from_json(value: Mapping[str, JSON] | None) -> FileFacts | None:
    if value is None:
        return None
    fields = Fields(value)
    file = FileFacts(
        blob_id=fields.id("blob_id"),
        size=fields.number("size"),
        sha256=fields.raw("sha256", HASH_BYTES).hex(),
        media=fields.choice("media", Media),
        mime=fields.text("mime"),
        name=fields.text_or_none("name"),
        details=fields.choice("details", Details),
        seed=None if fields.is_null("seed") else fields.raw("seed", SEED_BYTES),
    )
    fields.done()
    return file
