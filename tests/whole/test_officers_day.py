"""An officer's day in two browsers, on the running bot and desk: a tip comes in on the web chat,
two officers of one centre reach for it, one works on it, the reporter comes back for more, and has
the last word on how it ended.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page as Tab
from playwright.async_api import Playwright, async_playwright, expect

from console.folder import KEYS
from console.pages.app import Window
from console.pages.desk_room import DeskRoom
from console.pages.door import Key
from console.pages.serve import listening, run
from console.words import words_for
from sealing import seal_keys
from tests.console.test_pages_in_chromium import CHROMIUM, DESKTOP, FLAGS
from tests.console.test_previews import picture
from tests.whole.browser import Browser, Tale
from tests.whole.deployment import COLLEAGUE, Whole, make
from tests.whole.nursery import running

PASSPHRASE, LOW_COST = "correct horse battery", 4
STORY = "เห็นเขาเอาปูนของหลวงไปทำถนนหน้าบ้านตัวเอง"
QUESTION, ANSWER = "จำทะเบียนรถขนปูนได้ไหม", "ทะเบียน 81-4432 สีฟ้า"
SENTENCE, REMARK = "เราเริ่มตรวจสอบแล้ว", "จำนวนปูนไม่ตรงกับสัญญา"
SOUGHT, TAKEN_UP = "หน้าบ้านตัวเอง", "รับเรื่องไว้ตรวจสอบแล้ว"
ENDED, ENDED_BECAUSE = "ตรวจแล้ว เป็นปูนที่เหลือจากงานอื่น", "ใบเบิกปูนครบทุกถุง"
NOT_OVER = "ยังมีปูนของหลวงกองอยู่หลังบ้านเขา"
ENDED_AGAIN, SEEN_BECAUSE = "ไปดูแล้ว พบปูนจริง ให้คืนและสอบวินัยแล้ว", "นับได้ 40 ถุง ตราของหลวง"
SEEN_MS = 45_000
"""Within which a desk's news is on a page that stands open, on a busy machine."""


@dataclass(frozen=True, slots=True)
class AtDesk:
    """One officer in front of their own browser."""

    tab: Tab
    origin: str
    name: str
    complaints: list[str]

    async def unlock(self) -> None:
        await self.tab.fill("#passphrase", PASSPHRASE)
        await self.tab.keyboard.press("Enter")
        await self.tab.wait_for_selector(".queue")

    async def open_tip(self, tip_id: str) -> None:
        await self.tab.goto(f"{self.origin}/tips/{tip_id}")
        await self.tab.wait_for_selector(".talk")

    async def newest_tip(self) -> str:
        """The id of the first tip in the queue."""
        await self.tab.goto(self.origin)
        href = await self.tab.locator(".queue .tip a").first.get_attribute("href")
        assert href is not None
        return href.removeprefix("/tips/")

    async def told(self, deed: str) -> str:
        """The word that *deed* came to, which has the focus."""
        await self.tab.wait_for_url(re.compile(rf"[=/]{deed}$"))
        notice = self.tab.locator(".notice[autofocus]")
        await notice.wait_for()
        assert await notice.evaluate("element => element === document.activeElement")
        return await notice.inner_text()

    async def says(self, words: str, *, is_note: bool = False) -> str:
        """Type into the composer and send, by keyboard alone once the box has the focus."""
        name = "note" if is_note else "reply"
        await self.tab.focus(f"#to-{name}")
        await self.tab.keyboard.press("Space")
        await self.tab.focus(f"#{name}")
        await self.tab.keyboard.type(words)
        await self.tab.keyboard.press("Tab")
        await self.tab.keyboard.press("Enter")
        return await self.told(name)

    async def finds(self, words: str) -> None:
        """Search for *words* and open the one tip that has them, by keyboard alone."""
        await self.tab.goto(self.origin)
        await self.tab.keyboard.press("/")
        await self.tab.keyboard.type(words)
        await expect(self.tab.locator(".queue .tip")).to_have_count(1, timeout=SEEN_MS)
        await expect(self.tab.locator(".queue mark")).to_have_text(words)
        await self.tab.keyboard.press("Escape")
        await self.tab.keyboard.press("j")
        await self.tab.keyboard.press("Enter")
        await self.tab.wait_for_selector(".talk")

    async def sets(self, status: str, sentence: str) -> str:
        """Change the status; the word that it came to."""
        await self.tab.click("text=เปลี่ยนสถานะ")
        await self.tab.select_option("#status", status)
        await self.tab.fill("#sentence", sentence)
        await self.tab.get_by_role("button", name="เปลี่ยน", exact=True).click()
        return await self.told("status")

    async def closes(self, outcome: str, sentence: str, reason: str) -> str:
        """End the tip whose page is open; the word that it came to."""
        await self.tab.click("text=ปิดเรื่องหรือไม่รับ พร้อมผล")
        await self.tab.select_option("#outcome", f"closed/{outcome}")
        await self.tab.fill("#close-sentence", sentence)
        await self.tab.fill("#close-reason", reason)
        await self.tab.get_by_role("button", name="จบเรื่องนี้", exact=True).click()
        return await self.told("close")

    async def talk(self) -> str:
        return await self.tab.inner_text(".talk")


