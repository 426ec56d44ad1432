"""What a file that passes by on its way to the disk may do: by its bytes, and where it is a
document by its inside, which a worker looks into. Other files pass through without being held.
"""

from console.previews.drawing import Drawing
from console.previews.glance import PDF_WITHIN, Glancing
from console.previews.hazards import hazards_at, in_order
from console.previews.kinds import kind_at
from console.previews.looked import with_inside
from console.previews.orders import Orders

ONE_BY_ONE = Orders(input_bytes=4 * 1024 * 1024, at_once=1)
"""What one of many files may cost that are written one after the other."""


class Passing:
    """Takes the pieces of one file as they come."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._glancing = Glancing()
        self._held: list[bytes] | None = []
        self._size = 0

    def __repr__(self) -> str:
        return "Passing(…)"

    def feed(self, piece: bytes) -> None:
        self._glancing.feed(piece)
        if self._held is None:
            return
        was, self._size = self._size, self._size + len(piece)
        self._held.append(piece)
        is_begun = was < PDF_WITHIN <= self._size
        is_other = is_begun and not _may_be_document(b"".join(self._held))
        if is_other or self._size > self._drawing.orders.input_bytes:
            self._held = None

    async def hazards(self) -> tuple[str, ...]:
        """The hazards of the file, once all of it came (`hazards.HAZARDS`)."""
        glance = self._glancing.done()
        kind = kind_at(glance)
        found = hazards_at(glance, kind)
        if not kind.has_inside:
            return found
        if self._held is None:
            return in_order((*found, "unsearched"))
        return with_inside(kind, found, await self._drawing.text(*self._held))


def _may_be_document(head: bytes) -> bool:
    return head.startswith(b"PK") or b"%PDF-" in head[:PDF_WITHIN]
