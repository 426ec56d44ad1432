"""Bytes that no page of ours sends: a plain page in the person's language, and nothing lost."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.channels.web import body, serving
from bot.channels.web.body import Patience
from bot.errors import Unavailable
from bot.locks import Crowded
from bot.turn import Inbound, Taken
from storage import StorageError
from tests.bot.turn_house import House
from tests.bot.web_house import Seen, Visitor, Web, multipart, serving_web

STORY = "เห็นเขาเอาปูนไป"
URLENCODED = "application/x-www-form-urlencoded"
FORM = "form=0123456789abcdefghij&screen=start"


@pytest.fixture
async def web(house: House) -> AsyncIterator[Web]:
    async with serving_web(house) as served:
        yield served


async def post(visitor: Visitor, content: bytes, kind: str) -> httpx.Response:
    return await visitor.http.post("/say?lang=th", content=content, headers={"content-type": kind})


def is_plain_page(answer: httpx.Response, language: str = "th") -> bool:
    seen = Seen(answer.text)
    assert "Traceback" not in answer.text
    return seen.language == language and seen.looks == ["notice"]


BROKEN_FORMS = {
    "nothing": (b"", URLENCODED),
    "no form id": (b"words=a", URLENCODED),
    "a NUL": (FORM.encode() + b"&words=a%00b", URLENCODED),
    "a raw NUL": (FORM.encode() + b"&words=a\0b", URLENCODED),
    "not UTF-8": (FORM.encode() + b"&words=%ff%fe", URLENCODED),
    "a lone surrogate": (FORM.encode() + b"&words=%ed%a0%80", URLENCODED),
    "raw bytes": (b"\xff\xfe\x00" * 20, URLENCODED),
    "a choice that is none": (FORM.encode() + b"&choice=<script>", URLENCODED),
    "a command that is none": (FORM.encode() + b"&command=cancel", URLENCODED),
    "a screen that is none": (b"form=0123456789abcdefghij&screen=../..", URLENCODED),
    "one field twice": (FORM.encode() + b"&words=a&words=b", URLENCODED),
    "too many fields": (FORM.encode() + b"&x=1" * 100, URLENCODED),
    "no boundary": (b"--x\r\n", "multipart/form-data"),
    "an empty boundary": (b"--\r\n", "multipart/form-data; boundary="),
    "a boundary too long": (b"--x\r\n", "multipart/form-data; boundary=" + "x" * 500),
    "a boundary with line breaks": (b"--x\r\n", 'multipart/form-data; boundary="a\tb"'),
    "another boundary": (multipart([("form", b"a" * 20)])[0], "multipart/form-data; boundary=zz"),
    "no part at all": (b"garbage", "multipart/form-data; boundary=x"),
    "a part without a name": (
        b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    "a part without headers": (b"--x\r\n\r\nv\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    "headers without end": (
        b"--x\r\n" + b"A: " + b"b" * 100_000,
        "multipart/form-data; boundary=x",
    ),
    "very many headers": (
        b"--x\r\n" + b"A: b\r\n" * 1000 + b"\r\nv\r\n--x--",
        "multipart/form-data; boundary=x",
    ),
    "very many parts": multipart([(f"x{i}", b"v") for i in range(500)]),
    "no end": (multipart([("form", b"a" * 20), ("words", b"w")])[0][:-12], multipart([])[1]),
    "a file before its form": multipart([], [("a.jpg", b"\xff\xd8\xff", "image/jpeg")]),
    "a NUL in a part": multipart([("form", b"a" * 20), ("words", b"a\0b")]),
    "not UTF-8 in a part": multipart([("form", b"a" * 20), ("words", b"\xff")]),
    "JSON": (b"{}", "application/json"),
    "no type": (b"form=x", ""),
    "text": (b"form=x", "text/plain"),
}


async def test_a_broken_form_gets_a_plain_page_and_stores_nothing(web: Web) -> None:
    wrong = {}
    async with web.visitor() as visitor:
        for name, (content, kind) in BROKEN_FORMS.items():
            answer = await post(visitor, content, kind)
            if answer.status_code not in (400, 413, 415) or not is_plain_page(answer):
                wrong[name] = answer.status_code
        assert not wrong
        assert await web.house.tables() == {}


async def test_the_plain_page_speaks_the_persons_language(web: Web) -> None:
    async with web.visitor() as visitor:
        answer = await visitor.http.post("/say?lang=en", content=b"x")
        assert is_plain_page(answer, "en")
        assert is_plain_page(await visitor.http.get("/nowhere?lang=en"), "en")
        assert is_plain_page(await visitor.http.get("/nowhere?lang=xx"), "th")


async def test_a_200_kb_message_gets_an_answer_and_the_rest_stays(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(until="done")
        await visitor.say(STORY)
        seen = await visitor.say("ทุ" * 33_000)
        assert visitor.answer.status_code == 413
        assert "ยาวเกินไป" in seen.text
        assert "ข้อความ 1 ข้อความ" in (await visitor.open()).text
        await visitor.press("done")
        assert "today" in visitor.seen.buttons


async def test_a_200_kb_message_beside_a_file_box_gets_the_same_answer(web: Web) -> None:
    async with web.visitor() as visitor:
        seen = await visitor.tell(until="none")
        content, kind = multipart(
            [(k, v.encode()) for k, v in seen.hidden.items()] + [("words", b"a" * 200_000)]
        )
        answer = await post(visitor, content, kind)
        assert answer.status_code == 413
        assert is_plain_page(answer)
        assert "none" in (await visitor.open()).buttons


async def test_strange_characters_are_words_like_any_other(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(until="done")
        for words in ("‮กลับ <b>&amp; \x1b[31m", "👍👍", "‏​", "a" * 9999):
            seen = await visitor.say(words)
            assert visitor.answer.status_code == 200
            assert "<b>" not in seen.html
        assert "done" in seen.buttons


async def test_without_a_cookie_words_are_handed_back_and_the_page_brings_a_new_one(
    web: Web,
) -> None:
    async with web.visitor() as visitor:
        seen = visitor.seen
        visitor.http.cookies.clear()
        seen = await visitor.send(words=STORY * 4)
        assert visitor.answer.status_code == 400
        assert seen.typed == STORY * 4
        assert "set-cookie" not in visitor.answer.headers
        await visitor.http.get("/static/web.css")  # as every browser does for the page
        assert await web.house.tables() == {}
        seen = await visitor.send(words=seen.typed)
        assert visitor.answer.status_code == 200
        assert seen.typed == STORY * 4
        seen = await visitor.send(words=seen.typed)
        assert "เก็บไว้เป็นเรื่องเล่า" in seen.text


@pytest.mark.parametrize("path", ["/say", "/leave"])
async def test_a_form_of_another_site_takes_nobodys_session_away(web: Web, path: str) -> None:
    """An old browser: no Sec-Fetch-Site, and the cookie is not sent along across sites."""
    async with web.visitor() as visitor:
        await visitor.press("report")
        session = dict(visitor.http.cookies)
        async with httpx.AsyncClient(base_url=web.url, headers={"Origin": "null"}) as elsewhere:
            answer = await elsewhere.post(path, data={"form": "a" * 20, "words": "x"})
        assert "set-cookie" not in answer.headers
        await visitor.http.get("/static/web.css")
        assert dict(visitor.http.cookies) == session


async def test_without_a_cookie_a_file_is_not_taken(web: Web) -> None:
    content, kind = multipart([("form", b"a" * 20)], [("a.jpg", b"x" * 500_000, "image/jpeg")])
    async with httpx.AsyncClient(base_url=web.url) as http:
        answer = await http.post("/say", content=content, headers={"content-type": kind})
    assert answer.status_code == 400
    assert is_plain_page(answer)
    assert await web.house.blobs.ids() == frozenset()


class Failing:
    """Turns that fail, and then work again."""

    def __init__(self, house: House, error: Exception | None = None) -> None:
        self.house = house
        self.error = error

    async def take(self, inbound: Inbound) -> Taken:
        if self.error is not None:
            raise self.error
        return await self.house.turns.take(inbound)


async def test_when_a_turn_fails_the_words_can_be_sent_again(house: House) -> None:
    turns = Failing(house)
    async with serving_web(house, turns=turns) as web, web.visitor() as visitor:
        for error in (Unavailable("x"), StorageError("x"), Crowded("x"), TimeoutError()):
            turns.error = error
            seen = await visitor.send(form="0123456789abcdefghij", screen="start", words=STORY * 4)
            assert visitor.answer.status_code == 503
            assert "ขัดข้องชั่วคราว" in seen.text
            assert "ยังอยู่ครบ" in seen.text
            assert seen.typed == STORY * 4
        turns.error = None
        seen = await visitor.send(words=seen.typed)
        assert "เก็บไว้เป็นเรื่องเล่า" in seen.text


async def test_when_the_program_is_wrong_a_plain_page_says_so(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    turns = Failing(house, ValueError("CANARY"))
    async with serving_web(house, turns=turns) as web, web.visitor() as visitor:
        seen = await visitor.say(STORY * 4)
        assert visitor.answer.status_code == 503
        assert "ขัดข้องชั่วคราว" in seen.text
        assert "Traceback" not in seen.html
    logged = capfd.readouterr().err
    assert "ValueError:tests.bot" in logged or "ValueError:bot." in logged
    assert "CANARY" not in logged


async def test_when_the_screen_cannot_be_read_a_plain_page_says_so(house: House) -> None:
    class Blind:
        async def show(self, *_: Any, **__: Any) -> Any:
            raise StorageError("x")

    async with serving_web(house, screens=Blind()) as web:
        async with httpx.AsyncClient(base_url=web.url) as http:
            answer = await http.get("/")
        assert answer.status_code == 503
        assert is_plain_page(answer)


async def test_leaving_works_also_when_forgetting_does_not(house: House) -> None:
    async def forget(_: str) -> object:
        raise StorageError("x")

    async with serving_web(house, forget=forget) as web, web.visitor() as visitor:
        answer = await visitor.http.post("/leave")
        assert answer.status_code == 200
        assert "Max-Age=0" in answer.headers["set-cookie"]


async def raw(web: Web, *pieces: bytes, wait_s: float = 5.0, ends: bool = False) -> bytes:
    """Write *pieces* on a socket; what comes back until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        if ends:
            writer.write_eof()
        async with asyncio.timeout(wait_s):
            return await reader.read()
    finally:
        writer.transport.abort()  # whatever was not taken any more


