"""A PDF's pages drawn (PDFium). Runs shut in.

PDFium is built without scripts and without forms that run. A font that a PDF does not carry with
it cannot be opened from inside the walls: PDFium draws with one of its own.
"""

import io

import pypdfium2  # type: ignore[import-untyped]  # it ships no types

from console.previews.cannot import Cannot
from console.previews.orders import Orders
from console.previews.pictures import as_webp

_DOTS_PER_POINT = 2.0
_POINTS_AT_MOST = 14_400
_LOCKED = 4  # FPDF_ERR_PASSWORD


def draw(data: bytes, orders: Orders, page: int) -> tuple[dict[str, int], bytes]:
    """The *page*th page as a WebP, and how many there are. Raises Cannot."""
    try:
        book = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        is_locked = getattr(error, "err_code", None) == _LOCKED
        raise Cannot("locked" if is_locked else "damaged") from None
    of = min(len(book), orders.drawn_pages)
    if not 1 <= page <= of:
        raise Cannot("no_page" if of else "damaged")
    sheet = book[page - 1]
    width, height = sheet.get_size()
    if not (0 < width <= _POINTS_AT_MOST and 0 < height <= _POINTS_AT_MOST):
        raise Cannot("damaged")
    scale = min(_DOTS_PER_POINT, orders.side_px / max(width, height))
    seen = sheet.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    return {"width": seen.width, "height": seen.height, "of": of}, as_webp(seen)


def prepare() -> None:
    """Load what the library would load later, when nothing can be opened any more."""
    blank, written = pypdfium2.PdfDocument.new(), io.BytesIO()
    blank.new_page(72, 72)
    blank.save(written)
    draw(written.getvalue(), Orders(), 1)
