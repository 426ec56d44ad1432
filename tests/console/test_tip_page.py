"""The page of one tip: what is new, what is missing, what was typed, how much it shows at most."""

import asyncio
import re
from typing import Any

import pytest

from console.gaps import gaps
from console.pages.drafts import Drafts, as_sent, typed_into
from console.reading import OpenedPart, State
from sealing import Kind
from tests.console.conftest import Run
from tests.console.fake_world import FORM, PASSPHRASE, Person, World, claim_as, status_as
from tests.console.test_pages import Browser, browser, text_of

__all__ = ["browser"]
BOX = re.compile(r'<textarea id="(reply|note)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)


def boxes(page: Any) -> dict[str, str]:
    return dict(BOX.findall(page.text))


def new_parts(page: Any) -> list[str]:
    """The numbers of the parts that are marked as new."""
    articles = re.findall(r'<article id="part-(\d+)".*?</header>', page.text, re.DOTALL)
    heads = re.findall(r"<article id=.*?</header>", page.text, re.DOTALL)
    return [n for n, head in zip(articles, heads, strict=True) if "mark new" in head]


# --- what is new


async def test_what_came_since_the_last_look_is_marked_until_the_tip_is_opened_again(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="แรก"))
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    assert new_parts(await browser.get(path)) == [], (
        "all is new at a first look: nothing stands out"
    )
    await browser.post(f"{path}/note", words="ของตัวเองไม่ใช่ข่าว")
    tip.append(tip.told(words="สอง"))
    assert "ใหม่ 1 ส่วน" in text_of(page := await browser.get(path))
    assert new_parts(page) == ["4"]
    assert 'id="new"' in page.text
    assert new_parts(await browser.post(f"{path}/claim")) == ["4"], "a deed is no new look"
    assert new_parts(await browser.get(path)) == []


