"""Prepared words to a reporter: the shipped ones, the officer's own, and how a page puts them."""

import json
from pathlib import Path

import pytest

from console.acting import MESSAGE_AT_MOST
from console.bodies import Body
from console.errors import Mistaken
from console.reply_templates import (
    OWN,
    OWN_AT_MOST_BYTES,
    REFER_OUT,
    REPLY,
    Template,
    find_template,
    parse_templates,
    referral,
    shipped_templates,
    templates_for,
)
from console.words import LANGUAGES
from tests.console.conftest import Run
from tests.console.fake_world import Person, Tip, World, claim_as
from tests.console.test_pages import Browser, browser, text_of

__all__ = ["browser"]

OWN_ONE = """
[[template]]
id = "mine"
language = "th"
title = "ของฉัน"
body = "ถึงผู้แจ้ง สถานะ {status} ที่ {centre}"
"""


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    filed = world.file_tip(somchai)
    claim_as(filed, somchai)
    return filed


def last_words(run: Run, tip: Tip, person: Person) -> str:
    told = json.loads(run("read", tip.tip_id, "--json", person=person).out)
    words: str = told["parts"][-1]["words"]
    return words


# --- the shipped ones


def test_there_are_enough_in_every_language_and_each_in_both() -> None:
    ids = {
        language: {t.id for t in shipped_templates() if t.language == language and t.use == REPLY}
        for language in LANGUAGES
    }
    assert ids["th"] == ids["en"]
    assert len(ids["th"]) >= 10
    assert {"acknowledge", "ask_when", "ask_where", "ask_number", "ask_photos"} <= ids["th"]
    assert {"thank", "more_time", "safety", "before_closing"} <= ids["th"]


@pytest.mark.parametrize("template", shipped_templates(), ids=lambda each: each.name)
def test_a_shipped_one_is_filled_whole_and_polite_to_everybody(template: Template) -> None:
    said = template.filled({name: f"<{name}>" for name in template.needs})
    assert "{" not in said
    assert len(said) < MESSAGE_AT_MOST
    assert not any(word in said for word in ("ครับ", "ค่ะ", "คะ "))
    assert all(f"<{name}>" in said for name in template.needs)


def test_what_stands_in_braces_is_taken_once() -> None:
    (one,) = parse_templates(OWN_ONE)
    said = one.filled({"status": "{centre}", "centre": "{status.__class__} {0}"})
    assert said == "ถึงผู้แจ้ง สถานะ {centre} ที่ {status.__class__} {0}"


def test_a_body_with_a_number_that_was_checked_has_words_with_it() -> None:
    checked, unchecked = Body("a", "ก", "A", "1999"), Body("b", "ข", "B", "1999", is_checked=False)
    found = templates_for(None, REFER_OUT)
    assert "hotline" in referral(found, checked, "th").needs
    assert "hotline" not in referral(found, unchecked, "th").needs
    with pytest.raises(Mistaken):
        referral(found, checked, "km")


# --- the officer's own


@pytest.mark.parametrize(
    ("text", "key", "named"),
    [
        ("[[template", "templates.not_toml", ""),
        ("x = 1", "templates.other_tables", ""),
        ("template = 1", "templates.other_tables", ""),
        ("template = [1]", "templates.other_tables", ""),
        ("[[template]]\nid='a'\n", "templates.lacks", "a"),
        ("[[template]]\n", "templates.lacks", "1"),
        (OWN_ONE.replace("ถึง", "{who}"), "templates.braces", "mine.th"),
        (OWN_ONE.replace("{status}", "{status.__class__}"), "templates.braces", "mine.th"),
        (OWN_ONE.replace("{status}", "{status[0]}"), "templates.braces", "mine.th"),
        (OWN_ONE.replace("{status}", "{status!r}"), "templates.braces", "mine.th"),
        (OWN_ONE.replace("{status}", "{status:>99999999}"), "templates.braces", "mine.th"),
        (OWN_ONE.replace("{status}", "{}"), "templates.braces", "mine.th"),
        (OWN_ONE.replace("{status}", "{0}"), "templates.braces", "mine.th"),
        (OWN_ONE.replace("{status}", "{status"), "templates.braces", "mine.th"),
        (OWN_ONE.replace("{status}", "{body}"), "templates.braces", "mine.th"),
        (OWN_ONE.replace('"mine"', '"my own"'), "templates.bad_field", "my own.th"),
        (OWN_ONE.replace('"th"', '"km"'), "templates.bad_field", "mine.km"),
        (OWN_ONE + 'use = "shout"\n', "templates.bad_field", "mine.th"),
        (OWN_ONE + 'color = "red"\n', "templates.unknown_field", "mine"),
        (OWN_ONE + "use = 3\n", "templates.bad_field", "mine.th"),
        (OWN_ONE.replace("ของฉัน", "ก" * 81), "templates.bad_field", "mine.th"),
        (OWN_ONE.replace("ของฉัน", "\\u001b[31m"), "templates.bad_field", "mine.th"),
        (OWN_ONE.replace("ถึง", "ก" * 5000), "templates.bad_field", "mine.th"),
        (OWN_ONE + OWN_ONE, "templates.twice", "mine.th"),
    ],
)
def test_what_is_wrong_with_them_is_named(text: str, key: str, named: str) -> None:
    with pytest.raises(Mistaken) as caught:
        parse_templates(text)
    assert caught.value.key == key
    assert caught.value.params.get("template", "") == named


