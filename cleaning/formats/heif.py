"""HEIC and AVIF: Exif and XMP are overwritten in place; pictures are not decoded here.

How the picture is turned is said by a property of its own, so that its Exif may go whole. Bytes of
the media box that belong to no picture become zero.
"""

import struct
from dataclasses import dataclass, field

from cleaning.formats import exif
from cleaning.formats.base import Cannot, Cursor, Found, Limits, check_size
from cleaning.formats.boxes import Box, blank, boxes

MIME = "image/heic"
_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif"}
_TOP = {b"ftyp", b"meta", b"mdat"}
_META = {b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"idat", b"dinf", b"grpl"}
_PROPERTIES = {
    b"ispe", b"hvcC", b"av1C", b"pixi", b"irot", b"imir", b"clap", b"colr", b"auxC", b"pasp",
    b"clli", b"mdcv", b"lsel", b"a1op", b"a1lx", b"cclv", b"amve", b"lhvC", b"tols", b"oinf",
    b"free",
}  # fmt: skip
_DRAWS = {b"hvc1", b"av01", b"grid", b"iden", b"iovl", b"lhv1", b"tmap"}
_NO_EXIF = bytes(4) + b"II*\0\x08\0\0\0\0\0\0\0\0\0"


def matches(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    cleaned, found = bytearray(data), set[str]()
    top = list(boxes(data, 0, len(data)))
    metas = [box for box in top if box.kind == b"meta"]
    if len(metas) != 1 or any(box.kind in (b"moov", b"moof") for box in top):
        raise Cannot("damaged" if len(metas) != 1 else "unknown")
    for box in top:
        if box.kind not in _TOP and blank(cleaned, box):
            found.add("comment")
    items = _Items.read(data, metas[0])
    _blank_properties(data, cleaned, found, metas[0], limits)
    for item in items.all.values():
        _overwrite(data, cleaned, item, found)
    for box in (*(box for box in top if box.kind == b"mdat"), *items.stores):
        _blank_gaps(cleaned, box, items)
    if not found and cleaned != data:
        found.add("comment")
    return frozenset(found), bytes(cleaned)


def check(data: bytes, limits: Limits) -> None:
    """No reader of HEIC is at hand: the items are looked up anew. AVIF is read by Pillow."""
    (meta,) = (box for box in boxes(data, 0, len(data)) if box.kind == b"meta")
    for item in _Items.read(data, meta).all.values():
        raw = b"".join(data[at : at + length] for at, length in item.extents)
        told = exif.read(raw[4:])[0] if item.kind == b"Exif" and raw.strip(b"\0") else ()
        if told or (item.kind not in _DRAWS | {b"Exif"} and raw.strip(b"\0")):
            raise Cannot("unsure")
    if data[8:12] == b"avif":
        exif.check_picture(data)


@dataclass(slots=True)
class _Item:
    kind: bytes
    extents: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Items:
    """What the media box holds, by item."""

    all: dict[int, _Item]
    stores: list[Box]

    @classmethod
    def read(cls, data: bytes, meta: Box) -> "_Items":
        inside = {box.kind: box for box in boxes(data, meta.body + 4, meta.end)}
        if b"iinf" not in inside or b"iloc" not in inside:
            raise Cannot("damaged")
        found = _kinds(data, inside[b"iinf"])
        store = inside.get(b"idat")
        _locate(data, inside[b"iloc"], store, found)
        return cls(found, [store] if store else [])


def _kinds(data: bytes, box: Box) -> dict[int, _Item]:
    cursor = Cursor(data, box.body, box.end)
    version = cursor.number(">I") >> 24
    cursor.number(">H" if version == 0 else ">I")
    found = {}
    for entry in boxes(data, cursor.at, box.end):
        inside = Cursor(data, entry.body, entry.end)
        version = inside.number(">I") >> 24
        if entry.kind != b"infe" or version not in (2, 3):
            raise Cannot("unknown")
        number = inside.number(">H" if version == 2 else ">I")
        if inside.number(">H"):
            raise Cannot("encrypted")
        found[number] = _Item(inside.take(4))
    return found


def _locate(data: bytes, box: Box, store: Box | None, items: dict[int, _Item]) -> None:
    cursor = Cursor(data, box.body, box.end)
    version = cursor.number(">I") >> 24
    sizes = cursor.number(">H")
    of_offset, of_length, of_base, of_index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(cursor.number(">H" if version < 2 else ">I")):
        number = cursor.number(">H" if version < 2 else ">I")
        method = cursor.number(">H") & 15 if version else 0
        cursor.take(2)
        base = int.from_bytes(cursor.take(of_base), "big")
        if number not in items or method > 2 or (method == 1 and store is None):
            raise Cannot("damaged")
        for _ in range(cursor.number(">H")):
            cursor.take(of_index if version else 0)
            at = base + int.from_bytes(cursor.take(of_offset), "big")
            length = int.from_bytes(cursor.take(of_length), "big")
            if method == 2:
                raise Cannot("unknown")
            at += store.body if method == 1 and store else 0
            if length == 0 or at + length > len(data):
                raise Cannot("damaged")
            items[number].extents.append((at, length))


def _overwrite(data: bytes, cleaned: bytearray, item: _Item, found: set[str]) -> None:
    """Blank an item that draws nothing; Exif becomes an empty one where there is room."""
    if item.kind in _DRAWS:
        return
    raw = b"".join(data[at : at + length] for at, length in item.extents)
    if raw.strip(b"\0") and raw != _NO_EXIF.ljust(len(raw), b"\0"):
        if item.kind == b"Exif":
            skipped = struct.unpack(">I", raw[:4])[0] if len(raw) > 4 else 0
            found |= exif.read(raw[4 + skipped :])[0] or {"comment"}
        else:
            found |= exif.told_by_xmp(raw)
    empty = _NO_EXIF if item.kind == b"Exif" and len(raw) >= len(_NO_EXIF) else b""
    left = empty.ljust(len(raw), b"\0")
    for at, length in item.extents:
        cleaned[at : at + length], left = left[:length], left[length:]


def _blank_properties(
    data: bytes, cleaned: bytearray, found: set[str], meta: Box, limits: Limits
) -> None:
    """Blank what is neither needed to draw nor known; look at the sizes."""
    for box in boxes(data, meta.body + 4, meta.end):
        if box.kind not in _META and blank(cleaned, box):
            found.add("comment")
        if box.kind != b"iprp":
            continue
        for inside in boxes(data, box.body, box.end):
            for each in boxes(data, inside.body, inside.end) if inside.kind == b"ipco" else ():
                if each.kind == b"ispe":
                    width, height = struct.unpack_from(">II", data, each.body + 4)
                    check_size(width, height, limits)
                elif each.kind not in _PROPERTIES and blank(cleaned, each):
                    found.add("time" if each.kind == b"itai" else "comment")


def _blank_gaps(cleaned: bytearray, box: Box, items: _Items) -> None:
    """Zeros for bytes of *box* that are in no item."""
    taken = sorted(
        extent
        for item in items.all.values()
        for extent in item.extents
        if box.body <= extent[0] and extent[0] + extent[1] <= box.end
    )
    at = box.body
    for start, length in taken:
        if start < at:
            raise Cannot("unknown")  # two items share bytes: what is whose cannot be told
        cleaned[at:start] = bytes(start - at)
        at = start + length
    cleaned[at : box.end] = bytes(box.end - at)
