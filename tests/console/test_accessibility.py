"""No page shuts anybody out: axe-core, in Chromium, light and dark, on a desk and on a phone."""

from playwright.async_api import BrowserContext, Page

from sealing import Kind
from tests.axe.axe import grave
from tests.console.fake_world import PASSPHRASE, Person, Tip, World
from tests.console.test_linking import link_note
from tests.console.test_pages_in_chromium import (
    DESKTOP,
    PHONE,
    Opened,
    chromium,
    opened,
    tell_a_story,
    unlock,
)
from tests.console.test_previews import pdf, says

__all__ = ["chromium", "opened"]
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
    world.add_file(tip, pdf(says("Contract 44")), name="a.pdf", mime="application/pdf")
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
    for seq in (4, 5, 9):
        assert await look_at(page, f"{address}/files/{seq}/look") == []


async def test_axe_would_say_so(chromium: BrowserContext) -> None:
    page = chromium.pages[0]
    await page.set_content("<html><img src='x'><input><p style='color:#ccc'>pale</p></html>")
    names = {issue.split()[0] for issue in await grave(page)}
    assert {"image-alt", "label", "color-contrast", "html-has-lang"} <= names
