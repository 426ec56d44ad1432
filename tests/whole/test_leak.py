"""Nothing that anybody told, showed or carried lies readable anywhere, at any moment of its life.

One long story over real HTTP, full of canaries, against the real program with its log at DEBUG. At
each moment every file there is (database, its log, sealed files, forget store, what was printed,
temp folders, the officers' consoles) is searched in every disguise. At the end, a day later, a
thief tries every key that the server has on everything that remains and on every older copy.
"""

import asyncio
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.figures.book import FigureBook
from bot.marks import Marks
from console.closing import end
from console.handing_over import Order, hand_over, preview
from console.handoff.choices import Choices, Form
from console.legal_hold import set_held
from console.originals import opened_original
from console.results import outcomes
from console.words import words_for
from sealing import Receipt
from storage import SqliteDatabase
from storage.repositories.figures import Basis
from tests.whole.browser import Browser, Sent, Tale
from tests.whole.deployment import Whole, make
from tests.whole.readings import files, readings, told
from tests.whole.scene import (
    DAY_S,
    Scene,
    check_logs,
    check_nothing_opens,
    officer_writes,
    quiet_temp,
)
from tests.whole.server import Running, running

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
REASON = "ศาลนกกระเต็นขอดูสำนวน"
HANDOVER_REASON = "ตำรวจนกหัวขวานขอเรื่องนี้"
BLACKED_OUT = "กระจอกเทศขนปูนไปเท"
SENTENCE = "กำลังตรวจรังนกนางแอ่นอยู่"
CLOSING_REASON = "เหตุผลที่ปิดเรื่องนกแสก"
CLOSING = "ปิดเรื่องรังนกกระสาแล้ว"
HOLDING = "ศาลนกเงือกอาจเรียกสำนวนนี้"
LIFTING = "คดีนกเงือกถึงที่สุดแล้ว"
WHY = "ยังไม่จบเพราะนกกาเหว่ายังอยู่"
IN_SECOND_FILE = "นกฮูกในรูปใบที่สอง"
SECOND_PHOTO = b"\xff\xd8\xff\xe1 " + IN_SECOND_FILE.encode() * 3 + os.urandom(20_000)
ANSWER = "กรงนกพิราบสีฟ้าน้ำทะเล"
PHONE_TAKEN_OUT, PHONE_LEFT_IN = "081-735-5190", "089-220-4471"
HEADERS = {
    "User-Agent": "CanaryBrowser/77.31 (Warbler; rv:5519)",
    "X-Forwarded-For": "203.0.113.177, 198.51.100.241",
    "X-Real-IP": "2001:db8:ca4a:41e5::7731",
    "Forwarded": "for=192.0.2.143;by=canary-proxy-88",
    "Referer": "https://canary-referer.example/5519",
}
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
    "reason": REASON,
    "reason of the hand-over": HANDOVER_REASON,
    "blacked out": BLACKED_OUT,
    "sentence": SENTENCE,
    "answer": ANSWER,
    "reason of closing": CLOSING_REASON,
    "sentence of closing": CLOSING,
    "holding": HOLDING,
    "lifting": LIFTING,
    "result": "unsubstantiated",
    "why it is not over": WHY,
    "in the second file": IN_SECOND_FILE,
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


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    temp = quiet_temp(tmp_path, monkeypatch)
    return Scene(make(tmp_path / "deployment"), temp, tmp_path / "scratch", dict(WORDS))


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
        scene.back_up("a draft")

        with running(made, is_verbose=True) as bot:
            receipt = await file(scene, teller)
            scene.remember("filed")
            scene.search()
            scene.back_up("filed")
            await officer_writes(
                made, note=NOTE, sentence=SENTENCE, question=QUESTION, reason=REASON
            )
            await officer_hands_over(made, scene.corner())
            await come_back(scene, back, receipt)
            scene.remember("answered")
            scene.search()
            await officer_closes(made)
            await reopen(scene, back, receipt)
            scene.remember("reopened")
            scene.search()
            bot.advance(DAY_S + 900)
            await scene.forgotten(bot, keys_at_most=AT_MOST_KEYS)
            scene.remember("a day later")
            scene.search()
            await officer_still_reads(made)
        scene.search()
    assert scene.temp.stat().st_mtime_ns == untouched  # nothing was ever put there, even briefly
    check_logs(made)
    check_thief(scene, receipt)
    await check_counted(made)


async def odd_requests(scene: Scene, bot: Running) -> None:
    """Somebody whose words go nowhere: dropped, refused, too long, cut off."""
    made = scene.made
    async with Browser(made.web_url, **HEADERS) as browser:
        await browser.get(f"/?lang=th&q={QUERY}")
        await browser.get(f"/{QUERY}/../x")
        await browser.open()
        scene.meet(browser.session)
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
    await scene.receiving()
    assert scene.canaries.in_folder(made.folder, scene.temp) == []
    scene.search_open_files(bot)
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
    scene.meet(browser.session)
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


