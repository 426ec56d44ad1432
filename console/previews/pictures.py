"""Pictures drawn anew: what can be seen, and nothing else of what was sent. Runs shut in."""

import io

from PIL import AvifImagePlugin, Image, ImageOps

from console.previews.cannot import Cannot
from console.previews.orders import Orders

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF")
_QUALITY = 85


def draw(data: bytes, orders: Orders, page: int) -> tuple[dict[str, int], bytes]:
    """The picture in *data* as a WebP of our own; what it was, and how many pages there are. Raises
    Cannot.

    Of an animation there is one page, the first of its pictures.
    """
    told, seen = _seen(data, orders, page)
    return told, as_webp(seen)


def for_paper(data: bytes, orders: Orders) -> bytes:
    """The picture in *data*, on white, as a JPEG of our own: a PDF takes it as it is. Raises
    Cannot."""
    _, seen = _seen(data, orders, 1)
    bare, drawn = Image.new("RGB", seen.size, "white"), io.BytesIO()
    bare.paste(seen, mask=seen.getchannel("A") if seen.mode == "RGBA" else None)
    bare.save(drawn, "JPEG", quality=_QUALITY)
    return drawn.getvalue()


def as_webp(seen: Image.Image) -> bytes:
    """*seen* (RGB or RGBA) in a file of its own."""
    # A picture of its own, so that nothing of the old one's information goes along.
    bare, drawn = Image.frombytes(seen.mode, seen.size, seen.tobytes()), io.BytesIO()
    bare.save(drawn, "WEBP", quality=_QUALITY, method=2)
    return drawn.getvalue()


def prepare() -> None:
    """Load what Pillow would load later, when nothing can be opened any more."""
    # The size that a picture claims is checked by `draw`, before memory is spent on it.
    Image.MAX_IMAGE_PIXELS = None
    # A worker that is shut in can start no thread.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    for kind in FORMATS:
        drawn = io.BytesIO()
        Image.new("RGB", (2, 2)).save(drawn, kind)
        draw(drawn.getvalue(), Orders(), 1)
    for_paper(drawn.getvalue(), Orders())


def _seen(data: bytes, orders: Orders, page: int) -> tuple[dict[str, int], Image.Image]:
    """What can be seen, upright, no larger than *side_px*, as RGB or RGBA. It may still carry more
    than can be seen."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as sent:
        of = _pages(sent, orders) if sent.format == "TIFF" else 1
        if page > of:
            raise Cannot("no_page")
        if page > 1:
            sent.seek(page - 1)
        was = sent.size
        if sent.width * sent.height > orders.pixels:
            raise Cannot("too_large")
        sent.draft("RGB", (orders.side_px, orders.side_px))
        sent.thumbnail((orders.side_px, orders.side_px))
        upright = ImageOps.exif_transpose(sent)
        has_holes = "A" in upright.getbands() or "transparency" in upright.info
        seen = upright.convert("RGBA" if has_holes else "RGB")
    return {"width": was[0], "height": was[1], "of": of}, seen


def _pages(sent: Image.Image, orders: Orders) -> int:
    """How many pictures follow each other, as far as they are shown: each is looked for in turn,
    and a chain of them may bite its tail."""
    of = 1
    try:
        while of < orders.drawn_pages:
            sent.seek(of)
            of += 1
    except EOFError:
        pass
    sent.seek(0)
    return of
