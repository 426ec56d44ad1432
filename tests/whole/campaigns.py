"""Knowledge cards in a whole deployment: published by its registrar, asked for by people.

Owns one card and how somebody asks to be sent such; refuses to know what becomes of it.
"""

import sqlite3
from contextlib import closing

from bot.clock import SystemClock, today
from console import knowledge
from console.knowledge import Draft
from sealing import Audience, CardText, campaign_statement
from storage import SqliteDatabase
from storage.repositories import campaigns
from storage.repositories.campaigns import CampaignRow
from tests.whole.chats import Chat
from tests.whole.deployment import REGISTRAR, Whole

TITLE = "รู้ทันการเรียกรับสินบนของนกกาเหว่า"
CARD = Draft(
    (Audience.CITIZEN,),
    (
        CardText("th", "รู้ทันสินบน", TITLE, "ถ้าเจ้าหน้าที่เรียกเงินเพื่อเร่งเรื่อง นั่นคือสินบน"),
        CardText("en", "Spot a bribe", "How to spot a bribe", "Paying to hurry is a bribe."),
    ),
)


async def publish(made: Whole) -> str:
    """The registrar publishes the card on the running desk; its id."""
    async with made.office(REGISTRAR) as office:
        return (await knowledge.publish(office, CARD)).card_id


async def subscribe(chat: Chat) -> None:
    """From the menu: read, and agree to be sent new cards; back at the menu."""
    await chat.say("ความรู้")
    for choice in ("citizen", "subscribe", "agree", "close"):
        await chat.press(choice)


async def begin(made: Whole, card_id: str) -> str:
    """A campaign with the card, in the database of a bot that does not run; its id."""
    keys = made.officers[REGISTRAR]
    fields = {
        "campaign_id": "c" * 32,
        "card_id": card_id,
        "centre": "khon-kaen",
        "audiences": "citizen",
        "day": today(SystemClock()).isoformat(),
    }
    said = campaign_statement(**fields, officer=keys.id)
    row = CampaignRow(**fields, officer=keys.id, signature=keys.sign.sign(said))
    async with await SqliteDatabase.open(made.database) as database:
        await database.commit(lambda t: campaigns.add(t, row))
    return row.campaign_id


def state_of(made: Whole, campaign_id: str) -> str:
    """running, stopped or done, as the database says while the bot runs."""
    query = "SELECT state FROM campaign WHERE campaign_id = ?"
    with closing(sqlite3.connect(f"file:{made.database}?mode=ro", uri=True)) as database:
        ((state,),) = database.execute(query, (campaign_id,)).fetchall()
    return str(state)


def times_sent(chat: Chat) -> int:
    """How often the card was sent to this chat (a reader of it is not counted)."""
    return sum(f"ความรู้ใหม่: {TITLE}" in text for text in chat.heard)
