"""Fixtures of this room."""

import logging
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from bot import logs
from tests.bot.turn_house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await House(tmp_path).open()
    yield made
    await made.close()


@pytest.fixture
def taken_over() -> Iterator[None]:
    """Logging as in a bot that just started, at DEBUG; put back afterwards."""
    before = (
        logging.getLogRecordFactory(), sys.excepthook, threading.excepthook, sys.unraisablehook,
        logging.raiseExceptions, logging.root.level, list(logging.root.handlers),
        list(warnings.filters),
    )  # fmt: skip
    named = {name: logging.getLogger(name) for name in logging.root.manager.loggerDict}
    levels = {name: each.level for name, each in named.items()}
    for each in named.values():  # whoever opened Telegram in this process has silenced some
        each.setLevel(logging.NOTSET)
    logs.start(logging.DEBUG)
    yield
    for name, level in levels.items():
        named[name].setLevel(level)
    logging.captureWarnings(False)
    logging.setLogRecordFactory(before[0])
    sys.excepthook, threading.excepthook, sys.unraisablehook = before[1:4]
    logging.raiseExceptions = before[4]
    logging.root.setLevel(before[5])
    logging.root.handlers[:] = before[6]
    warnings.filters[:] = before[7]  # type: ignore[index]  # typeshed calls it a Sequence
    structlog.reset_defaults()
