"""Knowledge cards as their registrars signed them.

Owns the table `knowledge_card`. Judges no signature and reads no text: whoever shows a card does.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from storage.port import Conflict, Row, Transaction
from storage.repositories import audit

_COLUMNS = "card_id, version, centre, audiences, state, day, officer, signature, content"


@dataclass(frozen=True, slots=True)
class CardRow:
    """One card in its newest version. *audiences* have commas between them; *state* is published
    or withdrawn; *content* is what was signed."""

    card_id: str
    version: int
    centre: str
    audiences: str
    state: str
    day: str
    officer: str
    signature: bytes = field(repr=False)
    content: bytes = field(repr=False)


def put(t: Transaction, card: CardRow) -> None:
    """Store a new card (version 1), or the next version of one. Raises Conflict: somebody was
    first, or the card is another centre's."""
    values = (
        card.version,
        card.centre,
        card.audiences,
        card.state,
        card.day,
        card.officer,
        card.signature,
        card.content,
    )
    if card.version == 1:
        t.execute(
            f"INSERT INTO knowledge_card ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (card.card_id, *values),
        )
    elif not t.execute(
        "UPDATE knowledge_card SET version = ?, centre = ?, audiences = ?, state = ?, day = ?,"
        " officer = ?, signature = ?, content = ? WHERE card_id = ? AND version = ? AND centre = ?",
        (*values, card.card_id, card.version - 1, card.centre),
    ):
        raise Conflict("the card has another version by now")
    audit.note(
        t,
        "card",
        day=card.day,
        officer=card.officer,
        centre=card.centre,
        facts={
            "card_id": card.card_id,
            "version": card.version,
            "audiences": card.audiences,
            "state": card.state,
            "content_hash": hashlib.sha256(card.content).hexdigest(),
            "day": card.day,
        },
        signature=card.signature,
    )


def get(t: Transaction, card_id: str) -> CardRow | None:
    """The card, published or withdrawn; None when there is no such card."""
    found = t.row(f"SELECT {_COLUMNS} FROM knowledge_card WHERE card_id = ?", (card_id,))
    return None if found is None else CardRow(*found)


def all_of_them(t: Transaction) -> tuple[CardRow, ...]:
    """Every card, the newest day first."""
    return _rows(t.rows(f"SELECT {_COLUMNS} FROM knowledge_card ORDER BY day DESC, card_id"))


def published(t: Transaction) -> tuple[CardRow, ...]:
    """Every card that is to be shown, the newest day first."""
    return tuple(row for row in all_of_them(t) if row.state == "published")


def count_published(t: Transaction) -> int:
    """How many cards are to be shown."""
    ((number,),) = t.rows("SELECT count(*) FROM knowledge_card WHERE state = 'published'")
    return int(number)


def _rows(found: Iterable[Row]) -> tuple[CardRow, ...]:
    return tuple(CardRow(*row) for row in found)
