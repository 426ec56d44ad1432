"""The local pages: who gets in, what every answer carries, and an officer's work through forms."""

import hashlib
import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import httpx
import pytest

from console import days
from console.folder import Folder
from console.pages.app import Window, make_pages
from console.pages.desk_room import DeskRoom
from console.pages.door import BROKEN, ENTRY_S, HEADERS, Key
from console.pages.serve import browser_command
from console.words import words_for
from sealing import Media, Role, Summary, TipKind, age
from tests.console.fake_world import PASSPHRASE, Person, Tip, World, claim_as
from tests.console.test_previews import pdf, says

HOST = "127.0.0.1:4821"
ORIGIN = f"http://{HOST}"
OWN_SCRIPT = '<script src="/static/desk.js" defer></script>'
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@dataclass
class Browser:
    """What a browser does on these pages: keeps the cookie, sends Origin and fetch metadata."""

    http: httpx.AsyncClient
    window: Window

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Submit a form of ours, and follow where it leads."""
        answer = await self.http.post(
            path,
            data={"form_token": self.window.key.form_token, **fields},
            headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        )
        if answer.status_code == 303:
            return await self.http.get(answer.headers["location"])
        return answer

    async def enter(self) -> httpx.Response:
        answer = await self.http.get(f"/enter/{self.window.key.entry}")
        return await self.http.get(answer.headers["location"])

    async def unlock(self) -> httpx.Response:
        await self.enter()
        return await self.post("/unlock", passphrase=PASSPHRASE)


@pytest.fixture
async def browser(world: World, somchai: Person) -> AsyncIterator[Browser]:
    window = Window(Key(), DeskRoom(Folder(somchai.home)), words_for("th"))
    transport = httpx.ASGITransport(make_pages(window, HOST))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        yield Browser(http, window)
    await window.room.lock()


def text_of(answer: httpx.Response) -> str:
    """What a person reads of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


# --- the door


async def test_the_entry_address_works_once(browser: Browser) -> None:
    first = await browser.enter()
    assert first.status_code == 200
    assert "รหัสผ่านกุญแจ" in first.text
    again = await browser.get(f"/enter/{browser.window.key.entry}")
    assert again.status_code == 403
    assert "ใช้ไปแล้ว" in again.text


async def test_the_cookie_is_strict_and_out_of_scripts_reach(browser: Browser) -> None:
    answer = await browser.get(f"/enter/{browser.window.key.entry}")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_the_entry_address_ends_by_itself() -> None:
    key = Key(now_s=0.0)
    assert key.enter(key.entry, now_s=ENTRY_S + 1) is None
    assert key.enter(key.entry, now_s=ENTRY_S - 1) is not None
    assert key.enter(key.entry, now_s=1) is None


