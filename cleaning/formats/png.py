"""PNG: chunks that draw are kept byte for byte, all others go."""

import zlib

from cleaning.formats import colours, exif
from cleaning.formats.base import Cannot, Cursor, Found, Limits, check_size

MIME = "image/png"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DRAWS = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD",
    b"pHYs", b"hIST", b"acTL", b"fcTL", b"fdAT", b"cICP", b"mDCV", b"cLLI",
}  # fmt: skip
_NOTES = {b"tEXt", b"zTXt", b"iTXt"}
_PROFILE_AT_MOST = 64 * 1024


def matches(data: bytes) -> bool:
    return data.startswith(SIGNATURE)


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    found: set[str] = set()
    kept, orientation, cursor = [SIGNATURE], 1, Cursor(data, len(SIGNATURE))
    kind = b""
    while kind != b"IEND":
        is_first = not kind
        kind, body, whole = _chunk(cursor)
        if is_first != (kind == b"IHDR"):
            raise Cannot("damaged")
        if is_first:
            size = Cursor(body)
            check_size(size.number(">I"), size.number(">I"), limits)
        if kind in _DRAWS or (kind == b"iCCP" and _is_common(body)):
            kept.append(whole)
        elif kind == b"eXIf":
            told, orientation = exif.read(body)
            found |= told
        else:
            found |= _told_by(kind, body)
    if cursor.take(cursor.left).strip(b"\0"):
        found.add("comment")
    if orientation != 1:
        kept.insert(2, _written(b"eXIf", exif.with_orientation(orientation)))
    return frozenset(found), b"".join(kept)


def check(data: bytes, limits: Limits) -> None:
    exif.check_picture(data)


def _chunk(cursor: Cursor) -> tuple[bytes, bytes, bytes]:
    start = cursor.at
    length = cursor.number(">I")
    kind, body = cursor.take(4), cursor.take(length)
    if cursor.number(">I") != zlib.crc32(kind + body):
        raise Cannot("damaged")
    return kind, body, cursor.data[start : cursor.at]


def _written(kind: bytes, body: bytes) -> bytes:
    checked = kind + body
    return len(body).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")


def _is_common(body: bytes) -> bool:
    _, _, packed = body.partition(b"\0")
    try:
        return colours.is_common(zlib.decompressobj().decompress(packed[1:], _PROFILE_AT_MOST))
    except zlib.error:
        return False


def _told_by(kind: bytes, body: bytes) -> Found:
    if kind == b"tIME":
        return frozenset({"time"})
    if kind in _NOTES:
        key = body.partition(b"\0")[0]
        if key == b"XML:com.adobe.xmp":
            return exif.told_by_xmp(body)
        return exif.told_by_word(key)
    return frozenset({"device"})  # a private chunk, a profile of its own: some program's mark
