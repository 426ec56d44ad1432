"""What is counted: the same as the rooms say that know it, and nothing that somebody made up."""

import tomllib
from pathlib import Path

import pytest

from bot.figures.measures import MORE, UNLISTED, parse_measures, shipped_measures
from handlers.shipped import shipped
from sealing import TipKind

ROOT = Path(__file__).parents[3]
GOOD = (ROOT / "bot/data/figures.toml").read_text(encoding="utf-8")


def test_results_are_those_of_the_console() -> None:
    text = (ROOT / "console/data/results.toml").read_text(encoding="utf-8")
    known = [result["id"] for result in tomllib.loads(text)["result"]]
    assert list(shipped_measures().values["result"]) == [*known, UNLISTED]


def test_categories_and_kinds_are_those_that_can_be_told() -> None:
    values = shipped_measures().values
    told = [each["id"] for each in tomllib.loads(shipped("categories.toml"))["category"]]
    assert list(values["category"]) == [*told, UNLISTED]
    assert {*values["kind"]} == {*TipKind} - {TipKind.APPLICATION} | {UNLISTED}


def test_what_nobody_listed_is_unlisted() -> None:
    measures = shipped_measures()
    assert measures.value("result", "partly") == "partly"
    assert measures.value("result", "081-234-5678") == UNLISTED


@pytest.mark.parametrize(
    ("days", "is_in"),
    [(-1, "7"), (0, "7"), (7, "7"), (8, "15"), (30, "30"), (90, "90"), (91, MORE), (9999, MORE)],
)
def test_days_lie_in_the_range_that_ends_with_them_or_later(days: int, is_in: str) -> None:
    assert shipped_measures().days("ended", days) == is_in


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"partly"', '"some words"'),
        ('"partly"', '"substantiated"'),
        ('"partly"', '"unlisted"'),
        ("teller =", "channel ="),
        ("acknowledged = [7, 15", "acknowledged = [15, 7"),
        ("acknowledged = [7, 15, 30, 90]", "acknowledged = []"),
        ("acknowledged =", "confirmed ="),
    ],
)
def test_data_that_cannot_be_is_refused(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(ValueError, match=r"."):
        parse_measures(GOOD.replace(old, new), ["bribe"])
