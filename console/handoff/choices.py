"""What the officer decided about one hand-off, and the data of what it may hold. Pure."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files

from console.errors import Mistaken
from console.handoff.blackout import tight

PHRASES_AT_MOST = 500
PHRASE_AT_MOST = 200
PHRASE_AT_LEAST = 2
"""Letters and digits; one letter alone would black out every word it stands in."""


class Form(StrEnum):
    """How much of a tip is handed over."""

    REDACTED = "redacted"  # without what could name the reporter
    FULL = "full"  # all that was told, as it was told: sealed to the body only


@dataclass(frozen=True, slots=True)
class Choices:
    """*phrases* are blacked out wherever they stand; of the conversation only the parts *talk* go
    along, of voices and documents only the files *ticked*, and none of the files *without* (all by
    number)."""

    phrases: tuple[str, ...] = field(default=(), repr=False)
    talk: frozenset[int] = frozenset()
    ticked: frozenset[int] = frozenset()
    without: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a hand-off may hold: the form's *answers* and the *words* told to questions."""

    answers: tuple[str, ...]
    words: tuple[str, ...]


@cache
def allowed() -> Allowed:
    """The shipped allow-list."""
    table = tomllib.loads(files("console").joinpath("data/handoff.toml").read_text("utf-8"))
    return Allowed(tuple(table["answers"]), tuple(table["words"]))


def read_phrases(lines: str) -> tuple[str, ...]:
    """The phrases to black out, one a line. Raises Mistaken for one too short to mean anything, or
    too many."""
    return checked_phrases(lines.splitlines())


def checked_phrases(typed: Iterable[str]) -> tuple[str, ...]:
    """As `read_phrases`, of phrases that stand apart already."""
    phrases = tuple(dict.fromkeys(each.strip() for each in typed if each.strip()))
    if len(phrases) > PHRASES_AT_MOST or any(len(each) > PHRASE_AT_MOST for each in phrases):
        raise Mistaken("handoff.too_many_phrases", n=PHRASES_AT_MOST, letters=PHRASE_AT_MOST)
    if any(len(tight(each)) < PHRASE_AT_LEAST for each in phrases):
        raise Mistaken("handoff.short_phrase")
    return phrases
