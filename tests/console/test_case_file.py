"""The case file: what an officer may read of a tip, on paper, whatever a stranger wrote into it.

What is on the page is looked for before it is printed: a PDF's own text garbles Thai vowels.
"""

import asyncio
import hashlib
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from PIL import Image

from console import export as export_module
from console.calm import calm
from console.case_file import Case, Paper, case_file
from console.likenesses import SMALL, Likenesses
from console.paper.orders import REASONS, NotPrinted
from console.paper.printing import Printed, print_pdf
from console.words import LANGUAGES, words_for
from sealing import Details, FileFacts, Media
from tests.console.conftest import Ran, Run
from tests.console.fake_world import Person, Tip, World, claim_as, new_id
from tests.console.test_hostile_tip import ALL, ESCAPES, HIDDEN, LONG, MARKUP, TOWER, URL
from tests.console.test_previews import bomb_png, picture

ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "b", "span"),
    *("table", "tr", "th", "td", "section", "img"),
}
NAMES = {"lang", "charset", "class", "src", "alt"}


class Looking(HTMLParser):
    """What a page consists of: its tags, its attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.sources: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.sources += [value or "" for name, value in attrs if name == "src"]

        if tag in ("td", "p", "h2"):
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        if self.lasttag != "style" or data.isspace():
            self.text += data


Exporting = Callable[..., tuple[Ran, Looking, Printed]]


@pytest.fixture
def exporting(
    run: Run, somchai: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Exporting:
    """Exports a tip, and gives the page beside what was printed of it."""
    pages: list[tuple[str, Printed]] = []

    async def kept(html: str, *, pictures: Sequence[bytes]) -> Printed:
        pages.append((html, await print_pdf(html, pictures=pictures)))
        return pages[-1][1]

    monkeypatch.setattr(export_module, "print_pdf", kept)

    def export(
        tip: Tip, reason: str = "ส่งพนักงานสอบสวน", **how: Any
    ) -> tuple[Ran, Looking, Printed]:
        ran = run("export", tip.tip_id, tmp_path / "out", "--reason", reason, person=somchai, **how)
        (page,) = pages
        return ran, Looking(page[0]), page[1]

    return export


@pytest.fixture
def told(world: World, somchai: Person) -> Tip:
    tip = world.file_tip(somchai, is_verified=True, alias="mkm7", is_duress=True)
    tip.append(tip.told(words="เห็นเขาเอาปูนของ อบต. ไปทำบ้าน", question="what"))
    world.add_file(tip, picture(), name="ถนน.jpg", mime="image/jpeg")
    world.add_file(tip, b"PK\x03\x04", name="บัญชี.xlsx", media=Media.DOCUMENT)
    world.officer_part(tip, somchai, "จำทะเบียนรถได้ไหม")
    claim_as(tip, somchai)
    return tip


# --- what is in it


def test_all_that_an_officer_may_read_is_on_the_page_in_thai(
    told: Tip, exporting: Exporting, tmp_path: Path
) -> None:
    ran, page, printed = exporting(told, lang="th")
    assert ran.code == 0, ran.err
    shown = " ".join(page.text.split())
    for said in (
        told.tip_id,
        "แฟ้มเรื่องแจ้งเบาะแส",
        "นำออกโดย สมชาย ใจดี",
        "เหตุผลที่ต้องนำออก ส่งพนักงานสอบสวน",
        "20 พฤศจิกายน 2569",
        "ถูกบังคับ",
        "mkm7",
        "เห็นเขาเอาปูนของ อบต. ไปทำบ้าน",
        "จำทะเบียนรถได้ไหม",
        "เจ้าหน้าที่ สมชาย ใจดี",
        "ถนน.jpg",
        "files/0003-ถนน.jpg",
        "บัญชี.xlsx",
        "นำออกทั้งเรื่อง",
    ):
        assert said in shown, said
    for part in told.answer["parts"]:
        if part["blob_id"] is not None:
            assert part["blob_id"] not in shown
    assert (tmp_path / "out" / "case-file.pdf").read_bytes() == printed.pdf
    fonts = subprocess.run(
        ["pdffonts", tmp_path / "out" / "case-file.pdf"], capture_output=True, check=True
    )
    assert b"Thai" in fonts.stdout


def test_notes_for_officers_are_apart_from_what_the_reporter_was_told(
    told: Tip, exporting: Exporting
) -> None:
    _, page, _ = exporting(told, "ศาลขอ")
    conversation, _, after = page.text.partition("Evidence")
    before, _, notes = after.partition("Officers' internal notes")
    assert "จำทะเบียนรถได้ไหม" in conversation
    assert "ศาลขอ" in notes
    assert "ศาลขอ" not in before
    assert conversation.count("ศาลขอ") == 1, "on the cover"


def test_every_page_has_its_number_and_a_pdf_is_as_long_as_it_says(
    world: World, somchai: Person, told: Tip, exporting: Exporting, tmp_path: Path
) -> None:
    for nth in range(12):
        told.append(told.told(words=f"{nth} " + "เจ้าหน้าที่เรียกรับเงินจากผู้รับเหมา " * 40))
    _, _, printed = exporting(told)
    assert printed.pages > 2
    path = tmp_path / "out" / "case-file.pdf"
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout.decode()
    assert text.count("Secret: for this tip's officers only") == printed.pages
    for page in range(1, printed.pages + 1):
        assert f"Page {page} / {printed.pages}" in text
    assert f"Page {printed.pages + 1} /" not in text
    info = subprocess.run(["pdfinfo", path], capture_output=True, check=True).stdout.decode()
    assert re.search(rf"Pages:\s+{printed.pages}\b", info)


def test_a_picture_is_drawn_anew_and_small_and_nothing_of_the_sent_one_goes_along(
    world: World, somchai: Person, told: Tip, exporting: Exporting, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "18.7883N 98.9853E"
    world.add_file(told, picture(size=(2000, 1000), exif=exif), name="b.jpg")
    _, page, printed = exporting(told)
    assert len(page.sources) == 2
    assert all(source.startswith("picture:") for source in page.sources)
    path = tmp_path / "out" / "case-file.pdf"
    listed = subprocess.run(["pdfimages", "-list", path], capture_output=True, check=True)
    rows = [row.split() for row in listed.stdout.decode().splitlines()[2:]]
    sizes = {(int(row[3]), int(row[4])) for row in rows if row[2] == "image"}
    assert sizes == {(360, 180)}
    assert b"98.9853" not in printed.pdf


def test_a_file_that_was_left_out_is_named_and_not_shown(
    world: World, told: Tip, exporting: Exporting
) -> None:
    def flip(answer: Any) -> None:
        data = bytearray(answer["blob"])
        data[len(data) // 2] ^= 1
        answer["blob"] = bytes(data)

    world.spoil("blob", flip)
    ran, page, _ = exporting(told)
    assert ran.code == 5
    assert page.text.count("Could not be exported") == 2
    assert page.sources == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_where_it_cannot_be_printed_that_is_said_and_all_else_is_there(
    told: Tip,
    run: Run,
    somchai: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    language: str,
) -> None:
    async def broken(_: str, **_named: object) -> Printed:
        raise NotPrinted(reason)

    monkeypatch.setattr(export_module, "print_pdf", broken)
    out = tmp_path / "out"
    ran = run("export", told.tip_id, out, "--reason", "x", person=somchai, lang=language)
    assert ran.code == 0
    assert words_for(language).say(f"casefile.{reason}") in ran.err
    assert not (out / "case-file.pdf").exists()
    assert (out / "files" / "0003-ถนน.jpg").exists()
    assert run("export-check", out, person=somchai).code == 0


# --- a stranger's words


@pytest.fixture
def hostile(world: World, somchai: Person) -> Tip:
    form = {"schema": 1, "kind": MARKUP, "answers": {"when": {"onerror-x": ALL}}}
    tip = world.file_tip(somchai, form=form)
    for words in (MARKUP, HIDDEN, ESCAPES, URL, TOWER, LONG, "\n" * 5000 + "\t" * 5000):
        tip.append(tip.told(words=words, question=ALL))
    world.officer_part(tip, somchai, ALL)
    for name in (MARKUP, HIDDEN, ESCAPES, "a" * 4000):
        world.add_file(tip, picture(), name=name, mime=ALL)
    world.add_file(tip, MARKUP.encode(), name="a.png", mime="image/svg+xml")
    world.add_file(tip, bomb_png(60_000, 60_000), name="b.png")
    return tip


def test_a_hostile_tip_is_printed_in_time_and_breaks_no_page(
    hostile: Tip, exporting: Exporting, tmp_path: Path
) -> None:
    started = time.monotonic()
    ran, page, printed = exporting(hostile, ALL[:1000])
    assert ran.code == 0, ran.err
    assert time.monotonic() - started < 60
    assert printed.pages < 100
    assert page.tags <= ALLOWED
    assert page.names <= NAMES
    assert all(source.startswith("picture:") for source in page.sources)
    odd = {c for c in page.text if calm(c) != c}
    assert odd == set(), [f"{ord(c):04X}" for c in odd]
    assert "⟨U+202E⟩" in page.text
    assert "⟨U+001B⟩" in page.text
    left = len(LONG) - Paper().chars_of_a_part
    assert f"{left} more characters in transcript.txt" in page.text
    transcript = (tmp_path / "out" / "transcript.txt").read_text(encoding="utf-8")
    assert LONG in transcript


def test_no_letter_is_printed_outside_its_page(
    hostile: Tip, exporting: Exporting, tmp_path: Path
) -> None:
    exporting(hostile)
    path = tmp_path / "out" / "case-file.pdf"
    boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True)
    found = re.findall(
        r'<word xMin="([-\d.]+)" yMin="[-\d.]+" xMax="([-\d.]+)" yMax="[-\d.]+">([^<]*)<',
        boxes.stdout.decode(),
    )
    assert len(found) > 100
    width = 210 * 72 / 25.4
    outside = [word for left, right, word in found if float(left) < 0 or float(right) > width]
    assert outside == []


@pytest.fixture
def case(
    told: Tip, run: Run, somchai: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Case:
    """What an export hands to the page."""
    cases: list[Case] = []

    def kept(words: Any, case: Case, *rest: Any) -> str:
        cases.append(case)
        return case_file(words, case, *rest)

    monkeypatch.setattr(export_module, "case_file", kept)
    assert run("export", told.tip_id, tmp_path / "out", "--reason", "x", person=somchai).code == 0
    return cases[0]


def grown(case: Case, count: int, words: str | None = None) -> Case:
    """The same with *count* parts more, all like the second one."""
    tip = case.reading.tip
    like = tip.parts[1]
    assert like.part is not None
    part = like.part if words is None else replace(like.part, words=words)
    more = tuple(
        replace(like, shown=structs.replace(like.shown, seq=seq), part=replace(part, seq=seq))
        for seq in range(1000, 1000 + count)
    )
    reading = replace(case.reading, tip=replace(tip, parts=tip.parts + more))
    return replace(case, reading=reading)


def test_a_tip_of_ten_thousand_parts_is_printed_in_part_and_says_so(case: Case) -> None:
    many = grown(case, 10_000)
    html = case_file(words_for("en"), many, (), Likenesses())
    talk = [part for part in many.reading.tip.parts if part.shown.kind != "note"]
    assert f"{len(talk) - Paper().parts} more parts are not printed here" in html
    printed = asyncio.run(print_pdf(html))
    assert printed.pages < 200


def test_words_without_an_end_are_printed_up_to_their_bound(case: Case) -> None:
    long = grown(case, 300, "ก" * 100_000)
    html = case_file(words_for("en"), long, (), Likenesses())
    assert html.count("ก") <= Paper().chars + 1000
    assert len(html) < 3 * Paper().chars
    assert asyncio.run(print_pdf(html)).pages < 200


def test_what_is_kept_from_the_paper_is_counted(case: Case) -> None:
    small = Paper(parts=2, chars_of_a_part=5, chars=50, files=1, lines=1)
    html = case_file(words_for("en"), case, (), Likenesses(), small)
    assert "25 more characters in transcript.txt" in html
    assert "more parts are not printed here" in html


@pytest.mark.parametrize(
    ("details", "says"),
    [
        (Details.NONE, "as the reporter sent it"),
        (Details.CLEANED, "hidden details were taken out"),
        (Details.UNREMOVABLE, "cannot be removed"),
    ],
)
def test_evidence_says_whether_it_was_cleaned(
    world: World, told: Tip, exporting: Exporting, details: Details, says: str
) -> None:
    world.add_file(told, b"x", name="x.bin", details=details)
    _, page, _ = exporting(told)
    assert says in page.text


# --- likenesses


def facts_of(data: bytes) -> FileFacts:
    digest = hashlib.sha256(data).hexdigest()
    return FileFacts(new_id(), len(data), digest, Media.PHOTO, "x/y", None)


async def watched(seen: Likenesses, *files: bytes) -> None:
    async def pieces(data: bytes) -> Any:
        for at in range(0, len(data), 1000):
            yield data[at : at + 1000]

    for data in files:
        passed = b"".join([each async for each in seen.watch(facts_of(data), pieces(data))])
        assert passed == data


async def test_so_many_pictures_are_drawn_and_the_rest_is_counted() -> None:
    shots = [picture(size=(40, 20 + nth)) for nth in range(3)]
    seen = Likenesses(at_most=2)
    await watched(seen, *shots, shots[0])
    assert [seen.of(facts_of(shot)) is not None for shot in shots] == [True, True, False]
    assert seen.left_out == 1


async def test_no_other_file_is_held_in_memory_and_none_that_is_not_what_was_sent() -> None:
    seen = Likenesses()
    await watched(seen, b"PK\x03\x04" + bytes(5000), b"<svg onload=x>", b"")
    assert seen.left_out == 0

    async def broken() -> Any:
        yield picture()
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        [each async for each in seen.watch(facts_of(picture()), broken())]
    assert seen.of(facts_of(picture())) is None


async def test_a_picture_too_large_for_paper_is_counted() -> None:
    seen = Likenesses(orders=replace(SMALL, input_bytes=100))
    await watched(seen, picture())
    assert (seen.left_out, seen.of(facts_of(picture()))) == (1, None)


def test_no_word_of_a_tip_is_read_as_a_template(case: Case) -> None:
    html = case_file(words_for("en"), grown(case, 1, "{{7*7}}{% raw %}"), (), Likenesses())
    assert "{{7*7}}{% raw %}" in html
