"""What every format needs: refusal, and careful reading of bytes."""

import struct
from collections.abc import Iterable

from cleaning.orders import Limits

__all__ = ["Cannot", "Cursor", "Found", "Limits", "check_size", "kept_only"]

Found = frozenset[str]


class Cannot(Exception):
    """The file stays as it is; *reason* is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Cursor:
    """Reads forward through bytes; asking for more than there is means a damaged file."""

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end

    @property
    def left(self) -> int:
        return self.end - self.at

    def take(self, length: int) -> bytes:
        if not 0 <= length <= self.left:
            raise Cannot("damaged")
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, form: str) -> int:
        (value,) = struct.unpack(form, self.take(struct.calcsize(form)))
        return int(value)


def kept_only(data: bytes, ranges: Iterable[tuple[int, int]]) -> bytearray:
    """*data* with everything outside *ranges* (start, length) as zeros. Raises Cannot."""
    clean = bytearray(len(data))
    for start, length in ranges:
        if start < 0 or length < 0 or start + length > len(data):
            raise Cannot("damaged")
        clean[start : start + length] = data[start : start + length]
    return clean


def check_size(width: int, height: int, limits: Limits) -> None:
    """Raises Cannot for a picture that nobody could decode."""
    if width < 1 or height < 1:
        raise Cannot("damaged")
    if width * height > limits.pixels:
        raise Cannot("too_large")