async def come_back(scene: Scene, browser: Browser, receipt: str) -> None:
    """On a new session: a wrong code, the right one, the question read and answered."""
    await browser.open()
    scene.meet(browser.session)
    await browser.press("follow")
    last = receipt[-1]
    mistyped = receipt[:-1] + str((int(last) + 1) % 10)
    unknown = Receipt.generate().grouped
    scene.carry("mistyped receipt", mistyped)
    scene.carry("another receipt", unknown)
    for code in (mistyped, unknown, receipt):
        await browser.say(code)
    assert browser.seen.letters == [SENTENCE, SENTENCE, QUESTION]
    scene.remember("being answered")
    scene.search()
    scene.back_up("being answered")
    await browser.say(f"{ANSWER} {LATIN}")
    await browser.press("cancel")


async def officer_hands_over(made: Whole, folder: Path) -> None:
    """To another body, into a folder of the officer's own; what the desk has of it is searched."""
    folder.mkdir()  # noqa: ASYNC240  # only this test waits
    async with made.office() as office:
        (tip,) = await readings(office)
        tip_id, words, choices = tip.tip.tip_id, words_for("th"), Choices((BLACKED_OUT,))
        number = (await preview(office, tip_id, choices, words)).number
        order = Order("police", Form.REDACTED, choices, HANDOVER_REASON, number)
        done = await hand_over(office, tip_id, order, folder, words)
    with zipfile.ZipFile(done.path) as bundle:
        text = bundle.read("hand-off.txt").decode()
    assert WHO in text
    assert not any(each in text for each in (BLACKED_OUT, PHONE_LEFT_IN, PHONE_TAKEN_OUT))


async def officer_closes(made: Whole) -> None:
    async with made.office() as office:
        (tip,) = await readings(office)
        said = ("unsubstantiated", CLOSING_REASON, CLOSING)
        await end(office, tip.tip.tip_id, "closed", *said, is_sure=True)
        await set_held(office, tip.tip.tip_id, HOLDING, is_held=True)
        await set_held(office, tip.tip.tip_id, LIFTING, is_held=False)


async def reopen(scene: Scene, browser: Browser, receipt: str) -> None:
    """The same person comes back and says why it is not over."""
    await browser.press("follow")
    await browser.say(receipt)
    assert CLOSING in browser.seen.letters
    await browser.press("reopen")
    await browser.say(f"{WHY} {LATIN}")
    await browser.upload((f"{FILE_NAME}-2.jpg", SECOND_PHOTO, "image/jpeg"))
    scene.remember("reopening")
    scene.search()
    scene.back_up("reopening")
    await browser.press("done")
    await browser.press("cancel")


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
        assert await files(office, tip) == [PHOTO, SECOND_PHOTO]
        assert f"{WHY} {LATIN}" in told(tip, "reopen")
        assert (tip.tip.shown.status, tip.alarms) == ("in_progress", ())
        results = [each.result for each in outcomes(tip.tip).values()]
        assert "unsubstantiated" in results
        sent = [opened_original(tip.tip, part) for part in tip.tip.parts]
        assert [each.words for each in sent if each] == [f"{WHAT} เบอร์เขา {PHONE_LEFT_IN}"]
        assert PHONE_TAKEN_OUT not in repr(
            [part.part and part.part.words for part in tip.tip.parts]
        )


async def check_counted(made: Whole) -> None:
    """The result and the category are counted all the same, for whoever has the server key too."""
    book = FigureBook(made.server_key)
    async with await SqliteDatabase.open(made.database) as database:
        found = await database.read(lambda t: book.read(t, Basis.ENDED, "", "9999-12"))
    counted = {(each.measure, each.value): each.n for each in found}
    assert counted["result", "unsubstantiated"] == counted["category", "embezzlement"] == 1


def check_thief(scene: Scene, receipt: str) -> None:
    """With every key of the server as it is at the end, no copy of any moment gives anything."""
    then = b"".join(loot.plain for loot in scene.loot_then("a draft"))
    assert WHAT.encode() in then  # the thief is able: at that moment this opened
    assert PHONE_LEFT_IN.encode() in then  # not decided yet
    assert PHONE_TAKEN_OUT.encode() not in then  # decided: its key was gone at once
    last, _ = scene.copies["a day later"]
    marks = Marks(scene.made.server_key)
    # Whoever never noted the receipt has no conversation any more, not even as a keyed mark.
    gone = marks.conversation("web", scene.people[1])
    assert not any(gone.hex() in name for name in last.sealed(scene.corner()))
    (tip_id,) = scene.tips("a day later")
    check_nothing_opens(scene, [tip_id, receipt], "a day later")
