"""Any of a few, on one page: tap to tick, tap to untick, then done.

A button says what it sets, never "the other of what it was": pressed twice, it does the same.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from handlers import events
from handlers.effects import Option
from handlers.events import Event
from handlers.kinds.base import Heard, Here, Screen
from handlers.thai import fold

_OFF = "off."
_NUMBERS = re.compile(r"\d{1,2}(?:(?:[ ,/+&]|กับ|และ|and)+\d{1,2})+")


@dataclass(frozen=True, slots=True)
class Checklist:
    """Any of *items*; several numbers may be typed at once. *reminds* says, by item, what whoever
    ticks it should hear at once."""

    items: tuple[str, ...]
    skippable: bool = False
    reminds: Mapping[str, str] = field(default_factory=dict)
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        ticked = here.answer.ids
        boxes = tuple(
            Option(
                _OFF + item if item in ticked else item,
                f"label.{here.key}.{item}",
                is_on=item in ticked,
            )
            for item in self.items
        )
        done = (Option("done", "label.done"),) if ticked else ()
        without = frozenset({"skip", "keep"}) if ticked else frozenset({"keep"})
        return Screen(f"ask.{here.key}", (*boxes, *done), without=without)

    def hear(self, here: Here, event: Event) -> Heard | None:
        ids = here.answer.ids
        match event:
            case events.Choice(choice="done") if ids:
                return here.settle(here.told(ids=ids))
            case events.Choice(choice=choice) if choice in self.items:
                return self._ticked(here, {*ids, choice})
            case events.Choice(choice=choice) if choice.removeprefix(_OFF) in self.items:
                return self._ticked(here, {*ids} - {choice.removeprefix(_OFF)})
            case events.Text(words):
                return self._typed(here, fold(words))
        return None

    def _typed(self, here: Here, key: str) -> Heard | None:
        if not _NUMBERS.fullmatch(key):
            return None
        numbers = {int(number) for number in re.findall(r"\d+", key)}
        if not numbers <= set(range(1, len(self.items) + 1)):
            return None
        return self._ticked(here, {*here.answer.ids, *(self.items[n - 1] for n in numbers)})

    def _ticked(self, here: Here, ids: set[str]) -> Heard:
        ordered = tuple(item for item in self.items if item in ids)
        new = [item for item in ordered if item not in here.answer.ids]
        said = tuple(here.say(self.reminds[item]) for item in new if item in self.reminds)
        return here.keep(replace(here.answer, ids=ordered, is_skipped=False), *said)

    def needs(self, key: str) -> Iterable[str]:
        yield f"ask.{key}"
        yield "label.done"
        for item in self.items:
            yield f"label.{key}.{item}"
        yield from (f"say.{reminder}" for reminder in self.reminds.values())

    def most_choices(self) -> int:
        return len(self.items) + 1
