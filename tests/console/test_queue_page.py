"""The queue's page and its neighbours without a browser: filters, orders, pages, figures, settings,
members; and what happens to an address that makes no sense.
"""

import asyncio
import json
import re
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from console import days
from console.figures.own import own_facts, tiles
from console.folder import Folder
from console.members.book import Book, Code, CodeState, Member
from console.members.keeping import holding
from console.pages.queue import TICKS, Asked
from console.pages.window import Window
from console.words import words_for
from sealing import Role
from tests.console.fake_world import PASSPHRASE, Person, World, claim_as, new_id
from tests.console.test_pages import Browser, browser, text_of

__all__ = ["browser"]  # a fixture


async def listed(browser: Browser, path: str) -> list[str]:
    page = (await browser.get(path)).text
    return [piece[:32] for piece in page.split('data-tip="')[1:]]


async def until_whole(browser: Browser) -> None:
    async with asyncio.timeout(20):
        while True:
            shelf = browser.window.room.shelf
            assert shelf is not None
            progress = shelf.index.progress
            if progress.is_whole and progress.searched == progress.readable:
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def at_queue(browser: Browser) -> Browser:
    await browser.unlock()
    return browser


async def test_every_filter_lists_what_it_says(
    browser: Browser, world: World, somchai: Person
) -> None:
    malee = world.join("มาลี ตั้งใจ", "kkn")
    forced = world.file_tip(
        somchai, is_verified=True, alias="mkm7", is_duress=True, day="2099-01-04"
    )
    afraid = world.file_tip(somchai, is_afraid=True, province="TH-40", day="2099-01-03")
    late = world.file_tip(somchai, day="2020-01-01")
    mine = world.file_tip(somchai, malee, category="bribe", day="2099-01-02")
    claim_as(mine, somchai)
    await browser.unlock()
    await until_whole(browser)
    ids = {tip.tip_id: name for tip, name in (
        (forced, "forced"), (afraid, "afraid"), (late, "late"), (mine, "mine"))}  # fmt: skip

    async def names(path: str) -> list[str]:
        return [ids[tip_id] for tip_id in await listed(browser, path)]

    assert await names("/") == ["forced", "afraid", "mine", "late"]
    assert await names("/?duress=1") == ["forced"]
    assert await names("/?afraid=1") == ["afraid"]
    assert await names("/?overdue=1") == ["late"]
    assert await names("/?urgent=1") == ["forced", "afraid", "late"]
    assert await names("/?verified=1&urgent=1") == ["forced"]
    assert await names("/?mine=1") == ["mine"]
    assert await names("/?unclaimed=1") == ["forced", "afraid", "late"]
    assert await names("/?province=TH-40") == ["afraid"]
    assert await names("/?category=bribe") == ["mine"]
    assert await names("/?tab=reopened") == []
    assert (await names("/?order=clock"))[0] == "late"
    assert (await names("/?order=priority"))[0] == "forced"
    assert await names("/?tab=ended") == []
    late.answer |= {"status": "in_progress", "last_word": "reopen"}
    shelf = browser.window.room.shelf
    assert shelf is not None
    shelf.look_again()
    async with asyncio.timeout(20):
        while await names("/?tab=reopened") != ["late"]:  # noqa: ASYNC110  # no event for it
            await asyncio.sleep(0.05)


async def test_an_empty_list_says_what_to_do_about_it(
    browser: Browser, world: World, somchai: Person
) -> None:
    world.file_tip(somchai)
    await browser.unlock()
    await until_whole(browser)
    assert "ล้างตัวกรองเพื่อดูทุกเรื่อง" in (await browser.get("/?held=1")).text
    assert "เมื่อมีเรื่องใหม่" in (await browser.get("/?tab=ended")).text
    lost = await browser.post("/queue/search", words="ไม่มีคำนี้", query="tab=received&mine=1")
    assert "ไม่พบเรื่องที่มีคำนี้" in lost.text
    assert 'name="words" value="">ล้างคำค้น' in lost.text
    cleared = await browser.post("/queue/search", words="", query="tab=received")
    assert "ไม่พบเรื่องที่มีคำนี้" not in cleared.text
    assert "ล้างคำค้น" not in cleared.text


async def test_a_tab_counts_what_it_shows_when_it_is_opened(
    browser: Browser, world: World, somchai: Person
) -> None:
    """Its link takes the filters and the search along: a count of all would be of other tips."""
    for day in ("2099-01-01", "2099-01-02"):
        world.file_tip(somchai, province="TH-40", day=day)
    claimed = world.file_tip(somchai, province="TH-40", day="2099-01-03")
    claim_as(claimed, somchai)
    claimed.answer["status"] = "screening"
    world.file_tip(somchai, province="TH-44", day="2099-01-04")
    await browser.unlock()
    await until_whole(browser)

    def counts(page: httpx.Response) -> dict[str, int]:
        tabs = re.findall(r'href="/\??([^"]*)"[^>]*>[^<]* <span class="count">(\d+)<', page.text)
        named = {re.search(r"tab=(\w+)", link): int(n) for link, n in tabs}
        return {found[1] if found else "all": n for found, n in named.items()}

    every = {"all": 4, "received": 3, "screening": 1, "working": 0, "reopened": 0, "ended": 0}
    assert counts(await browser.get("/")) == every
    there = {**every, "all": 3, "received": 2}
    for path in ("/?province=TH-40", "/?province=TH-40&tab=screening"):
        assert counts(await browser.get(path)) == there
    mine = counts(await browser.get("/?mine=1"))
    assert (mine["all"], mine["received"], mine["screening"]) == (1, 0, 1)
    searched = await browser.post("/queue/search", words="ไม่มีคำนี้", query="")
    assert set(counts(searched).values()) == {0}


