"""A bot that dies in the middle of a campaign, life after life: everybody is sent the card, and
nobody is sent it by two turns.

On LINE a push carries a key, so what was sent when the bot died is not said again: once each. On
Telegram no message has such a key: what was sent and not yet noted when the bot died is sent again
(docs/limits.md), and nothing else is.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.whole.campaigns import begin, publish, state_of, subscribe, times_sent
from tests.whole.chats import CHATS, Chat
from tests.whole.deployment import Whole
from tests.whole.mortal import Mortal, commits_at_start
from tests.whole.nursery import Nursery, running
from tests.whole.platforms import platforms
from tests.whole.test_crash_channels import dying

PEOPLE = 9
PATIENCE_S = 120.0


@pytest.mark.parametrize("channel", ["line", "telegram"])
async def test_killed_again_and_again_in_a_campaign_everybody_is_sent_the_card(
    channel: str, forks: Nursery, tmp_path: Path
) -> None:
    async with platforms(tmp_path / "deployment", has_registrar=True) as world:
        made = world.made
        world.line.quota.at_most = None
        chats: list[Chat] = [CHATS[channel](world) for _ in range(PEOPLE)]
        async with world.flying():
            with running(made):
                card_id = await publish(made)
                for chat in chats:
                    await chat.start()
                    await subscribe(chat)
        bot = Mortal(made, forks)
        first = await asyncio.to_thread(commits_at_start, bot) + 1
        campaign_id = await begin(made, card_id)
        try:
            async with world.flying(1.0):
                async with dying(bot, {"kill_after_commit": first, "waits": False}):
                    async with asyncio.timeout(PATIENCE_S):
                        while state_of(made, campaign_id) != "done" or not world.is_idle:  # noqa: ASYNC110  # another process
                            await asyncio.sleep(0.05)
                killed = bot.lives - 1
        finally:
            bot.end()
        sent = [times_sent(chat) for chat in chats]
        assert killed >= PEOPLE
        if channel == "line":
            assert sent == [1] * PEOPLE
        else:
            assert min(sent) >= 1
            assert turns_taken(made) == PEOPLE
        assert world.beyond_limits == []


def turns_taken(made: Whole) -> int:
    """How many subscribers the campaign counts as told."""
    with closing(sqlite3.connect(f"file:{made.database}?mode=ro", uri=True)) as database:
        query = "SELECT sum(told) FROM campaign_progress"
        ((told,),) = database.execute(query).fetchall()
    return int(told)
