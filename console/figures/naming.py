"""What measures and their values are called. An id of a newer desk is shown as it is."""

import re
from collections.abc import Collection, Mapping

from console.answers import TreeCentre
from console.calm import calm_line
from console.figures.facts import DAYS, MORE
from console.results import shipped_results
from console.words import Words

TIMES = ("acknowledged", "ended")
UNLISTED = "unlisted"
_UP_TO = re.compile(r"[1-9]\d{0,3}")
_SHOWN_TOGETHER = 2
LONGEST = 10_000


def measure_name(words: Words, measure: str) -> str:
    return words.label("figures_measure", measure)


def value_name(words: Words, measure: str, value: str) -> str:
    if value == UNLISTED:
        return words.say("figures.unlisted")
    if measure in TIMES and (value == MORE or _UP_TO.fullmatch(value)):
        return _range(words, value)
    if measure == "result" and (result := shipped_results().get(value)):
        return result.name(words.language)
    return calm_line(words.label(_GROUPS.get(measure, "figures_value"), value))


def values_name(words: Words, measure: str, values: Collection[str]) -> str:
    """All of *values*, ranges of days going up; that they are told together is said by whoever
    shows them."""
    ordered = sorted(values, key=lambda value: order_of(measure, value))
    return " + ".join(value_name(words, measure, value) for value in ordered)


def centre_name(words: Words, centres: Mapping[str, TreeCentre], centre: str) -> str:
    known = centres.get(centre)
    return centre if known is None else known.name(words.language)


def short_name(words: Words, measure: str, values: Collection[str]) -> str:
    """As `values_name`, of many the first few only; and that they are told together."""
    if len(values) == 1:
        return values_name(words, measure, values)
    ordered = sorted(values, key=lambda value: order_of(measure, value))
    names = values_name(words, measure, ordered[:_SHOWN_TOGETHER])
    rest = len(ordered) - _SHOWN_TOGETHER
    if rest > 0:
        names = words.say("figures.and_more", names=names, n=rest)
    return words.say("figures.told_together", names=names)


def order_of(measure: str, value: str) -> int:
    """Ranges of days go up; other values stand as they come."""
    if measure not in TIMES:
        return 0
    return int(value) if _UP_TO.fullmatch(value) else LONGEST


def _range(words: Words, value: str) -> str:
    if value == MORE:
        return words.say("figures.days_more", n=DAYS[-1])
    high = int(value)
    low = max((each + 1 for each in DAYS if each < high), default=0)
    if not low or high not in DAYS:
        return words.say("figures.days_up_to", n=high)
    return words.say("figures.days_range", low=low, high=high)


_GROUPS = {measure: measure for measure in ("category", "province", "teller", "status", "kind")}
