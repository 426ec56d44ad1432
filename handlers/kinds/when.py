"""When it happened: a few usual answers to tap, or a day, month, year or span as people write it.

Kept as ISO days with the precision they were told in; the words themselves are dropped. What can
be read in two ways, lies in the future or does not exist is asked again, saying why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from handlers import dates, events
from handlers.events import Event
from handlers.kinds.base import TEXT, Heard, Here, Screen
from handlers.kinds.choice import options

_TAPS = ("today", "yesterday", "ongoing", "forgotten")


@dataclass(frozen=True, slots=True)
class When:
    """A day or span, "ongoing" (it keeps happening) or "forgotten"."""

    skippable: bool = False
    unknowns: ClassVar[tuple[str, ...]] = ("forgotten",)
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        return Screen(f"ask.{here.key}", options(here.key, _TAPS), TEXT)

    def hear(self, here: Here, event: Event) -> Heard | None:
        match event:
            case events.Choice(choice="today" | "yesterday" as choice):
                day = here.today - timedelta(days=choice == "yesterday")
                return here.settle(here.told(written(dates.When(day, day, dates.Precision.DAY))))
            case events.Choice(choice="ongoing" | "forgotten" as choice):
                return here.settle(here.told(choice))
            case events.Text(words):
                return self._typed(here, words)
        return None

    def _typed(self, here: Here, words: str) -> Heard | None:
        when = dates.parse_when(words, here.today)
        if isinstance(when, dates.Unclear):
            return here.keep(here.answer, here.say(f"when_{when.reason.value}"))
        return here.settle(here.told(written(when)))

    def needs(self, key: str) -> Iterable[str]:
        yield f"ask.{key}"
        yield from (option.label for option in options(key, _TAPS))
        yield from (f"say.when_{reason.value}" for reason in dates.Reason)

    def most_choices(self) -> int:
        return len(_TAPS)


def written(when: dates.When) -> str:
    """One ISO 8601 text: 2026-08-03, 2026-08 or 2026, or two of them with a slash between."""
    cut = {dates.Precision.DAY: 10, dates.Precision.MONTH: 7, dates.Precision.YEAR: 4}
    start = when.start.isoformat()[: cut[when.precision]]
    end = when.end.isoformat()[: cut[when.precision]]
    return start if start == end else f"{start}/{end}"
