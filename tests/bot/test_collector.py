"""The collector: what stays is out of its way."""

import gc
from collections.abc import Iterator

import pytest

from bot import collector


@pytest.fixture(autouse=True)
def the_collector_as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_is_there_at_the_start_is_never_walked_again() -> None:
    kept = [{"nth": nth} for nth in range(1000)]
    collector.keep_for_good()
    walked = {id(each) for each in gc.get_objects()}
    assert not any(id(each) in walked for each in kept)
    assert gc.get_threshold()[0] == collector.YOUNG_AT_MOST
