"""Somebody leaves: a colleague lets the newcomer into what they could open, tip by tip."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from console import acting
from sealing import Role, TipKind, seal_recovery
from tests.console.conftest import Ran, Run
from tests.console.fake_world import (
    FORM,
    LOW_COST,
    PASSPHRASE,
    Answer,
    Person,
    World,
    claim_as,
)


@pytest.fixture
def leaver(world: World) -> Person:
    return world.join("วิชัย ลาก่อน", "kkn")


@pytest.fixture
def newcomer(world: World) -> Person:
    return world.join("คนใหม่ มาแทน", "kkn")


@pytest.fixture
def lead(world: World) -> Person:
    return world.join("หัวหน้า กลุ่มงาน", "kkn", roles=(Role.LEAD,))


@pytest.fixture
def take_over(run: Run, newcomer: Person, leaver: Person) -> Callable[..., Answer]:
    """Run the command as somebody, for the leaver's tips; its JSON, with the exit code."""

    def run_it(by: Person, *options: str, who: str | None = None, code: int = 0) -> Answer:
        frm = ("--from", leaver.id if who is None else who)
        ran: Ran = run("regrant", *frm, "--to", newcomer.id, *options, "--json", person=by)
        assert ran.code == code, ran.err
        told: Answer = json.loads(ran.out)
        return told

    return run_it


def dismiss(world: World, person: Person) -> None:
    """Take *person* out of the roster."""
    world.people.remove(person)
    world.sign_roster(world.roster_version + 1)


def test_whatever_the_leaver_read_the_newcomer_reads_and_nothing_else(
    world: World,
    somchai: Person,
    leaver: Person,
    newcomer: Person,
    take_over: Callable[..., Answer],
) -> None:
    both = [world.file_tip(somchai, leaver) for _ in range(3)]
    has = world.file_tip(somchai, leaver, newcomer)
    own = world.file_tip(somchai)
    hidden = world.file_tip(leaver)  # nobody who remains can open it
    tried = take_over(somchai, "--dry-run")
    assert set(tried["given"]) == {tip.tip_id for tip in both}
    assert not any(newcomer.id in tip.grants for tip in both)
    told = take_over(somchai)
    assert (told["total"], told["looked_at"], told["not_meant"]) == (5, 5, 1)
    assert set(told["given"]) == {tip.tip_id for tip in both}
    assert told["had"] == [has.tip_id]
    assert all(tip.grants[newcomer.id]["granted_by"] == somchai.id for tip in both)
    assert newcomer.id not in own.grants
    assert newcomer.id not in hidden.grants


def test_the_newcomer_opens_what_they_were_given_and_every_check_holds(
    world: World, somchai: Person, leaver: Person, newcomer: Person, run: Run,
    take_over: Callable[..., Answer],
) -> None:  # fmt: skip
    tip = world.file_tip(somchai, leaver)
    tip.append(tip.told(words="เห็นเองกับตา", question="what"))
    take_over(somchai)
    told = json.loads(run("read", tip.tip_id, "--json", person=newcomer).out)
    assert told["is_whole"] is True, told["findings"]
    assert told["parts"][-1]["words"] == "เห็นเองกับตา"


def test_who_is_barred_or_may_be_in_conflict_is_left_out(
    world: World,
    somchai: Person,
    leaver: Person,
    newcomer: Person,
    take_over: Callable[..., Answer],
) -> None:
    barred = world.file_tip(somchai, leaver, form={**FORM, "barred": [newcomer.id]})
    plain = world.file_tip(somchai, leaver)
    newcomer.conflicts = ("land",)
    world.sign_roster(world.roster_version + 1)
    told = take_over(somchai)
    assert (told["barred"], told["conflicts"]) == ([barred.tip_id], [plain.tip_id])
    told = take_over(somchai, "--no-conflict", "--despite-warnings")
    assert (told["barred"], told["given"]) == ([barred.tip_id], [plain.tip_id])
    assert newcomer.id not in barred.grants


def test_a_tip_at_a_centre_that_is_not_theirs_is_for_guests_only(
    world: World, somchai: Person, leaver: Person, take_over: Callable[..., Answer]
) -> None:
    far = world.file_tip(somchai, leaver, centre="udn")
    assert take_over(somchai)["elsewhere"] == [far.tip_id]
    assert take_over(somchai, "--guests")["given"] == [far.tip_id]


def test_an_application_is_for_registrars(
    world: World, leaver: Person, run: Run, newcomer: Person, take_over: Callable[..., Answer]
) -> None:
    registrar = world.join("ราชัน", "kkn", roles=(Role.REGISTRAR,))
    application = world.file_tip(registrar, leaver, kind=TipKind.APPLICATION)
    assert take_over(registrar)["wrong_role"] == [application.tip_id]
    assert newcomer.id not in application.grants


def test_a_tip_that_does_not_verify_is_left_and_named(
    world: World,
    somchai: Person,
    leaver: Person,
    newcomer: Person,
    take_over: Callable[..., Answer],
) -> None:
    good, bad = world.file_tip(somchai, leaver), world.file_tip(somchai, leaver)
    bad.answer["status"] = "closed"
    told = take_over(somchai, code=5)
    assert (told["given"], told["unsafe"]) == ([good.tip_id], [bad.tip_id])
    assert newcomer.id not in bad.grants


