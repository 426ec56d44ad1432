"""From a tip that an officer closes to a public page: once, whatever is killed, and numbers only.

A real second process with a clock that a test moves past the quarter's end dies of SIGKILL before
and after every commit that it makes while it starts. What was told, and which tip it was, is on no
page and in no row of what was published.
"""

import json

import httpx

from bot.clock import SystemClock, today
from bot.figures.publishing import FigureRules, checked, quarters_key
from bot.figures.quarters import Quarter, newest_due
from console.closing import end
from storage import SqliteDatabase
from storage.repositories import public_quarters
from storage.repositories.public_quarters import PublishedRow
from tests.bot.figures.adversary import singled_out
from tests.bot.figures.network import Tip, count
from tests.whole.browser import Browser, Tale
from tests.whole.mortal import Mortal
from tests.whole.readings import readings
from tests.whole.server import advance
from tests.whole.test_climb_crash import killed_at_start

DAY_S = 24 * 3600
WORDS = "นกแซงแซวเกาะรั้วหลังที่ว่าการอำเภอ"
REASON = "นกกางเขนไม่มีพยาน"
EARLIER = 30
"""Tips that ended in the same quarter before this story begins."""


async def test_a_closed_tip_is_in_its_quarters_page_once_and_nothing_else_of_it(
    bot: Mortal,
) -> None:
    made = bot.made
    with made.config.open("a", encoding="utf-8") as config:
        config.write("\n[figures]\npublic = true\n")
    quarter = Quarter.of(today(SystemClock()))
    earlier = [Tip(str(today(SystemClock()))[:7], centre="khon-kaen")] * EARLIER
    async with await SqliteDatabase.open(made.database) as database:
        await database.commit(lambda t: count(t, earlier, made.server_key))
    bot.live()
    async with Browser(made.web_url) as browser:
        await browser.open()
        await Tale(what=(WORDS,)).tell(browser)
    async with made.office() as office:
        (tip,) = await readings(office)
        tip_id = tip.tip.tip_id
        await end(office, tip_id, "closed", "substantiated", REASON, "จบแล้ว", is_sure=True)
    bot.end()
    before = await stored(bot)
    first = newest_due(today(SystemClock()), FigureRules().after_days)
    assert [row.quarter for row in before] == [str(first)]

    advance(made.clock_file, (quarter.last_day - today(SystemClock())).days * DAY_S + 32 * DAY_S)
    deaths = 0
    while killed_at_start(bot, kill_before_commit=deaths + 1):
        deaths += 1
        assert (await stored(bot))[-1:] == before
        if not killed_at_start(bot, kill_after_commit=deaths):
            break
        assert deaths < 60, "it never comes to an end"
    assert deaths >= 1
    rows = await stored(bot)
    expected = [str(first)]
    while expected[0] != str(quarter):  # two, or three in the first month of a quarter
        expected.insert(0, str(Quarter.parse(expected[0]).next))
    assert [row.quarter for row in rows] == expected
    bot.live()
    bot.end()
    assert await stored(bot) == rows

    page = checked(rows[0], quarters_key(made.server_key).verify_key).page
    assert page.total == EARLIER + 1
    assert singled_out(row.page for row in rows) == []
    for hidden in (WORDS, REASON, tip_id):
        assert not [row for row in rows if hidden.encode() in row.page]
    bot.live()
    async with httpx.AsyncClient(base_url=made.web_url) as http:
        told = json.loads((await http.get(f"/figures/{quarter}.json")).text)
        assert told["page"]["total"] == EARLIER + 1
        html = (await http.get(f"/figures/{quarter}")).text
        assert str(EARLIER + 1) in html
        assert not [hidden for hidden in (WORDS, REASON, tip_id) if hidden in html]


async def stored(bot: Mortal) -> list[PublishedRow]:
    """What was published, the newest first. Only while no bot lives."""
    async with await SqliteDatabase.open(bot.made.database) as database:
        names = await database.read(public_quarters.quarters)
        rows = [
            await database.read(lambda t, name=name: public_quarters.get(t, name)) for name in names
        ]
    return [row for row in rows if row is not None]
