"""Knowledge cards for tests: some as they would be written, some at every bound."""

from handlers.cards import CardText, KnowledgeCard
from sealing.cards import BODY_UNITS, LABEL_AT_MOST, TITLE_UNITS


def card(number: int, *audiences: str, thai: tuple[str, str, str] | None = None) -> KnowledgeCard:
    """A card with its *number* in it; *thai* is its button, its title and what it tells."""
    said = thai or (f"เรื่องที่ {number}", f"ชื่อเต็มของเรื่องที่ {number}", f"เนื้อหาของเรื่องที่ {number}")
    english = (f"Card {number}", f"The whole title of card {number}", f"What card {number} tells")
    texts = {"th": CardText(*said), "en": CardText(*english)}
    return KnowledgeCard(f"{number:032x}", audiences, texts)


LONGEST = card(
    99, "citizen", "network",
    thai=("ก" * LABEL_AT_MOST, "ข" * TITLE_UNITS, "ค" * BODY_UNITS),
)  # fmt: skip
SOME = (
    *(card(number, "citizen", "youth") for number in range(1, 11)),
    card(11, "private"),
    card(12, "network"),
    LONGEST,
)
