"""A batch of parcels as the messages of one call: at most five, each within LINE's limits.

Laws: what does not fit into one call is not begun in it; buttons stand on the last message, where
alone LINE shows them; whatever a button says can be typed as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bot.channels.line.parts import (
    ALT_UNITS,
    DATA_UNITS,
    LABEL_GRAPHEMES,
    MESSAGES_AT_MOST,
    QUICK_ITEMS,
    TEXT_UNITS,
)
from bot.channels.line.pieces import OwnWords, Piece, asked_in, pieces_of, shortened
from bot.channels.line.postback import choice_data
from bot.outbox import Parcel
from handlers.book import cut_graphemes
from handlers.effects import Ask, Option
from handlers.saying import label
from handlers.thai import utf16_units
from handlers.words import Words

BETWEEN = "\n\n"
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The *messages* that say the first *count* parcels; none when these have nothing to say."""

    messages: tuple[Message, ...] = field(repr=False)
    count: int

    @property
    def plainly(self) -> tuple[Message, ...]:
        """The same without cards and buttons, should LINE refuse those."""
        return tuple(
            {"type": "text", "text": message.get("text") or message["altText"]}
            for message in self.messages
        )


def render(parcels: Sequence[Parcel], words: Words, own: OwnWords) -> Rendered:
    """As many of the first *parcels* as one call carries, at least one."""
    pieces: list[Piece] = []
    count = 0
    for parcel in parcels:
        more = [*pieces, *pieces_of(parcel, words, own)]
        if count and len(joined(more)) > MESSAGES_AT_MOST:
            break
        pieces, count = more, count + 1
    messages = [_message(piece) for piece in _at_most(joined(pieces))]
    ask = asked_in(parcel.intent for parcel in parcels[:count])
    if messages and ask is not None and (items := quick_items(words, ask)):
        messages[-1]["quickReply"] = {"items": items}
    return Rendered(tuple(messages), count)


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """*pieces* as they are, or with neighbours joined (the shortest first) until they fit."""
    made = list(pieces)
    while len(made) > MESSAGES_AT_MOST:
        pairs = [
            (utf16_units(first.text + second.text), place)
            for place, (first, second) in enumerate(pairwise(made))
            if not first.is_alone and not second.is_alone
        ]
        length, place = min(pairs, default=(TEXT_UNITS, 0))
        if length + len(BETWEEN) > TEXT_UNITS:
            break
        made[place : place + 2] = [Piece(made[place].text + BETWEEN + made[place + 1].text)]
    return made


def _at_most(pieces: list[Piece]) -> list[Piece]:
    """What no call carries (a parcel of more than 25,000 units) ends with an ellipsis."""
    last = MESSAGES_AT_MOST - 1
    if len(pieces) <= MESSAGES_AT_MOST:
        return pieces
    return [*pieces[:last], Piece(BETWEEN.join(piece.text for piece in pieces[last:]))]


def quick_items(words: Words, ask: Ask) -> list[Message]:
    """The buttons of *ask* as quick replies."""
    items = [_quick_item(words, ask, option) for option in ask.choices]
    return [item for item in items if utf16_units(item["action"]["data"]) <= DATA_UNITS][
        :QUICK_ITEMS
    ]


def _quick_item(words: Words, ask: Ask, option: Option) -> Message:
    shown = cut_graphemes(label(words, ask.language, option), LABEL_GRAPHEMES)
    action = {
        "type": "postback",
        "label": shown,
        "data": choice_data(ask.screen, option.id),
        "displayText": words.text(ask.language, option.label),
    }
    return {"type": "action", "action": action}


def _message(piece: Piece) -> Message:
    if piece.flex is None:
        return {"type": "text", "text": shortened(piece.text, TEXT_UNITS)}
    return {
        "type": "flex",
        "altText": shortened(piece.text, ALT_UNITS),
        "contents": piece.flex,
    }
