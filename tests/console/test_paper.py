"""Pages on paper: Thai set right, nothing fetched, bounded cost, a printer that is shut in."""

import asyncio
import base64
import io
import re
import resource
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from console.paper import printing as printing_module
from console.paper.orders import NotPrinted, Orders, picture_address
from console.paper.printing import Printed, print_pdf, printed

THAI = "<p style=\"font-family: 'Noto Sans Thai'\">เจ้าหน้าที่เรียกรับเงินจากผู้รับเหมา</p>"


def tool(name: str, pdf: bytes, *options: str) -> str:
    done = subprocess.run([name, *options, "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def text_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


async def test_thai_is_set_in_a_thai_font() -> None:
    got = await print_pdf(THAI)
    assert got.pages == 1
    assert "Thai" in tool("pdffonts", got.pdf)


async def test_pages_are_counted() -> None:
    got = await print_pdf("<p style='break-after: page'>a</p><p>b</p>")
    assert got.pages == 2
    assert re.search(r"Pages:\s+2\b", tool("pdfinfo", got.pdf))


async def test_a_picture_in_the_page_is_printed_and_nothing_else_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text y='9'>s3cret</text></svg>")
    asked: list[bytes] = []

    async def heard(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(b"asked")
        writer.close()

    server = await asyncio.start_server(heard, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    drawn = io.BytesIO()
    Image.new("RGB", (20, 20), (255, 0, 0)).save(drawn, "JPEG")
    own = "data:image/jpeg;base64," + base64.b64encode(drawn.getvalue()).decode()
    svg = base64.b64encode(secret.read_bytes()).decode()
    got = await print_pdf(
        f"<style>@import 'http://127.0.0.1:{port}/a.css';</style>"
        f"<link rel=stylesheet href='http://127.0.0.1:{port}/b.css'>"
        f"<link rel=attachment href='{secret.as_uri()}'>"
        f"<p>words</p><img src='{own}'>"
        f"<img src='http://127.0.0.1:{port}/c.png'><img src='{secret.as_uri()}'>"
        f"<img src='data:image/svg+xml;base64,{svg}'><img src='data:image/png;base64,{svg}'>"
    )
    server.close()
    await server.wait_closed()
    assert asked == []
    assert "s3cret" not in text_of(got.pdf)
    assert "words" in text_of(got.pdf)
    pictures = tool("pdfimages", got.pdf, "-list").splitlines()[2:]
    assert len(pictures) == 1
    assert b"/EmbeddedFile" not in got.pdf


async def test_pictures_beside_the_page_are_printed_where_it_says() -> None:
    drawn = []
    for size, kind in (((20, 30), "JPEG"), ((40, 50), "PNG"), ((60, 70), "WEBP")):
        picture = io.BytesIO()
        Image.new("RGB", size, (0, 0, 255)).save(picture, kind)
        drawn.append(picture.getvalue())
    addresses = [picture_address(nth) for nth in (1, 0, 1, 2, 3)]
    others = ["picture:", "picture:-1", "picture:1.0", "picture:²", "picture:00000000x"]
    page = "".join(f"<img src='{address}'>" for address in [*addresses, *others])
    got = await print_pdf(f"<p>words</p>{page}", pictures=drawn)
    assert "words" in text_of(got.pdf)
    listed = tool("pdfimages", got.pdf, "-list").splitlines()[2:]
    assert {tuple(map(int, row.split()[3:5])) for row in listed} == {(20, 30), (40, 50)}
    with pytest.raises(NotPrinted, match="too_large"):
        await print_pdf("x", Orders(input_bytes=100), drawn)


async def test_more_pages_than_may_be_are_not_printed() -> None:
    page = "<p style='break-after: page'>a</p>"
    with pytest.raises(NotPrinted, match="too_large"):
        await print_pdf(page * 5, Orders(pages=4))
    with pytest.raises(NotPrinted, match="too_large"):
        await print_pdf("x" * 100, Orders(input_bytes=99))


async def test_a_page_without_an_end_costs_bounded_time_and_memory() -> None:
    deep = "<div>" * 100_000 + "x"
    wide = "<table>" + "<tr>" + "<td>x" * 200_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with asyncio.timeout(60):
        for html in (deep, wide):
            with pytest.raises(NotPrinted):
                await print_pdf(html, Orders(cpu_s=3, memory_bytes=500 * 1024 * 1024))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024, "the console itself paid for it"


async def test_a_printer_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing_module, "_START", "import time; time.sleep(60)")
    started = asyncio.get_running_loop().time()
    with pytest.raises(NotPrinted, match="too_long"):
        await print_pdf(THAI, Orders(at_most_s=0.5))
    assert asyncio.get_running_loop().time() - started < 10


LIES = {
    "says nothing": ("", "died"),
    "says no JSON": ("os.write(1, b'hello\\n')", "died"),
    "says a list": ("os.write(1, b'[1]\\n')", "died"),
    "says a page is a PDF": ("os.write(1, b'{\"pages\": 1}\\n<script>')", "died"),
    "has a reason of its own": ('os.write(1, b\'{"why": "<b>"}\\n\')', "died"),
    "has no Thai font": ('os.write(1, b\'{"pages": 1, "has_thai": false}\\n%PDF-\')', "no_font"),
    "has no pango": ('os.write(1, b\'{"why": "no_pango"}\\n\')', "no_pango"),
    "never ends": ("\nwhile True: os.write(1, b'x' * 65536)", "died"),
}


@pytest.mark.parametrize(("lie", "reason"), LIES.values(), ids=LIES)
async def test_what_a_printer_says_is_not_believed(
    lie: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing_module, "_START", "import os;" + lie)
    with pytest.raises(NotPrinted, match=f"^{reason}$"):
        await print_pdf(THAI)


async def test_a_page_without_thai_needs_no_thai_font(monkeypatch: pytest.MonkeyPatch) -> None:
    lie = 'import os; os.write(1, b\'{"pages": 1, "has_thai": false}\\n%PDF-\')'
    monkeypatch.setattr(printing_module, "_START", lie)
    assert await print_pdf("<p>only English</p>") == Printed(b"%PDF-", 1)


@pytest.mark.parametrize("missing", ["OSError('cannot load library')", "ImportError('x')"])
async def test_a_machine_without_pango_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[1:-1]\n"
        "class Missing:\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == 'weasyprint': raise {missing}\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from console.paper.worker import start; start(sys.argv[-1])"
    )
    monkeypatch.setattr(printing_module, "_START", code)
    with pytest.raises(NotPrinted, match="no_pango"):
        await print_pdf(THAI)


HELD = f"<style>p {{ font-weight: bold }}</style>{THAI}<p>words</p>"


async def test_a_page_is_the_same_with_font_tools_and_without() -> None:
    without = await print_pdf(HELD)
    assert without == await print_pdf(HELD, Orders(has_font_tools=True))
    assert "words" in text_of(without.pdf)


async def test_a_page_that_needs_font_tools_goes_to_a_printer_that_has_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """HarfBuzz is there, but makes no font smaller after all: as for a font with axes."""
    told = tmp_path / "told"
    code = (
        "import sys; sys.path[:0] = sys.argv[1:-1]\n"
        "import console.paper.worker as w\n"
        "find = w._weasyprint\n"
        "def found():\n"
        "    library = find()\n"
        "    import weasyprint.pdf.fonts as f; f.harfbuzz_subset = None\n"
        f"    open({str(told)!r}, 'a').write('begun ')\n"
        "    return library\n"
        "w._weasyprint = found\n"
        "w.start(sys.argv[-1])"
    )
    monkeypatch.setattr(printing_module, "_START", code)
    got = await print_pdf(HELD)
    assert told.read_text() == "begun begun "
    assert "words" in text_of(got.pdf)
    fonts = tool("pdffonts", got.pdf).splitlines()[2:]
    assert any("Thai" in font for font in fonts)
    assert all(font.split()[-5:-2] == ["yes", "yes", "yes"] for font in fonts)


async def test_a_machine_without_harfbuzz_subset_has_font_tools_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[1:-1]\n"
        "import console.paper.worker as w\n"
        "w.font_tools._SUBSETTING = 'libnobody-has.so.0'\n"
        "shut = w._shut\n"
        "def seen(*a):\n"
        "    if not sys.modules['fontTools.subset'].__file__: raise OSError\n"
        "    shut(*a)\n"
        "w._shut = seen\n"
        "w.start(sys.argv[-1])"
    )
    monkeypatch.setattr(printing_module, "_START", code)
    assert await print_pdf(HELD) == await print_pdf(HELD)


async def test_a_printer_that_always_asks_for_font_tools_is_asked_twice_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        printing_module, "_START", 'import os; os.write(1, b\'{"why": "font_tools"}\\n\')'
    )
    with pytest.raises(NotPrinted, match=r"^died$"):
        await print_pdf(THAI)


