"""The whole of it in a real browser with scripts switched off, on the screen of a cheap phone."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from tests.bot.turn_house import House
from tests.bot.web_house import Web, serving_web

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
STORY = "เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง"
PHONE = {"width": 360, "height": 740}
ZOOMED = {"width": 320, "height": 256}  # 1280 × 1024 at 400 %: WCAG 1.4.10
THUMB_PX = 44

needs_chromium = pytest.mark.skipif(
    shutil.which(CHROMIUM) is None, reason=f"no {CHROMIUM}: `make tools` installs it"
)
pytestmark = needs_chromium


@asynccontextmanager
async def a_browser(
    size: dict[str, int], scheme: str = "light"
) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page without scripts, and every address that it asked anything of."""
    asked: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = await browser.new_context(
            java_script_enabled=False,
            viewport=size,  # type: ignore[arg-type]  # a ViewportSize
            color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
        )
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        yield page, asked
        await browser.close()


async def tap(page: Page, target: str) -> None:
    """Press a button and be where it leads."""
    async with page.expect_navigation():
        await page.click(target)
    await fits(page)


async def press(page: Page, choice: str) -> None:
    await tap(page, f'button[name=choice][value="{choice}"]')


async def say(page: Page, words: str) -> None:
    await page.fill("textarea", words)
    await tap(page, "button.send")


MISFITS = """least => {
    const wide = document.documentElement.scrollWidth > window.innerWidth;
    const small = [...document.querySelectorAll("button")].filter(button => {
        const box = button.getBoundingClientRect();
        return box.width < least || box.height < least;
    });
    return [...(wide ? ["the page"] : []), ...small.map(button => button.innerText)];
}"""


async def fits(page: Page) -> None:
    """Nothing is wider than the screen, and every button is big enough for a thumb."""
    assert await page.evaluate(MISFITS, THUMB_PX) == []


async def tell_a_tip(page: Page, web: Web, photo: Path) -> str:
    """From the first look to a receipt; the receipt."""
    await page.goto(web.url)
    await fits(page)
    await press(page, "report")
    await tap(page, ".answers button >> nth=2")
    await say(page, "สารคาม")
    if await page.locator("button[value=yes]").count():
        await press(page, "yes")
    await press(page, "unknown")
    await press(page, "skip")
    await say(page, STORY)
    await press(page, "done")
    await press(page, "ongoing")
    await press(page, "skip")
    await page.set_input_files("input[type=file]", photo)
    await say(page, "ทะเบียน กข 1234")
    await press(page, "done")
    await press(page, "afraid")
    await press(page, "done")
    await press(page, "send")
    return await page.inner_text("output")


@pytest.fixture
async def web(house: House) -> AsyncIterator[Web]:
    async with serving_web(house) as served:
        yield served


async def test_a_tip_with_a_photo_is_told_without_scripts(web: Web, tmp_path: Path) -> None:
    photo = tmp_path / "รูปถนน.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + bytes(5000))
    async with a_browser(PHONE) as (page, asked):
        receipt = await tell_a_tip(page, web, photo)
        await page.reload()
        assert await page.inner_text("output") == receipt
        parts = await web.told()
        assert [part.words for part in parts if part.words] == [STORY, "ทะเบียน กข 1234"]
        (file,) = (part.file for part in parts if part.file)
        assert file is not None
        assert (file.name, file.mime, file.size) == ("รูปถนน.jpg", "image/jpeg", 5004)
        await press(page, "noted")
        await web.officer_writes("จำชื่อบริษัทได้ไหม")
        await press(page, "follow")
        await say(page, receipt)
        assert await page.inner_text("blockquote") == "จำชื่อบริษัทได้ไหม"
        assert all(url.startswith(web.url) for url in asked)


async def test_going_back_and_pressing_again_misfiles_nothing(web: Web) -> None:
    async with a_browser(PHONE) as (page, _):
        await page.goto(web.url)
        await press(page, "report")
        await tap(page, ".answers button >> nth=2")
        await page.go_back()
        assert "TH-40" in await page.content()  # nothing is cached: back shows where they are
        await page.reload()
        await press(page, "TH-40")
        await page.locator("button[value=unknown]").dblclick()
        # The second press breaks the first one's navigation off: what counts is what comes at last.
        await page.locator("button[value=skip]").wait_for()
        await page.wait_for_load_state()
        await page.goto(web.url)
        assert await page.locator("button[value=skip]").count() == 1
        assert "ข้อ 4 จาก" in await page.inner_text("main")


async def test_everything_fits_when_it_is_zoomed_four_times_in_the_dark(
    web: Web, tmp_path: Path
) -> None:
    photo = tmp_path / "p.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0")
    async with a_browser(ZOOMED, "dark") as (page, _):
        assert await tell_a_tip(page, web, photo)


async def test_leaving_ends_elsewhere_and_back_shows_nothing(house: House) -> None:
    async with (
        serving_web(house, leave_to="about:blank") as web,
        a_browser(PHONE) as (page, _),
    ):
        await page.goto(web.url)
        await press(page, "report")
        async with page.expect_navigation(url="about:blank"):
            await page.click(".leave button")
        await page.goto(web.url)
        assert await page.locator("button[value=report]").count() == 1
        assert await house.tables() in ({}, {"seen": 1})