def test_their_own_come_first_and_replace_shipped_ones(tmp_path: Path) -> None:
    again = OWN_ONE.replace('"mine"', '"thank"')
    (tmp_path / OWN).write_text(OWN_ONE + again, encoding="utf-8")
    found = templates_for(tmp_path)
    assert [each.name for each in found[:2]] == ["mine.th", "thank.th"]
    assert [each.name for each in found].count("thank.th") == 1
    assert len(found) == len(templates_for(None)) + 1
    assert find_template(found, "thank", "th").is_own
    assert not find_template(found, "thank.en", "th").is_own


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"#" * (OWN_AT_MOST_BYTES + 1)])
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / OWN).write_bytes(raw)
    with pytest.raises(Mistaken) as caught:
        templates_for(tmp_path)
    assert caught.value.key == "templates.unreadable"


# --- in the terminal


def test_a_reply_in_prepared_words(tip: Tip, somchai: Person, run: Run) -> None:
    ran = run("reply", tip.tip_id, "--template", "acknowledge.th", person=somchai)
    assert ran.code == 0, ran.err
    words = last_words(run, tip, somchai)
    assert "20 พฤศจิกายน 2569" in words
    assert "ขอนแก่น จะอ่าน" in words
    english = ("--template", "thank")
    assert run("reply", tip.tip_id, *english, person=somchai).code == 0
    assert "The status now: waiting for review" in last_words(run, tip, somchai)


def test_a_reply_is_prepared_words_or_own_ones_and_of_those_there_are(
    tip: Tip, somchai: Person, run: Run
) -> None:
    both = ("--template", "thank", "--words", "x")
    assert run("reply", tip.tip_id, *both, person=somchai).code == 2
    unknown = run("reply", tip.tip_id, "--template", "poem", person=somchai)
    assert (unknown.code, "acknowledge.en" in unknown.err) == (2, True)
    referring = run("reply", tip.tip_id, "--template", "referred", person=somchai)
    assert referring.code == 2
    assert len(tip.answer["parts"]) == 1


def test_what_there_is_is_listed_calmly(somchai: Person, run: Run) -> None:
    own = OWN_ONE.replace("ถึงผู้แจ้ง", "ถึง\\u001b[31mผู้แจ้ง\\u202e")
    (somchai.home / OWN).write_text(own, encoding="utf-8")
    ran = run("templates", person=somchai)
    assert ran.code == 0, ran.err
    assert "mine.th" in ran.out
    assert "your own" in ran.out
    assert "\x1b[31m" not in ran.out
    assert "\u202e" not in ran.out
    listed = json.loads(run("templates", "--language", "en", "--json", person=somchai).out)
    assert {each["language"] for each in listed["templates"]} == {"en"}
    assert run("templates", "--language", "km", person=somchai).code == 2


# --- on the page


async def test_picking_one_fills_the_box_and_keeps_what_was_typed(
    browser: Browser, tip: Tip
) -> None:
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    page = (await browser.get(path)).text
    assert 'formaction="/tips/' in page
    assert 'value="acknowledge.th"' in page
    picked = await browser.post(f"{path}/template", template="ask_where.th", words="สวัสดี <b>")
    assert picked.status_code == 200
    assert "สวัสดี &lt;b&gt;\n\nเกิดที่ไหน" in picked.text
    assert len(tip.answer["parts"]) == 1


async def test_picking_none_or_one_that_is_not_there_loses_nothing(
    browser: Browser, tip: Tip
) -> None:
    await browser.unlock()
    for name in ("", "poem.th", "<script>.th", "referred.th"):
        answer = await browser.post(f"/tips/{tip.tip_id}/template", template=name, words="พิมพ์ไว้")
        assert answer.status_code == 422
        assert "พิมพ์ไว้" in answer.text
        assert "<script>.th" not in answer.text


async def test_a_broken_file_of_their_own_is_said_and_the_page_still_works(
    browser: Browser, tip: Tip, somchai: Person
) -> None:
    (somchai.home / OWN).write_text("[[template", encoding="utf-8")
    await browser.unlock()
    page = await browser.get(f"/tips/{tip.tip_id}")
    assert page.status_code == 200
    assert "templates.toml ของคุณไม่ใช่ TOML" in text_of(page)
    assert 'value="acknowledge.th"' in page.text


async def test_a_tip_is_closed_and_referred_from_the_page(browser: Browser, tip: Tip) -> None:
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    bad = await browser.post(f"{path}/close", outcome="received/partly", reason="x", words="จบ")
    assert bad.status_code == 422
    referred = {"to": "police", "reason": "อาญา", "words": "", "language": "en"}
    done = await browser.post(f"{path}/refer-out", **referred)
    assert tip.answer["status"] == "referred", text_of(done)
    assert "ระบบไม่ได้ส่งอะไรออกไป" in text_of(done)
    assert "This is for the police to decide" in text_of(done)
    ended = {"outcome": "closed/handed_over", "reason": "ส่งแล้ว", "words": "จบแล้ว"}
    done = await browser.post(f"{path}/close", **ended)
    assert tip.answer["status"] == "closed"
    assert "ขอเปิดเรื่องอีกครั้งได้" in text_of(done)
    assert "หน่วยงานอื่นรับไปทำต่อ" in text_of(done)
    assert 'name="outcome"' not in done.text


async def test_what_was_typed_into_the_closing_form_is_kept(browser: Browser, tip: Tip) -> None:
    await browser.unlock()
    typed = {"outcome": "declined/outside", "reason": "เหตุผล <i>", "words": ""}
    answer = await browser.post(f"/tips/{tip.tip_id}/close", **typed)
    assert answer.status_code == 422
    assert 'value="declined/outside" selected' in answer.text
    assert "เหตุผล &lt;i&gt;" in answer.text
