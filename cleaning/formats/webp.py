"""WebP: chunks that draw are kept, Exif, XMP and unknown ones go."""

from cleaning.formats import colours, exif
from cleaning.formats.base import Cannot, Cursor, Found, Limits, check_size

MIME = "image/webp"
_DRAWS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}
_IN_FRAME = {b"VP8 ", b"VP8L", b"ALPH"}
_HAS_PROFILE, _HAS_EXIF, _HAS_XMP = 0x20, 0x08, 0x04
_FRAME_HEAD = 16


def matches(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    found: set[str] = set()
    cursor = Cursor(data, 4)
    cursor.end = 8 + cursor.number("<I")
    if cursor.end > len(data):
        raise Cannot("damaged")
    cursor.take(4)
    chunks: list[tuple[bytes, bytes]] = []
    orientation, has_profile = 1, False
    while cursor.left:
        kind, body = _chunk(cursor)
        if kind == b"ANMF":
            body, told = _frame(body)
            found |= told
        if kind in _DRAWS:
            chunks.append((kind, body))
        elif kind == b"ICCP" and colours.is_common(body):
            has_profile = True
            chunks.append((kind, body))
        elif kind == b"EXIF":
            told, orientation = exif.read(body)
            found |= told
        elif kind == b"XMP ":
            found |= exif.told_by_xmp(body)
        else:
            found.add("device")
    if data[cursor.end :].strip(b"\0"):
        found.add("comment")
    _check_sizes(chunks, limits)
    return frozenset(found), _written(chunks, orientation, has_profile=has_profile)


def check(data: bytes, limits: Limits) -> None:
    exif.check_picture(data)


def _chunk(cursor: Cursor) -> tuple[bytes, bytes]:
    kind = cursor.take(4)
    body = cursor.take(cursor.number("<I"))
    cursor.take(min(len(body) & 1, cursor.left))
    return kind, body


def _frame(body: bytes) -> tuple[bytes, Found]:
    """One picture of a moving one, without what does not draw."""
    cursor = Cursor(body)
    kept, found = cursor.take(_FRAME_HEAD), frozenset[str]()
    while cursor.left:
        kind, inner = _chunk(cursor)
        if kind in _IN_FRAME:
            kept += _packed(kind, inner)
        else:
            found = frozenset({"comment"})
    return kept, found


def _check_sizes(chunks: list[tuple[bytes, bytes]], limits: Limits) -> None:
    if not chunks or chunks[0][0] not in (b"VP8 ", b"VP8L", b"VP8X"):
        raise Cannot("damaged")
    kind, body = chunks[0]
    if kind == b"VP8X":
        size = Cursor(body, 4)
        width = int.from_bytes(size.take(3), "little") + 1
        check_size(width, int.from_bytes(size.take(3), "little") + 1, limits)


def _written(chunks: list[tuple[bytes, bytes]], orientation: int, *, has_profile: bool) -> bytes:
    is_turned = orientation != 1 and chunks[0][0] == b"VP8X"
    if is_turned:
        chunks = [*chunks, (b"EXIF", exif.with_orientation(orientation))]
    if chunks[0][0] == b"VP8X":
        body = chunks[0][1]
        flags = body[0] & ~(_HAS_PROFILE | _HAS_EXIF | _HAS_XMP)
        flags |= (_HAS_PROFILE if has_profile else 0) | (_HAS_EXIF if is_turned else 0)
        chunks = [(b"VP8X", bytes((flags,)) + body[1:10]), *chunks[1:]]
    whole = b"WEBP" + b"".join(_packed(kind, body) for kind, body in chunks)
    return b"RIFF" + len(whole).to_bytes(4, "little") + whole


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + bytes(len(body) & 1)
