"""What of a file can be read is read, wherever it lies in it, and no bomb is."""

import io
import random
import re
import time
import tracemalloc
import zlib

import pikepdf
import pytest

from console.handoff import strings
from console.handoff.blackout import blackout_of
from console.handoff.strings import OVERLAP, PIECE, TooMuch, readable
from tests.cleaning.samples import docx, zipped

NAME = "สมชาย ใจดี"


def kinds(data: bytes, *phrases: str) -> set[str]:
    blackout = blackout_of((NAME, *phrases), alias=None, names=(), ids=())
    found = set[str]()
    try:
        for read in readable(data):
            found.update(blackout.kinds_in(*read))
    except TooMuch:
        found.add("and more")
    return found


def words(text: str) -> str:
    return f"<w:document><w:t>{text}</w:t></w:document>"


@pytest.mark.parametrize(
    "member",
    [
        {"word/document.xml": words("<w:r>สมชา</w:r><w:r>ย ใจดี</w:r>")},
        {"word/document.xml": words("สมชาย&#x20;ใจ&#3604;ี")},
        {"xl/drawings/vmlDrawing1.vml": words("สมชาย ใจดี")},
        {"word/media/สมชาย-ใจดี.png": b"\x89PNG"},
        {"word/embeddings/a.docx": zipped({"word/document.xml": words("สมชาย <b/>ใจดี")})},
        {"a.bin": "สมชาย ใจดี".encode("utf-16-le")},
    ],
)
def test_a_name_is_found_anywhere_in_an_archive(member: dict[str, bytes | str]) -> None:
    assert kinds(zipped(member)) == {"phrase"}


def with_a_remark(text: str) -> bytes:
    with pikepdf.new() as document:
        page = document.add_blank_page()
        remark = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents=text
        )
        page.Annots = document.make_indirect(pikepdf.Array([document.make_indirect(remark)]))
        out = io.BytesIO()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


@pytest.mark.parametrize("text", [NAME, f"เห็นโดย {NAME} ครับ"])
def test_a_remark_that_a_pdf_packed_is_read(text: str) -> None:
    data = with_a_remark(text)
    assert NAME.encode("utf-16-be").hex().encode() not in data.lower()
    assert kinds(data) == {"phrase"}
    assert kinds(with_a_remark("ไม่มีชื่อ")) == set()


@pytest.mark.parametrize("is_octal", [False, True])
def test_a_remark_of_which_half_is_escaped_is_read(is_octal: bool) -> None:
    """The second bytes of ศ, ษ and ญ are brackets and a line's end."""
    name = "ญาติ ศักดิ์ษา"
    wide = b"\xfe\xff" + name.encode("utf-16-be")
    escapes = {b"(": b"\\(", b")": b"\\)", b"\r": b"\\r", b"\\": b"\\\\"}
    written = b"".join(
        b"\\%03o" % byte if is_octal else escapes.get(bytes((byte,)), bytes((byte,)))
        for byte in wide
    )
    data = b"%PDF-1.4\n1 0 obj\n<</Type/Annot/Contents(" + written + b")>>\nendobj\n"
    assert kinds(data, name) == {"phrase"}
    assert kinds(data, "ไม่มีชื่อนี้") == set()
    odd = data.replace(b"(", b"(\xfe\xff\\8\\777\\\n").replace(b">>", b"(\xfe\xff")
    assert kinds(odd, "ไม่มีชื่อนี้") == set()


def test_a_name_across_two_pieces_is_found() -> None:
    step = PIECE - OVERLAP
    for at in (step - 5, PIECE - 5, 2 * step + 10):
        assert kinds(zipped({"a.xml": words("ก" * at + NAME + "ข" * PIECE)})) == {"phrase"}


def test_a_bomb_is_read_as_far_as_the_budget_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strings, "UNPACKED_AT_MOST", 2**20)
    bomb = zipped({f"{n}.xml": bytes(2**22) for n in range(8)})
    nested = zipped({"a.zip": zipped({"b.zip": bomb})})
    for data in (bomb, nested, zipped({"a.xml": words(NAME), "b.xml": bytes(2**24)})):
        tracemalloc.start()
        found = kinds(data)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 24 * 2**20
        is_first = len(data) < 2**15 and b"a.xml" in data
        assert found == ({"phrase", "and more"} if is_first else {"and more"})


def pdf_of(*streams: bytes) -> bytes:
    inside = b"".join(b"stream\n" + each + b"\nendstream\n" for each in streams)
    return b"%PDF-1.4\n" + inside


def test_streams_within_streams_cost_no_more_than_the_file_is_long() -> None:
    """Words of the format without end, and packed beginnings that never end well."""
    stored = b"\x78\x01\x00\xff\xff\x00\x00"
    for data in (pdf_of(b"stream\n" * 300_000), pdf_of((b"stream\n" + stored) * 100_000)):
        started = time.monotonic()
        kinds(data)
        assert time.monotonic() - started < 20
    behind = pdf_of(b"stream\nnot packed", zlib.compress(NAME.encode()))
    assert kinds(behind) == {"phrase"}
    assert kinds(pdf_of(b"stream\n" + zlib.compress(NAME.encode()))) == {"phrase"}


def test_what_was_not_read_to_its_end_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strings, "LETTERS_AT_MOST", 100_000)
    assert kinds(zipped({"a.xml": words("ก" * 40_000)})) == set()
    assert kinds(zipped({"a.xml": words("ก" * 60_000)})) == {"and more"}
    monkeypatch.setattr(strings, "UNPACKED_AT_MOST", 1000)
    assert kinds(pdf_of(zlib.compress(b"ok" * 499))) == set()
    assert kinds(pdf_of(zlib.compress(b"ok" * 501))) == {"and more"}


def test_archives_in_archives_end(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zipped({"a.xml": words(NAME)})
    for _ in range(20):
        data = zipped({"a.zip": data})
    assert kinds(data) == set()


def test_what_is_no_archive_and_no_pdf_is_read_as_it_is() -> None:
    for broken in (b"PK\x03\x04", b"%PDF-1.7\nstream\n", b"%PDF-1.7\n<feff0>", docx().data[:-40]):
        assert kinds(broken) == set()
    assert kinds(b"PK" + NAME.encode()) == {"phrase"}


def test_nothing_is_found_in_pixels_by_chance() -> None:
    """Or no photo could leave: three letters stand in every one, and so does @ before some."""
    pixels = random.Random(7).randbytes(3 * 2**20) + b"\x00<aNn>jOn\x00a@b.cd\x00"
    assert re.search(rb"@[a-z]{3}", pixels)
    assert kinds(b"\xff\xd8\xff" + pixels, "Ann", "Jon") == set()
    assert kinds(b"\xff\xd8\xff" + pixels + b" Somchai J", "Somchai") == {"phrase"}
    assert kinds(b"\xff\xd8\xff" + pixels + "\x00โทร 081-234-5678".encode()) == {"contact"}


def test_the_numbers_that_draw_a_page_are_nobodys() -> None:
    with pikepdf.new() as document:
        page = document.add_blank_page()
        page.Contents = document.make_stream(b"0.812 345 678 100 081 234 5678 re f " * 40)
        out = io.BytesIO()
        document.save(out, compress_streams=True)
    assert kinds(out.getvalue()) == set()
