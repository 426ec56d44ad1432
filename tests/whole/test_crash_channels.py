"""Killed after every commit of a story on Telegram: nothing acknowledged is lost, nothing is filed
twice, and the receipt that was shown opens its tip.

As the first test of test_crash.py, with what only platforms have: a photo that is fetched, commits
that settle a delivery, a chat that is wiped, redelivery instead of a form sent again. On LINE a bot
that never lives past one commit can answer nobody (a reply token is known to one life only), so
there test_line_crash.py kills it once, at several moments.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.whole.chat_tales import come_back
from tests.whole.chats import CHATS, Chat
from tests.whole.mortal import Mortal, commits_at_start
from tests.whole.nursery import Nursery
from tests.whole.patience import Stubborn
from tests.whole.platforms import World, platforms
from tests.whole.readings import files, readings, told

PHOTO = b"\xff\xd8\xff\xe0" + random.Random(7).randbytes(30_000)
WHO, WHAT = "ปลัดคนหนึ่ง", ["เห็นเขาเอาปูนของหลวงไป", "วันต่อมาเอาทรายไปอีก"]
LOOK_S = 0.02


@asynccontextmanager
async def dying(bot: Mortal, arm: dict[str, int]) -> AsyncIterator[None]:
    """The bot dies in each life as *arm* says, and is started again, as long as the block."""
    over = asyncio.Event()

    async def raise_the_dead() -> None:
        while not over.is_set():
            if bot.life is not None and not bot.life.is_alive:
                assert bot.life.was_killed, bot.life.printed
                await asyncio.to_thread(bot.live, arm)
            await asyncio.sleep(LOOK_S)

    await asyncio.to_thread(bot.live, arm)
    task = asyncio.create_task(raise_the_dead())
    try:
        yield
    finally:
        over.set()
        await task


async def test_killed_after_every_commit_of_a_story_on_telegram_nothing_is_lost_or_doubled(
    forks: Nursery, tmp_path: Path
) -> None:
    async with platforms(tmp_path / "deployment") as world:
        bot = Mortal(world.made, forks)
        first = await asyncio.to_thread(commits_at_start, bot) + 1
        # In each life one commit is durable, and nobody hears of it: each has its turn.
        arm = {"kill_after_commit": first}
        chat = CHATS["telegram"](world)
        try:
            async with world.flying(1.0):
                # It may die before its ports are open: nobody waits for them.
                async with dying(bot, {**arm, "waits": False}):
                    receipt = await tell(world, chat)
                killed = bot.lives - 1
                bot.live()
                await come_back(CHATS["telegram"](world), receipt)
            async with world.made.office() as office:
                (tip,) = await readings(office)
                assert told(tip, "who") == [WHO]
                assert told(tip, "what") == WHAT
                assert await files(office, tip) == [PHOTO]
        finally:
            bot.end()
        assert killed >= 15  # it did die on the way, again and again
        assert world.beyond_limits == []


async def tell(world: World, chat: Chat) -> str:
    """The story, by somebody who asks for help when nothing happens; its receipt."""
    stubborn = Stubborn(chat)
    press = stubborn.press
    await stubborn.start()
    for choice in ("report", "embezzlement", "TH-40", "unknown"):
        await press(choice)
    await chat.write(WHO)
    await press("done")
    for words in WHAT:
        await chat.write(words)
    for choice in ("done", "yesterday", "skip"):
        await press(choice)
    await chat.photos(PHOTO)
    await stubborn.until(lambda: "done" in chat.choices and world.is_idle)
    for choice in ("done", "skip", "send"):
        await press(choice)
    await stubborn.until(lambda: chat.receipt is not None)
    assert len(chat.receipts) == 1
    await press("noted_wipe" if "noted_wipe" in chat.choices else "noted")
    assert chat.receipt is not None
    return chat.receipt
