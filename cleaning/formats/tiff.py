"""TIFF: every byte that the picture does not need becomes zero, in place.

Nothing moves, so no offset has to be written anew. Scans of several pages stay; small previews,
Exif, GPS and private tags go. Raw pictures of cameras, which are TIFF too, are not touched: what
their private tags mean only their makers know.
"""

import struct
from dataclasses import dataclass, field

from cleaning.formats import colours, exif
from cleaning.formats.base import Cannot, Found, Limits, check_size, kept_only

MIME = "image/tiff"
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_WIDTH, _HEIGHT, _COMPRESSION, _ORIENTATION, _ICC = 0x0100, 0x0101, 0x0103, 0x0112, 0x8773
_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 0x0111, 0x0117, 0x0144, 0x0145
_JPEG_TABLES = 0x015B
_DRAWS = {
    0x00FE, 0x00FF, _WIDTH, _HEIGHT, 0x0102, _COMPRESSION, 0x0106, 0x0107, 0x0108, 0x0109, 0x010A,
    _STRIPS, _ORIENTATION, 0x0115, 0x0116, _STRIP_BYTES, 0x0118, 0x0119, 0x011A, 0x011B, 0x011C,
    0x0122, 0x0123, 0x0124, 0x0125, 0x0128, 0x0129, 0x012D, 0x013D, 0x013E, 0x013F, 0x0140, 0x0141,
    0x0142, 0x0143, _TILES, _TILE_BYTES, 0x0146, 0x0147, 0x0148, 0x014C, 0x014E, 0x0150, 0x0151,
    0x0152, 0x0153, 0x0154, 0x0155, _JPEG_TABLES, 0x0211, 0x0212, 0x0213, 0x0214,
}  # fmt: skip
_RAW_OF_CAMERAS = {0xC612, 0x828D, 0x828E}
_LABELS = {0x8825: "place", 0x0132: "time", 0x013B: "author", 0x8298: "author", 0x010E: "comment"}
_COMMENTS = {0x010D, 0x011D, 0x02BC, 0x83BB, 0x8649}
_PAGES_WITHOUT_JPEG = {1, 2, 3, 4, 5, 8, 32773, 32946, 50000}
_JPEG = 7


def matches(data: bytes) -> bool:
    return data.startswith((b"II*\0", b"MM\0*"))


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    reading = _Reading(data, "<" if data.startswith(b"II") else ">", limits)
    reading.walk()
    cleaned = kept_only(data, reading.kept)
    for at, directory in reading.directories.items():
        cleaned[at : at + len(directory)] = directory
    last = max(start + length for start, length in reading.kept)
    if not reading.found and cleaned != data:
        reading.found.add("comment")  # bytes that belong to nothing
    return frozenset(reading.found), bytes(cleaned[:last])


def check(data: bytes, limits: Limits) -> None:
    exif.check_picture(data, draws=_DRAWS)


@dataclass(slots=True)
class _Reading:
    data: bytes
    order: str
    limits: Limits
    found: set[str] = field(default_factory=set)
    kept: list[tuple[int, int]] = field(default_factory=lambda: [(0, 8)])
    directories: dict[int, bytes] = field(default_factory=dict)

    def walk(self) -> None:
        at = self._number("I", 4)
        while at:
            if at in self.directories or len(self.directories) >= self.limits.pages:
                raise Cannot("damaged" if at in self.directories else "too_large")
            at = self._directory(at)
        if not self.directories:
            raise Cannot("damaged")

    def _directory(self, at: int) -> int:
        """Keep what draws of one page; where the next one is."""
        count, entries = self._number("H", at), {}
        for nth in range(count):
            start = at + 2 + 12 * nth
            tag, kind, many = (
                self._number("H", start), self._number("H", start + 2), self._number("I", start + 4)
            )  # fmt: skip
            length = _SIZES.get(kind, 1) * many
            where = start + 8 if length <= 4 else self._number("I", start + 8)
            if self._stays(tag, where, length):
                self.kept.append((where, length))
                entries[tag] = (start, kind, many, where)
        self._pixels(entries)
        following = self._number("I", at + 2 + 12 * count)
        raw = b"".join(self.data[start : start + 12] for start, *_ in entries.values())
        written = struct.pack(self.order + "H", len(entries)) + raw
        written += struct.pack(self.order + "I", following)
        whole = 6 + 12 * count
        self.kept.append((at, whole))
        self.directories[at] = written.ljust(whole, b"\0")
        return following

    def _stays(self, tag: int, where: int, length: int) -> bool:
        if tag in _RAW_OF_CAMERAS:
            raise Cannot("unknown")
        if tag in _DRAWS:
            return True
        if tag == _ICC and colours.is_common(self.data[where : where + length]):
            return True
        fallback = "comment" if tag in _COMMENTS else "device"
        self.found.add(_LABELS.get(tag, fallback))
        if tag == 0x8769:
            self.found.add("time")
        return False

    def _pixels(self, entries: dict[int, tuple[int, int, int, int]]) -> None:
        def values(tag: int) -> list[int]:
            if tag not in entries:
                return []
            _, kind, many, where = entries[tag]
            if kind not in (3, 4) or many > self.limits.objects:
                raise Cannot("damaged")
            form = "H" if kind == 3 else "I"
            return [self._number(form, where + nth * _SIZES[kind]) for nth in range(many)]

        size = values(_WIDTH), values(_HEIGHT)
        if not all(size):
            raise Cannot("damaged")
        check_size(size[0][0], size[1][0], self.limits)
        compression = (values(_COMPRESSION) or [1])[0]
        if compression not in _PAGES_WITHOUT_JPEG | {_JPEG}:
            raise Cannot("unknown")
        for starts, lengths in ((_STRIPS, _STRIP_BYTES), (_TILES, _TILE_BYTES)):
            pieces = list(zip(values(starts), values(lengths), strict=True))
            if compression == _JPEG and any(self._has_notes(*piece) for piece in pieces):
                raise Cannot("unknown")
            self.kept += pieces

    def _has_notes(self, start: int, length: int) -> bool:
        """Whether a JPEG inside carries segments of its own that may tell something."""
        head = self.data[start : start + min(length, 4096)].partition(b"\xff\xda")[0]
        return any(bytes((0xFF, marker)) in head for marker in (*range(0xE0, 0xEE), 0xFE))

    def _number(self, form: str, at: int) -> int:
        try:
            (value,) = struct.unpack_from(self.order + form, self.data, at)
        except struct.error:
            raise Cannot("damaged") from None
        return int(value)
