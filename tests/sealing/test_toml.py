"""The TOML writer writes what every reader reads the same."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing import Malformed, toml

texts = st.text(st.characters(codec="utf-8")).filter(str.isprintable)
keys = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
tables = st.dictionaries(keys, texts | st.integers(-(2**62), 2**62) | st.lists(texts, max_size=3))


@given(texts, tables, st.lists(tables, min_size=1, max_size=3))
def test_what_is_written_is_read_back(title: str, head: Any, rows: Any) -> None:
    head.pop("row", None)
    written = toml.write(title, head, {"row": rows})
    assert tomllib.loads(written.decode()) == head | {"row": rows}
    assert toml.read(written, at_most_bytes=len(written)) == head | {"row": rows}


@pytest.mark.parametrize("text", ["a\nb", "a\r", "\0", "\x7f", "\u202e", "\u2028", "\ud800"])
def test_what_does_not_print_is_not_written(text: str) -> None:
    for head in ({"a": text}, {"a": [text]}):
        with pytest.raises(ValueError, match="printable"):
            toml.write("title", head)
    with pytest.raises(ValueError, match="printable"):
        toml.write(text, {})


@pytest.mark.parametrize("key", ["", "a b", "a.b", 'a"', "ก", "a]\n[b"])
def test_an_odd_key_is_not_written(key: str) -> None:
    with pytest.raises(ValueError, match="bare"):
        toml.write("title", {key: 1})
    with pytest.raises(ValueError, match="bare"):
        toml.write("title", {}, {key: [{}]})


def test_true_is_no_number() -> None:
    with pytest.raises(ValueError, match="true and false"):
        toml.write("title", {"a": True})


@pytest.mark.parametrize("data", [b"\xff", b"a", b"a=1\na=1", b"a=" + b"[" * 5000, b"a='\0'"])
def test_what_is_not_toml_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        toml.read(data, at_most_bytes=10_000)


def test_too_long_is_malformed() -> None:
    with pytest.raises(Malformed, match="longer"):
        toml.read(b"a = 1\n", at_most_bytes=5)
