"""An officer sees their own sign-ins and ends them, against the real desk; and what a console says
to a desk of another age."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.desk_client import Desk
from console.errors import ConsoleError
from tests.console.conftest import Run
from tests.console.fake_world import Person, World, new_id
from tests.console.registrars import served


@pytest.fixture
def real(tmp_path: Path) -> Iterator[World]:
    with served(tmp_path) as world:
        yield world


def test_an_officer_lists_and_ends_their_sessions(real: World, run: Run) -> None:
    somchai = real.join("สมชาย", "kkn")
    listed = run("sessions", "list", "--json", person=somchai)
    assert listed.code == 0, listed.err
    (this,) = json.loads(listed.out)["sessions"]
    assert this["is_this"] is True
    assert set(this) == {"session_id", "since", "is_this"}

    async def others(n: int) -> list[str]:
        """Sessions that their console never signed out of: a program that was killed."""
        for _ in range(n):
            desk = Desk(real.origin, somchai.id, somchai.keys.sign)
            await desk.me()
            await desk._http.aclose()
        async with Desk(real.origin, somchai.id, somchai.keys.sign) as desk:
            return [s.session_id for s in (await desk.sessions()).sessions if not s.is_this]

    one, *_ = asyncio.run(others(3))
    assert one in run("sessions", "list", person=somchai).out
    assert "Ended 1 session" in run("sessions", "end", one, person=somchai).out
    assert one not in run("sessions", "list", person=somchai).out
    assert "Ended 2 sessions" in run("sessions", "end", "--all", person=somchai).out
    assert asyncio.run(others(0)) == []


def test_which_session_is_meant_must_be_said_and_be_ones_own(real: World, run: Run) -> None:
    somchai = real.join("สมชาย", "kkn")
    for wrong in ((), ("x" * 32, "--all"), (new_id(),)):
        assert run("sessions", "end", *wrong, person=somchai).code == 2


def test_a_desk_that_knows_no_session_keys_is_told_from_a_broken_one(
    world: World, somchai: Person, run: Run
) -> None:
    world.spoil("challenge", lambda answer: answer.pop("version"))
    ran = run("list", person=somchai)
    assert (ran.code, "older than this console" in ran.err) == (4, True)
    assert world.sign_ins == 0


async def test_every_request_of_a_busy_console_counts_once(world: World, somchai: Person) -> None:
    tip = world.file_tip(somchai)
    async with Desk(world.origin, somchai.id, somchai.keys.sign) as desk:
        await asyncio.gather(*(desk.tip(tip.tip_id) for _ in range(40)))
        assert world.sign_ins == 1
        assert len(world.numbers) == 40
        with pytest.raises(ConsoleError):
            await desk.tip(new_id())