async def test_a_long_queue_has_pages_and_counts(
    browser: Browser, world: World, somchai: Person
) -> None:
    for _ in range(32):
        world.file_tip(somchai)
    await browser.unlock()
    await until_whole(browser)
    first, second = await listed(browser, "/"), await listed(browser, "/?page=2")
    assert (len(first), len(second)) == (30, 2)
    assert not set(first) & set(second)
    assert await listed(browser, "/?page=99") == second
    assert "แสดง 31–32 จาก 32 เรื่อง" in text_of(await browser.get("/?page=2"))


@pytest.mark.parametrize(
    "told",
    [
        {"page": "-1"}, {"page": "๒"}, {"page": "9" * 400}, {"page": "1e3"}, {"tab": "x"},
        {"order": "'"}, {"urgent": ""}, {"no": "1"},
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_the_queue(told: dict[str, str]) -> None:
    assert Asked.of(told) == Asked()
    assert Asked.of(told).link == "/"


def test_an_address_says_what_was_asked() -> None:
    told = {"tab": "received", "province": "TH-40", "order": "clock", "page": "3"}
    told |= dict.fromkeys(TICKS, "1")
    asked = Asked.of(told)
    assert asked.marks == TICKS
    assert all(f"{name}=1" in asked.link for name in TICKS)
    assert asked.link.endswith("page=3")
    assert "page" not in asked.filters


async def test_script_gets_rows_and_a_pulse_and_nobody_else_does(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    await until_whole(browser)
    rows = await browser.get("/queue/rows")
    assert tip.tip_id in rows.text
    assert "<html" not in rows.text
    pulse = json.loads((await browser.get("/queue/pulse")).text)
    assert pulse["arrived"] == 0
    assert pulse["progress"] == pulse["trouble"] == ""
    await browser.post("/lock")
    assert json.loads((await browser.get("/queue/pulse")).text) == {"is_locked": True}
    assert tip.tip_id not in (await browser.get("/queue/rows")).text
    browser.http.cookies.clear()
    for path in ("/queue/rows", "/queue/pulse"):
        assert (await browser.get(path)).status_code == 403
    assert (await browser.http.post("/queue/search", data={"words": "x"})).status_code == 403


async def test_what_was_searched_is_forgotten_at_lock(
    browser: Browser, world: World, somchai: Person
) -> None:
    world.file_tip(somchai)
    await browser.unlock()
    await browser.post("/queue/search", words="นายกแดง", query="")
    assert "นายกแดง" in (await browser.get("/")).text
    await browser.post("/lock")
    assert browser.window.searched == ""
    again = await browser.post("/unlock", passphrase=PASSPHRASE)
    assert "คิวเรื่อง" in again.text
    assert "นายกแดง" not in again.text


async def test_what_was_searched_is_forgotten_when_nobody_is_there(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.unlock()
    await browser.post("/queue/search", words="นายกแดง", query="")
    assert browser.window.searched
    monkeypatch.setattr("console.pages.desk_room.LOOK_EVERY_S", 0.0)
    room, locked = browser.window.room, asyncio.Event()
    forget, room.idle_s = room.on_lock, 0.0
    room.on_lock = lambda: (forget(), locked.set())[0]
    watch = asyncio.create_task(room.lock_when_idle())
    await asyncio.wait_for(locked.wait(), 10)
    assert browser.window.searched == ""
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch


async def test_a_desk_that_answers_nonsense_leaves_the_list_and_is_said(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    await until_whole(browser)
    world.spoilt["tips"] = lambda answer: answer["tips"][0].update(status_day="yesterday")
    assert browser.window.room.shelf is not None
    browser.window.room.shelf.look_again()
    async with asyncio.timeout(20):
        while browser.window.room.shelf.index.trouble is None:  # noqa: ASYNC110  # no event for it
            await asyncio.sleep(0.02)
    page = await browser.get("/")
    assert tip.tip_id in page.text
    assert words_for("th").say("desk.malformed", place="tips[0].status_day") in text_of(page)


async def test_views_that_were_changed_on_the_disk_are_named_and_the_queue_is_there(
    browser: Browser, world: World, somchai: Person
) -> None:
    world.file_tip(somchai)
    (somchai.home / "views.sealed").write_bytes(b"planted")
    page = await browser.unlock()
    assert "อ่านมุมมองที่เก็บไว้ไม่ได้" in page.text
    assert 'class="tip' in page.text
    await browser.post("/views/save", name="ใหม่", query="urgent=1")
    assert (somchai.home / "views.sealed").read_bytes() == b"planted"


async def test_figures_are_counted_from_what_can_be_read(
    browser: Browser, world: World, somchai: Person
) -> None:
    done = world.file_tip(somchai, category="bribe", day="2026-11-01")
    world.file_tip(somchai, category="bribe", is_verified=True, alias="mkm7", day="2026-10-01")
    shut = world.file_tip(somchai)
    shut.grants[somchai.id]["sealed"] = done.grants[somchai.id]["sealed"]
    await browser.unlock()
    await browser.post(f"/tips/{done.tip_id}/claim")
    await browser.post(f"/tips/{done.tip_id}/status", status="screening", words="เริ่มแล้ว")
    await until_whole(browser)
    shelf = browser.window.room.shelf
    assert shelf is not None
    async with asyncio.timeout(20):  # the tip that was changed is read once more
        while True:
            found = tiles(shelf.index.rows, shelf.index.course)
            if found.acknowledged is not None:
                break
            await asyncio.sleep(0.02)
    assert (found.total, found.shut) == (3, 1)
    assert found.acknowledged.tips == 1
    assert found.ended is None
    facts = own_facts(shelf.index.rows, shelf.index.course)
    told = {(f.measure, f.first, *f.values): f.n for f in facts}
    assert told["category", "2026-10", "bribe"] == told["category", "2026-11", "bribe"] == 1
    assert told["teller", "2026-10", "member"] == told["teller", "2026-11", "citizen"] == 1
    assert sum(n for (measure, *_), n in told.items() if measure == "intake") == 3
    page = text_of(await browser.get("/figures?period=2026"))
    assert "เรียกรับสินบน 2" in page
    assert "ต.ค. 2569 1" in page


async def test_settings_are_kept_and_hold_at_once(at_queue: Browser, somchai: Person) -> None:
    page = text_of(await at_queue.get("/settings"))
    for said in ("ลายนิ้วมือกุญแจ", "เจ้าหน้าที่", "ขอนแก่น", "7 วัน"):
        assert said in page, said
    await at_queue.post(
        "/settings", language="en", colours="dark", idle_minutes="5", page_size="60"
    )
    assert 'data-colours="dark"' in (await at_queue.get("/")).text
    assert at_queue.window.room.idle_s == 300.0
    again = Window.opened(Folder(somchai.home), words_for("th"))
    assert (again.words.language, again.preferences.colours) == ("en", "dark")
    assert (again.preferences.page_size, again.room.idle_s) == (60, 300.0)
    await at_queue.post("/settings", colours="pink", idle_minutes="0", page_size="1000000")
    assert at_queue.window.preferences.idle_minutes == 15
    assert "pink" not in (somchai.home / "pages.toml").read_text()


async def test_only_a_registrar_sees_members_and_no_name_stands_in_an_address(
    browser: Browser, world: World, somchai: Person
) -> None:
    await browser.unlock()
    for path in ("/members", "/members/mkm7", "/members/mkm7/revoke", "/campaigns"):
        assert (await browser.get(path)).status_code == 422, path
    somchai.roles = (Role.OFFICER, Role.REGISTRAR)
    world.sign_roster(2)
    soon = (days.today() + timedelta(days=5)).isoformat()
    code = Code(b"\1" * 32, is_duress=False, state=CodeState.ACTIVE, expires_day=soon)
    members = (
        Member(new_id(), "mkm7", "แดง <b>ใจดี</b>", "kkn", 2024, codes=(code,)),
        Member(new_id(), "k3m9", "ดำ มานะ", "kkn", 2025),
    )
    with holding(somchai.home, somchai.keys, "2026-11-26") as file:
        file.keep(Book(members=members))
    await browser.post("/lock")
    await browser.post("/unlock", passphrase=PASSPHRASE)
    page = (await browser.get("/members")).text
    assert "&lt;b&gt;ใจดี" in page
    assert "k3m9" in page
    assert page.count("<td>ขอนแก่น</td>") == 2
    assert "<dd>ขอนแก่น</dd>" in (await browser.get("/members/mkm7")).text
    assert "k3m9" not in (await browser.get("/members?standing=active")).text
    found = await browser.post("/members/search", words="มานะ")
    assert "k3m9" in found.text
    assert "mkm7" not in found.text
    assert found.url.query == b""
    asks = text_of(await browser.get("/members/mkm7/revoke"))
    assert "ยกเลิกรหัสของ mkm7 ถาวร" in asks
    refused = await browser.post("/members/mkm7/revoke", reason="")
    assert refused.status_code in (403, 404, 409, 422, 502)
    with holding(somchai.home, somchai.keys, "2026-11-26"):
        assert "ปิดงานนั้นก่อน" in (await browser.get("/members")).text
