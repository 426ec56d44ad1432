"""Other bodies' keys: to whom a tip can be handed over sealed. Pure.

A body makes its key with any age: `age1pq1…` where it can, or `age1…` (X25519), since a hand-over
is one file for one reader. The roster vouches for it; its fingerprint is read aloud before that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sealing import toml
from sealing.age import PQRecipient, X25519Recipient
from sealing.canonical import Fields, is_label, is_name
from sealing.errors import Malformed
from sealing.fingerprints import fingerprint

BodyRecipient = PQRecipient | X25519Recipient
_PQ_PREFIX = "age1pq1"


@dataclass(frozen=True, slots=True)
class BodyKey:
    """A body that a tip can be handed over to: its *id*, its names, its public key."""

    id: str
    th: str
    en: str
    age: BodyRecipient

    def __post_init__(self) -> None:
        if not is_label(self.id) or not (is_name(self.th) and is_name(self.en)):
            raise ValueError("a body has an id, and names of 1 to 80 printable characters")

    @property
    def is_post_quantum(self) -> bool:
        return isinstance(self.age, PQRecipient)

    @property
    def fingerprint(self) -> str:
        """Digits to read aloud, over the public key."""
        return fingerprint(self.age.raw)


def parse_body_recipient(text: str) -> BodyRecipient:
    """The public key written as "age1pq1…" or "age1…". Raises Malformed."""
    try:
        if text.startswith(_PQ_PREFIX):
            return PQRecipient.parse(text)
        recipient = X25519Recipient.parse(text)
        recipient.wrap(bytes(16))  # a point of low order seals for everybody
    except ValueError:
        raise Malformed("not an age public key") from None
    return recipient


def body_to_table(body: BodyKey) -> Mapping[str, toml.Value]:
    """A body as a table of the roster."""
    return {"id": body.id, "th": body.th, "en": body.en, "age": str(body.age)}


def body_from_table(table: Mapping[str, object]) -> BodyKey:
    """Raises Malformed, and ValueError for what cannot be."""
    fields = Fields(table)
    body = BodyKey(
        fields.text("id"), fields.text("th"), fields.text("en"),
        parse_body_recipient(fields.text("age")),
    )  # fmt: skip
    fields.done()
    return body
