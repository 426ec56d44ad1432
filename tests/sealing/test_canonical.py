"""One value, one spelling: everything else is refused."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import Malformed, canonical
from sealing.canonical import Fields
from tests.sealing.sealed_samples import words_of_people

names = st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | words_of_people,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(names, values, max_size=5)


@given(objects)
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    assert canonical.read(canonical.write(value)) == value
    assert canonical.read_padded(canonical.write_padded(value)) == value


@given(objects)
def test_any_json_reader_reads_the_same(value: dict[str, Any]) -> None:
    assert json.loads(canonical.write_padded(value)) == value


@given(objects, st.randoms(use_true_random=False))
def test_the_order_in_which_fields_were_set_does_not_show(
    value: dict[str, Any], random: Any
) -> None:
    items = list(value.items())
    random.shuffle(items)
    assert canonical.write(dict(items)) == canonical.write(value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b'{"a":1',
        b'{"a":1}x',
        b'{"a":1}\n',
        b' {"a":1}',
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\u0e01"}',
        b'{"a":"\\/"}',
        b'{"a":"\\u000A"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"ก":1}'.encode(),
        b'{"":1}',
        b'{"a b":1}',
        b'{"a":' * 20 + b"1" + b"}" * 20,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        '{"a":1}'.encode("utf-16"),
    ],
)
def test_any_other_spelling_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        canonical.read(text)


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.0},
        {"a": float("nan")},
        {"a": b"bytes"},
        {"a": {1, 2}},
        {"a": 2**53},
        {"a": -(2**53)},
        {"a": "\ud800"},
        {"\ud800": 1},
        {"ก": 1},
        {1: 1},
        {"": 1},
        {"a" * 65: 1},
        {"a": [{"a b": 1}]},
    ],
)
def test_what_has_no_canonical_form_is_not_written(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own messages differ by release
        canonical.write(value)


def test_nesting_has_an_end() -> None:
    deep: dict[str, Any] = {}
    for _ in range(canonical.AT_MOST_DEPTH + 1):
        deep = {"a": deep}
    with pytest.raises(ValueError, match="deep"):
        canonical.write(deep)


@pytest.mark.parametrize(
    "padded",
    [
        b'{"a":1}',
        b'{"a":1}'.ljust(1023),
        b'{"a":1}'.ljust(1025),
        b'{"a":1}'.ljust(4096),
        b'{"a":1}'.ljust(1023) + b"\n",
        b'{"a":1}'.ljust(1024, b"\0"),
        b" " + b'{"a":1}'.ljust(1023),
        b"",
        b" " * 1024,
        b" " * (canonical.AT_MOST_BYTES * 4),
    ],
)
def test_padding_is_spaces_up_to_exactly_the_bucket(padded: bytes) -> None:
    with pytest.raises(Malformed):
        canonical.read_padded(padded)


def test_the_largest_piece_fits_and_one_byte_more_does_not() -> None:
    room = canonical.AT_MOST_BYTES - len(b'{"a":""}')
    assert len(canonical.write_padded({"a": "x" * room})) == canonical.AT_MOST_BYTES
    with pytest.raises(ValueError, match="one piece"):
        canonical.write_padded({"a": "x" * (room + 1)})


@settings(max_examples=200)
@given(st.binary(max_size=80))
def test_noise_is_malformed_and_nothing_worse(noise: bytes) -> None:
    try:
        value = canonical.read(noise)
    except Malformed:
        return
    assert canonical.write(value) == noise


@pytest.mark.parametrize(
    ("take", "value"),
    [
        ("number", True),
        ("number", -1),
        ("number", "1"),
        ("number", None),
        ("flag", 1),
        ("flag", "true"),
        ("text", 1),
        ("text", None),
        ("text_or_none", 1),
        ("id", "11" * 15),
        ("id", "AA" * 16),
        ("id", "11" * 16 + "\n"),
        ("id", "١" * 32),
        ("day", "2026-11-31"),
        ("day", "2026-1-1"),
        ("day", "20261123"),
        ("day", "2026-11-23T10:00"),
        ("day", "2026-11-23\n"),
        ("day", "๒๐๒๖-๑๑-๒๓"),
        ("object_or_none", []),
        ("texts", "officer"),
        ("texts", [1]),
        ("objects", [1]),
    ],
)
def test_a_field_of_another_type_is_malformed(take: str, value: object) -> None:
    with pytest.raises(Malformed):
        getattr(Fields({"field": value}), take)("field")


def test_a_missing_field_is_malformed_even_where_null_would_do() -> None:
    with pytest.raises(Malformed):
        Fields({}).text_or_none("field")


def test_a_field_that_nobody_asked_for_is_malformed() -> None:
    with pytest.raises(Malformed):
        Fields({"field": 1}).done()
