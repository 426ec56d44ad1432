"""What somebody reads on each channel when the engine says something, and what cannot happen there.

Owns the few ways in which channels may differ, written down once: everything else has to read the
same. It knows the engine's intents and, but for the words of the page's frame, no channel's code.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.channels.web.chrome import Frame
from handlers.effects import Ask, Card, Day, Intent, OfficerWords, Option, Say, SecretOnce
from handlers.saying import label, plain
from handlers.strays import RETURNED
from tests.stories.engine_room import CODES, EngineRoom
from tests.stories.player import Person

CHANNELS = ("telegram", "line", "web")

CANNOT = {
    ("telegram", "unsent"): "Telegram tells no bot that a message was deleted: nothing happens",
    ("line", "edited"): "LINE lets nobody edit a message",
    ("web", "unsent"): "a page keeps no messages to take back; “ย้อนกลับ” leads to the answer",
    ("web", "edited"): "a page keeps no messages to edit",
    ("web", "location"): "our pages carry no script that could ask a browser where it is",
    ("web", "unknown"): "a form has a box and files, and no stickers",
    ("web", "command"): "help and safety stand on every page; there are no commands to type",
    ("web", "news"): "nobody can be told on a page that was left",
    ("web", "last_news"): "nobody can be told on a page that was left",
    ("web", "card"): "nothing can be sent to a page that was left",
    ("web", "blocked"): "there is nobody to block",
    ("web", "fetched"): "a file is here when the page answers",
    ("web", "slow"): "a file is here when the page answers",
    ("web", "lost"): "a file is here when the page answers, or the page says that it is not",
}
"""What cannot happen on a platform. The engine is not told of it either, so the rest of the story
is the same."""

OTHERWISE = {
    ("telegram", "followed", ""): ("command", "start"),  # so a chat is opened there
    ("telegram", "lost", "gone"): ("lost", ""),  # a deleted message's file stays with Telegram
    ("web", "held", ""): ("photo", ""),
    ("line", "tap", "จดแล้ว ลบแชตเลย"): ("tap", "จดแล้ว"),  # a bot can delete nothing on LINE
    ("web", "tap", "จดแล้ว ลบแชตเลย"): ("tap", "จดแล้ว"),  # a page keeps no chat
}
"""What happens in another way there. (Opening a page tells the bot nothing: whoever then types,
and does not tap, is greeted once more.)"""

NOT_ON_A_PAGE = frozenset(
    {
        "แจ้งฉันที่นี่เมื่อมีคำตอบ", "แจ้งฉันที่นี่เมื่อมีข่าว", "ตกลง", "ไม่ต้องแจ้ง", "หยุดแจ้งเตือน",
        "ส่งความรู้ใหม่ให้ฉัน", "ไม่ต้องส่ง",
    }
)  # fmt: skip
"""Buttons about being told of news or sent cards: a page that was left cannot be told anything."""

FILES = {
    "photo": "files", "marked_photo": "files", "odd_video": "files", "document": "files",
    "voice": "voice",
}  # fmt: skip
"""What an Ask must accept for a page to have a box for it. A chat always has one."""

RECEIPT = re.compile(r"\d{4}(?:-\d{4}){5}")
_NUMBER = re.compile(r"^\d+\.? ?(?=\D)")


@dataclass(frozen=True)
class Reads:
    """All that can be read of an answer, run together, and the buttons in order. *wiped* names
    what is gone from the chat since: all, receipt, said. *receipt* is the real one, if shown."""

    text: str
    buttons: tuple[str, ...]
    wiped: frozenset[str] = field(default=frozenset())
    receipt: str | None = field(default=None, repr=False, compare=False)


def reads(text: str, buttons: Sequence[str], wiped: frozenset[str] = frozenset()) -> Reads:
    """As somebody reads it: blanks, line ends, bullets and the numbers before buttons aside, and
    every receipt the one that the stories print."""
    shown = RECEIPT.search(text)
    text = re.sub(r"[\s•]+", "", RECEIPT.sub(CODES["receipt"], text))
    labels = tuple(_NUMBER.sub("", each) for each in buttons)
    return Reads(text, labels, wiped, None if shown is None else shown[0])


def as_it_happens(channel: str, person: Person, ask: Ask | None) -> Person | None:
    """What somebody on *channel* does instead of *person* while *ask* stands; None: nothing."""
    what, words = OTHERWISE.get((channel, person.what, person.words), (person.what, person.words))
    if channel == "web" and what in FILES and ask is None:
        return replace(person, what="text", words="แจ้งเบาะแส")  # its first page is a menu
    if channel == "web" and what in FILES and not {FILES[what], "files"} & _accepted(ask):
        return None  # that page has no box for files
    is_sent = ask is not None and ask.question == "receipt_noted" and what == "tap"
    if channel == "web" and is_sent and words not in ("จดแล้ว", "Written down"):
        return None  # nothing had to be waited for: it was sent the first time
    if channel == "web" and what == "tap" and words in NOT_ON_A_PAGE:
        return None
    return None if (channel, what) in CANNOT else replace(person, what=what, words=words)


def _accepted(ask: Ask | None) -> frozenset[str]:
    return frozenset() if ask is None else ask.accepts


def read_on(channel: str, room: EngineRoom, intents: Sequence[Intent]) -> str:
    """How *intents* read on *channel*, one after the other. Words that were not kept for a code
    among them stand in a page's box again, and it says so first."""
    said = [_CHANNELS[channel](room, intent) for intent in intents]
    for intent in intents:
        if channel == "web" and isinstance(intent, Say) and intent.key in RETURNED:
            frame = Frame.shipped((intent.language,))
            keys = ("notice", "words_with_code")
            said[:0] = (frame.text(intent.language, key) for key in keys)
    return "\n".join(said)


