"""One JSON value, one spelling.

Whatever is sealed or signed is written in one canonical form (RFC 8785, narrowed: whole numbers
within ±(2^53 - 1) only, ASCII names) and read back only in that form. So no two readers can
understand the same bytes differently: a name given twice, NaN, another order or a stray space is
refused, not repaired.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NoReturn, TypeAlias, TypeVar

from sealing.errors import Malformed, NewerFormat
from sealing.padding import bucket, pad_json

JSON: TypeAlias = "bool | int | str | Sequence[JSON] | Mapping[str, JSON] | None"

AT_MOST_BYTES = 1024 * 1024
AT_MOST_DEPTH = 16
LARGEST_NUMBER = 2**53 - 1
ID_BYTES = 16
_LABEL = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_HEX = re.compile(r"[0-9a-f]*")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)

Choice = TypeVar("Choice", bound=StrEnum)


def write(value: Mapping[str, JSON]) -> bytes:
    """*value* as canonical UTF-8 JSON.

    Raises ValueError for what has no canonical form: a float, half a surrogate pair, a name that is
    not ASCII, a nesting deeper than AT_MOST_DEPTH.
    """
    _check(value, AT_MOST_DEPTH)
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    )
    return text.encode("utf-8")


def write_padded(value: Mapping[str, JSON]) -> bytes:
    """*value* as canonical JSON, padded to its bucket. Raises ValueError past AT_MOST_BYTES."""
    data = pad_json(write(value))
    if len(data) > AT_MOST_BYTES:
        raise ValueError(f"more than {AT_MOST_BYTES} bytes cannot be sealed as one piece")
    return data


def read(data: bytes, at_most_bytes: int = AT_MOST_BYTES) -> dict[str, JSON]:
    """The JSON object in *data*, which must be canonical to the byte. Raises Malformed."""
    if len(data) > at_most_bytes:
        raise Malformed("longer than anything this format writes")
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Malformed("not the JSON that this format writes") from None
    if type(value) is not dict:
        raise Malformed("not a JSON object")
    try:
        is_canonical = write(value) == data
    except ValueError:
        is_canonical = False
    if not is_canonical:
        raise Malformed("not canonical JSON")
    return value


def read_padded(data: bytes) -> dict[str, JSON]:
    """The JSON object in *data*, padded with spaces to exactly its bucket. Raises Malformed."""
    if len(data) > AT_MOST_BYTES:
        raise Malformed("longer than anything this format writes")
    text = data.rstrip(b" ")
    if len(data) != bucket(len(text)):
        raise Malformed("not padded to its bucket")
    return read(text)


class Fields:
    """Takes each expected field out of an object, once, with its type; refuses what is left."""

    __slots__ = ("_left",)

    def __init__(self, value: Mapping[str, object]) -> None:
        self._left = dict(value)

    def __repr__(self) -> str:
        return "Fields(…)"

    def schema(self, known: int) -> None:
        """Takes the field schema; raises NewerFormat unless it is the *known* one."""
        if self.number("schema") != known:
            raise NewerFormat("a schema version that this release does not know")

    def take(self, name: str) -> object:
        if name not in self._left:
            raise Malformed(f"the field {name} is missing")
        return self._left.pop(name)

    def is_null(self, name: str) -> bool:
        """Whether the field is null; if so it is taken."""
        if self._left.get(name, "") is not None:
            return False
        self.take(name)
        return True

    def number(self, name: str) -> int:
        value = self.take(name)
        if type(value) is not int or not 0 <= value <= LARGEST_NUMBER:
            raise Malformed(f"the field {name} is not a whole number from 0")
        return value

    def number_or_none(self, name: str) -> int | None:
        return None if self.is_null(name) else self.number(name)

    def flag(self, name: str) -> bool:
        value = self.take(name)
        if type(value) is not bool:
            raise Malformed(f"the field {name} is not true or false")
        return value

    def text(self, name: str) -> str:
        value = self.take(name)
        if type(value) is not str:
            raise Malformed(f"the field {name} is not text")
        return value

    def text_or_none(self, name: str) -> str | None:
        return None if self.is_null(name) else self.text(name)

    def id(self, name: str) -> str:
        value = self.text(name)
        if not is_id(value):
            raise Malformed(f"the field {name} is not 32 lowercase hex digits")
        return value

    def raw(self, name: str, length: int) -> bytes:
        value = self.text(name)
        if not is_hex(value, length):
            raise Malformed(f"the field {name} is not {2 * length} lowercase hex digits")
        return bytes.fromhex(value)

    def day(self, name: str) -> str:
        value = self.text(name)
        if not is_day(value):
            raise Malformed(f"the field {name} is not a day")
        return value

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        value = self.text(name)
        try:
            return choices(value)
        except ValueError:
            raise NewerFormat(f"the field {name} has a value this release does not know") from None

    def object_or_none(self, name: str) -> dict[str, JSON] | None:
        if self.is_null(name):
            return None
        value = self.take(name)
        if not isinstance(value, dict):
            raise Malformed(f"the field {name} is not an object")
        return value

    def objects(self, name: str) -> tuple[dict[str, object], ...]:
        value = self.take(name)
        if not isinstance(value, list) or any(type(item) is not dict for item in value):
            raise Malformed(f"the field {name} is not a list of objects")
        return tuple(value)

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.take(name)
        if not isinstance(value, list) or any(type(item) is not str for item in value):
            raise Malformed(f"the field {name} is not a list of texts")
        return tuple(value)

    def done(self) -> None:
        """Raises Malformed when a field is left that nobody asked for."""
        if self._left:
            raise Malformed("a field that this format does not have")


def is_hex(text: str, length: int) -> bool:
    """Whether *text* is *length* bytes as lowercase hex digits."""
    return len(text) == 2 * length and _HEX.fullmatch(text) is not None


def is_id(text: str) -> bool:
    """Whether *text* is an id: 16 bytes as lowercase hex digits."""
    return is_hex(text, ID_BYTES)


def is_label(text: str) -> bool:
    """Whether *text* is an id of our own data (a centre, an agency, a question).

    1 to 64 ASCII letters, digits, _ . -
    """
    return _LABEL.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether *text* can stand as a person's name.

    1 to 80 characters, none of them invisible or turning the direction of the text.
    """
    return 0 < len(text) <= 80 and text.isprintable() and not text.isspace()


def is_day(text: str) -> bool:
    """Whether *text* is a real day, written as 2026-11-23."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check(value: object, depth: int) -> None:
    """Raises ValueError unless *value* has exactly one canonical form."""
    if depth < 0:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        value.encode("utf-8")  # half a surrogate pair: UnicodeEncodeError, a ValueError
    elif value is None or type(value) is bool:
        pass
    elif type(value) is int:
        if abs(value) > LARGEST_NUMBER:
            raise ValueError("a number beyond 2^53 - 1 reads differently elsewhere")
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner, depth - 1)
    elif isinstance(value, Mapping):  # asked last: it costs more than all the others
        for name, inner in value.items():
            if type(name) is not str or not _LABEL.fullmatch(name):
                raise ValueError("a name is 1 to 64 ASCII letters, digits, _ . -")
            _check(inner, depth - 1)
    else:
        raise ValueError("only null, true, false, whole numbers, texts, lists and objects")


def _refuse(_: str) -> NoReturn:
    raise ValueError("not a whole number")
