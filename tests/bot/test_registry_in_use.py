"""The registry: only what the pinned admin signed, never older; and the bot serves without it."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.errors import NoRegistry, RegistryUnusable
from bot.registry import RegistryInUse, alarms, read
from bot.signed_files import Seen
from sealing import SigningKey, render_registry
from sealing.signed_text import sign_text
from storage.sqlite import SqliteDatabase
from tests.bot.registries import REGISTRY, registry, signed
from tests.bot.rosters import ADMIN
from tests.bot.rosters import signed as signed_roster

OTHER = SigningKey.from_seed(b"\x08" * 32)
PIN = ADMIN.verify_key
TODAY = date(2026, 11, 23)

REFUSED = [
    (render_registry(REGISTRY), "is not signed"),
    (signed(admin=OTHER), "not signed by the admin key"),
    (signed().replace(b"saisaat_test_bot", b"saisaat_evil_bot"), "was changed afterwards"),
    (signed_roster(), "not signed by the admin key"),
    (signed() + b"# more\n", "is not signed"),
    (b"", "is not signed"),
    (b"\xff" * 100, "is not signed"),
    (b"#" * (70 * 1024), "cannot be used"),
    (sign_text("registry", b"schema = 1\n", ADMIN), "cannot be used"),
    (sign_text("registry", b"schema = 2\n", ADMIN), "newer Saisaat"),
]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "x.db") as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "registry.toml").write_bytes(signed())
    return tmp_path / "registry.toml"


def put(path: Path, body: bytes) -> None:
    path.write_bytes(body)


def take_away(path: Path) -> None:
    path.unlink()


async def test_a_signed_registry_is_shown_and_handed_out_as_signed(
    path: Path, database: SqliteDatabase
) -> None:
    current = (await RegistryInUse.open(path, PIN, database)).current
    assert current is not None
    assert (current.registry, current.signed, current.admin) == (REGISTRY, signed(), PIN)


@pytest.mark.parametrize(("body", "says"), REFUSED)
async def test_a_registry_that_the_admin_did_not_sign_is_refused_and_the_bot_opens_without_it(
    body: bytes, says: str, path: Path, database: SqliteDatabase,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    put(path, body)
    with pytest.raises(RegistryUnusable, match=says) as caught:
        read(path, PIN, Seen())
    assert caught.value.__context__ is None
    assert (await RegistryInUse.open(path, PIN, database)).current is None
    (line,) = capsys.readouterr().err.splitlines()
    logged = json.loads(line)
    assert (logged["event"], logged["level"]) == ("registry_refused", "error")
    assert "saisaat_" not in line


async def test_an_older_registry_is_refused_even_after_a_restart(
    path: Path, database: SqliteDatabase
) -> None:
    await RegistryInUse.open(path, PIN, database)
    put(path, signed(registry(version=2)))
    opened = await RegistryInUse.open(path, PIN, database)
    assert opened.current is None
    with pytest.raises(RegistryUnusable, match="older than one that was in use"):
        await opened.refresh()


async def test_another_registry_of_the_same_version_is_refused(
    path: Path, database: SqliteDatabase
) -> None:
    await RegistryInUse.open(path, PIN, database)
    put(path, signed(registry(bots=())))
    opened = await RegistryInUse.open(path, PIN, database)
    with pytest.raises(RegistryUnusable, match="why there are two"):
        await opened.refresh()


async def test_a_newer_registry_is_taken_while_running_and_a_bad_one_leaves_the_old(
    path: Path, database: SqliteDatabase
) -> None:
    opened = await RegistryInUse.open(path, PIN, database)
    assert not await opened.refresh()
    put(path, signed(registry(version=4)))
    assert await opened.refresh()
    for body, _ in REFUSED:
        put(path, body)
        with pytest.raises(RegistryUnusable):
            await opened.refresh()
        assert opened.current is not None
        assert opened.current.registry.version == 4


async def test_a_registry_that_is_taken_away_is_withdrawn_and_may_come_later(
    path: Path, database: SqliteDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = await RegistryInUse.open(path, PIN, database)
    take_away(path)
    assert await opened.refresh()
    assert opened.current is None
    assert (await RegistryInUse.open(path, PIN, database)).current is None
    assert capsys.readouterr().err == "", "to have none is no error"
    put(path, signed())
    assert await opened.refresh()
    assert opened.current is not None


async def test_a_refused_registry_does_not_raise_the_version(
    path: Path, database: SqliteDatabase
) -> None:
    put(path, signed(registry(version=99), OTHER))
    await RegistryInUse.open(path, PIN, database)
    put(path, signed(registry(version=1)))
    assert (await RegistryInUse.open(path, PIN, database)).current is not None


def test_without_a_pinned_admin_key_nothing_is_trusted(path: Path) -> None:
    with pytest.raises(RegistryUnusable, match="admin_key: is empty"):
        read(path, None, Seen())


def test_a_missing_file_and_a_folder_are_plain_answers(tmp_path: Path) -> None:
    with pytest.raises(NoRegistry, match="saisaat registry draft"):
        read(tmp_path / "registry.toml", PIN, Seen())
    with pytest.raises(RegistryUnusable, match="cannot be read"):
        read(tmp_path, PIN, Seen())


@pytest.mark.parametrize(
    ("expires", "event"),
    [
        ("2027-10-31", None),
        ("2026-12-24", None),
        ("2026-12-23", "registry_expires_soon"),
        ("2026-11-23", "registry_expires_soon"),
        ("2026-11-22", "registry_expired"),
    ],
)
def test_expiry_rings_from_thirty_days_before(expires: str, event: str | None) -> None:
    found = list(alarms(registry(expires=expires), TODAY, 30))
    assert [alarm.event for alarm in found] == ([event] if event else [])


def test_a_registry_from_the_future_rings() -> None:
    (alarm,) = alarms(registry(day="2026-11-24"), TODAY, 30)
    assert alarm.event == "registry_from_the_future"
