"""A database goes on with the key and the cost it began with, or not at all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import Misconfigured, ServerKeyUnusable
from bot.pins import pin
from bot.server_key import ServerKey
from sealing.stretch import Cost
from storage.sqlite import SqliteDatabase

KEY = ServerKey(b"\x01" * 32, b"\x02" * 32)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "x.db") as opened:
        await opened.commit(lambda t: pin(t, KEY, Cost()))
        yield opened


async def test_the_same_key_and_cost_go_on(database: SqliteDatabase) -> None:
    await database.commit(lambda t: pin(t, KEY, Cost()))


@pytest.mark.parametrize(
    "other", [ServerKey(b"\x01" * 32, b"\x03" * 32), ServerKey(b"\x03" * 32, b"\x02" * 32)]
)
async def test_another_key_or_salt_is_refused_and_the_pin_stays(
    other: ServerKey, database: SqliteDatabase
) -> None:
    with pytest.raises(ServerKeyUnusable, match="Put the deployment's own key back"):
        await database.commit(lambda t: pin(t, other, Cost()))
    await database.commit(lambda t: pin(t, KEY, Cost()))


@pytest.mark.parametrize("cost", [Cost(8192), Cost(time=3), Cost(lanes=2)])
async def test_another_cost_is_refused_with_the_numbers_to_write(
    cost: Cost, database: SqliteDatabase
) -> None:
    with pytest.raises(
        Misconfigured,
        match="argon2_memory_kib = 19456, argon2_time = 2, argon2_lanes = 1",
    ):
        await database.commit(lambda t: pin(t, KEY, cost))
