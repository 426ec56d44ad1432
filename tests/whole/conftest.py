"""A deployment whose bot is killed and started again; forks that make a new life cheap."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole.deployment import Whole, make
from tests.whole.mortal import Mortal
from tests.whole.nursery import Nursery, end_the_nursery, the_nursery


@pytest.fixture(scope="session", autouse=True)
def nursery_ended() -> Iterator[None]:
    yield
    end_the_nursery()


@pytest.fixture(scope="session")
def forks() -> Nursery:
    return the_nursery()


@pytest.fixture
def made(tmp_path: Path) -> Whole:
    return make(tmp_path / "deployment")


@pytest.fixture
def bot(made: Whole, forks: Nursery) -> Iterator[Mortal]:
    bot = Mortal(made, forks)
    yield bot
    bot.end()
