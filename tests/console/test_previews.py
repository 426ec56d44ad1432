"""Previews of strangers' files: drawn anew, read as plain text, in bounded time and memory."""

import asyncio
import io
import resource
import struct
import zlib

import pytest
from PIL import Image

from console.previews import drawing as drawing_module
from console.previews.drawing import Drawing, NotShown, Picture, Text
from console.previews.kinds import Way, kind_of
from console.previews.orders import Orders

EXIF_PLACE = b"18.7883N 98.9853E"


async def shown(data: bytes, orders: Orders | None = None, page: int = 1) -> Picture | NotShown:
    return await Drawing(orders).picture(data, page)


async def read(data: bytes, orders: Orders | None = None) -> Text | NotShown:
    return await Drawing(orders).text(data)


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (400, 200), mode: str = "RGB", **how: object
) -> bytes:
    sent = io.BytesIO()
    image = Image.new(mode, size)
    image.paste((200, 30, 30) if mode == "RGB" else 128, (0, 0, size[0] // 2, size[1]))
    image.save(sent, kind, **how)  # type: ignore[arg-type]  # what each format takes
    return sent.getvalue()


def pdf(
    *streams: bytes, kids: str | None = None, count: int | None = None, more: str = ""
) -> bytes:
    """A PDF of one page for each content stream, by hand: as odd as a test wants it."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", ""]
    objects.append("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    pages, bodies = [], {}
    for stream in streams:
        packed = zlib.compress(stream, 9)
        bodies[len(objects) + 1] = packed
        objects.append(f"<</Length {len(packed)}/Filter/FlateDecode>>")
        pages.append(len(objects) + 1)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents {len(objects)} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        )
    listed = kids if kids is not None else " ".join(f"{page} 0 R" for page in pages)
    objects[1] = f"<</Type/Pages/Kids[{listed}]/Count {len(pages) if count is None else count}>>"
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\n".encode()
        if number in bodies:
            out += b"stream\n" + bodies[number] + b"\nendstream\n"
        out += b"endobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R{more}>>\n".encode()
    return bytes(out + f"startxref\n{start}\n%%EOF".encode())


def says(text: str) -> bytes:
    return f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode()


# --- pictures


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF"])
async def test_a_picture_is_drawn_anew_and_looks_the_same(kind: str) -> None:
    sent = picture(kind)
    got = await shown(sent)
    assert isinstance(got, Picture)
    assert (got.width, got.height) == (400, 200)
    with Image.open(io.BytesIO(got.webp)) as likeness:
        assert likeness.format == "WEBP"
        assert likeness.size == (400, 200)
        red, green, _ = likeness.convert("RGB").getpixel((40, 100))  # type: ignore[misc]  # of an RGB picture
    assert red > 150 > 100 > green


async def test_nothing_of_what_was_sent_is_in_the_likeness() -> None:
    exif = Image.Exif()
    exif[0x010F] = EXIF_PLACE.decode()
    sent = picture("JPEG", exif=exif, comment=EXIF_PLACE) + b"<script>alert(1)</script>"
    assert sent.count(EXIF_PLACE) == 2
    got = await shown(sent)
    assert isinstance(got, Picture)
    assert EXIF_PLACE not in got.webp
    assert b"script" not in got.webp
    assert b"EXIF" not in got.webp
    stretches = {bytes(sent[at : at + 16]) for at in range(len(sent) - 16)}
    found = [at for at in range(len(got.webp) - 16) if got.webp[at : at + 16] in stretches]
    assert all(len(set(got.webp[at : at + 16])) == 1 for at in found), "sent bytes came along"


async def test_a_photo_that_lies_on_its_side_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    got = await shown(picture("JPEG", exif=exif))
    assert isinstance(got, Picture)
    with Image.open(io.BytesIO(got.webp)) as likeness:
        assert likeness.size == (200, 400)


async def test_a_large_picture_is_shown_smaller_and_its_own_size_is_told() -> None:
    got = await shown(picture("PNG", (5000, 3000)))
    assert isinstance(got, Picture)
    assert (got.width, got.height) == (5000, 3000)
    with Image.open(io.BytesIO(got.webp)) as likeness:
        assert max(likeness.size) == Orders().side_px


def bomb_png(width: int, height: int) -> bytes:
    """A few kilobytes that claim gigabytes of pixels, and hold many of them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(8000)) for _ in range(10_000)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


async def test_a_picture_of_too_many_pixels_is_not_unpacked() -> None:
    assert await shown(bomb_png(60_000, 60_000)) == NotShown("too_large")
    assert await shown(picture("PNG"), Orders(pixels=400 * 200 - 1)) == NotShown("too_large")
    assert isinstance(await shown(picture("PNG"), Orders(pixels=400 * 200)), Picture)
    assert await shown(bomb_png(2**31 - 1, 2**31 - 1)) in (
        NotShown("too_large"),
        NotShown("damaged"),
    )


async def test_a_picture_that_needs_more_memory_than_there_is_is_not_shown() -> None:
    orders = Orders(memory_bytes=300 * 1024 * 1024, pixels=10**9)
    assert await shown(picture("PNG", (12_000, 9_000)), orders) == NotShown("too_large")


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff" + bytes(2000),
        picture("JPEG")[:300],
        b"\x89PNG\r\n\x1a\n" + bytes(30),
        b"GIF89a" + b"\xff" * 50,
        b"RIFF\x10\0\0\0WEBPVP8 " + bytes(60),
        b"RIFF\xff\xff\xff\xffWEBP" + b"\xff" * 4000,
        b"%PDF-1.7 and nothing else",
        pdf(says("x"), kids="2 0 R"),
    ],
)
async def test_a_damaged_file_is_named_so(data: bytes) -> None:
    assert await shown(data) == NotShown("damaged")


