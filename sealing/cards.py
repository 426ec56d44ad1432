"""Knowledge cards: short public texts for an audience, in Thai and in English, and who signed them.

A card is written on a registrar's machine and shown in the chat only under that registrar's
signature. Every bound that makes it fit a button and one message is kept here, so that console,
desk and bot cannot disagree: a card that breaks one is no card. Nothing in it is secret.
"""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sealing import canonical
from sealing.canonical import LARGEST_NUMBER, Fields, is_day, is_id, is_label
from sealing.errors import Forged, Malformed
from sealing.roles import Role
from sealing.roster import Roster
from sealing.signing import Statement, statement

SCHEMA = 1
LANGUAGES = ("th", "en")
LABEL_AT_MOST = 20
"""Characters on the button, marks that stand on another not counted: never fewer than graphemes."""
TITLE_UNITS = 120
BODY_UNITS = 3000
"""UTF-16 code units: with its title and buttons a card is one message on LINE and Telegram."""
CONTENT_AT_MOST_BYTES = 64 * 1024
_JOINERS = "\u200b\u200c\u200d"
"""Invisible, and needed: Thai breaks lines at the first, emoji are joined by the last."""


class Audience(StrEnum):
    """Whom a card is for."""

    CITIZEN = "citizen"  # ประชาชน
    YOUTH = "youth"  # เยาวชน
    PRIVATE = "private"  # ภาคเอกชน
    NETWORK = "network"  # เครือข่าย: shown after a member code only, and never sent


