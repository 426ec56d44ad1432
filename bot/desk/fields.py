"""What fields may hold that go over the wire, and how a request and an answer are read.

Ids are 32 lowercase hex digits, days ISO dates, bytes base64 (standard alphabet). A request with a
field too many, too long or of the wrong kind is refused whole, naming the field and not its value.
"""

import base64
import binascii
import math
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from sealing.canonical import is_day
from sealing.cards import CONTENT_AT_MOST_BYTES
from sealing.sealed_json import AT_MOST_SEALED_BYTES


def decoded(value: object) -> object:
    """The bytes of a text in base64; whatever is no text, as it is, for pydantic to refuse. Raises
    ValueError."""
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None


def _real_day(value: str) -> str:
    if not is_day(value):
        raise ValueError("not a day")
    return value


def b64(data: bytes) -> str:
    """Base64, in the standard alphabet, with padding."""
    return base64.b64encode(data).decode("ascii")


_Encoded = PlainSerializer(b64, return_type=str, when_used="unless-none")
IN_BASE64 = {"type": "string", "contentEncoding": "base64"}


def sized(at_least: int, at_most: int) -> Any:
    """A field of so many bytes. Described by how long their base64 is, which is what is sent."""

    def described(schema: dict[str, Any]) -> None:
        lengths = [4 * math.ceil(size / 3) for size in (at_least, at_most)]
        schema.update(IN_BASE64, minLength=lengths[0], maxLength=lengths[1])
        schema["examples"] = [b64(bytes(range(at_least)))]

    return Field(min_length=at_least, max_length=at_most, json_schema_extra=described)


Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["1f6076e3a47ba1ded08025ffe06e57af"])]
Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-11-23"]),
    AfterValidator(_real_day),
]
Version = Annotated[int, Field(ge=1, lt=2**53, strict=True, examples=[3])]
Bytes = Annotated[bytes, _Encoded, Field(json_schema_extra=IN_BASE64)]
Bytes32 = Annotated[
    bytes,
    BeforeValidator(decoded),
    _Encoded,
    sized(32, 32),
]
Signature = Annotated[
    bytes,
    BeforeValidator(decoded),
    sized(64, 64),
]
Sealed = Annotated[
    bytes,
    BeforeValidator(decoded),
    sized(1, AT_MOST_SEALED_BYTES),
]
Centre = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$", examples=["khon-kaen"])]
Value = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$", examples=["bribe"])]
Audiences = Annotated[str, Field(pattern=r"^[a-z]{1,16}(,[a-z]{1,16}){0,3}$")]
Content = Annotated[
    bytes,
    BeforeValidator(decoded),
    sized(2, CONTENT_AT_MOST_BYTES),
]


class RequestBody(BaseModel):
    """What an officer's console sends: a field that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AnswerBody(BaseModel):
    """What the desk answers."""

    model_config = ConfigDict(frozen=True)
