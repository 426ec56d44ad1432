"""Figures of months before the demo began: made-up counters, so that the charts have a past.

Nobody told any of these tips, and none of them is there: they are numbers, added to the counters as
an officer's endings add to them (bot/figures/book.py), before the server starts. What is shown of
them the server decides itself, as of any. The same each time.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.clock import SystemClock, today
from bot.config import Config, load
from bot.figures.book import FigureBook
from bot.figures.measures import Measures, shipped_measures
from bot.server_key import ServerKey
from deploy.demo.deployment import PROVINCES_OF_THE_FIRST
from storage.repositories.figures import ALL, COUNTED, INTAKE, NO, YES, Basis, Counter
from storage.sqlite import SqliteDatabase

MONTHS = 18
BUSY, QUIET = (70, 110), (4, 16)
"""Tips that come in a month: at the centres whose pages the demo opens, and at the others."""
ENDED = 0.8
"""Of what comes in a month, how much is ended in it, older tips among them."""
UNCOUNTED = 0.03
"""Ended with an older console, which says nothing of what it was."""
WEIGHTS = {
    "category": (14, 22, 17, 4, 6, 18, 11, 3, 2, 1, 5),
    "kind": (8, 2),
    "teller": (2, 5),
    "result": (9, 4, 7, 8, 3, 2, 1, 1),
    "acknowledged": (14, 5, 2, 1, 0.3),
    "ended": (1, 2, 4, 9, 4),
}
SEED = 4
"""The same numbers in every demo and picture."""


def lay_down(config_file: Path) -> int:
    """Add the made-up past to the counters of a deployment whose server does not run yet. How many
    months it has."""
    config = load(config_file)
    asyncio.run(add(config, list(past_of(config))))
    return MONTHS


async def add(config: Config, counters: Sequence[Counter]) -> None:
    key = ServerKey.read(config.server_key, is_credential=config.secrets.is_credential)
    book = FigureBook(key)
    database = await SqliteDatabase.open(config.storage.database)
    try:
        await database.commit(lambda t: book.add(t, counters))
    finally:
        await database.close()


def past_of(config: Config) -> Iterator[Counter]:
    """The counters of the months before this one."""
    chance, measures, day = random.Random(SEED), shipped_measures(), today(SystemClock())
    this = day.year * 12 + day.month - 1
    for number in range(this - MONTHS, this):
        month = f"{number // 12:04}-{number % 12 + 1:02}"
        for centre in config.centres:
            least, most = BUSY if centre.id in PROVINCES_OF_THE_FIRST else QUIET
            filed = chance.randint(least, most)
            if filed:
                yield Counter(Basis.FILED, month, centre.id, INTAKE, ALL, filed)
            for _ in range(sum(chance.random() < ENDED for _ in range(filed))):
                yield from _ended(chance, measures, month, centre.id)


def _ended(chance: random.Random, measures: Measures, month: str, centre: str) -> Iterator[Counter]:
    if chance.random() < UNCOUNTED:
        yield Counter(Basis.ENDED, month, centre, COUNTED, NO, 1)
        return
    yield Counter(Basis.ENDED, month, centre, COUNTED, YES, 1)
    for measure, values in measures.values.items():
        weights = WEIGHTS[measure]
        (value,) = chance.choices(values[: len(weights)], weights)
        yield Counter(Basis.ENDED, month, centre, measure, value, 1)