@asynccontextmanager
async def at_desk(driver: Playwright, made: Whole, officer: str) -> AsyncIterator[AtDesk]:
    """*officer*'s console and browser, still locked."""
    folder = made.console(officer)
    folder.write(KEYS, seal_keys(made.officers[officer], PASSPHRASE, LOW_COST))
    window = Window(Key(), DeskRoom(folder), words_for("th"))
    complaints: list[str] = []
    with listening(0) as listener:
        serving = asyncio.create_task(run(window, listener))
        context = await driver.chromium.launch_persistent_context(
            str(made.folder / "profiles" / officer),
            executable_path=CHROMIUM,
            args=FLAGS,
            viewport=DESKTOP,  # type: ignore[arg-type]  # a plain dict of ints
        )
        try:
            tab = context.pages[0]
            tab.on("console", lambda message: complaints.append(message.text))
            tab.on("pageerror", lambda error: complaints.append(str(error)))
            origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
            await tab.goto(f"{origin}/enter/{window.key.entry}")
            yield AtDesk(tab, origin, made.officers[officer].name, complaints)
        finally:
            await context.close()
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving


async def comes_back(reporter: Browser, receipt: str) -> str:
    """The reporter comes back with the receipt; what the officers wrote."""
    await reporter.open()
    await reporter.press("follow")
    await reporter.say(receipt)
    return "\n".join(reporter.seen.letters)


async def test_two_officers_work_through_a_tip_and_the_reporter_comes_back(tmp_path: Path) -> None:
    made = make(tmp_path / "made", has_colleague=True)
    async with AsyncExitStack() as stack:
        stack.enter_context(running(made))
        reporter = await stack.enter_async_context(Browser(made.web_url))
        await reporter.open()
        photo = ("road.png", picture("PNG"), "image/png")
        receipt = await Tale(what=(STORY,), files=[photo]).tell(reporter)
        await reporter.press("noted")
        other = await stack.enter_async_context(Browser(made.web_url))
        await other.open()
        await Tale(what=("ปูนหายจากโกดังของ อบต.",)).tell(other)

        driver = await stack.enter_async_context(async_playwright())
        malee = await stack.enter_async_context(at_desk(driver, made, "khon-kaen"))
        somchai = await stack.enter_async_context(at_desk(driver, made, COLLEAGUE))
        for officer in (malee, somchai):
            await officer.unlock()
            assert await officer.tab.locator(".queue .tip").count() == 2

        tip_id = await _the_tip_about(malee, STORY)
        await somchai.open_tip(tip_id)
        await _race(malee, somchai)
        await _see_the_evidence(malee)

        assert "ส่งข้อความถึงผู้แจ้งแล้ว" in await malee.says(QUESTION)
        assert "บันทึกภายในแล้ว" in await malee.says(REMARK, is_note=True)
        assert "กำลังตรวจสอบ" in await malee.sets("screening", SENTENCE)
        await _link(malee, tip_id)

        letters = await comes_back(reporter, receipt)
        assert QUESTION in letters
        assert SENTENCE in letters
        assert REMARK not in reporter.seen.html
        await reporter.say(ANSWER)

        await somchai.open_tip(tip_id)
        await _is_marked_new(malee, somchai, tip_id)

        await malee.finds(SOUGHT)
        assert "รับดำเนินการ" in await malee.sets("accepted", TAKEN_UP)
        assert "จบเรื่องแล้ว" in await malee.closes("unsubstantiated", ENDED, ENDED_BECAUSE)
        await _the_reporter_has_it_reopened(made.web_url, receipt)
        await _the_queue_says_so(malee, tip_id)
        assert "จบเรื่องแล้ว" in await malee.closes("substantiated", ENDED_AGAIN, SEEN_BECAUSE)
        await _the_reporter_confirms(made.web_url, receipt)
        for officer in (malee, somchai):
            await officer.open_tip(tip_id)
            await _both_words_are_in_the_history(officer)
        assert malee.complaints == []
        assert [said for said in somchai.complaints if "409" not in said] == []


async def _the_tip_about(officer: AtDesk, story: str) -> str:
    """The id of the tip in which *story* is told, with its page open."""
    hrefs = [
        await link.get_attribute("href") or ""
        for link in await officer.tab.locator(".queue .tip a").all()
    ]
    for href in hrefs:
        await officer.open_tip(href.removeprefix("/tips/"))
        if story in await officer.talk():
            return href.removeprefix("/tips/")
    raise AssertionError("nobody's queue has the tip")


