"""MP3: frames of sound are kept, everything between and around them (ID3, APE, Lyrics) goes."""

from cleaning.formats import exif
from cleaning.formats.base import Cannot, Found, Limits

MIME = "audio/mpeg"
_KBITS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_WORDS = {
    "author": (b"TPE1", b"TPE2", b"TCOM", b"TCOP", b"TOWN", b"Artist"),
    "time": (b"TDRC", b"TYER", b"TDAT", b"TIME", b"TDEN", b"Year"),
    "device": (b"TSSE", b"TENC"),
    "thumbnail": (b"APIC",),
    "place": (b"GEOB", b"location"),
}


def matches(data: bytes) -> bool:
    return data.startswith(b"ID3") or bool(_frame_bytes(data, 0))


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    at, kept, other = _id3_bytes(data), list[tuple[int, int]](), list[bytes]()
    other.append(data[:at])
    lost_from = at
    while at < len(data):
        length = _frame_bytes(data, at)
        if length and at + length <= len(data):
            other.append(data[lost_from:at])
            kept.append((at, at + length))
            at += length
            lost_from = at
        else:
            at = _next(data, at)
    other.append(data[lost_from:])
    if len(kept) < 2:
        raise Cannot("damaged")
    around = b"".join(other)
    found = _told_by(around) if around.strip(b"\0") else frozenset[str]()
    return found, b"".join(data[start:end] for start, end in kept)


def check(data: bytes, limits: Limits) -> None:
    """No tag where players look for one."""
    is_tagged = data.startswith(b"ID3") or data[-128:-125] == b"TAG" or b"APETAGEX" in data[-512:]
    if is_tagged:
        raise Cannot("unsure")


def _id3_bytes(data: bytes) -> int:
    at = 0
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        size = 0
        for digit in data[at + 6 : at + 10]:
            size = size << 7 | digit & 0x7F
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    if at > len(data):
        raise Cannot("damaged")
    return at


def _frame_bytes(data: bytes, at: int) -> int:
    """The length of the frame at *at*; 0 when there is none."""
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] < 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    rate, hertz, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or layer == 4 or rate in (0, 15) or hertz == 3:
        return 0
    family = 1 if version == 3 else 2
    kbits = _KBITS[(family, layer if family == 1 else min(layer, 2))][rate - 1]
    speed = _HERTZ[version][hertz]
    if layer == 1:
        return (12_000 * kbits // speed + padding) * 4
    samples = 72_000 if layer == 3 and family == 2 else 144_000
    return samples * kbits // speed + padding


def _next(data: bytes, at: int) -> int:
    """Where the next two frames in a row begin; the end when there are none."""
    while (at := data.find(b"\xff", at + 1)) >= 0:
        length = _frame_bytes(data, at)
        if length and (at + length == len(data) or _frame_bytes(data, at + length)):
            return at
    return len(data)


def _told_by(around: bytes) -> Found:
    found = {label for label, words in _WORDS.items() if any(word in around for word in words)}
    if not found or b"COMM" in around or around[-128:-125] == b"TAG":
        found |= exif.told_by_word(b"")
    return frozenset(found)
