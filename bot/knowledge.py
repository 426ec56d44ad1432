"""The knowledge cards that may be shown: published, and signed by a registrar the roster knows.

Owns the judgement, card by card, and the moment at which the books change. What does not verify is
not shown and is counted in the log: a row that somebody wrote into the database by hand, a card
whose registrar left the roster. Refuses to know conversations.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from bot.logs import logger
from handlers.cards import CardText, KnowledgeCard
from sealing import CardState, Roster, SealingError, check_registrar, read_audiences, read_content
from sealing import KnowledgeCard as SignedCard
from storage import Database
from storage.repositories import cards
from storage.repositories.cards import CardRow

SHOWN_AT_MOST = 200
"""Cards in the chat at once; the desk takes no more."""


class Shelf(Protocol):
    """Where cards are shown from (`bot.books.Books`)."""

    def show_cards(self, cards: Iterable[KnowledgeCard]) -> None: ...


class Knowledge:
    """Keeps the cards in the books as they are in the database."""

    def __init__(self, db: Database, roster: Callable[[], Roster], books: Shelf) -> None:
        self._db = db
        self._roster = roster
        self._books = books
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        """Read and judge every card, and let the books show those that hold. Raises StorageError:
        the books stay as they were."""
        async with self._turn:
            rows = await self._db.read(cards.published)
            shown = await asyncio.to_thread(_shown, rows, self._roster())
            if len(shown) < len(rows):
                logger().warning("cards_not_shown", count=len(rows) - len(shown))
            await asyncio.to_thread(self._books.show_cards, shown)


def verified(row: CardRow, roster: Roster) -> SignedCard:
    """The card in *row*. Raises SealingError unless it is a card, under the signature of a
    registrar of its centre."""
    card = SignedCard(
        row.card_id,
        row.version,
        row.centre,
        read_audiences(row.audiences),
        CardState(row.state),
        row.day,
        row.officer,
        read_content(row.content),
    )
    check_registrar(roster, card.officer, card.centre, card.statement, row.signature)
    return card


def is_verified(row: CardRow, roster: Roster) -> bool:
    """Whether the card in *row* is shown once it is published."""
    return _verified_or_none(row, roster) is not None


def _verified_or_none(row: CardRow, roster: Roster) -> SignedCard | None:
    try:
        return verified(row, roster)
    except SealingError:
        return None


def _shown(rows: Iterable[CardRow], roster: Roster) -> Sequence[KnowledgeCard]:
    found = (_verified_or_none(row, roster) for row in rows)
    return [_shown_card(card) for card in found if card is not None][:SHOWN_AT_MOST]


def _shown_card(card: SignedCard) -> KnowledgeCard:
    texts = {each.language: CardText(each.label, each.title, each.body) for each in card.texts}
    return KnowledgeCard(card.card_id, tuple(card.audiences), texts)
