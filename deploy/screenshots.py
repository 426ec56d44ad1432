"""python -m deploy.screenshots: the pictures of the docs, taken from the running program.

A throw-away deployment with the sample tips of the demo, a person who tells one more in Chromium
with JavaScript switched off, an officer who opens it in the local pages. Nothing is drawn by hand:
when a page changes, so does its picture.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from deploy.demo import past
from deploy.demo.by_hand import pages_of
from deploy.demo.deployment import Deployment, make
from deploy.demo.officer import Officer
from deploy.demo.photo import photo
from deploy.demo.programs import program, serving
from deploy.demo.registrar import with_codes
from deploy.demo.script import MORE, QUESTION, SENTENCE, STORY
from deploy.demo.tales import tales, tell
from deploy.demo.transcript import Transcript

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
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
NOTE = "ตรวจสัญญาซื้อปูนแล้ว จำนวนไม่ตรงกับที่เบิก"
RESULT = "ตรวจแล้วพบว่าจริง อบต. จะได้ปูนคืน และกำลังสอบวินัยผู้เกี่ยวข้อง"
REASON = "ใบเบิกปูน 3 ฉบับลงวันที่เดียวกัน จำนวนตรงกับที่ผู้แจ้งเห็น"
WHY = "ส่งพนักงานสอบสวนตามหนังสือขอข้อมูล"
PHRASES = "นายช่าง\nหน้าวัด"
"""What the officer has blacked out before the tip goes to another body."""
PAPER_DPI = 72
PHONE: ViewportSize = {"width": 390, "height": 780}
DESK: ViewportSize = {"width": 1180, "height": 760}
LONG: ViewportSize = {"width": 1180, "height": 2600}
"""So long that no card has to be scrolled to, under the bar that stays."""
TALL: ViewportSize = {"width": 1180, "height": 1720}
"""So tall that all the charts of a page are in the picture."""
GRAVEST_FIRST = "/?order=priority"
SHARP = 1.5
"""Device pixels to a pixel of the page: readable on any screen, and a small file."""
DRAWN_MS = 3000
"""In which a picture is drawn anew by a process of its own, and shown."""
OPENED_MS = 60_000
"""Within which the console has opened every tip there is, for searching."""


def main() -> int:
    """Take every picture; the exit code."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    paper = Transcript()
    with tempfile.TemporaryDirectory(prefix="saisaat-pictures-") as folder:
        deployment = make(Path(folder), paper.progress)
        past.lay_down(deployment.config)
        _publish(deployment.config)
        command = (program("saisaat"), "serve", "--config", deployment.config)
        with serving("saisaat serve", command, deployment.logs / "serve.log") as bot:
            bot.wait_for_port(deployment.web_port)
            bot.wait_for_port(deployment.desk_port)
            deployment = with_codes(deployment)
            tell(deployment, tales())
            with _chromium() as chromium:
                _tell(chromium, deployment, paper)
                tip_id = _work(deployment, paper)
                _read(chromium, deployment, tip_id, paper)
                _figures(chromium, deployment, paper)
                _public(chromium, deployment, paper)
            _print(deployment, tip_id, paper)
    return 0


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def _tell(chromium: Browser, deployment: Deployment, paper: Transcript) -> None:
    page = chromium.new_context(
        java_script_enabled=False, viewport=PHONE, device_scale_factor=SHARP, locale="th-TH"
    ).new_page()
    page.goto(deployment.web_url)
    _keep(page, "chat-start", paper)
    _tap(page, "แจ้งเบาะแส")
    _keep(page, "chat", paper)
    _tap(page, "ยักยอก")
    _say(page, "สารคาม")
    _tap(page, "ใช่")
    _tap(page, "ไม่ทราบ")
    _say(page, "นายช่าง")
    _tap(page, "เสร็จแล้ว")
    _say(page, STORY)
    _say(page, MORE)
    _tap(page, "เล่าจบแล้ว")
    _tap(page, "เกิดซ้ำ ยังไม่หยุด")
    _say(page, "หน้าวัด หมู่ 5")
    _tap(page, "เสร็จแล้ว")
    picture = photo()
    page.set_input_files(
        "input[type=file]",
        {"name": picture.name, "mimeType": picture.mime, "buffer": picture.data},
    )
    page.locator("button.send").click()
    _keep(page, "chat-evidence", paper)
    _tap(page, "ส่งครบแล้ว")
    _tap(page, "ข้าม")
    _keep(page, "chat-review", paper)
    _tap(page, "ส่ง")
    _keep(page, "chat-receipt", paper)


def _work(deployment: Deployment, paper: Transcript) -> str:
    """A morning's work of two officers on what was told: who opens the queue then sees some of
    everything. The id of the tip that the pictures show."""
    officer = Officer(deployment.provincial, paper.say)
    lead = Officer(deployment.lead, paper.say)
    told = {tip["summary"]["category"]: tip["tip_id"] for tip in officer.queue()}
    theirs, taken = told["embezzlement"], told["procurement"]
    officer.claim(theirs)
    officer.reply(theirs, QUESTION)
    officer.note(theirs, NOTE)
    officer.status(theirs, "screening", SENTENCE)
    lead.claim(taken)
    lead.status(taken, "screening", SENTENCE)
    return str(theirs)


