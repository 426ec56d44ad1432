"""The roster: only what the pinned admin signed, never older, and expiry only rings."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.config_sections import Centre, RosterFile
from bot.errors import RosterUnusable
from bot.roster import RosterInUse, alarms, read
from bot.signed_files import Seen
from sealing.roster import Role, render
from sealing.signed_text import sign_text
from sealing.signing import SigningKey
from storage.sqlite import SqliteDatabase
from tests.bot.rosters import ADMIN, CENTRES, file_at, roster, signed

OTHER = SigningKey.from_seed(b"\x08" * 32)
TODAY = date(2026, 11, 23)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "x.db") as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "roster.toml").write_bytes(signed())
    return tmp_path / "roster.toml"


def centres(*ids: str) -> tuple[Centre, ...]:
    return tuple(Centre(id=each, name_th="ก", name_en="A") for each in ids)


def put(path: Path, body: bytes) -> None:
    path.write_bytes(body)


async def test_a_signed_roster_is_used_and_handed_out_as_signed(
    path: Path, database: SqliteDatabase
) -> None:
    opened = await RosterInUse.open(file_at(path), database)
    assert opened.current == roster()
    assert opened.signed == signed()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (render(roster()), "is not signed"),
        (signed(admin=OTHER), "not signed by the admin key"),
        (signed().replace(b"khon-kaen", b"nong-khai"), "was changed afterwards"),
        (signed() + b"# more\n", "is not signed"),
        (b"", "is not signed"),
        (b"\xff" * 100, "is not signed"),
        (b"#" * (5 * 1024 * 1024), "cannot be used"),
    ],
)
async def test_a_roster_that_the_admin_did_not_sign_is_refused(
    body: bytes, says: str, path: Path, database: SqliteDatabase
) -> None:
    put(path, body)
    with pytest.raises(RosterUnusable, match=says) as caught:
        await RosterInUse.open(file_at(path), database)
    assert caught.value.__context__ is None


async def test_an_older_roster_is_refused_even_after_a_restart(
    path: Path, database: SqliteDatabase
) -> None:
    await RosterInUse.open(file_at(path), database)
    put(path, signed(roster(version=2)))
    with pytest.raises(RosterUnusable, match="older than one that was in use"):
        await RosterInUse.open(file_at(path), database)


async def test_another_roster_of_the_same_version_is_refused(
    path: Path, database: SqliteDatabase
) -> None:
    await RosterInUse.open(file_at(path), database)
    put(path, signed(roster(centres=("region-4",))))
    with pytest.raises(RosterUnusable, match="why there are two"):
        await RosterInUse.open(file_at(path), database)


async def test_a_newer_roster_is_taken_while_running_and_a_bad_one_leaves_the_old(
    path: Path, database: SqliteDatabase
) -> None:
    opened = await RosterInUse.open(file_at(path), database)
    assert not await opened.refresh()
    put(path, signed(roster(version=4)))
    assert await opened.refresh()
    assert opened.current.version == 4
    for bad in (signed(roster(version=3)), signed(roster(version=9), OTHER), b"nothing"):
        put(path, bad)
        with pytest.raises(RosterUnusable):
            await opened.refresh()
        assert opened.current.version == 4
    put(path, signed(roster(version=5)))
    assert await opened.refresh()


async def test_a_refused_roster_does_not_raise_the_version(
    path: Path, database: SqliteDatabase
) -> None:
    put(path, signed(roster(version=99), OTHER))
    with pytest.raises(RosterUnusable):
        await RosterInUse.open(file_at(path), database)
    put(path, signed(roster(version=1)))
    await RosterInUse.open(file_at(path), database)


def test_without_a_pinned_admin_key_nothing_is_trusted(path: Path) -> None:
    with pytest.raises(RosterUnusable, match="admin_key: is empty"):
        read(RosterFile(file=path, admin_key=None), Seen())


def test_a_missing_file_and_a_folder_are_plain_answers(tmp_path: Path) -> None:
    with pytest.raises(RosterUnusable, match="no roster of officers yet"):
        read(file_at(tmp_path / "roster.toml"), Seen())
    with pytest.raises(RosterUnusable, match="cannot be read"):
        read(file_at(tmp_path), Seen())


@pytest.mark.parametrize(
    ("expires", "event"),
    [
        ("2027-10-31", None),
        ("2026-12-24", None),
        ("2026-12-23", "roster_expires_soon"),
        ("2026-11-23", "roster_expires_soon"),
        ("2026-11-22", "roster_expired"),
    ],
)
def test_expiry_rings_from_thirty_days_before(expires: str, event: str | None) -> None:
    found = list(alarms(roster(expires=expires), centres(*CENTRES), TODAY, 30))
    assert [alarm.event for alarm in found] == ([event] if event else [])


def test_a_centre_that_nobody_can_read_rings() -> None:
    (alarm,) = alarms(roster(), centres(*CENTRES, "loei"), TODAY, 30)
    assert alarm.event == "centre_without_officers"
    assert alarm.is_problem
    assert "loei" in alarm.says


def test_a_centre_that_is_not_configured_rings() -> None:
    (alarm,) = alarms(roster(), centres("region-4", "khon-kaen"), TODAY, 30)
    assert alarm.event == "roster_names_unknown_centres"
    assert not alarm.is_problem


def test_a_roster_from_the_future_rings() -> None:
    (alarm,) = alarms(roster(day="2026-11-24"), centres(*CENTRES), TODAY, 30)
    assert alarm.event == "roster_from_the_future"


def test_who_has_two_roles_that_are_better_apart_rings_and_is_not_named() -> None:
    (both,) = roster().officers
    small = replace(roster(), officers=(replace(both, roles=(Role.ADMIN, Role.LEAD)),))
    (alarm,) = alarms(small, centres(*CENTRES), TODAY, 30)
    assert (alarm.event, alarm.count, alarm.is_problem) == ("roster_mixes_roles", 1, False)
    assert alarm.says == "1 person is both admin and lead."


async def test_an_auditor_of_their_own_work_rings_and_stops_no_intake(
    path: Path, database: SqliteDatabase
) -> None:
    (both,) = roster().officers
    mixed = replace(roster(), officers=(replace(both, roles=(Role.OFFICER, Role.AUDITOR)),))
    put(path, sign_text("roster", render(mixed), ADMIN))
    opened = await RosterInUse.open(file_at(path), database)
    assert opened.current.of_centre("khon-kaen")
    (alarm,) = alarms(opened.current, centres(*CENTRES), TODAY, 30)
    assert alarm.is_problem
    assert "no auditor" in alarm.says
