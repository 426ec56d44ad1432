"""The audit trail as a page: what is wrong is said first, what was done in words, and an auditor
vouches for it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from console import days
from console.folder import Folder
from console.pages import watched
from console.pages.app import Window, make_pages
from console.pages.desk_room import DeskRoom
from console.pages.door import Key
from console.words import words_for
from sealing import SERVER, BodyKey, Entry, Role, age, statement
from tests.console.conftest import Run
from tests.console.fake_world import Person, World
from tests.console.test_audit import deed
from tests.console.test_pages import HOST, ORIGIN, Browser, text_of
from tests.sealing.trails import chained, heads_of

DAYS = ("2026-11-21", "2026-11-21", "2026-11-23", "2026-11-24")


@asynccontextmanager
async def at_desk_of(person: Person, lang: str = "th") -> AsyncIterator[Browser]:
    window = Window(Key(), DeskRoom(Folder(person.home)), words_for(lang))
    transport = httpx.ASGITransport(make_pages(window, HOST))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        try:
            yield Browser(http, window)
        finally:
            await window.room.lock()


def tell_trail(world: World, somchai: Person) -> None:
    """Four days' work of Somchai, and a climb by the server on a day that is not over: today."""
    deeds = [deed(somchai, day, version) for version, day in enumerate(DAYS, 1)]
    now = days.today().isoformat()
    world.trail = chained([*deeds, Entry(1, now, "escalate", SERVER, "hq", "2" * 32)])
    world.heads = heads_of(world.trail)[:-1]


@pytest.fixture
def auditor(world: World, somchai: Person) -> Person:
    person = world.join("อร ผู้ตรวจ", "kkn", roles=(Role.AUDITOR,))
    tell_trail(world, somchai)
    return person


async def opened(browser: Browser) -> httpx.Response:
    """The page that unlocking leads to."""
    answer = await browser.unlock()
    assert answer.status_code == 303 or answer.is_success, answer.text
    while answer.status_code == 303:
        answer = await browser.get(answer.headers["location"])
    return answer


def rows_of(answer: httpx.Response) -> list[str]:
    """The numbers of the entries that a page shows, from the top."""
    return re.findall(r"<tr>\s*<td>([\d,]+)</td>", answer.text)


async def test_an_auditor_sees_this_page_first_and_no_queue(auditor: Person) -> None:
    async with at_desk_of(auditor) as browser:
        first = await opened(browser)
        assert first.url.path == "/audit"
        said = text_of(first)
        assert "ถูกต้องทั้งหมด" in said
        assert "ยังไม่มีผู้ตรวจสอบรับรอง" in said
        assert "รับเรื่อง" in said
        assert "ส่งขึ้นศูนย์ที่อยู่เหนือขึ้นไป" in said
        assert "เครื่องแม่ข่าย" in said
        assert "ขอนแก่น" in said
        assert "สมชาย ใจดี" in said
        assert rows_of(first) == ["5", "4", "3", "2", "1"]
        assert "คิวเรื่อง" not in first.text.split("<main")[0]


async def test_who_reads_no_tips_has_no_queue_asked_for(world: World, auditor: Person) -> None:
    async with at_desk_of(auditor) as browser:
        await opened(browser)
        assert (await browser.get("/figures?of=own")).status_code == 200
        assert "audit" in world.asked
        assert not {"tips", "standings"} & set(world.asked)


async def test_an_admin_and_a_lead_have_the_page_and_an_officer_has_not(
    world: World, auditor: Person, somchai: Person
) -> None:
    async with at_desk_of(world.join("แอดมิน", roles=(Role.ADMIN,))) as browser:
        page = await opened(browser)
        assert page.url.path == "/audit"
        assert "ลงชื่อรับรองถึง" not in page.text
    async with at_desk_of(world.join("หัวหน้า", "kkn", roles=(Role.LEAD,)), "en") as browser:
        assert (await opened(browser)).url.path == "/"
        assert "took the tip" in (await browser.get("/audit")).text
    async with at_desk_of(somchai) as browser:
        queue = await opened(browser)
        assert "/audit" not in queue.text
        refused = await browser.get("/audit")
        assert refused.status_code == 409
        assert "เฉพาะผู้ตรวจสอบ" in refused.text


