"""One worker: shut in first, then one file in, one likeness out, and the end.

Run by `drawing.py` as a process of its own. It writes nothing but its answer; whatever a file makes
a library raise is an answer, never a traceback.
"""

import warnings
from typing import Any

from console.answering import received, written
from console.previews import documents, papers, pictures, plain
from console.previews.cannot import Cannot
from console.previews.glance import glance_at
from console.previews.kinds import FileKind, Way, kind_at
from console.previews.orders import PAGE_ENDS, Asked, Orders
from sandbox import Walls, is_enough, only_answers, say, shut_in

_ONLY_SHUT_IN = frozenset({"pdf", "tiff", "avif"})
"""What the libraries that draw it are too large for to be trusted without the walls."""

Answer = tuple[dict[str, Any], bytes]


def start(written_orders: str) -> None:
    """What the process runs: a file on stdin to its end, the answer on stdout."""
    asked = Asked.read(written_orders)
    out = only_answers()
    _prepare()
    shut = shut_in(Walls(asked.orders.memory_bytes, asked.orders.cpu_s), keep=out)
    is_shut_in = is_enough(shut)
    told, payload = _answered(asked, is_shut_in)
    told |= {"shut": shut, "enough": is_shut_in}
    say(out, written(told, payload))


def picture(data: bytes, kind: FileKind, asked: Asked, *, is_shut_in: bool) -> Answer:
    """A page of the picture or PDF in *data*, drawn anew. Raises Cannot."""
    if kind.name in _ONLY_SHUT_IN and not is_shut_in:
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
        raise Cannot("no_text")
    return {"as": "text", **told}, PAGE_ENDS.join(pages).encode("utf-8", "replace")


def _plain(data: bytes, orders: Orders) -> tuple[dict[str, Any], list[str]]:
    words = plain.text_of(data)
    if words is None:
        raise Cannot("damaged")
    is_cut = len(words) > orders.text_chars
    return {"of": 1, "is_cut": is_cut}, [words[: orders.text_chars].replace(PAGE_ENDS, "\n")]


def _answered(asked: Asked, is_shut_in: bool) -> Answer:
    try:
        if asked.look == "nothing":
            return {"as": "nothing"}, b""
        data = _received(asked.orders.input_bytes)
        kind = kind_at(glance_at(data))
        if asked.look == "picture" and kind.way in (Way.DRAWN, Way.PAGED):
            return picture(data, kind, asked, is_shut_in=is_shut_in)
        if asked.look == "text" and kind.way in (Way.READ, Way.PAGED):
            return text(data, kind, asked.orders)
        reason = "damaged"
    except Cannot as cannot:
        reason = cannot.reason
    except MemoryError:
        reason = "too_large"
    except Exception:  # whatever a stranger's bytes make a library raise
        reason = "damaged"
    return {"as": "nothing", "why": reason}, b""


def _received(at_most: int) -> bytes:
    data = received(at_most)
    if data is None:
        raise Cannot("too_large")
    return data


def _prepare() -> None:
    """Load what the libraries would load later, when nothing can be opened any more."""
    warnings.simplefilter("ignore")
    pictures.prepare()
    papers.prepare()
    documents.prepare()
    plain.prepare()
