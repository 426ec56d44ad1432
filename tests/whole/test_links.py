"""Every link from a filed tip to an account on LINE or Telegram dies by its own time.

A thief has every key of the server, an old copy, and all that the platforms know: accounts and the
ids of their messages. While a link lives, the thief finds it (or the test would say nothing); after
its time the same copy gives nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.line import Fault
from tests.fakes.telegram import ERROR_500
from tests.whole.chat_tales import ChatTale
from tests.whole.chats import CHATS, Chat, LineChat, TelegramChat
from tests.whole.nursery import running
from tests.whole.platforms import World, platforms
from tests.whole.scene import PATIENCE_S, Scene
from tests.whole.server import Running
from tests.whole.thief import Loot

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 24 * 3600
WINDOW_S = {"line": 1 * HOUR_S, "telegram": 48 * HOUR_S}
"""How long people can take back or change a message."""
SLACK_S = {"line": 6 * MINUTE_S, "telegram": 54 * MINUTE_S}
"""A key serves a sixtieth of the window; and upkeep comes round every five minutes."""
TALE = ChatTale(who="ปลัดคนหนึ่ง", what=("เห็นเขาเอาปูนของหลวงไป", "วันต่อมาเอาทรายไปอีก"))
ANSWER_DAYS = 3
RETENTION = {"draft_days": 7, "receipt_hours": 24, "answer_days": ANSWER_DAYS}


class Stage(Scene):
    """A scene with one person in it, on a platform."""

    world: World
    bot: Running
    chat: Chat

    def look(self, name: str) -> None:
        """Copy everything, and learn what the platform knows by now."""
        match self.chat:
            case LineChat(person=person):
                self.people[:] = [person.user_id]
                ids = [bubble.message_id for bubble in person.chat]
                self.messages[:] = [("line", person.user_id, each) for each in ids]
            case TelegramChat(person=on_telegram):
                who = str(on_telegram.chat_id)
                self.people[:] = [who]
                known = on_telegram.methods.messages.by_id
                self.messages[:] = [("telegram", who, str(each)) for each in known]
        self.remember(name)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Let minutes pass until the bot has done what it is to do by now."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                self.bot.advance(MINUTE_S)
                await asyncio.sleep(0.05)

    def holds_any(self) -> bool:
        return any(self.holds(table) for table in ("conversation", "outbox", "recall", "fetch"))


@asynccontextmanager
async def staged(channel: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with platforms(tmp_path / "deployment", retention=RETENTION) as world:
        with running(world.made) as bot:
            temp = tmp_path / "temp"
            stage = Stage(world.made, temp, tmp_path / "scratch", {})
            stage.world, stage.bot, stage.chat = world, bot, CHATS[channel](world)
            yield stage


def with_bytes(loot: list[Loot], secret: str) -> list[str]:
    """Where *secret* stood open."""
    return [each.what for each in loot if secret.encode() in each.plain]


async def file(stage: Stage) -> str:
    """The tip is filed; the receipt is on the screen."""
    async with stage.world.flying():
        return await TALE.tell(stage.chat)


async def note(stage: Stage, choice: str = "noted") -> None:
    async with stage.world.flying():
        await stage.chat.press(choice)
        await stage.chat.until(lambda: not stage.holds("conversation"))


async def waits(stage: Stage, moment: str, receipt: str) -> None:
    """Until it is noted and something waits to be said to the person, and so their account is
    known: *moment*. (What was said before may wait too: it ends with the receipt.)"""

    def is_linked() -> bool:
        stage.look(moment)
        loot = stage.loot_now(moment)
        return bool(with_bytes(loot, stage.people[0])) and not with_bytes(loot, receipt)

    await stage.chat.until(is_linked)


@pytest.mark.parametrize("channel", CHATS)
async def test_a_receipt_that_nobody_noted_leads_nowhere_after_a_day(
    channel: str, tmp_path: Path
) -> None:
    async with staged(channel, tmp_path) as stage:
        receipt = await file(stage)
        stage.look("shown")
        assert with_bytes(stage.loot_now("shown"), receipt)
        stage.bot.advance(23 * HOUR_S)
        async with stage.world.flying(), stage.chat.answering():
            await stage.chat.command("help")
        stage.look("shown again")
        assert with_bytes(stage.loot_now("shown again"), receipt)
        stage.bot.advance(HOUR_S)
        await stage.until(lambda: not stage.holds("conversation") and not stage.holds("outbox"))
        for moment in ("shown", "shown again"):
            loot = stage.loot_now(moment)
            assert with_bytes(loot, receipt) == with_bytes(loot, stage.people[0]) == []
            assert all(each.what.startswith("recall") for each in loot)


@pytest.mark.parametrize("channel", CHATS)
async def test_a_message_leads_to_its_tip_only_while_it_can_be_taken_back(
    channel: str, tmp_path: Path
) -> None:
    async with staged(channel, tmp_path) as stage:
        await file(stage)
        await note(stage)
        stage.look("noted")
        (tip_id,) = stage.tips("noted")
        found = with_bytes(stage.loot_now("noted"), tip_id)
        assert len(found) == 3  # what was told: two sentences of the story and who it was
        assert {each.split()[0] for each in found} == {"recall"}
        stage.bot.advance(WINDOW_S[channel] + SLACK_S[channel])
        await stage.until(lambda: not stage.holds_any())
        assert stage.loot_now("noted") == []
        assert stage.made.forget.read_bytes()[64:].strip(b"\0") == b""  # and no key is left


async def test_a_chat_that_cannot_be_wiped_is_forgotten_within_two_days(tmp_path: Path) -> None:
    async with staged("telegram", tmp_path) as stage:
        receipt = await file(stage)
        stage.world.telegram.faults.by_chance("deleteMessages", ERROR_500, 1.0, seed=1)
        await stage.chat.tap("noted_wipe")
        await waits(stage, "wiping", receipt)
        first = min(stage.world.telegram.methods.messages.by_id)
        assert with_bytes(stage.loot_now("wiping"), f'"{first}"')  # which messages are to go
        stage.bot.advance(48 * HOUR_S)
        await stage.until(lambda: not stage.holds("outbox"))
        left = [each for each in stage.loot_now("wiping") if not each.what.startswith("recall")]
        assert left == []


@pytest.mark.parametrize("channel", CHATS)
async def test_an_answer_that_cannot_be_delivered_is_forgotten_with_the_account(
    channel: str, tmp_path: Path
) -> None:
    async with staged(channel, tmp_path) as stage:
        receipt = await file(stage)
        world = stage.world
        world.line.faults.often(Fault.SERVER_ERROR, probability=1.0, seed=1)
        world.telegram.faults.by_chance("*", ERROR_500, 1.0, seed=1)
        world.telegram.faults.by_chance("getUpdates", ERROR_500, 0.0, seed=1)
        await stage.chat.tap("noted")
        await waits(stage, "undelivered", receipt)
        stage.bot.advance((ANSWER_DAYS + 1) * DAY_S)
        await stage.until(lambda: not stage.holds_any())
        assert stage.loot_now("undelivered") == []
