"""Bytes in the midst of a body pass the parser by: what comes out is what plain uvicorn gives."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import h11
import pytest
import uvicorn
from h11._readers import ContentLengthReader
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.channels.web import serving
from tests.loopback import listening

BODY = random.Random(7).randbytes(900_000)


class Echo:
    """Answers with what it read; *slowly*: only after the loop went round a few times. Paths under
    /early are answered unread."""

    def __init__(self, *, slowly: bool = False) -> None:
        self.is_slow = slowly
        self.pieces: list[int] = []
        self.has_heard = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", scope["path"] != "/early"
        while more:
            if self.is_slow:
                await asyncio.sleep(0.001)
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            assert type(message["body"]) is bytes
            self.pieces.append(len(message["body"]))
            self.has_heard.set()
            body, more = body + message["body"], message["more_body"]
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served(app: Any, protocol: type[H11Protocol]) -> AsyncIterator[int]:
    with listening() as place:
        config = uvicorn.Config(app, **{**serving.settings(), "http": protocol})
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[place])
        try:
            yield place.getsockname()[1]
        finally:
            server.force_exit = True
            await server.shutdown(sockets=[place])


async def talk(port: int, *pieces: bytes) -> bytes:
    """Send *pieces* one by one, then read until the other side has said all."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send() -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.001)

    sending = asyncio.create_task(send())
    async with asyncio.timeout(20):
        answer = await reader.read()
        await sending
    writer.transport.abort()
    return answer


def head(size: int | None, more: str = "", path: str = "/") -> bytes:
    length = "Transfer-Encoding: chunked" if size is None else f"Content-Length: {size}"
    return f"POST {path} HTTP/1.1\r\nHost: x\r\n{length}\r\n{more}\r\n".encode()


CLOSE = "Connection: close\r\n"
LAST = b"GET /early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
CHUNKED = b"".join(
    b"%x\r\n%b\r\n" % (len(BODY[at : at + 70_000]), BODY[at : at + 70_000])
    for at in range(0, len(BODY), 70_000)
)


def cut(data: bytes, *places: int) -> list[bytes]:
    edges = [0, *places, len(data)]
    return [data[one:other] for one, other in pairwise(edges)]


TALKS = {
    "whole": [head(len(BODY), CLOSE) + BODY],
    "head alone": [head(len(BODY), CLOSE), BODY],
    "the last byte alone": [head(len(BODY), CLOSE), *cut(BODY, len(BODY) - 1)],
    "the first byte alone": [head(len(BODY), CLOSE), *cut(BODY, 1)],
    "in many": [head(len(BODY), CLOSE), *cut(BODY, *range(50_000, 900_000, 50_000))],
    "byte by byte": [head(40, CLOSE), *cut(BODY[:40], *range(1, 40))],
    "another request behind": [head(len(BODY)), *cut(BODY + LAST, 300_000, 600_000, 900_000)],
    "another request in the last piece": [head(len(BODY)), *cut(BODY + LAST, 300_000, 899_000)],
    "two bodies": [
        *cut(head(len(BODY)) + BODY + head(len(BODY), CLOSE) + BODY, 500_000, 1_200_000)
    ],
    "chunked": [head(None, CLOSE), *cut(CHUNKED + b"0\r\n\r\n", 100, 200_000, 500_000)],
    "broken chunks": [head(None, CLOSE), BODY[:100_000], BODY[100_000:]],
    "expecting": [head(len(BODY), CLOSE + "Expect: 100-continue\r\n"), *cut(BODY, 9, 400_000)],
    "answered early": [
        head(300_000, path="/early"),
        *cut(BODY[:300_000], 100_000, 200_000, 299_999),
        LAST,
    ],
    "nothing": [head(0, CLOSE)],
}


@pytest.mark.parametrize("slowly", [False, True])
@pytest.mark.parametrize("name", TALKS)
async def test_whatever_is_sent_is_answered_as_the_plain_server_answers_it(
    name: str, slowly: bool
) -> None:
    answers = []
    for protocol in (serving.PatientProtocol, H11Protocol):
        async with served(Echo(slowly=slowly), protocol) as port:
            answers.append(without_dates(await talk(port, *TALKS[name])))
    assert answers[0] == answers[1]
    assert answers[0]


def without_dates(answer: bytes) -> list[bytes]:
    return [line for line in answer.split(b"\r\n") if not line.startswith(b"date:")]


async def test_a_body_that_ends_too_soon_is_a_sender_who_went_away() -> None:
    app = Echo()
    async with served(app, serving.PatientProtocol) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in (head(len(BODY)), *cut(BODY[:500_000], 100_000)):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.001)
        writer.close()
        async with asyncio.timeout(10):
            while sum(app.pieces) < 500_000:
                await app.has_heard.wait()
                app.has_heard.clear()


async def test_a_reader_who_does_not_take_it_makes_the_sender_wait() -> None:
    """Memory of one connection is bounded: one read of the socket, and little more."""
    taken = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await taken.wait()
        message = await receive()
        size.set_result(len(message["body"]))

    size: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with served(app, serving.PatientProtocol) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head(50_000_000) + b"x")
        for _ in range(40):
            writer.write(bytes(1_000_000))
            await asyncio.sleep(0.001)
        taken.set()
        async with asyncio.timeout(10):
            assert await size <= 2 * 256 * 1024
        writer.transport.abort()


def test_the_parser_counts_as_we_believe() -> None:
    """What `PatientProtocol` reaches into: another h11 might count elsewhere."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(head(10) + b"abc")
    connection.next_event()
    assert isinstance(connection._reader, ContentLengthReader)
    assert connection._reader._length == connection._reader._remaining == 10
    assert connection.next_event() == h11.Data(data=b"abc")
    assert connection._reader._remaining == 7
    connection._reader._remaining -= 5
    connection.receive_data(b"yz")
    assert connection.next_event() == h11.Data(data=b"yz")
    assert connection.next_event() == h11.EndOfMessage()
