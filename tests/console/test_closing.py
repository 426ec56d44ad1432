"""Ending a tip with a result, and referring it outside: one act, sealed, and read back."""

import json
from collections.abc import Callable

import pytest

from console.bodies import outside, parse_bodies, shipped_bodies
from console.results import Outcome, parse_results, results_for, shipped_results
from console.track_record import USEFUL
from sealing import Author, Kind, seal_part
from tests.console.conftest import Run
from tests.console.fake_world import (
    Answer,
    Person,
    Tip,
    World,
    about,
    claim_as,
    reporter_says,
    status_as,
)

RESULT = ("--result", "substantiated")
REASON = ("--reason", "คุยกับพยานสองคน")
SENTENCE = ("--sentence", "ตรวจแล้วพบว่าจริง")
SAID = (*RESULT, *REASON, *SENTENCE)
SURE = "--despite-warnings"

Read = Callable[[], Answer]


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    """A tip in progress, held."""
    filed = world.file_tip(somchai)
    filed.append(filed.told(words="หนึ่ง", question="what"))
    claim_as(filed, somchai)
    status_as(filed, world, somchai, "in_progress")
    return filed


@pytest.fixture
def read(tip: Tip, somchai: Person, run: Run) -> Read:
    def reading() -> Answer:
        ran = run("read", tip.tip_id, "--json", person=somchai)
        assert ran.code == 0, ran.err
        told: Answer = json.loads(ran.out)
        return told

    return reading


def test_closing_writes_result_reason_and_sentence_in_one_act(
    tip: Tip, somchai: Person, run: Run, read: Read
) -> None:
    ran = run("close", tip.tip_id, *SAID, person=somchai)
    assert ran.code == 0, ran.err
    assert "Substantiated" in ran.out
    told = read()
    assert (told["is_whole"], told["status"]) == (True, "closed"), told["findings"]
    assert told["result"] == "substantiated"
    note, sentence = told["parts"][-2:]
    assert (note["kind"], note["words"]) == ("note", REASON[1])
    assert (sentence["kind"], sentence["words"]) == ("status", SENTENCE[1])
    assert [part["sealed_to"] for part in tip.answer["parts"][-2:]] == ["case", "reply"]
    assert told["changes"][-1]["result"] == "substantiated"
    assert "พบว่าจริง" in run("read", tip.tip_id, person=somchai, lang="th").out


def test_nothing_of_the_result_lies_in_the_open(tip: Tip, somchai: Person, run: Run) -> None:
    before = json.dumps(tip.answer)
    assert run("close", tip.tip_id, *SAID, person=somchai).code == 0
    after = json.dumps(tip.answer, ensure_ascii=False)
    for told in ("substantiated", "พบว่าจริง", REASON[1], SENTENCE[1]):
        assert told not in before
        assert told not in after