async def test_an_animation_is_its_first_picture() -> None:
    frames = [Image.new("L", (50, 50), shade) for shade in (0, 100, 200)]
    sent = io.BytesIO()
    frames[0].save(sent, "GIF", save_all=True, append_images=frames[1:])
    got = await shown(sent.getvalue())
    assert isinstance(got, Picture)
    with Image.open(io.BytesIO(got.webp)) as likeness:
        assert getattr(likeness, "n_frames", 1) == 1


# --- PDF


async def test_the_text_of_a_pdf_is_read() -> None:
    got = await read(pdf(says("Contract 44"), says("Page two")))
    assert isinstance(got, Text)
    assert [page.strip() for page in got.pages] == ["Contract 44", "Page two"]
    assert (got.of, got.is_cut) == (2, False)


async def test_a_long_pdf_is_cut_and_says_so() -> None:
    many = await read(pdf(*(says(f"page {n}") for n in range(30))))
    assert isinstance(many, Text)
    assert (len(many.pages), many.of, many.is_cut) == (20, 30, True)
    wordy = await read(pdf(says("x" * 4000)), Orders(text_chars=1000))
    assert isinstance(wordy, Text)
    assert (sum(map(len, wordy.pages)), wordy.is_cut) == (1000, True)


async def test_a_pdf_without_text_or_under_a_password_is_named_so() -> None:
    assert await read(pdf(b"0 0 m 10 10 l S")) == Text(("",), 1, False), "its pages are drawn"
    owner, user = "o" * 32, "u" * 32
    crypt = f"/Encrypt<</Filter/Standard/V 1/R 2/O({owner})/U({user})/P -4>>/ID[<00><00>]"
    assert await read(pdf(says("x"), more=crypt)) == NotShown("locked")
    assert await shown(pdf(says("x"), more=crypt)) == NotShown("locked")


async def test_a_pdf_that_unpacks_to_gigabytes_costs_bounded_time_and_memory() -> None:
    bomb = pdf(b" " * 200_000_000)
    assert len(bomb) < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with asyncio.timeout(25):
        orders = Orders(cpu_s=4, memory_bytes=400 * 1024 * 1024)
        got = await asyncio.gather(read(bomb, orders), shown(bomb, orders))
    assert isinstance(got[0], NotShown)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024, "the console itself paid for it"


