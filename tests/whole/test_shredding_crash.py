"""A tip whose time is over is destroyed exactly once, whatever is killed.

A real second process, with a clock that a test moves past every tip's last day, dies of SIGKILL
before and after every commit that it makes while it starts and destroys. What it leaves is finished
by the life after it: no row, no blob, no key, and one entry of the trail for each tip.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from console import acting
from console.closing import end
from sealing.audit import read_entry
from tests.storage.residue import files_in, residue
from tests.whole.browser import Browser, Tale
from tests.whole.deployment import make
from tests.whole.mortal import Mortal
from tests.whole.nursery import Nursery
from tests.whole.readings import readings
from tests.whole.server import advance
from tests.whole.test_climb_crash import killed_at_start
from tests.whole.test_shredding import DAY_S, RETENTION, sealed_of

TIPS = 2


@pytest.fixture
def bot(tmp_path: Path, forks: Nursery) -> Iterator[Mortal]:
    bot = Mortal(
        make(tmp_path / "deployment", retention=RETENTION | {"closed_fuzz_days": 0}), forks
    )
    yield bot
    bot.end()


async def test_killed_at_every_commit_each_tip_is_destroyed_once_and_wholly(bot: Mortal) -> None:
    made = bot.made
    bot.live()
    for number in range(TIPS):
        photo = ("a.jpg", b"\xff\xd8\xff" + bytes([number]) * 9000, "image/jpeg")
        async with Browser(made.web_url) as browser:
            await browser.open()
            await Tale(what=(f"เรื่องที่ {number}",), files=(photo,)).tell(browser)
    async with made.office() as office:
        tips = [tip.tip.tip_id for tip in await readings(office)]
        for tip_id in tips:
            await acting.claim(office, tip_id)
            said = ("unsubstantiated", "ตรวจแล้ว", "ปิดเรื่องแล้ว")
            await end(office, tip_id, "closed", *said, is_sure=True)
    secrets = [piece for tip_id in tips for piece in sealed_of(made, tip_id)]
    bot.end()
    assert residue(secrets, files_in(made.data))
    advance(made.clock_file, 60 * DAY_S)
    bot.live()  # after so long a leap, notice is given first
    bot.end()
    assert shreds(made.database) == Counter()
    advance(made.clock_file, RETENTION["closed_notice_days"] * DAY_S)
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
    assert shreds(made.database) == Counter(dict.fromkeys(tips, 1))
    assert residue(secrets, files_in(made.data, made.forget.parent)) == set()
    assert list(made.blobs.iterdir()) == []


def shreds(path: Path) -> Counter[str | None]:
    """How often the trail says of each tip that it was destroyed."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT entry FROM audit_entry ORDER BY seq").fetchall()
    entries = [read_entry(data) for (data,) in rows]
    return Counter(entry.tip_id for entry in entries if entry.deed == "shred")
