"""The pages in a real browser: forms work without script, the policy holds, nothing overflows."""

import asyncio
import contextlib
import os
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright

from console.folder import Folder
from console.pages.app import Window
from console.pages.desk_room import DeskRoom
from console.pages.door import Key
from console.pages.serve import listening, run
from console.words import words_for
from sealing import Kind, Media
from tests.console.fake_world import FORM, PASSPHRASE, Person, Tip, World, claim_as

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 860}
PICTURES = os.environ.get("SAISAAT_PICTURES")


@dataclass
class Opened:
    """The pages as `saisaat-console open` serves them."""

    window: Window
    origin: str

    @property
    def entry(self) -> str:
        return f"{self.origin}/enter/{self.window.key.entry}"


@contextlib.asynccontextmanager
async def opened_for(person: Person) -> AsyncIterator[Opened]:
    window = Window(Key(), DeskRoom(Folder(person.home)), words_for("th"))
    with listening(0) as listener:
        serving = asyncio.create_task(run(window, listener))
        yield Opened(window, f"http://127.0.0.1:{listener.getsockname()[1]}")
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


@pytest.fixture
async def opened(somchai: Person) -> AsyncIterator[Opened]:
    async with opened_for(somchai) as there:
        yield there


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[BrowserContext]:
    async with async_playwright() as driver:
        context = await driver.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=CHROMIUM, args=FLAGS, viewport=DESKTOP
        )
        yield context
        await context.close()


def picture(width: int = 320, height: int = 200) -> bytes:
    """A PNG of some colour: a photo, as far as a browser cares."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(
        b"\0" + b"".join(bytes((90 + x // 4, 120 + y // 3, 140)) for x in range(width))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def tell_a_story(world: World, somchai: Person) -> Tip:
    """A queue to look at, and one tip with everything in it."""
    malee = world.join("มาลี ตั้งใจ", "kkn")
    world.file_tip(somchai, category="procurement", province="TH-40", day="2026-11-19")
    claimed = world.file_tip(
        somchai, category="bribe", province="TH-45", is_verified=True, alias="k3m9",
        is_duress=True, day="2026-11-22", completeness_have=3,
    )  # fmt: skip
    claim_as(claimed, malee)
    world.file_tip(somchai, category="wealth", province="TH-43", day="2026-10-01")
    tip = world.file_tip(
        somchai, is_verified=True, alias="mkm7", is_afraid=True, is_reported_elsewhere=True,
        form=FORM, day="2026-11-21",
    )  # fmt: skip
    tip.append(tip.told(words="นายก อบต. กับช่างโยธา", question="who"))
    tip.append(
        tip.told(
            words="เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง ขนตอนเย็นหลังเลิกงานสามวันติดกัน "
            "รถหกล้อสีฟ้า มีคนในหมู่บ้านเห็นหลายคนแต่ไม่มีใครกล้าพูด\n\nเคยถามแล้วเขาบอกว่าเป็นของเหลือ",
            question="what",
        )
    )
    world.add_file(tip, picture(), name="ถนนหน้าบ้าน.png")
    world.add_file(
        tip,
        b"OggS" + bytes(24) + b"OpusHead" + bytes(9000),
        name=None,
        media=Media.VOICE,
        mime="audio/ogg",
    )
    world.officer_part(tip, somchai, "จำทะเบียนรถบรรทุกปูนได้ไหม หรือมีชื่อบริษัทข้างรถไหม")
    world.officer_part(tip, somchai, "ตรวจสัญญาซื้อปูนปี 2569 แล้ว จำนวนไม่ตรงกับที่เบิก", Kind.NOTE)
    tip.append(
        tip.told(
            words="ทะเบียน 81-4432 ข้างรถเขียนว่า “รุ่งเรืองก่อสร้าง”", question="reply", day="2026-11-22"
        )
    )
    return tip


async def unlock(page: Page, opened: Opened) -> None:
    await page.goto(opened.entry)
    await page.fill("#passphrase", PASSPHRASE)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".queue")


async def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of the page when somebody asked for pictures."""
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


