"""Which tables the public page has, and what is counted as which of their values.

The values of a table come from data and configuration alone, never from what was counted: a value
that showed only once it was used would tell that it was used. What no value names is counted as the
one that takes it. The program's own tables are in bot/data/public_figures.toml.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from handlers.routing import Centres, below
from handlers.shipped import shipped
from storage.repositories.figures import COUNTED, YES

CENTRE = "centre"
CATEGORY = "category"
ACKNOWLEDGED = "acknowledged"
OTHER_CATEGORY = "other"


@dataclass(frozen=True, slots=True)
class Label:
    """A name in both languages, kept with what it names for as long as that is shown."""

    th: str
    en: str

    def in_language(self, language: str) -> str:
        """Thai for "th", English for every other language."""
        return self.th if language == "th" else self.en


@dataclass(frozen=True, slots=True)
class Counted:
    """So many tips (*n*) of *centre* that ended in the quarter have *value*."""

    centre: str
    measure: str
    value: str
    n: int

    @property
    def is_a_tip(self) -> bool:
        """Whether it counts tips themselves: those of which it was said what they were."""
        return (self.measure, self.value) == (COUNTED, YES)


@dataclass(frozen=True, slots=True)
class Table:
    """One table to be. *of* says as which of its values one that was counted shows; what it does
    not name shows as *other*."""

    id: str
    measure: str
    title: Label
    values: Mapping[str, Label]
    of: Mapping[str, str]
    other: str

    def counts(self, counted: Iterable[Counted]) -> dict[str, int]:
        """How many have each value, none left out."""
        found = dict.fromkeys(self.values, 0)
        for each in counted:
            if self.id == CENTRE and each.is_a_tip:
                found[self.of.get(each.centre, self.other)] += each.n
            elif self.id != CENTRE and each.measure == self.measure:
                found[self.of.get(each.value, self.other)] += each.n
        return found


@dataclass(frozen=True, slots=True)
class InTime:
    """What was acknowledged in time: of these *values* of *measure*. A tip that ended as one of
    *ended* was acknowledged in time, or never."""

    values: frozenset[str]
    ended: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tables:
    """Every table of a deployment, in the order they are shown."""

    all: tuple[Table, ...]
    in_time: InTime


def tables_of(centres: Centres) -> Tables:
    """The tables of a deployment with these *centres*."""
    data = _data()
    made = []
    for body in data["table"]:
        if body["measure"] == CENTRE:
            made.append(_by_group(body, centres))
        elif body["measure"] == CATEGORY:
            made.append(_by_category(body))
        else:
            made.append(_table(body, body["value"]))
    in_time = data["in_time"]
    return Tables(tuple(made), InTime(frozenset(in_time["values"]), frozenset(in_time["ended"])))


def groups_of(centres: Centres) -> dict[str, tuple[str, ...]]:
    """Centres by the group that they are counted in: all that lie under one centre just below the
    fork of the tree. Those from the headquarters down to the fork are a group each."""
    fork, alone = centres.headquarters.id, list[str]()
    while True:
        under = [each.id for each in centres.all if each.parent == fork]
        alone.append(fork)
        if len(under) != 1:
            break
        (fork,) = under
    groups: dict[str, tuple[str, ...]] = {each: (each,) for each in alone}
    for each in under:
        inside = {each} | below({each}, centres.all)
        groups[each] = tuple(centre.id for centre in centres.all if centre.id in inside)
    return groups


def _by_group(body: Mapping[str, Any], centres: Centres) -> Table:
    groups = groups_of(centres)
    named = {group: centres.by_id[group] for group in groups}
    return Table(
        body["id"],
        body["measure"],
        Label(body["th"], body["en"]),
        {group: Label(centre.name_th, centre.name_en) for group, centre in named.items()},
        {centre: group for group, inside in groups.items() for centre in inside},
        centres.headquarters.id,
    )


def _by_category(body: Mapping[str, Any]) -> Table:
    listed = tomllib.loads(shipped("categories.toml"))["category"]
    values = [
        {
            "id": each["id"],
            "th": each["label_th"],
            "en": each["label_en"],
            "takes_other": each["id"] == OTHER_CATEGORY,
        }
        for each in listed
    ]
    return _table(body, values)


def _table(body: Mapping[str, Any], values: Sequence[Mapping[str, Any]]) -> Table:
    (other,) = [each["id"] for each in values if each.get("takes_other")]
    return Table(
        body["id"],
        body["measure"],
        Label(body["th"], body["en"]),
        {each["id"]: Label(each["th"], each["en"]) for each in values},
        dict(_named(values)),
        other,
    )


def _named(values: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for each in values:
        for counted in each.get("of", (each["id"],)):
            yield counted, each["id"]


def _data() -> dict[str, Any]:
    path = resources.files("bot") / "data" / "public_figures.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
