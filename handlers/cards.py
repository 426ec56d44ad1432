"""Knowledge cards as the chat shows them: public texts, for whom, and how they enter the words.

A card is data of the book: its texts are words like any other, under keys that carry its id. Owns
those keys and what is said where a card is gone. Refuses to know who signed a card, and where it
is kept: whoever makes the book judges that first.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

DOOR = "learn"
"""The control that leads to the cards, and the question that shows them."""
AUDIENCES = ("citizen", "youth", "private", "network")
"""In the order they are offered."""
BEHIND_A_CODE = "network"
"""Its cards are shown after a member code was accepted in the same conversation, and never sent:
a list of who asked for them would be a list of members."""


@dataclass(frozen=True, slots=True)
class CardText:
    """A card in one language: its button (at most 20 graphemes), its title, and what it tells."""

    label: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class KnowledgeCard:
    """One card; *texts* by language. *id* is letters and digits."""

    id: str
    audiences: tuple[str, ...]
    texts: Mapping[str, CardText]


def audiences_of(cards: Iterable[KnowledgeCard], *, is_member: bool) -> tuple[str, ...]:
    """For whom there is something to read, in the order they are offered."""
    found = {audience for card in cards for audience in card.audiences}
    return tuple(
        audience
        for audience in AUDIENCES
        if audience in found and (audience != BEHIND_A_CODE or is_member)
    )


def label_key(card_id: str) -> str:
    return f"label.card.{card_id}"


def title_key(card_id: str) -> str:
    return f"long.card.{card_id}"


def body_key(card_id: str) -> str:
    return f"body.card.{card_id}"


INSTEAD = {
    label_key(""): "label.card_gone",
    title_key(""): "label.card_gone",
    body_key(""): "say.card_gone",
}
"""What is said for a card that was withdrawn, by the beginning of its key: a screen, or a line that
waits for delivery, may outlive the card it names."""


def texts_of(cards: Iterable[KnowledgeCard], language: str) -> Iterator[tuple[str, str]]:
    """The words that *cards* bring in *language*, by key."""
    for card in cards:
        text = card.texts[language]
        yield label_key(card.id), text.label
        yield title_key(card.id), text.title
        yield body_key(card.id), text.body
