"""Alerts and sessions on the settings page, on the real desk behind a socket of this machine."""

import asyncio
import re

from console.desk_client import Desk
from tests.console.fake_world import Person, World
from tests.console.test_alert_commands import OpenDesk, desk
from tests.console.test_audit_page import at_desk_of
from tests.console.test_pages import Browser, text_of

__all__ = ["desk"]  # a fixture


async def test_a_chat_is_added_by_a_link_that_stands_in_no_address(desk: OpenDesk) -> None:
    malee = desk.world.join("มาลี", "kkn")
    async with at_desk_of(malee) as browser:
        await browser.unlock()
        page = text_of(await browser.get("/settings"))
        assert "ยังไม่ได้ตั้งที่รับการแจ้งเตือน" in page
        assert "แจ้งเป็นจำนวนกับกำหนดเท่านั้น" in page
        assert "เพิ่มเทเลแกรม" in page
        assert "เพิ่มไลน์" not in page  # this desk has no such channel
        linked = await browser.post("/settings/alerts/link", channel="telegram")
        found = re.search(r"https://t\.me/saisaat_test_bot\?start=([0-9a-z]{26})", linked.text)
        assert found is not None
        assert "ภายใน 15 นาที ใช้ได้ครั้งเดียว" in linked.text
        assert "<svg" in linked.text
        assert "style=" not in linked.text, "the policy would drop it"
        assert found[1] not in str(linked.url)
        assert found[1] not in (await browser.get("/settings")).text
        await asyncio.to_thread(desk.bind, "malee's phone", found[1])
        assert "เลิกแจ้งที่นี่" in (await browser.get("/settings")).text


async def test_an_address_is_added_quiet_hours_kept_and_the_place_removed(desk: OpenDesk) -> None:
    malee = desk.world.join("มาลี", "kkn")
    async with at_desk_of(malee) as browser:
        await browser.unlock()
        no = await browser.post("/settings/alerts/quiet", mode="none")
        assert (no.status_code, "เพิ่มก่อน" in no.text) == (422, True)
        mailed = await browser.post("/settings/alerts/mail", address="malee@example.go.th")
        assert "ส่งรหัสไปที่ malee@example.go.th แล้ว" in text_of(mailed)
        code = re.search(r"([0-9a-z]{4}-){2}[0-9a-z]{4}", desk.box.got[0].get_content())
        assert code is not None
        (mailed_to,) = re.findall(r'name="mailed" value="([^"]+)"', mailed.text)
        asked_for = {"mailed": mailed_to}
        wrong = await browser.post("/settings/alerts/confirm", code="0000", **asked_for)
        assert "รหัสไม่ถูกต้อง" in wrong.text
        assert 'value="0000"' in wrong.text, "a slip is mended in the field, with no other mail"
        assert 'action="/settings/alerts/confirm"' in wrong.text
        added = text_of(await browser.post("/settings/alerts/confirm", code=code[0], **asked_for))
        assert "เพิ่มแล้ว" in added
        assert "m…@example.go.th" in added
        own = {"mode": "own", "begin": "21:00", "end": "06:30", "day_sat": "1", "urgent": "yes"}
        kept = text_of(await browser.post("/settings/alerts/quiet", **own))
        assert "ไม่แจ้งช่วง 21:00-06:30 และทั้งวัน: เสาร์" in kept
        assert "เรื่องเร่งด่วนแจ้งแม้อยู่ในช่วงไม่แจ้ง" in kept
        for odd in ({"begin": "21:07"}, {"end": ""}, {"begin": "99:00"}, {"mode": "x"}):
            bad = await browser.post("/settings/alerts/quiet", **{**own, **odd})
            assert (bad.status_code, "ทีละสิบห้านาที" in bad.text) == (422, True), odd
        odd = {"mode": "own", "begin": "20:07", "end": "05:15", "day_mon": "1"}
        bad = await browser.post("/settings/alerts/quiet", **odd)
        for kept_there in ('value="20:07"', 'value="05:15"', 'name="day_mon" value="1" checked'):
            assert kept_there in bad.text
        assert 'name="day_sat" value="1" checked' not in bad.text
        assert 'name="urgent" value="yes" checked' not in bad.text
        unmailed = await browser.post("/settings/alerts/mail", address="ไม่ใช่อีเมล")
        assert (unmailed.is_success, 'value="ไม่ใช่อีเมล"' in unmailed.text) == (False, True)
        usual = text_of(await browser.post("/settings/alerts/quiet", mode="usual"))
        assert "ไม่แจ้งช่วง 20:00-07:00 (ตามที่โต๊ะตั้งไว้)" in usual
        assert "ส่งข้อความทดสอบไปทุกแห่งแล้ว" in text_of(await browser.post("/settings/alerts/test"))
        for odd_place in ("", "zz"):
            gone = await browser.post("/settings/alerts/remove", place=odd_place)
            assert "ไม่มีแล้ว" in gone.text
        (place,) = re.findall(r'name="place" value="(\w+)"', gone.text)
        removed = text_of(await browser.post("/settings/alerts/remove", place=place))
        assert "เลิกแจ้งที่นั่นแล้ว" in removed
        assert "ยังไม่ได้ตั้งที่รับการแจ้งเตือน" in removed


async def others(world: World, person: Person, n: int) -> None:
    """Sessions that their console never signed out of: a program that was killed."""
    for _ in range(n):
        other = Desk(world.origin, person.id, person.keys.sign)
        await other.me()
        await other._http.aclose()


def sessions_of(browser: Browser, text: str) -> list[str]:
    return re.findall(r'name="session" value="(\w+)"', text)


async def test_one_ends_another_session_or_all_others_and_never_a_strangers(
    desk: OpenDesk,
) -> None:
    malee, ploy = desk.world.join("มาลี", "kkn"), desk.world.join("พลอย", "kkn")
    await others(desk.world, malee, 3)
    await others(desk.world, ploy, 1)
    async with at_desk_of(malee) as browser:
        await browser.unlock()
        page = await browser.get("/settings")
        first, *rest = sessions_of(browser, page.text)
        assert len(rest) == 2
        assert "ครั้งนี้" in text_of(page)
        ended = await browser.post("/settings/sessions/end", session=first)
        assert "จบการเข้าใช้นั้นแล้ว" in text_of(ended)
        assert sessions_of(browser, ended.text) == rest
        again = await browser.post("/settings/sessions/end", session=first)
        assert again.status_code == 422
        ended = await browser.post("/settings/sessions/others")
        assert "จบการเข้าใช้อื่นทั้งหมดแล้ว" in text_of(ended)
        assert sessions_of(browser, ended.text) == []
    async with at_desk_of(ploy) as browser:
        await browser.unlock()
        assert len(sessions_of(browser, (await browser.get("/settings")).text)) == 1


async def test_a_desk_without_channels_or_without_these_routes_is_said(
    world: World, somchai: Person
) -> None:
    async with at_desk_of(somchai) as browser:
        await browser.unlock()
        page = await browser.get("/settings")
        assert page.status_code == 200
        assert "หน้าจอ" in page.text
        assert "/settings/alerts/" not in page.text
        assert (await browser.post("/settings/alerts/nothing")).status_code == 404
        assert (await browser.post("/settings/pages/x")).status_code == 404
        done = await browser.get("/settings?done=page.forbidden&at=alerts")
        assert "จึงไม่ทำให้" not in done.text
