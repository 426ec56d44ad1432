"""Legal hold and destroyed tips in the console: what officers do, and a desk that plays false."""

import copy
import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from console.folder import SEEN
from console.seen import Memory
from sealing import OfficerKeys, Role
from tests.console.conftest import Run
from tests.console.fake_world import (
    DAY,
    Answer,
    Person,
    Tip,
    World,
    b64,
    claim_as,
    hold_as,
    reporter_says,
    status_as,
)

WHY = ("--reason", "ศาลขอให้เก็บไว้")
CLOSED_DAYS = 2
EXPIRES = (date.fromisoformat(DAY) + timedelta(days=CLOSED_DAYS)).isoformat()


@pytest.fixture
def lead(world: World, somchai: Person) -> Person:
    return world.join("หัวหน้า", "kkn", roles=(Role.LEAD,))


@pytest.fixture
def tip(world: World, somchai: Person, lead: Person) -> Tip:
    return world.file_tip(somchai, lead)


def read(run: Run, tip: Tip, person: Person) -> Answer:
    ran = run("read", tip.tip_id, "--json", person=person)
    assert ran.code == 0, ran.err
    told: Answer = json.loads(ran.out)
    return told


def names(told: Answer) -> set[str]:
    return {finding["name"] for finding in told["findings"]}


def close(tip: Tip, world: World, person: Person) -> None:
    status_as(tip, world, person, "closed")
    tip.answer["expire_day"] = EXPIRES


# --- with an honest desk


def test_a_hold_is_signed_explained_and_shown(
    world: World, tip: Tip, lead: Person, somchai: Person, run: Run
) -> None:
    assert run("hold", tip.tip_id, *WHY, person=lead).code == 0
    told = read(run, tip, somchai)
    assert (names(told), told["is_held"]) == (set(), True)
    assert "ศาลขอให้เก็บไว้" in [part["words"] for part in told["parts"]]
    said = run("read", tip.tip_id, person=somchai).out
    assert "on hold (not destroyed)" in said
    assert "put on hold: not to be destroyed" in said
    assert run("unhold", tip.tip_id, *WHY, person=lead).code == 0
    told = read(run, tip, somchai)
    assert (names(told), told["is_held"]) == (set(), False)


def test_a_hold_needs_a_reason_and_is_not_put_twice(tip: Tip, lead: Person, run: Run) -> None:
    assert "--reason" in run("hold", tip.tip_id, person=lead).err
    assert "not on hold" in run("unhold", tip.tip_id, *WHY, person=lead).err
    assert run("hold", tip.tip_id, *WHY, person=lead).code == 0
    assert "on hold already" in run("hold", tip.tip_id, *WHY, person=lead).err
    assert tip.answer["version"] == 2


def test_who_may_not_hold_is_told_whom_to_ask_in_their_language(
    tip: Tip, lead: Person, somchai: Person, run: Run
) -> None:
    for command in ("hold", "unhold"):
        tip.answer["is_held"] = command == "unhold"
        ran = run(command, tip.tip_id, *WHY, "--despite-warnings", person=somchai, lang="th")
        assert ran.code != 0
        assert "ขอให้คนใดคนหนึ่งทำ" in ran.err
    assert tip.answer["version"] == 1, "nothing was sent"


def test_held_tips_are_listed(
    world: World, tip: Tip, lead: Person, somchai: Person, run: Run
) -> None:
    world.file_tip(somchai, lead)
    hold_as(tip, world, lead, is_held=True)
    listed = json.loads(run("list", "--held", "--json", person=lead).out)["tips"]
    assert [row["tip_id"] for row in listed] == [tip.tip_id]
    assert listed[0]["is_held"]
    assert "on hold" in run("list", person=lead).out


def test_the_day_of_destruction_is_shown(
    world: World, tip: Tip, lead: Person, somchai: Person, run: Run
) -> None:
    close(tip, world, somchai)
    told = read(run, tip, somchai)
    assert (names(told), told["expire_day"]) == (set(), EXPIRES)
    assert "to be destroyed on" in run("read", tip.tip_id, person=somchai).out


# --- with a hostile desk


