"""The queue and its neighbours in a real browser: keys, search as one types, what arrives by
itself; and all of it without script.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright

from console.shelf import filling, keeping, looking, workers
from tests.axe.axe import grave
from tests.console.fake_world import PASSPHRASE, Person, World, claim_as
from tests.console.test_pages_in_chromium import (
    CHROMIUM,
    DESKTOP,
    FLAGS,
    PHONE,
    Opened,
    chromium,
    keep_picture,
    opened,
    tell_a_story,
    unlock,
)

__all__ = ["chromium", "opened"]  # fixtures
ZOOMED = {"width": 1024, "height": 688}  # a laptop of 1280 × 860 at 125 %
PATIENCE_S = 30.0
HOSTILE = "<script>document.title='x'</script> \u202e\x1b[31m" + "้" * 200


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk is asked often, so that a test need not wait."""
    quick = looking.Rhythm(new_s=0.2, whole_s=1.0, after_trouble_s=0.2)
    pace = filling.Pace(per_s=500.0, rest_s=0.1)
    for manager, defaults in ((keeping.shelved, (quick, pace)), (workers.working_beside, (1,))):
        inside = manager.__wrapped__  # type: ignore[attr-defined]  # what asynccontextmanager wraps
        monkeypatch.setattr(inside, "__defaults__", defaults)


@pytest.fixture
async def scriptless(tmp_path: Path) -> AsyncIterator[BrowserContext]:
    async with async_playwright() as driver:
        context = await driver.chromium.launch_persistent_context(
            str(tmp_path / "scriptless"),
            executable_path=CHROMIUM,
            args=FLAGS,
            viewport=DESKTOP,  # type: ignore[arg-type]  # a plain dict of ints
            java_script_enabled=False,
        )
        yield context
        await context.close()


async def at_queue(page: Page, opened: Opened) -> None:
    """At the queue, with its script at work."""
    await unlock(page, opened)
    await page.wait_for_load_state("load")


async def until(page: Page, claim: str) -> None:
    """Wait until *claim* holds. The policy forbids the page's own eval, which playwright's waiting
    would use; a question from outside is none."""
    async with asyncio.timeout(PATIENCE_S):
        while not await page.evaluate(claim):  # noqa: ASYNC110  # asked from outside
            await asyncio.sleep(0.05)


async def heads(page: Page) -> list[str]:
    return await page.locator(".tip .head").all_inner_texts()


async def test_the_keyboard_alone_is_enough(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    tip = tell_a_story(world, somchai)
    page = chromium.pages[0]
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await at_queue(page, opened)
    await until(page, "document.querySelectorAll('.tip').length === 4")

    async def standing() -> str | None:
        return await page.evaluate("document.activeElement.closest('.tip')?.dataset.tip ?? null")

    all_tips = await page.evaluate("[...document.querySelectorAll('.tip')].map(t => t.dataset.tip)")
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0), ("k", 0)):
        await page.keyboard.press(key)
        assert await standing() == all_tips[place]
    await page.keyboard.press("/")
    await page.keyboard.type("jk ปูน")  # a letter is a letter while one types
    assert await page.input_value("#words") == "jk ปูน"
    await page.keyboard.press("Control+a")
    await page.keyboard.type("รุ่งเรือง")
    await until(page, "document.querySelectorAll('.tip').length === 1")
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/tips/{tip.tip_id}")
    await page.keyboard.press("g")
    await page.keyboard.press("f")
    await page.wait_for_url("**/figures")
    await page.keyboard.press("g")
    await page.keyboard.press("q")
    await page.wait_for_selector(".queue")
    await page.wait_for_load_state()  # its script is there too
    assert await page.input_value("#words") == "รุ่งเรือง", "a search outlives a look elsewhere"
    await page.keyboard.press("?")
    await page.wait_for_selector("#keys ul", state="visible")
    assert complaints == []


