"""Bech32: the published strings, round trips, and every way of being slightly wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import bech32

# BIP 173, "Test vectors": valid strings (those whose data part is whole bytes) and invalid ones.
VALID = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "?1ezyfcl",
]
INVALID = [
    "\x201nwldj5",
    "\x7f1axkwrx",
    "\x801eym55h",
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "de1lg7wt\xff",
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "",
]
prefixes = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


@pytest.mark.parametrize("text", VALID)
def test_published_valid_strings_are_read_and_written_the_same(text: str) -> None:
    assert bech32.encode(*bech32.decode(text)) == text


@pytest.mark.parametrize("text", INVALID)
def test_published_invalid_strings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="bech32"):
        bech32.decode(text)


@given(prefixes.map(str.lower), st.binary(max_size=200))
def test_what_is_written_is_read_back(prefix: str, data: bytes) -> None:
    assert bech32.decode(bech32.encode(prefix, data)) == (prefix, data)


def test_length_has_no_limit() -> None:
    assert bech32.decode(bech32.encode("age1pq", bytes(1216))) == ("age1pq", bytes(1216))


@given(st.binary(min_size=1, max_size=40), st.data())
@settings(max_examples=100)
def test_one_wrong_letter_is_always_noticed(data: bytes, draw: st.DataObject) -> None:
    text = bech32.encode("age", data)
    at = draw.draw(st.integers(0, len(text) - 1))
    letter = draw.draw(st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7lb1!"))
    wrong = text[:at] + letter + text[at + 1 :]
    if wrong != text:
        with pytest.raises(ValueError, match="bech32"):
            bech32.decode(wrong)


def test_mixed_case_is_refused() -> None:
    text = bech32.encode("age", b"0123")
    with pytest.raises(ValueError, match="case"):
        bech32.decode(text[:-1] + text[-1:].upper() if text[-1].isalpha() else text.title())
    with pytest.raises(ValueError, match="case"):
        bech32.encode("Age", b"0123")


@pytest.mark.parametrize("letters", ["l", "qqq", "qqqqqq", "qp", "ql"])
def test_impossible_lengths_and_set_padding_bits_are_refused(letters: str) -> None:
    text = f"age1{letters}{bech32._checksum('age', letters)}"
    with pytest.raises(ValueError, match="bech32"):
        bech32.decode(text)


def test_letters_that_only_look_latin_are_refused() -> None:
    text = bech32.encode("KEY-", bytes(range(32)))
    with pytest.raises(ValueError, match="not bech32"):
        bech32.decode(text.replace("K", "\N{KELVIN SIGN}"))


def test_an_error_never_quotes_the_text() -> None:
    secret = bech32.encode("AGE-SECRET-KEY-", bytes(range(32)))
    with pytest.raises(ValueError, match="checksum") as refusal:
        bech32.decode(secret[:-1] + ("Q" if secret[-1] != "Q" else "P"))
    assert secret[20:30] not in str(refusal.value)
