"""A short look at a file's bytes: how it begins, how it ends, and which of a few marks stand
anywhere in it. Pure; one pass, and no more memory than its two ends.

A file of hundreds of megabytes that streams to the disk is judged by the same rules as a small one
that lies in memory.
"""

import codecs
import re
from dataclasses import dataclass, field

from console.previews.plain import text_of

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 64 * 1024 + 512
"""A ZIP archive ends with a record that may have 64 KiB of comment behind it."""

_IN_ALL = (b"<script", b"<html", b"<svg")
_IN_PDF = (b"/javascript", b"/launch", b"/embeddedfile", b"/richmedia", b"/xfa")
_IN_ZIP = (
    *(b"[content_types].xml", b"word/document", b"xl/workbook", b"ppt/presentation"),
    *(b"vbaproject.bin", b"macrosheets/", b"basic/script", b"scripts/"),
    *(b"/embeddings/", b"/activex/", b"/externallinks/", b"object 1/", b"objectreplacements/"),
    *(b"meta-inf/manifest.mf", b"androidmanifest.xml"),
)
_IN_TEXT = (
    *(b"createobject(", b"activexobject", b"wscript.", b"powershell", b"invoke-expression"),
    *(b"mshta", b"rundll32"),
)
RUN_BY_WORDS = frozenset(_IN_TEXT)
_CELL = rb"(?:^|[,;\t|\r])[ \"']*"
_FORMULA = re.compile(
    _CELL + rb"(?:[=@]|[+-](?=[A-Za-z(@])|[+-][^\n|]{0,200}\|[^\n|!]{0,200}!)", re.MULTILINE
)
FORMULA = b"=formula"
"""Not looked for as it stands: a cell of a table begins like a formula."""
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_OVERLAP = 512
"""As far back a mark, or a formula, may have begun."""
PDF_WITHIN = 1024
"""Readers of PDF look for its beginning that far."""


@dataclass(frozen=True, slots=True)
class Glance:
    """*marks* are in lower case, as they are looked for."""

    head: bytes = field(repr=False)
    tail: bytes = field(repr=False)
    size: int
    marks: frozenset[bytes]


class Glancing:
    """Takes the pieces of a file as they come."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail, self._size = b"", 0
        self._wanted: tuple[bytes, ...] | None = None
        self._found: set[bytes] = set()
        self._overlap = b""
        self._is_text = False
        self._decoder: codecs.IncrementalDecoder | None = None

    def __repr__(self) -> str:
        return "Glancing(…)"

    def feed(self, piece: bytes) -> None:
        self._size += len(piece)
        self._tail = (self._tail + piece[-TAIL_BYTES:])[-TAIL_BYTES:]
        if self._wanted is not None:
            self._search(piece)
            return
        missing = HEAD_BYTES - len(self._head)
        self._head += piece[:missing]
        if len(self._head) == HEAD_BYTES:
            self._begin()
            self._search(piece[missing:])

    def done(self) -> Glance:
        if self._wanted is None:
            self._begin()
        return Glance(bytes(self._head), self._tail, self._size, frozenset(self._found))

    def _begin(self) -> None:
        head = bytes(self._head)
        self._is_text = text_of(head) is not None
        if self._is_text and head[:2] in _WIDE:
            self._decoder = codecs.getincrementaldecoder(_WIDE[head[:2]])("replace")
        self._wanted = _marks_for(head) + (_IN_TEXT if self._is_text else ())
        self._search(head)

    def _search(self, piece: bytes) -> None:
        if self._decoder is not None:
            piece = self._decoder.decode(piece).encode("utf-8", "replace")
        if not self._overlap:
            piece = piece.removeprefix(codecs.BOM_UTF8)
        searched = self._overlap + piece.lower()
        wanted = self._wanted or ()
        self._found.update(mark for mark in wanted if mark in searched)
        if (
            self._is_text
            and FORMULA not in self._found
            and _begins_formula(searched, self._overlap)
        ):
            self._found.add(FORMULA)
        self._wanted = tuple(mark for mark in wanted if mark not in self._found)
        self._overlap = searched[-_OVERLAP:]


def glance_at(data: bytes) -> Glance:
    """The same of a file in memory."""
    looking = Glancing()
    looking.feed(data)
    return looking.done()


def _begins_formula(searched: bytes, overlap: bytes) -> bool:
    """Whether a cell does. Where *searched* goes on from an *overlap*, no line begins with it."""
    return any(not overlap or found.start() for found in _FORMULA.finditer(searched))


def _marks_for(head: bytes) -> tuple[bytes, ...]:
    """Only what matters for a file that begins so: each mark is one more search through it all."""
    marks: tuple[bytes, ...] = _IN_ALL
    if b"%PDF-" in head[:PDF_WITHIN]:
        marks += _IN_PDF
    if head.startswith(b"PK"):
        marks += _IN_ZIP
    return marks
