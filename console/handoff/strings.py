"""What of a file's bytes can be read: runs of writing in UTF-8 and UTF-16; everything that lies in
an archive, and in archives inside it; what a PDF holds packed. To be searched before the file
leaves; nothing is shown. Pure.

A PDF's pages are drawn, not written: what they say can mostly not be searched this way. What is
read comes in pieces of bounded length, so that searching them takes no more memory for a long one;
and of a file that would take too long, it is said that not all of it was read.
"""

import html
import io
import re
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from console.handoff.blackout import Source

UNPACKED_AT_MOST = 160 * 1024 * 1024
PIECE, OVERLAP = 64 * 1024, 4 * 1024
"""In letters. What is sought with more than OVERLAP letters of other signs in it may be missed."""
LETTERS_AT_MOST = 24 * 1024 * 1024
"""Some minutes of searching, at the worst."""
_DEEP_AT_MOST = 3
_UTF_8 = re.compile(rb"(?:[\x20-\x7e]|\xe0[\xb8\xb9][\x80-\xbf]){6,}")
_UTF_16 = (
    (re.compile(rb"(?:[\x20-\x7e]\x00|[\x01-\x5b]\x0e){6,}"), "utf-16-le"),
    (re.compile(rb"(?:\x00[\x20-\x7e]|\x0e[\x01-\x5b]){6,}"), "utf-16-be"),
)
_MARKUP = re.compile(rb"<[^<>]*>")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_STREAM_END = re.compile(rb"endstream")
_WIDE = re.compile(rb"\((?:\xfe\xff|\\376\\377)((?:[^()\\]|\\.)*)\)", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
"""In a PDF's string; half of a Thai letter may be a bracket, which is escaped."""
_PACKED = (b"\x78", b"\x68", b"\x58", b"\x48", b"\x38", b"\x28", b"\x18", b"\x08")
"""How a stream begins that zlib can open."""
_HEX = re.compile(rb"<([0-9A-Fa-f\s]{12,})>")


class TooMuch(Exception):
    """There is more to read than is read: nobody knows what the rest holds."""


def readable(data: bytes) -> Iterator[tuple[str, Source]]:
    """Every run of writing in *data*, and what it was read out of; where it is an archive, in all
    that lies in it also, with the markup (which may part a word) taken out; where it is a PDF, in
    what it packed. Raises TooMuch once as much was read as is."""
    letters = LETTERS_AT_MOST
    for text, source in _read(data, _Budget(UNPACKED_AT_MOST), 0):
        for at in range(0, max(len(text) - OVERLAP, 1), PIECE - OVERLAP):
            piece = text[at : at + PIECE]
            letters -= len(piece)
            if letters < 0:
                raise TooMuch
            yield piece, source


@dataclass
class _Budget:
    """How many bytes may still be unpacked."""

    left: int

    def take(self, n: int) -> None:
        """Raises TooMuch for more than there may be."""
        self.left -= n
        if self.left < 0:
            raise TooMuch


def _read(data: bytes, budget: _Budget, deep: int) -> Iterator[tuple[str, Source]]:
    if data.startswith(b"%PDF"):
        for stream in chain((data,), _streams(data, budget)):
            yield from ((run, Source.DRAWN) for run in _runs(stream))
            yield from ((run, Source.WRITTEN) for run in _written_in_hex(stream))
            yield from ((run, Source.WRITTEN) for run in _written_wide(stream))
        return
    is_markup = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    yield from ((run, Source.WRITTEN if is_markup else Source.BYTES) for run in _runs(data))
    if is_markup:
        text = html.unescape(_MARKUP.sub(b"", data).decode("utf-8", "replace"))
        yield text, Source.WRITTEN
    elif data.startswith(b"PK") and deep < _DEEP_AT_MOST:
        for name, member in _members(data, budget):
            yield name, Source.WRITTEN
            yield from _read(member, budget, deep + 1)


def _runs(data: bytes) -> Iterator[str]:
    for match in _UTF_8.finditer(data):
        yield match[0].decode("utf-8", "replace")
    for pattern, encoding in _UTF_16:
        for match in pattern.finditer(data):
            yield match[0].decode(encoding, "replace")


def _members(data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    """What lies in an archive, by its name there, as far as the budget goes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                with archive.open(info) as member:
                    page = member.read(budget.left + 1)
                budget.take(len(page))
                yield info.filename, page
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError):
        return


def _streams(data: bytes, budget: _Budget) -> Iterator[bytes]:
    """What a PDF holds packed, wherever it can be unpacked."""
    ends, whole = [match.start() for match in _STREAM_END.finditer(data)], memoryview(data)
    for match in _STREAM.finditer(data):
        nth = bisect_left(ends, match.end())
        if nth == len(ends):
            return
        packed = whole[match.end() : ends[nth]]
        if packed[:1] not in _PACKED:
            continue
        try:
            stream = zlib.decompressobj().decompress(packed, budget.left + 1)
        except zlib.error:
            budget.take(len(packed))  # nobody knows how far it was unpacked
            continue
        budget.take(len(stream))
        yield stream


def _written_in_hex(data: bytes) -> Iterator[str]:
    for match in _HEX.finditer(data):
        digits = b"".join(match[1].split())
        yield from _runs(bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii")))


def _written_wide(data: bytes) -> Iterator[str]:
    """A PDF's strings in UTF-16, whatever of them is escaped."""

    def plain(match: re.Match[bytes]) -> bytes:
        escaped = match[1]
        if escaped[:1] in b"01234567":
            return bytes((int(escaped, 8) & 0xFF,))
        return b"" if escaped[:1] in b"\r\n" else _ESCAPES.get(escaped, escaped)

    for match in _WIDE.finditer(data):
        yield _ESCAPED.sub(plain, match[1]).decode("utf-16-be", "replace")
