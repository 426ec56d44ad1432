"""Parcels as messages: which words go into one message, and what stands on its buttons. Pure.

One message of the chat is the card: it holds the question and its buttons, stays at the bottom and
is edited in place. So what is on it will go. Laws: only the question, and words that help with it
and nothing else (PASSING), are put on the card; everything else said gets a message that stays.
Words are plain text: no markup is ever parsed.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.channels.telegram.api import Rows
from bot.channels.telegram.buttons import token
from bot.outbox import Parcel
from handlers.effects import (
    Ask,
    Card,
    Day,
    Erase,
    Intent,
    OfficerWords,
    Option,
    Progress,
    Say,
    SecretOnce,
)
from handlers.saying import label, plain
from handlers.thai import count_graphemes
from handlers.words import Words

PASSING = frozenset(
    f"say.{key}"
    for key in (
        "not_readable", "stale", "hollow", "told_before", "at_first", "other_language",
        "nothing_to_edit", "midway", "kept_as_evidence", "kept_as_story", "still_fetching",
        "unsent_done", "edited_done", "edited_unknown", "one_more",
        "receipt_mistyped", "receipt_unknown", "receipt_locked", "receipt_busy",
        "receipt_unknown_days", "receipt_unknown_years",
        "member_mistyped", "member_unknown", "member_locked", "member_busy",
    )
)  # fmt: skip
PASSING_FAMILIES = (
    "say.coach.", "say.when_", "say.found", "say.details_one", "say.details_many",
    "say.not_understood",
)  # fmt: skip
"""What is said of the question that stands, or asked beside it (what was found in words and files),
and means nothing once that is answered. Whatever is not named here stays."""

STILL_OPEN = "ask.go_on"
"""Asked while an answer grows. The card shows one question, so what was asked stands there too."""
NUMBERED_FROM = 4
SHORT_LABEL = 14
"""Graphemes of a label that leaves room for another beside it on a small phone."""
SHORT_CONTROL = 12
BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Talk:
    """The first *count* parcels of what is left, as words. With *rows* it becomes the card.
    *leads_to_card*: the card comes later in the same breath, so the old one gives way now."""

    count: int
    text: str = field(repr=False)
    rows: Rows = ()
    leads_to_card: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """The receipt, in a protected message of its own. *key* is its parcel's."""

    key: str
    comes: str
    text: str = field(repr=False)
    count: int = 1


@dataclass(frozen=True, slots=True)
class Wipe:
    """Delete messages: all, those that show a receipt, or the one that held a code."""

    what: str
    message: str | None = field(default=None, repr=False)
    count: int = 1


Piece = Talk | Secret | Wipe


def laid_out(parcels: Sequence[Parcel], words: Words, phrases: Words) -> tuple[Piece, ...]:
    """*parcels* as pieces, in order; together they count every parcel."""
    last = max((n for n, each in enumerate(parcels) if isinstance(each.intent, Ask)), default=-1)
    pieces: list[Piece] = []
    run: list[tuple[Intent, bool]] = []
    for nth, parcel in enumerate(parcels):
        match parcel.intent:
            case SecretOnce() | OfficerWords() | Erase():
                pieces += [
                    *_spoken(run, words, has_card=last >= nth),
                    _alone(parcel, words, phrases),
                ]
                run = []
            case intent:
                run.append((intent, nth == last))
    return (*pieces, *_spoken(run, words, has_card=False))


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(text: str, at_most: int) -> tuple[str, ...]:
    """*text* in pieces of at most *at_most* units, cut between paragraphs, lines or words where
    there are any; () when there is nothing to read."""
    pieces, rest = list[str](), _clean(text).strip()
    while units(rest) > at_most:
        cut = _cut(rest, _fitting(rest, at_most))
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return tuple(each for each in (*pieces, rest) if each)


