"""A tip whose clock ran out climbs, once for each day that calls for it; who is barred gets nothing
by it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from desk_room import enrolled, next_roster

from bot.clock import today
from bot.escalation import Escalation
from bot.routes import Route, readers_of
from handlers.clocks import Lengths
from handlers.routing import Centre, Centres
from sealing import OfficerKeys, Role, Roster
from sealing.age import PQIdentity
from storage import Database, SqliteDatabase, Transaction
from storage.repositories import clocks, grants, tips
from storage.repositories.tips import ChangeKind, NewTip, Status
from tests.bot.fake_clock import FakeClock
from tests.storage.sample_rows import a_grant, a_tip, an_id

DAY = 24 * 3600.0
CENTRES = Centres(
    (
        Centre("top"),
        Centre("region", "top"),
        Centre("province", "region"),
        Centre("inside", "region", agency="department"),
    )
)
LENGTHS = dict.fromkeys((*CENTRES.by_id, clocks.OTHERS), Lengths(7, 15, 90, 5))
KEYS = {
    name: OfficerKeys.generate(name)
    for name in ("Malee", "Anong", "Wichai", "Prasit", "Insider", "Rattana")
}
OFFICERS = (
    enrolled(KEYS["Malee"], "province"),
    enrolled(KEYS["Anong"], "region"),
    enrolled(KEYS["Wichai"], "region"),
    enrolled(KEYS["Prasit"], "top"),
    enrolled(KEYS["Insider"], "region", "inside"),
    enrolled(KEYS["Rattana"], "region", roles=(Role.REGISTRAR,)),
)
ROSTER = Roster(1, "2026-11-01", "2027-11-01", PQIdentity.generate().recipient, OFFICERS)


class House:
    """A database with tips, and the job; a held clock that a test moves on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock()
        self.began_s = self.clock.now_s()
        self.roster = ROSTER
        self.wrap: Callable[[Database], Database] = lambda database: database

    async def open(self) -> None:
        self.database = await SqliteDatabase.open(self.path)
        await self.database.commit(lambda t: clocks.put_lengths(t, LENGTHS))
        self.job = self.new_job()

    def new_job(self) -> Escalation:
        return Escalation(self.wrap(self.database), lambda: self.roster, CENTRES, self.clock)

    async def reopen(self) -> None:
        await self.database.close()
        await self.open()

    def turn_to(self, day: int) -> None:
        """To the *day*th day after today's."""
        self.clock.advance(self.began_s + day * DAY - self.clock.now_s())

    @property
    def day(self) -> str:
        return today(self.clock).isoformat()

    async def file(self, route: Route | None = None, role: Role = Role.OFFICER) -> NewTip:
        """File a tip today, granted along *route* as filing does it."""
        tip = a_tip(centre="province", filed_day=self.day)
        way = route or Route("province", ("region", "top"))
        readers = readers_of(way, self.roster, role).readers
        rows = [
            a_grant(
                tip, each.officer.id, centre=each.centre, released=each.is_released,
                role=role.value,
            )
            for each in readers
        ]  # fmt: skip
        await self.database.commit(lambda t: tips.file(t, tip, rows))
        return tip

    async def readers(self, tip: NewTip) -> set[str]:
        """The names of those who can read *tip*."""
        rows = await self.database.read(lambda t: grants.of_tip(t, tip.tip_id))
        names = {keys.id: name for name, keys in KEYS.items()}
        return {names[row.officer] for row in rows if row.released}

    async def climbs(self, tip: NewTip) -> list[tuple[str | None, str]]:
        """To which centre it climbed, and on which day."""
        rows = await self.database.read(lambda t: tips.changes(t, tip.tip_id))
        return [(row.to_centre, row.day) for row in rows if row.kind is ChangeKind.ESCALATE]

    async def set_status(self, tip: NewTip, status: Status) -> None:
        def work(t: Transaction) -> None:
            now = tips.get(t, tip.tip_id)
            assert now is not None
            tips.set_status(
                t, tip.tip_id, KEYS["Malee"].id, now.version, status=status, day=self.day,
                part_id=an_id(), signature=None,
            )  # fmt: skip

        await self.database.commit(work)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path / "saisaat.db")
    await house.open()
    yield house
    await house.database.close()


async def test_it_climbs_the_day_after_its_clock_ran_out_and_once(house: House) -> None:
    tip = await house.file()
    for day in range(8):
        house.turn_to(day)
        await house.job.once()
    assert await house.readers(tip) == {"Malee"}
    house.turn_to(8)
    for _ in range(3):
        await house.job.once()
    assert await house.readers(tip) == {"Malee", "Anong", "Wichai", "Insider"}
    assert await house.climbs(tip) == [("region", house.day)]


async def test_still_overdue_after_the_grace_it_climbs_to_the_top_and_no_further(
    house: House,
) -> None:
    tip = await house.file()
    days = []
    for day in range(60):
        house.turn_to(day)
        await house.job.once()
        days.append(house.day)
    assert await house.climbs(tip) == [("region", days[8]), ("top", days[13])]
    assert "Prasit" in await house.readers(tip)


async def test_days_of_standstill_are_one_climb_and_not_many(house: House) -> None:
    tip = await house.file()
    house.turn_to(40)
    await house.reopen()
    await house.job.once()
    assert await house.climbs(tip) == [("region", house.day)]
    house.turn_to(44)
    await house.job.once()
    assert len(await house.climbs(tip)) == 1
    house.turn_to(45)
    await house.job.once()
    assert len(await house.climbs(tip)) == 2


