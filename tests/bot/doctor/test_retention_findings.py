"""What the doctor says of tips that are to be destroyed: counts, and whether somebody must look."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from bot.config import load
from bot.doctor.database import Fates, Inside, look_inside
from bot.doctor.findings import Finding, State
from bot.doctor.retention import retention
from storage import SqliteDatabase, Transaction
from storage.migrating import shipped
from tests.bot.doctor.test_doctor import change, config, ports

__all__ = ["config", "ports"]  # fixtures

TODAY = date(2027, 3, 10)


def said(config: Path, by_day: Mapping[str, int], held: int = 0) -> tuple[Finding, ...]:
    return tuple(retention(load(config), Inside((), fates=Fates(held, by_day)), TODAY))


def test_what_is_due_near_and_held_is_counted(config: Path) -> None:
    by_day = {"2027-03-09": 2, "2027-03-10": 1, "2027-04-09": 4, "2027-04-10": 8}
    (finding,) = said(config, by_day, held=5)
    assert finding.state is State.OK
    assert "3 due" in finding.says
    assert "4 within 30 days" in finding.says
    assert "5 on hold" in finding.says


def test_what_should_be_gone_for_days_is_a_warning(config: Path) -> None:
    (finding,) = said(config, {"2027-03-08": 1})
    assert finding.state is State.WARNING
    assert "upkeep_failed" in finding.fix


def test_that_nothing_is_ever_destroyed_is_told(config: Path) -> None:
    change(config, "closed_days = 1095", "closed_days = 0")
    finding, _ = said(config, {})
    assert finding.state is State.WARNING
    assert "never destroyed" in finding.says


async def test_they_are_read_from_the_database_itself(tmp_path: Path) -> None:
    def write(t: Transaction) -> None:
        for number, (day, held) in enumerate([("2027-03-09", 0), ("2027-03-09", 0), (None, 1)]):
            t.execute(
                "INSERT INTO tip (tip_id, locator, centre, status, status_day, filed_day, version,"
                " no_contact, receipt_grant_id, case_recipient, reply_recipient, receipt_grant,"
                " expire_day, is_held) VALUES (?, ?, 'kkn', 'closed', '2026-11-23', '2026-11-23',"
                " 2, 0, 'r', x'02', x'03', x'04', ?, ?)",
                (f"t{number}", bytes([number]), day, held),
            )

    path = tmp_path / "a.db"
    async with await SqliteDatabase.open(path) as database:
        await database.commit(write)
    assert look_inside(path).fates == Fates(1, {"2027-03-09": 2})


async def test_a_database_of_before_has_none_and_is_no_problem(
    tmp_path: Path, config: Path
) -> None:
    all_now = shipped()
    before = [migration.name[5:] for migration in all_now].index("retention")
    path = tmp_path / "a.db"
    async with await SqliteDatabase.open(path, migrations=all_now[:before]):
        pass
    inside = look_inside(path)
    assert inside.fates is None
    assert [each.state for each in inside.findings] == [State.OK]
    assert list(retention(load(config), inside, TODAY)) == []