class CardState(StrEnum):
    """Whether a card is shown."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class BadCard(Malformed):
    """A text that no card may have: *language*, *part* (label, title, body) and what is *wrong*
    with it (empty, long, sign, language). Says nothing of the text."""

    def __init__(self, language: str, part: str, wrong: str) -> None:
        super().__init__(f"{part} in {language}: {wrong}")
        self.language = language
        self.part = part
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class CardText:
    """A card in one *language*: what its button says, its whole title, and what it tells.

    Raises BadCard.
    """

    language: str
    label: str
    title: str
    body: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise BadCard(self.language, "label", "language")
        self._check("label", self.label, _letters(self.label) > LABEL_AT_MOST)
        self._check("title", self.title, _units(self.title) > TITLE_UNITS)
        self._check("body", self.body, _units(self.body) > BODY_UNITS)

    def _check(self, part: str, text: str, is_long: bool) -> None:
        allowed = "\n" if part == "body" else ""
        if not text or text != text.strip():
            raise BadCard(self.language, part, "empty")
        if is_long:
            raise BadCard(self.language, part, "long")
        if any(_is_forbidden(sign) and sign not in allowed for sign in text):
            raise BadCard(self.language, part, "sign")
        if not _is_written_in(self.language, text):
            raise BadCard(self.language, part, "language")


@dataclass(frozen=True, slots=True)
class KnowledgeCard:
    """One version of a card. *centre* is whose it is, *officer* the registrar who signed it.

    Raises Malformed.
    """

    card_id: str
    version: int
    centre: str
    audiences: tuple[Audience, ...]
    state: CardState
    day: str
    officer: str
    texts: tuple[CardText, ...]

    def __post_init__(self) -> None:
        if not is_id(self.card_id) or not is_id(self.officer) or not is_label(self.centre):
            raise Malformed("a card, its officer and its centre have ids")
        if not 1 <= self.version <= LARGEST_NUMBER or not is_day(self.day):
            raise Malformed("a card has a version from 1, and a day")
        if not self.audiences or list(self.audiences) != sorted(set(self.audiences)):
            raise Malformed("a card has an audience, each once and in order")
        if tuple(text.language for text in self.texts) != LANGUAGES:
            raise Malformed("a card is written in every language, in order")

    @property
    def content(self) -> bytes:
        """What is signed and stored of its texts: canonical JSON."""
        texts = {
            text.language: {"label": text.label, "title": text.title, "body": text.body}
            for text in self.texts
        }
        return canonical.write({"schema": SCHEMA, "texts": texts})

    @property
    def statement(self) -> Statement:
        """What its officer signs."""
        return card_statement(
            card_id=self.card_id,
            version=self.version,
            centre=self.centre,
            audiences=",".join(self.audiences),
            state=self.state,
            day=self.day,
            officer=self.officer,
            content=self.content,
        )


def card_statement(
    *,
    card_id: str,
    version: int,
    centre: str,
    audiences: str,
    state: str,
    day: str,
    officer: str,
    content: bytes,
) -> Statement:
    """*officer* says in the name of *centre* that the card reads so from this *version* on, or is
    withdrawn. *audiences* have commas between them."""
    return statement(
        "knowledge-card",
        card_id=card_id,
        version=version,
        centre=centre,
        audiences=audiences,
        state=state,
        day=day,
        officer=officer,
        content_hash=hashlib.sha256(content).hexdigest(),
    )


def campaign_statement(
    *, campaign_id: str, card_id: str, centre: str, audiences: str, day: str, officer: str
) -> Statement:
    """*officer* has the card sent to everybody who subscribed to one of *audiences*."""
    return statement(
        "campaign",
        campaign_id=campaign_id,
        card_id=card_id,
        centre=centre,
        audiences=audiences,
        day=day,
        officer=officer,
    )


def read_content(content: bytes) -> tuple[CardText, ...]:
    """The texts in *content*, each checked. Raises Malformed; BadCard says which text it was."""
    if len(content) > CONTENT_AT_MOST_BYTES:
        raise Malformed("longer than any card")
    fields = Fields(canonical.read(content))
    fields.schema(SCHEMA)
    texts = Fields(_object(fields.take("texts")))
    fields.done()
    found = tuple(_text(language, _object(texts.take(language))) for language in LANGUAGES)
    texts.done()
    return found


def read_audiences(text: str) -> tuple[Audience, ...]:
    """The audiences in *text*: each once, in order, a comma between. Raises Malformed."""
    try:
        audiences = tuple(Audience(name) for name in text.split(","))
    except ValueError:
        raise Malformed("an audience that this release does not know") from None
    if list(audiences) != sorted(set(audiences)):
        raise Malformed("audiences are given once each, in order")
    return audiences


def check_registrar(
    roster: Roster, officer: str, centre: str, said: Statement, signature: bytes
) -> None:
    """Raises Forged unless *officer* is a registrar of *centre* and *signature* is theirs."""
    known = roster.officer(officer)
    if known is None or not known.has(Role.REGISTRAR) or centre not in known.centres:
        raise Forged("not signed by a registrar of that centre")
    known.sign.verify(said, signature)


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise Malformed("not an object")
    return value


def _text(language: str, body: Mapping[str, object]) -> CardText:
    fields = Fields(body)
    label, title, words = (fields.text(name) for name in ("label", "title", "body"))
    fields.done()
    return CardText(language, label, title, words)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _letters(text: str) -> int:
    """Never fewer than graphemes: a mark counts only where no letter stands before it."""
    return sum(
        place == 0 or unicodedata.category(sign) not in ("Mn", "Me")
        for place, sign in enumerate(text)
    )


def _is_forbidden(sign: str) -> bool:
    """Invisible signs, those that turn the direction of writing, half surrogate pairs; and braces,
    which would mean a param wherever words are filled in."""
    if sign in _JOINERS:
        return False
    return sign in "{}" or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _is_written_in(language: str, text: str) -> bool:
    """Whether more of its letters are of that language's script than of the other's."""
    thai = sum("\u0e01" <= sign <= "\u0e2e" for sign in text)
    latin = sum(sign.isalpha() and sign < "\u0250" for sign in text)
    return thai > 0 and thai >= latin if language == "th" else latin > thai
