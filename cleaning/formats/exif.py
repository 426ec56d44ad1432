"""What Exif, XMP, IPTC and text notes give away; and the little Exif that a picture needs.

A viewer must still turn the picture the right way round, so that one tag is written anew.
"""

import struct
from collections.abc import Set
from io import BytesIO

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from cleaning.formats.base import Cannot, Found

START = b"Exif\0\0"
ORIENTATION = 0x0112
_EXIF, _GPS, _INTEROP, _FIRST_THUMBNAIL = 0x8769, 0x8825, 0xA005, -1
# Resolution, colour positioning, colour space, size, versions, pointers: they say nothing of
# anybody.
_HARMLESS = {
    ORIENTATION, 0x011A, 0x011B, 0x0128, 0x0213, _EXIF, _INTEROP, 0xA000, 0xA001, 0xA002, 0xA003,
    0x9000, 0x9101, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0111, 0x0115, 0x0116, 0x0117, 0x011C,
    0x0140, 0x0142, 0x0143, 0x0144, 0x0145, 0x0152, 0x0153, 0x013D, 0x8773, 0x0001, 0x0002, 0x00FE,
}  # fmt: skip
_TIME = {0x0132, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292, 0x882A}
_AUTHOR = {0x013B, 0x8298, 0x9C9D, 0xA430, 0x013C, 0x83BB}
_COMMENT = {0x010E, 0x9286, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F, 0x010D, 0x011D, 0xA420, 0x02BC}
_SLACK_BYTES = 64
"""Exif of harmless tags only hides nothing, unless it is longer than they need: some programs take
tags out of the list and leave what they said."""

_IN_XMP = (
    ("place", (b"gps", b"location", b"city", b"country", b"sublocation")),
    ("time", (b"date", b"time")),
    ("device", (b"tiff:make", b"tiff:model", b"lens", b"serial", b"creatortool", b"software")),
    ("author", (b"creator>", b"rights", b"owner", b"byline", b"author")),
    ("history", (b"history", b"derivedfrom", b"instanceid", b"documentid", b"originaldocumentid")),
    ("thumbnail", (b"thumbnail",)),
)


READERS = tuple(
    plugin.format
    for plugin in (
        AvifImagePlugin.AvifImageFile,
        GifImagePlugin.GifImageFile,
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        TiffImagePlugin.TiffImageFile,
        WebPImagePlugin.WebPImageFile,
    )
)
"""Pillow's readers for these formats: named here, so that they are loaded and no others are."""
_READS_SECOND_PICTURES = MpoImagePlugin  # the reader of JPEG asks for it when it meets some


def prepare() -> None:
    """Load what the readers would load later, when nothing can be opened any more."""
    Image.preinit()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # it would ask the system how many it may start


def with_orientation(orientation: int) -> bytes:
    """Exif (a TIFF, without its START) that says how to turn the picture, and nothing else."""
    entry = struct.pack("<HHIHH", ORIENTATION, 3, 1, orientation, 0)
    return b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)


def read(raw: bytes) -> tuple[Found, int]:
    """What the Exif block *raw* (with or without START) gives away, and the orientation."""
    try:
        exif = Image.Exif()
        exif.load(raw if raw.startswith(START) else START + raw)
        told = _told_by(exif)
        if not told and len(raw.rstrip(b"\0")) > len(exif.tobytes()) + _SLACK_BYTES:
            told = frozenset({"comment"})
        return told, turned(exif)
    except Exception:  # whatever a broken block makes the reader raise: it goes all the same
        return frozenset({"comment"}), 1


def turned(exif: Image.Exif) -> int:
    """The orientation, 1 (upright) unless it is one that exists."""
    value = exif.get(ORIENTATION, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def told_by_xmp(raw: bytes) -> Found:
    text = raw.lower().replace(b"\0", b"")
    found = {label for label, words in _IN_XMP if any(word in text for word in words)}
    return frozenset(found or {"comment"})


def told_by_word(raw_key: bytes) -> Found:
    """What a text note gives away, by its key (PNG, sound files)."""
    key = raw_key.lower()
    for label, words in (
        ("author", (b"author", b"artist", b"copyright", b"creator", b"performer", b"owner")),
        ("time", (b"date", b"time", b"year")),
        ("place", (b"location", b"gps", b"place")),
        ("device", (b"software", b"encode", b"source", b"device", b"model", b"make", b"tool")),
    ):
        if any(word in key for word in words):
            return frozenset({label})
    return frozenset({"comment"})


def check_picture(data: bytes, *, draws: Set[int] = frozenset()) -> None:
    """Let an independent reader look: raises Cannot when it still sees what gives away. Tags in
    *draws* are the picture's own."""
    try:
        with Image.open(BytesIO(data), formats=READERS) as picture:
            exif = picture.getexif()
            for tag in draws & set(exif):
                del exif[tag]
            told = _told_by(exif) - ({"thumbnail"} if draws else set())  # a second page
            says = {
                str(key).lower()
                for key, value in picture.info.items()
                if not isinstance(value, bytes) or value.strip(b"\0")
            } & _SAYS
    except Exception:  # whatever the reader raises: nobody confirms that the file is clean
        raise Cannot("unsure") from None
    if told or says:
        raise Cannot("unsure")


_SAYS = {"comment", "xmp", "xml:com.adobe.xmp", "photoshop", "mp", "adobe_xmp", "timestamp"}


def _told_by(exif: Image.Exif) -> Found:
    found = set()
    if exif.get_ifd(_GPS):
        found.add("place")
    if exif.get_ifd(_FIRST_THUMBNAIL):
        found.add("thumbnail")
    tags = {*exif, *exif.get_ifd(_EXIF)} - _HARMLESS - {_GPS}
    for tag in tags:
        found.add(
            "time" if tag in _TIME
            else "author" if tag in _AUTHOR
            else "comment" if tag in _COMMENT
            else "device"
        )  # fmt: skip
    return frozenset(found)
