"""Files made to hurt: each gets an answer, within limits, and never half a cleaning."""

import random
import struct
import zipfile
import zlib
from io import BytesIO

import pikepdf
import pytest

from cleaning.formats import Cannot, clean
from cleaning.frames import Frame
from cleaning.orders import Limits
from cleaning.outcomes import REASONS
from cleaning.worker import answer
from tests.cleaning import samples
from tests.cleaning.samples import MADE, zipped
from tests.cleaning.test_formats import canaries_in

LIMITS = Limits()


def reason(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(Cannot) as caught:
        clean(data, limits)
    return caught.value.reason


def answered(data: bytes) -> tuple[Frame, bytes]:
    """The first word of the answer, and the file that comes with it."""
    (first, said), *rest = answer(data, LIMITS)
    assert first in (Frame.CANNOT, Frame.FOUND, Frame.NOTHING)
    assert first is not Frame.CANNOT or said.decode() in REASONS
    return first, b"".join(payload for kind, payload in rest if kind is Frame.DATA)


@pytest.mark.parametrize("kind", MADE)
def test_a_file_cut_anywhere_is_refused_or_clean(kind: str) -> None:
    data = MADE[kind]().data
    for cut in {*range(0, 64, 5), *range(64, len(data), max(1, len(data) // 40)), len(data) - 1}:
        first, cleaned = answered(data[:cut])
        if first is Frame.NOTHING:
            assert canaries_in(data[:cut]) == set(), cut
        if first is Frame.FOUND:
            assert canaries_in(cleaned) == set(), cut


@pytest.mark.parametrize("kind", MADE)
def test_a_file_with_wrong_bytes_anywhere_gets_an_answer(kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(40):
        data = bytearray(MADE[kind]().data)
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(len(data))] = chance.choice(
                (0, 0x7F, 0xFF, chance.randrange(256))
            )
        answered(bytes(data))


@pytest.mark.parametrize(
    "start",
    [
        b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"II*\0", b"MM\0*",
        b"%PDF-1.7\n", b"PK\x03\x04", b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypM4A ", b"ID3",
        b"OggS", b"fLaC", b"RIFF\0\0\0\0WAVE", b"", b"MZ", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ],
)  # fmt: skip
def test_a_beginning_with_rubbish_behind_it_is_refused(start: bytes) -> None:
    chance = random.Random(start)
    for length in (0, 1, 30, 5000):
        assert answered(start + chance.randbytes(length))[0] is Frame.CANNOT


def test_pictures_that_nobody_could_decode_are_refused_by_their_claim() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header
    checksum = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    assert reason(b"\x89PNG\r\n\x1a\n" + chunk + checksum) == "too_large"
    jpeg = bytearray(samples.plain("JPEG"))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    assert reason(bytes(jpeg)) == "too_large"
    gif = bytearray(samples.plain("GIF"))
    gif[6:10] = b"\xff\xff\xff\xff"
    assert reason(bytes(gif)) == "too_large"
    webp = bytearray(samples.moving_webp().data)
    webp[24:30] = b"\xff" * 6
    assert reason(bytes(webp)) == "too_large"


def test_a_bomb_in_an_archive_is_refused_before_it_is_inflated() -> None:
    inside: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": "<w/>",
    }
    bomb = zipped({**inside, "word/media/image1.png": bytes(LIMITS.inflated_bytes)})
    assert len(bomb) < LIMITS.inflated_bytes // 500
    assert reason(bomb) == "too_large"
    many: dict[str, bytes | str] = {f"word/{nth}.xml": "<w/>" for nth in range(LIMITS.entries)}
    assert reason(zipped({**inside, **many})) == "too_large"
    long = f"<w>{' ' * LIMITS.xml_bytes}</w>"
    assert reason(zipped({**inside, "word/document.xml": long})) == "too_large"


def test_an_archive_that_lies_about_a_size_is_refused() -> None:
    data = bytearray(
        zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": f"<w>{'x' * 9_999}</w>"})
    )
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 10)
    assert reason(bytes(data)) == "damaged"


def test_the_same_name_twice_in_an_archive_is_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<one/>")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("word/document.xml", "<two/>")
    assert reason(out.getvalue()) == "damaged"


@pytest.mark.parametrize(
    ("part", "data", "why"),
    [
        ("word/document.xml", '<!DOCTYPE w [<!ENTITY a "canary">]><w>&a;</w>', "unknown"),
        ("word/document.xml", "<w>" * 5_000 + "</w>" * 5_000, "damaged"),
        ("word/document.xml", "<w><unclosed></w>", "damaged"),
        ("word/vbaProject.bin", b"macro", "attachments"),
        ("word/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0", "attachments"),
        ("word/media/image1.emf", b"\x01\0\0\0", "attachments"),
        ("_xmlsignatures/sig1.xml", "<Signature/>", "signed"),
    ],
)
def test_a_document_that_holds_what_cannot_be_cleaned_is_left_as_it_is(
    part: str, data: bytes | str, why: str
) -> None:
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": "<w/>",
    }
    assert reason(zipped({**members, part: data})) == why


def test_an_archive_that_is_no_document_is_called_one() -> None:
    assert reason(zipped({"a.txt": "words"})) == "archive"
    assert reason(zipped({"[Content_Types].xml": "<Types/>", "a.txt": "words"})) == "archive"


def pdf_with(**more: object) -> bytes:
    document, out = pikepdf.new(), BytesIO()
    document.add_blank_page()
    for key, value in more.items():
        document.Root[f"/{key}"] = value
    document.save(out)
    return out.getvalue()


def test_an_encrypted_pdf_is_left_as_it_is() -> None:
    document, out = pikepdf.new(), BytesIO()
    document.add_blank_page()
    document.save(out, encryption=pikepdf.Encryption(owner="o", user=""))
    assert reason(out.getvalue()) == "encrypted"
    document.save(out := BytesIO(), encryption=pikepdf.Encryption(owner="o", user="u"))
    assert reason(out.getvalue()) == "encrypted"


def test_a_signed_pdf_is_left_as_it_is() -> None:
    signature = pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=[0, 1, 2, 3])
    assert reason(pdf_with(AcroForm=pikepdf.Dictionary(Fields=[signature]))) == "signed"


