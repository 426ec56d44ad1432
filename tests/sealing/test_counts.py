"""What is counted of a tip: choices alone, and a hash that tells nobody which."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing import Counts, Malformed
from sealing.counts import MEASURES, SALT_BYTES

TIP, OTHER = "1" * 32, "2" * 32
GOOD = Counts.new(category="bribe", kind="case", result="substantiated", teller="citizen")


def test_what_was_written_is_read_again() -> None:
    assert Counts.read(GOOD.form()) == GOOD


def test_every_choice_the_salt_and_the_tip_are_hashed() -> None:
    others = [
        Counts.read({**GOOD.form(), name: value})
        for name, value in {
            **dict.fromkeys(MEASURES, "other"),
            "salt": "00" * SALT_BYTES,
        }.items()
    ]
    hashes = {counts.hash(TIP) for counts in (GOOD, *others)} | {GOOD.hash(OTHER)}
    assert len(hashes) == len(others) + 2


def test_the_same_choices_are_hashed_to_something_else_for_every_tip() -> None:
    again = Counts.new(**GOOD.by_measure())
    assert again.by_measure() == GOOD.by_measure()
    assert again.hash(TIP) != GOOD.hash(TIP)


def test_its_repr_hides_what_it_says() -> None:
    assert not [v for v in (*GOOD.by_measure().values(), GOOD.salt.hex()) if v in repr(GOOD)]


@pytest.mark.parametrize(
    "changed",
    [
        {"result": "คำของผู้แจ้ง"},
        {"category": ""},
        {"category": "a" * 65},
        {"teller": 7},
        {"salt": "00"},
        {"salt": "AB" * SALT_BYTES},
        {"more": "x"},
        {"salt": None},
    ],
)
def test_anything_else_is_malformed(changed: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Counts.read({**GOOD.form(), **changed})


@given(st.recursive(st.none() | st.text() | st.integers(), lambda v: st.dictionaries(st.text(), v)))
def test_noise_is_malformed(noise: object) -> None:
    with pytest.raises(Malformed):
        Counts.read(noise)


def test_what_is_missing_is_malformed() -> None:
    for name in GOOD.form():
        with pytest.raises(Malformed):
            Counts.read({n: v for n, v in GOOD.form().items() if n != name})
