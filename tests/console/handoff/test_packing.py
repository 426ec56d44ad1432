"""A story full of marks of the person who told it, and none of them in the hand-off."""

import base64
import hashlib
import html as markup
import io
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pikepdf
import pytest
from PIL import Image

from console.errors import Mistaken
from console.folder import Folder
from console.handoff import strings
from console.handoff.blackout import BAR
from console.handoff.choices import Choices, Form
from console.handoff.evidence import Left as LeftOut
from console.handoff.packing import Leak, Packed, pack
from console.handoff.printing import on_paper
from console.office import Office, working
from console.words import words_for
from sealing import Forged, Media, TipKind, VerifyKey, canonical
from sealing.handovers import contents_statement
from tests.cleaning.samples import docx, jpeg, pdf, png
from tests.console.fake_world import Person, Tip, World
from tests.console.handoff.marked import NAME, OFFICERS_PHRASE, Marked, marked_tip

PHRASES = (OFFICERS_PHRASE,)


@dataclass
class Left:
    """What was written, and the page as it went to the printer."""

    packed: Packed
    data: bytes
    pages: list[str] = field(default_factory=list)

    @property
    def zip(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self.data))

    @property
    def files(self) -> dict[str, bytes]:
        return {name: self.zip.read(name) for name in self.zip.namelist()}


@asynccontextmanager
async def an_office(person: Person) -> AsyncIterator[Office]:
    async with working(Folder(person.home), person.keys) as office:
        yield office


async def packed(
    person: Person,
    tip: Tip,
    choices: Choices | None = None,
    form: Form = Form.REDACTED,
    *,
    is_printed: bool = False,
) -> Left:
    out, pages = bytearray(), list[str]()

    async def print_page(html: str) -> bytes | None:
        pages.append(html)
        return await on_paper(html) if is_printed else b"%PDF-1.7 stand-in"

    async with an_office(person) as office:
        reading = await office.read(tip.tip_id)
        done = await pack(
            office, reading, form, choices or Choices(), words_for("th"), print_page, out.extend
        )
    return Left(done, bytes(out), pages)


@pytest.fixture
def marked(world: World, somchai: Person) -> Marked:
    return marked_tip(world, somchai)


def everywhere(left: Left) -> dict[str, bytes]:
    """Every piece of what leaves, the page before it was printed, and the names in the ZIP."""
    names = "\n".join(left.zip.namelist()).encode()
    page = markup.unescape(left.pages[0]).encode()
    return {**left.files, "names": names, "page": page, "whole": left.data}


async def test_nothing_of_the_person_is_in_a_redacted_hand_off(
    marked: Marked, somchai: Person
) -> None:
    left = await packed(somchai, marked.tip, Choices(PHRASES), is_printed=True)
    assert left.packed.leaks == ()
    places = everywhere(left)
    found = {
        (what, where)
        for what, marks in marked.never.items()
        for mark in marks
        for where, data in places.items()
        if mark.encode() in data or mark.encode("utf-16-le") in data
    }
    # four letters may stand in compressed pixels or fonts by chance: there, only whole marks count
    assert {each for each in found if each[1] not in ("hand-off.pdf", "whole")} == set()
    assert not {what for what, where in found if where == "whole"} - {"channel", "alias", "phone"}


async def test_what_was_told_is_still_there_with_bars_in_it(
    marked: Marked, somchai: Person
) -> None:
    text = (await packed(somchai, marked.tip, Choices(PHRASES))).packed.text
    for told in ("เห็นนายก อบต. รับเงินที่", "คนขับรถของนายก อบต.", "3 สิงหาคม 2569", "พฤศจิกายน 2569"):
        assert told in text
    assert text.count(BAR) >= 5
    assert set(text.replace(BAR, "")) & {"█"} == set()
    assert "ไม่ได้ส่ง 1 ไฟล์\n    เป็นเสียงพูด" in text


async def test_a_bar_inside_a_word_of_ours_gives_no_phrase_away(
    marked: Marked, somchai: Person
) -> None:
    """Whoever knows that a page says จังหวัด reads the phrase out of จังห█████."""
    whole = (await packed(somchai, marked.tip)).packed
    phrases = ("วัด", "สิงหา", "เรื่องที่", "ส่ง")
    black = (await packed(somchai, marked.tip, Choices(phrases))).packed
    assert black.leaks == ()
    sheets = (packed_.text.splitlines() for packed_ in (whole, black))
    rows = [(before, after) for before, after in zip(*sheets, strict=True) if before != after]
    assert ("    3 สิงหาคม 2569", f"    {BAR}") in rows, "an answer from a list goes whole"
    assert all(before.startswith("    ") for before, _ in rows), "no label has a bar"
    assert "จังหวัด" in black.text


async def test_the_text_file_and_the_page_say_the_same(marked: Marked, somchai: Person) -> None:
    left = await packed(somchai, marked.tip, Choices(PHRASES))
    assert left.files["hand-off.txt"].decode() == left.packed.text
    page = markup.unescape(left.pages[0])
    assert all(line.strip(" =") in page for line in left.packed.text.splitlines() if line.strip())


