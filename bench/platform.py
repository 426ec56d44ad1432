"""A platform that only answers, as fast as Python can: the other end of the channels' benches.

Owns a bare HTTP/1.1 server on a free port of this machine: a handler gets method, path and body
and returns a status and a body, at once or as a stream. No rule of any platform is kept here (the
fakes in tests/ do that): whatever this costs would be counted as the bot's.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

PIECE = bytes(64 * 1024)


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, or *stream_bytes* of zeros behind *body*."""

    body: bytes = b"{}"
    status: int = 200
    stream_bytes: int = 0
    kind: str = "application/json"


Handler = Callable[[str, str, bytes], Awaitable[Answer]]


@asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[str]:
    """Serve until the block ends; the address."""
    open_now: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        try:
            while (request := await _request(reader)) is not None:
                await _send(writer, await handler(*request))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the other end is done
        except asyncio.CancelledError:
            pass  # so are we
        finally:
            open_now.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=2**20)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        left = list(open_now)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, bytes] | None:
    """The next request of a connection; None at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    length = 0
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value)
    return method, path, await reader.readexactly(length) if length else b""


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    size = len(answer.body) + answer.stream_bytes
    writer.write(
        f"HTTP/1.1 {answer.status} X\r\nContent-Type: {answer.kind}\r\n"
        f"Content-Length: {size}\r\n\r\n".encode()
        + answer.body
    )
    left = answer.stream_bytes
    while left:
        piece = PIECE[: min(left, len(PIECE))]
        left -= len(piece)
        writer.write(piece)
        await writer.drain()
    await writer.drain()
