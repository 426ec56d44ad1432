"""One printer: shut in first, then one page in, one PDF out, and the end.

Run by `printing.py` as a process of its own. It writes nothing but its answer: a line of JSON, then
the PDF. What is read while it works are the machine's fonts.
"""

import gc
import io
import logging
import sys
import warnings
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from console.answering import HEAD_AT_MOST, parted, received, written
from console.paper import font_tools
from console.paper.orders import NEEDS_FONT_TOOLS, PICTURES, NotPrinted, Orders
from sandbox import Walls, Window, only_answers, say, shut_in

_DATA = "data:"
_KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}
"""What a picture may be, by its beginning."""
_READERS = ("Jpeg", "Png")
"""Those of Pillow for them; the others are not loaded."""
FONTS = (
    Path("/etc/fonts"),
    Path("/usr/share/fontconfig"),
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/var/cache/fontconfig"),
)
"""Where a Debian machine keeps fonts, what is said about them, and an index of them."""


def start(written_orders: str) -> None:
    """What the process runs: a page on stdin to its end, the answer on stdout."""
    orders = Orders.read(written_orders)
    out = only_answers()
    warnings.simplefilter("ignore")
    logging.disable()
    try:
        told, pdf = _printed(orders, out)
    except NotPrinted as error:
        told, pdf = {"why": error.reason}, b""
    except MemoryError:
        told, pdf = {"why": "too_large"}, b""
    except font_tools.FontToolsNeeded:
        told, pdf = {"why": NEEDS_FONT_TOOLS}, b""
    say(out, written(told, b""))
    say(out, pdf)


def _printed(orders: Orders, out: int) -> tuple[dict[str, Any], bytes]:
    """What is told of a page, and its PDF. Raises NotPrinted."""
    if not orders.has_font_tools:
        font_tools.keep_out()
    weasyprint = _weasyprint()
    beside: list[bytes] = []
    own_pictures = _own_pictures(weasyprint, beside)
    weasyprint.HTML(string=_small_page(), url_fetcher=own_pictures).write_pdf()
    gc.collect()  # what getting ready left behind would be there beside the page
    _shut(orders, out)
    html, pictures = _received(orders.input_bytes)
    beside.extend(pictures)
    page = io.BytesIO(html)
    document = weasyprint.HTML(file_obj=page, encoding="utf-8", url_fetcher=own_pictures).render()
    page.close()  # nothing of it is read any more
    if len(document.pages) > orders.pages:
        raise NotPrinted("too_large")
    pdf: bytes = document.write_pdf()
    has_thai = any("thai" in font.name.decode().lower() for font in document.fonts.values())
    return {"pages": len(document.pages), "has_thai": has_thai}, pdf


def _shut(orders: Orders, out: int) -> None:
    with suppress(ImportError):  # a system without limits (Windows): time alone is bounded
        shut_in(Walls(orders.memory_bytes, orders.cpu_s, Window(FONTS)), keep=out)


def _weasyprint() -> Any:
    """Raises NotPrinted."""
    # It would be loaded by fontTools, which gets along without it, for ten megabytes.
    sys.modules["lxml"] = None  # type: ignore[assignment]  # how Python says: there is none
    try:
        return import_module("weasyprint")
    except (OSError, ImportError):
        raise NotPrinted("no_pango") from None


def _small_page() -> str:
    """Printed before the printer is shut in: afterwards no module can be loaded any more."""
    from PIL import Image

    pictures = ""
    for kind, reader in zip(_KINDS.values(), _READERS, strict=True):
        import_module(f"PIL.{reader}ImagePlugin")
        drawn = io.BytesIO()
        Image.new("RGB", (2, 2)).save(drawn, reader.upper())
        pictures += f"<img src='{_DATA}{kind};base64,{b64encode(drawn.getvalue()).decode()}'>"
    style = "* { font-family: sans-serif } @page { @bottom-left { content: counter(page) } }"
    return f"<style>{style}</style><p>ก{pictures}</p>"


def _own_pictures(weasyprint: Any, beside: Sequence[bytes]) -> Any:
    """What fetches nothing but pictures that stand in the page, or came *beside* it."""
    answer = import_module("weasyprint.urls").URLFetcherResponse

    class OwnPictures(weasyprint.URLFetcher):  # type: ignore[misc]  # loaded when it is there
        def fetch(self, url: str, headers: Any = None) -> Any:
            picture = _picture(url, beside)
            kind = next((_KINDS[mark] for mark in _KINDS if picture.startswith(mark)), None)
            if kind is None:
                raise ValueError("not such a picture")
            return answer(url, picture, {"Content-Type": kind})

    return OwnPictures()


def _picture(url: str, beside: Sequence[bytes]) -> bytes:
    """Raises ValueError, also for what is of no other kind than asked for."""
    name = url.removeprefix(PICTURES)
    if name != url and name.isascii() and name.isdigit() and int(name) < len(beside):
        return beside[int(name)]
    kind, _, data = url.removeprefix(_DATA).partition(";base64,")
    if not url.startswith(_DATA) or kind not in _KINDS.values():
        raise ValueError("nothing is fetched")
    return b64decode(data)


def _received(at_most: int) -> tuple[bytes, Sequence[bytes]]:
    """The page, and the pictures beside it. Raises NotPrinted."""
    data = received(at_most + HEAD_AT_MOST)
    if data is None:
        raise NotPrinted("too_large")
    told, rest = parted(data)
    parts, at = [], 0
    for size in (told["page"], *told["pictures"]):
        parts.append(rest[at : at + size])
        at += size
    return parts[0], parts[1:]
