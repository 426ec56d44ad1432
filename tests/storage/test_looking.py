"""A look into a database changes nothing, and leaves nothing beside it."""

from pathlib import Path

import pytest

from storage import Misuse, SqliteDatabase, Unavailable
from storage.looking import looking
from storage.repositories import public_quarters, settings


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


async def test_a_look_sees_what_is_committed_and_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "saisaat.db"
    async with await SqliteDatabase.open(path) as database:
        await database.commit(lambda t: settings.put(t, "a", "b"))
        with looking(path) as t:
            assert settings.get(t, "a") == "b"
    files = names(tmp_path)
    with looking(path) as t:
        assert public_quarters.newest(t) is None
    assert names(tmp_path) == files


async def test_a_look_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "saisaat.db"
    async with await SqliteDatabase.open(path):
        pass
    with looking(path) as t, pytest.raises(Misuse):
        settings.put(t, "a", "b")


def test_what_cannot_be_looked_into_is_said(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"no database at all, but long enough to be one" * 40)
    for name in ("no.db", "none.db"):
        with pytest.raises(Unavailable), looking(tmp_path / name) as t:
            t.row("SELECT 1 FROM sqlite_master")
    assert not (tmp_path / "none.db").exists()


def test_an_older_database_is_misuse(tmp_path: Path) -> None:
    (tmp_path / "old.db").touch()
    with looking(tmp_path / "old.db") as t, pytest.raises(Misuse):
        public_quarters.newest(t)
