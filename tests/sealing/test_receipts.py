"""The reporter's way back."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import Cost, Mistyped, Receipt, stretch_receipt
from sealing.digits import damm
from tests.sealing.sealed_samples import CHEAP, PEPPER, SALT, Dice

receipts = st.text("0123456789", min_size=23, max_size=23).map(lambda body: body + damm(body))


def test_the_model_conversation_shows_a_valid_receipt() -> None:
    assert Receipt.parse("4821 0937 5518 2260 7314 9903").digits == "482109375518226073149903"


@given(st.integers(0, 2**32))
def test_a_fresh_receipt_is_read_back_as_it_is_shown(seed: int) -> None:
    receipt = Receipt.generate(Dice(seed))
    assert Receipt.parse(receipt.grouped) == receipt
    assert len(receipt.grouped) == 29


@given(receipts)
def test_thai_digits_and_odd_spacing_do_not_matter(digits: str) -> None:
    thai = digits.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    typed = "  " + " – ".join(thai[start : start + 5] for start in range(0, 24, 5)) + ".\u200b"
    assert Receipt.parse(typed).digits == digits


@given(receipts)
def test_what_a_hand_writes_for_a_digit_is_that_digit(digits: str) -> None:
    for zero, one in (("O", "l"), ("o", "I"), ("0", "i"), ("O", "L")):
        typed = Receipt(digits).grouped.replace("0", zero).replace("1", one)
        assert Receipt.parse(f"code {typed} please").digits == digits


@given(receipts)
def test_words_around_do_not_matter_and_other_digits_do(digits: str) -> None:
    shown = Receipt(digits).grouped
    for typed in (f"รหัสติดตาม {shown} ครับ", f"my receipt is {shown}.", f"รหัส{shown}"):
        assert Receipt.parse(typed).digits == digits
    for typed in (f"1 {shown}", f"{shown}-7", f"{shown} {shown}"):
        with pytest.raises(Mistyped):
            Receipt.parse(typed)


@given(receipts, st.data())
def test_a_wrong_digit_is_mistyped_and_the_answer_does_not_say_which(
    digits: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, 23))
    wrong = str((int(digits[place]) + data.draw(st.integers(1, 9))) % 10)
    with pytest.raises(Mistyped) as one:
        Receipt.parse(digits[:place] + wrong + digits[place + 1 :])
    with pytest.raises(Mistyped) as other:
        Receipt.parse(digits[:-1])
    assert str(one.value) == str(other.value)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1",
        "0" * 23,
        "0" * 25,
        "0" * 10_000,
        "4821-0937-5518-2260-7314-990x",
        "mkm7-k3m9-qxd4-ftb2-a",
        "\ud800" * 24,
        "٪" * 24,
        "🙂",
    ],
)
def test_anything_else_is_mistyped(typed: str) -> None:
    with pytest.raises(Mistyped):
        Receipt.parse(typed)


@given(st.text(max_size=60))
def test_no_text_does_worse_than_mistyped(typed: str) -> None:
    with suppress(Mistyped):
        assert len(Receipt.parse(typed).digits) == 24


@settings(max_examples=20)
@given(receipts)
def test_locator_and_seed_are_unrelated_and_the_same_every_time(digits: str) -> None:
    receipt = Receipt(digits)
    keys = stretch_receipt(receipt, salt=SALT, pepper=PEPPER, cost=CHEAP)
    again = stretch_receipt(receipt, salt=SALT, pepper=PEPPER, cost=CHEAP)
    assert keys == again
    assert len(keys.locator) == 32
    assert keys.locator != keys.identity.seed


def test_another_deployment_finds_and_opens_nothing() -> None:
    receipt = Receipt.generate(Dice(1))
    all_keys = [
        stretch_receipt(receipt, salt=salt, pepper=pepper, cost=cost)
        for salt, pepper, cost in (
            (SALT, PEPPER, CHEAP),
            (SALT[::-1], PEPPER, CHEAP),
            (SALT, PEPPER[::-1], CHEAP),
            (SALT, PEPPER, Cost(memory_kib=16, time=1)),
            (SALT, PEPPER, Cost(memory_kib=8, time=2)),
        )
    ]
    assert len({keys.locator for keys in all_keys}) == len(all_keys)
    assert len({keys.identity.seed for keys in all_keys}) == len(all_keys)


def test_the_locator_of_a_tip_is_not_shown_by_its_repr() -> None:
    keys = stretch_receipt(Receipt.generate(), salt=SALT, pepper=PEPPER, cost=CHEAP)
    assert repr(keys.identity.seed) not in repr(keys)
    assert repr(keys.locator) not in repr(keys)


@pytest.mark.parametrize(("salt", "pepper"), [(b"short", PEPPER), (SALT, b"short"), (SALT, b"")])
def test_a_deployment_without_enough_salt_or_pepper_stretches_nothing(
    salt: bytes, pepper: bytes
) -> None:
    with pytest.raises(ValueError, match="at least"):
        stretch_receipt(Receipt.generate(), salt=salt, pepper=pepper, cost=CHEAP)


@pytest.mark.parametrize("cost", [(7, 1, 1), (8, 0, 1), (8, 1, 0), (15, 1, 2), (-1, 1, 1)])
def test_an_impossible_cost_is_refused(cost: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="Argon2id"):
        Cost(*cost)