async def test_an_officers_work_in_a_real_browser(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    tip = tell_a_story(world, somchai)
    page = chromium.pages[0]
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    strangers: list[str] = []
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(opened.origin) else strangers.append(request.url)
        ),
    )
    await unlock(page, opened)
    await keep_picture(page, "queue-desktop")
    assert await page.locator(".tip").count() == 4

    await page.click(f'a[href="/tips/{tip.tip_id}"]')
    await page.wait_for_selector(".talk")
    assert "เห็นเขาเอาปูนของ อบต." in await page.inner_text(".talk")
    await page.click("text=ดูรูป")
    shown = page.locator(".evidence img")
    await shown.scroll_into_view_if_needed()
    for _ in range(100):
        if await shown.evaluate("image => image.naturalWidth") == 320:
            break
        await asyncio.sleep(0.05)
    assert await shown.evaluate("image => image.naturalWidth") == 320
    await keep_picture(page, "tip-desktop")

    await page.click("text=รับเรื่องนี้")
    await page.wait_for_selector(".notice.good:focus")
    await page.fill("#reply", "ขอบคุณ เราจะตรวจทะเบียนนี้")
    await page.click("text=ส่งถึงผู้แจ้ง")
    await page.wait_for_selector(".notice.good:focus >> text=ส่งข้อความถึงผู้แจ้งแล้ว")
    await page.click("text=เปลี่ยนสถานะ")
    await page.select_option("#status", "screening")
    await page.fill("#sentence", "เราเริ่มตรวจสอบแล้ว")
    await page.get_by_role("button", name="เปลี่ยน", exact=True).click()
    await page.wait_for_selector("text=เปลี่ยนสถานะเป็น")
    assert tip.answer["status"] == "screening"
    assert tip.answer["claimed_by"] == somchai.id
    assert complaints == []
    assert strangers == []


async def test_no_page_overflows_a_phone_or_a_zoomed_desk(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    tip = tell_a_story(world, somchai)
    tip.append(tip.told(words="ก" * 3000 + "\u202egpj.exe <script>alert(1)</script>"))
    page = chromium.pages[0]
    await unlock(page, opened)
    sizes = {"phone": PHONE, "zoomed": {"width": 1024, "height": 688}, "desktop": DESKTOP}
    for colours in ("light", "dark"):
        await page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]  # one of the two literals it takes
        for name, size in sizes.items():
            await page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict of ints
            for path, what in (("/", "queue"), (f"/tips/{tip.tip_id}", "tip")):
                await page.goto(opened.origin + path)
                await keep_picture(page, f"{what}-{name}-{colours}")
                wider = await page.evaluate(
                    "document.documentElement.scrollWidth > document.documentElement.clientWidth"
                )
                assert not wider, f"{what} is wider than a {name}"


async def test_a_page_elsewhere_can_neither_read_nor_act(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    """A hostile page in the same browser, on another port of this machine (same site, other
    origin).
    """
    tip = world.file_tip(somchai)
    page = chromium.pages[0]
    await unlock(page, opened)
    hostile = (
        f'<iframe src="{opened.origin}/"></iframe>'
        f'<form id="f" method="post" action="{opened.origin}/tips/{tip.tip_id}/claim"></form>'
        "<script>"
        f"fetch('{opened.origin}/', {{credentials: 'include'}})"
        ".then(a => a.text()).then(t => document.title = 'read ' + t.length)"
        ".catch(() => document.title = 'refused')</script>"
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = hostile.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.wait_for_function("document.title !== ''")
        assert await page.title() == "refused"
        await page.evaluate("document.getElementById('f').submit()")
        await page.wait_for_load_state()
    assert tip.answer["claimed_by"] is None


async def test_a_picture_that_cannot_be_drawn_says_so(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext
) -> None:
    tip = world.file_tip(somchai)
    for data in (picture()[:60], picture()):
        world.add_file(tip, data, name="ถนน.png")
    page = chromium.pages[0]
    await unlock(page, opened)
    await page.goto(f"{opened.origin}/tips/{tip.tip_id}")
    damaged, whole = (page.locator(".evidence li").nth(n) for n in (0, 1))
    for each in (damaged, whole):
        await each.locator("summary", has_text="ดูรูป").click()
    await damaged.get_by_text("รูปนี้วาดให้ดูไม่ได้").wait_for()
    assert not await damaged.locator("img").is_visible()
    assert await whole.locator("img").is_visible()
    assert not await whole.get_by_text("รูปนี้วาดให้ดูไม่ได้").is_visible()
