"""What a file says about itself, cleaned: its name, and what its first bytes show it to be.

The declared type is a hint from somebody's device, and the name may be a trap for whoever saves the
file later. Out of here come a short harmless name, a known type, and how the chat counts it.
"""

import re
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

PEEK_BYTES = 64
NAME_AT_MOST = 100
EXTENSION_AT_MOST = 12
UNKNOWN = "application/octet-stream"

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    '<>:"|?*\ud800-\udfff]'
)

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"fLaC", "audio/flac"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
)
_BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic", b"msf1": "image/heic",
    b"avif": "image/avif", b"avis": "image/avif", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}  # fmt: skip
# Containers that hold sound or pictures alike: what the sender calls them decides between the two.
_CONTAINERS = {b"OggS": ("audio", "ogg"), b"\x1aE\xdf\xa3": ("video", "webm")}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_IN_ZIP = {
    _OFFICE + "wordprocessingml.document",
    _OFFICE + "spreadsheetml.sheet",
    _OFFICE + "presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IN_OLE = {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"}
_PLAIN = {"text/plain", "text/csv"}


@dataclass(frozen=True, slots=True)
class Described:
    """A file as the chat knows it."""

    media: str
    mime: str
    name: str | None = field(repr=False)


def describe(first_bytes: bytes, declared_mime: str, raw_name: str) -> Described:
    """What a file is, by its first PEEK_BYTES; the declared type decides only between equals."""
    mime = _mime(first_bytes, declared_mime.partition(";")[0].strip().lower())
    kinds = {"image": "photo", "video": "video", "audio": "voice"}
    return Described(kinds.get(mime.partition("/")[0], "document"), mime, clean_name(raw_name))


def clean_name(raw_name: str) -> str | None:
    """The last step of a path without anything that hides, reorders or leads elsewhere; None when
    nothing is left. Long names lose their middle: the ending says what opens the file."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", raw_name)[-1])
    name = " ".join(_UNSAFE.sub("", name).split()).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if dot and stem and len(extension) <= EXTENSION_AT_MOST:
        return stem[: NAME_AT_MOST - len(extension) - 1].rstrip(". ") + dot + extension
    return name[:NAME_AT_MOST] or None


async def peek(
    chunks: AsyncIterator[bytes],
) -> tuple[bytes, AsyncGenerator[bytes, None]]:
    """The first bytes (all there are, if fewer than PEEK_BYTES), and the whole from the start."""
    first = b""
    while len(first) < PEEK_BYTES and (piece := await anext(chunks, b"")):
        first += piece

    async def again() -> AsyncGenerator[bytes, None]:
        if first:
            yield first
        async for piece in chunks:
            yield piece

    return first[:PEEK_BYTES], again()


def _mime(first: bytes, declared: str) -> str:
    for offset, magic, mime in _MAGIC:
        if first.startswith(magic, offset) and (offset == 0 or first.startswith(b"RIFF")):
            return mime
    if first[4:8] == b"ftyp":
        kind = "audio" if declared.startswith("audio/") else "video"
        return _BRANDS.get(first[8:12], f"{kind}/3gpp" if first[8:10] == b"3g" else f"{kind}/mp4")
    for magic, (usual, container) in _CONTAINERS.items():
        if first.startswith(magic):
            called = declared.partition("/")[0]
            return f"{called if called in ('audio', 'video') else usual}/{container}"
    if first.startswith(b"PK\x03\x04"):
        return declared if declared in _IN_ZIP else "application/zip"
    if first.startswith(_OLE):
        return declared if declared in _IN_OLE else "application/x-ole-storage"
    if declared in _PLAIN and b"\0" not in first:
        return declared
    return UNKNOWN
