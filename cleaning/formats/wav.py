"""WAV: the format and the sound are kept; notes of programs (LIST, bext, iXML, ID3) go."""

from cleaning.formats.base import Cannot, Cursor, Found, Limits

MIME = "audio/wav"
_PLAYS = {b"fmt ", b"fact", b"data"}
_LABELS = {b"bext": "device", b"iXML": "device", b"LIST": "author", b"id3 ": "author"}


def matches(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"WAVE"


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    kinds, kept, found, end = set[bytes](), list[bytes](), set[str](), 0
    for kind, chunk, after in _chunks(data):
        end = after
        kinds.add(kind)
        if kind in _PLAYS:
            kept.append(chunk)
        elif chunk[8:].strip(b"\0"):
            found.add(_LABELS.get(kind, "comment"))
    if not {b"fmt ", b"data"} <= kinds:
        raise Cannot("damaged")
    if data[end:].strip(b"\0"):
        found.add("comment")
    whole = b"WAVE" + b"".join(kept)
    return frozenset(found), b"RIFF" + len(whole).to_bytes(4, "little") + whole


def check(data: bytes, limits: Limits) -> None:
    """Nothing but sound is left."""
    if any(chunk[8:].strip(b"\0") and kind not in _PLAYS for kind, chunk, _ in _chunks(data)):
        raise Cannot("unsure")


def _chunks(data: bytes) -> list[tuple[bytes, bytes, int]]:
    cursor = Cursor(data, 4)
    cursor.end = 8 + cursor.number("<I")
    if cursor.end > len(data):
        raise Cannot("damaged")
    cursor.take(4)
    found = []
    while cursor.left:
        start = cursor.at
        kind = cursor.take(4)
        cursor.take(cursor.number("<I"))
        cursor.take(min((cursor.at - start) & 1, cursor.left))
        chunk = data[start : cursor.at]
        found.append((kind, chunk, cursor.at))
    return found
