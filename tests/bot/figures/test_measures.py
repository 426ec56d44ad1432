"""What is counted: the same as the rooms say that know it, and nothing that somebody made up."""

import tomllib
from pathlib import Path

import pytest

from bot.figures.measures import MORE, UNLISTED, parse_measures, shipped_measures
from handlers.flows.member import member
from handlers.flows.report import report
from handlers.shipped import shipped
from sealing import TipKind

ROOT = Path(__file__).parents[3]
CATEGORIES = ("bribe", "other")
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
        ('kind = "information"', 'kind = "rumour"'),
        ('teller = "member"', 'teller = "friend"'),
        ('["other", "unlisted"]', '["other", "unknown"]'),
    ],
)
def test_data_that_cannot_be_is_refused(old: str, new: str) -> None:
    assert old in GOOD
    assert parse_measures(GOOD, CATEGORIES)
    with pytest.raises(ValueError, match=r"."):
        parse_measures(GOOD.replace(old, new), CATEGORIES)


def test_what_ties_two_measures_is_what_the_conversations_ask() -> None:
    """Whoever changes the questions has to look at the ties in data/figures.toml again."""
    assert shipped_measures().implies == (
        (("kind", "information"), ("teller", "member")),
        (("kind", "information"), ("category", "other")),
    )
    assert shipped_measures().together == {"category": ("other", UNLISTED)}
    assert "kind" not in {question.key for question in report(CATEGORIES, 1).questions}
    category = next(q for q in member(CATEGORIES, 1).questions if q.key == "category")
    assert not category.when({"kind": "information"})
    assert category.when({"kind": "case"})
