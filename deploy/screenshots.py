"""python -m deploy.screenshots: the pictures of the docs, taken from the running program.

A throw-away deployment, a person who tells a tip in Chromium with JavaScript switched off, an
officer who opens it in the local pages. Nothing is drawn by hand: when a page changes, so does its
picture.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from deploy.demo.by_hand import pages_of
from deploy.demo.deployment import Deployment, make
from deploy.demo.officer import Officer
from deploy.demo.photo import photo
from deploy.demo.programs import program, serving
from deploy.demo.registrar import with_codes
from deploy.demo.script import MORE, QUESTION, STORY
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
PHONE: ViewportSize = {"width": 390, "height": 780}
DESK: ViewportSize = {"width": 1180, "height": 760}
DRAWN_MS = 3000
"""In which a picture is drawn anew by a process of its own, and shown."""


def main() -> int:
    """Take every picture; the exit code."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    paper = Transcript()
    with tempfile.TemporaryDirectory(prefix="saisaat-pictures-") as folder:
        deployment = make(Path(folder), paper.progress)
        command = (program("saisaat"), "serve", "--config", deployment.config)
        with serving("saisaat serve", command, deployment.logs / "serve.log") as bot:
            bot.wait_for_port(deployment.web_port)
            bot.wait_for_port(deployment.desk_port)
            with _chromium() as chromium:
                _tell(chromium, deployment, paper)
                _read(chromium, deployment, paper)
    return 0


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def _tell(chromium: Browser, deployment: Deployment, paper: Transcript) -> None:
    page = chromium.new_context(
        java_script_enabled=False, viewport=PHONE, device_scale_factor=2, locale="th-TH"
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


def _read(chromium: Browser, deployment: Deployment, paper: Transcript) -> None:
    officer = Officer(deployment.provincial, paper.say)
    tip_id = officer.queue()[0]["tip_id"]
    deployment = with_codes(deployment)
    tell(deployment, tales())
    officer.claim(tip_id)
    officer.reply(tip_id, QUESTION)
    officer.note(tip_id, NOTE)
    passphrase = deployment.provincial.passphrase_file.read_text(encoding="utf-8").strip()
    with pages_of(deployment.provincial, deployment.logs / "open.log") as (_, address):
        context = chromium.new_context(
            viewport=DESK, device_scale_factor=2, locale="th-TH", java_script_enabled=False
        )
        page, origin = context.new_page(), address.split("/enter")[0]
        page.goto(address)
        _keep_both(page, "console-unlock", paper)
        page.fill("#passphrase", passphrase)
        page.keyboard.press("Enter")
        page.wait_for_selector(".queue")
        _keep_both(page, "console-queue", paper)
        page.goto(f"{origin}/tips/{tip_id}")
        _keep(page, "console", paper, whole=True)
        _keep_both(page, "console-tip", paper)
        _keep_both(page, "console-actions", paper, part="#h-actions")
        page.locator(".evidence summary").first.click()
        page.wait_for_timeout(DRAWN_MS)
        _keep_both(page, "console-evidence", paper, part="#h-evidence")
        _keep_both(page, "console-write", paper, part="#h-write")


def _keep_both(page: Page, name: str, paper: Transcript, *, part: str = "") -> None:
    """A picture in the light and one in the dark; of the card around *part* only, if it is
    given."""
    for colours, ending in (("light", ""), ("dark", "-dark")):
        page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]  # one of the two literals it takes
        if part:
            card = page.locator(".card", has=page.locator(part))
            card.screenshot(path=PICTURES / f"{name}{ending}.png")
            paper.progress(f"docs/pictures/{name}{ending}.png")
        else:
            _keep(page, f"{name}{ending}", paper)
    page.emulate_media(color_scheme="light")


def _tap(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=False).first.click()


def _say(page: Page, words: str) -> None:
    page.fill("#words", words)
    page.locator("button.send").click()


def _keep(page: Page, name: str, paper: Transcript, *, whole: bool = False) -> None:
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
    paper.progress(f"docs/pictures/{name}.png")


if __name__ == "__main__":
    sys.exit(main())