def test_declining_needs_a_result_of_its_own(world: World, somchai: Person, run: Run) -> None:
    tip = world.file_tip(somchai)
    claim_as(tip, somchai)
    wrong = run("decline", tip.tip_id, *SAID, person=somchai)
    assert wrong.code == 2
    assert "outside" in wrong.err
    right = ("--result", "ไม่อยู่ในอำนาจหน้าที่", *REASON, *SENTENCE)
    assert run("decline", tip.tip_id, *right, person=somchai).code == 0
    told = json.loads(run("read", tip.tip_id, "--json", person=somchai).out)
    assert (told["status"], told["result"]) == ("declined", "outside")


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ((*REASON, *SENTENCE), "--result"),
        ((*RESULT, *SENTENCE), "--reason"),
        ((*RESULT, *REASON), "--sentence"),
        (("--result", "great", *REASON, *SENTENCE), "no such result"),
        ((*RESULT, "--reason", " ", *SENTENCE), "--reason"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_done(
    tip: Tip, somchai: Person, run: Run, missing: tuple[str, ...], says: str
) -> None:
    parts = len(tip.answer["parts"])
    ran = run("close", tip.tip_id, *missing, person=somchai)
    assert (ran.code, says in ran.err) == (2, True), ran.err
    assert len(tip.answer["parts"]) == parts
    assert tip.answer["status"] == "in_progress"


@pytest.mark.parametrize("status", ["closed", "declined"])
def test_status_alone_ends_nothing(tip: Tip, somchai: Person, run: Run, status: str) -> None:
    ran = run("status", tip.tip_id, status, *SENTENCE, SURE, person=somchai)
    assert (ran.code, "close or decline" in ran.err) == (2, True)
    assert tip.answer["status"] == "in_progress"


def test_only_the_holder_closes_unless_sure(world: World, somchai: Person, run: Run) -> None:
    tip = world.file_tip(somchai)
    status_as(tip, world, somchai, "in_progress")
    assert "Nobody has claimed" in run("close", tip.tip_id, *SAID, person=somchai).err
    assert run("close", tip.tip_id, *SAID, SURE, person=somchai).code == 0


def test_a_tip_that_grew_meanwhile_is_closed_all_the_same_with_one_reason(
    world: World, tip: Tip, somchai: Person, run: Run, read: Read
) -> None:
    grown = []

    def grow(answer: Answer) -> None:
        if not grown:
            grown.append(tip.append(tip.told(words="อีกข้อ", question="reply")))

    world.spoil("tip", grow)
    assert run("close", tip.tip_id, *SAID, person=somchai).code == 0
    world.behave()
    told = read()
    assert [part["words"] for part in told["parts"]].count(REASON[1]) == 1
    assert told["result"] == "substantiated"


def test_the_list_knows_a_result_that_was_read_and_a_reopened_tip_has_none(
    tip: Tip, somchai: Person, run: Run, read: Read
) -> None:
    assert run("close", tip.tip_id, *SAID, person=somchai).code == 0
    reporter_says(tip, "reopen", "ยังไม่จบ")
    told = read()
    assert (told["result"], told["status"]) == (None, "in_progress")
    assert told["changes"][-2]["result"] == "substantiated"
    again = ("--result", "unsubstantiated", *REASON, *SENTENCE)
    assert run("close", tip.tip_id, *again, person=somchai).code == 0
    assert read()["result"] == "unsubstantiated"


# --- referring out


def test_a_tip_is_referred_to_a_body_in_prepared_words(
    tip: Tip, somchai: Person, run: Run, read: Read
) -> None:
    ran = run("refer-out", tip.tip_id, "--to", "damrongdhama", *REASON, person=somchai)
    assert ran.code == 0, ran.err
    assert "pass it on yourself" in ran.out
    told = read()
    assert (told["status"], told["is_whole"], told["result"]) == ("referred", True, None)
    assert told["changes"][-1]["body"] == "damrongdhama"
    assert "ศูนย์ดำรงธรรม" in told["parts"][-1]["words"]
    assert "1567" in told["parts"][-1]["words"]
    shown = run("read", tip.tip_id, person=somchai, lang="th").out
    assert "ถึง ศูนย์ดำรงธรรม" in shown
    assert "damrongdhama" not in json.dumps(tip.answer)


def test_a_reporter_is_told_no_number_that_nobody_checked(
    tip: Tip, somchai: Person, run: Run, read: Read
) -> None:
    assert not shipped_bodies()["nacc"].is_checked
    english = ("--sentence-language", "en")
    ran = run("refer-out", tip.tip_id, "--to", "nacc", *REASON, *english, person=somchai)
    assert ran.code == 0, ran.err
    assert "NACC (1205 [?])" in ran.out
    words = read()["parts"][-1]["words"]
    assert "NACC" in words
    assert "1205" not in words


def test_own_words_go_to_the_reporter_as_they_are(
    tip: Tip, somchai: Person, run: Run, read: Read
) -> None:
    words = "ส่งต่อแล้ว {body} {x"
    said = ("--to", "ตำรวจ", *REASON, "--sentence", words)
    assert run("refer-out", tip.tip_id, *said, person=somchai).code == 0
    assert read()["parts"][-1]["words"] == words


def test_a_body_that_there_is_not_is_refused(tip: Tip, somchai: Person, run: Run) -> None:
    for to in ("pacc", "nowhere", ""):
        ran = run("refer-out", tip.tip_id, "--to", to, *REASON, person=somchai)
        assert (ran.code, "There are: nacc" in ran.err) == (2, True)
    assert tip.answer["status"] == "in_progress"


# --- a result belongs to its ending


def note_with(tip: Tip, world: World, by: Person, form: Answer) -> None:
    """A note with a form, as *by*'s console would sign it."""
    part = tip.told(Kind.NOTE, Author.OFFICER, words="x", form=form, officer=by.id)
    sealed = seal_part(part, tip.keys.recipients.case)
    tip.add_sealed(part, sealed.data, "case", by.keys.sign.sign(about(part, sealed.hash)))


GOOD = {"schema": 1, "result": "partly"}


def test_a_note_right_before_the_sentence_by_the_same_officer_says_the_result(
    world: World, tip: Tip, somchai: Person, read: Read
) -> None:
    note_with(tip, world, somchai, GOOD)
    status_as(tip, world, somchai, "closed")
    assert read()["result"] == "partly"


def test_a_note_that_the_sentence_was_not_written_behind_says_nothing(
    world: World, tip: Tip, somchai: Person, read: Read
) -> None:
    """Their console tried twice, and the desk kept what it had refused."""
    note_with(tip, world, somchai, {"schema": 1, "result": "unsubstantiated"})
    refused = tip.answer["parts"].pop()
    note_with(tip, world, somchai, GOOD)
    status_as(tip, world, somchai, "closed")
    assert read()["result"] == "partly"
    tip.answer["parts"][-2] = refused
    told = read()
    assert (told["result"], told["is_whole"]) == (None, False)


def test_a_note_anywhere_else_says_nothing(
    world: World, tip: Tip, somchai: Person, read: Read
) -> None:
    note_with(tip, world, somchai, GOOD)
    world.officer_part(tip, somchai, "อีกข้อ", Kind.NOTE)
    status_as(tip, world, somchai, "closed")
    note_with(tip, world, somchai, GOOD)
    assert read()["result"] is None


def test_a_colleagues_note_says_nothing(
    world: World, tip: Tip, somchai: Person, read: Read
) -> None:
    colleague = world.join("มาลี", "kkn")
    note_with(tip, world, colleague, GOOD)
    status_as(tip, world, somchai, "closed")
    assert read()["result"] is None


@pytest.mark.parametrize(
    "form",
    [
        {"schema": 2, "result": "partly"},
        {"result": "partly"},
        {"schema": 1},
        {"schema": 1, "result": None},
        {"schema": 1, "result": 7},
        {"schema": 1, "result": "<script>"},
        {"schema": 1, "result": "x" * 5000},
        {"schema": 1, "result": {"result": "partly"}},
    ],
)
def test_an_odd_note_is_a_note_and_nothing_else(
    world: World, tip: Tip, somchai: Person, read: Read, form: Answer
) -> None:
    note_with(tip, world, somchai, form)
    status_as(tip, world, somchai, "closed")
    told = read()
    assert (told["result"], told["is_whole"]) == (None, True)


def test_a_result_of_a_newer_console_is_kept_by_its_id(
    world: World, tip: Tip, somchai: Person, read: Read, run: Run
) -> None:
    note_with(tip, world, somchai, {"schema": 1, "result": "brand_new", "more": [1]})
    status_as(tip, world, somchai, "closed")
    assert read()["result"] == "brand_new"
    assert "brand_new" in run("read", tip.tip_id, person=somchai).out


# --- the data


def test_the_shipped_results_and_bodies_are_whole() -> None:
    assert {"substantiated", "unsubstantiated", "withdrawn"} <= set(shipped_results())
    for status in ("closed", "declined"):
        assert len(results_for(status)) >= 3
    assert {"nacc", "police", "audit", "damrongdhama", "narcotics"} <= {b.id for b in outside()}
    assert "pacc" not in {body.id for body in outside()}
    assert Outcome(result="partly").form() == GOOD
    assert "closed" in USEFUL


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ('[[result]]\nid="a"\n', "lacks"),
        ('[[result]]\nid="a b"\nth="ก"\nen="x"\nends=["closed"]\nis_useful=true\n', "label"),
        ('[[result]]\nid="a"\nth="ก"\nen="x"\nends=["received"]\nis_useful=true\n', "no ending"),
        ('[[result]]\nid="a"\nth="ก"\nen="x"\nends=[]\nis_useful=true\n', "no ending"),
    ],
)
def test_broken_results_are_refused(toml: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_results(toml)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ('id="a"\nth="ก"\n', "lacks"),
        ('id="a/b"\nth="ก"\nen="x"\n', "label"),
        ('id="a"\nth=""\nen="x"\n', "name"),
        ('id="a"\nth="ก"\nen="x"\nhotline="call me"\n', "number"),
    ],
)
def test_broken_bodies_are_refused(row: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_bodies(f"[[body]]\n{row}")