async def test_what_is_filtered_is_not_asked_of_the_desk(world: World, auditor: Person) -> None:
    async with at_desk_of(auditor) as browser:
        await opened(browser)
        world.asked.clear()
        for query, rows in (
            ("deed=escalate", ["5"]),
            ("officer=server", ["5"]),
            ("centre=kkn&since=2026-11-22&until=2026-11-23", ["3"]),
            ("since=2569-11-24", ["5", "4"]),
            ("deed=<script>", []),
            ("page=99", ["5", "4", "3", "2", "1"]),
            ("page=x&since=never", ["5", "4", "3", "2", "1"]),
        ):
            assert rows_of(await browser.get(f"/audit?{query}")) == rows, query
        assert world.asked == []


async def test_whom_a_tip_was_handed_over_to_is_told_by_name(
    world: World, somchai: Person, run: Run
) -> None:
    """As the roster names them, as the program does, and by the whole id where nobody knows it."""
    signed = BodyKey("own-body", "หน่วยตรวจสอบ", "Own Body", age.PQIdentity.generate().recipient)
    world.bodies.append(signed)
    auditor = world.join("อร ผู้ตรวจ", "kkn", roles=(Role.AUDITOR,))
    bodies = ("nacc", "own-body", "nobody-knows-it")
    day = days.today().isoformat()
    world.trail = chained([handed_over(somchai, body, day) for body in bodies])
    world.heads = []
    for lang, names in (("th", ("ป.ป.ช.", "หน่วยตรวจสอบ")), ("en", ("NACC", "Own Body"))):
        async with at_desk_of(auditor, lang) as browser:
            rows = text_of(await opened(browser))
        to = words_for(lang).label("audit_about", "body")
        assert [f"{to} {each}" in rows for each in (*names, "nobody-knows-it")] == [True] * 3
    ran = await asyncio.to_thread(run, "audit", "list", person=auditor)
    assert ran.code == 0, ran.err
    assert "to Own Body" in ran.out
    assert "own-body" not in ran.out


def handed_over(person: Person, body: str, day: str) -> Entry:
    """An entry of a hand-over, signed by *person*."""
    tip_id, part_id, handover_id = ("1" * 32, "2" * 32, "3" * 32)
    facts = {
        "handover_id": handover_id, "body": body, "form": "redacted", "sha256": "4" * 64,
        "reason_part_id": part_id, "seq": 3, "day": day,
    }  # fmt: skip
    said = statement("handover", tip_id=tip_id, officer=person.id, **facts)
    signature = person.keys.sign.sign(said)
    return Entry(1, day, "handover", person.id, "kkn", tip_id, None, facts, signature)


async def test_an_auditor_vouches_and_it_is_seen(world: World, auditor: Person) -> None:
    async with at_desk_of(auditor) as browser:
        page = await opened(browser)
        assert "ลงชื่อรับรองถึงวันที่ 24 พฤศจิกายน 2569" in text_of(page)
        unsure = await browser.post("/audit/sign", day="2026-11-24")
        assert (unsure.status_code, world.countersigned) == (422, {})
        assert "ทำเครื่องหมาย" in unsure.text
        signed = await browser.post("/audit/sign", day="2026-11-24", sure="yes")
        assert set(world.countersigned["2026-11-24"]) == {auditor.id}
        said = text_of(signed)
        assert "ลงชื่อรับรองถึงสิ้นวันที่ 24 พฤศจิกายน 2569 แล้ว" in said
        assert "รับรองโดย: อร ผู้ตรวจ" in said
        assert "1 รายการล่าสุดยังไม่มีผู้ตรวจสอบรับรอง" in said
        assert "ลงชื่อรับรองถึงวันที่" not in said


