"""A clock that runs out lets each tip climb exactly once, whatever is killed.

A real second process, with a clock that a test moves past every tip's day, dies of SIGKILL before
and after every commit that it makes while it starts and climbs. The officers' consoles then say who
can read what, and that the history hangs together.
"""

import socket
import time
from contextlib import suppress

from console.office import Office, Reading
from tests.whole.browser import Browser, Tale
from tests.whole.mortal import Mortal
from tests.whole.readings import readings, told
from tests.whole.server import advance

DAY_S = 24 * 3600
PATIENCE_S = 60.0
TIPS = 3


async def test_killed_at_every_commit_of_the_day_each_tip_climbs_once(bot: Mortal) -> None:
    bot.live()
    for number in range(TIPS):
        async with Browser(bot.made.web_url) as browser:
            await browser.open()
            await Tale(what=(f"เรื่องที่ {number}",)).tell(browser)
    async with bot.made.office("region-4") as office:
        assert await readings(office) == []  # what is withheld is not shown
    bot.end()
    advance(bot.made.clock_file, 8 * DAY_S)
    deaths = 0
    while killed_at_start(bot, kill_before_commit=deaths + 1):
        deaths += 1
        if not killed_at_start(bot, kill_after_commit=deaths):
            break
        assert deaths < 60, "it never comes to an end"
    assert deaths >= TIPS
    for _ in range(2):  # and again, for good measure
        bot.live()
        bot.end()
    bot.live()
    async with bot.made.office("khon-kaen") as office:
        await check(office)
    async with bot.made.office("region-4") as office:
        await check(office)


async def check(office: Office) -> None:
    """Every tip is here, with one climb, and nothing about it is an alarm."""
    found: list[Reading] = list(await readings(office))
    assert sorted(told(tip, "what") for tip in found) == [[f"เรื่องที่ {n}"] for n in range(TIPS)]
    for tip in found:
        shown = tip.tip.shown
        assert [change.kind for change in shown.changes] == ["escalate"]
        assert (shown.version, shown.centre, shown.changes[0].to_centre) == (
            2,
            "khon-kaen",
            "region-4",
        )
        assert tip.alarms == ()


def killed_at_start(bot: Mortal, **moment: int) -> bool:
    """Whether a start dies at that moment; one that gets by it is ended."""
    with bot.nursery.running(bot.made, waits=False, **moment) as life:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if not life.is_alive:
                assert life.was_killed, life.printed
                return True
            with (
                suppress(OSError),
                socket.create_connection(("127.0.0.1", bot.made.desk_port), 1),
            ):
                return False
            time.sleep(0.01)
    raise AssertionError("neither dead nor alive")
