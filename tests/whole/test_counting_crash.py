"""Killed around an ending: the tip is ended and counted, once, or neither."""

import pytest

from bot.figures.book import FigureBook
from console import acting
from console.closing import end
from console.errors import ConsoleError
from storage import SqliteDatabase
from storage.repositories.figures import COUNTED, INTAKE, Basis
from tests.whole.browser import Browser, Tale
from tests.whole.deployment import Whole
from tests.whole.mortal import Mortal, commits_at_start
from tests.whole.readings import readings

WORDS = ("คุยกับพยานแล้ว", "ตรวจแล้วพบว่าจริง")


async def counted(made: Whole, basis: Basis = Basis.ENDED) -> dict[tuple[str, str], int]:
    """Every counter, by measure and value; the bot must not be running."""
    book = FigureBook(made.server_key)
    async with await SqliteDatabase.open(made.database) as database:
        found = await database.read(lambda t: book.read(t, basis, "", "9999-12"))
    return {(each.measure, each.value): each.n for each in found}


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_around_an_ending_a_tip_is_counted_exactly_once(
    bot: Mortal, when: str
) -> None:
    made, first = bot.made, commits_at_start(bot) + 1
    bot.live()
    async with Browser(made.web_url) as browser:
        await browser.open()
        await Tale(what=("เห็นเขาเอาปูนของหลวงไป",)).tell(browser)
    async with made.office() as office:
        (tip,) = await readings(office)
        tip_id = tip.tip.tip_id
        await acting.claim(office, tip_id)

    bot.live({f"kill_{when}_commit": first})
    async with made.office() as office:
        with pytest.raises(ConsoleError):
            await end(office, tip_id, "closed", "substantiated", *WORDS, is_sure=True)
    assert bot.life is not None
    bot.life.wait_until_dead()
    assert bot.life.was_killed
    bot.end()
    assert bool(await counted(made)) is (when == "after")

    bot.live()
    async with made.office() as office:
        (tip,) = await readings(office)
        assert tip.tip.shown.status == ("closed" if when == "after" else "received")
        assert tip.alarms == ()
        if when == "before":  # as whoever got no answer does
            await end(office, tip_id, "closed", "substantiated", *WORDS, is_sure=True)
        else:  # and who does not look, and corrects what there is
            await end(office, tip_id, "declined", "withdrawn", *WORDS, is_sure=True)
        (tip,) = await readings(office)
        assert tip.alarms == ()
    bot.end()
    found = await counted(made)
    assert {*found.values()} == {1}
    result = "substantiated" if when == "before" else "withdrawn"
    assert found["result", result] == found[COUNTED, "yes"] == found["teller", "citizen"] == 1
    assert len(found) == 7
    assert await counted(made, Basis.FILED) == {(INTAKE, "all"): 1}
