"""Whose a tip may be: suggestions with their reasons, for an officer to decide. Never acted on.

Rules are data (`data/jurisdiction.toml`). They look for phrases in the reporter's opened words and
at the tip's category. Pure; total: any words give some list, in time linear in what is read. A
suggestion shows the phrase as it stands in the data, not as it stands in the tip.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from console.bodies import Body, shipped_bodies
from console.reading import OpenedTip
from sealing import Author

READ_AT_MOST = 100_000
"""Characters of a tip that are looked at; a longer one has its first ones read."""

_STANDS_ALONE_UP_TO = 4
_SKIPPED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff.]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to look for. A short one has to stand alone; a longer one may stand anywhere, since
    Thai is written without spaces."""

    text: str
    flat: str
    alone: re.Pattern[str] | None

    @classmethod
    def of(cls, text: str) -> "Phrase":
        """Raises ValueError for one without a letter."""
        key = _fold(text)
        flat = key.replace(" ", "")
        if not flat:
            raise ValueError("a phrase without a letter")
        if len(flat) > _STANDS_ALONE_UP_TO:
            return cls(text, flat, None)
        return cls(text, flat, re.compile(rf"(?<![ก-๎a-z]){re.escape(key)}(?![ก-๎a-z])"))

    def stands_in(self, spaced: str, flat: str) -> bool:
        return self.flat in flat if self.alone is None else self.alone.search(spaced) is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to think of *body*. Legal text that nobody *is_checked* is said to be so."""

    id: str
    body: Body
    reason_th: str
    reason_en: str
    is_checked: bool
    categories: frozenset[str]
    phrases: tuple["Phrase", ...]

    def reason(self, language: str) -> str:
        return self.reason_th if language == "th" else self.reason_en


@dataclass(frozen=True, slots=True)
class Suggestion:
    """*rule* fits: for its category alone, or for a *phrase* in the words."""

    rule: Rule
    phrase: str | None = None


def parse_rules(toml_text: str, bodies: Mapping[str, Body]) -> tuple[Rule, ...]:
    """Read `[[rule]]` tables, which name *bodies*. Raises ValueError: the data is at fault."""
    read = tomllib.loads(toml_text)
    try:
        rules = tuple(_rule(row, bodies) for row in read.get("rule", []))
    except KeyError as missing:
        raise ValueError(f"a rule lacks {missing}, or names a body that is not there") from None
    if len({rule.id for rule in rules}) != len(rules):
        raise ValueError("a rule's id appears twice")
    return rules


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The rules that come with the program."""
    path = files("console").joinpath("data/jurisdiction.toml")
    return parse_rules(path.read_text(encoding="utf-8"), shipped_bodies())


def suggest(
    words: Iterable[str], category: str | None, rules: Sequence[Rule]
) -> tuple[Suggestion, ...]:
    """Every rule that fits, in the order of the data."""
    spaced = _folded(words)
    flat = spaced.replace(" ", "")
    found = []
    for rule in rules:
        if rule.categories and category not in rule.categories:
            continue
        if not rule.phrases:
            found.append(Suggestion(rule))
            continue
        phrase = next((each for each in rule.phrases if each.stands_in(spaced, flat)), None)
        if phrase is not None:
            found.append(Suggestion(rule, phrase.text))
    return tuple(found)


def suggest_for(tip: OpenedTip) -> tuple[Suggestion, ...]:
    """What an opened tip suggests: by what its reporter told, and its category."""
    told = (
        part.part.words
        for part in tip.parts
        if part.part is not None and part.part.author is Author.REPORTER and part.part.words
    )
    summary = tip.grant.summary
    return suggest(told, None if summary is None else summary.category, shipped_rules())


def _rule(row: Mapping[str, object], bodies: Mapping[str, Body]) -> Rule:
    phrases, categories = row.get("phrases", []), row.get("categories", [])
    if not isinstance(phrases, list) or not isinstance(categories, list):
        raise ValueError("phrases and categories are lists")
    rule = Rule(
        id=str(row["id"]),
        body=bodies[str(row["body"])],
        reason_th=str(row["reason_th"]),
        reason_en=str(row["reason_en"]),
        is_checked=bool(row["is_checked"]),
        categories=frozenset(map(str, categories)),
        phrases=tuple(Phrase.of(str(phrase)) for phrase in phrases),
    )
    if not rule.phrases and not rule.categories:
        raise ValueError(f"rule {rule.id!r} would fit every tip")
    return rule


def _folded(words: Iterable[str]) -> str:
    """The first `READ_AT_MOST` characters of *words*, as they are compared."""
    pieces, left = [], READ_AT_MOST
    for each in words:
        if left <= 0:
            break
        pieces.append(each[:left])
        left -= len(pieces[-1])
    return _fold("\n".join(pieces))


def _fold(text: str) -> str:
    """*text* without case, dots, hidden characters and doubled spaces; ํา is ำ."""
    return _SPACE.sub(" ", _SKIPPED.sub(_blank, text.casefold()).replace("ํา", "ำ")).strip()


def _blank(found: re.Match[str]) -> str:
    return " " if found[0] in "\t\n\r\x0b\x0c" else ""
