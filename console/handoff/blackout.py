"""Blacking out: what leads to the person who told it, and what the officer names, becomes a bar.

The bar has one length, so it tells nothing of what it hides. A phrase is found in any case,
spacing, punctuation and digits (`console.folding`); whole letters with their marks go. What is
looked for in the end is looked for the same way. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from console.folding import Folded, merged
from guard import Guard, load_guard
from sealing import MemberCode, Mistyped

BAR = "█████"
CONTACT = "contact"
CODE = "code"

_BARS = re.compile("█+(?:[^\\w█\n]*█+)*")
_LATIN_MARKS = range(0x0300, 0x0370)
_BETWEEN = r"[\s\-\u2010-\u2015\u2212._·\u200b]{0,3}"
_RECEIPT = re.compile(rf"\d(?:{_BETWEEN}\d){{23,}}")
_MEMBER = re.compile(rf"(?<![0-9A-Za-z])[0-9A-Za-z](?:{_BETWEEN}[0-9A-Za-z]){{16}}(?![0-9A-Za-z])")
_NAME_AT_LEAST = 4


@dataclass(frozen=True, slots=True)
class Sought:
    """Writing that must not leave, in the words of the tip: of which *kind* it is (a key of
    `handoff_leak`), and its letters."""

    kind: str
    letters: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Blackout:
    """Knows what must not leave. Make it with `blackout_of`."""

    sought: tuple[Sought, ...]
    guard: Guard

    def black(self, text: str) -> str:
        """*text* with a bar for everything that must not leave; bars side by side become one.

        Each round takes letters or digits away and brings none, so it ends.
        """
        while spans := merged((begin, end) for _, begin, end in self._found(text)):
            text = _cut(text, spans)
        return _BARS.sub(BAR, text)

    def kinds_in(self, text: str) -> tuple[str, ...]:
        """What must not leave and is in *text*, by kind, each once."""
        return tuple(dict.fromkeys(kind for kind, _, _ in self._found(text)))

    def _found(self, text: str) -> Iterator[tuple[str, int, int]]:
        for found in self.guard.find(text):
            yield CONTACT, found.start, found.end
        yield from _codes(text)
        folded = _Tight.of(text)
        for sought in self.sought:
            for first, last in _places(folded.letters, sought.letters):
                yield sought.kind, *folded.span(first, last)


def blackout_of(
    phrases: Iterable[str], *, alias: str | None, names: Iterable[str], ids: Iterable[str]
) -> Blackout:
    """What must not leave: the officer's *phrases*, a member's *alias*, the original *names* of
    files, our *ids*; and always codes, and what the guard finds."""
    wanted = [
        *(Sought("phrase", tight(each)) for each in phrases),
        *(Sought("alias", tight(each)) for each in (alias,) if each),
        *(Sought("name", tight(each)) for each in names),
        *(Sought("id", each) for each in ids),
    ]
    at_least = {"name": _NAME_AT_LEAST}
    sought = (each for each in wanted if len(each.letters) >= at_least.get(each.kind, 1))
    return Blackout(tuple(dict.fromkeys(sought)), _guard())


def tight(text: str) -> str:
    """The letters and digits of *text*, folded, and nothing between them; no bars."""
    return _Tight.of(text).letters.replace(BAR[0], "")


@dataclass(frozen=True, slots=True)
class _Tight:
    """The letters, digits and bars of a text, folded, and where each came from."""

    letters: str
    begins: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> "_Tight":
        whole = Folded.of(text)
        kept = [at for at, letter in enumerate(whole.folded) if _is_kept(letter)]
        return cls(
            "".join(whole.folded[at] for at in kept),
            [whole.begins[at] for at in kept],
            [whole.ends[at] for at in kept],
        )

    def span(self, first: int, last: int) -> tuple[int, int]:
        return self.begins[first], self.ends[last - 1]


@cache
def _guard() -> Guard:
    """The shipped guard; no text here has its marks."""
    return load_guard({})


@cache
def _is_kept(letter: str) -> bool:
    # A mark on a Latin letter is dropped (é is e), one of Thai is what makes the word.
    if letter == BAR[0] or letter.isalnum():
        return True
    return unicodedata.category(letter)[0] == "M" and ord(letter) not in _LATIN_MARKS


def _places(letters: str, sought: str) -> Iterator[tuple[int, int]]:
    """Where *sought* stands, also where two of it overlap."""
    at = letters.find(sought)
    while at >= 0:
        yield at, at + len(sought)
        at = letters.find(sought, at + 1)


def _codes(text: str) -> Iterator[tuple[str, int, int]]:
    """Receipts, and whatever has as many digits; members' codes whose check letter is right."""
    for match in _RECEIPT.finditer(text):
        yield CODE, match.start(), match.end()
    for match in _MEMBER.finditer(text):
        try:
            MemberCode.parse(match[0])
        except Mistyped:
            continue
        yield CODE, match.start(), match.end()


def _cut(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces, at = list[str](), 0
    for begin, end in spans:
        pieces += (text[at:begin], BAR)
        at = end
    return "".join((*pieces, text[at:]))
