"""The figures' page in a browser: charts under the strict policy, at every width and colour, by
keyboard, on paper."""

from playwright.async_api import BrowserContext, Page

from sealing import Role
from tests.axe.axe import grave
from tests.console.fake_world import Person, World
from tests.console.figures_told import told
from tests.console.test_pages_in_chromium import (
    DESKTOP,
    PHONE,
    Opened,
    chromium,
    keep_picture,
    opened,
    tell_a_story,
    unlock,
)

__all__ = ["chromium", "opened"]
NETWORK, OWN = "/figures?of=network&period=2026", "/figures?of=own&period=all"
ZOOMED = {"width": 1024, "height": 688}
"""A laptop's screen at 125 %."""
NARROWEST = {"width": 320, "height": 640}
OVERLAPS = """() => [...document.querySelectorAll('svg.chart')].flatMap(svg => {
  const seen = [...svg.querySelectorAll('text')].filter(t => getComputedStyle(t).display != 'none');
  const boxes = seen.map(t => {
    const b = t.getBoundingClientRect();
    return [t.textContent, b.left, b.right, b.top + b.height * 0.2, b.bottom - b.height * 0.1];
  });
  return boxes.flatMap((a, n) => boxes.slice(n + 1).filter(b =>
    a[1] < b[2] && b[1] < a[2] && a[3] < b[4] && b[3] < a[4]).map(b => [a[0], b[0]]));
})"""


async def at_figures(world: World, lead: Person, page: Page, opened: Opened) -> list[str]:
    """A lead at work; what the browser complains of, which grows."""
    world.figures = told()
    lead.roles = (Role.LEAD,)
    world.sign_roster()
    tell_a_story(world, lead)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await unlock(page, opened)
    return complaints


async def test_charts_hold_at_every_width_in_every_colour(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    page = chromium.pages[0]
    complaints = await at_figures(world, somchai, page, opened)
    for colours in ("light", "dark"):
        await page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]  # one of the two literals it takes
        for name, size in (
            ("desktop", DESKTOP), ("zoomed", ZOOMED), ("phone", PHONE), ("narrowest", NARROWEST),
        ):  # fmt: skip
            await page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict of ints
            for path, what in ((NETWORK, "network"), (OWN, "own")):
                await page.goto(opened.origin + path)
                await keep_picture(page, f"figures-{what}-{name}-{colours}")
                assert await page.locator("svg.chart").count() >= 4
                assert await page.evaluate(OVERLAPS) == [], (what, name)
                root = "document.documentElement"
                wider = await page.evaluate(f"{root}.scrollWidth > {root}.clientWidth")
                assert not wider, f"{what} is wider than {name}"
    assert complaints == []  # the policy refused nothing: no inline style, no script


async def test_the_charts_shut_nobody_out(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    page = chromium.pages[0]
    await at_figures(world, somchai, page, opened)
    for colours in ("light", "dark"):
        await page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]  # one of the two literals it takes
        for path in (NETWORK, OWN):
            await page.goto(opened.origin + path)
            await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert await grave(page) == [], (colours, path)
    chart = page.get_by_role("img", name="ประเภท")
    assert await chart.count() == 1
    about = await chart.evaluate("one => one.querySelector('desc').textContent")
    assert "จัดซื้อจัดจ้าง: 1" in about


async def test_months_are_chosen_by_keyboard_and_the_table_is_saved(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    page = chromium.pages[0]
    await at_figures(world, somchai, page, opened)
    await page.goto(opened.origin + NETWORK)
    await page.focus("#period")
    await page.keyboard.press("End")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/figures?of=network&period=FY*")
    await page.goto(opened.origin + NETWORK)
    async with page.expect_download() as saving:
        await page.click("a[download]")
    saved = await saving.value
    assert saved.suggested_filename == "figures-network-2026.csv"


async def test_on_paper_every_table_is_open_and_the_ground_is_light(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    page = chromium.pages[0]
    await at_figures(world, somchai, page, opened)
    await page.goto(opened.origin + NETWORK)
    await page.emulate_media(media="print", color_scheme="dark")
    await keep_picture(page, "figures-print")
    assert not await page.locator(".filters").is_visible()
    assert await page.locator(".numbers table").first.is_visible()
    ink = await page.evaluate("getComputedStyle(document.querySelector('svg.chart text')).color")
    assert ink == "rgb(26, 42, 46)"
