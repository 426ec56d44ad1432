"""Just enough of HTTP/1.1 over asyncio streams to be a server that can also hang up on purpose."""

import asyncio
import email
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Request:
    verb: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    def params(self) -> dict[str, Any]:
        """Query, form, multipart or JSON parameters; what looks like JSON is read as such."""
        kind = self.headers.get("content-type", "")
        found: dict[str, Any] = dict(parse_qsl(self.query, keep_blank_values=True))
        if kind.startswith("application/json"):
            return found | dict(json.loads(self.body or b"{}"))
        if kind.startswith("multipart/form-data"):
            found |= _multipart(kind, self.body)
        else:
            found |= dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        return {name: _value(name, value) for name, value in found.items()}


@dataclass(frozen=True)
class Reply:
    """An answer. *is_reset* hangs up instead; *cut_at* bytes of the body, then it hangs up;
    *pause_s* between the pieces of the body."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    is_reset: bool = False
    cut_at: int | None = None
    pause_s: float = 0.0
    pieces: int = field(default=1)


Answer = Callable[[Request], Awaitable[Reply]]
TEXT = frozenset({"text", "caption", "secret_token", "url", "file_id", "callback_query_id"})
"""Parameters that are never JSON, whatever they look like."""


def _value(name: str, value: Any) -> Any:
    if name in TEXT or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _multipart(kind: str, body: bytes) -> dict[str, Any]:
    whole: Message = email.message_from_bytes(
        b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body
    )
    found: dict[str, Any] = {}
    for part in whole.walk():
        name = part.get_param("name", header="content-disposition")
        raw = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(raw, bytes):
            found[name] = raw if part.get_filename() else raw.decode()
    return found


async def serve_connection(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer
) -> None:
    """Answer requests on one connection until either side hangs up."""
    try:
        while (request := await _read(reader)) is not None:
            reply = await answer(request)
            if reply.is_reset:
                writer.transport.abort()
                return
            if not await _write(writer, reply):
                return
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    verb, target, _ = first.split(" ")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    url = urlsplit(target)
    return Request(verb, unquote(url.path), url.query, headers, body)


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    """Whether the connection goes on."""
    writer.write(
        f"HTTP/1.1 {reply.status} Status\r\nContent-Type: {reply.content_type}\r\n"
        f"Content-Length: {len(reply.body)}\r\n\r\n".encode()
    )
    async for piece in _pieces(reply):
        writer.write(piece)
        await writer.drain()
    if reply.cut_at is not None:
        writer.transport.abort()
        return False
    return True


async def _pieces(reply: Reply) -> AsyncIterator[bytes]:
    body = reply.body if reply.cut_at is None else reply.body[: reply.cut_at]
    step = max(1, -(-len(body) // reply.pieces))
    for at in range(0, len(body), step):
        yield body[at : at + step]
        if reply.pause_s:
            await asyncio.sleep(reply.pause_s)
