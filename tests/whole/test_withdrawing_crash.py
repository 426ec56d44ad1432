"""Killed around a withdrawal: it is there whole or not at all, and the reporter loses no word."""

import pytest

from console import acting
from console.errors import ConsoleError, Mistaken
from console.withdrawing import withdraw
from tests.whole.browser import Browser, Tale
from tests.whole.mortal import Mortal, commits_at_start
from tests.whole.readings import readings, told

TALE = Tale(what=("เห็นเขาเอาปูนของหลวงไป",))
BEFORE, AFTER, ANSWER = "จำทะเบียนรถได้ไหม", "ขอวันที่ด้วย", "วันจันทร์"
WHY = "ย้ายไปทำงานที่อื่น"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_around_a_withdrawal_nothing_is_lost_or_left_half(
    bot: Mortal, when: str
) -> None:
    made, first = bot.made, commits_at_start(bot) + 1
    out = made.officers["region-4"].name
    bot.live()
    async with Browser(made.web_url) as browser:
        await browser.open()
        receipt = await TALE.tell(browser)
    async with made.office() as office:
        (tip,) = await readings(office)
        tip_id = tip.tip.tip_id
        await acting.claim(office, tip_id)
        await acting.reply(office, tip_id, BEFORE)

    async with Browser(made.web_url) as browser:
        await come_back(browser, receipt)
        assert browser.seen.letters == [BEFORE]
        bot.live({f"kill_{when}_commit": first})
        async with made.office() as office:
            with pytest.raises(ConsoleError):
                await withdraw(office, tip_id, out, WHY)
        assert bot.life is not None
        bot.life.wait_until_dead()
        assert bot.life.was_killed

        bot.live()
        async with made.office() as office:
            await once_more(office, tip_id, out, is_done=when == "after")
            await acting.reply(office, tip_id, AFTER)
        # The conversation that was open all the while, and a new one.
        await browser.open()
        assert browser.seen.letters == [BEFORE]
        await browser.press("answer")
        await browser.say(ANSWER)
    async with Browser(made.web_url) as browser:
        await come_back(browser, receipt)
        assert browser.seen.letters == [BEFORE, AFTER]
    async with made.office() as office:
        (tip,) = await readings(office)
        assert told(tip) == [*TALE.what, ANSWER]
        assert tip.tip.keys.is_whole
        assert [change.kind for change in tip.tip.shown.changes] == ["claim", "rekey"]


async def once_more(office: acting.Office, tip_id: str, out: str, *, is_done: bool) -> None:
    """The officer tries again, as whoever got no answer does."""
    if not is_done:
        await withdraw(office, tip_id, out, WHY)
        return
    with pytest.raises(Mistaken) as known:
        await withdraw(office, tip_id, out, WHY)
    assert known.value.key == "withdraw.not_reader"


async def come_back(browser: Browser, receipt: str) -> None:
    await browser.open()
    await browser.press("follow")
    await browser.say(receipt)