async def test_a_printer_reads_fonts_and_nothing_else_and_starts_no_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The printer's own way in, with a page that is received by somebody who looks around."""
    code = (
        "import os, socket, sys, threading; sys.path[:0] = sys.argv[1:-1]\n"
        "import console.paper.worker as w\n"
        "def call():\n"
        "    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))\n"
        "def thread():\n"
        "    t = threading.Thread(target=lambda: done.append('in a thread')); t.start(); t.join()\n"
        "done = []\n"
        "def look(most):\n"
        "    for name, act in (('disk', lambda: open('/etc/passwd').read()),\n"
        "                      ('own code', lambda: open(w.__file__).read()),\n"
        "                      ('write', lambda: open('/tmp/printer', 'w')),\n"
        "                      ('net', call), ('fork', os.fork),\n"
        "                      ('program', lambda: os.execv('/bin/true', ['true'])),\n"
        "                      ('fonts', lambda: os.listdir('/usr/share/fonts')),\n"
        "                      ('thread', thread)):\n"
        "        try: act()\n"
        "        except OSError: continue\n"
        "        done.append(name)\n"
        "    return ('<p>' + ' · '.join(done) + '</p>').encode(), ()\n"
        "w._received = look\n"
        "w.start(sys.argv[-1])"
    )
    monkeypatch.setattr(printing_module, "_START", code)
    got = await print_pdf("<p>x</p>")
    assert text_of(got.pdf).split("\n")[0] == "fonts · in a thread · thread"


async def test_letters_that_cannot_be_written_are_printed_as_question_marks() -> None:
    assert "a?b" in text_of((await print_pdf("<p>a\ud800b</p>")).pdf)


def test_who_has_no_loop_prints_too() -> None:
    assert printed(THAI).pages == 1
    with pytest.raises(NotPrinted, match="too_large"):
        printed("x" * 100, Orders(input_bytes=99))