@pytest.mark.parametrize("path", ["/", "/tips/" + "a" * 32, "/tips/" + "a" * 32 + "/files/1"])
async def test_without_the_cookie_there_is_nothing_to_see(browser: Browser, path: str) -> None:
    await browser.unlock()
    browser.http.cookies.clear()
    answer = await browser.get(path)
    assert answer.status_code == 403
    assert "สมชาย" not in answer.text
    browser.http.cookies.set(browser.window.key.cookie_name, "guess")
    assert (await browser.get(path)).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost:4821", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:4821.evil"]
)
async def test_another_host_name_is_turned_away(browser: Browser, host: str) -> None:
    answer = await browser.http.get(f"/enter/{browser.window.key.entry}", headers={"Host": host})
    assert answer.status_code == 421
    assert (await browser.enter()).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_form_from_elsewhere_is_turned_away(
    browser: Browser, world: World, somchai: Person, headers: dict[str, str]
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    answer = await browser.http.post(
        f"/tips/{tip.tip_id}/claim",
        data={"form_token": browser.window.key.form_token},
        headers=headers,
    )
    assert answer.status_code == 403
    assert tip.answer["claimed_by"] is None


async def test_a_form_without_its_token_is_turned_away(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    answer = await browser.post(f"/tips/{tip.tip_id}/claim", form_token="guess")
    assert answer.status_code == 403
    assert tip.answer["claimed_by"] is None


@pytest.mark.parametrize("path", ["/", "/nothing", "/static/style.css", "/enter/wrong"])
async def test_every_answer_carries_the_headers(browser: Browser, path: str) -> None:
    await browser.unlock()
    answer = await browser.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; connect-src 'self';" in policy
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


async def test_no_page_needs_script_or_anything_from_elsewhere(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    for path in ("/", f"/tips/{tip.tip_id}"):
        page = (await browser.get(path)).text
        assert re.findall("<script.*?</script>", page) == [OWN_SCRIPT]
        assert " style=" not in page
        assert " on" not in re.sub(r">[^<]*<", "><", page).lower().replace(" only", "")
        assert not re.findall(r"(?:src|href|action)=\"(?:https?:)?//", page)


async def test_every_page_says_that_somebody_is_guessing_codes(
    browser: Browser, world: World, somchai: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    assert "เดารหัส" not in (await browser.get("/")).text
    world.guessing_day = "2026-11-23"
    monkeypatch.setattr("console.office.FRESH_S", 0.0)  # a minute later
    for path in ("/", f"/tips/{tip.tip_id}"):
        assert "มีคนลองเดารหัสหลายครั้ง (ล่าสุด 23 พฤศจิกายน 2569)" in text_of(await browser.get(path))


async def test_every_page_says_that_the_server_was_made_of_a_backup(
    browser: Browser, world: World, somchai: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    assert "ชุดสำรอง" not in (await browser.get("/")).text
    world.restored_day, world.backup_day = "2026-11-25", "2026-11-23"
    monkeypatch.setattr("console.office.FRESH_S", 0.0)  # a minute later
    for path in ("/", f"/tips/{tip.tip_id}"):
        told = text_of(await browser.get(path))
        assert "สร้างใหม่เมื่อ 25 พฤศจิกายน 2569 จากชุดสำรองของ 23 พฤศจิกายน 2569" in told


async def test_methods_and_lengths_beyond_a_form_are_refused(browser: Browser) -> None:
    await browser.unlock()
    assert (await browser.http.put("/")).status_code == 405
    assert (await browser.http.request("OPTIONS", "/")).status_code == 405
    assert (await browser.post("/unlock", passphrase="x" * 5_000_000)).status_code == 413
    many = {f"f{n}": "x" for n in range(50)}
    assert (await browser.post("/unlock", **many)).status_code == 403


async def test_a_language_or_unlock_form_cannot_lead_elsewhere(browser: Browser) -> None:
    await browser.enter()
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", ""):
        answer = await browser.http.post(
            "/language",
            data={"form_token": browser.window.key.form_token, "back": back},
            headers={"Origin": ORIGIN},
        )
        assert answer.headers["location"] == "/"


# --- locked and unlocked


async def test_a_wrong_passphrase_is_said_and_not_shown(browser: Browser) -> None:
    await browser.enter()
    answer = await browser.post("/unlock", passphrase="wrong passphrase")
    assert answer.status_code == 403
    assert "รหัสผ่านไม่ถูกต้อง" in answer.text
    assert "wrong passphrase" not in answer.text
    assert browser.window.room.office is None
    assert (await browser.post("/unlock", passphrase="")).status_code == 403
    assert "คิวเรื่อง" in (await browser.post("/unlock", passphrase=PASSPHRASE)).text


async def test_locking_forgets_the_keys(browser: Browser, world: World, somchai: Person) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    locked = await browser.post("/lock")
    assert "รหัสผ่านกุญแจ" in locked.text
    assert browser.window.room.office is None
    at_tip = await browser.get(f"/tips/{tip.tip_id}")
    assert "รหัสผ่านกุญแจ" in at_tip.text
    assert f'value="/tips/{tip.tip_id}"' in at_tip.text
    back = await browser.post("/unlock", passphrase=PASSPHRASE, back=f"/tips/{tip.tip_id}")
    assert "สรุปเรื่อง" in back.text


async def test_pages_lock_themselves_when_nobody_is_there(browser: Browser) -> None:
    await browser.unlock()
    browser.window.room.idle_s = 0.0
    assert browser.window.room.office is None


async def test_words_typed_while_it_locked_are_not_lost(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    await browser.window.room.lock()
    answer = await browser.post(f"/tips/{tip.tip_id}/reply", words="ข้อความยาวที่พิมพ์ไว้")
    assert answer.status_code == 403
    assert "ข้อความยาวที่พิมพ์ไว้" in answer.text


# --- the work


async def test_the_queue_shows_marks_and_clocks_in_words(
    browser: Browser, world: World, somchai: Person
) -> None:
    world.file_tip(somchai, is_verified=True, alias="mkm7", is_duress=True, day="2099-01-01")
    world.file_tip(somchai, is_afraid=True, day="2020-01-01")
    page = text_of(await browser.unlock())
    for said in ("ด่วน", "ถูกบังคับ", "เครือข่าย mkm7", "กลัวถูกกลั่นแกล้ง", "เกินมา", "เหลือ", "ครบ 4/5"):
        assert said in page, said
    filtered = await browser.get("/?verified=1")
    assert filtered.text.count('class="tip') == 1
    assert "ไม่มีเรื่องในหน้านี้" in (await browser.get("/?tab=ended")).text
    assert (await browser.get("/?tab=nonsense&province=%00%ff&after=zzz")).status_code in (200, 409)


async def test_an_officer_claims_answers_notes_and_moves_on(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="เห็นเขาเอาปูนไป", question="what"))
    await browser.unlock()
    page = await browser.get(f"/tips/{tip.tip_id}")
    assert "เห็นเขาเอาปูนไป" in page.text
    assert "3 สิงหาคม 2569" in page.text
    assert "ยังไม่มีผู้รับเรื่อง" in page.text
    claimed = await browser.post(f"/tips/{tip.tip_id}/claim")
    assert "คุณรับเรื่องนี้แล้ว" in claimed.text
    replied = await browser.post(f"/tips/{tip.tip_id}/reply", words="จำทะเบียนรถได้ไหม")
    assert "ส่งข้อความถึงผู้แจ้งแล้ว" in replied.text
    assert "จำทะเบียนรถได้ไหม" in replied.text
    noted = await browser.post(f"/tips/{tip.tip_id}/note", words="ตรวจกับช่างแล้ว")
    assert "เห็นเฉพาะเจ้าหน้าที่" in noted.text
    moved = await browser.post(f"/tips/{tip.tip_id}/status", status="screening", words="เริ่มตรวจแล้ว")
    assert "กำลังตรวจสอบ" in moved.text
    assert "ตรวจแล้วครบ 5 ส่วน" in moved.text
    released = await browser.post(f"/tips/{tip.tip_id}/release")
    assert "คืนเรื่องเข้าคิวแล้ว" in released.text


async def test_a_lost_race_is_said_with_the_winners_name_and_the_words_stay(
    browser: Browser, world: World, somchai: Person
) -> None:
    malee = world.join("มาลี ตั้งใจ", "kkn")
    tip = world.file_tip(somchai, malee)
    await browser.unlock()
    world.before_claim = lambda tip: claim_as(tip, malee)
    lost = await browser.post(f"/tips/{tip.tip_id}/claim")
    assert lost.status_code == 409
    assert "มาลี ตั้งใจ รับเรื่องนี้ไปแล้ว" in lost.text
    too_long = await browser.post(f"/tips/{tip.tip_id}/reply", words="ยาว" * 2000)
    assert too_long.status_code == 422
    assert "ยาวยาวยาว" in too_long.text


async def test_an_expired_token_is_renewed_quietly(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    signed_in = world.sign_ins
    world.expire_tokens()
    assert (await browser.get(f"/tips/{tip.tip_id}")).status_code == 200
    assert world.sign_ins == signed_in + 1


async def test_warnings_stand_before_an_answer_goes_out(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="x"))
    await browser.unlock()
    tip.answer["parts"][1]["author"] = "system"
    page = await browser.get(f"/tips/{tip.tip_id}")
    assert "ตรวจพบสิ่งผิดปกติ" in page.text
    assert 'href="#part-2"' in page.text
    stopped = await browser.post(f"/tips/{tip.tip_id}/reply", words="คำตอบ")
    assert stopped.status_code == 422
    assert "คำตอบ" in stopped.text
    assert len(tip.answer["parts"]) == 2
    await browser.post(f"/tips/{tip.tip_id}/reply", words="คำตอบ", despite="yes")
    assert len(tip.answer["parts"]) == 3


async def test_an_unusual_step_is_asked_about_once_more(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    assert 'name="status.sure"' in (await browser.get(path)).text
    stopped = await browser.post(
        f"{path}/status", status="screening", words="เริ่มตรวจ", despite="yes"
    )
    assert stopped.status_code == 422
    assert "ยังไม่มีผู้รับ จึงยังไม่เปลี่ยนสถานะ" in stopped.text
    await browser.post(f"{path}/claim")
    assert 'name="sure"' not in (await browser.get(path)).text
    ends = {"outcome": "closed/partly", "reason": "ตรวจแล้ว", "words": "จบแล้ว"}
    jumped = await browser.post(f"{path}/close", **ends)
    assert jumped.status_code == 422
    assert 'name="status.sure"' in jumped.text
    assert "จบแล้ว" in jumped.text
    assert tip.answer["status"] == "received"
    await browser.post(f"{path}/close", **ends, sure="yes")
    assert tip.answer["status"] == "closed"


async def test_whose_a_tip_may_be_is_suggested_on_its_page(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai, category="other")
    tip.append(tip.told(words="ท่านอธิบดีสั่งเอง", question="what"))
    await browser.unlock()
    page = text_of(await browser.get(f"/tips/{tip.tip_id}"))
    assert "เจ้าหน้าที่เป็นผู้ตัดสิน" in page
    assert "ป.ป.ช. (1205 [?]): กล่าวถึงตำแหน่งตั้งแต่ผู้อำนวยการกอง" in page
    assert "(พบคำว่า “อธิบดี”) [ยังไม่ได้ตรวจกับตัวบทกฎหมาย]" in page


async def test_a_tip_is_moved_from_the_page_and_what_was_typed_is_not_lost(
    browser: Browser, world: World, somchai: Person
) -> None:
    world.join("อุดม", "udn")
    world.join("คนในกรม", "inside")
    tip = world.file_tip(somchai)
    await browser.unlock()
    page = await browser.get(f"/tips/{tip.tip_id}")
    assert "ย้ายเรื่องไปศูนย์อื่น" in text_of(page)
    assert "ศูนย์: ขอนแก่น" in text_of(page)
    assert "ในกรม (ภายในหน่วยงาน)" in text_of(page)
    path = f"/tips/{tip.tip_id}/refer"
    told = {"words": "ให้อุดรธานีดูแล", "reason": "หัวหน้าเป็นญาติกัน"}
    asked = await browser.post(path, to="inside", **told)
    assert asked.status_code == 422
    assert "กาช่องยืนยัน" in text_of(asked)
    assert 'name="status.sure"' in asked.text
    assert 'value="inside" selected' in asked.text
    for words in told.values():
        assert words in text_of(asked)
    assert tip.answer["centre"] == "kkn"
    done = await browser.post(path, to="udn", **told)
    assert "ย้ายเรื่องแล้ว" in text_of(done)
    assert "ย้ายจาก ขอนแก่น ไป อุดรธานี" in text_of(done)
    assert tip.answer["centre"] == "udn"


async def test_a_tip_is_given_more_time_from_the_page(
    browser: Browser, world: World, somchai: Person
) -> None:
    today = days.today()
    tip = world.file_tip(somchai, day=(today - timedelta(days=5)).isoformat())
    tip.answer["due_day"] = (today + timedelta(days=2)).isoformat()
    until = (today + timedelta(days=20)).isoformat()
    await browser.unlock()
    page = await browser.get(f"/tips/{tip.tip_id}")
    assert "ครบกำหนดใน 2 วัน" in text_of(page)
    assert "ผู้แจ้งจะเห็น: “ขอเวลาตรวจสอบเพิ่ม" in text_of(page)
    assert f'min="{(today + timedelta(days=3)).isoformat()}"' in page.text
    path = f"/tips/{tip.tip_id}/extend"
    asked = await browser.post(path, until=until, reason=" ", words="ขอเวลาอีกนิด")
    assert asked.status_code == 422
    assert "ใส่เหตุผลที่ต้องใช้เวลาเพิ่ม" in text_of(asked)
    assert "--reason" not in text_of(asked)
    assert "ขอเวลาอีกนิด" in text_of(asked)
    assert f'value="{until}"' in asked.text
    assert tip.answer["version"] == 1
    done = await browser.post(path, until=until, reason="รอเอกสาร")
    assert "ขยายเวลาแล้ว และบอกผู้แจ้งแล้ว" in text_of(done)
    assert f"ขยายเวลาถึง {days.say_day(until, 'th')}" in text_of(done)
    assert "เหลือ 20 วัน" in text_of(done)


async def test_a_tip_is_put_on_hold_and_that_is_lifted_from_the_page(
    browser: Browser, world: World, somchai: Person
) -> None:
    """Somchai's centre has no lead, so he may."""
    tip = world.file_tip(somchai)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    page = await browser.get(path)
    assert f"{path}/hold" in page.text
    assert f"{path}/unhold" not in page.text
    empty = await browser.post(f"{path}/hold", reason=" ")
    assert empty.status_code == 422
    assert "ใส่เหตุผล เห็นเฉพาะเจ้าหน้าที่" in text_of(empty)
    done = await browser.post(f"{path}/hold", reason="ศาลขอไว้")
    assert "ระงับการทำลายไว้แล้ว" in text_of(done)
    assert "ศาลขอไว้" in text_of(done)
    assert tip.answer["is_held"]
    assert f"{path}/hold" not in done.text
    assert "ระงับการทำลายไว้" in text_of(await browser.get("/"))
    lifted = await browser.post(f"{path}/unhold", reason="คดีจบแล้ว")
    assert "เลิกระงับแล้ว" in text_of(lifted)
    assert not tip.answer["is_held"]


async def test_only_a_lead_is_offered_a_hold_where_there_is_one(
    browser: Browser, world: World, somchai: Person
) -> None:
    world.join("หัวหน้า", "kkn", roles=(Role.LEAD,))
    tip = world.file_tip(somchai)
    await browser.unlock()
    assert f"/tips/{tip.tip_id}/hold" not in (await browser.get(f"/tips/{tip.tip_id}")).text


async def test_a_closed_tip_offers_no_more_time(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    ends = {"outcome": "closed/partly", "reason": "ตรวจแล้ว", "words": "จบแล้ว"}
    page = await browser.post(f"/tips/{tip.tip_id}/close", **ends, sure="yes")
    assert tip.answer["status"] == "closed"
    assert f"/tips/{tip.tip_id}/status" in page.text
    assert f"/tips/{tip.tip_id}/extend" not in page.text


async def test_an_officer_is_withdrawn_from_the_page_by_who_holds_the_tip(
    browser: Browser, world: World, somchai: Person
) -> None:
    malee = world.join("มาลี <b>", "kkn")
    tip = world.file_tip(somchai, malee)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    assert f"{path}/withdraw" not in (await browser.get(path)).text
    page = await browser.post(f"{path}/claim")
    assert f'<option value="{malee.id}">มาลี &lt;b&gt;</option>' in page.text
    assert "เรียกคืนไม่ได้" in text_of(page)
    empty = await browser.post(f"{path}/withdraw", who=malee.id, reason=" ")
    assert empty.status_code == 422
    assert f'<option value="{malee.id}" selected>' in empty.text
    done = await browser.post(f"{path}/withdraw", who=malee.id, reason="ย้ายงาน")
    assert "ถอนสิทธิ์แล้ว" in text_of(done)
    assert "ถอนสิทธิ์อ่านของ มาลี <b> และเปลี่ยนกุญแจ" in html.unescape(done.text)
    assert "ตรวจแล้วครบ 2 ส่วน" in text_of(done)
    assert "ย้ายงาน" in text_of(done)
    assert malee.id not in tip.grants
    assert f"{path}/withdraw" not in done.text, "nobody is left to withdraw"


async def test_other_keys_cannot_be_ticked_away(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    await browser.get(f"/tips/{tip.tip_id}")
    evil = world.file_tip(somchai)
    summary = Summary("other", "TH-40", TipKind.CASE)
    world.grant(
        Tip(tip.tip_id, evil.keys, {}, tip.grants, {}), somchai.id, somchai.officer.age, summary
    )
    tip.answer["parts"][0]["sealed"] = None
    words = {"words": "ลับ", "despite": "yes", "sure": "yes"}
    stopped = await browser.post(f"/tips/{tip.tip_id}/note", **words)
    assert stopped.status_code == 502
    assert "แม้จะกาช่องยืนยัน" in stopped.text
    assert len(tip.answer["parts"]) == 1


async def test_the_language_changes_and_stays(browser: Browser) -> None:
    await browser.unlock()
    english = await browser.post("/language", back="/")
    assert "Queue" in english.text
    assert 'lang="en"' in english.text
    assert "Queue" in (await browser.get("/")).text


# --- files


async def test_a_picture_is_shown_from_memory_in_a_sandbox(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    world.add_file(tip, PNG, name="../<script>.png")
    await browser.unlock()
    page = await browser.get(f"/tips/{tip.tip_id}")
    assert "&lt;script&gt;.png" in page.text
    answer = await browser.get(f"/tips/{tip.tip_id}/files/2")
    assert answer.content[:4] == b"RIFF", "drawn anew, whatever was sent"
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_picture_under_a_key_of_its_own_is_shown(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    world.add_file(tip, PNG, own_key=age.PQIdentity.generate())
    await browser.unlock()
    assert (await browser.get(f"/tips/{tip.tip_id}/files/2")).status_code == 200


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"<html><script>alert(1)</script>", "image/png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml"),
        (b"%PDF-1.7", "image/jpeg"),
        (b"", "image/png"),
    ],
)
async def test_what_only_says_that_it_is_a_picture_is_not_shown(
    browser: Browser, world: World, somchai: Person, data: bytes, mime: str
) -> None:
    tip = world.file_tip(somchai)
    world.add_file(tip, data, mime=mime)
    await browser.unlock()
    answer = await browser.get(f"/tips/{tip.tip_id}/files/2")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert b"alert(1)" not in answer.content


async def test_a_voice_note_can_be_heard(browser: Browser, world: World, somchai: Person) -> None:
    tip = world.file_tip(somchai)
    sound = b"OggS" + bytes(24) + b"OpusHead" + bytes(range(100))
    world.add_file(tip, sound, media=Media.VOICE, mime="text/html", name=None)
    await browser.unlock()
    assert "<audio controls" in (await browser.get(f"/tips/{tip.tip_id}")).text
    path = f"/tips/{tip.tip_id}/files/2"
    whole = await browser.get(path)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/ogg")
    assert whole.content == sound
    for asked, status, got in (
        ("bytes=4-7", 206, sound[4:8]),
        ("bytes=30-", 206, sound[30:]),
        ("bytes=0-999999", 206, sound),
        ("bytes=999-", 416, b""),
        ("bytes=9-4", 416, b""),
        ("bytes=1-2,5-6", 200, sound),
        ("bytes=-5", 200, sound),
        ("bytes=" + "9" * 5000 + "-", 200, sound),
    ):
        answer = await browser.http.get(path, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (status, got), asked
        assert answer.headers["content-type"] == "audio/ogg"


async def test_an_altered_picture_is_not_shown(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    world.add_file(tip, PNG)
    await browser.unlock()

    def flip(answer: dict[str, bytes]) -> None:
        data = bytearray(answer["blob"])
        data[-1] ^= 1
        answer["blob"] = bytes(data)

    world.spoil("blob", flip)
    answer = await browser.get(f"/tips/{tip.tip_id}/files/2")
    assert answer.status_code == 502
    assert b"RIFF" not in answer.content
    assert (await browser.get(f"/tips/{tip.tip_id}/files/2/look")).status_code == 502


async def test_a_file_has_a_page_that_says_what_it_is_and_why_it_is_not_shown(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    told = pdf(says("<script>alert(1)</script> \\033[2J"), says("Contract 44"))
    world.add_file(tip, told, name="a.pdf", mime="application/pdf")
    world.add_file(tip, b"MZ" + bytes(90), name="../photo.png\u202e")
    world.add_file(tip, PNG, name="b.png")
    await browser.unlock()
    assert "/files/2/look" in (await browser.get(f"/tips/{tip.tip_id}")).text
    text = await browser.get(f"/tips/{tip.tip_id}/files/2/look")
    assert "เอกสาร PDF" in text.text
    assert "&lt;script&gt;alert(1)" in text.text
    assert "\x1b" not in text.text
    assert "Contract 44" in (await browser.get(f"/tips/{tip.tip_id}/files/2/look?page=2")).text
    program = await browser.get(f"/tips/{tip.tip_id}/files/3/look")
    assert "โปรแกรม (อันตรายถ้าเปิด)" in program.text
    assert "ไฟล์ชนิดนี้ไม่แสดงในหน้านี้" in program.text
    assert "\u202e" not in program.text
    assert hashlib.sha256(b"MZ" + bytes(90)).hexdigest() in program.text
    assert (await browser.get(f"/tips/{tip.tip_id}/files/3")).status_code == 422
    assert "1 × 1 จุดภาพ" in (await browser.get(f"/tips/{tip.tip_id}/files/4/look")).text
    assert (await browser.get(f"/tips/{tip.tip_id}/files/9/look")).status_code == 422


async def test_what_was_looked_at_is_forgotten_with_the_keys(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    facts = world.add_file(tip, PNG)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}/files/2"
    assert (await browser.get(path)).status_code == 200
    tip.blobs[facts.blob_id] = b"gone"
    assert (await browser.get(path)).status_code == 200, "kept while the desk is open"
    await browser.post("/lock")
    await browser.post("/unlock", passphrase=PASSPHRASE)
    assert (await browser.get(path)).status_code == 502


# --- hostile words


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "{{ 7*7 }} {% raw %}",
        "safe\u202etxt.exe",
        "\x1b[2J\x07\x00",
        "javascript:alert(1)",
        "</p></article><form action=/lock>",
    ],
)
async def test_hostile_words_stay_words(
    browser: Browser, world: World, somchai: Person, words: str
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words=words))
    await browser.unlock()
    page = (await browser.get(f"/tips/{tip.tip_id}")).text
    assert "<script" not in page.replace(OWN_SCRIPT, "")
    assert "<img src=x" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "49" not in re.findall(r'class="words"[^>]*>([^<]*)<', page)
    assert page.count('action="/lock"') == 1


async def test_a_line_of_a_megabyte_is_cut_and_can_be_seen_whole(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="ก" * 300_000))
    await browser.unlock()
    page = await browser.get(f"/tips/{tip.tip_id}")
    assert len(page.content) < 200_000
    assert "300000" in page.text
    assert len((await browser.get(f"/tips/{tip.tip_id}?full=2")).content) > 800_000


async def test_a_fault_of_ours_shows_no_words(
    browser: Browser, world: World, somchai: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise KeyError("canary words")

    tip = world.file_tip(somchai)
    await browser.unlock()
    monkeypatch.setattr("console.office.open_tip", explode)
    answer = await browser.get(f"/tips/{tip.tip_id}")
    assert answer.status_code == 500
    assert "KeyError" in answer.text
    assert "canary" not in answer.text


def test_a_private_browser_is_chosen_by_what_is_installed() -> None:
    def only(name: str) -> object:
        return lambda asked: f"/usr/bin/{asked}" if asked == name else None

    chromium = browser_command("http://x", "/p", only("chromium"))  # type: ignore[arg-type]  # a stand-in for shutil.which
    assert chromium is not None
    assert "--user-data-dir=/p" in chromium
    assert "--incognito" in chromium
    firefox = browser_command("http://x", "/p", only("firefox"))  # type: ignore[arg-type]  # a stand-in for shutil.which
    assert firefox is not None
    assert "--private-window" in firefox
    assert browser_command("http://x", "/p", lambda _: None) is None


async def test_where_not_even_an_error_can_be_drawn_that_is_said(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And with what every answer carries."""
    await browser.unlock()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("สิ่งที่ผู้แจ้งเล่า")

    monkeypatch.setattr(browser.window.pages, "show", broken)
    answer = await browser.get("/")
    assert answer.status_code == 500
    assert answer.text == BROKEN
    assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)