async def test_a_pdf_without_an_end_is_given_up() -> None:
    """Pages that claim a billion, a tree that bites its tail, and text that calls itself."""
    claims = await read(pdf(says("one"), count=10**9))
    assert isinstance(claims, Text | NotShown)
    slow = says("x") * 300_000
    async with asyncio.timeout(25):
        got = await read(pdf(*[slow] * 10), Orders(cpu_s=1))
        assert got in (NotShown("died"), NotShown("too_long"))
        assert await shown(pdf(slow * 10), Orders(cpu_s=1)) in (
            NotShown("died"),
            NotShown("too_long"),
        )


# --- the worker is not believed


LIES = {
    "says nothing": "",
    "says no JSON": "os.write(1, b'hello\\n')",
    "says a list": "os.write(1, b'[1]\\n')",
    "nests": "os.write(1, b'[' * 4000 + b'\\n')",
    "says a page is a picture": 'os.write(1, b\'{"as":"picture"}\\n<script>alert(1)</script>\')',
    "gives a reason of its own": 'os.write(1, b\'{"as":"nothing","why":"<b>"}\\n\')',
    "never ends": "\nwhile True: os.write(1, b'x' * 65536)",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_a_worker_that_was_taken_over_shows_nothing(
    lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing_module, "_START", "import os;" + lie)
    assert await shown(picture()) == NotShown("died")


async def test_a_worker_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_module, "_START", "import time; time.sleep(60)")
    started = asyncio.get_running_loop().time()
    assert await shown(picture(), Orders(at_most_s=0.5)) == NotShown("too_long")
    assert asyncio.get_running_loop().time() - started < 10


async def test_only_a_few_work_at_once_and_who_waits_too_long_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drawing_module, "_START", "import time; time.sleep(60)")
    drawing = Drawing(Orders(at_once=1, wait_s=0.2, at_most_s=1.5))
    got = await asyncio.gather(drawing.picture(picture()), drawing.picture(picture()))
    assert sorted(each.reason for each in got if isinstance(each, NotShown)) == ["busy", "too_long"]


async def test_a_worker_cannot_read_the_disk_or_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker's own way in, with a decoder that tries to look around."""
    code = (
        "import os, socket, sys; sys.path[:0] = sys.argv[1:-1]\n"
        "import console.previews.reader as w\n"
        "def call():\n"
        "    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))\n"
        "def look(data, kind, orders):\n"
        "    done = []\n"
        "    for name, act in (('disk', lambda: open('/etc/passwd').read()), ('net', call),\n"
        "                      ('more of it', os.fork),\n"
        "                      ('another', lambda: os.execv('/bin/true', ['true'])),\n"
        "                      ('a folder', lambda: os.listdir('/')),\n"
        "                      ('a signal', lambda: os.kill(os.getppid(), 0))):\n"
        "        try: act()\n"
        "        except OSError: continue\n"
        "        done.append(name)\n"
        "    return {'as': 'text', 'of': 1}, ', '.join(done).encode()\n"
        "prepare = w._prepare\n"
        "def prepared(): prepare(); w.text = look\n"
        "w._prepare = prepared\n"
        "w.start(sys.argv[-1])"
    )
    monkeypatch.setattr(drawing_module, "_START", code)
    assert await read(b"plain words") == Text(("",), 1, False)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF"])
async def test_a_picture_is_drawn_for_paper(kind: str) -> None:
    data = picture(kind, size=(900, 300))
    jpeg = await Drawing(Orders(side_px=90)).for_paper(data[:100], data[100:])
    assert isinstance(jpeg, bytes)
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as drawn:
        assert (drawn.size, drawn.mode) == ((90, 30), "RGB")


