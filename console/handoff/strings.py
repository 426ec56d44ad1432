"""What of a file's bytes can be read: runs of writing in UTF-8 and UTF-16, and the pages of
documents that are ZIP archives. To be searched before the file leaves; nothing is shown. Pure.

A PDF's pages are drawn, not written: what they say cannot be searched this way.
"""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

UNPACKED_AT_MOST = 160 * 1024 * 1024
_UTF_8 = re.compile(rb"(?:[\x20-\x7e]|\xe0[\xb8\xb9][\x80-\xbf]){6,}")
_UTF_16 = (
    (re.compile(rb"(?:[\x20-\x7e]\x00|[\x01-\x5b]\x0e){6,}"), "utf-16-le"),
    (re.compile(rb"(?:\x00[\x20-\x7e]|\x0e[\x01-\x5b]){6,}"), "utf-16-be"),
)
_MARKUP = re.compile(rb"<[^<>]*>")
_PAGES = (".xml", ".rels", ".txt")


def readable(data: bytes) -> Iterator[str]:
    """Every run of writing in *data*; where it is an archive, in its pages also, with the markup
    (which may part a word) taken out."""
    yield from _runs(data)
    if data.startswith(b"PK"):
        for page in _pages(data):
            yield from _runs(page)
            yield html.unescape(_MARKUP.sub(b"", page).decode("utf-8", "replace"))


def _runs(data: bytes) -> Iterator[str]:
    for match in _UTF_8.finditer(data):
        yield match[0].decode("utf-8", "replace")
    for pattern, encoding in _UTF_16:
        for match in pattern.finditer(data):
            yield match[0].decode(encoding, "replace")


def _pages(data: bytes) -> Iterator[bytes]:
    """The text members of an archive, as far as UNPACKED_AT_MOST goes."""
    left = UNPACKED_AT_MOST
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if info.filename.lower().endswith(_PAGES):
                    with archive.open(info) as member:
                        page = member.read(left)
                    left -= len(page)
                    yield page
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError):
        return
