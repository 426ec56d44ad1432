"""The measures by which tips are counted, and every value that each of them has.

Out of data/figures.toml and the conversations' categories. What a newer console counts that is not
here is counted as unlisted: no officer is kept from ending a tip for it, and no counter bears a
name that somebody else chose.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from handlers.shipped import shipped
from sealing.canonical import is_label
from sealing.counts import MEASURES

UNLISTED = "unlisted"
MORE = "more"
TIMES = ("acknowledged", "ended")
"""Days from the filing to the first change of status, and to the first ending."""


Valued = tuple[str, str]
"""A measure, and one of its values."""


@dataclass(frozen=True, slots=True)
class Measures:
    """*values* of each measure, in their order, and the *bounds* of those that are days. The values
    *together* are told as the first of them; by *implies* a tip with the first has the second.
    """

    values: Mapping[str, tuple[str, ...]]
    bounds: Mapping[str, tuple[int, ...]]
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    implies: tuple[tuple[Valued, Valued], ...] = ()

    def value(self, measure: str, told: str) -> str:
        """What *told* is counted as."""
        return told if told in self.values[measure] else UNLISTED

    def days(self, measure: str, days: int) -> str:
        """The range in which *days* lie, named by its last day ("15" is 8 to 15), or MORE."""
        number = sum(days > bound for bound in self.bounds[measure])
        return self.values[measure][number]

    def ended_by(self, acknowledged: str) -> frozenset[str]:
        """What of the time to end cannot have been acknowledged later than *acknowledged*."""
        ended = zip(self.values["ended"], self.bounds["ended"], strict=False)
        return frozenset(value for value, bound in ended if bound <= int(acknowledged))


def parse_measures(toml_text: str, categories: Sequence[str]) -> Measures:
    """Read the data. Raises ValueError: it is at fault."""
    told = tomllib.loads(toml_text)
    days, implies = told.pop("days", {}), told.pop("implies", [])
    together = {measure: tuple(each) for measure, each in told.pop("together", {}).items()}
    if {*told, "category"} != {*MEASURES} or {*days} != {*TIMES}:
        raise ValueError("what is counted is other measures")
    bounds = {measure: tuple(days[measure]) for measure in TIMES}
    if any(not each or [*each] != sorted({*each}) or each[0] < 1 for each in bounds.values()):
        raise ValueError("bounds are days that grow")
    listed = {**told, "category": categories}
    values = {measure: (*listed[measure], UNLISTED) for measure in MEASURES}
    for each in values.values():
        if len({*each}) != len(each) or not all(map(is_label, each)):
            raise ValueError("a value is a label, and there once")
    if any(not {*each} <= {*values[measure]} for measure, each in together.items()):
        raise ValueError("a value that there is not is told with none")
    return Measures(
        values | {name: (*map(str, each), MORE) for name, each in bounds.items()},
        bounds,
        together,
        tuple(_pair(values, each) for each in implies),
    )


def _pair(values: Mapping[str, Sequence[str]], told: Mapping[str, str]) -> tuple[Valued, Valued]:
    first, second = told.items()
    if any(value not in values[measure] for measure, value in (first, second)):
        raise ValueError("a value that there is not is tied to none")
    return first, second


@cache
def shipped_measures() -> Measures:
    """Those that come with the program."""
    text = (resources.files("bot") / "data" / "figures.toml").read_text(encoding="utf-8")
    categories = tomllib.loads(shipped("categories.toml"))["category"]
    return parse_measures(text, [category["id"] for category in categories])
