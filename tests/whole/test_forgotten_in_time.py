"""Forgetting by the running program: what is discarded, abandoned or never noted goes by itself.

The real process, and a clock that a test moves. The order of keys and commits is looked at more
closely in test_forgotten.py.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.whole.browser import Browser, Tale
from tests.whole.deployment import Whole, make
from tests.whole.nursery import running
from tests.whole.server import Running
from tests.whole.thief import Copy, Loot, Thief, keys_in, slices

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 24 * 3600
PATIENCE_S = 60.0
WORDS = "เรื่องที่จะไม่มีใครได้อ่านอีก " * 30
PHOTO = b"\xff\xd8\xff" + b"a photo that nobody shall see " * 3000
TALE = Tale(what=(WORDS,), files=(("รูป.jpg", PHOTO, "image/jpeg"),))


@dataclass
class Scene:
    """A running bot, and what was on its disk at the moments that count."""

    made: Whole
    bot: Running
    scratch: Path
    copies: int = 0
    drafted: set[bytes] = field(default_factory=set)

    def copy(self) -> Copy:
        return Copy.of(self.made.database, self.made.blobs)

    def remains(self) -> int:
        """How many pieces of what was drafted are still somewhere in the data."""
        copy = self.copy()
        return sum(copy.holds(piece) for piece in slices(self.drafted))

    def draft(self) -> Copy:
        """Remember every sealed byte of the draft that is on the disk now."""
        copy = self.copy()
        self.drafted |= {*copy.blobs.values(), *self._sealed(copy).values()}
        assert self.remains() > 100  # the search sees them while they are there
        return copy

    def loot(self, copy: Copy, session: str) -> list[Loot]:
        thief = Thief(self.made.server_key, self.made.forget.read_bytes(), (session,))
        return thief.loot(copy, self._scratch())

    def _sealed(self, copy: Copy) -> dict[str, bytes]:
        return copy.sealed(self._scratch())

    def _scratch(self) -> Path:
        self.copies += 1
        return self.scratch / str(self.copies)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = make(tmp_path / "deployment", retention={"draft_days": 3, "receipt_hours": 24})
    with running(made) as bot:
        yield Scene(made, bot, tmp_path / "scratch")


async def until(bot: Running, is_so: Callable[[], bool]) -> None:
    """Let minutes pass until the bot has done what it is to do by now."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            bot.advance(MINUTE_S)  # it may just have gone to sleep for a round
            await asyncio.sleep(0.05)


def words_in(loot: list[Loot]) -> bool:
    return any(WORDS.encode() in each.plain or PHOTO in each.plain for each in loot)


async def test_a_discarded_draft_is_gone_within_the_hour(scene: Scene) -> None:
    async with Browser(scene.made.web_url) as browser:
        await browser.open()
        await TALE.up_to_review(browser)
        old, session = scene.draft(), browser.session
        assert words_in(scene.loot(old, session))
        await browser.press("cancel")
        await browser.press("drop")
    assert scene.loot(old, session) == []  # at once: the key went first
    assert list(scene.made.blobs.iterdir()) == []  # a small folder
    scene.bot.advance(HOUR_S)
    await until(scene.bot, lambda: scene.remains() == 0)


async def test_leaving_at_once_forgets_at_once(scene: Scene) -> None:
    async with Browser(scene.made.web_url) as browser:
        await browser.open()
        await TALE.up_to_review(browser)
        old, session = scene.draft(), browser.session
        assert words_in(scene.loot(old, session))
        await browser.raw("POST", "/leave")
    assert scene.loot(old, session) == []
    assert keys_in(scene.made.forget.read_bytes()) == []
    assert list(scene.made.blobs.iterdir()) == []  # a small folder
    scene.bot.advance(HOUR_S)
    await until(scene.bot, lambda: scene.remains() == 0)


async def test_an_abandoned_draft_is_gone_after_its_days(scene: Scene) -> None:
    async with Browser(scene.made.web_url) as browser:
        await browser.open()
        await TALE.up_to_review(browser)
        old, session = scene.draft(), browser.session
        scene.bot.advance(3 * DAY_S)
        await browser.open()
        assert "send" in browser.choices  # the last day is still theirs
        assert words_in(scene.loot(old, session))
        scene.bot.advance(DAY_S)
        await until(scene.bot, lambda: keys_in(scene.made.forget.read_bytes()) == [])
        assert scene.loot(old, session) == []
        await until(scene.bot, lambda: scene.remains() == 0)
        assert list(scene.made.blobs.iterdir()) == []  # a small folder
        await browser.open()
        assert "report" in browser.choices


async def test_a_receipt_that_nobody_noted_is_gone_after_a_day(scene: Scene) -> None:
    async with Browser(scene.made.web_url) as browser:
        await browser.open()
        receipt = await TALE.tell(browser)
        shown, session = scene.copy(), browser.session
        assert any(receipt.encode() in each.plain for each in scene.loot(shown, session))
        scene.bot.advance(23 * HOUR_S)
        await browser.open()
        assert browser.receipt == receipt
        scene.bot.advance(HOUR_S)
        await until(scene.bot, lambda: keys_in(scene.made.forget.read_bytes()) == [])
        assert scene.loot(shown, session) == []
        await browser.open()
        assert browser.receipt is None
    async with Browser(scene.made.web_url) as other:
        await other.open()
        await other.press("follow")
        await other.say(receipt)
        assert "answer" in other.choices  # gone from the server, not from its owner's paper
