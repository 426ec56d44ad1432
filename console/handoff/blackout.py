"""Blacking out: what leads to the person who told it, and what the officer names, becomes a bar.

The bar has one length, so it tells nothing of what it hides. A phrase is found in any case,
spacing, punctuation and digits (`console.folding`), in letters that only look like its own, and
across messages that follow each other; whole letters with their marks go. Numbers, addresses and
codes are looked for as they were typed and as they are seen. What is looked for in the end is
looked for the same way. Pure.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import chain

from console.folding import merged
from console.handoff import likeness
from console.handoff.likeness import BAR
from guard import Guard, load_guard
from sealing import MemberCode, Mistyped

CONTACT = "contact"
CODE = "code"

_BARS = re.compile("█+(?:[^\\w█\n]*█+)*")
_BETWEEN = r"[\s\-\u2010-\u2015\u2212._·\u200b]{0,3}"
_RECEIPT = re.compile(rf"\d(?:{_BETWEEN}\d){{23,}}")
_MEMBER = re.compile(rf"(?<![0-9A-Za-z])[0-9A-Za-z](?:{_BETWEEN}[0-9A-Za-z]){{16}}(?![0-9A-Za-z])")
_HANDLE = re.compile(r"(?<![A-Za-z0-9_.@])@[A-Za-z0-9_][A-Za-z0-9_.]{1,62}[A-Za-z0-9_]")
_TYPED_AS = str.maketrans("oil", "011")
"""How an alias may be typed (`sealing.MemberCode`)."""
_NAME_AT_LEAST = 4
_BY_CHANCE_AT_MOST = 5
"""So many ASCII letters may follow each other in a picture's bytes without meaning anything."""

_ADDRESS_BY_CHANCE_AT_MOST = 9
"""As long may an e-mail address be that a photo's bytes happen to spell: one of six letters stands
in every twenty megabytes or so."""


class Source(StrEnum):
    """What a text was read out of, and so what may stand in it by chance."""

    WRITTEN = "written"  # somebody's words
    BYTES = "bytes"  # whatever looks like letters in a picture or a voice
    DRAWN = "drawn"  # a page's instructions: full of numbers


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
        """*text* with a bar for everything that must not leave; bars side by side become one."""
        (black,) = self.black_all((text,))
        return black

    def black_all(self, texts: Sequence[str]) -> tuple[str, ...]:
        """*texts*, which follow each other, with bars; also for what begins in one and ends in
        another.

        Each round takes letters or digits away and brings none, so it ends.
        """
        left = list(texts)
        while spans := merged((begin, end) for _, begin, end in self._found("\n".join(left))):
            left = list(_cut(left, spans))
        return tuple(_BARS.sub(BAR, text) for text in left)

    def kinds_in(self, text: str, source: Source = Source.WRITTEN) -> tuple[str, ...]:
        """What must not leave and is in *text*, by kind, each once; without what stands in *source*
        by chance."""
        if source is Source.WRITTEN:
            found = self._found(text)
        else:
            long = [each for each in self.sought if not _may_be_chance(each)]
            found = self._names(text, long)
            if source is Source.BYTES:
                numbers = (n for n in self._numbers(text) if not _is_short_address(text, *n))
                found = chain(found, numbers)
        return tuple(dict.fromkeys(kind for kind, _, _ in found))

    def _found(self, text: str) -> Iterator[tuple[str, int, int]]:
        yield from self._addresses(text)
        seen = likeness.seen(text)
        for kind, begin, end in self._addresses(seen.letters):
            yield kind, *seen.span(begin, end)
        yield from self._names(text, self.sought)

    def _names(self, text: str, wanted: Iterable[Sought]) -> Iterator[tuple[str, int, int]]:
        tight = likeness.tight(text)
        typed = tight.letters.translate(_TYPED_AS)
        for sought in wanted:
            letters = typed if sought.kind == "alias" else tight.letters
            for first, last in _places(letters, sought.letters):
                yield sought.kind, *tight.span(first, last)

    def _addresses(self, text: str) -> Iterator[tuple[str, int, int]]:
        """What leads to somebody, whoever it is."""
        yield from self._numbers(text)
        for pattern in (_HANDLE, *_links()):
            for match in pattern.finditer(text):
                yield CONTACT, match.start(), match.end()

    def _numbers(self, text: str) -> Iterator[tuple[str, int, int]]:
        for found in self.guard.find(text):
            yield CONTACT, found.start, found.end
        yield from _codes(text)


def blackout_of(
    phrases: Iterable[str], *, alias: str | None, names: Iterable[str], ids: Iterable[str]
) -> Blackout:
    """What must not leave: the officer's *phrases*, a member's *alias*, the original *names* of
    files, our *ids*; and always codes, and what the guard finds."""
    wanted = [
        *(Sought("phrase", tight(each)) for each in phrases),
        *(Sought("alias", tight(each).translate(_TYPED_AS)) for each in (alias,) if each),
        *(Sought("name", tight(each)) for each in names),
        *(Sought("id", tight(each)) for each in ids),
    ]
    at_least = {"name": _NAME_AT_LEAST}
    sought = (each for each in wanted if len(each.letters) >= at_least.get(each.kind, 1))
    return Blackout(tuple(dict.fromkeys(sought)), _guard())


def tight(text: str) -> str:
    """The letters and digits of *text* as they are looked for, and nothing between; no bars."""
    return likeness.tight(text).letters.replace(BAR[0], "")


@cache
def _guard() -> Guard:
    """The shipped guard; no text here has its marks."""
    return load_guard({})


@cache
def _links() -> tuple[re.Pattern[str], ...]:
    """Links that lead to a person's account, or to whoever shared them (data/handoff.toml)."""
    data = tomllib.loads(files("console").joinpath("data/handoff.toml").read_text("utf-8"))
    sites, marks, schemes = (
        "|".join(map(re.escape, names))
        for names in (
            (*data["account_sites"], *data["share_sites"]),
            data["share_marks"],
            data["account_schemes"],
        )
    )
    patterns = (
        rf"(?<![A-Za-z0-9.\-])(?:https?://)?(?:[A-Za-z0-9\-]{{1,63}}\.){{0,3}}(?:{sites})/[!-~]+",
        rf"(?<=[?&])(?:{marks})=[!-%'-~]+",
        rf"(?<![A-Za-z0-9.\-])(?:{schemes})://[!-~]+",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def _may_be_chance(sought: Sought) -> bool:
    return len(sought.letters) <= _BY_CHANCE_AT_MOST and sought.letters.isascii()


def _is_short_address(text: str, _: str, begin: int, end: int) -> bool:
    return "@" in text[begin:end] and end - begin <= _ADDRESS_BY_CHANCE_AT_MOST


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


def _cut(texts: Iterable[str], spans: Sequence[tuple[int, int]]) -> Iterator[str]:
    """*texts* with a bar for each of *spans*, which are places in all of them, one a line."""
    start = 0
    for text in texts:
        pieces, at = list[str](), 0
        for begin, end in spans:
            first, last = max(begin - start, 0), min(end - start, len(text))
            if first < last:
                pieces += (text[at:first], BAR)
                at = last
        yield "".join((*pieces, text[at:]))
        start += len(text) + 1
