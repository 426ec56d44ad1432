"""Applications to join the network, as a registrar meets them: commands and pages."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from console import days
from console.folder import Folder
from console.pages.app import Window, make_pages
from console.pages.desk_room import DeskRoom
from console.pages.door import Key
from console.words import words_for
from sealing import Kind, Place, Role, TipKind, open_part
from tests.console.conftest import Run
from tests.console.fake_world import Person, Tip, World, claim_as, unb64
from tests.console.test_pages import HOST, ORIGIN, Browser, text_of

FORM = {
    "schema": 1,
    "kind": "application",
    "answers": {
        "candidate": {"value": "other"},
        "consent": {"value": "not_asked"},
        "home": {"value": "TH-42"},
        "service": {"counts": {"words": 1}},
        "reach": {"skipped": True},
    },
}


@pytest.fixture
def registrar(world: World) -> Person:
    return world.join("รัตนา", "kkn", roles=(Role.REGISTRAR,))


def filed(world: World, registrar: Person, days_ago: int = 0) -> Tip:
    day = (days.today() - timedelta(days=days_ago)).isoformat()
    return world.file_tip(
        registrar, day=day, form=FORM, kind=TipKind.APPLICATION, category="application",
        province="TH-42",
    )  # fmt: skip


def last_words(tip: Tip, kind: Kind) -> str | None:
    """The newest part of *kind*, as its reader opens it."""
    part = [each for each in tip.answer["parts"] if each["kind"] == kind][-1]
    keys = tip.keys.case if part["sealed_to"] == "case" else tip.keys.reply
    place = Place(tip.tip_id, part["part_id"], part["seq"], None)
    return open_part(unb64(part["sealed"]), keys, place).words


def test_the_list_says_that_it_is_an_application_and_finds_it(
    world: World, registrar: Person, run: Run
) -> None:
    application = filed(world, registrar)
    world.file_tip(registrar, day=days.today().isoformat())
    assert "application to the network" in run("list", person=registrar).out
    found = json.loads(run("list", "--applications", "--json", person=registrar).out)["tips"]
    assert [tip["tip_id"] for tip in found] == [application.tip_id]
    assert found[0]["summary"]["kind"] == "application"
    shown = run("read", application.tip_id, person=registrar)
    assert "nominates somebody" in shown.out
    assert "was not asked yet" in shown.out
    assert "Loei" in shown.out
    assert "member of the public" not in shown.out


def test_only_its_first_clock_runs_and_being_late_makes_nothing_urgent(
    world: World, registrar: Person, run: Run
) -> None:
    application = filed(world, registrar, days_ago=30)
    tip = world.file_tip(registrar, day=application.answer["filed_day"])

    def listed() -> dict[str, tuple[int | None, bool, bool]]:
        rows = json.loads(run("list", "--json", person=registrar).out)["tips"]
        return {r["tip_id"]: (r["days_left"], r["is_overdue"], r["is_urgent"]) for r in rows}

    assert listed() == {application.tip_id: (-23, True, False), tip.tip_id: (-23, True, True)}
    claim_as(application, registrar)
    run("status", application.tip_id, "screening", person=registrar)
    assert listed()[application.tip_id] == (None, False, False)


def test_an_applicant_is_told_kindly_what_was_prepared_in_the_registrars_language(
    world: World, registrar: Person, run: Run
) -> None:
    application = filed(world, registrar)
    claim_as(application, registrar)
    assert run("status", application.tip_id, "screening", person=registrar, lang="th").code == 0
    said = words_for("th").group("applicant")
    assert last_words(application, Kind.STATUS) == said["screening"]
    own = ("--sentence", "พบกันวันเสาร์")
    accepted = run("status", application.tip_id, "accepted", *own, person=registrar)
    assert last_words(application, Kind.STATUS) == "พบกันวันเสาร์"
    assert "members add" in accepted.out


def test_declining_needs_a_reason_that_the_applicant_never_reads(
    world: World, registrar: Person, run: Run
) -> None:
    application = filed(world, registrar)
    claim_as(application, registrar)
    refused = run("status", application.tip_id, "declined", person=registrar)
    assert (refused.code, application.answer["status"]) == (2, "received")
    assert "--reason" in refused.err
    reason = ("--reason", "ญาติของผู้ถูกร้อง")
    assert run("status", application.tip_id, "declined", *reason, person=registrar).code == 0
    assert last_words(application, Kind.STATUS) == words_for("en").group("applicant")["declined"]
    assert last_words(application, Kind.NOTE) == "ญาติของผู้ถูกร้อง"
    (note,) = (p for p in application.answer["parts"] if p["kind"] == Kind.NOTE)
    assert note["sealed_to"] == "case"


def test_a_reason_is_not_noted_for_a_step_that_is_not_taken(
    world: World, registrar: Person, run: Run
) -> None:
    application = filed(world, registrar)
    ran = run("status", application.tip_id, "declined", "--reason", "x", person=registrar)
    assert (ran.code, application.answer["status"]) == (2, "received")  # nobody holds it
    assert [part["kind"] for part in application.answer["parts"]] == ["form"]


def test_an_application_is_not_passed_on_like_a_case(
    world: World, registrar: Person, run: Run
) -> None:
    application = filed(world, registrar)
    claim_as(application, registrar)
    sentence = ("--sentence", "ส่งต่อ")
    ran = run("status", application.tip_id, "referred", *sentence, person=registrar)
    assert (ran.code, application.answer["status"]) == (2, "received")


@pytest.fixture
async def browser(registrar: Person) -> AsyncIterator[Browser]:
    window = Window(Key(), DeskRoom(Folder(Path(registrar.home))), words_for("th"))
    transport = httpx.ASGITransport(make_pages(window, HOST))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        yield Browser(http, window)
    await window.room.lock()


async def test_the_pages_show_filter_and_decide_applications(
    world: World, registrar: Person, browser: Browser
) -> None:
    application = filed(world, registrar)
    tip = world.file_tip(registrar, day=days.today().isoformat())
    await browser.unlock()
    queue = await browser.get("/?applications=1")
    assert application.tip_id in queue.text
    assert tip.tip_id not in queue.text
    assert "สมัครเข้าเครือข่าย · เลย" in text_of(queue)
    path = f"/tips/{application.tip_id}"
    page = await browser.get(path)
    assert "เสนอชื่อคนอื่น" in text_of(page)
    assert "ผู้แจ้งทั่วไป" not in text_of(page)
    said = words_for("th").group("applicant")
    assert all(sentence in text_of(page) for sentence in said.values())
    assert 'value="referred"' not in page.text
    assert 'value="referred"' in (await browser.get(f"/tips/{tip.tip_id}")).text

    await browser.post(f"{path}/claim")
    refused = await browser.post(f"{path}/status", status="declined", words="")
    assert refused.status_code == 422
    assert words_for("th").say("application.needs_reason_page") in text_of(refused)
    hostile = "<b>เหตุผล</b>"
    done = await browser.post(f"{path}/status", status="declined", words="", reason=hostile)
    assert application.answer["status"] == "declined"
    assert last_words(application, Kind.NOTE) == hostile
    assert last_words(application, Kind.STATUS) == said["declined"]
    assert hostile not in done.text
    assert hostile in unescape(done.text)


async def test_what_was_typed_as_a_reason_is_not_lost_when_a_step_is_refused(
    world: World, registrar: Person, browser: Browser
) -> None:
    application = filed(world, registrar)
    await browser.unlock()
    refused = await browser.post(
        f"/tips/{application.tip_id}/status", status="declined", words="", reason="ยังไม่พร้อม"
    )
    assert refused.status_code == 422  # nobody holds it
    assert "ยังไม่พร้อม</textarea>" in refused.text
