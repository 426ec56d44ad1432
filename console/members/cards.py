"""Codes on paper: a PDF of cards to cut out, the code once on each, QR codes that carry none.

The printer (`console.paper`) breaks and shapes Thai with the machine's pango and fonts; where they
are missing, that is said before any code is made. Nothing but the PDF is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined

from console.days import say_day
from console.errors import Mistaken, Unreachable
from console.folder import why, write_new
from console.members.links import Links
from console.paper.orders import NotPrinted
from console.paper.printing import printed
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
        try:
            return printed(self._html(cards)).pdf
        except NotPrinted as error:
            key = error.reason if error.reason in ("no_pango", "no_font") else "not_printed"
            raise Mistaken(f"card.{key}") from None

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
