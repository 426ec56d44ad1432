"""Which agency is involved: typed, sealed as told, and matched in passing.

The match serves one thing: that the tip never reaches a centre of the accused agency, or an officer
who declared a conflict of interest. A match is always confirmed by the person; then the draft keeps
the ids of those centres and officers, and forgets which agency it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from handlers import events
from handlers.agencies import AgencyMatch, match_agency
from handlers.conversation import Answer
from handlers.effects import Effect, Option, Word
from handlers.events import Event
from handlers.kinds.base import TEXT, Heard, Here, Screen, mark_of, removals
from handlers.thai import clean_words

CONFIRMED, UNMATCHED, UNKNOWN = "confirmed", "unmatched", "unknown"
_YES, _NO = Option("yes", "label.yes"), Option("no", "label.no")
_ASKED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Agency:
    """What the person calls the agency. Pending are the ids of the agencies it may be."""

    skippable: ClassVar[bool] = False
    unknowns: ClassVar[tuple[str, ...]] = (UNKNOWN,)
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        known = [i for i in here.pending if i in here.book.agencies_by_id]
        if len(known) == 1:
            name = Word(f"agency.{known[0]}")
            return Screen("ask.agency_is", (_YES, _NO), TEXT, {"agency": name})
        if known:
            found = tuple(Option(i, f"label.agency_name.{i}", f"agency.{i}") for i in known)
            return Screen("ask.agency_of", (*found, _NO), TEXT)
        return Screen(
            f"ask.{here.key}",
            (Option(UNKNOWN, f"label.{here.key}.unknown"),),
            TEXT,
            takes_numbers=False,
        )

    def hear(self, here: Here, event: Event) -> Heard | None:
        match event:
            case events.Text(words) if clean_words(words).strip():
                return self._typed(here, clean_words(words))
            case events.Choice(choice="unknown"):
                return here.settle(Answer(UNKNOWN), *removals(here.answer))
            case events.Choice(choice="no") if here.pending:
                return here.settle(replace(here.answer, value=UNMATCHED, ids=()))
            case events.Choice(choice=choice) if here.pending:
                return self._confirmed(here, here.pending[0] if choice == "yes" else choice)
        return None

    def _typed(self, here: Here, words: str) -> Heard:
        """New words replace the old: an agency is one answer."""
        seal = here.seal(words=words)
        told = Answer(UNMATCHED, parts=(mark_of(seal),))
        effects: tuple[Effect, ...] = (*removals(here.answer), seal)
        match: AgencyMatch = match_agency(words, here.book.agencies)
        found = tuple(agency.id for agency in match.agencies)[:_ASKED_AT_MOST]
        if not found:
            return here.settle(told, *effects)
        kept = here.keep(told, *effects)
        return replace(kept, conversation=replace(kept.conversation, pending=found))

    def _confirmed(self, here: Here, agency_id: str) -> Heard | None:
        if agency_id not in here.pending:
            return None
        return here.settle(replace(here.answer, value=CONFIRMED, ids=here.book.barred(agency_id)))

    def needs(self, key: str) -> Iterable[str]:
        return (
            f"ask.{key}",
            f"label.{key}.unknown",
            "ask.agency_is",
            "ask.agency_of",
            "label.yes",
            "label.no",
        )

    def most_choices(self) -> int:
        return _ASKED_AT_MOST + 1
