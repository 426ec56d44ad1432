"""Words as wide as they may be drawn: an estimate that is never far below what a browser measures,
and lines that do not tear a Thai letter from its vowels and tone marks.
"""

import unicodedata

NARROWEST = 240
"""Pixels: the narrowest drawing in which nothing overlaps; a card on a phone 320 wide."""

FONT = 13
LINE = 20
"""Pixels: letters, and from one line to the next (Thai needs room above and below)."""

LINES_AT_MOST = 3
_WIDE, _BROAD, _USUAL, _SLIM = 1.35, 0.98, 0.66, 0.36
_LEADING_VOWELS = "เแโใไ"
_NEVER_FIRST = "ะาำๅๆฯ"
_AFTER = " /-–·,"
_HIDDEN = {"Cc", "Cs", "Cn", "Co"}
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def plain(words: str) -> str:
    """*words* on one line without what XML cannot hold and what turns the direction of reading."""
    spaced = "".join(" " if ch.isspace() else ch for ch in words)
    shown = (ch for ch in spaced if unicodedata.category(ch) not in _HIDDEN and ch not in _TURNS)
    return " ".join("".join(shown).split())


def width(words: str, font: float = FONT) -> float:
    """Pixels that *words* take at most, within a few of a hundred, in the fonts of our pages."""
    return sum(_em(ch) for ch in words) * font


def lines_of(words: str, room: float) -> tuple[str, ...]:
    """*words* in lines of at most *room* pixels; of more than `LINES_AT_MOST` the last
    ends with "…"."""
    rest, lines = plain(words), list[str]()
    while rest and len(lines) < LINES_AT_MOST - 1:
        cut = _cut(rest, room)
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return (*lines, clipped(rest, room)) if rest or not lines else tuple(lines)


def clipped(words: str, room: float) -> str:
    """*words* on one line of at most *room* pixels."""
    words = plain(words)
    if width(words) <= room:
        return words
    end = _fits(words, room - width("…"))
    while end and not _may_break(words, end):
        end -= 1
    return words[:end].rstrip() + "…"


def _cut(words: str, room: float) -> int:
    """Where a line of *words* ends: after a space or a stroke if there is one in its second half,
    else before a syllable, else before a letter."""
    end = _fits(words, room)
    if end == len(words):
        return end
    fit = range(end, end // 2, -1)
    for is_good in (_is_word, _is_syllable, _may_break):
        for at in fit:
            if is_good(words, at):
                return at
    return max(end, 1)


def _fits(words: str, room: float) -> int:
    taken = 0.0
    for at, ch in enumerate(words):
        taken += _em(ch) * FONT
        if taken > room:
            return at
    return len(words)


def _is_word(words: str, at: int) -> bool:
    return words[at - 1] in _AFTER


def _is_syllable(words: str, at: int) -> bool:
    return words[at] in _LEADING_VOWELS and _may_break(words, at)


def _may_break(words: str, at: int) -> bool:
    ch, before = words[at], words[at - 1]
    return (
        not unicodedata.combining(ch)
        and unicodedata.category(ch) not in ("Mn", "Mc", "Me", "Cf")
        and ch not in _NEVER_FIRST
        and before not in _LEADING_VOWELS
        and not (ch.isascii() and ch.isalnum() and before.isascii() and before.isalnum())
    )


def _em(ch: str) -> float:
    if unicodedata.category(ch) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(ch) in "WF":
        return _WIDE
    if ch in " .,:;'|!()[]/-iIjltfr<":
        return _SLIM
    if ch in "MWmw@%&—…≥ฌญฒณฬ" or unicodedata.category(ch) in ("So", "Sk"):
        return _BROAD
    return _USUAL if ch.isascii() or "\u0e00" <= ch <= "\u0e7f" else _BROAD
