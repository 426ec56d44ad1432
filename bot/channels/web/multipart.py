"""multipart/form-data, read as it streams: one piece of one part in memory, whatever their size.

The bytes are parsed by python-multipart's low-level parser; this module turns its callbacks into
parts to iterate over. It refuses `UploadFile` and form parsing, which spool plain bytes to disk.
Laws: the next piece is read only when somebody wants it (back-pressure), headers and the number of
parts are bounded, and a body that ends before its last boundary is broken, never short.
"""

import re
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from bot.channels.web.body import Body
from bot.channels.web.refusals import Turned

AT_MOST_PARTS = 64
AT_MOST_HEADERS = 8
AT_MOST_HEADER_BYTES = 4096
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")


@dataclass(slots=True)
class _Head:
    """The headers of a part, growing."""

    headers: dict[str, bytes] = field(default_factory=dict)
    name: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)


class _End:
    """The end of a part, or of everything."""


_PART_END, _ALL_END = _End(), _End()
_Token = _Head | bytes | _End


@dataclass(frozen=True, slots=True)
class Part:
    """One field or file. *filename* is None for a field. Both names are as sent: unverified."""

    name: str
    filename: str | None
    mime: str
    _reader: "Multipart" = field(repr=False)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Its bytes, in pieces of at most what the socket gave."""
        while True:
            token = await self._reader.token()
            if not isinstance(token, bytes):
                return
            yield token

    async def whole(self, at_most_bytes: int) -> bytes | None:
        """Its bytes; None when there are more (read no further then)."""
        gathered = bytearray()
        async with aclosing(self.chunks()) as pieces:
            async for piece in pieces:
                gathered += piece
                if len(gathered) > at_most_bytes:
                    return None
        return bytes(gathered)

    async def skip(self, at_most_bytes: int) -> bool:
        """Read the rest of it away; False when that is more than *at_most_bytes*."""
        left = at_most_bytes
        async with aclosing(self.chunks()) as pieces:
            async for piece in pieces:
                left -= len(piece)
                if left < 0:
                    return False
        return True


class Multipart:
    """The parts of one body, in order. Raises Turned where it breaks the format."""

    def __init__(self, boundary: str, body: Body) -> None:
        if not _BOUNDARY.fullmatch(boundary):
            raise Turned(400, "broken")
        self._body = body
        self._tokens: deque[_Token] = deque()
        self._head = _Head()
        self._is_within = False
        self._parser = MultipartParser(
            boundary.encode("ascii"),
            {
                "on_part_begin": self._part_begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": lambda: self._tokens.append(_PART_END),
                "on_end": lambda: self._tokens.append(_ALL_END),
            },
            max_header_count=AT_MOST_HEADERS,
            max_header_size=AT_MOST_HEADER_BYTES,
        )

    async def parts(self) -> AsyncGenerator[Part, None]:
        """Each part; what is left of it unread must be skipped before the next is asked for."""
        for _ in range(AT_MOST_PARTS):
            token = await self._token_between_parts()
            if token is _ALL_END:
                return
            if not isinstance(token, _Head):
                raise Turned(400, "broken")
            self._is_within = True
            yield self._part(token)
        raise Turned(400, "broken")

    async def token(self) -> _Token:
        """The next thing inside the part that is being read; its end again once it has ended."""
        if not self._is_within:
            return _PART_END
        token = await self._next()
        self._is_within = isinstance(token, bytes)
        return token

    async def _token_between_parts(self) -> _Token:
        while self._is_within:
            await self.token()
        return await self._next()

    async def _next(self) -> _Token:
        while not self._tokens:
            piece = await self._body.chunk()
            if not piece:
                raise Turned(400, "cut_short")
            try:
                self._parser.write(piece)
            except FormParserError:
                raise Turned(400, "broken") from None
        return self._tokens.popleft()

    def _part(self, head: _Head) -> Part:
        kind, params = _disposition(head.headers.get("content-disposition", b""))
        if kind != "form-data" or "name" not in params:
            raise Turned(400, "broken")
        mime = head.headers.get("content-type", b"").decode("ascii", "ignore").strip().lower()
        return Part(params["name"], params.get("filename"), mime, self)

    # --- the parser calls these --------------------------------------------------------------

    def _part_begin(self) -> None:
        self._head = _Head()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._head.name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._head.value += data[start:end]

    def _header_end(self) -> None:
        head = self._head
        head.headers[head.name.decode("ascii", "replace").lower()] = bytes(head.value)
        head.name, head.value = bytearray(), bytearray()

    def _headers_finished(self) -> None:
        self._tokens.append(self._head)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if end > start:
            self._tokens.append(data[start:end])


_PARAM = re.compile(r';\s*([A-Za-z]+)="((?:[^"\\]|\\.)*)"|;\s*([A-Za-z]+)=([^;"\s]*)')


def _disposition(raw: bytes) -> tuple[str, dict[str, str]]:
    """Read a Content-Disposition as browsers write it: UTF-8, with quotes as %22."""
    text = raw.decode("utf-8", "replace")
    kind = text.partition(";")[0].strip().lower()
    params: dict[str, str] = {}
    for quoted, value, bare, plain in _PARAM.findall(text[len(text.partition(";")[0]) :]):
        params.setdefault((quoted or bare).lower(), (value or plain).replace("%22", '"'))
    return kind, params
