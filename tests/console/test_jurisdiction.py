"""Suggestions of whose a tip may be: total, bounded, from data, shown and never acted on."""

import json
import time
import tomllib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from console.bodies import Body
from console.jurisdiction import READ_AT_MOST, Suggestion, parse_rules, shipped_rules, suggest
from handlers.shipped import shipped
from tests.console.conftest import Run
from tests.console.fake_world import Person, World

RULES = shipped_rules()
BODIES = {"b": Body("b", "ก", "x")}


def bodies(words: str, category: str | None = "other") -> set[str]:
    return {one.rule.body.id for one in suggest([words], category, RULES)}


@pytest.mark.parametrize(
    ("words", "category", "expected"),
    [
        ("ท่านรัฐมนตรีรับเงิน", "bribe", {"nacc", "pacc"}),
        ("ส.ส. คนหนึ่งมาสั่ง", "other", {"nacc"}),
        ("เห็นสส มาที่อำเภอ", "other", set()),
        ("เห็น สส มาที่อำเภอ", "other", {"nacc"}),
        ("อธิบดีสั่ง", "other", {"nacc"}),
        ("นายกอบต.เอาปูนไป", "embezzlement", {"nacc", "pacc"}),
        ("นายก อ บ ต เอาปูนไป", "other", {"nacc"}),
        ("ผู้ใหญ่บ้านเอาเงินไป", "other", {"pacc"}),
        ("", "wealth", {"nacc"}),
        ("", "ethics", {"agency"}),
        ("เขาขู่ฆ่าผม", "other", {"police"}),
        ("ขายยาบ้าหลังวัด", "other", {"narcotics"}),
        ("ถนนพังมาสามปี", "other", {"damrongdhama"}),
        ("ซื้อเสียงหัวละห้าร้อย", "other", {"election"}),
        ("ข้ำ", "other", set()),
        ("", None, set()),
    ],
)
def test_what_was_told_suggests_who_may_be_responsible(
    words: str, category: str | None, expected: set[str]
) -> None:
    assert bodies(words, category) == expected


def test_the_phrase_that_it_rests_on_is_named_as_the_data_has_it() -> None:
    (one,) = suggest(["ท่าน\u200bอธิ\u200bบดีสั่งเอง"], "other", RULES)
    assert (one.rule.id, one.phrase) == ("high-ranking", "อธิบดี")


def test_every_phrase_of_the_data_is_found_where_it_stands() -> None:
    for rule in RULES:
        for phrase in rule.phrases:
            category = next(iter(rule.categories), "other")
            found = suggest([f"เล่าว่า {phrase.text} แล้วก็"], category, RULES)
            assert rule in [one.rule for one in found], phrase.text


def test_every_rule_has_its_reason_in_both_languages_and_known_categories() -> None:
    offered = {row["id"] for row in tomllib.loads(shipped("categories.toml"))["category"]}
    for rule in RULES:
        assert rule.reason_th.strip()
        assert rule.reason_en.strip()
        assert rule.categories <= offered
        assert rule.reason_th.count("[?]") == rule.reason_en.count("[?]")
        assert "[?]" not in rule.reason_th or not rule.is_checked


HOSTILE = st.text(st.sampled_from("ส.ว อธิบดี\u0e4d\u0e32\u200b\ud800\x00\n(ก๎a")) | st.text()


@given(st.lists(HOSTILE, max_size=5), st.none() | st.sampled_from(["bribe", "x", ""]))
@settings(max_examples=200)
@example(["\ufdfa" * 5000], None)
def test_any_words_give_a_list_and_the_same_one_again(
    words: list[str], category: str | None
) -> None:
    found = suggest(words, category, RULES)
    assert found == suggest(words, category, RULES)
    assert all(isinstance(one, Suggestion) for one in found)
    assert len({one.rule.id for one in found}) == len(found)


@pytest.mark.parametrize("flood", ["อธิบด", "ส", "ส.", "\u0e4d\u0e32", " ", "\u200b", "\u0e49", "İ"])
def test_a_flood_of_words_is_bounded_work(flood: str) -> None:
    words = [flood * (1_000_000 // len(flood))] * 20
    before = time.process_time()
    suggest(words, "bribe", RULES)
    assert time.process_time() - before < 3, "a hundred times what it takes: not bounded"


def test_what_stands_behind_the_bound_is_not_read() -> None:
    assert bodies("ก" * READ_AT_MOST + " อธิบดี") == set()
    assert bodies(" อธิบดี" + "ก" * READ_AT_MOST) == {"nacc"}


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ('[[rule]]\nid="a"\n', "lacks"),
        ('[[rule]]\nid="r"\nbody="x"\nreason_th="ก"\nreason_en="x"\nis_checked=true\n', "body"),
        ("", ""),
        ("[[rule", "Expected"),
    ],
)
def test_broken_rules_are_refused(toml: str, complaint: str) -> None:
    if not complaint:
        assert parse_rules(toml, BODIES) == ()
        return
    with pytest.raises(ValueError, match=complaint):
        parse_rules(toml, BODIES)


RULE = '[[rule]]\nid="r"\nbody="b"\nreason_th="ก"\nreason_en="x"\nis_checked=true\n'


@pytest.mark.parametrize(
    ("rest", "complaint"),
    [
        ("", "every tip"),
        ('phrases=["."]\n', "without a letter"),
        ('phrases="ก"\n', "lists"),
        ('phrases=["กข"]\n' + RULE + 'phrases=["กข"]\n', "twice"),
    ],
)
def test_a_rule_that_would_always_fit_or_never_can_is_refused(rest: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_rules(RULE + rest, BODIES)


def test_suggestions_are_shown_with_their_reason_and_change_nothing(
    world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai, category="other")
    tip.append(tip.told(words="ท่านอธิบดีสั่งเอง", question="what"))
    before = json.dumps(tip.answer)
    shown = run("read", tip.tip_id, person=somchai, lang="th")
    assert "ข้อเสนอว่าเรื่องนี้น่าจะเป็นของใคร (เจ้าหน้าที่เป็นผู้ตัดสิน)" in shown.out
    assert "พบคำว่า “อธิบดี”" in shown.out.replace("\n", "")
    told = json.loads(run("read", tip.tip_id, "--json", person=somchai).out)
    (one,) = told["jurisdiction"]
    assert (one["body"], one["phrase"], one["is_checked"]) == ("nacc", "อธิบดี", False)
    assert json.dumps(tip.answer) == before


def test_what_officers_write_suggests_nothing(world: World, somchai: Person, run: Run) -> None:
    tip = world.file_tip(somchai, category="other")
    world.officer_part(tip, somchai, "ถามอธิบดีแล้ว")
    assert json.loads(run("read", tip.tip_id, "--json", person=somchai).out)["jurisdiction"] == []
