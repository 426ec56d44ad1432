"""An officer's keys: the secret pair on their machine, the public pair on their enrolment card.

The card is signed by the officer's own new key, so nobody can enrol a verify key they do not hold
beside an age recipient of their own. The fingerprint on it is what the officer reads aloud to the
admin.
"""

import hashlib
from dataclasses import dataclass, field

from sealing import toml
from sealing.age import PQIdentity, PQRecipient
from sealing.canonical import Fields, is_name
from sealing.errors import Malformed
from sealing.fingerprints import fingerprint
from sealing.signed_text import sign_text, split_text, verify_text
from sealing.signing import SigningKey, VerifyKey

SCHEMA = 1
AT_MOST_CARD_BYTES = 16 * 1024
_SIGNED_AS = "card"
_TITLE = "Saisaat enrolment card: public keys only. Read its fingerprint aloud to the admin."


@dataclass(frozen=True, slots=True)
class OfficerKeys:
    """Both secrets of one officer. Its repr shows the name only."""

    age: PQIdentity = field(repr=False)
    sign: SigningKey = field(repr=False)
    name: str

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise ValueError("a name is 1 to 80 printable characters")

    @classmethod
    def generate(cls, name: str) -> "OfficerKeys":
        return cls(PQIdentity.generate(), SigningKey.generate(), name)

    @property
    def id(self) -> str:
        return officer_id(self.sign.verify_key)


@dataclass(frozen=True, slots=True)
class Card:
    """The public half, proven to be held by whoever made the card. The *name* is only a claim."""

    name: str
    age: PQRecipient
    sign: VerifyKey

    @property
    def id(self) -> str:
        return officer_id(self.sign)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.sign.raw + self.age.raw)


def officer_id(key: VerifyKey) -> str:
    """The id of the officer who holds *key*: the first 16 bytes of its SHA-256, in hex."""
    return hashlib.sha256(key.raw).digest()[:16].hex()


def render_card(keys: OfficerKeys) -> bytes:
    """The enrolment card of *keys*: TOML, signed with the officer's own key."""
    fields: dict[str, toml.Value] = {
        "schema": SCHEMA,
        "name": keys.name,
        "age": str(keys.age.recipient),
        "sign": str(keys.sign.verify_key),
    }
    return sign_text(_SIGNED_AS, toml.write(_TITLE, fields), keys.sign)


def parse_card(data: bytes) -> Card:
    """The card in *data*.

    Raises Malformed, Unsigned, or Forged when another key than the card's signed it.
    """
    if len(data) > AT_MOST_CARD_BYTES:
        raise Malformed("longer than any card")
    body, signature = split_text(data)
    fields = Fields(toml.read(body, at_most_bytes=AT_MOST_CARD_BYTES))
    fields.schema(SCHEMA)
    name, recipient, sign = fields.text("name"), fields.text("age"), fields.text("sign")
    fields.done()
    if not is_name(name):
        raise Malformed("a name is 1 to 80 printable characters")
    card = Card(name, usable_recipient(recipient), VerifyKey.parse(sign))
    verify_text(_SIGNED_AS, body, signature, card.sign)
    return card


def usable_recipient(text: str) -> PQRecipient:
    """The age1pq1… recipient in *text*, tried once. Raises Malformed.

    Tried, because a key can look right and yet refuse every sealing: in a roster it would stop all
    filing.
    """
    try:
        recipient = PQRecipient.parse(text)
        recipient.wrap(bytes(16))
    except ValueError:
        raise Malformed("not a usable age1pq1… recipient") from None
    return recipient
