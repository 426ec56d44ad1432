"""What a file is, by its own bytes. Pure.

A file that begins as one thing may be another one behind that (a polyglot): so each kind has one
*way* in which it is shown, and a picture or a PDF is shown by its likeness only. What a file may do
to whoever opens it elsewhere is told by `hazards`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from console.previews.glance import PDF_WITHIN, Glance, glance_at
from console.previews.plain import text_of


class Way(Enum):
    """How a kind of file is shown."""

    DRAWN = "drawn"  # drawn anew, as a picture of our own
    PAGED = "paged"  # each page drawn anew, and its text beside it
    READ = "read"  # its text, as plain text
    HEARD = "heard"  # the browser plays it, under a strict type
    NOT = "not"


@dataclass(frozen=True, slots=True)
class FileKind:
    """*name* is a key of the words (`filetype.…`); *mime* is what a browser is told, if it is told
    anything; *does* are hazards (`hazards.HAZARDS`) of every file of this kind.
    """

    name: str
    way: Way = Way.NOT
    mime: str = "application/octet-stream"
    does: tuple[str, ...] = ()

    @property
    def has_inside(self) -> bool:
        """Whether its inside tells more than its bytes do: a document."""
        return self.way is Way.PAGED or (self.way is Way.READ and self.name != "text")


Matches = Callable[[Glance], bool]

UNKNOWN = FileKind("unknown")
_AUDIO_BRANDS = (b"M4A ", b"M4B ", b"m4a ")
_AVIF_BRANDS = (b"avif", b"avis")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."
_OGG_HEAD = 64
_ISO_AT, _TAR_AT = 32_769, 257
_ARCHIVES = (
    *(b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"MSCF"),
    *(b"!<arch>", b"\xed\xab\xee\xdb", b"MSWIM", b"conectix", b"vhdxfile"),
)
_MARKUP = re.compile(r"\s*<[!?a-z]", re.IGNORECASE)
_SCRIPT = re.compile(r"\s*(@echo |<\?php|<%|on error resume next|#requires )", re.IGNORECASE)
_SHORTCUT = re.compile(r"\s*\[(internetshortcut|desktop entry)", re.IGNORECASE)
_MAIL = re.compile(r"\s*(mime-version|return-path|received|delivered-to|from): ", re.IGNORECASE)


def kind_of(data: bytes) -> FileKind:
    """What *data* is. Never raises."""
    return kind_at(glance_at(data))


def kind_at(glance: Glance) -> FileKind:
    """The same, of a file that was only glanced at."""
    return next((kind for matches, kind in KINDS if matches(glance)), UNKNOWN)


def _begins(*beginnings: bytes) -> Matches:
    return lambda glance: glance.head.startswith(beginnings)


def _riff(form: bytes) -> Matches:
    return lambda glance: glance.head[:4] == b"RIFF" and glance.head[8:12] == form


def _brand(*brands: bytes) -> Matches:
    return lambda glance: glance.head[4:8] == b"ftyp" and glance.head[8:12] in brands


def _is_ogg_sound(glance: Glance) -> bool:
    """The first packet of an Ogg stream names its codec; one with pictures is not only heard."""
    head = glance.head[:_OGG_HEAD]
    return head.startswith(b"OggS") and any(
        name in head for name in (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
    )


def _is_mpeg_sound(glance: Glance) -> bool:
    head = glance.head
    return head.startswith(b"ID3") or head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")


def _zip_with(*marks: bytes) -> Matches:
    return lambda glance: (
        glance.head.startswith(b"PK\x03\x04") and any(mark in glance.marks for mark in marks)
    )


def _office(main: bytes) -> Matches:
    return lambda glance: _zip_with(b"[content_types].xml")(glance) and _zip_with(main)(glance)


def _open_document(kind: bytes) -> Matches:
    """Its first member is its type, neither compressed nor behind anything but 30 bytes."""
    return lambda glance: (
        glance.head.startswith(b"PK\x03\x04") and glance.head[30:].startswith(_OPEN_DOCUMENT + kind)
    )


def _is_archive(glance: Glance) -> bool:
    head = glance.head
    return (
        head.startswith(_ARCHIVES)
        or head[2:5] == b"-lh"
        or head[_TAR_AT : _TAR_AT + 5] == b"ustar"
        or head[_ISO_AT : _ISO_AT + 5] == b"CD001"
        or glance.tail[-512:-508] == b"koly"
    )


def _words(pattern: re.Pattern[str]) -> Matches:
    def matches(glance: Glance) -> bool:
        text = text_of(glance.head)
        return text is not None and pattern.match(text) is not None

    return matches


def _is_markup(glance: Glance) -> bool:
    text = text_of(glance.head)
    return text is not None and (
        _MARKUP.match(text) is not None or any(mark in glance.marks for mark in _MARKUP_MARKS)
    )


_MARKUP_MARKS = (b"<script", b"<html", b"<svg")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LINK = b"\x4c\0\0\0\x01\x14\x02\0"
_ONENOTE = b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"

KINDS: tuple[tuple[Matches, FileKind], ...] = (
    (_begins(b"\xff\xd8\xff"), FileKind("jpeg", Way.DRAWN)),
    (_begins(b"\x89PNG\r\n\x1a\n"), FileKind("png", Way.DRAWN)),
    (_begins(b"GIF87a", b"GIF89a"), FileKind("gif", Way.DRAWN)),
    (_riff(b"WEBP"), FileKind("webp", Way.DRAWN)),
    (_brand(*_AVIF_BRANDS), FileKind("avif", Way.DRAWN)),
    (_begins(b"II*\0", b"MM\0*"), FileKind("tiff", Way.DRAWN)),
    (_is_ogg_sound, FileKind("ogg", Way.HEARD, "audio/ogg")),
    (_brand(*_AUDIO_BRANDS), FileKind("m4a", Way.HEARD, "audio/mp4")),
    (_riff(b"WAVE"), FileKind("wav", Way.HEARD, "audio/wav")),
    (_is_mpeg_sound, FileKind("mp3", Way.HEARD, "audio/mpeg")),
    (_brand(*_HEIC_BRANDS), FileKind("heic")),
    (lambda glance: glance.head[4:8] == b"ftyp", FileKind("mp4")),
    (_begins(b"\x1aE\xdf\xa3"), FileKind("matroska")),
    (_office(b"word/document"), FileKind("docx", Way.READ)),
    (_office(b"xl/workbook"), FileKind("xlsx", Way.READ)),
    (_office(b"ppt/presentation"), FileKind("pptx", Way.READ)),
    (_open_document(b"text"), FileKind("odt", Way.READ)),
    (_open_document(b"spreadsheet"), FileKind("ods", Way.READ)),
    (_open_document(b"presentation"), FileKind("odp", Way.READ)),
    (
        _zip_with(b"meta-inf/manifest.mf", b"androidmanifest.xml"),
        FileKind("program", does=("program",)),
    ),
    (_begins(b"PK\x03\x04", b"PK\x05\x06"), FileKind("zip", does=("archive",))),
    (_begins(_OLE), FileKind("office", does=("old_office",))),
    (_begins(b"{\\rt"), FileKind("rtf", does=("embedded",))),
    (_begins(_ONENOTE), FileKind("onenote", does=("embedded",))),
    (_is_archive, FileKind("archive", does=("archive",))),
    (
        _begins(
            *(b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xce"),
            *(b"\xfe\xed\xfa\xcf", b"\xca\xfe\xba\xbe", b"dex\n", b"\0asm", b"ITSF"),
        ),
        FileKind("program", does=("program",)),
    ),
    (_begins(b"#!"), FileKind("script", does=("script",))),
    (_begins(_LINK), FileKind("shortcut", does=("shortcut",))),
    (lambda glance: b"%PDF-" in glance.head[:PDF_WITHIN], FileKind("pdf", Way.PAGED)),
    (_words(_SHORTCUT), FileKind("shortcut", does=("shortcut",))),
    (_words(_SCRIPT), FileKind("script", does=("script",))),
    (_words(re.compile(r"\s*begin:v", re.IGNORECASE)), FileKind("calendar", does=("calendar",))),
    (_words(_MAIL), FileKind("mail", does=("mail",))),
    (_is_markup, FileKind("markup", does=("markup",))),
    (lambda glance: text_of(glance.head) is not None, FileKind("text", Way.READ)),
)
