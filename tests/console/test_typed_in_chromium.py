"""Nothing that was typed on a tip's page is lost, whichever form of it is sent: with script and
without."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, Request, async_playwright

from console import acting
from console.office import Office
from tests.console.fake_world import PASSPHRASE, Person, World, claim_as
from tests.console.test_pages_in_chromium import CHROMIUM, DESKTOP, FLAGS, Opened, chromium, opened

__all__ = ["chromium", "opened"]  # fixtures


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
    for button in await page.locator("[formaction$='/keep']").all():
        assert not await button.is_visible()
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


async def test_words_typed_stay_where_somebody_goes_elsewhere(
    chromium: BrowserContext, opened: Opened, world: World, somchai: Person
) -> None:
    """With the other language, another page, the way back; not past a lock."""
    tip = world.file_tip(somchai)
    page = chromium.pages[0]
    await at_tip(page, opened, tip.tip_id)
    await page.fill("#reply", "ร่างหนึ่ง")
    async with page.expect_navigation():
        await page.get_by_role("button", name="English").click()
    assert await page.input_value("#reply") == "ร่างหนึ่ง"
    await unfold(page, "Close")
    await page.fill("#close-reason", "ร่างเหตุผล")
    await page.fill("#reply", "ร่างสอง")
    await page.click(".sections a[data-key=f]")
    await page.wait_for_selector(".tiles")
    await page.goto(f"{opened.origin}/tips/{tip.tip_id}")
    assert await page.input_value("#reply") == "ร่างสอง"
    assert await page.input_value("#close-reason") == "ร่างเหตุผล"
    async with page.expect_response(f"**/tips/{tip.tip_id}/keep"):
        await page.fill("#reply", "ร่างสาม")  # and a pause
    await page.reload()
    assert await page.input_value("#reply") == "ร่างสาม"
    await page.fill("#reply", "ร่างสี่")
    async with page.expect_navigation():
        await page.locator("form[action='/lock'] button").click()
    await page.fill("#passphrase", PASSPHRASE)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".queue")
    await page.goto(f"{opened.origin}/tips/{tip.tip_id}")
    assert await page.input_value("#reply") == ""
    assert len(tip.answer["parts"]) == 1
    assert tip.answer["claimed_by"] is None


async def test_what_was_sent_does_not_come_back_as_a_draft(
    chromium: BrowserContext, opened: Opened, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    page = chromium.pages[0]
    await at_tip(page, opened, tip.tip_id)
    await page.fill("#reply", "ถนนสายไหน")
    await page.locator("[formaction$='/reply']").click()
    await page.wait_for_selector(".notice.good")
    await asyncio.sleep(1.0)  # longer than the pause after which words are kept
    await page.reload()
    assert await page.input_value("#reply") == ""
    assert len(tip.answer["parts"]) == 2


async def test_a_slow_desk_is_told_of_and_a_second_press_does_nothing(
    chromium: BrowserContext,
    opened: Opened,
    world: World,
    somchai: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tip = world.file_tip(somchai)
    answers, posted, claim = asyncio.Event(), [], acting.claim

    async def slowly(office: Office, tip_id: str) -> None:
        await answers.wait()
        await claim(office, tip_id)

    def note(request: Request) -> None:
        if request.method == "POST":
            posted.append(request.url)

    monkeypatch.setattr(acting, "claim", slowly)
    page = chromium.pages[0]
    await at_tip(page, opened, tip.tip_id)
    assert await page.inner_text("#working") == ""
    page.on("request", note)
    # The driver cannot look at a page that is being left: the page writes down what it shows.
    await page.evaluate("""() => {
      const button = document.querySelector("[formaction$='/claim']");
      const working = document.querySelector("#working");
      new MutationObserver(() => sessionStorage.setItem("shown", working.textContent))
        .observe(working, { childList: true });
      for (const after of [0, 600]) setTimeout(() => button.click(), after);
    }""")
    await asyncio.sleep(1.0)
    answers.set()
    await page.wait_for_selector(".notice.good")
    assert await page.evaluate("sessionStorage.getItem('shown')") == "กำลังทำ รอสักครู่"
    assert await page.inner_text("#working") == ""
    assert len(posted) == 1
    assert tip.answer["claimed_by"] == somchai.id


async def locked(opened: Opened) -> None:
    """Wait until the keys are gone: an idle room is only as good as locked before. Then nobody is
    in a hurry any more."""
    while opened.window.room._office is not None:  # noqa: ASYNC110  # no event for it
        await asyncio.sleep(0.05)
    opened.window.room.idle_s = 60.0


async def test_once_it_has_locked_no_tip_stays_on_the_screen(
    chromium: BrowserContext, opened: Opened, world: World, somchai: Person
) -> None:
    """Nor is asking being there; what was typed waits for the keys."""
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="ความลับของผู้แจ้ง", question="what"))
    page = chromium.pages[0]
    await at_tip(page, opened, tip.tip_id)
    assert "ความลับของผู้แจ้ง" in await page.inner_text("body")
    opened.window.room.idle_s = 1.0
    await page.wait_for_selector("#passphrase", timeout=20_000)
    assert "ความลับของผู้แจ้ง" not in await page.content()
    opened.window.room.idle_s = 60.0
    await page.fill("#passphrase", PASSPHRASE)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".talk")
    assert page.url == f"{opened.origin}/tips/{tip.tip_id}"

    await page.fill("#reply", "ร่างที่พิมพ์ไว้")
    await asyncio.sleep(1.0)
    opened.window.room.idle_s = 1.0
    await page.wait_for_selector("#covered", timeout=20_000)
    seen = await page.inner_text("body")
    assert "สิ่งที่พิมพ์ค้างไว้จะกลับมา" in seen
    assert not {"ความลับ", "ร่าง", "สมชาย"} & set(re.findall("ความลับ|ร่าง|สมชาย", seen))
    assert not await page.locator("#reply").is_visible()
    await locked(opened)
    await page.keyboard.press("Enter")  # on the button, which has the focus
    await page.fill("#passphrase", PASSPHRASE)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".talk")
    assert await page.input_value("#reply") == "ร่างที่พิมพ์ไว้"
    assert len(tip.answer["parts"]) == 2


@pytest.mark.parametrize(("path", "field"), [("export", "#reason"), ("handoff", "#phrases")])
async def test_what_is_typed_to_take_a_tip_out_waits_for_the_keys_and_does_nothing_by_itself(
    chromium: BrowserContext,
    opened: Opened,
    world: World,
    somchai: Person,
    path: str,
    field: str,
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="ความลับของผู้แจ้ง", question="what"))
    page = chromium.pages[0]
    await at_tip(page, opened, tip.tip_id)
    await page.goto(f"{opened.origin}/tips/{tip.tip_id}/{path}")
    await page.fill(field, "ที่พิมพ์ไว้")
    opened.window.room.idle_s = 1.0
    await page.wait_for_selector("#covered", timeout=20_000)
    assert "ความลับ" not in await page.inner_text("body")
    await locked(opened)
    await page.keyboard.press("Enter")
    await page.fill("#passphrase", PASSPHRASE)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(field)
    assert await page.input_value(field) == "ที่พิมพ์ไว้"
    assert tip.answer["openings"] == tip.answer["handovers"] == []