def _cut(text: str, end: int) -> int:
    """Where to cut *text* at *end* or before, not far from it: never between a letter and what
    stands above or below it."""
    for mark in ("\n\n", "\n", " "):
        found = text.rfind(mark, end // 2, end)
        if found > 0:
            return found
    cut = end
    while cut > end // 2 and unicodedata.category(text[cut]).startswith("M"):
        cut -= 1
    return cut


def _fitting(text: str, at_most: int) -> int:
    """How many characters of *text* are at most *at_most* units."""
    used = 0
    for nth, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > at_most:
            return nth
    return len(text)


def _clean(text: str) -> str:
    """Without halves of characters, which no connection carries."""
    return "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in text)


# --- words ---------------------------------------------------------------------------------------


def _spoken(
    run: Sequence[tuple[Intent, bool]], words: Words, *, has_card: bool
) -> tuple[Piece, ...]:
    """A run of things said: what stays, and then the card with the question, if it is here."""
    if not run:
        return ()
    has_ask = any(is_live for _, is_live in run)
    staying = [n for n, (intent, _) in enumerate(run) if _stays(intent) or not has_ask]
    cut = staying[-1] + 1 if staying else 0
    pieces: list[Piece] = []
    if cut:
        text = _joined(run[:cut], words)
        pieces.append(Talk(cut, text, leads_to_card=has_ask or has_card))
    if cut < len(run):
        ask = next(intent for intent, is_live in run if is_live and isinstance(intent, Ask))
        pieces.append(Talk(len(run) - cut, _joined(run[cut:], words), keyboard(ask, words)))
    return tuple(pieces)


def _stays(intent: Intent) -> bool:
    if not isinstance(intent, Say):
        return False
    return intent.key not in PASSING and not intent.key.startswith(PASSING_FAMILIES)


def _joined(run: Sequence[tuple[Intent, bool]], words: Words) -> str:
    said = (_text(intent, words, is_live=is_live) for intent, is_live in run)
    return BETWEEN.join(text for text in said if text)


def _text(intent: Intent, words: Words, *, is_live: bool) -> str:
    match intent:
        case Ask() if not is_live:
            return ""  # a newer question came; its answer is wanted, not this one's
        case Ask():
            return _asked(intent, words)
        case Say() | Card():
            return plain(words, intent)
        case Progress():
            return ""
    return ""


def _asked(ask: Ask, words: Words) -> str:
    said = plain(words, ask)
    if ask.key == STILL_OPEN:
        question = plain(words, replace(ask, key=f"ask.{ask.question}", params={}))
        said = BETWEEN.join((question, words.text(ask.language, ask.key, ask.params)))
    return "\n".join((said, *_long_forms(ask, words)))


def _long_forms(ask: Ask, words: Words) -> tuple[str, ...]:
    """The full wording of answers whose label had to be cut, numbered as they can be typed."""
    answers = _answers(ask)
    if not any(option.long for option in answers):
        return ()
    return tuple(
        f"{nth}. {words.text(ask.language, option.long or option.label)}"
        for nth, option in enumerate(answers, 1)
    )


# --- buttons -------------------------------------------------------------------------------------


def keyboard(ask: Ask, words: Words) -> Rows:
    """The buttons of *ask*: answers, two beside each other where they are short; controls below."""
    answers, controls = _answers(ask), [each for each in ask.choices if each.role != "answer"]
    is_numbered = len(answers) >= NUMBERED_FROM
    made = [
        _button(ask, option, words, nth if is_numbered else None)
        for nth, option in enumerate(answers, 1)
    ]
    below = [_button(ask, option, words, None) for option in controls]
    return (*_rows(made, 2, SHORT_LABEL), *_rows(below, 3, SHORT_CONTROL))


def _answers(ask: Ask) -> list[Option]:
    return [each for each in ask.choices if each.role == "answer"]


def _button(ask: Ask, option: Option, words: Words, number: int | None) -> tuple[str, str]:
    said = label(words, ask.language, option)
    return (said if number is None else f"{number}. {said}"), token(ask, option)


def _rows(buttons: Sequence[tuple[str, str]], beside: int, short: int) -> Rows:
    is_short = all(count_graphemes(label) <= short + 3 for label, _ in buttons)
    step = beside if is_short else 1
    return tuple(tuple(buttons[at : at + step]) for at in range(0, len(buttons), step))


# --- what stands alone ---------------------------------------------------------------------------


def _alone(parcel: Parcel, words: Words, phrases: Words) -> Piece:
    match parcel.intent:
        case SecretOnce(language) if parcel.receipt is not None:
            code = {"code": parcel.receipt}
            text = words.text(language, "say.receipt_is", code)
            return Secret(parcel.key, phrases.text(language, "receipt_comes"), text)
        case SecretOnce(language):
            return Talk(1, phrases.text(language, "receipt_gone"))
        case OfficerWords(language):
            return Talk(1, _letter(parcel, language, words, phrases))
        case Erase(what=what, message=message):
            return Wipe(what, message)
    raise AssertionError("not something that stands alone")


def _letter(parcel: Parcel, language: str, words: Words, phrases: Words) -> str:
    letter = parcel.letter
    if letter is None:
        return phrases.text(language, "letter_gone")
    day = words.text(language, "card.plain", {"value": Day(letter.day)})
    return f"{phrases.text(language, 'letter', {'day': day})}\n{letter.words}"