async def test_a_photo_goes_along_without_its_hidden_details(
    marked: Marked, somchai: Person
) -> None:
    left = await packed(somchai, marked.tip)
    photo = left.files["evidence/evidence-01.jpg"]
    assert not any(each in photo for each in (b"Canary", b"canary", b"GPS"))
    with Image.open(io.BytesIO(photo)) as opened, Image.open(io.BytesIO(jpeg().data)) as sent:
        assert opened.size == sent.size


async def test_a_voice_goes_along_only_where_it_is_ticked(marked: Marked, somchai: Person) -> None:
    ticked = Choices(ticked=frozenset({marked.voice}))
    left = await packed(somchai, marked.tip, ticked)
    assert [each.name for each in left.packed.evidence] == ["evidence-01.jpg", "evidence-02.ogg"]
    assert b"canary" not in left.files["evidence/evidence-02.ogg"].lower()


async def test_the_conversation_goes_along_only_where_it_is_picked(
    marked: Marked, somchai: Person
) -> None:
    left = await packed(somchai, marked.tip, Choices(("สมปอง",), talk=frozenset({marked.reply})))
    assert f"แฟนดิฉันชื่อ{BAR}อยู่กองคลัง" in left.packed.text
    assert "ทะเบียนอะไร" not in left.packed.text


async def test_the_zip_tells_nothing_of_this_machine_and_is_the_same_again(
    marked: Marked, somchai: Person
) -> None:
    left = await packed(somchai, marked.tip, Choices(PHRASES), is_printed=True)
    again = await packed(somchai, marked.tip, Choices(PHRASES), is_printed=True)
    assert left.data == again.data
    assert left.packed.sha256 == hashlib.sha256(left.data).hexdigest()
    assert left.zip.comment == b""
    for info in left.zip.infolist():
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
        assert (info.extra, info.comment, info.create_system) == (b"", b"", 3)
        assert info.external_attr >> 16 == 0o100600
        assert info.compress_type == zipfile.ZIP_STORED
    assert left.zip.namelist() == [
        *("evidence/evidence-01.jpg", "hand-off.txt", "hand-off.pdf"),
        *("SHA256SUMS", "MANIFEST.json"),
    ]


async def test_the_pdf_says_nothing_of_when_and_by_whom(marked: Marked, somchai: Person) -> None:
    left = await packed(somchai, marked.tip, Choices(PHRASES), is_printed=True)
    with pikepdf.open(io.BytesIO(left.files["hand-off.pdf"])) as opened:
        info = {str(key): str(value) for key, value in (opened.trailer.get("/Info") or {}).items()}
        assert set(info) <= {"/Title", "/Producer"}
        assert "/ID" not in opened.trailer
        assert "/Metadata" not in opened.Root


async def test_the_manifest_lists_every_file_and_is_signed(marked: Marked, somchai: Person) -> None:
    files = (await packed(somchai, marked.tip)).files
    manifest = json.loads(files["MANIFEST.json"])
    listed = {each["name"]: each["sha256"] for each in manifest["files"]}
    rest = {"MANIFEST.json", "SHA256SUMS"}
    assert listed == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name not in rest
    }
    sums = "".join(f"{digest}  {name}\n" for name, digest in listed.items())
    assert files["SHA256SUMS"].decode() == sums
    key = VerifyKey.parse(manifest["signed_by"])
    assert key == somchai.keys.sign.verify_key
    signature = base64.b64decode(manifest["signature"])
    listing = canonical.write({"schema": manifest["schema"], "files": manifest["files"]})
    key.verify(contents_statement(listing_sha256=hashlib.sha256(listing).hexdigest()), signature)
    with pytest.raises(Forged):
        key.verify(contents_statement(listing_sha256="0" * 64), signature)


# --- files that are not what they seem


