"""Who was shut out at filing stays out: letting in, recovery, and forms that lie or are absent."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.answers import SealedPart
from console.barring import Barring, barring_of
from console.reading import OpenedPart, State
from sealing import Author, Kind, Part, Role, seal_recovery
from tests.console import fake_desk
from tests.console.conftest import Run
from tests.console.fake_world import (
    DAY,
    FORM,
    LOW_COST,
    PASSPHRASE,
    Answer,
    Person,
    Tip,
    World,
    new_id,
    recovery_rows,
)

INSIDE = "land-office-integrity"


@pytest.fixture
def friend(world: World) -> Person:
    return world.join("เพื่อนเขา", "kkn", conflicts=("land-office",))


def barring(world: World, somchai: Person, *ids: str) -> Tip:
    return world.file_tip(somchai, form={**FORM, "barred": list(ids)})


def test_whom_the_tip_bars_nobody_lets_in_whatever_they_insist_on(
    world: World, somchai: Person, friend: Person, run: Run
) -> None:
    tip = barring(world, somchai, INSIDE, friend.id)
    insider = world.join("คนใน", "kkn", INSIDE)
    for person in (friend, insider):
        ran = run(
            "grant", tip.tip_id, person.id, "--no-conflict", "--despite-warnings", person=somchai
        )
        assert ran.code == 4
        assert "must not be read by" in ran.err
        assert person.id not in tip.grants


def test_who_declared_a_conflict_is_let_in_only_once_it_is_said_not_to_matter(
    world: World, somchai: Person, friend: Person, run: Run
) -> None:
    tip = world.file_tip(somchai)
    ran = run("grant", tip.tip_id, friend.id, person=somchai)
    assert (ran.code, "land-office" in ran.err) == (2, True)
    assert friend.id not in tip.grants
    assert run("grant", tip.tip_id, friend.id, "--no-conflict", person=somchai).code == 0
    assert friend.id in tip.grants


@pytest.fixture
def recovery_file(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "recovery.age"
    path.write_bytes(seal_recovery(world.recovery, PASSPHRASE, LOW_COST))
    return path


def test_recovery_leaves_out_whom_the_tip_bars_chosen_or_not(
    world: World, somchai: Person, friend: Person, run: Run, recovery_file: Path
) -> None:
    boss = world.join("หัวหน้า", "hq", roles=(Role.ADMIN,))
    tip = barring(world, somchai, friend.id)
    for chosen in ((), ("--to", friend.id)):
        ran = run("recovery", "use", "--key", recovery_file, *chosen, "--json", person=boss)
        assert ran.code == 0, ran.err
        told = json.loads(ran.out)
        assert told["grants"] == []
        left = {"tip_id": tip.tip_id, "officer": friend.id, "is_barred": True, "why": "barred"}
        assert told["left_out"] == [left]
    assert friend.id not in tip.grants


@pytest.mark.parametrize("hidden", ["all", "its bytes"])
def test_a_desk_that_hides_the_form_from_recovery_lets_nobody_in(
    world: World,
    somchai: Person,
    friend: Person,
    run: Run,
    recovery_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    hidden: str,
) -> None:
    """It would hide whom the form bars. Somebody else can be named, if the admin is sure."""
    boss = world.join("หัวหน้า", "hq", roles=(Role.ADMIN,))
    colleague = world.join("อีกคน", "kkn")
    tip = barring(world, somchai, friend.id)

    def hiding(world: World) -> list[Answer]:
        rows = recovery_rows(world)
        for row in rows:
            forms = [form | {"sealed": None} for form in row["forms"]]
            row["forms"] = [] if hidden == "all" else forms
        return rows

    monkeypatch.setattr(fake_desk, "recovery_rows", hiding)
    ran = run("recovery", "use", "--key", recovery_file, "--json", person=boss)
    told = json.loads(ran.out)
    assert (told["grants"], {each["why"] for each in told["left_out"]}) == ([], {"formless"})
    assert "no readable form" in ran.err
    assert set(tip.grants).isdisjoint({friend.id, colleague.id})
    ran = run("recovery", "use", "--key", recovery_file, "--to", colleague.id, person=boss)
    assert (ran.code, colleague.id in tip.grants) == (0, True)


def test_recovery_asks_for_a_name_where_a_conflict_may_matter(
    world: World, somchai: Person, friend: Person, run: Run, recovery_file: Path
) -> None:
    boss = world.join("หัวหน้า", "hq", roles=(Role.ADMIN,))
    tip = world.file_tip(somchai)
    ran = run("recovery", "use", "--key", recovery_file, person=boss)
    assert (ran.code, "name them with --to" in ran.err) == (0, True)
    assert friend.id not in tip.grants
    ran = run("recovery", "use", "--key", recovery_file, "--to", friend.id, person=boss)
    assert ran.code == 0, ran.err
    assert friend.id in tip.grants


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("a"), inner, max_size=1),
    max_leaves=5,
)


@given(ANYTHING)
@settings(max_examples=100)
def test_a_form_that_says_nonsense_bars_nobody_and_breaks_nothing(barred: object) -> None:
    part = Part(
        new_id(), new_id(), 1, bytes(32), Author.REPORTER, DAY, Kind.FORM, form={"barred": barred}
    )
    found = barring_of((OpenedPart(SHOWN, State.OPEN, part),))
    assert found.is_known == isinstance(barred, list)
    assert all(isinstance(each, str) for each in found.ids)


SHOWN = SealedPart(
    part_id=new_id(),
    seq=1,
    hash=bytes(32),
    sealed_to="case",
    author="reporter",
    kind="form",
    day=DAY,
)


def test_a_tip_without_a_form_that_says_so_is_unknown() -> None:
    assert barring_of(()) == Barring()
    assert not barring_of(()).is_known
