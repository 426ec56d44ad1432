"""A tip's files: sealed bytes in, the true file out, in bounded memory and only if it is the one
that was sent.

A file is what its part's FileFacts say: the sealed blob holds it with padding behind it. Size
and SHA-256 are known only at the end, so what streams out is a beginning until `opened` has run
to its end without an error; whoever keeps it, keeps it under another name until then.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable

from console.calm import safe_name
from console.errors import Distrusted
from console.previews.hazards import RUNS
from sealing import FileFacts, age

UNSAFE = ".unsafe"
SHOWN_AT_MOST_BYTES = 32 * 1024 * 1024


async def opened(
    sealed: AsyncIterator[bytes], identity: age.Identity, facts: FileFacts
) -> AsyncIterator[bytes]:
    """The bytes of the file, padding cut off; *identity* is what opens its side of the tip. Raises
    Distrusted unless it is whole and just what *facts* say.
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


async def whole(sealed: AsyncIterator[bytes], identity: age.Identity, facts: FileFacts) -> bytes:
    """The file in memory, verified. Raises Distrusted, also for one too big to show."""
    if facts.size > SHOWN_AT_MOST_BYTES:
        raise Distrusted("file.too_big_to_show")
    return b"".join([piece async for piece in opened(sealed, identity, facts)])


def saved_as(name: str | None, fallback: str, hazards: Iterable[str]) -> str:
    """What a file that somebody called *name* is called on this machine: nothing that a program
    opens by itself when it may run something, whatever its ending says.
    """
    calm = safe_name(name, fallback)
    is_marked = calm.endswith(UNSAFE) or not RUNS & set(hazards)
    return calm if is_marked else calm + UNSAFE
