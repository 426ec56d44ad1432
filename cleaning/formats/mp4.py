"""Sound in boxes (M4A, voice notes of phones): user data, tags and times are blanked in place.

Only sound: a track of pictures, text or positions beside it is not this format's to clean.
"""

from cleaning.formats.base import Cannot, Found, Limits
from cleaning.formats.boxes import Box, blank, boxes

MIME = "audio/mp4"
_HOLDS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"mvex", b"moof", b"traf"}
_PLAYS = {
    b"ftyp", b"styp", b"mdat", b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"smhd", b"dref", b"stsd",
    b"stts", b"ctts", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"sgpd", b"sbgp",
    b"elst", b"mehd", b"trex", b"mfhd", b"tfhd", b"tfdt", b"trun", b"sidx", b"iods", b"free",
    b"skip", b"wide",
}  # fmt: skip
_HAVE_TIMES = {b"mvhd", b"tkhd", b"mdhd"}
_SPARE = {b"free", b"skip", b"wide"}
_SOUND = (b"soun", b"url ", b"alis")
"""What a track may hold; the last two are QuickTime's word for where its bytes lie."""
_ENTRY = 12
_DEEP_AT_MOST = 8


def matches(data: bytes) -> bool:
    return data[4:8] == b"ftyp"


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    cleaned, found = bytearray(data), set[str]()
    top = {box.kind for box in boxes(data, 0, len(data))}
    if not {b"moov", b"mdat"} <= top:
        raise Cannot("damaged")
    _walk(cleaned, 0, len(data), found, _DEEP_AT_MOST)
    return frozenset(found), bytes(cleaned)


def check(data: bytes, limits: Limits) -> None:
    """Look for the usual marks of tags anywhere outside the sound itself."""
    again = bytearray(data)
    found = set[str]()
    _walk(again, 0, len(data), found, _DEEP_AT_MOST)
    outside = b"".join(
        data[box.start : box.end] for box in boxes(data, 0, len(data)) if box.kind != b"mdat"
    )
    if found or any(mark in outside for mark in (b"\xa9xyz", b"loci", b"ilst", b"udta", b"uuid")):
        raise Cannot("unsure")


def _walk(data: bytearray, start: int, end: int, found: set[str], deeper: int) -> None:
    if not deeper:
        raise Cannot("damaged")
    for box in list(boxes(data, start, end)):
        if box.kind in _HOLDS:
            _walk(data, box.body, box.end, found, deeper - 1)
        elif box.kind in _HAVE_TIMES:
            _blank_times(data, box, found)
        elif box.kind == b"hdlr":
            _blank_name(data, box, found)
        elif box.kind == b"dref":
            _blank_places(data, box, found)
        elif box.kind in _SPARE or box.kind not in _PLAYS:
            _take_away(data, box, found)


def _take_away(data: bytearray, box: Box, found: set[str]) -> None:
    raw = bytes(data[box.body : box.end])
    if box.kind in _SPARE and not raw.strip(b"\0"):
        return
    blank(data, box)
    labels = {
        "place": (b"\xa9xyz", b"loci", b"location"),
        "time": (b"\xa9day", b"date"),
        "device": (b"\xa9too", b"\xa9mod", b"\xa9mak", b"\xa9swr", b"make", b"model", b"software"),
        "author": (b"\xa9ART", b"auth", b"aART", b"\xa9wrt", b"cprt", b"ownr"),
    }
    told = {name for name, marks in labels.items() if any(mark in raw for mark in marks)}
    found |= told or {"comment"}


def _blank_times(data: bytearray, box: Box, found: set[str]) -> None:
    at = box.body + 4
    length = 16 if data[box.body] == 1 else 8
    if at + length > box.end:
        raise Cannot("damaged")
    if any(data[at : at + length]):
        found.add("time")
        data[at : at + length] = bytes(length)


def _blank_name(data: bytearray, box: Box, found: set[str]) -> None:
    """The handler's name tells the recording program; its kind tells sound from pictures."""
    kind = bytes(data[box.body + 8 : box.body + 12])
    if kind not in _SOUND:
        raise Cannot("video" if kind == b"vide" else "unknown")
    at = box.body + 24
    if at > box.end:
        raise Cannot("damaged")
    if any(data[at : box.end]):
        found.add("device")
        data[at : box.end] = bytes(box.end - at)


def _blank_places(data: bytearray, box: Box, found: set[str]) -> None:
    """Where the sound lies. In the file itself: then nothing is said of a place. Else it is a path
    on somebody's machine, and the sound is not here."""
    for entry in boxes(data, box.body + 8, box.end):
        at = entry.start + _ENTRY
        if at > entry.end:
            raise Cannot("damaged")
        if any(data[at : entry.end]):
            found.add("author")
            data[at : entry.end] = bytes(entry.end - at)
