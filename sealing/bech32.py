"""Bech32 (BIP 173) without its length limit: how age writes recipients and identities as text.

Owns the alphabet and the checksum; refuses to know what the bytes mean. Laws: text is all lower
or all upper case, the checksum is always that of the lower-case text, the padding bits are zero,
and `decode` accepts nothing that `encode` would not have written.
"""

import base64
import binascii

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_RFC_4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}
# The data part is base 32 with the same bit order and padding as RFC 4648, in other letters.
_FROM_RFC_4648 = str.maketrans(_RFC_4648, _ALPHABET, "=")
_TO_RFC_4648 = str.maketrans(_ALPHABET, _RFC_4648)
_CHECKSUM_LETTERS = 6


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
    return bool(small) and all("!" <= letter <= "~" for letter in small)


def _unpack(letters: str) -> bytes:
    padded = letters.translate(_TO_RFC_4648) + "=" * (-len(letters) % 8)
    try:
        data = base64.b32decode(padded)
    except binascii.Error as error:
        raise ValueError("bech32 data of an impossible length") from error
    # b32decode drops whatever the padding bits hold; only zeros come back the same.
    if base64.b32encode(data).decode().translate(_FROM_RFC_4648) != letters:
        raise ValueError("bech32 padding is not zero")
    return data


def _checksum(prefix: str, letters: str) -> str:
    values = [ord(letter) >> 5 for letter in prefix]
    values.append(0)
    values.extend(ord(letter) & 31 for letter in prefix)
    values.extend(map(_VALUE.__getitem__, letters))
    values.extend(bytes(_CHECKSUM_LETTERS))
    state = 1
    for value in values:
        state = (state & 0x1FFFFFF) << 5 ^ value ^ _SYNDROME[state >> 25]
    state ^= 1
    return "".join(_ALPHABET[state >> shift & 31] for shift in (25, 20, 15, 10, 5, 0))
