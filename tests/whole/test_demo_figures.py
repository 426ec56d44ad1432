"""The demo's made-up past: numbers that the server itself takes for counters, and shows."""

from collections import Counter

from bot.app import opened
from bot.config import load
from bot.figures.book import FigureBook
from bot.server_key import ServerKey
from deploy.demo import past
from deploy.demo.deployment import PROVINCES_OF_THE_FIRST
from storage.repositories import figures
from storage.repositories.figures import COUNTED, NO, Basis
from tests.whole.deployment import Whole


async def test_the_past_is_counted_and_shown_as_any(made: Whole) -> None:
    config = load(made.config)
    await past.add(config, list(past.past_of(config)))
    key = ServerKey.read(config.server_key, is_credential=config.secrets.is_credential)
    book = FigureBook(key)
    async with opened(config) as running:
        read = running.means.db.read
        told = await read(lambda t: book.read(t, Basis.ENDED, "2000-01", "2200-12"))
        periods = await read(
            lambda t: figures.periods(t, Basis.ENDED, PROVINCES_OF_THE_FIRST, "2000-01", "2200-12")
        )
    sums: Counter[str] = Counter()
    for each in told:
        if (each.measure, each.value) != (COUNTED, NO):
            sums[each.measure] += each.n
    assert set(sums.values()) == {sums[COUNTED]}, "every measure counts the same tips"
    assert sums[COUNTED] > 1000
    assert NO in {each.value for each in told}
    assert len({period.first for period in periods}) > past.MONTHS // 2