def head(length: str | int, cookie: str, kind: str = URLENCODED) -> bytes:
    return (
        f"POST /say HTTP/1.1\r\nHost: x\r\nCookie: saisaat={cookie}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


NOT_HTTP = (
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /say HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"GET /" + b"a" * 60_000,
    b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 60_000,
)


async def test_what_is_not_http_is_told_so(web: Web) -> None:
    for sent in NOT_HTTP:
        answer = await raw(web, sent)
        assert answer.startswith(b"HTTP/1.1 400 "), sent[:40]
        assert b"Traceback" not in answer


async def test_a_body_shorter_than_it_claimed_is_nothing(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.press("report")
        before = await web.house.tables()
        cookie = visitor.http.cookies["saisaat"]
        sent = f"form=0123456789abcdefghij&screen=start&words={'a' * 50}".encode()
        await raw(web, head(len(sent) + 100, cookie), sent, ends=True)
        assert await web.house.tables() == before


async def test_a_body_longer_than_it_claimed_is_cut_where_it_said(web: Web) -> None:
    async with web.visitor() as visitor:
        cookie = visitor.http.cookies["saisaat"]
        sent = b"form=0123456789abcdefghij&screen=start&choice=report"
        answer = await raw(web, head(len(sent), cookie), sent + b"&choice=member\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 303 ")
        assert b"HTTP/1.1 400 " in answer


async def test_who_stalls_in_a_body_is_told_and_let_go(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body.Patience, "__init__", _hasty)
    async with web.visitor() as visitor:
        cookie = visitor.http.cookies["saisaat"]
        answer = await raw(web, head(500, cookie), b"form=")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert "ขาดช่วง" in answer.decode()


def _hasty(self: Patience) -> None:
    for name, value in {"idle_s": 0.1, "grace_s": 0, "slowest_bytes_s": 1, "whole_s": 60}.items():
        object.__setattr__(self, name, value)


async def test_who_trickles_a_body_is_let_go(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient(self: Patience) -> None:
        _hasty(self)
        object.__setattr__(self, "slowest_bytes_s", 10_000)

    monkeypatch.setattr(body.Patience, "__init__", impatient)
    async with web.visitor() as visitor:
        cookie = visitor.http.cookies["saisaat"]
        answer = await raw(web, head(500, cookie), b"f", b"o")
        assert answer.startswith(b"HTTP/1.1 408 ")


async def test_who_never_ends_a_head_is_hung_up_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving.PatientProtocol, "head_s", 0.2)
    async with serving_web(house) as web:
        begun = time.monotonic()
        pieces = (b"GET / HTTP/1.1\r\n", *(b"A: b\r\n" for _ in range(5)))
        assert await raw(web, *pieces) == b""
        assert time.monotonic() - begun < 4


async def test_who_never_reads_an_answer_is_hung_up_on(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving.PatientProtocol, "write_s", 0.5)
    host, port = web.url.removeprefix("http://").split(":")
    asked = 40
    async with httpx.AsyncClient(base_url=web.url) as reader:
        whole = len((await reader.get("/source")).content) * asked
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect((host, int(port)))
        deaf.sendall(f"GET /source HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() * asked)
        await asyncio.sleep(2)
        deaf.settimeout(10)
        assert await asyncio.to_thread(_read_to_the_end, deaf) < whole


def _read_to_the_end(sock: socket.socket) -> int:
    """How many bytes still come before the other side is gone."""
    count = 0
    with contextlib.suppress(ConnectionError):
        while more := sock.recv(65536):
            count += len(more)
    return count


async def test_one_who_hangs_delays_nobody(web: Web) -> None:
    async with web.visitor() as slow, web.visitor() as other:
        cookie = slow.http.cookies["saisaat"]
        reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
        writer.write(head(500, cookie) + b"form=")
        await writer.drain()
        assert "TH-40" not in (await other.press("report")).buttons
        writer.close()
        assert await reader.read() is not None
