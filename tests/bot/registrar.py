"""A registrar who writes cards and has them sent, and a shelf of books that a test can hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.knowledge import Knowledge
from handlers.book import Book
from handlers.cards import KnowledgeCard as ShownCard
from sealing import (
    Audience,
    CardState,
    CardText,
    KnowledgeCard,
    Officer,
    OfficerKeys,
    Role,
    Roster,
    campaign_statement,
)
from storage.repositories import campaigns, cards
from storage.repositories.campaigns import CampaignRow
from storage.repositories.cards import CardRow
from tests.bot.turn_house import ROSTER, House

DAY = "2026-11-23"
CENTRE = "kkn"
WORDS = "เรียกเงินเพื่อเร่งเรื่อง คือสินบน"


def a_card(
    number: int = 1, *audiences: Audience, officer: str = "f" * 32, body: str = WORDS
) -> KnowledgeCard:
    """A card with its *number* in it."""
    return KnowledgeCard(
        f"{number:032x}",
        1,
        CENTRE,
        tuple(sorted(audiences)) or (Audience.CITIZEN,),
        CardState.PUBLISHED,
        DAY,
        officer,
        (
            CardText("th", f"เรื่องที่ {number}", f"ชื่อเรื่องที่ {number}", body),
            CardText("en", f"Card {number}", f"Title of card {number}", "Paying is bribery."),
        ),
    )


@dataclass
class HouseShelf:
    """The books of a house."""

    house: House
    plain: dict[str, Book] = field(init=False)

    def __post_init__(self) -> None:
        self.plain = dict(self.house.means.books)

    def show_cards(self, cards: Iterable[ShownCard]) -> None:
        shown = tuple(cards)
        books = {name: book.with_cards(shown) for name, book in self.plain.items()}
        self.house.means.books.update(books)  # type: ignore[attr-defined]  # a dict, in a house


@dataclass
class Registrar:
    """Signs cards and campaigns, and puts them into the house's database as the desk does."""

    house: House
    keys: OfficerKeys = field(default_factory=lambda: OfficerKeys.generate("Rattana"))
    knowledge: Knowledge = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """What a start wires."""
        self.house.roster = self.roster()
        self.knowledge = Knowledge(self.house.db, lambda: self.house.roster, HouseShelf(self.house))

    def roster(self, *centres: str, roles: tuple[Role, ...] = (Role.REGISTRAR,)) -> Roster:
        me = Officer(
            self.keys.name, self.keys.age.recipient, self.keys.sign.verify_key, roles,
            centres or (CENTRE,),
        )  # fmt: skip
        return replace(ROSTER, officers=(*ROSTER.officers, me))

    def row(self, card: KnowledgeCard) -> CardRow:
        signed = replace(card, officer=self.keys.id)
        return CardRow(
            signed.card_id,
            signed.version,
            signed.centre,
            ",".join(signed.audiences),
            signed.state,
            signed.day,
            signed.officer,
            self.keys.sign.sign(signed.statement),
            signed.content,
        )

    async def publishes(self, *made: KnowledgeCard) -> None:
        for card in made:
            row = self.row(card)
            await self.house.db.commit(lambda t, row=row: cards.put(t, row))
        await self.knowledge.refresh()

    async def withdraws(self, card: KnowledgeCard) -> None:
        gone = replace(card, version=card.version + 1, state=CardState.WITHDRAWN)
        row = self.row(gone)
        await self.house.db.commit(lambda t: cards.put(t, row))
        await self.house.db.commit(lambda t: campaigns.stop_all_of(t, card.card_id))
        await self.knowledge.refresh()

    async def begins(self, number: int, card: KnowledgeCard, *audiences: Audience) -> str:
        """Begin to send *card*; the campaign's id, with its *number* in it."""
        wanted = ",".join(sorted(audiences or (Audience.CITIZEN,)))
        campaign_id = f"{number:032x}"
        statement = campaign_statement(
            campaign_id=campaign_id, card_id=card.card_id, centre=CENTRE, audiences=wanted,
            day=DAY, officer=self.keys.id,
        )  # fmt: skip
        signature = self.keys.sign.sign(statement)
        row = CampaignRow(campaign_id, card.card_id, CENTRE, wanted, DAY, self.keys.id, signature)
        await self.house.db.commit(lambda t: campaigns.add(t, row))
        return campaign_id