def test_a_tip_that_went_meanwhile_does_not_stop_the_rest(
    world: World, somchai: Person, leaver: Person, take_over: Callable[..., Answer]
) -> None:
    tips = [world.file_tip(somchai, leaver) for _ in range(3)]

    def lists_a_ghost(answer: Answer) -> None:
        answer["tips"].append({**answer["tips"][0], "tip_id": "e" * 32})

    world.spoil("tips", lists_a_ghost)
    told = take_over(somchai, code=4)
    assert len(told["given"]) == len(tips)
    assert told["refused"] == ["e" * 32]


# --- what the leaver holds


def test_a_lead_gives_on_what_the_leaver_holds(
    world: World, lead: Person, leaver: Person, newcomer: Person, take_over: Callable[..., Answer]
) -> None:
    held, free = world.file_tip(lead, leaver), world.file_tip(lead, leaver)
    claim_as(held, leaver)
    told = take_over(lead)
    assert set(told["given"]) == {held.tip_id, free.tip_id}
    assert (told["assigned"], held.answer["claimed_by"]) == ([held.tip_id], newcomer.id)
    assert free.answer["claimed_by"] is None


def test_who_is_no_lead_is_told_what_stays_held(
    world: World,
    somchai: Person,
    leaver: Person,
    newcomer: Person,
    take_over: Callable[..., Answer],
) -> None:
    held = world.file_tip(somchai, leaver)
    claim_as(held, leaver)
    told = take_over(somchai, code=4)
    assert (told["given"], told["still_held"]) == ([held.tip_id], [held.tip_id])
    assert held.answer["claimed_by"] == leaver.id


def test_once_the_roster_is_without_them_their_id_still_names_the_leaver(
    world: World, somchai: Person, leaver: Person, run: Run, newcomer: Person,
    take_over: Callable[..., Answer],
) -> None:  # fmt: skip
    tip = world.file_tip(somchai, leaver)
    assert run("list", person=somchai).code == 0  # this console has seen the roster with them
    dismiss(world, leaver)
    by_name = run("regrant", "--from", "วิชัย ลาก่อน", "--to", newcomer.id, person=somchai)
    assert by_name.code == 2
    assert take_over(somchai, who=leaver.id[:8])["given"] == [tip.tip_id]


def test_a_newcomer_who_once_worked_there_is_given_what_went_with_that_centre(
    world: World, somchai: Person, leaver: Person, newcomer: Person,
    take_over: Callable[..., Answer],
) -> None:  # fmt: skip
    tip = world.file_tip(somchai, leaver, newcomer)
    assert take_over(somchai)["had"] == [tip.tip_id]
    newcomer.centres = ("udn",)
    world.sign_roster(world.roster_version + 1)
    assert take_over(somchai, "--guests")["given"] == [tip.tip_id]
    assert tip.grants[newcomer.id]["granted_by"] == somchai.id


# --- cut off


def test_an_interrupted_run_says_how_far_it_came_and_goes_on_where_it_was(
    world: World, somchai: Person, leaver: Person, newcomer: Person, run: Run,
    take_over: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    tips = [world.file_tip(somchai, leaver) for _ in range(4)]
    let_in, calls = acting.let_in, iter(range(9))

    async def stopped_by_hand(*args: object, **options: object) -> object:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return await let_in(*args, **options)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(acting, "let_in", stopped_by_hand)
    cut = run("regrant", "--from", leaver.id, "--to", newcomer.id, person=somchai)
    assert cut.code == 130
    assert "Looked at 2 of 4 tips" in cut.out
    assert "2 can be read now" in cut.out
    assert "same command again" in cut.err
    monkeypatch.undo()
    told = take_over(somchai)
    assert (len(told["had"]), len(told["given"])) == (2, 2)
    assert all(newcomer.id in tip.grants for tip in tips)


def test_what_is_meant_must_be_said(run: Run, somchai: Person, newcomer: Person) -> None:
    assert run("regrant", "--to", newcomer.id, person=somchai).code == 2
    same = run("regrant", "--from", newcomer.id, "--to", newcomer.id, person=somchai)
    assert (same.code, "themselves" in same.err) == (2, True)


def test_a_whole_centre_is_given_to_somebody_new(
    world: World, somchai: Person, newcomer: Person, run: Run
) -> None:
    here, there = world.file_tip(somchai), world.file_tip(somchai, centre="udn")
    ran = run("regrant", "--centre", "kkn", "--to", newcomer.id, person=somchai)
    assert ran.code == 0, ran.err
    assert "Looked at 1 of 1 tip." in ran.out
    assert newcomer.id in here.grants
    assert newcomer.id not in there.grants


def test_recovery_gives_only_what_nobody_else_opens(
    world: World, somchai: Person, leaver: Person, run: Run, tmp_path: Path
) -> None:
    boss = world.join("ผู้ดูแล", roles=(Role.ADMIN,))
    orphan, read = world.file_tip(leaver), world.file_tip(somchai)
    dismiss(world, leaver)
    fresh = world.join("คนใหม่", "kkn")
    key = tmp_path / "recovery.age"
    key.write_bytes(seal_recovery(world.recovery, PASSPHRASE, LOW_COST))
    use = ("recovery", "use", "--key", key, "--to", fresh.id, "--unread-only", "--json")
    told = json.loads(run(*use, person=boss).out)
    assert [grant["tip_id"] for grant in told["grants"]] == [orphan.tip_id]
    assert fresh.id not in read.grants
