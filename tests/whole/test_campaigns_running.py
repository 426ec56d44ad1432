"""A campaign on the running bot: begun at a console, sent by both platforms, who is gone drops out,
what waits says why, and it stops when it is told to."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from console import answers, knowledge
from console.office import Office
from tests.whole.campaigns import publish, subscribe, times_sent
from tests.whole.chats import Chat, LineChat, TelegramChat
from tests.whole.deployment import REGISTRAR, Whole
from tests.whole.nursery import running
from tests.whole.platforms import platforms

PATIENCE_S = 20.0


async def test_a_campaign_reaches_who_is_there_and_who_is_gone_drops_out(tmp_path: Path) -> None:
    async with platforms(tmp_path / "deployment", has_registrar=True) as world:
        made = world.made
        here, shut, gone = (TelegramChat(world) for _ in range(3))
        others: list[Chat] = [TelegramChat(world), LineChat(world)]
        async with world.flying():
            with running(made) as bot:
                card_id = await publish(made)
                for chat in (here, shut, gone):
                    await chat.start()
                    await subscribe(chat)
                for chat in others:
                    await chat.start()
                shut.person._chat.is_blocked = True  # Telegram says 403, and told the bot nothing
                gone.person.delete_account()
                async with made.office(REGISTRAR) as office:
                    await knowledge.send(office, card_id, [])
                    done = await until(office, lambda campaign: campaign.state == "done")
                await here.until(lambda: times_sent(here) == 1)
                await here.until(lambda: subscriptions_in(made) == 1)
                assert [times_sent(chat) for chat in (shut, gone, *others)] == [0, 0, 0, 0]
                told = {each.channel: each.told for each in done.progress}
                assert told == {"telegram": 3, "line": 0}
                await here.press("report")  # and goes on as if nothing had been said
                assert "embezzlement" in here.choices
            assert str(here.person.chat_id) not in bot.printed
        assert world.beyond_limits == []


async def test_what_a_months_quota_cannot_spare_waits_says_so_and_can_be_stopped(
    tmp_path: Path,
) -> None:
    async with platforms(tmp_path / "deployment", has_registrar=True) as world:
        made = world.made
        world.line.quota.at_most = 100  # as many as are kept from campaigns
        chat = LineChat(world)
        async with world.flying():
            with running(made):
                card_id = await publish(made)
                await chat.start()
                await subscribe(chat)
                async with made.office(REGISTRAR) as office:
                    campaign_id = await knowledge.send(office, card_id, ["citizen"])
                    waits = await until(office, waits_for_quota)
                    assert waits.state == "running"
                    assert times_sent(chat) == 0
                    world.line.quota.at_most = 1000  # another month
                    world.advance(1200)
                    await chat.until(lambda: times_sent(chat) == 1)
                    await until(office, lambda campaign: campaign.state == "done")
                    assert await knowledge.stop(office, campaign_id) is False


def waits_for_quota(campaign: answers.Campaign) -> bool:
    return any(each.channel == "line" and each.waits == "quota" for each in campaign.progress)


async def until(office: Office, is_so: Callable[[answers.Campaign], bool]) -> answers.Campaign:
    """The only campaign, once the desk says that of it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            (campaign,) = (await office.desk.campaigns()).campaigns
            if is_so(campaign):
                return campaign
            await asyncio.sleep(0.05)


def subscriptions_in(made: Whole) -> int:
    with closing(sqlite3.connect(f"file:{made.database}?mode=ro", uri=True)) as database:
        ((many,),) = database.execute("SELECT count(*) FROM subscription").fetchall()
    return int(many)
