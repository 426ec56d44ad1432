"""One printer: shut in first, then one page in, one PDF out, and the end.

Run by `printing.py` as a process of its own. It writes nothing but its answer: a line of JSON, then
the PDF. What is read while it works are the machine's fonts.
"""

import io
import logging
import sys
import warnings
from base64 import b64decode, b64encode
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from console.answering import received, written
from console.paper import font_tools
from console.paper.orders import NEEDS_FONT_TOOLS, NotPrinted, Orders
from sandbox import Walls, Window, only_answers, say, shut_in

_PICTURES = ("data:image/webp", "data:image/png")
_READERS = ("WebP", "Png")
"""Those of Pillow for them; the others are not loaded."""
_BEGINNINGS = (b"RIFF", b"\x89PNG")
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
    say(out, written(told, pdf))


def _printed(orders: Orders, out: int) -> tuple[dict[str, Any], bytes]:
    """What is told of a page, and its PDF. Raises NotPrinted."""
    if not orders.has_font_tools:
        font_tools.keep_out()
    weasyprint = _weasyprint()
    own_pictures = _own_pictures(weasyprint)
    weasyprint.HTML(string=_small_page(), url_fetcher=own_pictures).write_pdf()
    _shut(orders, out)
    page = io.BytesIO(_received(orders.input_bytes))
    document = weasyprint.HTML(file_obj=page, encoding="utf-8", url_fetcher=own_pictures).render()
    page.close()  # nothing of it is read any more
    if len(document.pages) > orders.pages:
        raise NotPrinted("too_large")
    pdf = document.write_pdf()
    has_thai = any("thai" in font.name.decode().lower() for font in document.fonts.values())
    return {"pages": len(document.pages), "has_thai": has_thai}, bytes(pdf)


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
    for kind, reader in zip(_PICTURES, _READERS, strict=True):
        import_module(f"PIL.{reader}ImagePlugin")
        drawn = io.BytesIO()
        Image.new("RGB", (2, 2)).save(drawn, reader.upper())
        pictures += f"<img src='{kind};base64,{b64encode(drawn.getvalue()).decode()}'>"
    style = "* { font-family: sans-serif } @page { @bottom-left { content: counter(page) } }"
    return f"<style>{style}</style><p>ก{pictures}</p>"


def _own_pictures(weasyprint: Any) -> Any:
    """What fetches nothing but pictures that stand in the page."""
    answer = import_module("weasyprint.urls").URLFetcherResponse

    class OwnPictures(weasyprint.URLFetcher):  # type: ignore[misc]  # loaded when it is there
        def fetch(self, url: str, headers: Any = None) -> Any:
            kind, _, data = url.partition(";base64,")
            if kind not in _PICTURES:
                raise ValueError("nothing is fetched")
            picture = b64decode(data)
            if not picture.startswith(_BEGINNINGS):
                raise ValueError("not such a picture")
            return answer(url, picture, {"Content-Type": kind[len("data:") :]})

    return OwnPictures()


def _received(at_most: int) -> bytes:
    data = received(at_most)
    if data is None:
        raise NotPrinted("too_large")
    return data
