"""The reporter's word on an ending, as a console shows it, and what it notices when a desk invents
one.
"""

import json
from collections.abc import Callable

import pytest

from console import days
from sealing import Kind
from tests.console.conftest import Run
from tests.console.fake_world import (
    Answer,
    Person,
    Tip,
    World,
    claim_as,
    reporter_says,
    status_as,
)

WHY = "เขายังทำอยู่"

Read = Callable[[], Answer]


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    """A tip that its holder closed."""
    filed = world.file_tip(somchai)
    filed.append(filed.told(words="หนึ่ง", question="what"))
    claim_as(filed, somchai)
    status_as(filed, world, somchai, "closed")
    return filed


@pytest.fixture
def read(tip: Tip, somchai: Person, run: Run) -> Read:
    def reading() -> Answer:
        ran = run("read", tip.tip_id, "--json", person=somchai)
        assert ran.code == 0, ran.err
        told: Answer = json.loads(ran.out)
        return told

    return reading


def names(told: Answer) -> set[str]:
    return {finding["name"] for finding in told["findings"]}


def test_a_yes_is_shown_and_nothing_is_wrong_with_it(
    tip: Tip, somchai: Person, read: Read, run: Run
) -> None:
    reporter_says(tip, "confirm")
    told = read()
    assert (told["is_whole"], told["last_word"], told["status"]) == (True, "confirm", "closed")
    assert "ผู้แจ้งยืนยันแล้ว" in run("read", tip.tip_id, person=somchai, lang="th").out
    assert "reporter confirmed" in run("list", person=somchai).out
    assert run("list", "--reopened", "--json", person=somchai).out.count(tip.tip_id) == 0


def test_a_no_is_shown_with_its_reasons_and_listed_apart(
    world: World, tip: Tip, somchai: Person, read: Read, run: Run
) -> None:
    reporter_says(tip, "reopen", WHY)
    other = world.file_tip(somchai, day=days.today().isoformat())  # one that is not overdue
    told = read()
    assert (told["is_whole"], told["last_word"]) == (True, "reopen")
    assert (told["status"], told["claimed_by"]) == ("in_progress", somchai.id)
    assert told["parts"][-1]["words"] == WHY
    shown = run("read", tip.tip_id, person=somchai, lang="th").out
    assert "ผู้แจ้งขอเปิดเรื่องอีกครั้ง" in shown
    listed = json.loads(run("list", "--reopened", "--json", person=somchai).out)
    assert [row["tip_id"] for row in listed["tips"]] == [tip.tip_id]
    first = json.loads(run("list", "--by-priority", "--json", person=somchai).out)["tips"][0]
    assert first["tip_id"] == tip.tip_id != other.tip_id


def test_an_officers_next_status_ends_the_mark(
    world: World, tip: Tip, somchai: Person, read: Read
) -> None:
    reporter_says(tip, "reopen", WHY)
    status_as(tip, world, somchai, "closed")
    told = read()
    assert (told["is_whole"], told["last_word"]) == (True, None)


def test_it_can_go_on_so_for_long(world: World, tip: Tip, somchai: Person, read: Read) -> None:
    for round_ in range(2):
        reporter_says(tip, "confirm")
        reporter_says(tip, "reopen", f"{WHY} {round_}")
        status_as(tip, world, somchai, "declined")
    assert names(read()) == set()


# --- a desk that invents them


@pytest.mark.parametrize("word", ["confirm", "reopen"])
def test_a_word_on_a_tip_that_never_ended_is_unfounded(
    world: World, somchai: Person, run: Run, word: str
) -> None:
    open_tip = world.file_tip(somchai)
    reporter_says(open_tip, word, WHY if word == "reopen" else None)
    told = json.loads(run("read", open_tip.tip_id, "--json", person=somchai).out)
    assert "change_unfounded" in names(told)


@pytest.mark.parametrize("word", ["confirm", "reopen"])
def test_a_reporters_word_in_an_officers_name_is_unfounded(
    tip: Tip, somchai: Person, read: Read, word: str
) -> None:
    reporter_says(tip, word, WHY if word == "reopen" else None)
    tip.answer["changes"][-1]["officer"] = somchai.id
    assert "change_unfounded" in names(read())


def test_a_no_without_a_part_is_unfounded(tip: Tip, read: Read) -> None:
    reporter_says(tip, "reopen")
    assert names(read()) == {"change_unfounded"}


def test_a_no_that_points_to_what_was_told_before_the_ending_is_unfounded(
    tip: Tip, read: Read
) -> None:
    reporter_says(tip, "reopen")
    tip.answer["changes"][-1]["part_id"] = tip.answer["parts"][1]["part_id"]
    assert names(read()) == {"change_unfounded"}


def test_the_words_of_one_no_do_not_serve_for_another(
    world: World, tip: Tip, somchai: Person, read: Read
) -> None:
    reporter_says(tip, "reopen", WHY)
    old = tip.answer["parts"][-1]["part_id"]
    status_as(tip, world, somchai, "closed")
    reporter_says(tip, "reopen")
    tip.answer["changes"][-1]["part_id"] = old
    assert names(read()) == {"change_unfounded"}


def test_an_answer_to_something_else_is_no_reason(tip: Tip, read: Read) -> None:
    reporter_says(tip, "reopen", WHY, question="reply")
    assert names(read()) == {"change_unfounded"}


def test_an_officers_note_is_no_reason(world: World, tip: Tip, somchai: Person, read: Read) -> None:
    note = world.officer_part(tip, somchai, WHY, Kind.NOTE)
    reporter_says(tip, "reopen")
    tip.answer["changes"][-1]["part_id"] = note.part_id
    assert names(read()) == {"change_unfounded"}


def test_a_no_that_leads_elsewhere_is_unfounded(tip: Tip, read: Read) -> None:
    reporter_says(tip, "reopen", WHY)
    tip.answer["changes"][-1]["status"] = "accepted"
    tip.answer["status"] = "accepted"
    assert {"change_unfounded", "status_unproven"} <= names(read())


def test_a_no_that_is_dropped_later_is_missed(tip: Tip, read: Read) -> None:
    reporter_says(tip, "reopen", WHY)
    read()
    tip.answer["changes"].pop()
    tip.answer |= {"version": tip.answer["version"] - 1, "status": "closed"}
    assert {"change_missing", "history_behind"} <= names(read())


def test_a_no_turned_into_a_yes_is_altered(tip: Tip, read: Read) -> None:
    reporter_says(tip, "reopen", WHY)
    read()
    tip.answer["changes"][-1] |= {"kind": "confirm", "status": None, "part_id": None}
    tip.answer["status"] = "closed"
    assert "change_altered" in names(read())


def test_a_reporter_who_took_the_words_back_reopened_it_all_the_same(tip: Tip, read: Read) -> None:
    reporter_says(tip, "reopen", WHY)
    tip.answer["parts"][-1]["sealed"] = None
    assert names(read()) == {"part_unsent"}
