"""Moving a tip to another centre, and what a console notices when the desk plays false."""

import json
from pathlib import Path

import pytest

from console.acting import NOTE_AT_MOST
from sealing import OfficerKeys
from tests.console.conftest import Run
from tests.console.fake_world import (
    FORM,
    Answer,
    Person,
    Tip,
    World,
    b64,
    claim_as,
    move_as,
    new_id,
)

SAID = ("--sentence", "ย้ายให้ศูนย์อุดรธานีดูแล", "--reason", "ผู้ถูกร้องเป็นญาติของหัวหน้าศูนย์")


@pytest.fixture
def there(world: World) -> Person:
    return world.join("อุดม ที่อุดร", "udn")


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    return world.file_tip(somchai)


def read(run: Run, tip: Tip, person: Person) -> Answer:
    ran = run("read", tip.tip_id, "--json", person=person)
    assert ran.code == 0, ran.err
    told: Answer = json.loads(ran.out)
    return told


def test_an_officer_moves_a_tip_and_the_new_centre_reads_it_whole(
    world: World, tip: Tip, somchai: Person, there: Person, run: Run
) -> None:
    boss = world.join("หัวหน้า", "hq")
    ran = run("refer", tip.tip_id, "--to", "อุดรธานี", *SAID, person=somchai)
    assert ran.code == 0, ran.err
    assert "Udon Thani" in ran.out
    told = read(run, tip, there)
    assert told["is_whole"] is True, told["findings"]
    assert (told["centre"], told["claimed_by"]) == ("udn", None)
    note, sentence = told["parts"][-2:]
    assert (note["kind"], note["words"]) == ("note", SAID[3])
    assert (sentence["kind"], sentence["words"]) == ("status", SAID[1])
    assert [part["sealed_to"] for part in tip.answer["parts"][-2:]] == ["case", "reply"]
    (change,) = told["changes"]
    assert (change["kind"], change["from_centre"], change["to_centre"]) == ("move", "kkn", "udn")
    assert change["part_id"] == sentence["part_id"]
    assert tip.grants[boss.id]["released"] is False
    shown = run("read", tip.tip_id, person=there, lang="th")
    assert "ย้ายจาก ขอนแก่น ไป อุดรธานี · สมชาย ใจดี" in shown.out
    assert read(run, tip, somchai)["is_whole"] is True


def test_sentence_and_reason_are_required(
    tip: Tip, somchai: Person, there: Person, run: Run
) -> None:
    for missing in (
        SAID[:2],
        SAID[2:],
        ("--sentence", " ", *SAID[2:]),
        (*SAID[:2], "--reason", ""),
    ):
        ran = run("refer", tip.tip_id, "--to", "udn", *missing, person=somchai)
        assert ran.code == 2
    long = ("--reason", "ก" * (NOTE_AT_MOST + 1))
    assert run("refer", tip.tip_id, "--to", "udn", *SAID[:2], *long, person=somchai).code == 2
    assert tip.answer["centre"] == "kkn"
    assert len(tip.answer["parts"]) == 1


@pytest.mark.parametrize(
    ("to", "code", "says"),
    [("nowhere", 2, "There are: hq, inside"), ("kkn", 2, "already"), ("hq", 4, "No officer")],
)
def test_a_move_that_leads_nowhere_is_refused(
    tip: Tip, somchai: Person, there: Person, run: Run, to: str, code: int, says: str
) -> None:
    ran = run("refer", tip.tip_id, "--to", to, *SAID, person=somchai)
    assert (ran.code, says in ran.err) == (code, True), ran.err
    assert tip.answer["centre"] == "kkn"


