"""What measures and their values are called. An id of a newer desk is shown as it is."""

import re
from collections.abc import Collection, Mapping

from console.answers import TreeCentre
from console.calm import calm_line
from console.results import shipped_results
from console.words import Words

TIMES = ("acknowledged", "ended")
UNLISTED = "unlisted"
_RANGE = re.compile(r"(\d{1,4})-(\d{0,4})")


def measure_name(words: Words, measure: str) -> str:
    return words.label("figures_measure", measure)


def value_name(words: Words, measure: str, value: str) -> str:
    if value == UNLISTED:
        return words.say("figures.unlisted")
    if measure in TIMES and (found := _RANGE.fullmatch(value)):
        return _range(words, int(found[1]), found[2])
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


def order_of(measure: str, value: str) -> int:
    """Ranges of days go up; other values stand as they come."""
    found = _RANGE.fullmatch(value) if measure in TIMES else None
    return int(found[1]) if found else 0


def _range(words: Words, low: int, high: str) -> str:
    if not high:
        return words.say("figures.days_more", n=low - 1)
    if not low:
        return words.say("figures.days_up_to", n=int(high))
    return words.say("figures.days_range", low=low, high=int(high))


_GROUPS = {measure: measure for measure in ("category", "province", "teller", "status", "kind")}