async def _race(winner: AtDesk, loser: AtDesk) -> None:
    """Both see that nobody holds the tip, and both claim it; the one who is late has typed already,
    and loses the race but no word."""
    await loser.tab.fill("#reply", "ร่างของอีกคน")
    await winner.tab.click("text=รับเรื่องนี้")
    assert "คุณรับเรื่องนี้แล้ว" in await winner.told("claim")
    await loser.tab.click("text=รับเรื่องนี้")
    assert f"{winner.name} รับเรื่องนี้ไปแล้ว" in await loser.told("claim")
    assert await loser.tab.input_value("#reply") == "ร่างของอีกคน"
    assert await loser.tab.locator("[formaction$='/claim']").count() == 0


async def _see_the_evidence(officer: AtDesk) -> None:
    await officer.tab.click("text=ดูรูป")
    image = officer.tab.locator(".evidence img")
    await image.scroll_into_view_if_needed()
    async with asyncio.timeout(20):
        while await image.evaluate("image => image.naturalWidth") != 400:  # noqa: ASYNC110  # the browser draws it
            await asyncio.sleep(0.05)


async def _link(officer: AtDesk, tip_id: str) -> None:
    """Link the tip with the other one in the queue, and find the way there."""
    tips = officer.tab.locator(".queue .tip a")
    await officer.tab.goto(officer.origin)
    hrefs = [await link.get_attribute("href") or "" for link in await tips.all()]
    (other,) = {href.removeprefix("/tips/") for href in hrefs} - {tip_id}
    await officer.open_tip(tip_id)
    await officer.tab.click("text=เชื่อมกับเรื่องอื่น")
    await officer.tab.fill("#link-other", other[:8])
    await officer.tab.fill("#link-reason", "ปูนล็อตเดียวกัน")
    await officer.tab.get_by_role("button", name="เชื่อมเรื่อง", exact=True).click()
    assert "เชื่อมสองเรื่องแล้ว" in await officer.told("link")
    await officer.tab.click(f"a[href='/tips/{other}']")
    await officer.tab.wait_for_selector(f"a[href='/tips/{tip_id}']")


async def _is_marked_new(worker: AtDesk, other: AtDesk, tip_id: str) -> None:
    """The answer is new to who had read the tip before it came, and what a colleague wrote is new
    to the other officer, note and all."""
    await worker.open_tip(tip_id)
    (answer,) = await worker.tab.locator(".bubble:has(.mark.new)").all_inner_texts()
    assert ANSWER in answer
    talk = await other.talk()
    for said in (QUESTION, REMARK, SENTENCE, ANSWER):
        assert said in talk
    assert await other.tab.locator(".bubble:has(.mark.new)").count() == 5


async def _the_reporter_has_it_reopened(web_url: str, receipt: str) -> None:
    """On a machine that has never been here, with the receipt alone."""
    async with Browser(web_url) as reporter:
        letters = await comes_back(reporter, receipt)
        assert ENDED in letters
        assert ENDED_BECAUSE not in reporter.seen.html
        assert {"confirm", "reopen", "later"} <= reporter.choices
        await reporter.press("reopen")
        await reporter.say(NOT_OVER)
        await reporter.press("done")
        assert "เปิดเรื่องอีกครั้งแล้ว" in reporter.seen.text


async def _the_queue_says_so(officer: AtDesk, tip_id: str) -> None:
    """The tip comes up among the reopened by itself; its page has why, marked as new."""
    await officer.tab.goto(f"{officer.origin}/?tab=reopened")
    tip = officer.tab.locator(f".queue .tip[data-tip='{tip_id}']")
    await expect(tip).to_contain_text("ผู้แจ้งขอเปิดเรื่องอีกครั้ง", timeout=SEEN_MS)
    await tip.locator("a").click()
    fresh = officer.tab.locator(".bubble:has(.mark.new)")
    await expect(fresh.filter(has_text=NOT_OVER)).to_have_count(1)


async def _the_reporter_confirms(web_url: str, receipt: str) -> None:
    async with Browser(web_url) as reporter:
        letters = await comes_back(reporter, receipt)
        assert ENDED_AGAIN in letters
        assert SEEN_BECAUSE not in reporter.seen.html
        await reporter.press("confirm")
        assert "จดไว้แล้วว่าตรงตามนั้น" in reporter.seen.text
        assert "confirm" not in reporter.choices


async def _both_words_are_in_the_history(officer: AtDesk) -> None:
    """The reporter's no and the reporter's yes, each after the ending that it answers."""
    assert await officer.tab.locator(".notice.danger").count() == 0
    assert "ผู้แจ้งยืนยันแล้ว" in await officer.tab.inner_text(".tiphead")
    await officer.tab.click("summary:text('ประวัติ')")
    history = await officer.tab.inner_text("details[open]:has(> summary:text('ประวัติ'))")
    closed, reopened, confirmed = "สถานะ: ปิดเรื่อง", "ผู้แจ้งขอเปิดเรื่องอีกครั้ง", "ผู้แจ้งยืนยันแล้ว"
    told = [history.find(word) for word in (closed, reopened, confirmed)]
    assert -1 not in told
    assert told == sorted(told)
    assert told[1] < history.rfind(closed) < told[2]
    talk = await officer.talk()
    for said in (ENDED, NOT_OVER, ENDED_AGAIN):
        assert said in talk
