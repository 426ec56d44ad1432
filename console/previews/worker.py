"""A worker for what is shown as a picture: pictures and the pages of PDFs, drawn anew.

Run by `drawing.py` as a process of its own.
"""

from console.previews import drawer, pictures, sheets
from console.previews.cannot import Cannot
from console.previews.kinds import FileKind, Way
from console.previews.orders import Asked
from console.previews.shut import Answer, work


def start(written_orders: str) -> None:
    """What the process runs."""
    work(Asked.read(written_orders), _prepare, picture)


def picture(data: bytes, kind: FileKind, asked: Asked, *, is_shut_in: bool) -> Answer:
    """A page of the picture or PDF in *data*, drawn anew. Raises Cannot."""
    if kind.way is not Way.PAGED:
        drawer.check(kind, is_shut_in=is_shut_in)
    elif not is_shut_in:  # its library is too large to be trusted without the walls
        raise Cannot("unprotected")
    draw = sheets.draw if kind.way is Way.PAGED else pictures.draw
    told, webp = draw(data, asked.orders, asked.page)
    return {"as": "picture", **told}, webp


def _prepare() -> None:
    pictures.prepare()
    sheets.prepare()
