"""Nothing that anybody told, showed or carried lies readable anywhere, at any moment of its life.

One long story over real HTTP, full of canaries, against the real program with its log at DEBUG. At
each moment every file there is (database, its log, sealed files, forget store, what was printed,
temp folders, the officers' consoles) is searched in every disguise. At the end, a day later, a
thief tries every key that the server has on everything that remains and on every older copy.
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.marks import Marks
from console import acting
from console.originals import opened_original
from sealing import Receipt
from tests.whole.browser import Browser, Sent, Tale
from tests.whole.canaries import Canaries
from tests.whole.deployment import Whole, make
from tests.whole.readings import files, readings, told
from tests.whole.server import Running, running
from tests.whole.thief import Copy, Loot, Thief, keys_in

DAY_S = 24 * 3600
PATIENCE_S = 60.0

AGENCY = "เทศบาลตำบลนกกระจิบธรรมดา"
WHO = "ปลัดนกขมิ้นเหลืองอ่อน"
WHAT = "นกกระจอกเทศขนปูนไปเทหน้าบ้านตัวเอง"
LATIN = "Canary-Warbler-in-the-Coalmine-7731"
WHERE = "หลังศาลาริมบึงนกเป็ดน้ำ"
IN_FILE = "นกแก้วในรูปถ่ายใบนี้"
FILE_NAME = "ถ่ายจากหลังบ้านนกเอี้ยง"
DROPPED = "เรื่องนกเค้าแมวที่ทิ้งไปแล้ว"
TOO_LONG = "นกอินทรีบินยาวเกินไป"
REFUSED = "canary-refused-choice-5519"
QUERY = "canary-in-the-query-string-8842"
QUESTION = "จำสีของกรงนกพิราบได้ไหม"
NOTE = "บันทึกภายในเรื่องนกยูง"
SENTENCE = "กำลังตรวจรังนกนางแอ่นอยู่"
ANSWER = "กรงนกพิราบสีฟ้าน้ำทะเล"
PHONE_TAKEN_OUT, PHONE_LEFT_IN = "081-735-5190", "089-220-4471"
HEADERS = {
    "User-Agent": "CanaryBrowser/77.31 (Warbler; rv:5519)",
    "X-Forwarded-For": "203.0.113.177, 198.51.100.241",
    "X-Real-IP": "2001:db8:ca4a:41e5::7731",
    "Forwarded": "for=192.0.2.143;by=canary-proxy-88",
    "Referer": "https://canary-referer.example/5519",
}
CATEGORY, PROVINCE = b"embezzlement", b"TH-40"
PHOTO = (
    b"\xff\xd8\xff\xe1 Exif " + IN_FILE.encode() * 3 + b" " + os.urandom(60_000) + IN_FILE.encode()
)
WORDS: Mapping[str, str | bytes] = {
    "agency": AGENCY,
    "who": WHO,
    "what": WHAT,
    "latin": LATIN,
    "where": WHERE,
    "in the file": IN_FILE,
    "the file": PHOTO,
    "file name": FILE_NAME,
    "dropped": DROPPED,
    "too long": TOO_LONG,
    "refused": REFUSED,
    "query": QUERY,
    "question": QUESTION,
    "note": NOTE,
    "sentence": SENTENCE,
    "answer": ANSWER,
    "phone taken out": PHONE_TAKEN_OUT,
    "phone taken out, run together": PHONE_TAKEN_OUT.replace("-", ""),
    "phone left in": PHONE_LEFT_IN,
    "agent": HEADERS["User-Agent"],
    "address 1": "203.0.113.177",
    "address 2": "198.51.100.241",
    "address 3": HEADERS["X-Real-IP"],
    "proxy": "canary-proxy-88",
    "referer": "canary-referer.example",
}


@dataclass
class Scene:
    """The deployment, whatever has become a canary so far, and older copies."""

    made: Whole
    temp: Path
    scratch: Path
    secrets: dict[str, str | bytes] = field(default_factory=lambda: dict(WORDS))
    sessions: list[str] = field(default_factory=list)
    copies: dict[str, tuple[Copy, bytes]] = field(default_factory=dict)

    def carry(self, name: str, code: str) -> None:
        """A code that somebody carries, in each way it could be written."""
        plain = re.sub(r"[^0-9a-z]", "", code.lower())
        self.secrets |= {name: code, f"{name} run together": plain}
        self.secrets |= {f"{name} spaced": code.replace("-", " "), f"{name} loud": plain.upper()}

    def meet(self, browser: Browser) -> None:
        """A browser's session is a canary from now on."""
        self.sessions.append(browser.session)
        self.secrets[f"session {len(self.sessions)}"] = browser.session

    def search(self) -> None:
        """Assert that no canary is anywhere, and no choice that was made is in the data."""
        canaries = Canaries.of(self.secrets)
        assert canaries.in_folder(self.made.folder, self.temp) == []
        choices = Canaries((("category", "plain", CATEGORY), ("province", "plain", PROVINCE)))
        assert choices.in_folder(self.made.data, self.made.forget.parent) == []

    def remember(self, moment: str) -> None:
        """Keep a thief's copy of this moment, with the forget store as it is now."""
        copy = Copy.of(self.made.database, self.made.blobs)
        self.copies[moment] = (copy, self.made.forget.read_bytes())

    def loot(self, copy: Copy, forget_store: bytes) -> list[Loot]:
        thief = Thief(self.made.server_key, forget_store, self.sessions)
        self.scratch.mkdir(exist_ok=True)
        return thief.loot(copy, self.scratch / f"{time.monotonic_ns()}")


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    temp = tmp_path / "temp"
    temp.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(temp))
    return Scene(make(tmp_path / "deployment"), temp, tmp_path / "scratch")


