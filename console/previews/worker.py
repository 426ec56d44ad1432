"""A worker for whatever can be shown: pictures and pages drawn anew, and text.

Run by `drawing.py` as a process of its own.
"""

from console.previews import documents, drawer, papers, pictures, plain
from console.previews.cannot import Cannot
from console.previews.kinds import FileKind, Way
from console.previews.orders import PAGE_ENDS, Asked, Orders
from console.previews.shut import Answer, work


def start(written_orders: str) -> None:
    """What the process runs."""
    work(Asked.read(written_orders), _prepare, _seen)


def picture(data: bytes, kind: FileKind, asked: Asked, *, is_shut_in: bool) -> Answer:
    """A page of the picture or PDF in *data*, drawn anew. Raises Cannot."""
    if kind.way is not Way.PAGED:
        drawer.check(kind, is_shut_in=is_shut_in)
    elif not is_shut_in:  # its library is too large to be trusted without the walls
        raise Cannot("unprotected")
    draw = papers.draw if kind.way is Way.PAGED else pictures.draw
    told, webp = draw(data, asked.orders, asked.page)
    return {"as": "picture", **told}, webp


def text(data: bytes, kind: FileKind, orders: Orders) -> Answer:
    """The text of the first pages of what is in *data*. Raises Cannot."""
    if kind.way is Way.PAGED:
        told, pages = papers.read(data, orders)
    elif kind.name in documents.KINDS:
        told, pages = documents.read(data, orders, kind.name)
    else:
        told, pages = _plain(data, orders)
    if kind.way is not Way.PAGED and not "".join(pages).strip():
        raise Cannot("no_text", told.get("hazards", ()))
    return {"as": "text", **told}, PAGE_ENDS.join(pages).encode("utf-8", "replace")


def _seen(data: bytes, kind: FileKind, asked: Asked, *, is_shut_in: bool) -> Answer:
    if asked.look == "picture":
        return picture(data, kind, asked, is_shut_in=is_shut_in)
    if asked.look == "text" and kind.way in (Way.READ, Way.PAGED):
        return text(data, kind, asked.orders)
    raise Cannot("damaged")


def _plain(data: bytes, orders: Orders) -> tuple[dict[str, object], list[str]]:
    words = plain.text_of(data)
    if words is None:
        raise Cannot("damaged")
    is_cut = len(words) > orders.text_chars
    return {"of": 1, "is_cut": is_cut}, [words[: orders.text_chars].replace(PAGE_ENDS, "\n")]


def _prepare() -> None:
    pictures.prepare()
    papers.prepare()
    documents.prepare()
    plain.prepare()
