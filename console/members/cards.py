"""Codes on paper: a PDF of cards to cut out, the code once on each, QR codes that carry none.

WeasyPrint breaks and shapes Thai with the machine's pango and fonts; where they are missing, that
is said before any code is made. Nothing is fetched, and nothing but the PDF is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined

from console.days import say_day
from console.errors import Mistaken, Unreachable
from console.folder import why, write_new
from console.members.links import Links
from console.words import Words

CARDS_ON_A_PAGE = 4
SAMPLE = "xxxx-xxxx-xxxx-xxxx-x"


@dataclass(frozen=True, slots=True)
class CardText:
    """What differs from card to card: the code in groups, and its last day."""

    code: str = field(repr=False)
    expires_day: str


@dataclass(frozen=True, slots=True)
class Printer:
    """Makes the PDF of cards in one language, several to a page or (*is_wide*) one."""

    words: Words
    links: Links
    is_wide: bool = False

    def print(self, cards: Sequence[CardText]) -> bytes:
        """The PDF. Raises Mistaken when this machine cannot set Thai."""
        weasyprint = _weasyprint()
        only_what_is_inside = weasyprint.URLFetcher(allowed_protocols=["data"])
        html = self._html(cards)
        page = weasyprint.HTML(string=html, url_fetcher=only_what_is_inside).render()
        data = page.write_pdf()
        if not any("thai" in font.name.decode().lower() for font in page.fonts.values()):
            raise Mistaken("card.no_font")
        return bytes(data)

    def _html(self, cards: Sequence[CardText]) -> str:
        each = 1 if self.is_wide else CARDS_ON_A_PAGE
        language = self.words.language
        shown = [{"code": c.code, "until": say_day(c.expires_day, language)} for c in cards]
        templates = Environment(
            loader=PackageLoader("console.members", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
        )
        return templates.get_template("cards.html").render(
            lang=language,
            say=self.words.say,
            wide=self.is_wide,
            sheets=[shown[start : start + each] for start in range(0, len(shown), each)],
            doors=[
                {"name": self.words.say(f"card.by_{channel}"), "link": link, "qr": _qr(link)}
                for channel, link in self.links.named()
            ],
        )


def check_can_print(printer: Printer) -> None:
    """Raises Mistaken, before any code is made, when this machine cannot make cards."""
    printer.print([CardText(SAMPLE, "2026-11-23")])


def write_cards(path: Path, data: bytes) -> None:
    """The PDF at *path*, 0600, where nothing was before. Raises Mistaken or Unreachable."""
    try:
        write_new(path, data)
    except FileExistsError:
        raise Mistaken("card.exists", path=path) from None
    except OSError as error:
        raise Unreachable("folder.unwritable", path=path, why=why(error)) from error


def _qr(link: str) -> str:
    return str(segno.make(link, error="m", micro=False).png_data_uri(border=2, scale=8))


def _weasyprint() -> Any:
    """WeasyPrint, loaded when it is needed: it looks for pango at once."""
    try:
        return import_module("weasyprint")
    except (OSError, ImportError):
        raise Mistaken("card.no_pango") from None
