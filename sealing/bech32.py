"""Bech32 (BIP 173) without its length limit: how age writes recipients and identities as text.

Owns the alphabet and the checksum; refuses to know what the bytes mean. Laws: text is all lower
or all upper case, the checksum is always that of the lower-case text, the padding bits are zero,
and `decode` accepts nothing that `encode` would not have written.
"""

import base64
import re
from collections.abc import Iterable
from functools import lru_cache

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_RFC_4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}
# The data part is base 32 with the same bit order and padding as RFC 4648, in other letters.
_FROM_RFC_4648 = str.maketrans(_RFC_4648, _ALPHABET, "=")
_TO_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_PREFIX = re.compile("[!-~]+")
_CHECKSUM_LETTERS = 6
_BITS = 5  # of a letter


def _syndromes() -> tuple[int, ...]:
    """What each value of the five bits shifted out of the checksum adds back (BIP 173)."""
    generator = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
    sums = []
    for top in range(32):
        total = 0
        for bit, term in enumerate(generator):
            if top >> bit & 1:
                total ^= term
        sums.append(total)
    return tuple(sums)


_SYNDROME = _syndromes()


def encode(prefix: str, data: bytes) -> str:
    """Write *data* under the human-readable *prefix*; an upper-case prefix gives upper-case text.

    Raises ValueError when the prefix is empty, of mixed case or not visible ASCII.
    """
    small = prefix.lower()
    if not _is_prefix(small) or prefix not in (small, prefix.upper()):
        raise ValueError("a bech32 prefix is visible ASCII in one case")
    letters = base64.b32encode(data).decode().translate(_FROM_RFC_4648)
    text = f"{small}1{letters}{_checksum(small, letters)}"
    return text if prefix == small else text.upper()


def decode(text: str) -> tuple[str, bytes]:
    """Read *text* into its prefix, in the case it was written in, and its bytes.

    Raises ValueError for anything that `encode` does not write; the message never quotes the text.
    """
    small = text.lower()
    if not text.isascii():  # some foreign letters have a Latin small form: the Kelvin sign is a k
        raise ValueError("not bech32 text")
    if text not in (small, text.upper()):
        raise ValueError("bech32 text mixes upper and lower case")
    prefix, separator, rest = small.rpartition("1")
    if not separator or not _is_prefix(prefix) or len(rest) < _CHECKSUM_LETTERS:
        raise ValueError("not bech32 text")
    letters, checksum = rest[:-_CHECKSUM_LETTERS], rest[-_CHECKSUM_LETTERS:]
    if not _VALUE.keys() >= set(rest) or _checksum(prefix, letters) != checksum:
        raise ValueError("the bech32 checksum does not match")
    return text[: len(prefix)], _unpack(letters)


def _is_prefix(small: str) -> bool:
    return _PREFIX.fullmatch(small) is not None


def _unpack(letters: str) -> bytes:
    """The letters are the digits of one number to base 32, and end in fewer than five bits of
    padding."""
    size, padding = divmod(len(letters) * _BITS, 8)
    if padding >= _BITS:
        raise ValueError("bech32 data of an impossible length")
    number = int(letters.translate(_TO_DIGITS) or "0", 32)
    if number & (1 << padding) - 1:
        raise ValueError("bech32 padding is not zero")
    return (number >> padding).to_bytes(size, "big")


def _checksum(prefix: str, letters: str) -> str:
    state = _after_prefix(prefix)
    state = _after(state, [_VALUE[letter] for letter in letters])
    state = _after(state, bytes(_CHECKSUM_LETTERS)) ^ 1
    return "".join(_ALPHABET[state >> shift & 31] for shift in (25, 20, 15, 10, 5, 0))


@lru_cache(maxsize=16)  # there are only so many kinds of keys
def _after_prefix(prefix: str) -> int:
    high, low = [ord(letter) >> 5 for letter in prefix], [ord(letter) & 31 for letter in prefix]
    return _after(1, [*high, 0, *low])


def _after(state: int, values: Iterable[int]) -> int:
    for value in values:
        state = (state & 0x1FFFFFF) << 5 ^ value ^ _SYNDROME[state >> 25]
    return state
