"""Printing from the console's side: a process for each document, which is not believed either.

WeasyPrint and pango live in that process alone, so a console that prints nothing loads neither.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from console.answering import HEAD_AT_MOST, parted, written
from console.apart import Work, answered
from console.paper.orders import NEEDS_FONT_TOOLS, REASONS, NotPrinted, Orders

_START = (
    "import sys; sys.path[:0] = sys.argv[1:-1]; "
    "from console.paper.worker import start; start(sys.argv[-1])"
)
_LIBRARIES = (
    "weasyprint",
    "PIL",
    "brotli",
    "cffi",
    "cssselect2",
    "fontTools",
    "pydyf",
    "pyphen",
    "tinycss2",
    "tinyhtml5",
    "webencodings",
    "zopfli",
)
_THAI = range(0x0E00, 0x0E80)


@dataclass(frozen=True, slots=True)
class Printed:
    """A whole PDF, and of how many *pages*."""

    pdf: bytes = field(repr=False)
    pages: int


async def print_pdf(
    html: str, orders: Orders | None = None, pictures: Sequence[bytes] = ()
) -> Printed:
    """*html* on paper. It must be a page of our own, with every word of a person escaped; its
    *pictures* (JPEG or PNG) it finds at `picture_address`.

    Raises NotPrinted. Letters that UTF-8 cannot say are printed as a question mark.
    """
    orders = orders or Orders()
    page = html.encode("utf-8", "replace")
    sizes = [len(picture) for picture in pictures]
    if len(page) + sum(sizes) > orders.input_bytes:
        raise NotPrinted("too_large")
    data = (written({"page": len(page), "pictures": sizes}, page), *pictures)
    try:
        answer = await _answer(data, orders)
        if not orders.has_font_tools and parted(answer)[0].get("why") == NEEDS_FONT_TOOLS:
            answer = await _answer(data, replace(orders, has_font_tools=True))
    except TimeoutError:
        raise NotPrinted("too_long") from None
    except OSError:
        raise NotPrinted("died") from None
    return _understood(answer, any(ord(c) in _THAI for c in html))


def printed(html: str, orders: Orders | None = None) -> Printed:
    """`print_pdf` for code that waits anyway, in a loop or out of one. Raises NotPrinted."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(lambda: asyncio.run(print_pdf(html, orders))).result()


async def _answer(data: Sequence[bytes], orders: Orders) -> bytes:
    work = Work(
        _START,
        _LIBRARIES,
        orders.written(),
        orders.at_most_s,
        HEAD_AT_MOST + orders.answer_bytes,
    )
    return await answered(work, *data)


def _understood(answer: bytes, is_thai: bool) -> Printed:
    told, pdf = parted(answer)
    pages, why = told.get("pages"), told.get("why")
    if type(pages) is int and pages > 0 and pdf.startswith(b"%PDF-"):
        if is_thai and told.get("has_thai") is not True:
            raise NotPrinted("no_font")
        return Printed(pdf, pages)
    raise NotPrinted(why if why in REASONS else "died")
