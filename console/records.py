"""Records out of JSON: a class says with its annotations what form each field has (msgspec checks
it), and what does not fit is refused whole.

Form only. Laws: a value is of exactly its type, nothing is guessed ("1" is no number, 1 is no
truth); fields that nobody knows are passed over; an error names the place and never the value, and
a record shows nothing of its own.

    text, numbers    `str`, `int`, `bool`, `Literal["a", "b"]`
    bytes            as base64
    tuples           `tuple[X, ...]`; records in one another; `X | None`
    narrower forms   `Annotated[X, Meta(…)]`; a pattern is searched for, so it says \\A and \\Z
    several fields   `__post_init__` raises ValueError, which says nothing
"""

import re
from functools import cache
from typing import Any, TypeVar, dataclass_transform

import msgspec

_PLACE = re.compile(r" - at `\$\.?([\w.\[\]]+)`\Z")


class Unfit(ValueError):
    """What was given has not the form of the record. *place* is where, as in "tips[0].day"; empty
    for the whole. A record that lacks a field is the place, not the field."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


class _ByName(msgspec.StructMeta):
    """Fields are given by their names; msgspec asks for it class by class."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> "_ByName":
        return super().__new__(mcls, name, bases, namespace, **{"kw_only": True, **options})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Record(msgspec.Struct, metaclass=_ByName, frozen=True):
    """Made by hand, its form is vouched for; what comes from outside goes through `read`."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


R = TypeVar("R", bound=Record)


def read(kind: type[R], body: bytes) -> R:
    """The record in the JSON of *body*; of fields that come twice the last counts. Raises Unfit."""
    try:
        found: R = _decoder(kind).decode(body)
    except (ValueError, RecursionError) as error:
        # Its own words may quote a value; what it adds behind them never does.
        place = _PLACE.search(str(error))
        raise Unfit("" if place is None else place[1]) from None
    return found


@cache
def _decoder(kind: type[Record]) -> msgspec.json.Decoder[Any]:
    """Made when first asked for: most answers never are."""
    return msgspec.json.Decoder(kind)
