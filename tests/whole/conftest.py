"""A deployment whose bot is killed and started again; forks that make a new life cheap."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole.deployment import Whole, make
from tests.whole.mortal import Mortal
from tests.whole.nursery import Nursery, nursery


@pytest.fixture(scope="module")
def forks() -> Iterator[Nursery]:
    with nursery() as forks:
        yield forks


@pytest.fixture
def made(tmp_path: Path) -> Whole:
    return make(tmp_path / "deployment")


@pytest.fixture
def bot(made: Whole, forks: Nursery) -> Iterator[Mortal]:
    bot = Mortal(made, forks)
    yield bot
    bot.end()
