"""What is to be said, as pieces of text that may stand alone or be joined.

Owns how an intent reads on LINE. Every piece has its whole text, for screen readers, for a PC that
shows no buttons, and for joining; only a card has a shape besides.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from bot.channels.line.flex import card
from bot.channels.line.parts import TEXT_UNITS
from bot.following import Letter
from bot.outbox import Parcel
from handlers.effects import Ask, Card, Day, Intent, OfficerWords, Option, SecretOnce
from handlers.saying import label, plain
from handlers.thai import utf16_units
from handlers.words import Words

NUMBERED_FROM = 3
"""So many answers are also listed with their numbers: a PC shows no buttons. Two can be typed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """*text* in full; *flex* shows the same better. A piece *is_alone* when it may not be joined
    to another: a receipt is copied and kept as one message."""

    text: str = field(repr=False)
    flex: Mapping[str, Any] | None = field(default=None, repr=False)
    is_alone: bool = False


class OwnWords:
    """The few sentences that only this channel says, by language."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts

    @classmethod
    def shipped(cls, languages: Iterable[str]) -> "OwnWords":
        folder = resources.files("bot.channels.line") / "words"
        return cls(
            {
                language: tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))
                for language in languages
            }
        )

    def text(self, language: str, key: str) -> str:
        return self._texts[language][key]


def pieces_of(parcel: Parcel, words: Words, own: OwnWords) -> tuple[Piece, ...]:
    """*parcel* as it is said on LINE; () for what LINE has no means for (the bot can wipe nothing
    there, and the person has the loading animation instead of a progress)."""
    match parcel.intent:
        case SecretOnce(language):
            return (Piece(_receipt(parcel.receipt, language, words, own), is_alone=True),)
        case OfficerWords(language):
            return tuple(map(Piece, _letter(parcel.letter, language, words, own)))
        case Card() as intent:
            return (Piece(plain(words, intent), card(words, intent)),)
        case Ask() as intent:
            return (Piece(_asked(words, intent)),)
    said = plain(words, parcel.intent)
    return tuple(map(Piece, split(said))) if said.strip() else ()


def asked_in(intents: Iterable[Intent]) -> Ask | None:
    """The question that stands at the end: only its buttons mean anything."""
    asks = [intent for intent in intents if isinstance(intent, Ask)]
    return asks[-1] if asks else None


def numbered(words: Words, ask: Ask) -> str:
    """The answers of *ask* with the numbers that may be typed; "" when few enough to be typed."""
    answers = [option for option in ask.choices if option.role == "answer"]
    if len(answers) < NUMBERED_FROM:
        return ""
    said = (
        f"{number}. {_in_full(words, ask.language, each)}" for number, each in enumerate(answers, 1)
    )
    return "\n".join(said)


def split(text: str, at_most: int = TEXT_UNITS) -> Iterator[str]:
    """*text* in as few messages as it needs, cut where a line or a word ends if there is one."""
    rest = text.strip()
    while utf16_units(rest) > at_most:
        end = _within(rest, at_most)
        cut = max(rest.rfind("\n", 0, end), rest.rfind(" ", 0, end))
        end = cut if cut > end // 2 else end
        yield rest[:end].rstrip()
        rest = rest[end:].lstrip()
    if rest:
        yield rest


def shortened(text: str, at_most: int) -> str:
    """*text*, or its beginning and an ellipsis, in at most *at_most* units."""
    if utf16_units(text) <= at_most:
        return text
    return text[: _within(text, at_most - 1)].rstrip() + "…"


def _within(text: str, at_most: int) -> int:
    """How many characters of *text* fit."""
    end = min(len(text), at_most)
    while utf16_units(text[:end]) > at_most:
        end -= max(1, (utf16_units(text[:end]) - at_most) // 2)
    return end


def _asked(words: Words, ask: Ask) -> str:
    listed = numbered(words, ask)
    asked = plain(words, ask)
    return f"{asked}\n\n{listed}" if listed else asked


def _in_full(words: Words, language: str, option: Option) -> str:
    """The full wording, which a button may have no room for."""
    if option.long is None:
        return label(words, language, option)
    said = words.text(language, option.long)
    return f"✓ {said}" if option.is_on else said


def _receipt(receipt: str | None, language: str, words: Words, own: OwnWords) -> str:
    if receipt is None:
        return own.text(language, "receipt_gone")
    return words.text(language, "say.receipt_is", {"code": receipt})


def _letter(letter: Letter | None, language: str, words: Words, own: OwnWords) -> Iterator[str]:
    if letter is None:
        return iter((own.text(language, "letter_gone"),))
    day = words.text(language, "card.plain", {"value": Day(letter.day)})
    return split(f"{day}\n“{letter.words}”")
