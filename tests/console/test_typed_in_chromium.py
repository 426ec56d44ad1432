"""Nothing that was typed on a tip's page is lost, whichever form of it is sent: with script and
without."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from tests.console.fake_world import PASSPHRASE, Person, World, claim_as
from tests.console.test_pages_in_chromium import CHROMIUM, DESKTOP, FLAGS, Opened, opened

__all__ = ["opened"]  # a fixture


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
async def page(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Page]:
    async with async_playwright() as driver:
        context = await driver.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=CHROMIUM,
            args=FLAGS,
            viewport=DESKTOP,  # type: ignore[arg-type]  # a plain dict of ints
            java_script_enabled=request.param,
        )
        yield context.pages[0]
        await context.close()


async def at_tip(page: Page, opened: Opened, tip_id: str) -> None:
    await page.goto(opened.entry)
    await page.fill("#passphrase", PASSPHRASE)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".queue")
    await page.goto(f"{opened.origin}/tips/{tip_id}")


async def unfold(page: Page, *summaries: str) -> None:
    for summary in summaries:
        await page.locator("details.act > summary", has_text=summary).first.click()


async def test_what_is_typed_elsewhere_stays_whatever_is_sent(
    page: Page, opened: Opened, world: World, somchai: Person
) -> None:
    malee = world.join("มาลี ตั้งใจ", "kkn")
    tip = world.file_tip(somchai, malee)
    claim_as(tip, somchai)
    await at_tip(page, opened, tip.tip_id)
    await page.fill("#reply", "\nร่างถึงผู้แจ้ง")
    await page.locator("label[for=to-note]").click()
    await page.fill("#note", "ร่างบันทึก")
    await unfold(page, "ปิดเรื่อง", "เปลี่ยนสถานะ")
    await page.select_option("#outcome", index=1)
    await page.fill("#close-reason", "ร่างเหตุผล")

    async def still_there() -> None:
        assert await page.input_value("#reply") == "\nร่างถึงผู้แจ้ง"
        assert await page.input_value("#note") == "ร่างบันทึก"
        assert await page.input_value("#close-reason") == "ร่างเหตุผล"
        assert await page.locator("#outcome option:checked").get_attribute("value")
        assert await page.locator("#close-reason").is_visible(), "its form is open again"

    await page.fill("#sentence", "เราเริ่มตรวจสอบแล้ว")
    await page.locator("[formaction$='/status']").click()
    await page.wait_for_selector(".notice.good")
    assert tip.answer["status"] == "screening"
    assert await page.input_value("#sentence") == ""
    await still_there()
    await unfold(page, "มอบให้เพื่อนร่วมงาน")
    await page.locator("[formaction$='/assign']").click()  # nobody is chosen
    trouble = page.locator("details.act", has=page.locator("#assign-to")).locator(".notice.danger")
    assert "เลือกจากรายการก่อน" in await trouble.inner_text()
    assert await trouble.evaluate("it => it === document.activeElement")
    await still_there()
    await page.select_option("#assign-to", malee.id)
    await page.locator("[formaction$='/assign']").click()
    await page.wait_for_selector(".notice.good")
    assert tip.answer["claimed_by"] == malee.id
    await still_there()
    await page.locator("label[for=to-reply]").click()
    await page.locator("[formaction$='/reply']").click()
    await page.wait_for_selector("text=ส่งข้อความถึงผู้แจ้งแล้ว")
    assert await page.input_value("#reply") == ""
    assert await page.input_value("#note") == "ร่างบันทึก"
    assert await page.input_value("#close-reason") == "ร่างเหตุผล"


async def test_enter_in_a_field_does_no_deed_and_keeps_what_was_typed(
    page: Page, opened: Opened, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await at_tip(page, opened, tip.tip_id)
    assert not await page.locator("[formaction$='/keep']").is_visible()
    await page.fill("#reply", "ร่าง")
    await unfold(page, "เชื่อมกับเรื่องอื่น")
    await page.fill("#link-other", "abcdef")
    for field in ("#link-other", "#to-reply"):
        async with page.expect_navigation():
            await page.press(field, "Enter")
        assert await page.input_value("#reply") == "ร่าง"
        assert await page.input_value("#link-other") == "abcdef"
    assert tip.answer["claimed_by"] is None
    assert len(tip.answer["parts"]) == 1