def _read(chromium: Browser, deployment: Deployment, tip_id: str, paper: Transcript) -> None:
    passphrase = deployment.provincial.passphrase_file.read_text(encoding="utf-8").strip()
    with pages_of(deployment.provincial, deployment.logs / "open.log") as (_, address):
        context = chromium.new_context(viewport=DESK, device_scale_factor=SHARP, locale="th-TH")
        page, origin = context.new_page(), address.split("/enter")[0]
        page.goto(address)
        _keep(page, "console-unlock", paper)
        page.fill("#passphrase", passphrase)
        page.keyboard.press("Enter")
        _until_opened(page)
        page.goto(f"{origin}{GRAVEST_FIRST}")
        _keep_both(page, "console-queue", paper)
        page.goto(f"{origin}/tips/{tip_id}")
        _keep(page, "console-tip", paper)
        page.set_viewport_size(LONG)
        page.locator(".evidence summary").first.click()
        page.wait_for_timeout(DRAWN_MS)
        _keep_card(page, "console-evidence", "#h-evidence", paper)
        _close_form(page)
        _keep_card(page, "console-actions", "#h-actions", paper)
        page.goto(f"{origin}/settings")
        _keep_card(page, "console-settings", "#h-pages", paper)
        page.goto(f"{origin}/tips/{tip_id}/handoff")
        page.fill("#phrases", PHRASES)
        page.locator("button[value=preview]").click()
        _keep_card(page, "console-handoff", "#h-preview", paper)
        page.set_viewport_size(DESK)
        page.goto(f"{origin}{GRAVEST_FIRST}")
        page.get_by_role("button", name="English").click()
        page.wait_for_selector(":root[lang=en] .queue .tip")
        _keep(page, "console-queue-english", paper)


def _figures(chromium: Browser, deployment: Deployment, paper: Transcript) -> None:
    """What a lead sees of the network, in both languages and colours, and of their own queue."""
    passphrase = deployment.lead.passphrase_file.read_text(encoding="utf-8").strip()
    with pages_of(deployment.lead, deployment.logs / "open-lead.log") as (_, address):
        context = chromium.new_context(viewport=DESK, device_scale_factor=SHARP, locale="th-TH")
        page, origin = context.new_page(), address.split("/enter")[0]
        page.goto(address)
        page.fill("#passphrase", passphrase)
        page.keyboard.press("Enter")
        _until_opened(page)
        page.goto(f"{origin}/figures?of=network")
        page.set_viewport_size(TALL)
        _keep_both(page, "console-figures", paper)
        page.get_by_role("button", name="English").click()
        page.wait_for_selector(":root[lang=en] svg.chart")
        _keep(page, "console-figures-english", paper)


def _publish(config: Path) -> None:
    """Switch the public page of figures on, as an operator does."""
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("\npublic = false\n", "\npublic = true\n"), encoding="utf-8")


def _public(chromium: Browser, deployment: Deployment, paper: Transcript) -> None:
    """The newest quarter, as anybody reads it on a phone."""
    page = chromium.new_context(
        java_script_enabled=False, viewport=PHONE, device_scale_factor=SHARP, locale="th-TH"
    ).new_page()
    page.goto(f"{deployment.web_url}/figures")
    page.locator(".quarters a").first.click()
    page.wait_for_load_state("networkidle")
    _keep(page, "public-figures", paper)


def _print(deployment: Deployment, tip_id: str, paper: Transcript) -> None:
    """The pages of the case file, as paper shows them."""
    folder = deployment.folder / "export"
    Officer(deployment.provincial, paper.say).export(tip_id, folder, WHY)
    target = PICTURES / "case-file"
    for old in PICTURES.glob("case-file-*.png"):
        old.unlink()
    subprocess.run(
        ["pdftoppm", "-png", "-r", str(PAPER_DPI), folder / "case-file.pdf", target], check=True
    )
    for made in sorted(PICTURES.glob("case-file-*.png")):
        paper.progress(f"docs/pictures/{made.name}")


def _until_opened(page: Page) -> None:
    """Until every tip is on the list and can be searched."""
    page.wait_for_selector(".queue .tip")
    expect(page.locator("#progress")).to_have_text("", timeout=OPENED_MS)


def _close_form(page: Page) -> None:
    """The form that ends a tip, as it is filled in."""
    form = page.locator("details.act", has=page.locator("#outcome"))
    form.locator("summary").click()
    page.select_option("#outcome", "closed/substantiated")
    page.fill("#close-sentence", RESULT)
    page.fill("#close-reason", REASON)
    page.evaluate("document.activeElement.blur()")


def _keep_both(page: Page, name: str, paper: Transcript) -> None:
    """A picture in the light and one in the dark."""
    _keep(page, name, paper)
    page.emulate_media(color_scheme="dark")
    page.reload()
    _keep(page, f"{name}-dark", paper)
    page.emulate_media(color_scheme="light")


def _keep_card(page: Page, name: str, heading: str, paper: Transcript) -> None:
    """A picture of the card under *heading* alone."""
    card = page.locator(".card", has=page.locator(heading))
    card.screenshot(path=PICTURES / f"{name}.png")
    paper.progress(f"docs/pictures/{name}.png")


def _tap(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=False).first.click()


def _say(page: Page, words: str) -> None:
    page.fill("#words", words)
    page.locator("button.send").click()


def _keep(page: Page, name: str, paper: Transcript) -> None:
    page.screenshot(path=PICTURES / f"{name}.png")
    paper.progress(f"docs/pictures/{name}.png")


if __name__ == "__main__":
    sys.exit(main())
