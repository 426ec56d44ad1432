"""What writing looks like: letters that pass for others, marks that hide between letters.

Two readings of a text, each letter with its place in it. *Seen*: as a reader sees it, for numbers
and addresses. *Tight*: its letters and digits alone, for names. Thai marks make the word and stay;
a mark over a letter of another script is dropped (é is e). Letters alike are one letter; which one
does not matter, for whatever is compared is read so on both sides. Pure.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from console.folding import Folded

BAR = "█████"

# Cyrillic, Greek and phonetic letters that look like Latin ones, after case folding.
_ALIKE = {
    "a": "аɑαᴀ",
    "b": "вβʙ",
    "c": "сᴄ",
    "d": "ԁᴅ",
    "e": "еєεᴇ",
    "f": "ꜰ",
    "g": "ɡɢ",
    "h": "һнʜ",
    "i": "іıιɪ",
    "j": "јᴊ",
    "k": "кκᴋ",
    "l": "ʟӏ",
    "m": "мμᴍ",
    "n": "пηɴ",
    "o": "оοσᴏ",
    "p": "рρᴘ",
    "q": "ԛ",
    "r": "гʀ",
    "s": "ѕꜱ",
    "t": "тτᴛ",
    "u": "υᴜ",
    "v": "νᴠ",
    "w": "ԝωᴡ",
    "x": "хχ",
    "y": "уγʏ",
    "z": "ζᴢ",
    "\u0e32": "\u0e45",
}
_READ_AS = {ord(other): letter for letter, others in _ALIKE.items() for other in others}
_BOXED = (0x1F150, 0x1F170, 0x1F1E6)
"""Where white letters on black, A to Z, and those of flags begin."""
_OVER_LETTERS = frozenset(
    chain(
        *(range(0x0300, 0x0370), range(0x0483, 0x048A), range(0x1AB0, 0x1B00)),
        *(range(0x1DC0, 0x1E00), range(0x20D0, 0x2100), range(0xFE20, 0xFE30)),
    )
)
# A ring that is no part of ำ, a dot below, yamakkan: hardly written, and easily overlooked. What is
# left of ิ with a ring is what ึ is read as.
_TIGHT_DROPS = "\u0e3a\u0e4d\u0e4e"
_TIGHT_AS = {0x0E36: 0x0E34}


@dataclass(frozen=True, slots=True)
class Reading:
    """The letters that were read, and where each came from."""

    letters: str
    begins: list[int]
    ends: list[int]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where the letters [first:last] of this reading stand in the text; whole letters."""
        return self.begins[first], self.ends[last - 1]


def seen(text: str) -> Reading:
    """*text* as it is seen; white space of any kind and length is one space."""
    return _read(text, _look)


def tight(text: str) -> Reading:
    """The letters, digits and bars of *text*, and nothing between them."""
    return _read(text, _core)


def _read(text: str, of: Callable[[str], str]) -> Reading:
    whole = Folded.of(text)
    letters, begins, ends = list[str](), list[int](), list[int]()
    for folded, begin, end in zip(whole.folded, whole.begins, whole.ends, strict=True):
        for letter in of(folded):
            if letters and letter == letters[-1] and _is_mark(letter):
                continue  # typed twice, drawn in one place
            letters.append(letter)
            begins.append(begin)
            ends.append(end)
    return Reading("".join(letters), begins, ends)


@lru_cache(maxsize=16384)
def _look(letter: str) -> str:
    if letter.isascii():
        return letter
    digit = unicodedata.digit(letter, None)
    if digit is not None:
        return str(digit)
    for first in _BOXED:
        if first <= ord(letter) < first + 26:
            return chr(ord("a") + ord(letter) - first)
    apart = unicodedata.normalize("NFD", letter).translate(_READ_AS)
    return "".join(each for each in apart if ord(each) not in _OVER_LETTERS)


@lru_cache(maxsize=16384)
def _core(letter: str) -> str:
    return "".join(each for each in _look(letter) if _is_kept(each)).translate(_TIGHT_AS)


def _is_kept(letter: str) -> bool:
    if letter in _TIGHT_DROPS:
        return False
    return letter == BAR[0] or letter.isalnum() or _is_mark(letter)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "M"
