"""Killed at every commit and around every sending: each thing counted is told at least once.

A kill is an exception out of the database or the way out, after which everything in memory is
thrown away and opened again on what is on the disk.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from bot.alerts.sending import Alert
from storage import Database, Transaction
from storage.repositories import keys
from tests.bot.alerts.alert_house import AlertHouse, Phone
from tests.bot.turn_house import SOMCHAI, House

T = TypeVar("T")
AT_MOST_LIVES = 60


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Fate:
    """When to die: at so many commits from now, before or after it is durable."""

    left: int = -1
    is_after: bool = False

    def dies_now(self) -> bool:
        self.left -= 1
        return self.left == -1


class Mortal:
    """A database whose process may die at a commit."""

    def __init__(self, db: Database, fate: Fate) -> None:
        self._db = db
        self._fate = fate

    async def read(self, work: Callable[[Transaction], T]) -> T:
        return await self._db.read(work)

    async def commit(self, work: Callable[[Transaction], T]) -> T:
        dies = self._fate.dies_now()
        if dies and not self._fate.is_after:
            raise Killed
        made = await self._db.commit(work)
        if dies:
            raise Killed
        return made

    async def truncate_log(self) -> None:
        await self._db.truncate_log()

    async def close(self) -> None:
        await self._db.close()


class MortalPhone(Phone):
    """A way out whose process dies right before or after the platform has the alert."""

    dies: str = ""

    async def send(self, alert: Alert) -> None:
        if self.dies == "before":
            self.dies = ""
            raise Killed
        await super().send(alert)
        if self.dies == "after":
            self.dies = ""
            raise Killed


async def lived(made: AlertHouse, fate: Fate, filings: int) -> int:
    """File so often, a quarter after each, through as many lives as it takes; how many tips were
    acknowledged."""
    filed = 0
    for _ in range(filings):
        try:
            await made.file(is_afraid=True)
        except Killed:
            await made.reopen()
        else:
            filed += 1
        for _ in range(AT_MOST_LIVES):
            try:
                await made.quarter()
                break
            except BaseExceptionGroup:
                await made.reopen()
            except Killed:
                await made.reopen()
    fate.left = -1
    for _ in range(3):
        await made.quarter()
    return filed


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("dying_at", range(8))
async def test_killed_at_any_commit_everything_filed_is_told(
    dying_at: int, is_after: bool, tmp_path: Path
) -> None:
    fate = Fate()
    house = await House(tmp_path, wrap=lambda db: Mortal(db, fate)).open()
    made = await AlertHouse(house).open()
    try:
        await made.bind(SOMCHAI.id, "somchai")
        fate.left, fate.is_after = dying_at, is_after
        await lived(made, fate, 2)
        in_the_books = len(await made.house.tip_ids())
        told: dict[str, int] = {}
        for alert in made.phone.got:  # the same alert sent again is the same alert
            told[alert.id] = sum(each.new for each in alert.told)
            assert [each.new for each in alert.told] == [each.urgent for each in alert.told]
        assert sum(told.values()) == in_the_books
        assert (await made.rows())["alert_line"] == 0
        used = await made.house.db.read(keys.in_use)
        assert len(used) == 2, "the binding's and the record's"
    finally:
        await made.house.close()


@pytest.mark.parametrize("dies", ["before", "after"])
async def test_killed_around_a_sending_it_is_sent_again_under_the_same_id(
    dies: str, tmp_path: Path
) -> None:
    phone = MortalPhone()
    house = await House(tmp_path).open()
    made = await AlertHouse(house, phone=phone).open()
    try:
        await made.bind(SOMCHAI.id, "somchai")
        await made.file()
        phone.dies = dies
        with pytest.raises(BaseException) as caught:  # noqa: PT011  # alone or in a group
            await made.quarter()
        assert isinstance(caught.value, Killed | BaseExceptionGroup)
        await made.reopen()
        await made.sending.send_due()
        assert len(phone.got) == (2 if dies == "after" else 1)
        assert len({alert.id for alert in phone.got}) == 1
        await made.quarter()
        assert len({alert.id for alert in phone.got}) == 1
    finally:
        await made.house.close()


async def test_quarters_and_filings_side_by_side_lose_and_double_nothing(tmp_path: Path) -> None:
    house = await House(tmp_path).open()
    made = await AlertHouse(house).open()
    try:
        await made.bind(SOMCHAI.id, "somchai")

        async def many_quarters() -> None:
            for _ in range(20):
                await made.quarter()

        async def many_tips() -> None:
            for _ in range(12):
                await made.file(is_afraid=True)

        await asyncio.gather(many_quarters(), many_tips(), many_tips())
        await made.quarter()
        told = [each for alert in made.phone.got for each in alert.told]
        assert sum(each.new for each in told) == sum(each.urgent for each in told) == 24
    finally:
        await made.house.close()
