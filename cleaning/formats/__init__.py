"""The formats: each knows its bytes, what in them is hidden, and how to leave that out.

    matches(data)          whether a file is of this format, by its own bytes
    clean(data, limits)    (what was found, the file without it); nothing found: as it was sent
    check(data, limits)    lets an independent reader look; raises Cannot("unsure")

Laws: what is seen or heard stays exact, pictures are never encoded anew; a byte that no rule keeps
is not kept; sizes that a file claims are checked before memory is spent on them. Runs in the worker
only. Raises Cannot; other errors mean a damaged file.
"""

import codecs
from typing import Protocol

from cleaning.formats import (
    exif,
    flac,
    gif,
    heif,
    jpeg,
    mp3,
    mp4,
    office,
    ogg,
    opendocument,
    pdf,
    png,
    tiff,
    wav,
    webp,
)
from cleaning.formats.base import Cannot, Found, Limits

__all__ = ["Cannot", "Found", "Limits", "clean", "prepare"]


class Format(Protocol):
    """What a module of this package is."""

    MIME: str

    def matches(self, data: bytes, /) -> bool: ...
    def clean(self, data: bytes, limits: Limits, /) -> tuple[Found, bytes]: ...
    def check(self, data: bytes, limits: Limits, /) -> None: ...


FORMATS: tuple[Format, ...] = (
    jpeg, png, gif, webp, tiff, heif, pdf, opendocument, office, mp4, mp3, ogg, flac, wav,
)  # fmt: skip
_ARCHIVES = (b"PK", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


def prepare() -> None:
    """Load what the libraries would load later, when nothing can be opened any more."""
    exif.prepare()
    codecs.lookup("cp437")  # names in ZIP archives


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """What *data* hid, and *data* without it; checked by an independent reader. Raises Cannot."""
    for each in FORMATS:
        if each.matches(data):
            found, cleaned = each.clean(data, limits)
            each.check(cleaned if found else data, limits)
            return found, cleaned if found else data
    raise Cannot("archive" if data.startswith(_ARCHIVES) else "unknown")
