"""Hostile and hapless input against the real program: a plain answer each, and nothing lost.

One server for the whole file, in a process of its own, so that its memory can be measured from
outside. Guesses of receipts by the thousand are counted in test_guessing.py.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest

from sealing import Receipt
from tests.whole.browser import Browser, Sent, Tale
from tests.whole.deployment import Whole, make
from tests.whole.memory import Memory
from tests.whole.readings import files, readings, told, with_words
from tests.whole.server import running

MIB = 1024 * 1024
AT_MOST_RISE = 48 * MIB
"""What the server may grow by over one hostile act. 60 MB held whole, once, would show."""

Server = tuple[Whole, Memory]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    whole = make(tmp_path_factory.mktemp("hostile") / "deployment")
    with running(whole) as process:
        yield whole, Memory(process.pid)


@pytest.fixture
async def browser(server: Server) -> AsyncIterator[Browser]:
    async with Browser(server[0].web_url) as browser:
        await browser.open()
        yield browser


async def asked_what(browser: Browser) -> None:
    """Go to the open question: what happened?"""
    for choice in ("report", "embezzlement", "TH-40", "unknown", "skip"):
        await browser.press(choice)
    assert {"done", "back"} <= browser.choices


async def asked_for_leads(browser: Browser) -> None:
    await asked_what(browser)
    await browser.say("เรื่องหนึ่ง")
    for choice in ("done", "skip", "skip"):
        await browser.press(choice)
    assert browser.seen.takes_files


async def to_receipt(browser: Browser) -> str:
    """From any question to the receipt, skipping what can be skipped."""
    for _ in range(12):
        if browser.receipt is not None:
            return browser.receipt
        ways = ("send", "none", "skip", "unknown", "done")
        await browser.press(next(each for each in ways if each in browser.choices))
    raise AssertionError(browser.seen.text)


async def told_with(whole: Whole, words: str) -> list[list[str]]:
    """What every tip says in which *words* were told."""
    async with whole.office() as office:
        return [told(tip, "what") for tip in with_words(await readings(office), words)]


def is_plain(browser: Browser) -> bool:
    """Whether the page is one of ours: words for people and a way on, and no trace of innards."""
    html = browser.seen.html
    innards = ("Traceback", 'File "', "Error:", "Exception", "line ", "sqlite", "asyncio")
    return (
        browser.status < 500
        and "<html" in html
        and bool(browser.seen.text.strip())
        and not any(each in html for each in innards)
    )


# --- pressed twice, too late, too early ---------------------------------------------------------


async def test_submit_pressed_twice_files_one_tip_and_shows_one_receipt(
    server: Server, browser: Browser
) -> None:
    await Tale(what=("กดส่งสองครั้ง",)).up_to_review(browser)
    form = browser.form("send")
    first, second = (await browser.send(form)).code, (await browser.send(form)).code
    assert first == second is not None
    assert await told_with(server[0], "กดส่งสองครั้ง") == [["กดส่งสองครั้ง"]]


async def test_submit_pressed_many_times_at_once_files_one_tip(
    server: Server, browser: Browser
) -> None:
    await Tale(what=("กดส่งรัว",)).up_to_review(browser)
    form = browser.form("send")
    answers = await asyncio.gather(*(browser.post(form) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {303}
    shown = {(await browser.show(answer)).code for answer in answers}
    assert len(shown) == 1
    assert await told_with(server[0], "กดส่งรัว") == [["กดส่งรัว"]]


async def test_words_sent_twice_are_kept_once(server: Server, browser: Browser) -> None:
    await asked_what(browser)
    form = browser.form(None, "คำที่ส่งซ้ำ")
    for _ in range(2):
        await browser.send(form)
    await asyncio.gather(*(browser.post(form) for _ in range(6)))
    await browser.open()
    await to_receipt(browser)
    assert await told_with(server[0], "คำที่ส่งซ้ำ") == [["คำที่ส่งซ้ำ"]]


async def test_a_stale_button_changes_nothing_and_is_answered(browser: Browser) -> None:
    await browser.press("report")
    stale = browser.form("bribe")
    await browser.press("embezzlement")
    before = browser.choices
    await browser.send(Sent(stale.action, stale.body.replace(b"form=", b"form=A"), stale.kind))
    assert is_plain(browser)
    assert browser.choices == before


async def test_words_on_an_old_page_are_handed_back_not_filed_elsewhere(
    server: Server, browser: Browser
) -> None:
    await asked_what(browser)
    old = browser.form(None, "พิมพ์ค้างไว้ในหน้าเก่า")
    await browser.say("เล่าในหน้าใหม่")
    await browser.press("done")
    await browser.send(old)
    assert is_plain(browser)
    assert browser.seen.typed == "พิมพ์ค้างไว้ในหน้าเก่า"
    await browser.open()
    await to_receipt(browser)
    assert await told_with(server[0], "พิมพ์ค้างไว้ในหน้าเก่า") == []
    assert await told_with(server[0], "เล่าในหน้าใหม่") == [["เล่าในหน้าใหม่"]]


async def test_a_page_of_a_conversation_that_was_dropped_files_nothing(
    server: Server, browser: Browser
) -> None:
    await Tale(what=("ยกเลิกไปแล้ว",)).up_to_review(browser)
    send = browser.form("send")
    await browser.press("cancel")
    await browser.press("drop")
    await browser.send(send)
    assert is_plain(browser)
    assert browser.receipt is None
    assert await told_with(server[0], "ยกเลิกไปแล้ว") == []


# --- odd words ----------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["x", "ก"])
async def test_a_message_of_200_kb_is_turned_away_and_nothing_else_is_lost(
    server: Server, browser: Browser, letter: str
) -> None:
    await asked_what(browser)
    mine = f"ก่อนข้อความยาว {letter}"
    await browser.say(mine)
    words = letter * (200_000 // len(letter.encode()))
    await browser.send(browser.form(None, words))
    assert browser.status == 413
    assert is_plain(browser)
    await browser.open()
    await to_receipt(browser)
    assert await told_with(server[0], mine) == [[mine]]


async def test_a_200_kb_message_in_a_form_with_files_is_turned_away(browser: Browser) -> None:
    await asked_for_leads(browser)
    photo = ("a.jpg", b"\xff\xd8\xff" * 500, "image/jpeg")
    await browser.send(browser.form(None, "ข" * 70_000, photo))
    assert browser.status == 413
    assert is_plain(browser)


async def test_the_longest_message_that_fits_is_kept_whole(
    server: Server, browser: Browser
) -> None:
    await asked_what(browser)
    words = "เรื่องยาวมาก " * 300
    await browser.say(words)
    assert browser.status == 200
    await to_receipt(browser)
    assert [len(each[0]) for each in await told_with(server[0], words)] == [len(words)]


async def test_control_and_bidi_characters_reach_the_officer_harmless(
    server: Server, browser: Browser
) -> None:
    await asked_what(browser)
    await browser.say("เริ่ม\x07\x1b[31m\u202eกลับหลัง\u202c\u2066ซ่อน\u2069\ufeff\x85จบ\tแถบ")
    assert is_plain(browser)
    await to_receipt(browser)
    whole, _ = server
    async with whole.office() as office:
        every = [words for tip in await readings(office) for words in told(tip)]
    (words,) = [each for each in every if each.startswith("เริ่ม")]
    assert words == "เริ่ม[31mกลับหลังซ่อน\nจบ\tแถบ"


@pytest.mark.parametrize("raw", [b"%00nul", b"%FF%FE", b"%ED%A0%80", b"%C0%AF"])
async def test_bytes_that_are_no_text_are_turned_away(browser: Browser, raw: bytes) -> None:
    await asked_what(browser)
    form = browser.form(None, "WORDS")
    await browser.send(Sent(form.action, form.body.replace(b"WORDS", raw), form.kind))
    assert browser.status == 400
    assert is_plain(browser)


@pytest.mark.parametrize("words", ["😀😀😀", "🙏", "…", "   ", "👨‍👩‍👧‍👦❤️"])
async def test_an_answer_of_emoji_only_is_asked_again_and_not_kept(
    browser: Browser, words: str
) -> None:
    await asked_what(browser)
    before = browser.choices
    await browser.say(words)
    assert is_plain(browser)
    assert browser.status == 200
    assert browser.choices == before
    assert "ข้อความ" not in browser.seen.trail


async def test_markup_in_words_is_never_echoed(browser: Browser) -> None:
    await asked_what(browser)
    await browser.say("<script>alert('ก')</script>&amp;{{7*7}}")
    assert "alert" not in browser.seen.html
    assert "49" not in browser.seen.text


# --- files --------------------------------------------------------------------------------------


async def blobs_of(whole: Whole) -> set[str]:
    return {path.name for path in whole.blobs.iterdir()}


async def test_an_upload_of_60_mb_is_turned_away_in_bounded_memory(
    server: Server, browser: Browser
) -> None:
    whole, memory = server
    await asked_for_leads(browser)
    before = await blobs_of(whole)
    with memory.rising_at_most(AT_MOST_RISE):
        await browser.upload(("ใหญ่.mp4", b"\0\0\0\x18ftypmp42" + bytes(60 * MIB), "video/mp4"))
    assert browser.status == 413
    assert is_plain(browser)
    assert "50" in browser.seen.text
    assert await blobs_of(whole) == before
    await browser.open()
    await to_receipt(browser)


async def test_a_file_just_within_the_limit_arrives_whole_in_bounded_memory(
    server: Server, browser: Browser
) -> None:
    whole, memory = server
    await asked_for_leads(browser)
    await browser.say("มาพร้อมไฟล์ใหญ่")
    film = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * (40 * 4096)
    with memory.rising_at_most(AT_MOST_RISE):
        await browser.upload(("ใหญ่.mp4", film, "video/mp4"))
    assert browser.status == 200
    await to_receipt(browser)
    async with whole.office() as office:
        (tip,) = with_words(await readings(office), "มาพร้อมไฟล์ใหญ่")
        assert await files(office, tip) == [film]


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_cut_off_upload_leaves_nothing_and_loses_nothing(
    server: Server, browser: Browser, is_chunked: bool
) -> None:
    whole, _ = server
    await asked_for_leads(browser)
    before = await blobs_of(whole)
    form = browser.form(None, "", ("ขาด.jpg", b"\xff\xd8\xff" * 400_000, "image/jpeg"))
    await cut_off(whole, browser.session, form, is_chunked=is_chunked)
    async with asyncio.timeout(30):
        while await blobs_of(whole) != before:  # noqa: ASYNC110  # another process decides
            await asyncio.sleep(0.05)
    await browser.open()
    assert browser.seen.takes_files
    await browser.send(form)  # the same form again, whole this time
    await to_receipt(browser)
    async with whole.office() as office:
        found = [await files(office, tip) for tip in await readings(office)]
    assert [b"\xff\xd8\xff" * 400_000] in found


async def cut_off(whole: Whole, session: str, form: Sent, *, is_chunked: bool) -> None:
    """Send half of *form* and hang up."""
    address = urlsplit(whole.web_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(form.body)}"
    head = (
        f"POST {form.action} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: saisaat={session}\r\n"
        f"Content-Type: {form.kind}\r\nSec-Fetch-Site: same-origin\r\n{length}\r\n\r\n"
    )
    half = form.body[: len(form.body) // 2]
    body = f"{len(half):x}\r\n".encode() + half + b"\r\n" if is_chunked else half
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    del reader


async def test_an_empty_file_is_not_an_answer(browser: Browser) -> None:
    await asked_for_leads(browser)
    await browser.upload(("ว่าง.jpg", b"", "image/jpeg"))
    assert is_plain(browser)
    assert "none" in browser.choices  # still nothing told here


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "\x00\n\r.jpg", "ก" * 5000, '"; filename="x', "\u202egpj.exe"]
)
async def test_a_hostile_file_name_is_only_a_name(
    server: Server, browser: Browser, name: str
) -> None:
    await asked_for_leads(browser)
    await browser.upload((name, b"\xff\xd8\xff" * 99, "image/jpeg"))
    assert is_plain(browser)
    assert not (server[0].folder / "etc").exists()


# --- receipts -----------------------------------------------------------------------------------


async def test_wrong_receipts_over_the_web_are_answered_plainly_until_the_lock(
    browser: Browser,
) -> None:
    await browser.press("follow")
    said = []
    for _ in range(8):
        await browser.say(Receipt.generate().grouped)
        assert is_plain(browser)
        said.append(browser.seen.text)
    assert len(set(said[:5])) == 1
    assert len(set(said[5:])) == 1
    assert said[0] != said[7]


async def test_many_guessers_at_once_neither_stop_the_others_nor_grow_the_server(
    server: Server, browser: Browser
) -> None:
    whole, memory = server
    receipt = await Tale(what=("คนอื่นเดารหัส",)).tell(browser)
    await browser.press("noted")

    async def guesser() -> None:
        async with Browser(whole.web_url) as other:
            await other.open()
            await other.press("follow")
            for _ in range(20):
                await other.say(Receipt.generate().digits)
                assert is_plain(other)

    with memory.rising_at_most(AT_MOST_RISE):
        async with asyncio.TaskGroup() as tasks:
            for _ in range(20):
                tasks.create_task(guesser())
            await browser.press("follow")
            for _ in range(30):
                await browser.say(receipt)
                if "answer" in browser.choices:
                    break
                await asyncio.sleep(0.2)  # “many are here, wait a moment”
    assert "answer" in browser.choices, browser.seen.text


# --- not even a form ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "how"),
    [
        ("POST", "/say", {}),
        ("POST", "/say", {"content": b"x" * 9000, "headers": {"Content-Type": "text/plain"}}),
        ("POST", "/say", {"json": {"form": "A" * 20}}),
        ("POST", "/say", {"data": {"form": "short"}}),
        ("POST", "/say", {"data": {"form": "A" * 20, "choice": "../etc"}}),
        ("POST", "/say", {"content": b"a=b&" * 5000,
                          "headers": {"Content-Type": "application/x-www-form-urlencoded"}}),
        ("POST", "/say", {"content": b"--x\r\n\r\n",
                          "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
        ("POST", "/say", {"content": b"garbage", "headers": {
            "Content-Type": "multipart/form-data; boundary=" + "y" * 300}}),
        ("POST", "/say", {"data": {"form": "A" * 20, "words": "ก"},
                          "headers": {"Sec-Fetch-Site": "cross-site"}}),
        ("DELETE", "/", {}),
        ("PUT", "/say", {"content": b"x"}),
        ("GET", "/..%2f..%2fetc%2fpasswd", {}),
        ("GET", "/" + "a" * 8000, {}),
        ("GET", "/?lang=%00%ff", {}),
        ("GET", "/", {"headers": {"Cookie": "saisaat=" + "x" * 7000}}),
    ],
)  # fmt: skip
async def test_what_is_no_form_of_ours_gets_a_plain_refusal(
    browser: Browser, method: str, path: str, how: dict[str, object]
) -> None:
    answer = await browser.raw(method, path, **how)
    assert answer.status_code < 500
    assert "Traceback" not in answer.text
    if method == "POST":
        assert 400 <= answer.status_code < 500
    await browser.open()  # and the server is still there
    assert browser.status == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n" * 4000,
        b"POST /say HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /say HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 40_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_hung_up_on(server: Server, browser: Browser, raw: bytes) -> None:
    whole, _ = server

    def knock() -> bytes:
        with socket.create_connection(("127.0.0.1", whole.web_port), 10) as line:
            line.settimeout(30)
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            return line.recv(65536)

    answer = await asyncio.to_thread(knock)
    assert b"Traceback" not in answer
    assert not answer.startswith(b"HTTP/1.1 5")
    await browser.open()
    assert browser.status == 200
