"""Fixtures of this room."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.line.line_room import Room, opened_room


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with opened_room() as made:
        yield made
