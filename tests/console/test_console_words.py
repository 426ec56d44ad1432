"""The console's words are complete in both languages, and everything that is said has words."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

import console
from console.acting import STATUSES
from console.checks import _STATE_FINDINGS
from console.previews.hazards import HAZARDS
from console.previews.kinds import KINDS, UNKNOWN
from console.previews.orders import REASONS, WALLS
from console.words import LANGUAGES, language_of, usual_steps, words_for
from handlers.book import load_book
from handlers.shipped import shipped
from sealing import Break, Media, TipKind

SOURCES = sorted(Path(console.__file__).parent.rglob("*.py"))
TEMPLATES = sorted((Path(console.__file__).parent / "templates").rglob("*.html"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_the_same_params() -> None:
    thai, english = words_for("th").table, words_for("en").table
    assert set(thai) == set(english)
    assert {k for k in thai if placeholders(thai[k]) != placeholders(english[k])} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_empty(language: str) -> None:
    assert all(text.strip() for text in words_for(language).table.values())


def said_keys() -> set[str]:
    """Every literal that is a word key where words are said or errors are made."""
    table = words_for("en").table
    groups = {key.split(".")[0] for key in table}
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for argument in node.args[:2]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        group, dot, name = argument.value.partition(".")
                        if dot and group in groups and name.replace("_", "").isalnum():
                            found.add(argument.value)
    return {key for key in found if not key.endswith((".toml", ".html"))}


def test_everything_that_is_said_has_words() -> None:
    said = said_keys()
    assert len(said) > 100
    assert {key for key in said if key not in words_for("th").table} == set()


def test_what_the_templates_say_has_words() -> None:
    table = words_for("th").table
    said = {
        key
        for path in TEMPLATES
        for key in re.findall(r"say\(\s*\"([a-z_.]+)\"", path.read_text(encoding="utf-8"))
    }
    whole = {key for key in said if not key.endswith((".", "_"))}
    assert {key for key in whole if key not in table} == set()


def test_every_finding_status_and_media_has_words() -> None:
    table = words_for("th").table
    findings = {f"finding.part_{broken}" for broken in Break}
    findings |= {f"finding.{name}" for name in _STATE_FINDINGS.values()}
    for verdict in ("unsigned", "forged", "foreign", "former"):
        findings |= {f"finding.part_{verdict}", f"finding.change_{verdict}"}
    assert findings <= set(table)
    assert {f"status.{status}" for status in STATUSES} <= set(table)
    assert {f"media.{media}" for media in Media} <= set(table)


@pytest.mark.parametrize("kind", ["opening", "handover"])
def test_whatever_a_second_officer_agrees_to_has_words(kind: str) -> None:
    said = {f"{kind}.{key}" for key in ("nothing_waits", "several_wait", "not_theirs")}
    assert said <= set(words_for("th").table)


def test_every_kind_of_file_and_every_reason_not_to_show_it_has_words() -> None:
    table = words_for("th").table
    assert {f"preview.{reason}" for reason in REASONS} <= set(table)
    assert {f"hazard.{hazard}" for hazard in HAZARDS} <= set(table)
    assert {f"wall.{wall}" for wall in WALLS} <= set(table)
    assert {f"filetype.{kind.name}" for kind in (UNKNOWN, *(kind for _, kind in KINDS))} <= set(
        table
    )


def test_the_language_is_what_was_asked_for_else_the_machines() -> None:
    assert language_of("th", {"LANG": "en_US.UTF-8"}) == "th"
    assert language_of(None, {"LANG": "th_TH.UTF-8"}) == "th"
    assert language_of(None, {"LANG": "en_US.UTF-8"}) == "en"
    assert language_of(None, {"LC_ALL": "en_GB", "LANG": "th_TH.UTF-8"}) == "en"


@pytest.mark.parametrize("environment", [{}, {"LANG": ""}, {"LANG": "C.UTF-8"}, {"LANG": "de_DE"}])
def test_without_a_language_that_we_know_it_is_thai(environment: dict[str, str]) -> None:
    assert language_of(None, environment) == "th"
    assert language_of("xx", environment) == "th"
    assert words_for("xx").language == "th"


def test_one_is_not_counted_as_many() -> None:
    assert words_for("en").say("list.counted", n=1) == "1 tip"
    assert words_for("en").say("list.counted", n=2) == "2 tips"
    assert words_for("en").say("clock.over", n=1) == "1 day overdue"
    assert words_for("th").say("list.counted", n=1) == "1 เรื่อง"
    assert words_for("en").say("finding.all_well", parts=1).startswith("The one part verified")
    assert words_for("en").say("finding.all_well", parts=5).startswith("All 5 parts verified")


def test_the_usual_steps_name_statuses_only_and_every_one_has_some_or_none() -> None:
    for of in ("tip", "application"):
        steps = usual_steps(of)
        assert set(steps) == set(STATUSES)
        assert {after for all_after in steps.values() for after in all_after} <= set(STATUSES)
        assert "closed" not in steps["received"]


def test_an_applicant_is_told_something_at_every_step_that_an_application_takes() -> None:
    steps = usual_steps("application")
    reached = {after for now in ("received", "screening", "accepted", "declined")
               for after in steps[now]}  # fmt: skip
    for language in LANGUAGES:
        assert set(words_for(language).group("applicant")) == reached


def test_what_the_chat_asks_and_offers_has_words_here() -> None:
    """The console imports nothing of the chat's, so a question or category added there is
    noticed here.
    """
    book = load_book()
    table = words_for("th").table
    choices = tomllib.loads(shipped("categories.toml"))["category"]
    assert {f"category.{choice['id']}" for choice in choices} <= set(table)
    names = ("report", "follow", "member", "apply")
    questions = [q for name in names for q in book.flows[name].questions]
    not_told = {"send", "apply", "receipt", "closing", "next", "stop_contact", "notify", "code"}
    assert {f"question.{q.key}" for q in questions if q.key not in not_told} <= set(table)
    items = {item for q in questions for item in getattr(q.kind, "items", ())}
    assert items
    assert {f"answer.{item}" for item in items} <= set(table)
    assert {f"province.{province.id}" for province in book.provinces.all} <= set(table)
    assert f"category.{book.flows['apply'].category}" in table
    assert {f"kind.{kind}" for kind in TipKind} <= set(table)
    choices = {
        f"{question.key}.{choice}"
        for question in book.flows["apply"].questions
        for choice in getattr(question.kind, "choices", ())
    }
    assert len(choices) == 4
    assert choices <= set(table)
