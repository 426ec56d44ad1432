"""A server out of a backup: consoles that saw more say so, until a person accepts it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from sealing import RESTORE, SERVER, Entry, SigningKey, restore_statement
from tests.console.conftest import Run
from tests.console.fake_world import Person, World
from tests.console.test_audit import DAYS, WELL, Verify, auditor, deed, verify  # noqa: F401  # fixtures
from tests.sealing.trails import SERVER_KEY, chained, heads_of

HELD, DAY, BACKUP_DAY = 2, "2026-11-25", "2026-11-22"


def restore_entry(before: Sequence[Entry], key: SigningKey = SERVER_KEY, **changed: Any) -> Entry:
    """What a server writes behind *before* when it is restored; *changed* after the signature."""
    facts: dict[str, str | int] = {"day": DAY, "backup_day": BACKUP_DAY, "entries": len(before)}
    said = restore_statement(
        day=DAY, backup_day=BACKUP_DAY, entries=len(before), head=before[-1].hash
    )
    entry = Entry(len(before) + 1, DAY, RESTORE, SERVER, facts=facts, signature=key.sign(said))
    return replace(entry, previous=before[-1].hash, **changed)


def after(before: Sequence[Entry], *more: Entry) -> tuple[Entry, ...]:
    """*before*, and *more* linked behind it as they are, in order."""
    made = list(before)
    for entry in more:
        made.append(replace(entry, seq=len(made) + 1, previous=made[-1].hash))
    return tuple(made)


@pytest.fixture
def restored(world: World, verify: Verify) -> World:  # noqa: F811
    """The console saw all four entries; then the server comes back with the first two."""
    assert verify() == WELL
    held = world.trail[:HELD]
    world.trail = after(held, restore_entry(held))
    world.heads = heads_of(world.trail)
    return world


def accept(run: Run, person: Person, number: int) -> tuple[int, str]:
    ran = run("audit", "accept-restore", number, person=person, lang="en")
    return ran.code, ran.out + ran.err


def test_a_restore_is_named_with_its_days_and_is_an_alarm(
    restored: World,
    verify: Verify,  # noqa: F811
    run: Run,
    auditor: Person,  # noqa: F811
) -> None:
    assert verify() == verify() == (5, {"restored"})
    for lang, said in (("en", "made anew on 2026-11-25"), ("th", "2026-11-22")):
        ran = run("audit", "verify", person=auditor, lang=lang)
        assert said in " ".join(ran.out.split())
    assert run("audit", "sign", person=auditor).code != 0  # nothing is vouched for before


def test_it_is_accepted_with_the_number_from_the_telephone_and_with_no_other(
    restored: World,
    verify: Verify,  # noqa: F811
    run: Run,
    auditor: Person,  # noqa: F811
    somchai: Person,
) -> None:
    code, said = accept(run, auditor, HELD + 1)
    assert code != 0
    assert "not the number" in said
    assert verify() == (5, {"restored"})
    assert accept(run, auditor, HELD)[0] == 0
    assert verify() == WELL
    assert "no restore" in accept(run, auditor, HELD)[1]
    restored.trail = after(restored.trail, deed(somchai, DAY, 7))
    restored.heads = heads_of(restored.trail)
    assert verify() == WELL
    assert run("audit", "sign", person=auditor).code == 0


def test_what_comes_after_an_accepted_restore_is_watched_as_ever(
    restored: World,
    verify: Verify,  # noqa: F811
    run: Run,
    auditor: Person,  # noqa: F811
    somchai: Person,
) -> None:
    assert accept(run, auditor, HELD)[0] == 0
    restored.trail = after(restored.trail, deed(somchai, DAY, 7))
    restored.heads = heads_of(restored.trail)
    assert verify() == WELL
    restored.trail = after(restored.trail[:-1], deed(somchai, DAY, 8))
    restored.heads = heads_of(restored.trail)
    assert verify() == (5, {"rewritten"})
    restored.trail = restored.trail[: HELD + 1]
    restored.heads = heads_of(restored.trail)
    assert verify() == (5, {"truncated"})


def test_a_restore_explains_nothing_that_the_backup_held(
    world: World,
    verify: Verify,  # noqa: F811
    somchai: Person,
    run: Run,
    auditor: Person,  # noqa: F811
) -> None:
    assert verify() == WELL
    held = chained([deed(somchai, DAYS[0], 9), deed(somchai, DAYS[1], 10)])
    world.trail = after(held, restore_entry(held))
    world.heads = heads_of(world.trail)
    assert verify() == (5, {"restored", "rewritten"})
    assert accept(run, auditor, HELD)[0] != 0
    assert verify() == (5, {"restored", "rewritten"})


@pytest.mark.parametrize("how", ["another key", "unsigned", "another place", "an officer's"])
def test_a_restore_that_the_server_did_not_sign_explains_nothing(
    world: World,
    verify: Verify,  # noqa: F811
    somchai: Person,
    run: Run,
    auditor: Person,  # noqa: F811
    how: str,
) -> None:
    assert verify() == WELL
    held = world.trail[:HELD]
    entry = {
        "another key": restore_entry(held, SigningKey.from_seed(b"t" * 32)),
        "unsigned": restore_entry(held, signature=None),
        "another place": restore_entry(world.trail[:1]),
        "an officer's": restore_entry(held, officer=somchai.id),
    }[how]
    world.trail = after(held, entry)
    world.heads = heads_of(world.trail)
    code, found = verify()
    assert code == 5
    assert {"restore_forged", "truncated"} <= found
    assert "restored" not in found
    assert accept(run, auditor, HELD)[0] == 0  # there is none to accept
    assert verify()[0] == 5


def test_an_old_restore_explains_no_later_loss(
    restored: World,
    verify: Verify,  # noqa: F811
    run: Run,
    auditor: Person,  # noqa: F811
    somchai: Person,
) -> None:
    assert accept(run, auditor, HELD)[0] == 0
    more = [deed(somchai, DAY, version) for version in (7, 8)]
    whole = after(restored.trail, *more)
    restored.trail, restored.heads = whole, heads_of(whole)
    assert verify() == WELL
    restored.trail = whole[:-1]
    restored.heads = heads_of(restored.trail)
    assert verify() == (5, {"truncated"})
    restored.trail = after(whole[: HELD + 2], restore_entry(whole[: HELD + 2]))
    restored.heads = heads_of(restored.trail)
    assert verify() == (5, {"restored"})  # a second one is told by itself
    assert accept(run, auditor, HELD)[0] != 0
    assert accept(run, auditor, HELD + 2)[0] == 0
    assert verify() == WELL


def test_who_looks_for_the_first_time_is_told_and_not_alarmed(
    world: World,
    verify: Verify,  # noqa: F811
) -> None:
    held = world.trail[:HELD]
    world.trail = after(held, restore_entry(held))
    world.heads = heads_of(world.trail)
    assert verify() == (0, {"restored_before"})
    assert verify() == WELL
