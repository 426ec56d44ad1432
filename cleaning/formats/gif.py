"""GIF: comments, notes of programs and whatever stands behind the end go."""

from cleaning.formats import exif
from cleaning.formats.base import Cannot, Cursor, Found, Limits, check_size

MIME = "image/gif"
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def matches(data: bytes) -> bool:
    return data.startswith((b"GIF87a", b"GIF89a"))


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    found: set[str] = set()
    cursor = Cursor(data, 6)
    width, height, flags = cursor.number("<H"), cursor.number("<H"), cursor.number("B")
    check_size(width, height, limits)
    cursor.take(2)
    cursor.take(_table_bytes(flags))
    kept = [data[: cursor.at]]
    while (kind := cursor.take(1)) != b";":
        start = cursor.at - 1
        if kind == b",":
            _picture(cursor, limits)
            kept.append(data[start : cursor.at])
        elif kind == b"!":
            told = _extension(cursor)
            found |= told
            if not told:
                kept.append(data[start : cursor.at])
        else:
            raise Cannot("damaged")
    if cursor.take(cursor.left).strip(b"\0"):
        found.add("comment")
    return frozenset(found), b"".join([*kept, b";"])


def check(data: bytes, limits: Limits) -> None:
    exif.check_picture(data)


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _picture(cursor: Cursor, limits: Limits) -> None:
    cursor.take(4)
    check_size(cursor.number("<H"), cursor.number("<H"), limits)
    cursor.take(_table_bytes(cursor.number("B")))
    cursor.take(1)
    _blocks(cursor)


def _extension(cursor: Cursor) -> Found:
    """Empty for what the picture needs."""
    label = cursor.number("B")
    start = cursor.at
    _blocks(cursor)
    body = cursor.data[start : cursor.at]
    if label == 0xF9 and len(body) == 6:
        return frozenset()
    if label == 0xFF and body[1:12] in _LOOPS and len(body) == 17:
        return frozenset()
    return exif.told_by_xmp(body) if b"XMP Data" in body[:12] else frozenset({"comment"})


def _blocks(cursor: Cursor) -> None:
    while length := cursor.number("B"):
        cursor.take(length)
