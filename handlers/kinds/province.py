"""Which province: tap a likely one, type any, or page through the regions.

A near miss is confirmed, several are shown to choose from; what was typed is matched and dropped.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from handlers import events
from handlers.effects import Option, Word
from handlers.events import Event
from handlers.kinds.base import TEXT, Heard, Here, Screen
from handlers.provinces import MatchKind, match_province

_PER_PAGE = 8
_IS, _OF, _PAGE, _REGIONS = "is", "of", "page", "regions"
_YES, _NO = Option("yes", "label.yes"), Option("no", "label.no")
_UNSURE, _MORE = Option("unsure", "label.unsure"), Option("more", "label.more_provinces")
LIKELY = "likely"


@dataclass(frozen=True, slots=True)
class Province:
    """One of the book's provinces, or "unsure". Pending is the page or the guess on the screen."""

    skippable: bool = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        match here.pending:
            case (str(kind), str(province)) if kind == _IS and here.book.provinces.get(province):
                name = Word(f"province.{province}")
                return Screen("ask.province_is", (_YES, _NO), TEXT, {"province": name})
            case (str(kind), *ids) if kind == _OF:
                found = tuple(_button(i) for i in ids if here.book.provinces.get(i))
                return Screen("ask.province_of", (*found, _NO), TEXT)
            case (str(kind),) if kind == _REGIONS:
                regions = tuple(Option(r.id, f"region.{r.id}") for r in here.book.provinces.regions)
                return Screen("ask.region", (*regions, _UNSURE), TEXT)
            case (str(kind), str(region), str(offset)) if kind == _PAGE:
                return self._page(here, region, int(offset))
        return self._page(here, LIKELY, 0)

    def _page(self, here: Here, region: str, offset: int) -> Screen:
        ids = _ids_of(here, region)
        page = tuple(_button(i) for i in ids[offset : offset + _PER_PAGE])
        has_more = region == LIKELY or offset + _PER_PAGE < len(ids)
        more = (_MORE,) if has_more else ()
        return Screen(f"ask.{here.key}", (*page, *more, _UNSURE), TEXT)

    def hear(self, here: Here, event: Event) -> Heard | None:
        match event:
            case events.Choice(choice=choice):
                return self._tapped(here, choice)
            case events.Text(words):
                return self._typed(here, words)
        return None

    def _tapped(self, here: Here, choice: str) -> Heard | None:
        if here.book.provinces.get(choice) is not None or choice == "unsure":
            return here.settle(here.told(choice))
        if choice == "yes" and len(here.pending) == 2 and here.pending[0] == _IS:
            return here.settle(here.told(here.pending[1]))
        if choice == "no" and here.pending and here.pending[0] in (_IS, _OF):
            return here.wait()
        if choice == "more":
            return self._more(here)
        if any(region.id == choice for region in here.book.provinces.regions):
            return here.wait(_PAGE, choice, "0")
        return None

    def _more(self, here: Here) -> Heard:
        region, offset = LIKELY, 0
        if len(here.pending) == 3 and here.pending[0] == _PAGE:
            region, offset = here.pending[1], int(here.pending[2])
        if offset + _PER_PAGE < len(_ids_of(here, region)):
            return here.wait(_PAGE, region, str(offset + _PER_PAGE))
        return here.wait(_REGIONS)

    def _typed(self, here: Here, words: str) -> Heard | None:
        match = match_province(words, here.book.provinces)
        ids = tuple(province.id for province in match.provinces)
        if match.kind is MatchKind.NONE or not ids:
            return None
        if match.kind is MatchKind.SEVERAL:
            return here.wait(_OF, *ids)
        return here.wait(_IS, ids[0]) if match.asks_to_confirm else here.settle(here.told(ids[0]))

    def needs(self, key: str) -> Iterable[str]:
        yield from (f"ask.{key}", "ask.province_is", "ask.province_of", "ask.region")
        yield from (option.label for option in (_YES, _NO, _UNSURE, _MORE))

    def most_choices(self) -> int:
        return 11


def _ids_of(here: Here, region: str) -> tuple[str, ...]:
    for known in here.book.provinces.regions:
        if known.id == region:
            return tuple(province.id for province in known.provinces)
    return here.book.likely_provinces


def _button(province: str) -> Option:
    return Option(province, f"province.{province}")
