"""FLAC: what plays is kept; comments, pictures and blocks of programs go."""

from cleaning.formats import exif
from cleaning.formats.base import Cannot, Cursor, Found, Limits

MIME = "audio/flac"
_STREAM, _PADDING, _SEEK, _COMMENTS, _PICTURE = 0, 1, 3, 4, 6


def matches(data: bytes) -> bool:
    return data.startswith(b"fLaC")


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    cursor, found, kept = Cursor(data, 4), set[str](), list[tuple[int, bytes]]()
    is_last = False
    while not is_last:
        head = cursor.number("B")
        is_last, kind = bool(head & 0x80), head & 0x7F
        body = cursor.take(int.from_bytes(cursor.take(3), "big"))
        if kind in (_STREAM, _SEEK):
            kept.append((kind, body))
        elif kind == _COMMENTS:
            found |= _told_by(body)
        elif kind == _PICTURE:
            found.add("thumbnail")
        elif kind != _PADDING or body.strip(b"\0"):
            found.add("device")
    if not kept or kept[0][0] != _STREAM or not _is_frame(data, cursor.at):
        raise Cannot("damaged")
    found |= _tag_behind(data)
    sound = data[cursor.at : -128 if data[-128:-125] == b"TAG" else None]
    blocks = [
        bytes((kind | (0x80 if nth == len(kept) - 1 else 0),)) + len(body).to_bytes(3, "big") + body
        for nth, (kind, body) in enumerate(kept)
    ]
    return frozenset(found), b"fLaC" + b"".join(blocks) + sound


def check(data: bytes, limits: Limits) -> None:
    """No tag where players look for one."""
    if b"reference lib" in data[:4096] or _tag_behind(data) or b"APETAGEX" in data[-512:]:
        raise Cannot("unsure")


def _told_by(body: bytes) -> Found:
    cursor, found = Cursor(body), set[str]()
    cursor.take(cursor.number("<I"))
    for _ in range(cursor.number("<I")):
        found |= exif.told_by_word(cursor.take(cursor.number("<I")).partition(b"=")[0])
    return frozenset(found)


def _is_frame(data: bytes, at: int) -> bool:
    """Whether sound begins at *at*, by its sync code."""
    return data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] in (b"\xf8", b"\xf9")


def _tag_behind(data: bytes) -> Found:
    return frozenset({"comment"}) if data[-128:-125] == b"TAG" else frozenset()
