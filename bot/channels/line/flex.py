"""The review as a Flex card: a title, and a line for every question.

Owns the card's looks. It says nothing that its text twin does not say.
"""

import json
from collections.abc import Mapping
from typing import Any

from bot.channels.line.parts import BUBBLE_BYTES
from handlers.effects import Card, Row
from handlers.saying import say_row
from handlers.words import Words

INK = "#1f2933"
QUIET = "#52606d"


def card(words: Words, intent: Card) -> Mapping[str, Any] | None:
    """The bubble of *intent*; None when it is too large for LINE: its text says it all."""
    title = {
        "type": "text",
        "text": words.text(intent.language, "card.title"),
        "weight": "bold",
        "size": "lg",
        "color": INK,
        "wrap": True,
    }
    rows = [_row(words, intent.language, row) for row in intent.rows]
    contents = [title, {"type": "separator", "margin": "md"}, *rows]
    body = {"type": "box", "layout": "vertical", "spacing": "md", "contents": contents}
    bubble = {"type": "bubble", "body": body}
    return bubble if len(json.dumps(bubble).encode()) <= BUBBLE_BYTES else None


def _row(words: Words, language: str, row: Row) -> Mapping[str, Any]:
    return {
        "type": "text",
        "text": say_row(words, language, row),
        "size": "md",
        "color": INK if row.mark == "told" else QUIET,
        "wrap": True,
    }
