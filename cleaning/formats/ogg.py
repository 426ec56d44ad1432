"""Ogg with Opus, Vorbis or Speex: the comments are overwritten by spaces, in place.

The packet of comments keeps its length: the name of the encoder becomes spaces up to the end, with
no comment behind it. So no page moves, and only the pages it lies on get a new checksum.
"""

import struct
from dataclasses import dataclass

from cleaning.formats import exif
from cleaning.formats.base import Cannot, Cursor, Found, Limits

MIME = "audio/ogg"
_COMMENTS = {b"OpusHead": b"OpusTags", b"\x01vorbis": b"\x03vorbis", b"Speex   ": b""}
_POLYNOMIAL = 0x04C11DB7
_IS_FIRST = 0x02


def matches(data: bytes) -> bool:
    return data.startswith(b"OggS")


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    pages, end = _pages(data)
    packet, places = _second_packet(data, pages)
    first = data[pages[0].body : pages[0].end]
    mark = next((tags for head, tags in _COMMENTS.items() if first.startswith(head)), None)
    if mark is None:
        raise Cannot("video" if first.startswith(b"\x80theora") else "unknown")
    found, written = _without_comments(packet, mark)
    if data[end:].strip(b"\0"):
        found |= {"comment"}
    cleaned = bytearray(data[:end])
    for start, length in places:
        cleaned[start : start + length], written = written[:length], written[length:]
    for page in pages:
        if any(page.body <= start < page.end for start, _ in places):
            cleaned[page.start + 22 : page.start + 26] = bytes(4)
            checksum = _checksum(bytes(cleaned[page.start : page.end]))
            cleaned[page.start + 22 : page.start + 26] = struct.pack("<I", checksum)
    return found, bytes(cleaned)


def check(data: bytes, limits: Limits) -> None:
    """Read the comments anew, as a player would."""
    pages, end = _pages(data)
    packet, _ = _second_packet(data, pages)
    first = data[pages[0].body : pages[0].end]
    for head, mark in _COMMENTS.items():
        if first.startswith(head) and (end != len(data) or _without_comments(packet, mark)[0]):
            raise Cannot("unsure")


@dataclass(frozen=True, slots=True)
class _Page:
    start: int
    segments: bytes
    body: int
    end: int


def _pages(data: bytes) -> tuple[list[_Page], int]:
    """All pages of the one stream there is, and where they end."""
    found, at, serial = list[_Page](), 0, b""
    while data.startswith(b"OggS", at):
        cursor = Cursor(data, at + 5)
        flags = cursor.number("B")
        cursor.take(8)
        of_stream = cursor.take(4)
        cursor.take(8)
        segments = cursor.take(cursor.number("B"))
        body = cursor.at
        cursor.take(sum(segments))
        if bool(flags & _IS_FIRST) != (not found) or (serial and of_stream != serial):
            raise Cannot("unknown")  # several streams, side by side or one after the other
        serial = of_stream
        found.append(_Page(at, segments, body, cursor.at))
        at = cursor.at
    if len(found) < 2:
        raise Cannot("damaged")
    return found, at


def _second_packet(data: bytes, pages: list[_Page]) -> tuple[bytes, list[tuple[int, int]]]:
    """The packet behind the first page, and where its pieces lie."""
    places = list[tuple[int, int]]()
    for page in pages[1:]:
        length, is_whole = 0, False
        for segment in page.segments:
            length += segment
            if segment < 255:
                is_whole = True
                break
        places.append((page.body, length))
        if is_whole:
            return b"".join(data[at : at + length] for at, length in places), places
    raise Cannot("damaged")


def _without_comments(packet: bytes, mark: bytes) -> tuple[Found, bytes]:
    """What the comments tell, and a packet as long without them."""
    if not packet.startswith(mark):
        raise Cannot("damaged")
    cursor = Cursor(packet, len(mark))
    vendor = cursor.take(cursor.number("<I"))
    found = set[str]()
    for _ in range(cursor.number("<I")):
        comment = cursor.take(cursor.number("<I"))
        found |= exif.told_by_word(comment.partition(b"=")[0])
    is_framed = mark == b"\x03vorbis"
    behind = packet[cursor.at + is_framed :]
    if behind.strip(b"\0"):
        found.add("comment")
    if not found:
        return frozenset(), packet
    room = len(packet) - len(mark) - 8 - is_framed
    spaces = struct.pack("<I", room) + b" " * room
    if len(vendor) > room:
        raise Cannot("damaged")
    return frozenset(found), mark + spaces + bytes(4) + (b"\1" if is_framed else b"")


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (_POLYNOMIAL if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


def _checksum(page: bytes) -> int:
    table, value = _table(), 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ byte]
    return value