async def test_what_is_typed_is_found_marked_and_never_stands_in_an_address(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    tell_a_story(world, somchai)
    page = chromium.pages[0]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await at_queue(page, opened)
    await until(page, "document.querySelector('#progress').textContent === ''")
    await page.fill("#words", "ปูน ๘๑-๔๔๓๒")
    await until(page, "document.querySelectorAll('.tip').length === 1")
    assert set(await page.locator("mark").all_inner_texts()) == {"ปูน"}  # where the first one stands
    await keep_picture(page, "queue-search")
    await page.reload()
    assert await page.input_value("#words") == "ปูน ๘๑-๔๔๓๒"
    assert await page.locator(".tip").count() == 1
    assert not [url for url in asked if "4432" in url or "%E0%B8" in url]
    await page.fill("#words", "")
    await until(page, "document.querySelectorAll('.tip').length === 4")


async def test_a_new_tip_appears_by_itself_and_is_announced_and_typing_goes_on(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    world.file_tip(somchai, category="bribe")
    page = chromium.pages[0]
    await at_queue(page, opened)
    await until(page, "document.querySelectorAll('.tip').length === 1")
    await page.click("details.views summary")
    await page.fill("#view-name", "ยังพิมพ์อยู่")
    await page.keyboard.type(" ต่อ")
    for _ in range(2):
        world.file_tip(somchai, category="land")
    await until(page, "document.querySelectorAll('.tip').length === 3")
    await until(page, "document.querySelector('#news').textContent !== ''")
    assert "มีเรื่องใหม่" in await page.inner_text("#news")
    assert await page.get_attribute("#news", "aria-live") == "polite"
    assert await page.input_value("#view-name") == "ยังพิมพ์อยู่ ต่อ"
    assert await page.evaluate("document.activeElement.id") == "view-name"
    await keep_picture(page, "queue-news")


async def test_asking_for_news_does_not_keep_the_keys_open(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    world.file_tip(somchai, category="bribe")
    page = chromium.pages[0]
    await at_queue(page, opened)
    opened.window.room.idle_s = 5.0  # longer than from one question of the page to the next
    await page.wait_for_selector("#passphrase", timeout=20_000)
    assert await page.locator(".tip").count() == 0
    assert opened.window.room.office is None


async def test_a_saved_view_brings_filters_and_words_back(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    tell_a_story(world, somchai)
    page = chromium.pages[0]
    await unlock(page, opened)
    await page.check("input[name=verified]")
    await page.wait_for_url("**verified=1**")
    await page.fill("#words", "ปูน")
    await until(page, "document.querySelectorAll('.tip').length === 1")
    await page.click("details.views summary")
    await page.fill("#view-name", "ปูนของเครือข่าย")
    await page.click("text=เก็บ >> nth=-1")
    await page.wait_for_selector(".views li")
    await page.goto(opened.origin + "/")
    await page.fill("#words", "")
    await until(page, "document.querySelectorAll('.tip').length === 4")
    await page.click(".views li button >> nth=0")
    await page.wait_for_url("**verified=1**")
    assert await page.input_value("#words") == "ปูน"
    raw = (somchai.home / "views.sealed").read_bytes()
    assert "ปูน".encode() not in raw
    assert b"verified" not in raw


async def test_everything_works_without_script(
    world: World, somchai: Person, opened: Opened, scriptless: BrowserContext
) -> None:
    tip = tell_a_story(world, somchai)
    page = scriptless.pages[0]
    await page.goto(opened.entry)
    await page.fill("#passphrase", PASSPHRASE)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".queue")
    for _ in range(100):
        await page.fill("#words", "รุ่งเรือง")
        await page.click("#search button")
        await page.wait_for_selector(".queue")
        if await page.locator(".tip").count() == 1:
            break
    assert await page.locator("mark").all_inner_texts() == ["รุ่งเรือง"]
    await page.fill("#words", "")
    await page.click("#search button")
    await page.check("input[name=duress]")
    await page.select_option("select[name=order]", "clock")
    await page.click(".filters button")
    await page.wait_for_url("**duress=1**order=clock**")
    assert await heads(page) == ["เรียกรับสินบน · ร้อยเอ็ด"]
    await page.goto(opened.origin + "/")
    await page.click(f'a[href="/tips/{tip.tip_id}"]')
    await page.wait_for_selector(".talk")


async def test_colours_are_as_chosen_and_nothing_overflows(
    world: World, opened: Opened, somchai: Person, chromium: BrowserContext
) -> None:
    tell_a_story(world, somchai)
    hostile = world.file_tip(somchai)
    hostile.append(hostile.told(words="รถบรรทุก" + HOSTILE + "ก" * 3000))
    page = chromium.pages[0]
    await at_queue(page, opened)
    await until(page, "document.querySelectorAll('.tip').length === 5")
    await page.fill("#words", "รถบรรทุก")
    await until(page, "document.querySelectorAll('mark').length > 0")
    assert await page.title() != "x"
    for chosen, ground in (("dark", "rgb(17, 24, 26)"), ("light", "rgb(243, 245, 243)")):
        await page.goto(opened.origin + "/settings")
        await page.select_option("#colours", chosen)
        await page.click("text=เก็บการตั้งค่า >> nth=-1")
        await page.wait_for_selector(".notice.good")
        await page.wait_for_load_state("load")
        other = "light" if chosen == "dark" else "dark"
        await page.emulate_media(color_scheme=other)  # type: ignore[arg-type]  # one of the two literals it takes
        painted = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert painted == ground
        for name, size in (("desktop", DESKTOP), ("zoomed", ZOOMED), ("narrow", PHONE)):
            await page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict of ints
            for path, what in (("/", "queue"), ("/figures", "figures"), ("/settings", "settings")):
                await page.goto(opened.origin + path)
                await keep_picture(page, f"{what}-{name}-{chosen}")
                wider = await page.evaluate(
                    "document.documentElement.scrollWidth > document.documentElement.clientWidth"
                )
                assert not wider, f"{what} is wider than {name}"


async def test_the_new_pages_shut_nobody_out(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    tell_a_story(world, somchai)
    page = chromium.pages[0]
    await at_queue(page, opened)
    await page.fill("#words", "ปูน")
    await until(page, "document.querySelectorAll('mark').length > 0")
    await page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert await grave(page) == []
    for path in ("/figures", "/settings"):
        await page.goto(opened.origin + path)
        assert await grave(page) == [], path


async def test_an_officer_finds_no_members_and_no_cards(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    world.file_tip(somchai)
    page = chromium.pages[0]
    await unlock(page, opened)
    assert await page.locator(".sections a").count() == 3
    for path in ("/members", "/campaigns", "/members/mkm7"):
        answer = await page.goto(opened.origin + path)
        assert answer is not None
        assert answer.status == 422


async def test_a_long_name_of_who_holds_a_tip_leaves_room_for_the_tip(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    """On a laptop at 200 %, where a row still has two sides."""
    holder = world.join("พันตำรวจเอกหญิง มาลี " + "ตั้งใจทำงาน" * 5, "kkn")
    marks = {"is_afraid": True, "is_duress": True, "is_reported_elsewhere": True}
    claim_as(world.file_tip(somchai, holder, is_verified=True, alias="k3m9", **marks), holder)
    page = chromium.pages[0]
    await page.set_viewport_size({"width": 683, "height": 384})
    await at_queue(page, opened)
    width = "document.querySelector('{}').getBoundingClientRect().width"
    row, lines = [await page.evaluate(width.format(each)) for each in (".tip a", ".tip .lines")]
    assert lines > row / 2
