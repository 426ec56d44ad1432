"""The page on which an officer reads what would leave, blacks out more, and lets it leave."""

import re
import zipfile
from pathlib import Path

import httpx
import pytest

from console.handoff import printing
from console.handoff.blackout import BAR
from console.pages import handoff
from console.paper.orders import NotPrinted
from sealing import Kind, TipKind
from sealing.handovers import handover_statement
from tests.console.fake_world import Answer, Person, Tip, World, b64
from tests.console.handoff.marked import OFFICERS_PHRASE, PHONE, VOICE, Marked, marked_tip
from tests.console.test_handing_over import given_by
from tests.console.test_pages import Browser, browser, text_of

__all__ = ["browser"]


@pytest.fixture
def malee(world: World) -> Person:
    return world.join("มาลี ตั้งใจ", "kkn")


@pytest.fixture
def marked(world: World, somchai: Person) -> Marked:
    return marked_tip(world, somchai)


@pytest.fixture
async def page(browser: Browser, marked: Marked, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the page, on an unlocked console that cannot print."""

    async def none(_: str) -> None:
        raise NotPrinted("no_pango")

    monkeypatch.setattr(printing, "print_pdf", none)
    await browser.unlock()
    return f"/tips/{marked.tip.tip_id}/handoff"


def preview_of(text: str) -> str:
    found = re.search(r'<p class="words plain-text" dir="auto">(.*?)</p>', text, re.DOTALL)
    assert found is not None
    return found[1]


def number_of(text: str) -> str:
    found = re.search(r'name="number" value="([0-9-]+)"', text)
    assert found is not None
    return found[1]


def written(person: Person) -> list[Path]:
    return sorted(path for path in person.home.glob("hand-offs/*/*") if path.is_file())


async def test_the_page_shows_every_word_that_would_leave(browser: Browser, page: str) -> None:
    answer = await browser.get(page)
    assert answer.status_code == 200
    shown = preview_of(answer.text)
    assert OFFICERS_PHRASE in shown
    assert BAR in shown
    assert PHONE not in shown
    assert "เป็นเสียงพูด" in shown
    assert "ใบหน้าในภาพ" in text_of(answer)


async def test_what_is_typed_is_blacked_out_and_kept(browser: Browser, page: str) -> None:
    answer = await browser.post(page, phrases=f"{OFFICERS_PHRASE}\nนายก อบต", do="preview")
    shown = preview_of(answer.text)
    assert OFFICERS_PHRASE not in shown
    assert "นายก อบต" not in shown
    assert OFFICERS_PHRASE in answer.text  # in the field, to go on with
    assert 'id="h-preview" tabindex="-1" autofocus' in answer.text, "it is looked at first"
    again = await browser.get(page)
    assert OFFICERS_PHRASE in again.text
    assert "autofocus" not in again.text


async def test_a_long_message_is_cut_where_it_is_chosen_and_says_so(
    browser: Browser, page: str, marked: Marked
) -> None:
    long = "ขุด" * handoff.EXCERPT_LETTERS
    marked.tip.append(marked.tip.told(words=long, question="reply"))
    chosen = text_of(await browser.get(page)).partition("ข้อความที่จะออกไปทั้งหมด")[0]
    assert f": {long[: handoff.EXCERPT_LETTERS]}… " in chosen
    assert "กองคลัง …" not in chosen


async def test_a_phrase_that_means_nothing_is_said_so(browser: Browser, page: str) -> None:
    answer = await browser.post(page, phrases="ก", do="preview")
    assert "อย่างน้อย 2 ตัว" in text_of(answer)


async def test_parts_and_voices_go_along_only_where_they_are_ticked(
    browser: Browser, page: str, marked: Marked
) -> None:
    plain = preview_of((await browser.get(page)).text)
    assert "กองคลัง" not in plain
    fields = {f"talk.{marked.reply}": "yes", f"send.{marked.voice}": "yes"}
    ticked = await browser.post(page, do="preview", **fields)
    assert "กองคลัง" in preview_of(ticked.text)
    assert "evidence-02.ogg" in preview_of(ticked.text)
    assert VOICE not in preview_of(ticked.text)
    without = await browser.post(page, do="preview", **{f"usual.{marked.photo}": "yes"})
    assert "evidence-01" not in preview_of(without.text)


async def test_a_tick_means_that_it_goes_along_whatever_the_file_is(
    browser: Browser, page: str, marked: Marked
) -> None:
    def ticked(answer: httpx.Response) -> dict[int, bool]:
        boxes = re.findall(r'type="checkbox" name="send.(\d+)" value="yes"( checked)?', answer.text)
        return {int(seq): bool(is_ticked) for seq, is_ticked in boxes}

    photo, voice = marked.photo, marked.voice
    first = await browser.get(page)
    assert (ticked(first)[photo], ticked(first)[voice]) == (True, False)
    assert f'name="usual.{photo}"' in first.text
    assert f'name="usual.{voice}"' not in first.text
    usual = {f"usual.{photo}": "yes", "do": "preview"}
    for others in ({}, {f"send.{photo}": "yes"}, {f"send.{photo}": "yes", f"send.{voice}": "yes"}):
        answer = await browser.post(page, **usual, **others)
        goes = {seq: f"send.{seq}" in others for seq in (photo, voice)}
        assert {seq: ticked(answer)[seq] for seq in goes} == goes
        assert ("evidence-01" in preview_of(answer.text)) is goes[photo]
        assert (".ogg" in preview_of(answer.text)) is goes[voice]


async def test_nothing_leaves_before_it_was_read(
    browser: Browser, page: str, marked: Marked, somchai: Person
) -> None:
    number = number_of((await browser.get(page)).text)
    order = {"to": "police", "reason": "ขอ", "do": "send", "number": number}
    for missing in (
        {"read": ""},
        {"read": "yes", "number": "0000-0000"},
        {"read": "yes", "to": ""},
        {"read": "yes", "reason": " "},
        {"read": "yes", "phrases": "คนขับรถ"},  # not the choices of that preview
    ):
        answer = await browser.post(page, **{**order, **missing})
        assert answer.status_code == 422, missing
    assert written(somchai) == []
    assert marked.tip.answer["handovers"] == []


async def test_what_was_read_is_recorded_and_lies_in_the_officers_folder(
    browser: Browser, page: str, marked: Marked, somchai: Person
) -> None:
    shown = await browser.post(page, phrases=OFFICERS_PHRASE, do="preview")
    answer = await browser.post(
        page,
        phrases=OFFICERS_PHRASE,
        to="police",
        reason="ตำรวจขอ",
        read="yes",
        number=number_of(shown.text),
        do="send",
    )
    assert answer.status_code == 200, text_of(answer)
    (path,) = written(somchai)
    assert path.name == "HANDOFF.zip"
    assert path.stat().st_mode & 0o077 == 0
    assert str(path) in text_of(answer)
    assert 'name="phrases"' not in answer.text, "a form without the bars, under what was sent"
    assert f'href="{page}"' in answer.text, "to another body"
    with zipfile.ZipFile(path) as bundle:
        text = bundle.read("hand-off.txt").decode()
    assert not any(mark in text for marks in marked.never.values() for mark in marks)
    assert len(marked.tip.answer["handovers"]) == 1
    tip = text_of(await browser.get(f"/tips/{marked.tip.tip_id}"))
    assert "ส่งมอบให้ ตำรวจ (ฉบับปิดข้อมูลผู้แจ้ง)" in tip


def asked_by(world: World, tip: Tip, person: Person) -> Answer:
    """A hand-over that *person*, where two are asked for, waits for somebody else to agree to."""
    note = world.officer_part(tip, person, "ศาลขอ", Kind.NOTE)
    row = given_by(tip, person, reason_part_id=note.part_id, seq=note.seq, open_day=None)
    said = {name: row[name] for name in ("handover_id", "body", "form", "sha256", "day", "seq")}
    statement = handover_statement(
        **said, reason_part_id=note.part_id, tip_id=tip.tip_id, officer=person.id
    )
    row["signature"] = b64(person.keys.sign.sign(statement))
    return row


async def test_a_second_officer_agrees_on_the_tips_page(
    malee: Person, browser: Browser, page: str, world: World, marked: Marked, somchai: Person
) -> None:
    tip, agree = f"/tips/{marked.tip.tip_id}", "ตรวจดูแล้ว เห็นชอบ"
    own = asked_by(world, marked.tip, somchai)
    assert agree not in (await browser.get(tip)).text  # one's own is for somebody else
    row = asked_by(world, marked.tip, malee)
    shown = await browser.get(tip)
    assert agree in shown.text
    assert row["sha256"][:16] in text_of(shown)
    for bad in ("", "-", "zz", "9" * 40, own["handover_id"]):
        refused = await browser.post(f"{tip}/approve-handover", handover=bad or "-")
        assert refused.status_code == 422
    assert row["approved_by"] is None
    done = await browser.post(f"{tip}/approve-handover", handover=row["handover_id"])
    assert done.status_code == 200, text_of(done)
    assert (row["approved_by"], own["approved_by"]) == (somchai.id, None)
    assert agree not in (await browser.get(tip)).text


async def test_a_forged_hand_over_is_not_agreed_to_on_the_page(
    malee: Person, browser: Browser, page: str, world: World, marked: Marked
) -> None:
    row = asked_by(world, marked.tip, malee)
    row["sha256"] = "00" * 32
    refused = await browser.post(
        f"/tips/{marked.tip.tip_id}/approve-handover",
        handover=row["handover_id"],
        despite="yes",
    )
    assert refused.status_code == 409
    assert row["approved_by"] is None


async def test_a_locked_console_shows_nothing_and_loses_nothing(
    browser: Browser, page: str
) -> None:
    await browser.window.room.lock()
    assert PHONE not in (await browser.get(page)).text
    answer = await browser.post(page, phrases=OFFICERS_PHRASE, reason="เหตุที่พิมพ์ไว้", do="send")
    assert answer.status_code == 403
    assert "เหตุที่พิมพ์ไว้" in answer.text


async def test_a_form_of_somebody_elses_does_nothing(
    browser: Browser, page: str, marked: Marked
) -> None:
    answer = await browser.http.post(page, data={"do": "send", "to": "police", "read": "yes"})
    assert answer.status_code == 403
    assert marked.tip.answer["handovers"] == []


async def test_an_application_has_no_hand_off(
    browser: Browser, page: str, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai, kind=TipKind.APPLICATION)
    assert "ใบสมัครเครือข่าย" in text_of(await browser.get(f"/tips/{tip.tip_id}/handoff"))
    assert "/handoff" not in (await browser.get(f"/tips/{tip.tip_id}")).text
