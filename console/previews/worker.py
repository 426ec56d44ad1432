"""One worker: shut in first, then one file in, one likeness out, and the end.

Run by `drawing.py` as a process of its own. It writes nothing but its answer (a line of JSON, then
bytes): errors and warnings of the libraries would quote the file. Whatever a file makes them raise
is an answer, never a traceback.
"""

import io
import json
import os
import warnings
from typing import Any

from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter

from console.previews.kinds import Way, kind_of
from console.previews.orders import PAGE_ENDS, Orders
from sandbox import Walls, shut_in

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_QUALITY = 85
_PIECE = 64 * 1024


class _Cannot(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def start(written_orders: str) -> None:
    """What the process runs: a file on stdin to its end, the answer on stdout."""
    orders = Orders.read(written_orders)
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for taken in (1, 2):
        os.dup2(nowhere, taken)
    os.close(nowhere)
    _prepare()
    shut_in(Walls(orders.memory_bytes, orders.cpu_s), keep=out)
    told, payload = _answered(orders)
    left = memoryview(json.dumps(told).encode() + b"\n" + payload)
    while left:
        left = left[os.write(out, left) :]


def draw(data: bytes, orders: Orders) -> tuple[dict[str, Any], bytes]:
    """The picture in *data* as a WebP of our own: upright, no larger than *side_px*, and nothing
    in it but what can be seen. Raises _Cannot.
    """
    with Image.open(io.BytesIO(data), formats=_FORMATS) as sent:
        was = sent.size
        if sent.width * sent.height > orders.pixels:
            raise _Cannot("too_large")
        sent.draft("RGB", (orders.side_px, orders.side_px))
        sent.thumbnail((orders.side_px, orders.side_px))
        upright = ImageOps.exif_transpose(sent)
        has_holes = "A" in upright.getbands() or "transparency" in upright.info
        seen = upright.convert("RGBA" if has_holes else "RGB")
    # A picture of its own, so that nothing of the old one's information goes along.
    bare = Image.frombytes(seen.mode, seen.size, seen.tobytes())
    drawn = io.BytesIO()
    bare.save(drawn, "WEBP", quality=_QUALITY, method=2)
    told = {"as": "picture", "width": was[0], "height": was[1]}
    return told, drawn.getvalue()


def read(data: bytes, orders: Orders) -> tuple[dict[str, Any], bytes]:
    """The text of the first pages of the PDF in *data*. Raises _Cannot."""
    book = PdfReader(io.BytesIO(data))
    if book.is_encrypted:
        raise _Cannot("locked")
    of = len(book.pages)
    pages, left = [], orders.text_chars
    for page in book.pages[: orders.pages]:
        if left <= 0:
            break
        text = page.extract_text().replace(PAGE_ENDS, " ")[:left]
        left -= len(text)
        pages.append(text)
    if not "".join(pages).strip():
        raise _Cannot("no_text")
    told = {"as": "text", "pages": len(pages), "of": of, "is_cut": left <= 0 or len(pages) < of}
    return told, PAGE_ENDS.join(pages).encode("utf-8", "replace")


def _answered(orders: Orders) -> tuple[dict[str, Any], bytes]:
    try:
        data = _received(orders.input_bytes)
        way = kind_of(data).way
        if way is Way.DRAWN:
            return draw(data, orders)
        if way is Way.READ:
            return read(data, orders)
        reason = "damaged"
    except _Cannot as cannot:
        reason = cannot.reason
    except MemoryError:
        reason = "too_large"
    except Exception:  # whatever a stranger's bytes make a library raise
        reason = "damaged"
    return {"as": "nothing", "why": reason}, b""


def _received(at_most: int) -> bytes:
    data = bytearray()
    while piece := os.read(0, _PIECE):
        data += piece
        if len(data) > at_most:
            raise _Cannot("too_large")
    return bytes(data)


def _prepare() -> None:
    """Load what the libraries would load later, when nothing can be opened any more."""
    warnings.simplefilter("ignore")
    # The size that a picture claims is checked by `draw`, before memory is spent on it.
    Image.MAX_IMAGE_PIXELS = None
    for kind in _FORMATS:
        drawn = io.BytesIO()
        Image.new("RGB", (2, 2)).save(drawn, kind)
        draw(drawn.getvalue(), Orders())
    writer, written = PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)
    writer.write(written)
    for page in PdfReader(io.BytesIO(written.getvalue())).pages:
        page.extract_text()
