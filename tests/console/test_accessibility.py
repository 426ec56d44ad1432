"""No page shuts anybody out: axe-core, in Chromium, light and dark, on a desk and on a phone."""

import asyncio
import secrets
from dataclasses import replace

from playwright.async_api import BrowserContext, Page

from sealing import Kind, Role
from tests.axe.axe import grave
from tests.console.fake_world import PASSPHRASE, Person, Tip, World
from tests.console.test_alert_commands import OpenDesk, desk
from tests.console.test_audit_page import tell_trail
from tests.console.test_linking import link_note
from tests.console.test_pages_in_chromium import (
    DESKTOP,
    PHONE,
    Opened,
    chromium,
    keep_picture,
    opened,
    opened_for,
    tell_a_story,
    unlock,
)
from tests.console.test_previews import pdf, says
from tests.sealing.trails import chained, heads_of

__all__ = ["chromium", "desk", "opened"]
LOOKS = [(colours, size) for colours in ("light", "dark") for size in (DESKTOP, PHONE)]


async def look_at(page: Page, address: str) -> list[str]:
    """The grave issues of a page with everything in it unfolded, in every look."""
    found: list[str] = []
    for colours, size in LOOKS:
        await page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]  # one of the two literals it takes
        await page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict of ints
        await page.goto(address)
        await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found += [f"{colours} {size['width']} px: {issue}" for issue in await grave(page)]
    return found


def everything(world: World, somchai: Person) -> Tip:
    """A tip that makes the page show all that it can show, an alarm and an unknown reader too."""
    tip = tell_a_story(world, somchai)
    world.add_file(tip, pdf(says("Contract 44"), says("2")), name="a.pdf", mime="application/pdf")
    link_note(tip, somchai, world.file_tip(somchai).tip_id, somchai)
    world.officer_part(tip, world.join("มาลี ตั้งใจ", "kkn"), "เห็นด้วย", Kind.NOTE)
    tip.append(tip.told(words="x"))
    tip.answer["parts"][-1]["author"] = "system"
    return tip


async def test_the_door_and_the_queue_shut_nobody_out(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    page = chromium.pages[0]
    await page.goto(opened.entry)
    assert await look_at(page, opened.origin) == []
    await page.fill("#passphrase", "wrong")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".notice.danger")
    assert await grave(page) == []
    tell_a_story(world, somchai)
    await page.fill("#passphrase", PASSPHRASE)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".queue")
    assert await look_at(page, opened.origin) == []
    assert await look_at(page, f"{opened.origin}/?tab=ended") == []
    assert await look_at(page, f"{opened.origin}/nothing") == []


async def test_the_page_of_a_tip_and_of_its_files_shut_nobody_out(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    tip = everything(world, somchai)
    page = chromium.pages[0]
    await unlock(page, opened)
    address = f"{opened.origin}/tips/{tip.tip_id}"
    assert await look_at(page, address) == []
    await page.fill("#reply", "ยาว" * 10)
    await page.click("button[value=where]")
    await page.wait_for_selector("text=ล้างที่พิมพ์ค้าง")
    assert await grave(page) == []
    await page.click("text=ส่งถึงผู้แจ้ง")
    await page.wait_for_selector(".composer .notice.danger")
    assert await grave(page) == []
    assert await look_at(page, f"{address}/handoff") == []
    assert await look_at(page, f"{address}/export") == []
    tip = world.file_tip(somchai)
    world.add_file(tip, b"MZ", name="photo.jpg")
    strange = f"{opened.origin}/tips/{tip.tip_id}/files/2/look"
    for where in (*(f"{address}/files/{seq}/look" for seq in (4, 5, 9)), strange):
        assert await look_at(page, where) == []
    await page.fill("#save-reason", "x")
    await page.evaluate("document.querySelector('[name=aware]').required = false")
    await page.click("text=บันทึกเหตุผล แล้วนำไฟล์ออก")
    await page.wait_for_selector("#h-save ~ .notice.danger")
    assert await grave(page) == []


async def test_the_pages_around_the_queue_shut_nobody_out(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    world.file_tip(somchai)
    tell_trail(world, somchai)
    somchai.roles = (Role.LEAD, Role.REGISTRAR)  # all pages but an auditor's signature
    world.sign_roster()
    page = chromium.pages[0]
    await unlock(page, opened)
    for path in ("audit", "settings", "figures", "members"):
        assert await look_at(page, f"{opened.origin}/{path}") == [], path
        assert await page.locator("h1.page").count() == 1, path


async def test_an_auditors_page_shuts_nobody_out(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    malee = world.join("มาลี", "kkn")
    tell_trail(world, malee)
    world.trail = chained([*world.trail[:2], replace(world.trail[2], signature=None)])
    world.heads = heads_of(world.trail)
    somchai.roles = (Role.AUDITOR,)
    world.sign_roster()
    page = chromium.pages[0]
    await page.goto(opened.entry)
    await page.fill("#passphrase", PASSPHRASE)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".danger-text")
    assert await look_at(page, f"{opened.origin}/audit") == []
    tell_trail(world, malee)
    await page.click("text=อ่านรายการใหม่")
    await page.wait_for_selector("[name=sure]")
    assert await grave(page) == []
    await page.click("[type=checkbox]")
    await page.click("text=ลงชื่อรับรองถึงวันที่")
    await page.wait_for_selector("text=ลงชื่อรับรองถึงสิ้นวันที่")
    assert await grave(page) == []


async def test_the_alerts_of_an_officer_shut_nobody_out(
    desk: OpenDesk, chromium: BrowserContext
) -> None:
    malee = desk.world.join("มาลี", "kkn", roles=(Role.REGISTRAR,))
    page = chromium.pages[0]
    async with opened_for(malee) as there:
        await page.goto(there.entry)
        await page.fill("#passphrase", PASSPHRASE)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("h1.page")
        for _ in range(2):
            await page.goto(f"{there.origin}/settings")
            await page.click("text=เพิ่มเทเลแกรม")
            link = await page.inner_text(".notice .id")
            assert (
                await page.locator("svg.segno").evaluate("it => it.getBoundingClientRect().width")
                > 100
            )
            assert await grave(page) == []
            await keep_picture(page, "settings-alerts")
            await asyncio.to_thread(desk.bind, secrets.token_hex(4), link.rpartition("=")[2])
        assert await look_at(page, f"{there.origin}/settings") == []
        assert await look_at(page, f"{there.origin}/campaigns") == []
        assert await page.locator("h1.page").count() == 1
        await page.goto(f"{there.origin}/settings")
        await page.fill("#alert-address", "malee@example.go.th")
        await page.click("text=ส่งรหัสไปที่อีเมลนี้")
        await page.wait_for_selector("#alert-code")
        assert await grave(page) == []


async def test_axe_would_say_so(chromium: BrowserContext) -> None:
    page = chromium.pages[0]
    await page.set_content("<html><img src='x'><input><p style='color:#ccc'>pale</p></html>")
    names = {issue.split()[0] for issue in await grave(page)}
    assert {"image-alt", "label", "color-contrast", "html-has-lang"} <= names
