"""A worker for text, and for what only the inside of a document tells. It draws nothing, and so is
small beside `worker`.
"""

from console.previews import documents, papers, plain
from console.previews.cannot import Cannot
from console.previews.kinds import FileKind, Way
from console.previews.orders import PAGE_ENDS, Asked, Orders
from console.previews.shut import Answer, work


def start(written_orders: str) -> None:
    """What the process runs."""
    work(Asked.read(written_orders), _prepare, _read)


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


def _read(data: bytes, kind: FileKind, asked: Asked, *, is_shut_in: bool) -> Answer:
    del is_shut_in  # what reads here is Python, whatever the walls
    if kind.way not in (Way.READ, Way.PAGED):
        raise Cannot("damaged")
    return text(data, kind, asked.orders)


def _plain(data: bytes, orders: Orders) -> tuple[dict[str, object], list[str]]:
    words = plain.text_of(data)
    if words is None:
        raise Cannot("damaged")
    is_cut = len(words) > orders.text_chars
    return {"of": 1, "is_cut": is_cut}, [words[: orders.text_chars].replace(PAGE_ENDS, "\n")]


def _prepare() -> None:
    papers.prepare()
    documents.prepare()
    plain.prepare()
