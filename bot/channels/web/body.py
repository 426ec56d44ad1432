"""A request's body as it comes: in small pieces, with bounded patience and bounded memory.

Laws: whoever stalls or trickles is dropped, so that slow senders cannot hold the place of others;
only time spent waiting for them counts. What is not wanted is read away up to a bound, so that a
browser gets to see its answer.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import Message, Receive

from bot.channels.web.refusals import Late
from bot.evidence import CutOff


@dataclass(frozen=True, slots=True)
class Patience:
    """How slow a sender may be: silence of *idle_s*; after *grace_s* fewer than *slowest_bytes_s*
    on average; *whole_s* for everything."""

    idle_s: float = 30.0
    grace_s: float = 60.0
    slowest_bytes_s: float = 2048.0
    whole_s: float = 45 * 60.0


class Body:
    """The bytes of one request. Read once."""

    def __init__(self, receive: Receive, patience: Patience | None = None) -> None:
        self._receive = receive
        self._patience = patience or Patience()
        self._waited_s = 0.0
        self.is_done = False
        self.bytes_read = 0

    async def chunk(self) -> bytes:
        """The next piece; b"" at the end. Raises CutOff or Late."""
        while not self.is_done:
            message = await self._message()
            if message["type"] == "http.disconnect":
                raise CutOff("the sender went away")
            piece: bytes = message.get("body", b"")
            self.bytes_read += len(piece)
            self.is_done = not message.get("more_body", False)
            if not self.is_done and self._is_too_slow():
                raise Late
            if piece:
                return piece
        return b""

    async def whole(self, at_most_bytes: int) -> bytes | None:
        """All of it; None when it is longer than that (the rest is still to be read)."""
        gathered = bytearray()
        while piece := await self.chunk():
            gathered += piece
            if len(gathered) > at_most_bytes:
                return None
        return bytes(gathered)

    async def drain(self, at_most_bytes: int) -> None:
        """Read the rest away, up to a bound. Raises nothing: an answer comes next."""
        until = self.bytes_read + at_most_bytes
        with suppress(CutOff, Late):
            while not self.is_done and self.bytes_read < until:
                await self.chunk()

    async def _message(self) -> Message:
        now = asyncio.get_running_loop().time
        begun = now()
        try:
            async with asyncio.timeout(self._patience.idle_s):
                return await self._receive()
        except TimeoutError:
            raise Late from None
        finally:
            self._waited_s += now() - begun

    def _is_too_slow(self) -> bool:
        patience = self._patience
        expected = (self._waited_s - patience.grace_s) * patience.slowest_bytes_s
        return self._waited_s > patience.whole_s or self.bytes_read < expected
