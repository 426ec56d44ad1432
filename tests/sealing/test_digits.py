"""Check characters and what may stand between the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing.digits import CROCKFORD, damm, in_groups, luhn32, without_separators

digits = st.text("0123456789", min_size=1, max_size=30)
letters = st.text(CROCKFORD, min_size=2, max_size=17)


def test_damm_is_the_published_one() -> None:
    # H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004); 572 → 4 is the usual example.
    assert damm("572") == "4"


@given(digits)
def test_damm_of_a_checked_number_is_zero(number: str) -> None:
    assert damm(number + damm(number)) == "0"


@given(digits, st.data())
def test_damm_catches_every_wrong_digit(number: str, data: st.DataObject) -> None:
    whole = number + damm(number)
    place = data.draw(st.integers(0, len(whole) - 1))
    wrong = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != whole[place]))
    assert damm(whole[:place] + wrong + whole[place + 1 :]) != "0"


@given(digits, st.data())
def test_damm_catches_every_swap_of_neighbours(number: str, data: st.DataObject) -> None:
    whole = number + damm(number)
    place = data.draw(st.integers(0, len(whole) - 2))
    swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    assert swapped == whole or damm(swapped) != "0"


@given(letters, st.data())
def test_luhn_catches_every_wrong_letter(body: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 1))
    wrong = data.draw(st.sampled_from(CROCKFORD).filter(lambda letter: letter != body[place]))
    assert luhn32(body[:place] + wrong + body[place + 1 :]) != luhn32(body)


@given(letters, st.data())
def test_luhn_catches_every_swap_of_neighbours_but_of_first_and_last_letter(
    body: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(body) - 2))
    pair = body[place : place + 2]
    swapped = body[:place] + pair[::-1] + body[place + 2 :]
    is_caught = luhn32(swapped) != luhn32(body)
    assert is_caught == (pair[0] != pair[1] and set(pair) != {"0", "Z"})


def test_luhn_by_hand() -> None:
    # From the right: 2 doubled is 4, 1 stays 1; 5, and 27 more make 32. Z is 31: 62 is 1 + 30.
    assert luhn32("12") == CROCKFORD[27]
    assert luhn32("Z") == CROCKFORD[1]


@pytest.mark.parametrize(
    "typed",
    [
        "12-34",
        " 1 2 3 4 ",
        "12.34",
        "๑๒๓๔",
        "１２３４",
        "1\u200b2\u200d3\ufeff4",
        "12\n34\t",
        "1–2—3−4",
    ],
)
def test_people_may_put_between_what_they_like(typed: str) -> None:
    assert without_separators(typed) == "1234"


def test_a_text_longer_than_any_code_is_nothing() -> None:
    assert without_separators("1" * 201) == ""
    assert without_separators("\ufdfa" * 200) != ""


def test_groups_are_parted_by_dashes() -> None:
    assert in_groups("123456789") == "1234-5678-9"