def test_a_desk_that_says_held_or_not_against_the_signatures_is_named(
    world: World, tip: Tip, lead: Person, somchai: Person, run: Run
) -> None:
    tip.answer["is_held"] = True
    assert names(read(run, tip, somchai)) == {"hold_unproven"}
    hold_as(tip, world, lead, is_held=True)
    assert names(read(run, tip, somchai)) == set()
    tip.answer["is_held"] = False
    assert names(read(run, tip, somchai)) == {"hold_unproven"}


Lie = Callable[[Answer], object]


@pytest.mark.parametrize(
    ("lie", "finding"),
    [
        (lambda change: change.update(signature=None), "change_unsigned"),
        (lambda change: change.update(signature=b64(bytes(64))), "change_forged"),
        (lambda change: change.update(part_id="f" * 32), "change_forged"),
        (lambda change: change.update(day="2026-11-19"), "change_forged"),
        (lambda change: change.update(kind="unhold"), "change_forged"),
        (lambda change: change.update(officer=OfficerKeys.generate("x").id), "change_foreign"),
    ],
)
def test_a_forged_hold_or_its_lifting_is_named(
    world: World, tip: Tip, lead: Person, somchai: Person, run: Run, lie: Lie, finding: str
) -> None:
    hold_as(tip, world, lead, is_held=True)
    lie(tip.answer["changes"][-1])
    assert finding in names(read(run, tip, somchai))


def test_a_lifting_that_is_replayed_is_named(
    world: World, tip: Tip, lead: Person, somchai: Person, run: Run
) -> None:
    hold_as(tip, world, lead, is_held=True)
    hold_as(tip, world, lead, is_held=False)
    lifted = copy.deepcopy(tip.answer["changes"][-1])
    hold_as(tip, world, lead, is_held=True)
    assert names(read(run, tip, somchai)) == set()
    tip.answer["changes"].append({**lifted, "version": 5})
    tip.answer |= {"version": 5, "is_held": False}
    assert "change_forged" in names(read(run, tip, somchai))


def test_a_hold_on_a_held_tip_cannot_be(
    world: World, tip: Tip, lead: Person, somchai: Person, run: Run
) -> None:
    hold_as(tip, world, lead, is_held=True)
    hold_as(tip, world, lead, is_held=True)
    assert names(read(run, tip, somchai)) == {"change_hold_astray"}


def test_a_day_of_destruction_for_an_open_or_held_tip_is_named(
    world: World, tip: Tip, lead: Person, somchai: Person, run: Run
) -> None:
    tip.answer["expire_day"] = EXPIRES
    assert names(read(run, tip, somchai)) == {"expiry_unfounded"}
    close(tip, world, somchai)
    hold_as(tip, world, lead, is_held=True)
    tip.answer["expire_day"] = EXPIRES
    assert names(read(run, tip, somchai)) == {"expiry_unfounded"}


