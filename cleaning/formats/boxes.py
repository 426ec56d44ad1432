"""Boxes of the ISO base media format (HEIC, AVIF, M4A): where they lie, and blanking them in place.

A box that is blanked stays as long as it was and becomes `free`, which every reader steps over: so
nothing moves, and no offset elsewhere is wrong afterwards.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from cleaning.formats.base import Cannot

_DEEP_AT_MOST = 12
BOXES_AT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its kind, where it starts, where its payload starts, where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


def boxes(data: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """The boxes that lie side by side from *start* to *end*. Raises Cannot."""
    at, many = start, 0
    while at < end:
        many += 1
        if end - at < 8 or many > BOXES_AT_MOST:
            raise Cannot("damaged")
        length, kind = struct.unpack_from(">I4s", data, at)
        body = at + 8
        if length == 1:
            if end - at < 16:
                raise Cannot("damaged")
            (length,) = struct.unpack_from(">Q", data, body)
            body += 8
        elif length == 0:
            length = end - at
        if not body - at <= length <= end - at:
            raise Cannot("damaged")
        yield Box(kind, at, body, at + length)
        at += length


def blank(data: bytearray, box: Box) -> bool:
    """Make *box* a `free` one full of zeros; whether that changed anything."""
    was = bytes(data[box.start : box.end])
    data[box.start + 4 : box.start + 8] = b"free"
    data[box.body : box.end] = bytes(box.end - box.body)
    return was != data[box.start : box.end]
