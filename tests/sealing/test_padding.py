"""Lengths that say no more than their bucket."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing import bucket, pad_json, padme


@pytest.mark.parametrize(
    ("length", "size"),
    [
        (0, 1024),
        (1, 1024),
        (1024, 1024),
        (1025, 4096),
        (4096, 4096),
        (4097, 16384),
        (70000, 262144),
    ],
)
def test_a_bucket_is_the_smallest_that_holds(length: int, size: int) -> None:
    assert bucket(length) == size


@given(st.text(max_size=2000))
def test_padded_json_is_the_same_json_and_fills_its_bucket(text: str) -> None:
    data = json.dumps({"words": text}).encode()
    padded = pad_json(data)
    assert json.loads(padded) == {"words": text}
    assert padded.startswith(data)
    assert len(padded) == bucket(len(data))


@given(st.integers(1, 900), st.integers(1, 900))
def test_two_lengths_of_one_bucket_look_the_same(one: int, other: int) -> None:
    assert len(pad_json(b"x" * one)) == len(pad_json(b"x" * other))


@pytest.mark.parametrize(
    ("length", "size"),
    # By hand from the paper: 9 = 1001b keeps 1+2 bits, 100 keeps its first 4 bits of 7, …
    [
        (0, 0),
        (1, 1),
        (2, 2),
        (8, 8),
        (9, 10),
        (100, 104),
        (1000, 1024),
        (1025, 1088),
        (1 << 20, 1 << 20),
    ],
)
def test_padme_is_the_one_of_the_paper(length: int, size: int) -> None:
    assert padme(length) == size


@given(st.integers(2, 2**40))
def test_padme_grows_by_at_most_twelve_percent_and_is_a_fixed_point(length: int) -> None:
    size = padme(length)
    assert length <= size <= length * 1.12
    assert padme(size) == size
    assert padme(length - 1) <= size


@pytest.mark.parametrize("sized", [bucket, padme])
def test_no_length_is_negative(sized: "type[int]") -> None:
    with pytest.raises(ValueError, match="negative"):
        sized(-1)