def test_a_pdf_with_files_in_it_is_left_as_it_is() -> None:
    document, out = pikepdf.new(), BytesIO()
    document.add_blank_page()
    document.attachments["other.docx"] = b"who knows"
    document.save(out)
    assert reason(out.getvalue()) == "attachments"


def test_a_pdf_of_ten_thousand_pages_is_refused() -> None:
    document, out = pikepdf.new(), BytesIO()
    for _ in range(10_000):
        document.add_blank_page()
    document.save(out)
    assert reason(out.getvalue()) == "too_large"


def test_a_pdf_nested_without_end_is_refused() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    body = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/A " + deep + b">>endobj\n"
    assert answered(body + b"trailer<</Root 1 0 R>>\n%%EOF")[0] is Frame.CANNOT
    inside: pikepdf.Object = pikepdf.Array([])
    for _ in range(200):
        inside = pikepdf.Array([inside])
    assert answered(pdf_with(Deep=inside))[0] is Frame.CANNOT


def test_of_a_file_that_is_two_only_the_first_is_left() -> None:
    second = zipped({"secret.txt": "canary"})
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "TIFF"):
        found, cleaned = clean(samples.plain(kind) + second, LIMITS)
        assert found, kind
        assert b"PK" not in cleaned[-len(second) :], kind
    assert reason(b"#!/bin/sh\n" + pdf_with()) == "unknown"


def test_pictures_beside_the_sound_are_not_cleaned() -> None:
    assert reason(samples.m4a(handler=b"vide").data) == "video"
    assert reason(samples.m4a(handler=b"meta").data) == "unknown"


def test_raw_pictures_of_cameras_are_not_touched() -> None:
    data = bytearray(samples.plain("TIFF"))
    at = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[at : at + 2], "little")
    last = at + 2 + 12 * (count - 1)
    data[last : last + 2] = b"\x12\xc6"  # DNGVersion
    assert reason(bytes(data)) == "unknown"
