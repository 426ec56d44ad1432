"""The files that people in stories send: real ones, because they pass through the real cleaner."""

from dataclasses import dataclass, field
from functools import cache
from io import BytesIO

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from tests.cleaning import samples


@dataclass(frozen=True)
class Sent:
    """A file as a phone has it."""

    name: str
    mime: str
    data: bytes = field(repr=False)


@cache
def file_of(what: str) -> Sent:
    """The file that a story's word stands for."""
    match what:
        case "photo":
            return Sent("รูป.jpg", "image/jpeg", samples.plain("JPEG"))
        case "marked_photo":
            return Sent("รูป.jpg", "image/jpeg", _with_place_time_and_phone())
        case "voice":
            return Sent("เสียง.m4a", "audio/mp4", samples.m4a(with_details=False).data)
        case "document":
            return Sent("รายการ.csv", "text/csv", "วันที่,จำนวน\n1,2000\n".encode())
        case "odd_video":
            body = samples.box(b"ftyp", b"isom\0\0\2\0isommp41") + samples.box(
                b"mdat", b"road" * 50
            )
            return Sent("คลิป.mp4", "video/mp4", body)
    raise AssertionError(f"no file is called {what}")


def _with_place_time_and_phone() -> bytes:
    """What a phone writes into a photo unasked."""
    exif, out = Image.Exif(), BytesIO()
    exif[Base.Make], exif[Base.Model] = "Phone", "P1"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:11:23 07:00:00"
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", (16.0, 26.0, 31.0)
    samples.picture().save(out, "JPEG", exif=exif)
    return out.getvalue()
