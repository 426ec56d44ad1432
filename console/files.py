"""A tip's files: sealed bytes in, the true file out, in bounded memory and only if it is the one
that was sent.

A file is what its part's FileFacts say: the sealed blob holds it with padding behind it. Size
and SHA-256 are known only at the end, so what streams out is a beginning until `opened` has run
to its end without an error; whoever keeps it, keeps it under another name until then.
"""

import hashlib
from collections.abc import AsyncIterator
from enum import Enum

from console.errors import Distrusted
from sealing import FileFacts, age

SHOWN_AT_MOST_BYTES = 32 * 1024 * 1024


class Shown(Enum):
    """File types that are shown in a page; the browser decodes them in its sandbox. By their first
    bytes.
    """

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    OGG = "audio/ogg"
    MP4_AUDIO = "audio/mp4"
    MP3 = "audio/mpeg"

    @property
    def is_image(self) -> bool:
        return self.value.startswith("image/")


async def opened(
    sealed: AsyncIterator[bytes], identity: age.PQIdentity, facts: FileFacts
) -> AsyncIterator[bytes]:
    """The bytes of the file, padding cut off; *identity* is what opened its part. Raises Distrusted
    unless it is whole and just what *facts* say.
    """
    opening, digest, left = age.Decryptor(facts.identity(identity)), hashlib.sha256(), facts.size
    try:
        async for chunk in sealed:
            for piece in opening.pieces(chunk):
                kept = piece[:left]
                left -= len(kept)
                digest.update(kept)
                if kept:
                    yield kept
        kept = opening.finish()[:left]
    except age.Truncated:
        raise Distrusted("file.cut") from None
    except age.WrongKey:
        raise Distrusted("file.unopened") from None
    except age.AgeError:
        raise Distrusted("file.altered") from None
    digest.update(kept)
    if left != len(kept) or digest.hexdigest() != facts.sha256:
        raise Distrusted("file.altered")
    if kept:
        yield kept


async def whole(sealed: AsyncIterator[bytes], identity: age.PQIdentity, facts: FileFacts) -> bytes:
    """The file in memory, verified. Raises Distrusted, also for one too big to show."""
    if facts.size > SHOWN_AT_MOST_BYTES:
        raise Distrusted("file.too_big_to_show")
    return b"".join([piece async for piece in opened(sealed, identity, facts)])


def shown_as(data: bytes) -> Shown | None:
    """How *data* may be shown in a page, judged by its own first bytes, not by what the sender
    said.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return Shown.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Shown.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Shown.WEBP
    if data.startswith(b"OggS"):
        return Shown.OGG
    if data[4:8] == b"ftyp" and data[8:11] in (b"M4A", b"m4a"):
        return Shown.MP4_AUDIO
    if data.startswith(b"ID3") or data[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return Shown.MP3
    return None
