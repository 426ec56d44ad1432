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
    """Logging as in a running bot at DEBUG, put back afterwards."""
    before = (
        logging.getLogRecordFactory(), sys.excepthook, threading.excepthook, sys.unraisablehook,
        logging.raiseExceptions, logging.root.level, list(logging.root.handlers),
        list(warnings.filters),
    )  # fmt: skip
    logs.start(logging.DEBUG)
    yield
    logging.captureWarnings(False)
    logging.setLogRecordFactory(before[0])
    sys.excepthook, threading.excepthook, sys.unraisablehook = before[1:4]
    logging.raiseExceptions = before[4]
    logging.root.setLevel(before[5])
    logging.root.handlers[:] = before[6]
    warnings.filters[:] = before[7]  # type: ignore[index]  # typeshed calls it a Sequence
    structlog.reset_defaults()
