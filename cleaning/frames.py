"""The words between the program and a worker: frames of kind (one byte), length (four), payload.

    to the worker    D bytes of the file …   E end of the file
    from the worker  R ready (JSON: what shuts it in)   then exactly one of
                     N nothing found
                     C cannot clean (the reason)
                     F found (JSON: a list of details), D bytes of the cleaned file …, E its end

A frame that is longer than FRAME_BYTES or of another kind ends the talk: a worker that read a
hostile file may be the sender's by now, and is believed nothing that could hurt.
"""

import struct
from enum import Enum

FRAME_BYTES = 64 * 1024
HEAD = struct.Struct(">cI")


class Frame(Enum):
    """What a frame is."""

    DATA = b"D"
    END = b"E"
    READY = b"R"
    NOTHING = b"N"
    CANNOT = b"C"
    FOUND = b"F"


class BadFrame(Exception):
    """The other side does not keep to the protocol."""


def head(kind: Frame, length: int = 0) -> bytes:
    """The head of a frame with *length* bytes behind it."""
    return HEAD.pack(kind.value, length)


def parse_head(raw: bytes) -> tuple[Frame, int]:
    """Kind and length. Raises BadFrame."""
    try:
        kind, length = HEAD.unpack(raw)
        frame = Frame(kind)
    except (struct.error, ValueError):
        raise BadFrame("no such frame") from None
    if length > FRAME_BYTES:
        raise BadFrame("longer than any frame")
    return frame, length
