"""Subscribers and a campaign in the measured process: what `bench.campaigns` asks for.

Rows are made as a turn makes them, and the card and the campaign are signed by the house's
registrar: what then runs is the program alone.
"""

from typing import Any

from bench.house import House
from bot.clock import today
from bot.subscriptions import Subscriber
from sealing import Audience, CardState, CardText, KnowledgeCard, campaign_statement
from storage import Transaction
from storage.repositories import campaigns, cards, subscriptions
from storage.repositories.campaigns import CampaignRow
from storage.repositories.cards import CardRow
from storage.repositories.subscriptions import SubscriptionRow

AT_A_TIME = 250
CAMPAIGN, CARD = "c" * 32, "d" * 32
BODY = "ถ้าเจ้าหน้าที่เรียกเงินเพื่อเร่งเรื่อง นั่นคือสินบน จดวันเวลาและแจ้งได้ทันที " * 12


async def subscribe(house: House, channel: str, many: int) -> None:
    """*many* people on *channel* ask for cards."""
    means = house.running.means
    names = {"telegram": lambda nth: str(8_000_000 + nth), "line": lambda nth: f"Ub{nth:031x}"}
    for at in range(0, many, AT_A_TIME):
        rows = [
            await means.subscriptions.make(
                means.new_id(), "citizen", Subscriber(channel, names[channel](nth), "th")
            )
            for nth in range(at, min(at + AT_A_TIME, many))
        ]
        await means.db.commit(lambda t, rows=rows: _add(t, rows))  # type: ignore[misc]  # bound at once


def _add(t: Transaction, rows: list[SubscriptionRow]) -> None:
    for row in rows:
        subscriptions.add(t, row)


async def begin_campaign(house: House) -> None:
    """The registrar publishes a card and has it sent."""
    running, keys = house.running, house.registrar
    centre, day = running.config.centres[0].id, today(running.clock).isoformat()
    card = KnowledgeCard(
        CARD, 1, centre, (Audience.CITIZEN,), CardState.PUBLISHED, day, keys.id,
        (
            CardText("th", "รู้ทันสินบน", "รู้ทันการเรียกรับสินบน", BODY.strip()),
            CardText("en", "Spot a bribe", "How to spot a bribe", "Paying to hurry is bribery."),
        ),
    )  # fmt: skip
    row = CardRow(
        CARD, 1, centre, "citizen", "published", day, keys.id, keys.sign.sign(card.statement),
        card.content,
    )  # fmt: skip
    said = campaign_statement(
        campaign_id=CAMPAIGN, card_id=CARD, centre=centre, audiences="citizen", day=day,
        officer=keys.id,
    )  # fmt: skip
    campaign = CampaignRow(CAMPAIGN, CARD, centre, "citizen", day, keys.id, keys.sign.sign(said))
    await running.means.db.commit(lambda t: cards.put(t, row))
    await running.knowledge.refresh()
    await running.means.db.commit(lambda t: campaigns.add(t, campaign))
    running.campaigning.ring()


async def told_of_campaign(house: House) -> dict[str, Any]:
    """How many were told, by channel; and which channels are done."""
    rows = await house.running.means.db.read(lambda t: campaigns.progress(t, CAMPAIGN))
    return {
        "told": {row.channel: row.told for row in rows},
        "done": [row.channel for row in rows if row.is_done],
    }
