"""The page on paper, where this machine can print."""

from console.paper.orders import NotPrinted
from console.paper.printing import print_pdf


async def on_paper(html: str) -> bytes | None:
    """The PDF of *html*; None where there is none: the text file has the same words."""
    try:
        return (await print_pdf(html)).pdf
    except NotPrinted:
        return None