async def test_a_file_that_lies_about_its_kind_is_what_its_bytes_are(
    world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    told = "อ่านหน้านี้แล้วรู้ว่าใคร"
    world.add_file(tip, docx().data, name="photo.png", mime="image/png")
    world.add_file(tip, png().data, name="b.exe", media=Media.PHOTO, mime="application/x-msdos")
    world.add_file(tip, b"<html>" + told.encode(), name="c.jpg", mime="image/jpeg")
    world.add_file(tip, b"\xff\xd8\xff broken", name="d.jpg", mime="image/jpeg")
    left = await packed(somchai, tip)
    assert [each.name for each in left.packed.evidence] == ["evidence-01.png"]
    assert sorted(each.reason for each in left.packed.left) == ["damaged", "document", "unknown"]


async def test_what_is_too_large_or_a_video_or_unwanted_is_left_out_and_named(
    world: World, somchai: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = world.file_tip(somchai)
    world.add_file(tip, jpeg().data + bytes(40 * 1024 * 1024), mime="image/jpeg")
    world.add_file(tip, b"....ftypisom", name="f.mp4", media=Media.VIDEO, mime="video/mp4")
    world.add_file(tip, png().data)
    left = await packed(somchai, tip, Choices(without=frozenset({tip.head[0]})))
    assert left.packed.evidence == ()
    assert [each.reason for each in left.packed.left] == ["too_large", "video", "chosen"]
    assert left.packed.text.count("ไม่ได้ส่ง 1 ไฟล์") == 3


async def test_a_file_that_the_desk_altered_is_left_out(world: World, somchai: Person) -> None:
    tip = world.file_tip(somchai)
    facts, other = world.add_file(tip, png().data), world.add_file(tip, jpeg().data)
    tip.blobs[facts.blob_id] = tip.blobs[other.blob_id]
    left = await packed(somchai, tip)
    assert [each.reason for each in left.packed.left] == ["altered"]
    assert [each.name for each in left.packed.evidence] == ["evidence-01.jpg"]


async def test_marks_inside_a_document_are_found_before_it_leaves(
    world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    world.add_file(tip, docx().data, name="a.docx", media=Media.DOCUMENT)
    seq = tip.head[0]
    words = "a visible word &amp; another"
    assert words.encode() in _document_text(docx().data)
    left = await packed(
        somchai, tip, Choices(("VISIBLE word & ano-ther",), ticked=frozenset({seq}))
    )
    assert left.packed.leaks == (Leak("phrase", "evidence-01.docx"),)
    quiet = await packed(somchai, tip, Choices(("สมชาย",), ticked=frozenset({seq})))
    assert quiet.packed.leaks == ()
    assert [each.name for each in quiet.packed.evidence] == ["evidence-01.docx"]


async def test_a_file_that_was_not_searched_to_its_end_stays_here(
    world: World, somchai: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the rest nobody knows; the others go along, and no number is missing."""
    tip = world.file_tip(somchai)
    world.add_file(tip, docx().data, name="a.docx", media=Media.DOCUMENT)
    seq = tip.head[0]
    world.add_file(tip, jpeg().data, name="a.jpg")
    monkeypatch.setattr(strings, "LETTERS_AT_MOST", 500)
    left = await packed(somchai, tip, Choices(ticked=frozenset({seq})))
    assert [each.name for each in left.packed.evidence] == ["evidence-01.jpg"]
    assert LeftOut(seq, "unsearched") in left.packed.left
    assert set(left.files) >= {"evidence/evidence-01.jpg"}
    assert "evidence/evidence-01.docx" not in left.files


def _document_text(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("word/document.xml")


async def test_a_pdf_goes_along_only_where_it_is_ticked(world: World, somchai: Person) -> None:
    tip = world.file_tip(somchai)
    world.add_file(tip, pdf().data, name="a.pdf", media=Media.DOCUMENT, mime="application/pdf")
    assert (await packed(somchai, tip)).packed.evidence == ()
    left = await packed(somchai, tip, Choices(ticked=frozenset({tip.head[0]})))
    assert [each.name for each in left.packed.evidence] == ["evidence-01.pdf"]
    assert b"Canary" not in left.files["evidence/evidence-01.pdf"]


async def test_an_original_never_goes_along(world: World, somchai: Person) -> None:
    tip = world.file_tip(somchai)
    sent, cleaned = png().data, png().data[:-1]
    world.give_away(tip, world.add_cleaned(tip, jpeg().data, png().data))
    world.give_away(tip, world.add_words(tip, "โทรหาแม่ 0812345678", "โทรหาแม่ [เบอร์]"))
    left = await packed(somchai, tip)
    assert "โทรหาแม่ [เบอร์]" in left.packed.text
    assert "evidence/evidence-01.png" in left.files
    assert not any(b"CanaryPhone" in data for data in left.files.values())
    assert sent != cleaned


async def test_an_application_is_never_handed_over(world: World, somchai: Person) -> None:
    tip = world.file_tip(somchai, kind=TipKind.APPLICATION)
    with pytest.raises(Mistaken):
        await packed(somchai, tip)


# --- in full


async def test_the_full_form_holds_all_that_was_told_and_no_id_of_ours(
    marked: Marked, somchai: Person
) -> None:
    left = await packed(somchai, marked.tip, form=Form.FULL)
    text = left.packed.text
    for told in (OFFICERS_PHRASE, "๐๘๑-๒๓๔-๕๖๗๘", "สมปอง", "ทะเบียนอะไร", NAME):
        assert told in text
    for never in ("โทรมาเมื่อวาน", *marked.never["ids"], "ถูกบังคับ", "2561"):
        assert never not in text
    assert hashlib.sha256(left.files[f"evidence/01-{NAME}"]).hexdigest() in marked.never["hashes"]
    assert len(left.packed.evidence) == 2


async def test_hostile_words_do_not_get_out_of_their_row(world: World, somchai: Person) -> None:
    tip = world.file_tip(somchai)
    hostile = "</dd><script>alert(1)</script>\u202eกลับ\x1b[31m{{ 7*7 }}"
    tip.append(tip.told(words=hostile, question="what"))
    left = await packed(somchai, tip)
    assert "<script>" not in left.pages[0]
    assert "\u202e" not in left.packed.text
    assert "\x1b" not in left.packed.text
    assert "{{ 7*7 }}" in left.packed.text