async def test_a_look_in_the_terminal_is_a_look(
    browser: Browser, world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    await browser.get(f"/tips/{tip.tip_id}")
    tip.append(tip.told(words="สอง"))
    for arguments in (("list",), ("read", tip.tip_id, "--json")):
        assert (await asyncio.to_thread(run, *arguments, person=somchai)).code == 0
    told = [await asyncio.to_thread(run, "read", tip.tip_id, person=somchai) for _ in range(2)]
    assert "[2] Reporter · new" in told[0].out
    assert "· new" not in told[1].out
    assert new_parts(await browser.get(f"/tips/{tip.tip_id}")) == []


async def test_what_was_only_worked_on_was_not_read(
    browser: Browser, world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai)
    assert (await asyncio.to_thread(run, "claim", tip.tip_id, person=somchai)).code == 0
    tip.append(tip.told(words="สอง"))
    await browser.unlock()
    assert new_parts(await browser.get(f"/tips/{tip.tip_id}")) == []


async def test_what_was_read_is_remembered_without_a_tips_number(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    await browser.get(f"/tips/{tip.tip_id}")
    kept = b"".join(path.read_bytes() for path in somchai.home.rglob("*") if path.is_file())
    assert b'"looked"' in kept
    assert tip.tip_id.encode() not in kept


# --- what was typed


async def test_a_reply_leaves_the_note_that_is_being_written(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    page = await browser.post(f"{path}/reply", words="ถามหน่อย", note_words="ยังเขียนไม่จบ")
    assert "ส่งข้อความถึงผู้แจ้งแล้ว" in text_of(page)
    assert boxes(page) == {"reply": "", "note": "ยังเขียนไม่จบ"}
    assert boxes(await browser.get("/")) == {}
    assert boxes(await browser.get(path))["note"] == "ยังเขียนไม่จบ"
    page = await browser.post(f"{path}/note", words="", note_words="จบแล้ว")
    assert boxes(page) == {"reply": "", "note": ""}
    assert [part["kind"] for part in tip.answer["parts"]] == ["form", "message", "note"]


async def test_buttons_beside_the_composer_take_its_words_along(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    for deed in ("claim", "release"):
        page = await browser.post(f"{path}/{deed}", words="ร่าง", note_words="ร่างบันทึก")
        assert boxes(page) == {"reply": "ร่าง", "note": "ร่างบันทึก"}
        assert re.search(rf'<button[^>]*form="composer" formaction="{path}/', page.text)
    page = await browser.post(f"{path}/forget", words="ร่าง", note_words="ร่างบันทึก")
    assert boxes(page) == {"reply": "", "note": ""}


def test_of_other_deeds_only_what_somebody_typed_counts() -> None:
    page = {
        "words": "ตอบ",
        "note_words": "",
        "status.status": "screening",  # a list shows something by itself
        "status.words": " ",
        "close.reason": "พอแล้ว",
        "close.sure": "yes",
        "assign.to": "x",
    }
    close, reply = {"reason": "พอแล้ว"}, {"words": "ตอบ"}
    empty: dict[str, str] = {}
    assert typed_into("claim", page) == {
        "reply": reply, "note": {"words": ""}, "status": empty, "close": close, "assign": empty,
    }  # fmt: skip
    assert typed_into("assign", page)["assign"] == {"to": "x"}
    assert as_sent("close", page) == {"reason": "พอแล้ว", "sure": "yes"}
    assert as_sent("status", page)["words"] == " ", "the reply is not the status's sentence"
    assert as_sent("claim", page) == empty


async def test_words_typed_while_it_locked_come_back_with_the_keys(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    for deed, fields in (
        ("reply", {"words": "คำตอบยาว", "note_words": "บันทึกยาว"}),
        ("ask", {"words": "คำตอบยาว", "note_words": "บันทึกยาว", "ask": "where"}),
    ):
        await browser.post("/lock")
        locked = await browser.post(f"{path}/{deed}", **fields)
        assert "รหัสผ่านกุญแจ" in locked.text
        wrong = await browser.post("/unlock", passphrase="wrong", back=path)
        assert wrong.status_code == 403
        assert f'value="{path}"' in wrong.text
        back = await browser.post("/unlock", passphrase=PASSPHRASE, back=path)
        assert boxes(back) == {"reply": "คำตอบยาว", "note": "บันทึกยาว"}
    await browser.post("/lock")
    await browser.post("/unlock", passphrase=PASSPHRASE)
    assert boxes(await browser.get(path)) == {"reply": "", "note": ""}, "locking forgets drafts"


async def test_nobody_answers_past_a_message_that_came_in_meanwhile(
    browser: Browser, world: World, somchai: Person
) -> None:
    malee = world.join("มาลี ตั้งใจ", "kkn")
    tip = world.file_tip(somchai, malee)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    page = await browser.get(path)
    assert 'name="seen_to" value="1"' in page.text
    tip.append(tip.told(words="ขอถอนเรื่อง", question="reply"))
    typed = {"words": "พรุ่งนี้เราจะไปพบ", "note_words": ""}
    stopped = await browser.post(f"{path}/reply", seen_to="1", **typed)
    assert stopped.status_code == 422
    assert "มีข้อความใหม่เข้ามาระหว่างที่คุณเขียน" in text_of(stopped)
    assert "ขอถอนเรื่อง" in stopped.text
    assert new_parts(stopped) == ["2"]
    assert boxes(stopped)["reply"] == typed["words"]
    assert len(tip.answer["parts"]) == 2
    world.officer_part(tip, malee, "ตอบไปแล้ว")
    assert (await browser.post(f"{path}/reply", seen_to="2", **typed)).status_code == 422
    sent = await browser.post(f"{path}/reply", seen_to="3", **typed)
    assert (sent.status_code, len(tip.answer["parts"])) == (200, 4)
    own = await browser.post(f"{path}/reply", seen_to="3", **typed)
    assert own.status_code == 200, "one's own words are no news"
    odd = await browser.post(f"{path}/reply", seen_to="٣" * 99, **typed)
    assert odd.status_code == 200


async def test_focus_goes_to_what_a_deed_came_to_where_it_was_done(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    claimed = await browser.post(f"{path}/claim")
    assert claimed.text.count("autofocus") == 1
    assert claimed.text.index("h-actions") < claimed.text.index("autofocus")
    empty = await browser.post(f"{path}/note", words="", note_words=" ")
    assert empty.text.count("autofocus") == 1
    assert empty.text.index("h-write") < empty.text.index("autofocus")
    assert 'id="to-note" value="note" checked' in empty.text


def test_drafts_are_few_and_only_what_can_be_typed_again_is_left_out() -> None:
    drafts = Drafts()
    form = {"words": "ก", "form_token": "t", "despite": "yes", "sure": "yes", "to": "udn"}
    drafts.keep("a", typed_into("refer", form))
    assert dict(drafts.of("a").kept("refer")) == {"words": "ก", "to": "udn"}
    assert as_sent("refer", form) == form
    for n in range(30):
        drafts.keep(str(n), {"reply": {"words": "x"}})
    assert drafts.of("a").texts == ()
    assert drafts.of("29").texts == ("x",)
    assert "x" not in repr(drafts)
    drafts.forget()
    assert drafts.of("29").texts == ()


# --- what is missing


async def test_what_is_missing_can_be_asked_for_and_what_was_typed_stays(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    page = await browser.get(path)
    assert re.findall(r'name="ask" value="(\w+)"', page.text) == ["where"]
    asked = await browser.post(f"{path}/ask", ask="where", words="สวัสดี", note_words="n")
    assert boxes(asked) == {
        "reply": "สวัสดี\n\nเรื่องนี้เกิดขึ้นที่ไหน บอกจุดสังเกตก็ได้",
        "note": "n",
    }
    odd = await browser.post(f"{path}/ask", ask="../<b>", words="สวัสดี", note_words="n")
    assert boxes(odd)["reply"] == "สวัสดี"
    assert len(tip.answer["parts"]) == 1, "nothing was sent"
    tip.append(tip.told(words="หน้าวัด", question="where"))
    assert 'name="ask"' not in (await browser.get(path)).text


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({"when": {"value": "forgotten"}, "what": {"counts": {"words": 2}}}, ("when",)),
        ({"who": {"skipped": True}, "where": {"skipped": True}}, ("where", "who")),
        ({"leads": {}, "what": {}, "more": {}}, ("what", "leads")),
        ({"agency": {"value": "unmatched"}, "province": {"value": "unsure"}}, ()),
        ({"when": "2026", "who": None, "where": []}, ()),
        ([], ()),
        ("", ()),
    ],
)
def test_gaps_are_what_was_asked_and_not_told(
    world: World, somchai: Person, answers: object, missing: tuple[str, ...]
) -> None:
    tip = world.file_tip(somchai)
    form = tip.told(Kind.FORM, form={**FORM, "answers": answers})
    shown: Any = None
    assert gaps([OpenedPart(shown, State.OPEN, form)]) == missing
    assert gaps([]) == gaps([OpenedPart(shown, State.UNSENT)]) == ()


# --- who, what, and in which order


async def test_the_page_says_who_can_read_and_what_they_are(
    browser: Browser, world: World, somchai: Person
) -> None:
    malee = world.join("มาลี ตั้งใจ", "udn")
    tip = world.file_tip(somchai, malee)
    claim_as(tip, malee)
    await browser.unlock()
    page = text_of(await browser.get(f"/tips/{tip.tip_id}"))
    assert "มาลี ตั้งใจ ผู้รับเรื่อง เจ้าหน้าที่ · อุดรธานี" in page
    assert "สมชาย ใจดี เจ้าหน้าที่ · ขอนแก่น" in page


async def test_of_many_centres_a_few_are_named_and_the_rest_counted(
    browser: Browser, world: World, somchai: Person
) -> None:
    many = world.join("มาลี ทั้งเขต", "kkn", *(f"centre-{n}" for n in range(30)))
    tip = world.file_tip(somchai, many)
    await browser.unlock()
    page = text_of(await browser.get(f"/tips/{tip.tip_id}"))
    assert "ขอนแก่น, centre-0, centre-1 และอีก 28 ศูนย์" in page


async def test_changes_stand_in_the_conversation_on_their_day(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="วันแรก", day="2026-11-19"))
    claim_as(tip, somchai)  # on the 20th
    tip.append(tip.told(words="วันหลัง", day="2026-11-21"))
    await browser.unlock()
    page = (await browser.get(f"/tips/{tip.tip_id}")).text
    talk = page[page.index('id="h-talk"') :]
    places = [talk.index(said) for said in ("วันแรก", "20 พฤศจิกายน", 'class="event"', "วันหลัง")]
    assert places == sorted(places)


async def test_changes_of_one_day_stand_in_the_order_they_were_made(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    claim_as(tip, somchai)
    status_as(tip, world, somchai, "closed")
    await browser.unlock()
    page = (await browser.get(f"/tips/{tip.tip_id}")).text
    talk = page[page.index('id="h-talk"') :]
    places = [talk.index(said) for said in ("รับเรื่อง</p>", "ปิดเรื่องแล้ว", "สถานะ: ")]
    assert places == sorted(places)


async def test_what_leaves_and_what_has_left_has_a_card_of_its_own(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    address = f"/tips/{tip.tip_id}"
    await browser.post(f"{address}/export", reason="ส่งพนักงานสอบสวน")
    page = (await browser.get(address)).text
    card = page[page.index('id="h-out"') : page.index('id="h-checks"')]
    for said in (f"{address}/export", f"{address}/handoff", "นำออกทั้งเรื่อง"):
        assert said in card


async def test_linked_tips_are_shown_and_a_link_is_made_from_the_page(
    browser: Browser, world: World, somchai: Person
) -> None:
    here, there = world.file_tip(somchai), world.file_tip(somchai, category="land")
    await browser.unlock()
    path = f"/tips/{here.tip_id}"
    wrong = await browser.post(f"{path}/link", other="zz<b>zzz", words="เหตุผลที่พิมพ์ไว้")
    assert wrong.status_code == 422
    assert "เหตุผลที่พิมพ์ไว้" in wrong.text
    unsaid = await browser.post(f"{path}/link", other=there.tip_id[:8], words=" ")
    assert (unsaid.status_code, "ใส่เหตุผล " in text_of(unsaid)) == (422, True)
    done = await browser.post(f"{path}/link", other=there.tip_id[:8], words="ที่ดินแปลงเดียวกัน")
    assert "เชื่อมสองเรื่องแล้ว" in text_of(done)
    assert f'href="/tips/{there.tip_id}"' in done.text
    assert "ออกเอกสารสิทธิ" in text_of(done)
    undone = await browser.post(f"{path}/unlink", other=there.tip_id, words="คนละแปลง")
    assert "เลิกเชื่อมแล้ว" in text_of(undone)
    assert f'href="/tips/{there.tip_id}"' not in undone.text


# --- bounded, whatever it holds


async def test_a_tip_of_a_thousand_parts_has_a_page_like_any_other(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    for n in range(600):
        tip.append(tip.told(words=f"ข้อความที่ {n} " + "ก" * 4000))
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    page = await browser.get(path)
    assert page.text.count("<article") == 200
    assert "ข้อความที่ 599 " in page.text
    assert len(page.text) < 900_000
    earlier = re.search(r'href="([^"]*upto=\d+)"', page.text)
    assert earlier is not None
    before = await browser.get(earlier[1])
    assert before.text.count("<article") == 200
    assert "ข้อความที่ 399 " in before.text
    assert "ข้อความที่ 400 " not in before.text
    for odd in ("upto=0", "upto=x", "upto=-1", "full=999999999999", "upto=" + "9" * 50):
        assert (await browser.get(f"{path}?{odd}")).status_code == 200


async def test_long_lists_and_long_answers_are_cut_and_counted(
    browser: Browser, world: World, somchai: Person
) -> None:
    answers = {f"k{n}": {"value": "x" * 3000} for n in range(300)}
    tip = world.file_tip(somchai, form={"schema": 1, "kind": "case", "answers": answers})
    for n in range(150):
        tip.append(tip.told(words="x"))
        tip.answer["parts"][-1]["author"] = "system"
        world.add_file(tip, b"x", name=f"{n}.png")
    await browser.unlock()
    page = await browser.get(f"/tips/{tip.tip_id}")
    assert len(page.text) < 1_500_000
    assert page.text.count('id="file-') == 100
    assert "และอีก 50 รายการ" in text_of(page)
    assert page.text.count("<dt>") <= 100