def test_an_integrity_centre_needs_the_officers_second_word(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    world.join("คนในกรม", "inside")
    ran = run("refer", tip.tip_id, "--to", "inside", *SAID, person=somchai)
    assert (ran.code, "inside an agency (land)" in ran.err) == (2, True)
    assert tip.answer["centre"] == "kkn"
    sure = ("--despite-warnings",)
    assert run("refer", tip.tip_id, "--to", "inside", *SAID, *sure, person=somchai).code == 0
    assert tip.answer["centre"] == "inside"


def test_a_centre_and_people_that_the_tip_bars_never_get_it(
    world: World, somchai: Person, there: Person, run: Run
) -> None:
    world.join("คนในกรม", "inside")
    both = world.join("สองที่", "udn", "inside")
    friend = world.join("เพื่อนเขา", "udn", conflicts=("land",))
    boss = world.join("หัวหน้า", "hq")
    barred = ["inside", friend.id, boss.id]
    tip = world.file_tip(somchai, form={**FORM, "barred": barred})
    insist = (*SAID, "--despite-warnings", "--no-conflict")
    ran = run("refer", tip.tip_id, "--to", "inside", *insist, person=somchai)
    assert (ran.code, "must not go to" in ran.err) == (4, True)
    assert run("refer", tip.tip_id, "--to", "hq", *insist, person=somchai).code == 4
    ran = run("refer", tip.tip_id, "--to", "udn", *insist, "--json", person=somchai)
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert (told["readers"], set(told["left_out"])) == ([there.id], {both.id, friend.id})
    assert set(tip.grants) >= {there.id}
    assert not set(tip.grants) & {both.id, friend.id, boss.id}


def test_who_declared_a_conflict_there_is_left_out_unless_it_is_said_not_to_matter(
    world: World, somchai: Person, there: Person, run: Run
) -> None:
    friend = world.join("เพื่อนเขา", "udn", conflicts=("land",))
    first, second = world.file_tip(somchai), world.file_tip(somchai)
    ran = run("refer", first.tip_id, "--to", "udn", *SAID, person=somchai)
    assert (ran.code, "เพื่อนเขา" in ran.err) == (0, True)
    assert friend.id not in first.grants
    ran = run("refer", second.tip_id, "--to", "udn", *SAID, "--no-conflict", person=somchai)
    assert ran.code == 0, ran.err
    assert friend.id in second.grants


def test_of_two_who_move_at_once_the_slower_is_told_where_it_went(
    world: World, tip: Tip, somchai: Person, there: Person, run: Run
) -> None:
    malee = world.join("มาลี", "kkn")
    world.join("หัวหน้า", "hq")

    def first(moving: Tip) -> None:
        world.before_move = None
        move_as(moving, malee, "hq")

    world.before_move = first
    ran = run("refer", tip.tip_id, "--to", "udn", *SAID, person=somchai)
    assert (ran.code, "Headquarters meanwhile" in ran.err) == (4, True), ran.err
    assert tip.answer["centre"] == "hq"
    assert [change["kind"] for change in tip.answer["changes"]] == ["move"]


def test_a_part_that_came_meanwhile_does_not_stop_a_move(
    world: World, tip: Tip, somchai: Person, there: Person, run: Run
) -> None:
    def claimed_first(moving: Tip) -> None:
        world.before_move = None
        claim_as(moving, somchai)

    world.before_move = claimed_first
    assert run("refer", tip.tip_id, "--to", "udn", *SAID, person=somchai).code == 0
    assert read(run, tip, there)["is_whole"] is True


# --- a desk that plays false


def names(told: Answer) -> set[str]:
    return {finding["name"] for finding in told["findings"] if finding["is_alarm"]}


@pytest.fixture
def moved(world: World, tip: Tip, somchai: Person, there: Person, run: Run) -> Tip:
    assert run("refer", tip.tip_id, "--to", "udn", *SAID, person=somchai).code == 0
    return tip


def test_a_move_that_nobody_signed_is_an_alarm(tip: Tip, somchai: Person, run: Run) -> None:
    move_as(tip, somchai, "udn")
    tip.answer["changes"][-1]["signature"] = None
    assert "change_unsigned" in names(read(run, tip, somchai))


def test_a_move_in_an_officers_name_by_another_hand_is_an_alarm(
    tip: Tip, somchai: Person, run: Run
) -> None:
    move_as(tip, somchai, "udn")
    tip.answer["changes"][-1]["signature"] = b64(OfficerKeys.generate("x").sign.sign(b"x"))  # type: ignore[arg-type]  # no statement at all
    assert "change_forged" in names(read(run, tip, somchai))


@pytest.mark.parametrize("field", ["from_centre", "to_centre", "officer", "part_id", "day"])
def test_a_move_changed_anywhere_is_an_alarm(
    moved: Tip, there: Person, somchai: Person, run: Run, field: str
) -> None:
    other = {"officer": there.id, "part_id": new_id(), "day": "2026-11-19"}.get(field, "hq")
    moved.answer["changes"][-1][field] = other
    assert names(read(run, moved, there)) & {"change_forged", "centre_unproven"}


def test_a_centre_other_than_the_last_move_says_is_an_alarm(
    moved: Tip, there: Person, run: Run
) -> None:
    moved.answer["centre"] = "hq"
    assert names(read(run, moved, there)) == {"centre_unproven"}


def test_a_centre_that_changed_without_a_move_is_an_alarm_once_it_was_seen(
    tip: Tip, somchai: Person, run: Run
) -> None:
    assert names(read(run, tip, somchai)) == set()
    tip.answer["centre"] = "udn"
    assert names(read(run, tip, somchai)) == {"centre_unproven"}


def test_a_move_that_begins_elsewhere_than_the_one_before_ended_is_an_alarm(
    world: World, moved: Tip, there: Person, run: Run
) -> None:
    moved.answer["centre"] = "hq"
    move_as(moved, there, "kkn")
    assert names(read(run, moved, there)) == {"centre_unproven"}


def test_a_tip_moved_away_is_believed_with_the_signed_move_only(
    world: World, tip: Tip, somchai: Person, there: Person, run: Run
) -> None:
    read(run, tip, somchai)
    move_as(tip, somchai, "udn")
    proof = dict(tip.answer["changes"][-1])
    world.moved_away[somchai.id] = proof
    ran = run("read", tip.tip_id, person=somchai)
    assert (ran.code, "was moved to the centre udn" in ran.err) == (4, True), ran.err
    for lie in (
        {"to_centre": "hq"},
        {"signature": None},
        {"kind": "status"},
        {"officer": new_id()},
    ):
        world.moved_away[somchai.id] = {**proof, **lie}
        ran = run("read", tip.tip_id, person=somchai)
        assert (ran.code, "says there is none" in ran.err or "moved" not in ran.err) == (5, True)


def test_an_export_tells_of_the_move_and_where_the_tip_lies(
    moved: Tip, there: Person, run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert run("export", moved.tip_id, out, "--reason", "ศาลขอ", person=there).code == 0
    transcript = (out / "transcript.txt").read_text(encoding="utf-8")
    assert "Centre: Udon Thani" in transcript
    assert "moved from Khon Kaen to Udon Thani" in transcript
