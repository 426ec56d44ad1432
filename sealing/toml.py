"""A small careful TOML writer, and a strict door to the standard reader.

Writes whole numbers, texts and lists of texts only, each on a line of its own; refuses what it
could not write so that every reader reads the same.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from sealing.canonical import is_label
from sealing.errors import Malformed

Value: TypeAlias = "int | str | Sequence[str]"


def write(
    title: str,
    head: Mapping[str, Value],
    tables: Mapping[str, Iterable[Mapping[str, Value]]] | None = None,
) -> bytes:
    """*title* as a comment, the *head* keys, and each list of *tables* as [[name]] blocks."""
    lines = [f"# {_printable(title)}", *_lines(head)]
    for name, rows in (tables or {}).items():
        for row in rows:
            lines += ["", f"[[{_key(name)}]]", *_lines(row)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def read(data: bytes, *, at_most_bytes: int) -> dict[str, object]:
    """The TOML in *data*. Raises Malformed, also for what is longer than *at_most_bytes*."""
    if len(data) > at_most_bytes:
        raise Malformed("longer than this file may be")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Malformed("not TOML") from None


def _lines(fields: Mapping[str, Value]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in fields.items()]


def _key(name: str) -> str:
    if not is_label(name) or "." in name:
        raise ValueError("a bare TOML key has letters, digits, _ and - only")
    return name


def _value(value: Value) -> str:
    if isinstance(value, str):
        return '"' + _printable(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(str(item)) for item in value) + "]"
    if isinstance(value, bool):
        raise ValueError("true and false have no place in these files")
    return str(value)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a text in these files has printable characters only")
    return text
