"""Fixtures of this room."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.turn_house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await House(tmp_path).open()
    yield made
    await made.close()