async def test_a_day_that_came_since_is_not_signed_unseen(
    world: World, auditor: Person, somchai: Person
) -> None:
    async with at_desk_of(auditor) as browser:
        await opened(browser)
        world.heads = heads_of(world.trail)  # that day is over by now
        await browser.post("/audit/sign", day="2026-11-24", sure="yes")
        assert set(world.countersigned) == {"2026-11-24"}


async def test_only_what_is_new_is_fetched_and_judged_again(
    world: World, auditor: Person, somchai: Person
) -> None:
    async with at_desk_of(auditor) as browser:
        await opened(browser)
        before = browser.window.room.trail
        assert before is not None
        assert before.checked is not None
        old = before.checked.rows
        last = world.trail[-1]
        more = replace(deed(somchai, last.day, 9), seq=6, previous=last.hash)
        world.trail = (*world.trail, more)
        sent: list[int] = []
        world.spoil("audit", lambda answer: sent.append(len(answer["entries"])))
        page = await browser.post("/audit/look")
        assert rows_of(page)[0] == "6"
        assert sent == [2, 1]  # does it end as it did; what came since
        assert before.checked.rows[0] is old[0]


async def test_a_trail_that_was_cut_or_rewritten_meanwhile_is_named_and_not_signed(
    world: World, auditor: Person, somchai: Person
) -> None:
    async with at_desk_of(auditor) as browser:
        await opened(browser)
        whole, heads = world.trail, world.heads
        world.trail, world.heads = world.trail[:2], world.heads[:1]
        cut = text_of(await browser.post("/audit/look"))
        assert "ส่วนท้ายถูกตัดออก" in cut
        assert "ถูกต้องทั้งหมด" not in cut
        assert "แจ้งผู้ดูแลและส่วนกลาง" in cut
        refused = await browser.post("/audit/sign", day="2026-11-21", sure="yes")
        assert refused.status_code == 502
        assert world.countersigned == {}
        forked = [deed(somchai, day, n + 20) for n, day in enumerate(DAYS, 1)]
        world.trail = chained([*forked, whole[-1]])
        world.heads = heads_of(world.trail)[:-1]
        assert "จึงถูกเขียนใหม่" in text_of(await browser.post("/audit/look"))
        world.trail, world.heads = whole, heads
        assert "ถูกต้องทั้งหมด" in text_of(await browser.post("/audit/look"))


async def test_an_unsigned_deed_stands_out_in_its_row(world: World, auditor: Person) -> None:
    entries = list(world.trail)
    entries[2] = replace(entries[2], signature=None)
    world.trail = chained(entries)
    world.heads = heads_of(world.trail)[:-1]
    async with at_desk_of(auditor, "en") as browser:
        page = await opened(browser)
        assert '<td class="danger-text">missing</td>' in page.text
        assert "Entry 3 by สมชาย ใจดี lacks the signature" in text_of(page)


async def test_a_long_look_says_how_far_it_is_and_is_forgotten_at_the_lock(
    auditor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched.WatchedTrail.look, "__kwdefaults__", {"again": False, "wait_s": 0})
    async with at_desk_of(auditor) as browser:
        page = await opened(browser)
        assert "กำลังอ่านและตรวจ" in page.text
        assert page.headers["refresh"] == "2; url=/audit"
        monkeypatch.setattr(
            watched.WatchedTrail.look, "__kwdefaults__", {"again": False, "wait_s": 30}
        )
        assert len(rows_of(await browser.get("/audit"))) == 5
        trail = browser.window.room.trail
        assert trail is not None
        await browser.post("/lock")
        assert trail.checked is None
        assert browser.window.room.trail is None
        assert "รหัสผ่านกุญแจ" in (await browser.get("/audit")).text


async def test_a_hostile_name_of_a_centre_harms_nothing(world: World, auditor: Person) -> None:
    for centre in world.centres:
        centre["name_th"] = "<script>x</script>\u202e"
    async with at_desk_of(auditor) as browser:
        page = await opened(browser)
        assert "<script>x" not in page.text
        assert "&lt;script&gt;x" in page.text
        assert "\u202e" not in page.text.split("<main")[1]
