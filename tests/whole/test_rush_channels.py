"""Sixty-four people submit in the same second on LINE, or on Telegram: each has one receipt, and
each tip is there once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.whole.chat_tales import ChatTale, come_back
from tests.whole.chats import CHATS, Chat
from tests.whole.nursery import running
from tests.whole.platforms import World, platforms
from tests.whole.readings import readings, told

PEOPLE = 64


def story(number: int) -> str:
    return f"เรื่องของคนที่ {number:02} เห็นเขาเอาปูนไป"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with platforms(tmp_path / "deployment") as world:
        with running(world.made):
            async with world.flying():
                yield world


@pytest.mark.parametrize("channel", CHATS)
async def test_everybody_who_submits_at_once_on_a_platform_gets_one_receipt_and_one_tip(
    world: World, channel: str
) -> None:
    crowd = [CHATS[channel](world) for _ in range(PEOPLE)]
    tales = [ChatTale(what=(story(number),)) for number in range(PEOPLE)]
    await asyncio.gather(
        *(tale.up_to_review(chat) for tale, chat in zip(tales, crowd, strict=True))
    )
    await asyncio.gather(*(twice(chat, "send") for chat in crowd))
    receipts = [chat.receipts for chat in crowd]
    assert {len(each) for each in receipts} == {1}
    assert len({code for each in receipts for code in each}) == PEOPLE

    async with world.made.office() as office:
        tips = await readings(office)
    assert sorted(told(tip)[0] for tip in tips) == [story(number) for number in range(PEOPLE)]
    assert all(len(told(tip)) == 1 for tip in tips)

    for (receipt,) in receipts[::9]:
        await come_back(CHATS[channel](world), receipt)
    assert world.beyond_limits == []


async def twice(chat: Chat, choice: str) -> None:
    """An impatient finger: two presses of one button. A receipt that waits is shown again."""
    async with chat.answering():
        await asyncio.gather(chat.tap(choice), chat.tap(choice))
    async with chat.answering():
        await chat.command("help")
    await chat.until(lambda: chat.receipt is not None)
