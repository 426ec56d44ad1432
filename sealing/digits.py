"""Codes that people copy by hand: what may stand between the characters, and how they check.

Knows nothing of receipts or members. Damm (order 10) and Luhn mod 32 catch every single wrong
character; Damm also every swap of neighbours, Luhn mod 32 every one but the swap of its first and
last letter (0 and Z).
"""

import re
import unicodedata
from collections.abc import Iterator

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS = str.maketrans("OIL", "011")
"""What a hand that copies a code writes for a digit."""
AT_MOST_TYPED = 200
_INVISIBLE_OR_DASH = ("Cc", "Cf", "Pd")
_ALSO_BETWEEN = ".·,_−•"
_GROUP = re.compile("[0-9A-Z]+")
_WORD_AT_LEAST = 2
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def without_separators(typed: str) -> str:
    """*typed* in capitals, any script's digits as 0-9, without spaces, dashes, dots and the like.

    Full-width letters become plain ones. Longer than AT_MOST_TYPED gives the empty text: no code is
    that long.
    """
    if len(typed) > AT_MOST_TYPED:
        return ""
    return "".join(_plain(char) for char in unicodedata.normalize("NFKC", typed)).upper()


def found_in(typed: str, size: int) -> Iterator[str]:
    """What in *typed* may be a code of *size* characters: all of it, or groups in a row that have
    nothing but words around them ("my code is …", in any script).

    A leftover group with a digit, or of one letter, is no word: it belongs to a code that has a
    character too many, which no check character was made to catch.
    """
    whole = without_separators(typed)
    if len(whole) == size:
        yield whole
    groups = _GROUP.findall(_shown_apart(typed)) if whole else []
    for first in range(len(groups)):
        for end in range(first + 1, min(first + size, len(groups)) + 1):
            code = "".join(groups[first:end])
            if len(code) == size and all(map(_is_word, groups[:first] + groups[end:])):
                yield code


def damm(digits: str) -> str:
    """The Damm check digit of *digits* (0-9); of a text that already ends with it, "0"."""
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim


def luhn32(letters: str) -> str:
    """The Luhn mod 32 check letter of *letters* (CROCKFORD), which goes behind them."""
    total = 0
    for place, letter in enumerate(reversed(letters)):
        value = CROCKFORD.index(letter)
        if place % 2 == 0:
            value = value * 2 // 32 + value * 2 % 32
        total += value
    return CROCKFORD[-total % 32]


def in_groups(text: str, size: int = 4) -> str:
    """*text* in groups of *size*, with a dash between."""
    return "-".join(text[start : start + size] for start in range(0, len(text), size))


def _plain(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] == "Z" or category in _INVISIBLE_OR_DASH or char in _ALSO_BETWEEN:
        return ""
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


def _shown_apart(typed: str) -> str:
    """*typed* in capitals and ASCII digits; whatever is neither parts the groups."""
    folded = unicodedata.normalize("NFKC", typed)
    return "".join(_plain(char) or " " for char in folded).upper()


def _is_word(group: str) -> bool:
    return group.isalpha() and len(group) >= _WORD_AT_LEAST
