"""How clocks stand, for alerts: by the officer's own grants, and what ran out apart from what is
near."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts.clocks import TipClocks
from bot.alerts.counting import Standing
from bot.escalation import Escalation
from handlers.clocks import Lengths
from handlers.routing import Centre, Centres
from sealing import Role
from storage.repositories import clocks
from tests.bot.alerts.alert_house import AlertHouse, alert_house
from tests.bot.turn_house import MALEE, ROSTER, SOMCHAI, officer

DAY_S = 24 * 3600.0


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[AlertHouse]:
    roster = replace(ROSTER, officers=(officer(SOMCHAI, "kkn"), officer(MALEE, "region")))
    async with alert_house(tmp_path, roster=roster, clocks=TipClocks()) as house:
        lengths = {"": Lengths(7, 15, 90, 7)}
        await house.house.db.commit(lambda t: clocks.put_lengths(t, lengths))
        await house.bind(SOMCHAI.id, "somchai")
        await house.bind(MALEE.id, "malee")
        yield house


async def standing(made: AlertHouse, number: int = 0, day: str = "2026-11-23") -> Standing:
    who = made.roster.officers[number]
    found = await made.house.db.read(lambda t: TipClocks().of_officer(t, who, day))
    return found[who.centres[0]]


async def test_what_ran_out_is_apart_from_what_is_near(made: AlertHouse) -> None:
    await made.file()
    assert await standing(made) == Standing(0, 7)
    made.house.clock.advance(3 * DAY_S)
    await made.file()
    assert await standing(made, day="2026-11-30") == Standing(0, 0)
    assert await standing(made, day="2026-12-01") == Standing(1, 2)
    assert await standing(made, day="2026-12-09") == Standing(2, None)
    of_centre = await made.house.db.read(lambda t: TipClocks().of_centre(t, "kkn", "2026-12-01"))
    assert of_centre == Standing(1, 2)


async def test_what_an_officer_holds_has_a_nearest_clock_of_its_own(made: AlertHouse) -> None:
    who = made.roster.officers[0]

    async def held(day: str) -> int | None:
        return await made.house.db.read(lambda t: TipClocks().of_held(t, who, day))

    tip_id = await made.file()
    assert await held("2026-11-23") is None
    await made.house.db.commit(
        lambda t: t.execute("UPDATE tip SET claimed_by = ? WHERE tip_id = ?", (who.id, tip_id))
    )
    assert await held("2026-11-23") == 7
    assert await held("2026-12-01") is None


async def test_a_tip_that_is_not_theirs_to_read_moves_no_clock_of_theirs(made: AlertHouse) -> None:
    await made.file()
    assert await standing(made, 1) == Standing()
    await made.house.db.commit(
        lambda t: t.execute("UPDATE tip_grant SET released = 0 WHERE officer = ?", (SOMCHAI.id,))
    )
    assert await standing(made) == Standing()


async def test_an_applications_clock_is_near_and_never_urgent(made: AlertHouse) -> None:
    registrar = replace(officer(MALEE, "kkn"), roles=(Role.REGISTRAR,))
    made.roster = made.house.roster = replace(ROSTER, officers=(officer(SOMCHAI, "kkn"), registrar))
    await made.file(kind="application")
    near = (await standing(made, 1)).nearest_days
    assert near is not None
    assert (await standing(made, 1, "2028-01-01")).overdue == 0
    assert await standing(made, 0) == Standing()


async def test_a_tip_that_climbed_is_new_and_overdue_where_it_climbed_to(made: AlertHouse) -> None:
    tree = Centres(
        (
            Centre("region", None, (), None, "", ""),
            Centre("kkn", "region", ("TH-40",), None, "", ""),
        )
    )
    raising = made.house.means.raising
    job = Escalation(made.house.db, lambda: made.roster, tree, made.house.clock, raising)
    await made.file()
    await made.quarter()
    made.house.clock.advance(8 * DAY_S)
    await job.once()
    await job.once()
    await made.quarter()
    told = [each for alert in made.phone.told("malee") for each in alert]
    assert [(each.centre, each.new) for each in told] == [("region", 1)]
    assert (await standing(made, 1, "2026-12-01")).overdue == 1


async def test_a_clock_that_ran_out_is_told_once_a_day_until_somebody_looks(
    made: AlertHouse,
) -> None:
    await made.file()
    await made.quarter()
    made.house.clock.advance(8 * DAY_S)
    begun = len(made.phone.texts("somchai"))
    for _ in range(2 * 96):
        await made.quarter()
    assert made.phone.texts("somchai")[begun:] == ["ขอนแก่น: เร่งด่วน 1"] * 2
