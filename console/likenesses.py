"""Small pictures of a tip's pictures, for paper: each drawn anew while its file is written out.

Owns how much of them there may be. A picture is held in memory between its last byte and its
likeness, one at a time; files of other kinds pass through untouched.
"""

from collections.abc import AsyncIterator, Sequence

from console.paper.orders import picture_address
from console.previews.drawing import Drawing
from console.previews.kinds import Way, kind_of
from console.previews.orders import Orders
from sealing import FileFacts

_MIB = 1024 * 1024


SMALL = Orders(
    memory_bytes=384 * _MIB,
    pixels=24_000_000,
    side_px=360,
    input_bytes=12 * _MIB,
    answer_bytes=_MIB,
    at_once=1,
)
"""What one of them may cost: a photograph as telephones make them, not a map of the province."""
AT_MOST = 24


class Likenesses:
    """The small pictures made so far, by the SHA-256 of their files."""

    def __init__(self, at_most: int = AT_MOST, orders: Orders = SMALL) -> None:
        self._at_most = at_most
        self._drawing = Drawing(orders)
        self._made: dict[str, str] = {}
        self.pictures: list[bytes] = []
        """They themselves, for the printer (`paper.printing.print_pdf`)."""
        self._tried = 0
        self.left_out = 0
        """How many pictures were not drawn because there were enough, or for their size."""

    async def watch(self, facts: FileFacts, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """*pieces* as they are; behind them, if they are a picture, its likeness is made.

        They must be those of *facts*, or end with an error: then nothing is drawn.
        """
        held: list[bytes] | None = None
        is_first = True
        async for piece in pieces:
            if is_first:
                held, is_first = self._begun(facts, piece), False
            if held is not None:
                held.append(piece)
            yield piece
        if held is not None:
            await self._draw(facts.sha256, held)

    def of(self, facts: FileFacts) -> str | None:
        """Where the page finds the likeness of the file."""
        return self._made.get(facts.sha256)

    def _begun(self, facts: FileFacts, first: bytes) -> list[bytes] | None:
        if kind_of(first).way is not Way.DRAWN or facts.sha256 in self._made:
            return None
        if self._tried >= self._at_most or facts.size > self._drawing.orders.input_bytes:
            self.left_out += 1
            return None
        self._tried += 1
        return []

    async def _draw(self, sha256: str, pieces: Sequence[bytes]) -> None:
        drawn = await self._drawing.for_paper(*pieces)
        if isinstance(drawn, bytes):
            self._made[sha256] = picture_address(len(self.pictures))
            self.pictures.append(drawn)
