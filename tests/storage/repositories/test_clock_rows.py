"""A tip's day is kept true in the commit of every change, and what is late is counted by centre."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_rows import TODAY, a_grant, a_tip, an_id, file_one

from handlers.clocks import Lengths, Standing, climb_day, due_day
from storage import Database, SqliteDatabase, Transaction
from storage.repositories import clocks, grants, queue, tips
from storage.repositories.clocks import OTHERS, ClockCounts
from storage.repositories.tips import ChangeKind, NewTip, Status

LENGTHS = {
    "khonkaen": Lengths(7, 15, 90, 7),
    "region": Lengths(5, 10, 60, 3),
    OTHERS: Lengths(9, 20, 100, 4),
}


def later(days: int) -> str:
    return (date.fromisoformat(TODAY) + timedelta(days=days)).isoformat()


def due(t: Transaction, tip_id: str) -> str | None:
    found = tips.get(t, tip_id)
    assert found is not None
    return found.due_day


@pytest.fixture
async def ready(database: Database) -> Database:
    await database.commit(lambda t: clocks.put_lengths(t, LENGTHS))
    return database


async def test_a_tip_is_filed_with_its_day_and_listed_with_it(ready: Database) -> None:
    tip = await ready.commit(lambda t: file_one(t, "o"))
    assert await ready.read(lambda t: due(t, tip.tip_id)) == later(7)
    listing = await ready.read(lambda t: queue.seen_by(t, tip.tip_id, "o"))
    assert listing is not None
    assert listing.due_day == later(7)


async def test_a_centre_that_the_configuration_does_not_name_has_the_others_days(
    ready: Database,
) -> None:
    tip = await ready.commit(lambda t: file_one(t, "o", centre="closed-long-ago"))
    assert await ready.read(lambda t: due(t, tip.tip_id)) == later(9)


async def test_other_lengths_set_every_day_anew_once(ready: Database) -> None:
    tip = await ready.commit(lambda t: file_one(t, "o"))
    changed = {**LENGTHS, "khonkaen": Lengths(3, 15, 90, 7)}
    assert await ready.commit(lambda t: clocks.put_lengths(t, changed))
    assert await ready.read(lambda t: due(t, tip.tip_id)) == later(3)
    assert not await ready.commit(lambda t: clocks.put_lengths(t, changed))


async def test_climbing_releases_the_grants_of_one_centre_and_moves_nothing(
    ready: Database,
) -> None:
    def work(t: Transaction) -> NewTip:
        tip = a_tip()
        tips.file(
            t,
            tip,
            [
                a_grant(tip, "o"),
                a_grant(tip, "above", centre="region", released=False),
                a_grant(tip, "top", centre="headquarters", released=False),
            ],
        )
        tips.claim(t, tip.tip_id, "o", 1, day=TODAY, signature=None)
        return tip

    tip = await ready.commit(work)
    assert await ready.read(lambda t: clocks.climbing(t, later(7), 10)) == ()
    assert await ready.read(lambda t: clocks.climbing(t, later(8), 10)) == (tip.tip_id,)
    day = later(8)
    await ready.commit(lambda t: tips.escalate(t, tip.tip_id, to_centre="region", day=day))
    held = await ready.read(lambda t: grants.of_tip(t, tip.tip_id))
    assert {grant.officer for grant in held if grant.released} == {"o", "above"}
    now = await ready.read(lambda t: tips.get(t, tip.tip_id))
    assert now is not None
    assert (now.centre, now.claimed_by, now.version) == ("khonkaen", "o", 3)
    (*_, change) = await ready.read(lambda t: tips.changes(t, tip.tip_id))
    assert (change.kind, change.officer, change.signature) == (ChangeKind.ESCALATE, None, None)
    assert (change.from_centre, change.to_centre) == ("khonkaen", "region")
    assert not await ready.read(lambda t: clocks.is_climbing(t, tip.tip_id, later(14)))
    assert await ready.read(lambda t: clocks.is_climbing(t, tip.tip_id, later(15)))


async def test_counts_are_of_one_role_and_say_what_is_late_near_and_climbed(
    ready: Database,
) -> None:
    def work(t: Transaction) -> None:
        late, _, gone = (file_one(t, "o", filed_day=later(-days)) for days in (20, 2, 200))
        file_one(t, "o", centre="region")
        applied = a_tip(filed_day=later(-50))
        tips.file(t, applied, [a_grant(applied, "registrar", role="registrar")])
        tips.escalate(t, late.tip_id, to_centre="region", day=TODAY)
        tips.set_status(
            t, gone.tip_id, "o", 1, status=Status.CLOSED, day=TODAY, part_id=an_id(),
            signature=None,
        )  # fmt: skip

    await ready.commit(work)
    assert await ready.read(lambda t: clocks.counts(t, TODAY)) == {
        "khonkaen": ClockCounts(overdue=1, nearest=later(5), running=2, climbed=0),
        "region": ClockCounts(overdue=0, nearest=later(5), running=1, climbed=1),
    }
    assert await ready.read(lambda t: clocks.counts(t, TODAY, "registrar")) == {
        "khonkaen": ClockCounts(overdue=1, nearest=None, running=1, climbed=0)
    }


# --- the day that is stored is always the rule's

CENTRES = ("khonkaen", "region", "elsewhere")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["status", "move", "extend", "escalate", "claim", "stop", "reopen"]),
        st.integers(0, 6),
        st.integers(0, 40),
    ),
    max_size=12,
)


def played(t: Transaction, steps: Sequence[tuple[str, int, int]]) -> None:
    tip = file_one(t, "o")
    standing, centre, now = Standing("received", TODAY), "khonkaen", 0
    version = 1
    for deed, which, ahead in steps:
        now += ahead
        day = later(now)
        if deed == "status":
            status = list(Status)[which]
            tips.set_status(
                t, tip.tip_id, "o", version, status=status, day=day, part_id=an_id(),
                signature=None,
            )  # fmt: skip
            standing = replace(standing, status=status.value)
        elif deed == "move":
            centre = CENTRES[which % 3]
            tips.move(
                t, tip.tip_id, "o", version, to_centre=centre, day=day, part_id=an_id(),
                signature=None,
            )  # fmt: skip
        elif deed == "extend":
            until = later(now + which * 9)
            tips.extend(
                t, tip.tip_id, "o", version, until_day=until, day=day, part_id=an_id(),
                signature=None,
            )  # fmt: skip
            standing = replace(standing, until_day=max(until, standing.until_day or ""))
        elif deed == "escalate":
            tips.escalate(t, tip.tip_id, to_centre="headquarters", day=day)
            standing = replace(standing, climbed_day=day)
        elif deed == "reopen":
            # What a reporter's reopening writes, as far as a clock sees it.
            tips._update(t, tip.tip_id, version, "status = ?", ("in_progress",))
            tips._record(t, tip.tip_id, version, ChangeKind.REOPEN, day)
            standing = replace(standing, status="in_progress", reopened_day=day, until_day=None)
        else:
            tips._update(t, tip.tip_id, version)
            tips._record(t, tip.tip_id, version, ChangeKind(deed), day)
        version += 1
        lengths = LENGTHS.get(centre, LENGTHS[OTHERS])
        assert due(t, tip.tip_id) == due_day(standing, lengths)
        climbs = climb_day(standing, lengths)
        is_now = climbs is not None and climbs <= later(now)
        assert clocks.is_climbing(t, tip.tip_id, later(now)) is is_now


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=1, max_size=4))
def test_whatever_happens_the_stored_day_is_the_rules(
    stories: list[list[tuple[str, int, int]]],
) -> None:
    async def go() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with await SqliteDatabase.open(Path(folder) / "saisaat.db") as database:
                await database.commit(lambda t: clocks.put_lengths(t, LENGTHS))
                for steps in stories:
                    await database.commit(lambda t, steps=steps: played(t, steps))

    asyncio.run(go())
