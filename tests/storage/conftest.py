"""The databases and blob stores under test: every twin runs the same contract suites."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import BlobStore, Database, FolderBlobs, SqliteDatabase


@pytest.fixture(params=["sqlite"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database of each twin."""
    assert request.param == "sqlite"
    async with await SqliteDatabase.open(tmp_path / "saisaat.db") as opened:
        yield opened


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """An empty SQLite database, where SQLite itself is the question."""
    async with await SqliteDatabase.open(tmp_path / "saisaat.db", busy_wait_s=0.05) as opened:
        yield opened


@pytest.fixture(params=["folder"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BlobStore]:
    """An empty blob store of each twin."""
    assert request.param == "folder"
    async with await FolderBlobs.open(tmp_path / "blobs") as opened:
        yield opened
