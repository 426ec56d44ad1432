"""Multipart bodies in any pieces, and what a file says about itself."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.web.body import Body
from bot.channels.web.multipart import Multipart
from bot.channels.web.refusals import Turned
from bot.files import NAME_AT_MOST, UNKNOWN, clean_name, describe
from tests.bot.web_house import multipart


def body_of(data: bytes, sizes: list[int]) -> Body:
    """A request whose bytes come in pieces of *sizes*, over and over."""
    pieces = []
    at, nth = 0, 0
    while at < len(data):
        size = sizes[nth % len(sizes)]
        pieces.append(data[at : at + size])
        at, nth = at + size, nth + 1
    coming = iter([*pieces, b""])

    async def receive() -> Any:
        piece = next(coming)
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    return Body(receive)


async def read(data: bytes, sizes: list[int], boundary: str) -> list[tuple[str, str | None, bytes]]:
    reader = Multipart(boundary, body_of(data, sizes))
    found = []
    async for part in reader.parts():
        whole = await part.whole(10**9)
        assert whole is not None
        found.append((part.name, part.filename, whole))
    return found


CONTENT = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.sampled_from(
            [b"\r\n", b"--", b"\r\n--", b"xyz", b"\r", b"\n", b"-", b"\r\n--xyz", b"a"]
        ),
        max_size=30,
    ).map(b"".join),
)


@settings(max_examples=150, deadline=None)
@given(
    files=st.lists(CONTENT, max_size=4),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
)
async def test_parts_come_out_as_they_went_in_however_they_are_cut(
    files: list[bytes], sizes: list[int]
) -> None:
    boundary = "--------xyzzy"
    fields = [("words", "สวัสดี".encode())]
    data, _ = multipart(
        fields, [(f"{n}.bin", f, "x/y") for n, f in enumerate(files)], boundary=boundary
    )
    if any(b"\r\n--" + boundary.encode() in b"\r\n" + each for each in files):
        return
    found = await read(data, sizes, boundary)
    assert found == [
        ("words", None, fields[0][1]),
        *(("file", f"{n}.bin", each) for n, each in enumerate(files)),
    ]


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200), cut=st.integers(0, 300))
async def test_whatever_comes_is_read_or_turned_down(data: bytes, cut: int) -> None:
    good, _ = multipart([("form", b"a")], [("a", data, "x/y")], boundary="b")
    mangled = good[:cut] + data + good[cut + len(data) :]
    for body in (mangled, good[:cut], data):
        with suppress(Turned):
            await read(body, [7], "b")


async def test_a_body_that_ends_early_is_never_taken_for_whole() -> None:
    good, _ = multipart([("form", b"a")], [("a.jpg", b"x" * 100, "image/jpeg")], boundary="b")
    for cut in range(len(good) - len("--\r\n")):
        with pytest.raises(Turned):
            await read(good[:cut], [13], "b")


async def test_the_names_of_a_part_are_read_as_browsers_write_them() -> None:
    data, _ = multipart([], [('ใบ%22เสร็จ%22; name="x".pdf', b"1", "application/pdf")], boundary="b")
    ((name, filename, _),) = await read(data.replace(b'x".pdf', b"x%22.pdf"), [9], "b")
    assert name == "file"
    assert filename is not None
    assert filename.startswith('ใบ"เสร็จ"')


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("รูป.jpg", "รูป.jpg"),
        ("C:\\Users\\somchai\\ลับ.pdf", "ลับ.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\x00b\r\nc\td.txt", "abcd.txt"),
        ("  .hidden. ", "hidden"),
        ("a   b.txt", "a b.txt"),
        ("<b>:?*|.txt", "b.txt"),
        ("cafe\u0301.txt", "café.txt"),
        ("", None),
        ("...", None),
        ("/", None),
        ("\u200b\u2066", None),
        ("\ud800x.txt", "x.txt"),
    ],
)
def test_a_name_is_short_harmless_and_still_a_name(raw: str, clean: str | None) -> None:
    assert clean_name(raw) == clean


def test_a_long_name_keeps_its_ending() -> None:
    name = clean_name("ก" * 5000 + ".jpeg")
    assert name is not None
    assert len(name) == NAME_AT_MOST
    assert name.endswith("ก.jpeg")


@settings(max_examples=200)
@given(st.text(max_size=300))
def test_any_name_comes_out_safe(raw: str) -> None:
    name = clean_name(raw)
    if name is not None:
        assert 0 < len(name) <= NAME_AT_MOST
        assert not set(name) & set('/\\\0\n\r"<>\u202e')
        assert name == name.strip()
        assert not name.startswith(".")


@pytest.mark.parametrize(
    ("first", "declared", "media", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "text/html", "photo", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "", "photo", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "", "photo", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic", "", "photo", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4", "video", "video/mp4"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/x-m4a", "voice", "audio/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp4", "audio/3gpp", "voice", "audio/3gpp"),
        (b"\x00\x00\x00\x14ftypqt  ", "", "video", "video/quicktime"),
        (b"OggS\x00", "audio/ogg", "voice", "audio/ogg"),
        (b"\x1aE\xdf\xa3", "audio/webm", "voice", "audio/webm"),
        (b"\x1aE\xdf\xa3", "", "video", "video/webm"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "", "voice", "audio/wav"),
        (b"#!AMR\n", "", "voice", "audio/amr"),
        (b"ID3\x03", "", "voice", "audio/mpeg"),
        (b"%PDF-1.7", "image/jpeg", "document", "application/pdf"),
        (b"PK\x03\x04", "application/x-evil", "document", "application/zip"),
        (b"hello", "text/plain; charset=utf-8", "document", "text/plain"),
        (b"<html><script>", "text/html", "document", UNKNOWN),
        (b"<svg onload=alert(1)>", "image/svg+xml", "document", UNKNOWN),
        (b"MZ\x90\x00", "image/png", "document", UNKNOWN),
        (b"", "video/mp4", "document", UNKNOWN),
        (b"RIFF", "image/webp", "document", UNKNOWN),
    ],
)
def test_the_first_bytes_say_what_a_file_is(
    first: bytes, declared: str, media: str, mime: str
) -> None:
    found = describe(first, declared, "a")
    assert (found.media, found.mime) == (media, mime)
