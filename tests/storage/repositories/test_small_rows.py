"""Seen marks, open tips, member codes and settings."""

import asyncio
import os

import pytest
from sample_rows import TODAY, an_id

from storage import Conflict, Database
from storage.repositories import codes, open_tips, seen, settings
from storage.repositories.codes import MemberCodeRow, State


async def test_an_event_is_new_once(database: Database) -> None:
    mark = os.urandom(16)
    answers = await asyncio.gather(
        *(database.commit(lambda t: seen.mark(t, mark, TODAY)) for _ in range(8))
    )
    assert answers == [True] + [False] * 7
    assert await database.read(lambda t: seen.is_seen(t, mark))
    assert not await database.read(lambda t: seen.is_seen(t, os.urandom(16)))


async def test_old_marks_go_by_day(database: Database) -> None:
    marks = {day: os.urandom(16) for day in ("2026-11-21", "2026-11-22", "2026-11-23")}
    for day, mark in marks.items():
        await database.commit(lambda t, d=day, m=mark: seen.mark(t, m, d))
    assert await database.commit(lambda t: seen.forget_before(t, "2026-11-23")) == 2
    left = [await database.read(lambda t, m=mark: seen.is_seen(t, m)) for mark in marks.values()]
    assert left == [False, False, True]


async def test_open_tips_are_found_by_the_day_they_were_left(database: Database) -> None:
    old, new = an_id(), an_id()
    for tip_id, day in ((old, "2026-11-01"), (new, "2026-11-01"), (new, TODAY)):
        await database.commit(lambda t, i=tip_id, d=day: open_tips.touch(t, i, d))
    assert await database.read(lambda t: open_tips.untouched_since(t, TODAY, 9)) == (old,)
    assert await database.commit(lambda t: open_tips.remove(t, old))
    assert not await database.commit(lambda t: open_tips.remove(t, old))
    assert not await database.read(lambda t: open_tips.is_open(t, old))
    assert await database.read(lambda t: open_tips.is_open(t, new))


@pytest.mark.parametrize("is_duress", [False, True])
async def test_a_member_code_works_until_it_expires_rests_or_is_revoked(
    database: Database, is_duress: bool
) -> None:
    code = MemberCodeRow(os.urandom(32), "khonkaen", is_duress, TODAY, 2020)
    await database.commit(lambda t: codes.add(t, code))
    with pytest.raises(Conflict):
        await database.commit(lambda t: codes.add(t, code))
    found = await database.read(lambda t: codes.get(t, code.locator))
    assert found == code
    assert found.is_usable(TODAY)
    assert not found.is_usable("2026-11-24")
    for state, is_usable in ((State.PAUSED, False), (State.ACTIVE, True), (State.REVOKED, False)):
        assert await database.commit(lambda t, to=state: codes.set_state(t, code.locator, to))
        found = await database.read(lambda t: codes.get(t, code.locator))
        assert found is not None
        assert found.is_usable(TODAY) is is_usable
    assert not await database.commit(lambda t: codes.set_state(t, code.locator, State.ACTIVE))
    found = await database.read(lambda t: codes.get(t, code.locator))
    assert found is not None
    assert found.state is State.REVOKED
    assert not found.is_usable(TODAY)
    assert not await database.commit(lambda t: codes.set_state(t, bytes(32), State.PAUSED))
    assert await database.read(lambda t: codes.get(t, bytes(32))) is None


async def test_a_setting_that_grows_never_falls_back(database: Database) -> None:
    assert await database.read(lambda t: settings.get(t, "roster")) is None
    for version in (9, 9, 10):
        await database.commit(lambda t, v=version: settings.raise_to(t, "roster", v))
    with pytest.raises(Conflict):
        await database.commit(lambda t: settings.raise_to(t, "roster", 9))
    assert await database.read(lambda t: settings.get(t, "roster")) == "10"
