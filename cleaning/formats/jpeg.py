"""JPEG: segments are dropped, the picture's own bytes are copied untouched.

Kept: what a decoder needs, the orientation, a common colour profile. Whatever stands behind the end
of the picture (second pictures, a film, another file) goes.
"""

from cleaning.formats import colours, exif
from cleaning.formats.base import Cannot, Cursor, Found, Limits, check_size

MIME = "image/jpeg"
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_TABLES = {0xC4, 0xCC, 0xDB, 0xDC, 0xDD}
_ICC = b"ICC_PROFILE\0"
_XMP = (b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0")


def matches(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8\xff")


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    reading = _Reading(limits)
    reading.walk(Cursor(data, 2))
    return frozenset(reading.found), reading.written()


def check(data: bytes, limits: Limits) -> None:
    exif.check_picture(data)


class _Reading:
    def __init__(self, limits: Limits) -> None:
        self.found: set[str] = set()
        self._limits = limits
        self._jfif = b""
        self._orientation = 1
        self._profile: list[bytes] = []
        self._kept: list[bytes] = []
        self._has_frame = False

    def walk(self, cursor: Cursor) -> None:
        while True:
            marker = _marker(cursor)
            if marker == _EOI:
                break
            body = cursor.take(cursor.number(">H") - 2)
            self._segment(marker, body)
            if marker == _SOS:
                self._kept.append(_scan(cursor))
        if not self._has_frame:
            raise Cannot("damaged")
        if self._profile and not self._has_common_profile:
            self.found.add("device")
        self._trailer(cursor.take(cursor.left))

    def written(self) -> bytes:
        head = [b"\xff\xd8", self._jfif]
        if self._orientation != 1:
            head.append(_segment(0xE1, exif.START + exif.with_orientation(self._orientation)))
        if self._has_common_profile:
            head += [_segment(0xE2, part) for part in self._profile]
        return b"".join([*head, *self._kept, b"\xff\xd9"])

    @property
    def _has_common_profile(self) -> bool:
        return colours.is_common(b"".join(part[len(_ICC) + 2 :] for part in self._profile))

    def _segment(self, marker: int, body: bytes) -> None:
        if marker in _FRAMES:
            size = Cursor(body, 1)
            height = size.number(">H")
            # A height of zero is said later (DNL); then the width alone is looked at.
            check_size(size.number(">H"), height or 1, self._limits)
            self._has_frame = True
        if marker in _FRAMES or marker in _TABLES or marker == _SOS:
            self._kept.append(_segment(marker, body))
        elif marker == 0xE0:
            self._application_0(body)
        elif marker == 0xE1:
            self._application_1(body)
        elif marker == 0xE2 and body.startswith(_ICC):
            self._profile.append(body)
        elif marker == 0xEE and body.startswith(b"Adobe") and len(body) == 12:
            self._kept.append(_segment(marker, body))
        elif marker == 0xED:
            self.found.add("author")
        elif marker == 0xE2 and body.startswith(b"MPF\0"):
            self.found.add("thumbnail")
        elif marker == _COM or 0xE0 <= marker <= 0xEF:
            self.found.add("comment")
        else:
            raise Cannot("damaged")

    def _application_0(self, body: bytes) -> None:
        if body.startswith(b"JFIF\0") and len(body) >= 14 and not self._jfif:
            self._jfif = _segment(0xE0, body[:12] + b"\0\0")
            if body[12] or body[13]:
                self.found.add("thumbnail")
        else:
            self.found.add("thumbnail")

    def _application_1(self, body: bytes) -> None:
        if body.startswith(exif.START):
            told, orientation = exif.read(body)
            self.found |= told
            if self._orientation == 1:
                self._orientation = orientation
        elif body.startswith(_XMP):
            self.found |= exif.told_by_xmp(body)
        else:
            self.found.add("comment")

    def _trailer(self, behind: bytes) -> None:
        if not behind.strip(b"\0\xff"):
            return
        is_picture = b"\xff\xd8\xff" in behind or b"ftyp" in behind[:64]
        self.found.add("thumbnail" if is_picture else "comment")


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def _marker(cursor: Cursor) -> int:
    if cursor.take(1) != b"\xff":
        raise Cannot("damaged")
    marker = 0xFF
    while marker == 0xFF:  # fill bytes
        marker = cursor.number("B")
    if marker in (0, 1, _SOI) or 0xD0 <= marker <= 0xD7:
        raise Cannot("damaged")
    return marker


def _scan(cursor: Cursor) -> bytes:
    """The entropy-coded bytes up to the next marker that is no restart."""
    data, start, at = cursor.data, cursor.at, cursor.at
    while True:
        at = data.find(b"\xff", at, cursor.end)
        if at < 0 or at + 1 >= cursor.end:
            raise Cannot("damaged")
        after = data[at + 1]
        if after == 0 or 0xD0 <= after <= 0xD7:
            at += 2
        elif after == 0xFF:
            at += 1
        else:
            break
    cursor.at = at
    return data[start:at]