def buttons_on(channel: str, room: EngineRoom) -> tuple[str, ...]:
    """The buttons that can be pressed on *channel* while the engine's question stands."""
    if room.ask is None:
        return ()
    words, language, choices = room.book.words, room.ask.language, room.ask.choices
    if channel != "web":
        return tuple(label(words, language, each) for each in choices)
    answers = [each for each in choices if each.role == "answer"]
    above = [each for each in answers if each.id not in BELOW_THE_BOX]
    below = [each for each in answers if each.id in BELOW_THE_BOX]
    controls = [each for each in choices if each.role != "answer"]
    return tuple(_in_full(room, language, each) for each in (*above, *below, *controls))


BELOW_THE_BOX = ("done", "none", "unknown", "start_over")
"""A page has one box, and what ends an open answer stands below it."""


# --- by channel ------------------------------------------------------------------------------


def _on_telegram(room: EngineRoom, intent: Intent) -> str:
    """The card shows one question only, so an answer that grows has its question above it; labels
    that had to be cut are listed in full."""
    match intent:
        case Ask():
            answers = [each for each in intent.choices if each.role == "answer"]
            full = [_in_full(room, intent.language, each) for each in answers]
            is_listed = any(each.long for each in answers)
            return _question(room, intent) + (_list(full, ". ") if is_listed else "")
        case OfficerWords(language):
            whose = "Officer" if language == "en" else "เจ้าหน้าที่"
            return f"{whose} · {_letter_day(room, language)}\n{_letter(room, intent)}"
    return _everywhere(room, intent)


def _on_line(room: EngineRoom, intent: Intent) -> str:
    """A PC shows no buttons, so answers are listed with the numbers that can be typed."""
    match intent:
        case Ask():
            words, answers = room.book.words, [o for o in intent.choices if o.role == "answer"]
            full = [_in_full(room, intent.language, each) for each in answers]
            return plain(words, intent) + (_list(full, ". ") if len(answers) >= 3 else "")
        case OfficerWords(language):
            return f"{_letter_day(room, language)}\n“{_letter(room, intent)}”"
    return _everywhere(room, intent)


def _on_a_page(room: EngineRoom, intent: Intent) -> str:
    """A page shows one screen, so an answer that grows has its question above it; the progress is
    a bar; a receipt has a word about pictures of the screen."""
    match intent:
        case SecretOnce(language):
            hint = Frame.shipped((language,)).text(language, "receipt_hint")
            return f"{_everywhere(room, intent)}\n{hint}"
        case Ask():
            return _question(room, replace(intent, progress=None))
        case OfficerWords(language):
            whose = "Officer" if language == "en" else "เจ้าหน้าที่"
            return f"{whose} · {_letter_day(room, language)}\n{_letter(room, intent)}"
    return _everywhere(room, intent)


_CHANNELS = {"telegram": _on_telegram, "line": _on_line, "web": _on_a_page}


def _everywhere(room: EngineRoom, intent: Intent) -> str:
    match intent:
        case Say() | Card():
            return plain(room.book.words, intent)
        case SecretOnce(language):
            return room.book.words.text(language, "say.receipt_is", {"code": CODES["receipt"]})
    return ""


def _question(room: EngineRoom, ask: Ask) -> str:
    words = room.book.words
    if ask.key != "ask.go_on":
        return plain(words, ask)
    question = plain(words, replace(ask, key=f"ask.{ask.question}", params={}))
    return question + words.text(ask.language, ask.key, ask.params)


def _list(said: Iterable[str], between: str) -> str:
    return "\n".join(f"{nth}{between}{each}" for nth, each in enumerate(said, 1))


def _in_full(room: EngineRoom, language: str, option: Option) -> str:
    if option.long is None:
        return label(room.book.words, language, option)
    return room.book.words.text(language, option.long)


def _letter(room: EngineRoom, intent: OfficerWords) -> str:
    return room.letters[int(intent.part_id, 16)]


def _letter_day(room: EngineRoom, language: str) -> str:
    """The stage's officers write on this day."""
    return room.book.words.text(language, "card.plain", {"value": Day("2026-11-24")})
