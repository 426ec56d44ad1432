"""Where a tip would go, and why, without telling one: what `saisaat route` works out.

It asks the very rooms that file a tip (the chat's matching, its exclusions, routing, the readers),
so it can say nothing else than they do. It reads configuration and roster, and writes nothing.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot import roster as roster_file
from bot.books import conflicts_of
from bot.centres import Organisation, organise
from bot.config import Config
from bot.errors import BotError, RosterUnusable
from bot.routes import Readers, Route, readers_of, router
from bot.signed_files import Seen
from handlers.agencies import Agency, FoundBy, line_of, match_agency
from handlers.book import Book, load_book
from handlers.provinces import MatchKind, Province, match_province
from handlers.routing import Centre, Way, find_way
from sealing import Roster

UNSURE = ("", "unsure", "ไม่แน่ใจ")
_NEAREST = 3


class Unclear(BotError):
    """What was asked means nothing here, or several things. *found* are what it may mean."""

    def __init__(self, what: str, found: Iterable[Province | Agency]) -> None:
        super().__init__(what)
        self.what = what
        self.found = tuple(found)


@dataclass(frozen=True, slots=True)
class Excluded:
    """A centre that must not see the tip. *agency* is the one of the accused line that it sits in;
    None: it lies under such a centre."""

    centre: Centre
    agency: Agency | None


@dataclass(frozen=True, slots=True)
class DryRun:
    """The way of a tip. *readers* is None while there is no roster to ask; *no_roster* says why."""

    organisation: Organisation
    province: Province | None
    agency: Agency | None
    found_by: FoundBy | None
    is_agency_unknown: bool
    excluded: tuple[Excluded, ...]
    way: Way
    route: Route
    readers: Readers | None
    no_roster: str | None

    @property
    def centre(self) -> str:
        """Where the tip would lie."""
        return self.route.centre if self.readers is None else self.readers.centre


def dry_run(config: Config, province_text: str | None, agency_text: str | None) -> DryRun:
    """Work out where a tip would go. Raises Unclear for a province that is none, and for words
    that may mean several; Misconfigured for a tree that cannot be."""
    organisation = organise(config)
    book = load_book(agencies=organisation.agencies, centres=organisation.centres.all)
    province = _province(book, province_text or "")
    agency, found_by = _agency(book, agency_text or "")
    roster, no_roster = _roster(config)
    if roster is not None:
        book = replace(book, conflicts=conflicts_of(roster))
    barred = () if agency is None else book.barred(agency.id)
    code, is_confirmed = province.id if province else None, agency is not None
    way = find_way(code, barred, organisation.centres, is_agency_confirmed=is_confirmed)
    route = router(organisation.centres)(code, barred, is_confirmed)
    return DryRun(
        organisation,
        province,
        agency,
        found_by,
        bool((agency_text or "").strip()) and agency is None,
        tuple(_excluded(organisation, agency, route)),
        way,
        route,
        None if roster is None else readers_of(route, roster),
        no_roster,
    )


def _province(book: Book, text: str) -> Province | None:
    if text.strip().lower() in UNSURE:
        return None
    if (exact := book.provinces.get(text.strip().upper())) is not None:
        return exact
    match = match_province(text, book.provinces)
    if match.kind in (MatchKind.EXACT, MatchKind.CLOSE):
        return match.provinces[0]
    raise Unclear("province", match.provinces or _nearest(text, book))


def _nearest(text: str, book: Book) -> tuple[Province, ...]:
    """The provinces whose names look most like *text*, however little."""

    def likeness(province: Province) -> float:
        names = (province.name_th, province.name_en.lower(), *province.aliases)
        typed = text[:40].lower()
        return max(difflib.SequenceMatcher(None, typed, name).ratio() for name in names)

    return tuple(sorted(book.provinces.all, key=likeness, reverse=True)[:_NEAREST])


def _agency(book: Book, text: str) -> tuple[Agency | None, FoundBy | None]:
    """The one agency that *text* means (an id, or words as in the chat)."""
    if (exact := book.agencies_by_id.get(text.strip())) is not None:
        return exact, None
    match = match_agency(text, book.agencies)
    if len(match.agencies) > 1:
        raise Unclear("agency", match.agencies)
    return (match.agencies[0], match.by) if match.agencies else (None, None)


def _excluded(
    organisation: Organisation, agency: Agency | None, route: Route
) -> Iterable[Excluded]:
    line = frozenset[str]() if agency is None else line_of(agency.id, organisation.agencies)
    agencies = {each.id: each for each in organisation.agencies}
    for centre in organisation.centres.all:
        if centre.id in route.excluded:
            inside = centre.agency if centre.agency in line else None
            yield Excluded(centre, agencies[inside] if inside is not None else None)


def _roster(config: Config) -> tuple[Roster | None, str | None]:
    """The roster, if its signature holds; else why there is none to ask."""
    try:
        return roster_file.read(config.roster, Seen()).roster, None
    except RosterUnusable as error:
        return None, str(error)