async def test_nothing_told_lies_readable_anywhere_from_the_first_word_to_a_day_later(
    scene: Scene,
) -> None:
    made = scene.made
    code = await made.member_code()
    scene.carry("member code", code.grouped)
    untouched = scene.temp.stat().st_mtime_ns
    async with Browser(made.web_url, **HEADERS) as teller, Browser(made.web_url, **HEADERS) as back:
        with running(made, is_verbose=True) as bot:
            await odd_requests(scene, bot)
            await to_review(scene, teller, code.grouped)
            bot.kill()
        scene.remember("a draft")
        scene.search()

        with running(made, is_verbose=True) as bot:
            receipt = await file(scene, teller)
            scene.remember("filed")
            scene.search()
            await officer_writes(made)
            await come_back(scene, back, receipt)
            scene.remember("answered")
            scene.search()
            bot.advance(DAY_S + 900)
            await forgotten(made, bot)
            scene.remember("a day later")
            scene.search()
            await officer_still_reads(made)
        scene.search()
    assert scene.temp.stat().st_mtime_ns == untouched  # nothing was ever put there, even briefly
    check_logs(made)
    check_thief(scene, receipt)


async def odd_requests(scene: Scene, bot: Running) -> None:
    """Somebody whose words go nowhere: dropped, refused, too long, cut off."""
    made = scene.made
    async with Browser(made.web_url, **HEADERS) as browser:
        await browser.get(f"/?lang=th&q={QUERY}")
        await browser.get(f"/{QUERY}/../x")
        await browser.open()
        scene.meet(browser)
        for choice in ("report", "embezzlement", "TH-40", "unknown", "skip"):
            await browser.press(choice)
        await browser.say(f"{DROPPED} {LATIN}")
        await browser.say(f"{TOO_LONG} " * 4000)
        assert browser.status == 413
        await browser.open()
        form = browser.form(None, REFUSED)
        for other in (b"choice=", b"form=", b"screen="):
            broken = form.body + b"&" + other + REFUSED.encode() + b"%20%00"
            await browser.send(Sent(form.action, broken, form.kind))
        await browser.open()
        for choice in ("done", "skip", "skip"):
            await browser.press(choice)
        await cut_off_upload(scene, bot, browser)
        await browser.open()
        for choice in ("cancel", "drop"):
            await browser.press(choice)