async def test_what_cannot_be_seen_of_a_picture_is_white_on_paper_and_not_in_its_file() -> None:
    exif = Image.Exif()
    exif[0x010F] = "18.7883N 98.9853E"
    sent = io.BytesIO()
    holed = Image.new("RGBA", (60, 60), (255, 0, 0, 0))
    holed.paste((0, 0, 255, 255), (0, 0, 30, 60))
    holed.save(sent, "WEBP", lossless=True, exif=exif)
    jpeg = await Drawing().for_paper(sent.getvalue())
    assert isinstance(jpeg, bytes)
    assert b"18.7883N" in sent.getvalue()
    assert b"18.7883N" not in jpeg
    with Image.open(io.BytesIO(jpeg)) as drawn:
        assert not drawn.getexif()
        blue, white = drawn.getpixel((10, 30)), drawn.getpixel((50, 30))
    assert isinstance(blue, tuple)
    assert isinstance(white, tuple)
    assert min(white) > 240
    assert blue[2] > 200 > 60 > blue[0]


async def test_a_drawer_draws_nothing_but_pictures() -> None:
    drawing = Drawing()
    for data in (pdf(says("x")), b"plain words", b"<svg onload=x>", b""):
        assert await drawing.for_paper(data) == NotShown("damaged")


@pytest.mark.parametrize(
    "lie", ["", 'os.write(1, b\'{"as": "print"}\\n<script>\')', "os.write(1, b'\\xff\\xd8\\xff')"]
)
async def test_a_drawer_is_not_believed(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_module, "_START", "import os;" + lie)
    assert await Drawing().for_paper(picture()) == NotShown("died")


async def test_a_drawer_is_shut_in_as_any_worker_is(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import os, socket, sys; sys.path[:0] = sys.argv[1:-1]\n"
        "import console.previews.drawer as d, console.previews.pictures as p\n"
        "def draw(data, orders):\n"
        "    done = 0\n"
        "    for act in (lambda: open('/etc/passwd'), socket.socket, os.fork,\n"
        "                lambda: os.listdir('/'), lambda: os.kill(os.getppid(), 0)):\n"
        "        try: act()\n"
        "        except OSError: continue\n"
        "        done += 1\n"
        "    return b'\\xff\\xd8\\xff' + str(done).encode()\n"
        "prepare = p.prepare\n"
        "def prepared(): prepare(); p.for_paper = draw\n"
        "p.prepare = prepared\n"
        "d.start(sys.argv[-1])"
    )
    monkeypatch.setattr(drawing_module, "_START", code)
    assert await Drawing().for_paper(picture()) == b"\xff\xd8\xff0"


# --- kinds


@pytest.mark.parametrize(
    ("data", "name", "way"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg", Way.DRAWN),
        (b"OggS" + bytes(24) + b"OpusHead", "ogg", Way.HEARD),
        (b"OggS" + bytes(24) + b"\x80theora", "unknown", Way.NOT),
        (b"\0\0\0\x1cftypM4A ", "m4a", Way.HEARD),
        (b"\0\0\0\x1cftypisom", "mp4", Way.NOT),
        (b"\0\0\0\x1cftypheic", "heic", Way.NOT),
        (b"ID3\x04", "mp3", Way.HEARD),
        (b"RIFF\0\0\0\0WAVE", "wav", Way.HEARD),
        (b"junk before %PDF-1.4", "pdf", Way.PAGED),
        (b"MZ\x90", "program", Way.NOT),
        (b"PK\x03\x04", "zip", Way.NOT),
        (b"<html><script>", "markup", Way.NOT),
        (b"<svg onload=alert(1)>", "markup", Way.NOT),
        (b"words, then <script>alert(1)</script>", "markup", Way.NOT),
        ("\ufeff<svg>".encode("utf-16-le"), "markup", Way.NOT),
        ("เห็นเขาเอาปูนไป".encode(), "text", Way.READ),
        ("เห็นเขาเอาปูนไป".encode("cp874"), "text", Way.READ),
        (bytes(range(128, 256)), "unknown", Way.NOT),
        (b"", "unknown", Way.NOT),
    ],
)
def test_a_file_is_known_by_its_own_bytes(data: bytes, name: str, way: Way) -> None:
    assert (kind_of(data).name, kind_of(data).way) == (name, way)


def test_no_type_is_told_that_a_browser_would_run() -> None:
    told = {kind_of(data).mime for data in (b"<html>", b"<svg", b"%PDF-", b"PK\x03\x04", b"MZ")}
    assert told == {"application/octet-stream"}