def test_a_day_that_comes_nearer_by_itself_is_good_to_know(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    close(tip, world, somchai)
    assert names(read(run, tip, somchai)) == set()
    tip.answer["expire_day"] = DAY
    told = read(run, tip, somchai)
    assert names(told) == {"expiry_sooner"}
    assert told["is_whole"]


# --- destroyed, or so the desk says


def claims(world: World, tip: Tip, day: str = EXPIRES, **changed: object) -> None:
    """The desk has the tip no more, and shows what it keeps of such."""
    kept = [c for c in tip.answer["changes"] if c["kind"] in ("status", "unhold")]
    last = {change["kind"]: change for change in kept}
    world.shredded[tip.tip_id] = {"day": day, "changes": list(last.values()), **changed}


def says(run: Run, tip: Tip, person: Person) -> tuple[int, str]:
    ran = run("read", tip.tip_id, person=person)
    return ran.code, ran.err


def memory_of(person: Person) -> Memory:
    return Memory(person.home / SEEN, person.keys.sign.seed)


def test_one_that_was_destroyed_on_its_day_is_no_alarm_and_is_forgotten(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    close(tip, world, somchai)
    read(run, tip, somchai)
    assert memory_of(somchai).tip(tip.tip_id).is_known
    claims(world, tip)
    code, said = says(run, tip, somchai)
    assert (code, "was destroyed on" in said, "time was over" in said) == (4, True, True), said
    assert not memory_of(somchai).tip(tip.tip_id).is_known


def test_one_that_ended_after_it_was_last_seen_is_believed_with_the_signature(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    read(run, tip, somchai)
    close(tip, world, somchai)
    claims(world, tip)
    assert says(run, tip, somchai)[0] == 4


def test_one_that_was_never_seen_here_is_believed_with_the_signature_too(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    claims(world, tip)
    assert says(run, tip, somchai)[0] == 5
    close(tip, world, somchai)
    claims(world, tip)
    assert says(run, tip, somchai)[0] == 4


def test_a_tip_that_is_open_or_held_was_not_destroyed_whatever_the_desk_says(
    world: World, tip: Tip, lead: Person, somchai: Person, run: Run
) -> None:
    read(run, tip, somchai)
    claims(world, tip)
    code, said = says(run, tip, somchai)
    assert (code, "no officer's signature that it had ended" in said) == (5, True), said
    assert memory_of(somchai).tip(tip.tip_id).is_known
    del world.shredded[tip.tip_id]
    close(tip, world, somchai)
    hold_as(tip, world, lead, is_held=True)
    read(run, tip, somchai)
    claims(world, tip)
    code, said = says(run, tip, somchai)
    assert (code, "on hold when this machine last read it" in said) == (5, True), said
    # A lifting of an earlier hold does not do; a newer one does.
    hold_as(tip, world, lead, is_held=False)
    claims(world, tip)
    assert says(run, tip, somchai)[0] == 4


def test_the_end_of_an_earlier_hold_does_not_lift_a_later_one(
    world: World, tip: Tip, lead: Person, somchai: Person, run: Run
) -> None:
    close(tip, world, somchai)
    for is_held in (True, False, True):
        hold_as(tip, world, lead, is_held=is_held)
    read(run, tip, somchai)
    claims(world, tip)
    assert "on hold when this machine" in says(run, tip, somchai)[1]


def test_an_ending_that_was_undone_does_not_let_it_be_destroyed(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    claim_as(tip, somchai)
    close(tip, world, somchai)
    reporter_says(tip, "reopen", "ยังไม่จบ")
    tip.answer["expire_day"] = None
    read(run, tip, somchai)
    claims(world, tip)  # it shows the ending of before
    assert "no officer's signature that it had ended" in says(run, tip, somchai)[1]


@pytest.mark.parametrize("closed_days", [0, 30])
def test_sooner_than_the_desks_own_rule_is_named(
    world: World, tip: Tip, somchai: Person, run: Run, closed_days: int
) -> None:
    close(tip, world, somchai)
    claims(world, tip)
    world.closed_days = closed_days
    assert "sooner than it should have been" in says(run, tip, somchai)[1]


def test_sooner_than_it_was_shown_here_or_in_the_future_is_named(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    close(tip, world, somchai)
    read(run, tip, somchai)
    for day in (DAY, "2999-01-01"):
        claims(world, tip, day)
        code, said = says(run, tip, somchai)
        assert (code, "sooner than it should have been" in said) == (5, True), said


@pytest.mark.parametrize(
    "lie",
    [
        {"signature": None},
        {"signature": b64(bytes(64))},
        {"status": "accepted"},
        {"officer": OfficerKeys.generate("x").id},
        {"day": "2026-11-19"},
        {"version": 9},
    ],
)
def test_a_forged_ending_lets_nothing_be_destroyed(
    world: World, tip: Tip, somchai: Person, run: Run, lie: Answer
) -> None:
    read(run, tip, somchai)
    close(tip, world, somchai)
    (ending,) = tip.answer["changes"]
    claims(world, tip, changes=[{**ending, **lie}])
    assert says(run, tip, somchai)[0] == 5


def test_what_is_no_claim_at_all_is_refused_whole(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    for said in ({}, {"day": "soon"}, {"day": DAY, "changes": "none"}):
        world.shredded[tip.tip_id] = said
        assert says(run, tip, somchai)[0] == 5