async def cut_off_upload(scene: Scene, bot: Running, browser: Browser) -> None:
    """Half a file; while the server holds it, whatever it has open is searched too."""
    made = scene.made
    form = browser.form(None, "", (f"{FILE_NAME}.jpg", PHOTO + bytes(12_000_000), "image/jpeg"))
    _, writer = await asyncio.open_connection("127.0.0.1", made.web_port)
    head = (
        f"POST {form.action} HTTP/1.1\r\nHost: 127.0.0.1:{made.web_port}\r\n"
        f"Cookie: saisaat={browser.session}\r\nContent-Type: {form.kind}\r\n"
        f"Sec-Fetch-Site: same-origin\r\nContent-Length: {len(form.body)}\r\n\r\n"
    )
    writer.write(head.encode() + form.body[: len(form.body) * 2 // 3])
    await writer.drain()
    async with asyncio.timeout(PATIENCE_S):
        while not any(path.stat().st_size for path in made.blobs.glob("*.half")):  # noqa: ASYNC110  # another process writes it
            await asyncio.sleep(0.01)
    canaries = Canaries.of(scene.secrets)
    assert canaries.in_folder(made.folder, scene.temp) == []
    # The bot is not dumpable: only root, on Linux, is shown what it has open.
    if os.geteuid() == 0 and sys.platform == "linux":
        assert canaries.in_open_files(bot.pid, beside=()) == []
    writer.close()
    await writer.wait_closed()


async def to_review(scene: Scene, browser: Browser, member_code: str) -> None:
    """Everything told; the review is on the screen."""
    tale = Tale(
        agency=None,
        who=WHO,
        what=(
            f"{WHAT} " * 20,
            f"{LATIN} {WHAT}",
            f"{WHAT} โทรหาเราที่ {PHONE_TAKEN_OUT}",
            f"{WHAT} เบอร์เขา {PHONE_LEFT_IN}",
        ),
        where=f"{WHERE} {LATIN}",
        files=((f"{FILE_NAME}.jpg", PHOTO, "image/jpeg"),),
        member_code=member_code,
    )
    await browser.open()
    scene.meet(browser)
    await tale.up_to_review(browser)
    await browser.press(next(each for each in browser.choices if each.startswith("hide.")))
    await browser.press("edit")
    await browser.press("agency")
    await browser.say(AGENCY)
    for _ in range(3):
        if "send" not in browser.choices:
            await browser.press("no" if "no" in browser.choices else "unknown")
    assert "send" in browser.choices, browser.seen.text


async def file(scene: Scene, browser: Browser) -> str:
    """Filed; the receipt stands on the screen and is not noted."""
    await browser.open()
    await browser.press("send")
    assert browser.receipt is not None, browser.seen.text
    scene.carry("receipt", browser.receipt)
    return browser.receipt


async def officer_writes(made: Whole) -> None:
    async with made.office() as office:
        (tip,) = await readings(office)
        tip_id = tip.tip.tip_id
        await acting.claim(office, tip_id)
        await acting.note(office, tip_id, NOTE)
        await acting.set_status(office, tip_id, "screening", SENTENCE)
        await acting.reply(office, tip_id, QUESTION)


async def come_back(scene: Scene, browser: Browser, receipt: str) -> None:
    """On a new session: a wrong code, the right one, the question read and answered."""
    await browser.open()
    scene.meet(browser)
    await browser.press("follow")
    last = receipt[-1]
    mistyped = receipt[:-1] + str((int(last) + 1) % 10)
    unknown = Receipt.generate().grouped
    scene.carry("mistyped receipt", mistyped)
    scene.carry("another receipt", unknown)
    for code in (mistyped, unknown, receipt):
        await browser.say(code)
    assert browser.seen.letters == [SENTENCE, QUESTION]
    scene.remember("being answered")
    scene.search()
    await browser.say(f"{ANSWER} {LATIN}")
    await browser.press("cancel")


async def forgotten(made: Whole, bot: Running) -> None:
    """Wait until the bot has noticed what time it is: no receipt waits, and the log is empty."""
    log = Path(f"{made.database}-wal")
    async with asyncio.timeout(PATIENCE_S):
        while True:
            store = made.forget.read_bytes()  # small, and only this test waits
            if log.stat().st_size == 0 and len(keys_in(store)) <= AT_MOST_KEYS:  # noqa: ASYNC240  # as above
                return
            bot.advance(60)  # it may just have gone to sleep for a round
            await asyncio.sleep(0.05)


AT_MOST_KEYS = 2
"""A day later two conversations that stand at the greeting still have keys: whoever dropped their
draft, and whoever came back. Whoever never noted the receipt has none."""


async def officer_still_reads(made: Whole) -> None:
    """All of it is there for whom it is meant: the search did not succeed by looking at nothing."""
    async with made.office() as office:
        (tip,) = await readings(office)
        assert WHO in told(tip, "who")
        assert AGENCY in told(tip, "agency")
        assert any(WHAT in words for words in told(tip, "what"))
        assert await files(office, tip) == [PHOTO]
        sent = [opened_original(tip.tip, part) for part in tip.tip.parts]
        assert [each.words for each in sent if each] == [f"{WHAT} เบอร์เขา {PHONE_LEFT_IN}"]
        assert PHONE_TAKEN_OUT not in repr(
            [part.part and part.part.words for part in tip.tip.parts]
        )


def check_logs(made: Whole) -> None:
    """The log was at DEBUG and says something, and no line of it says when."""
    printed = b"".join(path.read_bytes() for path in (made.folder / "logs").iterdir())
    assert b'"level": "debug"' in printed
    assert re.search(rb"\d\d:\d\d:\d\d", printed) is None


def check_thief(scene: Scene, receipt: str) -> None:
    """With every key of the server as it is at the end, no copy of any moment gives anything."""
    canaries = Canaries.of(scene.secrets)
    draft, store_then = scene.copies["a draft"]
    then = b"".join(loot.plain for loot in scene.loot(draft, store_then))
    assert WHAT.encode() in then  # the thief is able: at that moment this opened
    assert PHONE_LEFT_IN.encode() in then  # not decided yet
    assert PHONE_TAKEN_OUT.encode() not in then  # decided: its key was gone at once

    last, store_now = scene.copies["a day later"]
    marks = Marks(scene.made.server_key)
    # Whoever never noted the receipt has no conversation any more, not even as a keyed mark.
    gone = marks.conversation("web", scene.sessions[1])
    assert not any(gone.hex() in name for name in last.sealed(scene.scratch / "marks"))
    (tip_id,) = {name.split()[1] for name in tips_in(scene)}
    for moment, (copy, _) in scene.copies.items():
        for loot in scene.loot(copy, store_now):
            hits = list(canaries.in_bytes(loot.plain, f"{moment}: {loot.what}"))
            assert hits == []
            assert tip_id.encode() not in loot.plain
            assert receipt.encode() not in loot.plain


def tips_in(scene: Scene) -> list[str]:
    copy, _ = scene.copies["a day later"]
    names = copy.sealed(scene.scratch / "the end")
    return [name for name in names if name.startswith("tip ")]
