"""What a file is, by its own first bytes. Pure.

A file that begins as one thing may be another one behind that (a polyglot): so each kind has one
*way* in which it is shown, and a picture or a PDF is shown by its likeness only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Way(Enum):
    """How a kind of file is shown."""

    DRAWN = "drawn"  # drawn anew, as a picture of our own
    READ = "read"  # its text, as plain text
    HEARD = "heard"  # the browser plays it, under a strict type
    NOT = "not"


@dataclass(frozen=True, slots=True)
class FileKind:
    """*name* is a key of the words (`filetype.…`); *mime* is what a browser is told, if it is told
    anything.
    """

    name: str
    way: Way = Way.NOT
    mime: str = "application/octet-stream"


UNKNOWN = FileKind("unknown")
PDF = FileKind("pdf", Way.READ)
_AUDIO_BRANDS = (b"M4A ", b"M4B ", b"m4a ")
_PDF_WITHIN = 1024
_OGG_HEAD = 64


def kind_of(data: bytes) -> FileKind:
    """What *data* is. Never raises."""
    return next((kind for matches, kind in KINDS if matches(data)), UNKNOWN)


def _begins(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(beginnings)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda data: data[:4] == b"RIFF" and data[8:12] == form


def _is_ogg_sound(data: bytes) -> bool:
    """The first packet of an Ogg stream names its codec; one with pictures is not only heard."""
    head = data[:_OGG_HEAD]
    return data.startswith(b"OggS") and any(
        name in head for name in (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
    )


def _is_mpeg_sound(data: bytes) -> bool:
    return data.startswith(b"ID3") or data[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")


KINDS: tuple[tuple[Callable[[bytes], bool], FileKind], ...] = (
    (_begins(b"\xff\xd8\xff"), FileKind("jpeg", Way.DRAWN)),
    (_begins(b"\x89PNG\r\n\x1a\n"), FileKind("png", Way.DRAWN)),
    (_begins(b"GIF87a", b"GIF89a"), FileKind("gif", Way.DRAWN)),
    (_riff(b"WEBP"), FileKind("webp", Way.DRAWN)),
    (_is_ogg_sound, FileKind("ogg", Way.HEARD, "audio/ogg")),
    (
        lambda data: data[4:8] == b"ftyp" and data[8:12] in _AUDIO_BRANDS,
        FileKind("m4a", Way.HEARD, "audio/mp4"),
    ),
    (_riff(b"WAVE"), FileKind("wav", Way.HEARD, "audio/wav")),
    (_is_mpeg_sound, FileKind("mp3", Way.HEARD, "audio/mpeg")),
    (lambda data: data[4:8] == b"ftyp", FileKind("mp4")),
    (_begins(b"\x1aE\xdf\xa3"), FileKind("matroska")),
    (_begins(b"II*\0", b"MM\0*"), FileKind("tiff")),
    (_begins(b"PK\x03\x04", b"PK\x05\x06"), FileKind("zip")),
    (_begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), FileKind("office")),
    (_begins(b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"), FileKind("archive")),
    (_begins(b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"#!"), FileKind("program")),
    (lambda data: b"%PDF-" in data[:_PDF_WITHIN], PDF),
)