async def test_the_next_clock_escalates_by_itself_and_a_closed_tip_never(house: House) -> None:
    tip, closed = await house.file(), await house.file()
    house.turn_to(5)
    await house.set_status(tip, Status.SCREENING)
    await house.set_status(closed, Status.CLOSED)
    house.turn_to(15)
    await house.job.once()
    assert await house.climbs(tip) == []
    house.turn_to(16)
    await house.job.once()
    assert await house.climbs(tip) == [("region", house.day)]
    assert await house.climbs(closed) == []


async def test_an_extension_puts_it_off(house: House) -> None:
    tip = await house.file()
    house.turn_to(20)
    until = house.day
    house.turn_to(6)
    await house.database.commit(
        lambda t: tips.extend(
            t, tip.tip_id, KEYS["Malee"].id, 1, until_day=until, day=house.day, part_id=an_id(),
            signature=None,
        )
    )  # fmt: skip
    house.turn_to(20)
    await house.job.once()
    assert await house.climbs(tip) == []
    house.turn_to(21)
    await house.job.once()
    assert len(await house.climbs(tip)) == 1


async def test_who_is_barred_gets_nothing_and_a_centre_without_a_reader_is_climbed_past(
    house: House,
) -> None:
    """Anong declared a conflict, Wichai left, and Insider works inside the accused agency's line:
    nobody of the region may read, so the top is next."""
    conflicts = frozenset({KEYS["Anong"].id})
    route = Route("province", ("region", "top"), conflicts, frozenset({"inside"}))
    tip = await house.file(route)
    remaining = tuple(each for each in OFFICERS if each.id != KEYS["Wichai"].id)
    house.roster = next_roster(ROSTER, remaining)
    for day in range(8, 40):
        house.turn_to(day)
        await house.job.once()
    assert [to for to, _ in await house.climbs(tip)] == ["top"]
    assert await house.readers(tip) == {"Malee", "Prasit"}
    held = await house.database.read(lambda t: grants.of_tip(t, tip.tip_id))
    assert {KEYS["Anong"].id, KEYS["Insider"].id}.isdisjoint(row.officer for row in held)


async def test_an_officer_who_comes_back_with_a_later_roster_is_found(house: House) -> None:
    tip = await house.file()
    here = tuple(each for each in OFFICERS if "province" in each.centres)
    house.roster = next_roster(ROSTER, here)
    house.turn_to(8)
    await house.job.once()
    assert await house.climbs(tip) == []
    house.roster = next_roster(house.roster, OFFICERS)
    house.turn_to(13)
    await house.job.once()
    assert [to for to, _ in await house.climbs(tip)] == ["region"]


async def test_an_application_climbs_to_registrars_only_and_on_its_first_clock(
    house: House,
) -> None:
    first = await house.file(role=Role.REGISTRAR)
    second = await house.file(role=Role.REGISTRAR)
    await house.set_status(second, Status.SCREENING)
    for day in (8, 20, 200):
        house.turn_to(day)
        await house.job.once()
    assert [to for to, _ in await house.climbs(first)] == []  # its readers are there already
    assert await house.readers(first) == {"Rattana"}
    assert await house.climbs(second) == []


async def test_whoever_holds_it_keeps_it_and_it_stays_where_it_lies(house: House) -> None:
    tip = await house.file()
    holder = KEYS["Malee"].id
    await house.database.commit(
        lambda t: tips.claim(t, tip.tip_id, holder, 1, day=house.day, signature=None)
    )
    house.turn_to(8)
    await house.job.once()
    now = await house.database.read(lambda t: tips.get(t, tip.tip_id))
    assert now is not None
    assert (now.centre, now.claimed_by) == ("province", holder)


async def test_two_jobs_at_once_let_it_climb_once(house: House) -> None:
    many = [await house.file() for _ in range(20)]
    house.turn_to(8)
    await asyncio.gather(*(house.new_job().once() for _ in range(3)))
    for tip in many:
        assert len(await house.climbs(tip)) == 1


class Killed(BaseException):
    """The process ends here."""


class Mortal:
    """A database whose process dies right before, or right after, its *nth* commit."""

    def __init__(self, inner: Database, nth: int, *, is_after: bool) -> None:
        self._inner = inner
        self._left = nth
        self._is_after = is_after

    async def read(self, work: Callable[[Transaction], Any]) -> Any:
        return await self._inner.read(work)

    async def commit(self, work: Callable[[Transaction], Any]) -> Any:
        self._left -= 1
        if self._left == 0 and not self._is_after:
            raise Killed
        done = await self._inner.commit(work)
        if self._left == 0:
            raise Killed
        return done


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("nth", [1, 2, 3])
async def test_killed_around_any_commit_every_tip_climbs_once(
    house: House, nth: int, is_after: bool
) -> None:
    many = [await house.file() for _ in range(3)]
    house.turn_to(8)
    mortal = Mortal(house.database, nth, is_after=is_after)
    job = Escalation(mortal, lambda: ROSTER, CENTRES, house.clock)  # type: ignore[arg-type]  # the two ways in that it uses
    with pytest.raises(Killed):
        await job.once()
    await house.reopen()
    await house.job.once()
    for tip in many:
        assert await house.climbs(tip) == [("region", house.day)]
