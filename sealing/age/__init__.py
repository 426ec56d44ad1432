"""The age v1 file format (c2sp.org/age), written and read natively on `cryptography`.

This is the package's one doorway. Post-quantum recipients are the default in this project; X25519
is for foreign tools that know no other, a passphrase for key files. A stock `age` opens what
`encrypt` writes and the other way round. Text armour and plugins are left out on purpose.

Laws: no I/O, no clock; randomness from the system only. Nothing unauthentic is ever handed out.
"""

from .errors import AgeError, Malformed, Tampered, TrailingData, Truncated, WrongKey
from .files import Decryptor, Encryptor, decrypt, encrypt
from .format import MAX_HEADER, Identity, Recipient, Stanza
from .keys import parse_identity, parse_recipient
from .pq import PQIdentity, PQRecipient
from .scrypt import ScryptIdentity, ScryptRecipient
from .stream import CHUNK
from .x25519 import X25519Identity, X25519Recipient

__all__ = [
    "CHUNK",
    "MAX_HEADER",
    "AgeError",
    "Decryptor",
    "Encryptor",
    "Identity",
    "Malformed",
    "PQIdentity",
    "PQRecipient",
    "Recipient",
    "ScryptIdentity",
    "ScryptRecipient",
    "Stanza",
    "Tampered",
    "TrailingData",
    "Truncated",
    "WrongKey",
    "X25519Identity",
    "X25519Recipient",
    "decrypt",
    "encrypt",
    "parse_identity",
    "parse_recipient",
]
