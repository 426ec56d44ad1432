"""A backup taken while people chat, restored elsewhere: what was acknowledged is there, what was to
be forgotten is not, and the old server's death loses nothing that came before."""

import asyncio
import sqlite3
from collections.abc import Iterable
from contextlib import AsyncExitStack, closing
from pathlib import Path

from deploy.demo.photo import photo
from storage.snapshot import STAYS
from tests.whole.browser import Browser, Tale
from tests.whole.deployment import Whole, make
from tests.whole.nursery import running
from tests.whole.readings import files, readings, told
from tests.whole.restored import backed_up, restored, saisaat

PEOPLE, BACKUPS = 6, 3
PHOTO = photo().data


def story(number: int, turn: int) -> str:
    return f"เรื่องที่ {turn} ของคนที่ {number} เห็นเขาเอาปูนไป"


class Crowd:
    """People who tell one tip after another until they are told to stop."""

    def __init__(self, made: Whole) -> None:
        self._made = made
        self.filed: dict[str, str] = {}
        """Story → receipt, of every tip whose receipt was seen."""
        self.is_over = False

    async def chat(self, number: int) -> None:
        turn = 0
        while not self.is_over:
            turn += 1
            words = story(number, turn)
            async with Browser(self._made.web_url) as browser:
                await browser.open()
                tale = Tale(what=(words,), files=[("photo.png", PHOTO, "image/png")])
                self.filed[words] = await tale.tell(browser)

    async def until(self, tips: int) -> None:
        async with asyncio.timeout(120):
            while len(self.filed) < tips:  # noqa: ASYNC110  # several people, no one event of theirs
                await asyncio.sleep(0.02)


async def test_a_backup_taken_while_people_chat_holds_all_that_was_acknowledged_before(
    tmp_path: Path,
) -> None:
    made = make(tmp_path / "made")
    crowd, taken = Crowd(made), list[tuple[Path, dict[str, str]]]()
    with running(made) as bot:
        async with asyncio.TaskGroup() as group:
            for number in range(PEOPLE):
                group.create_task(crowd.chat(number))
            for number in range(BACKUPS):
                await crowd.until(len(crowd.filed) + PEOPLE)
                before = dict(crowd.filed)
                older = () if not taken else ("--since", taken[-1][0])
                to = tmp_path / f"backup-{number}"
                taken.append((await asyncio.to_thread(backed_up, made, to, *older), before))
            crowd.is_over = True
        assert bot.is_alive
        assert "upkeep_failed" not in bot.printed
    backup, before = taken[-1]
    assert len(crowd.filed) > len(before) >= PEOPLE * BACKUPS  # they went on all the while
    check_whole(made, (folder for folder, _ in taken))
    check_nobody_is_in(backup)
    again = restored(made, backup, tmp_path / "again")
    with running(again):
        await check_told(again, before, set(crowd.filed))
        await check_receipts(again, before)


def check_whole(made: Whole, backups: Iterable[Path]) -> None:
    for backup in backups:
        done = saisaat("backup", "check", backup, "--config", made.config)
        assert done.returncode == 0, done.stderr


def check_nobody_is_in(backup: Path) -> None:
    """People were in the middle of telling; no row of that left."""
    with closing(sqlite3.connect(f"file:{backup / 'saisaat.db'}?immutable=1", uri=True)) as copy:
        for table in STAYS:
            assert copy.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table  # noqa: S608  # our own names
        orphans = copy.execute("SELECT 1 FROM part WHERE tip_id NOT IN (SELECT tip_id FROM tip)")
        assert orphans.fetchone() is None


async def check_told(again: Whole, before: dict[str, str], ever: set[str]) -> None:
    """Every tip of before is there and opens, with its photo; so do those filed meanwhile."""
    async with again.office() as office:
        found = await readings(office)
        stories = {words: tip for tip in found for words in told(tip, "what")}
        assert before.keys() <= stories.keys() <= ever
        for tip in found:
            assert await files(office, tip) == [PHOTO]


async def check_receipts(again: Whole, before: dict[str, str]) -> None:
    async with AsyncExitStack() as stack:
        for receipt in list(before.values())[:3]:
            browser = await stack.enter_async_context(Browser(again.web_url))
            await browser.open()
            await browser.press("follow")
            await browser.say(receipt)
            assert "answer" in browser.choices, browser.seen.text
