"""What counts as the same writing, and where it stands.

Thai is written without spaces, so a word is found wherever its letters stand. Folded alike: case,
full-width letters, Thai and other digits, ำ typed as one sign or two, a tone typed before or after
its vowel, two เ for one แ, invisible characters, any run of white space. Pure.

Folding works piece by piece (a letter with its marks), so that a place in what was folded leads
back to the place in what was written.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

_RING = "\u0e4d"
_OVER_AND_UNDER = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_IN_ORDER = "".join(map(chr, (0xE31, *range(0xE34, 0xE3B), *range(0xE47, 0xE4D), 0xE4E, 0xE4D)))
_MARKS = (
    "\u0e31-\u0e3a\u0e47-\u0e4e\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# Unicode's Default_Ignorable_Code_Point: drawn as nothing, whatever their category is.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_PIECE = re.compile(
    f"[\\s{_INVISIBLE}]+|\u0e40[\u0e40{_INVISIBLE}]*|.[{_MARKS}{_INVISIBLE}]*", re.DOTALL
)
_SHORT = 16
_UNSEEN = re.compile(f"[{_INVISIBLE}]")
_SEVERAL = re.compile(f"[{_OVER_AND_UNDER}]{{2,}}")


def fold(text: str) -> str:
    """*text* as it is searched."""
    return "".join(map(_fold_piece, _PIECE.findall(text)))


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded, and for every letter of that where its piece begins and ends in the text."""

    folded: str
    begins: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str, at_least: int | None = None) -> "Folded":
        """All of *text*, or as much of its beginning as *at_least* folded letters come from."""
        folded: list[str] = []
        begins: list[int] = []
        ends: list[int] = []
        for piece in _PIECE.finditer(text):
            short = _fold_piece(piece[0])
            folded.append(short)
            begins += [piece.start()] * len(short)
            ends += [piece.end()] * len(short)
            if at_least is not None and len(ends) > at_least:
                break
        return cls("".join(folded), begins, ends)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where what was folded to [first:last] stands; whole pieces."""
        return self.begins[first], self.ends[last - 1]


def places(folded: str, word: str) -> Iterator[tuple[int, int]]:
    """Where *word* stands in what was *folded*, each place once."""
    at = folded.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = folded.find(word, at + len(word))


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """*spans* in order, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def _fold_piece(piece: str) -> str:
    # A tower of marks is a piece of any length: nothing long stays in the cache.
    return _folded_short(piece) if len(piece) <= _SHORT else _folded(piece)


def _folded(piece: str) -> str:
    seen = _UNSEEN.sub("", piece)
    if not seen:
        return ""
    if seen.isspace():
        return " "
    plain = unicodedata.normalize("NFKC", seen).casefold()
    plain = unicodedata.normalize("NFKC", plain)
    digits = "".join(_digit(c) for c in plain)
    ordered = _SEVERAL.sub(_in_order, digits.replace("\u0e40\u0e40", "\u0e41"))
    return ordered.replace(_RING + "\u0e32", "\u0e33")


def _in_order(marks: re.Match[str]) -> str:
    """Vowel, tone, ring: in whichever order they were typed, they look the same."""
    return "".join(sorted(marks[0], key=_IN_ORDER.index))


_folded_short = lru_cache(maxsize=16384)(_folded)


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
