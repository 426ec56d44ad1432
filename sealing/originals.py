"""Originals: what was sent before something was taken out of it, under a key of its own.

When a person's words show a phone number, or a photo where it was taken, the part carries the words
or the file without it. The original lies beside, sealed to a one-off post-quantum identity that no
grant holds. Either a key part gives its seed away, or the seed is forgotten and no key there is
opens the original again.

An original of words is sealed like a part, with the tip and the part inside, so that it cannot be
shown in another's place. An original file is bound by the size and SHA-256 in its part.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from sealing import sealed_json
from sealing.age import PQIdentity, PQRecipient
from sealing.canonical import JSON, Fields, is_hex, is_id
from sealing.errors import Malformed, Misplaced

SCHEMA = 1
SEED_BYTES = 32
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class SealedWords:
    """The words as they were sent: one age file to the one-off identity."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """The file as it was sent, in a blob sealed to the one-off identity; size (bytes) and SHA-256
    (hex) are of the file before padding."""

    blob_id: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        if not is_id(self.blob_id) or not is_hex(self.sha256, _HASH_BYTES) or self.size < 0:
            raise ValueError("a file has a blob id, a size and a SHA-256 in lowercase hex")


Original = SealedWords | OriginalFile


@dataclass(frozen=True, slots=True)
class OriginalKey:
    """What opens the original of part *of*. *is_answered*: the person said that it may be seen;
    else they were asked and never said."""

    of: str
    seed: bytes = field(repr=False)
    is_answered: bool = False

    def __post_init__(self) -> None:
        if not is_id(self.of) or len(self.seed) != SEED_BYTES:
            raise ValueError("a key names a part and has a seed of 32 bytes")

    @property
    def identity(self) -> PQIdentity:
        return PQIdentity.from_seed(self.seed)


def seal_words(words: str, recipient: PQRecipient, *, tip_id: str, part_id: str) -> SealedWords:
    """*words* sealed to a one-off *recipient*, for this part of this tip and no other."""
    body: dict[str, JSON] = {
        "schema": SCHEMA,
        "tip_id": tip_id,
        "part_id": part_id,
        "words": words,
    }
    return SealedWords(sealed_json.seal(body, recipient))


def open_words(original: SealedWords, key: OriginalKey, *, tip_id: str) -> str:
    """The words as they were sent. Raises WrongKey, Tampered, Malformed, NewerFormat, or Misplaced
    for the original of another part."""
    fields = Fields(sealed_json.unseal(original.data, key.identity))
    fields.schema(SCHEMA)
    place = (fields.id("tip_id"), fields.id("part_id"))
    words = fields.text("words")
    fields.done()
    if place != (tip_id, key.of):
        raise Misplaced("this original belongs to another part")
    return words


def original_to_json(original: Original) -> dict[str, JSON]:
    """All four fields always; those of the other kind are null."""
    if isinstance(original, SealedWords):
        sealed = base64.b64encode(original.data).decode("ascii")
        return {"sealed": sealed, "blob_id": None, "size": None, "sha256": None}
    return {
        "sealed": None,
        "blob_id": original.blob_id,
        "size": original.size,
        "sha256": original.sha256,
    }


def original_from_json(value: Mapping[str, JSON] | None) -> Original | None:
    """Raises Malformed."""
    if value is None:
        return None
    fields = Fields(value)
    original: Original
    if fields.is_null("sealed"):
        original = OriginalFile(
            blob_id=fields.id("blob_id"),
            size=fields.number("size"),
            sha256=fields.raw("sha256", _HASH_BYTES).hex(),
        )
    else:
        original = SealedWords(_from_base64(fields.text("sealed")))
        if not all(fields.is_null(name) for name in ("blob_id", "size", "sha256")):
            raise Malformed("an original is words or a file")
    fields.done()
    return original


def key_to_json(key: OriginalKey) -> dict[str, JSON]:
    return {"of": key.of, "seed": key.seed.hex(), "is_answered": key.is_answered}


def key_from_json(value: Mapping[str, JSON] | None) -> OriginalKey | None:
    """Raises Malformed."""
    if value is None:
        return None
    fields = Fields(value)
    key = OriginalKey(
        of=fields.id("of"),
        seed=fields.raw("seed", SEED_BYTES),
        is_answered=fields.flag("is_answered"),
    )
    fields.done()
    return key


def _from_base64(text: str) -> bytes:
    """Only the one spelling: two texts for the same bytes would be two readings of one part."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("the field sealed is not base64") from None
    if base64.b64encode(data).decode("ascii") != text:
        raise Malformed("the field sealed is not canonical base64")
    return data
