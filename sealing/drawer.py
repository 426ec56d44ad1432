"""The drawer: how a record that must be forgettable lies in the database.

The record's own random key lives in the forget store and nowhere else. Together with the server key
and a context (purpose, row, for a draft also the person) it gives the key that seals the record.
Destroy the one key, and no backup of all the rest reopens it; move the record to another row or
person, and it does not open there.

    version    1 byte, 01
    nonce      12 bytes
    sealed     ChaCha20-Poly1305 of: length (4 bytes, big-endian) ‖ body ‖ zeros up to a bucket
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sealing.errors import Malformed, NewerFormat, Tampered
from sealing.padding import bucket

KEY_BYTES = 32
AT_MOST_BODY_BYTES = 16 * 1024 * 1024
_VERSION = b"\x01"
_INFO = b"saisaat/drawer/v1"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_LENGTH_BYTES = 4
_HEADER_BYTES = len(_VERSION) + _NONCE_BYTES


def record_context(purpose: str, *facts: str | bytes) -> bytes:
    """What a record is bound to, spelled so that no two lists of *facts* give the same bytes.

    `record_context("draft", conversation, person)`; every item goes in with its length (4 bytes)
    before it.
    """
    items = [item.encode("utf-8") if isinstance(item, str) else item for item in (purpose, *facts)]
    return b"".join(len(item).to_bytes(4, "big") + item for item in items)


class Slot:
    """One record's own key, derived. Hold it no longer than the record it has opened."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes, server_key: bytes, context: bytes) -> None:
        self._cipher = ChaCha20Poly1305(_record_key(key, server_key, context))

    def seal(self, body: bytes, *, nonce: bytes | None = None) -> bytes:
        """See `seal_record`."""
        return _seal(self._cipher, body, nonce)

    def open(self, record: bytes) -> bytes:
        """See `open_record`."""
        return _open(self._cipher, record)


def seal_record(
    key: bytes, server_key: bytes, context: bytes, body: bytes, *, nonce: bytes | None = None
) -> bytes:
    """*body* (≤ 16 MiB) sealed under *key* and *server_key* (32 bytes each) for *context*.

    *nonce* is for tests with fixed bytes only; the default is fresh, and one key may seal 2^32
    times.
    """
    return Slot(key, server_key, context).seal(body, nonce=nonce)


def open_record(key: bytes, server_key: bytes, context: bytes, record: bytes) -> bytes:
    """The body of *record*.

    Raises Tampered for a wrong key or context as for altered bytes: they look the same.
    """
    return Slot(key, server_key, context).open(record)


def _seal(cipher: ChaCha20Poly1305, body: bytes, nonce: bytes | None) -> bytes:
    if len(body) > AT_MOST_BODY_BYTES:
        raise ValueError("too long for the drawer")
    nonce = secrets.token_bytes(_NONCE_BYTES) if nonce is None else nonce
    length = len(body).to_bytes(_LENGTH_BYTES, "big")
    plain = (length + body).ljust(bucket(_LENGTH_BYTES + len(body)), b"\0")
    return _VERSION + nonce + cipher.encrypt(nonce, plain, _VERSION)


def _open(cipher: ChaCha20Poly1305, record: bytes) -> bytes:
    if record[:1] > _VERSION:
        raise NewerFormat("a record of a version that this release does not know")
    if record[:1] != _VERSION or len(record) < _HEADER_BYTES + _TAG_BYTES:
        raise Malformed("not a record")
    nonce, sealed = record[len(_VERSION) : _HEADER_BYTES], record[_HEADER_BYTES:]
    try:
        plain = cipher.decrypt(nonce, sealed, _VERSION)
    except InvalidTag:
        raise Tampered("altered, or under another key or context") from None
    length = int.from_bytes(plain[:_LENGTH_BYTES], "big")
    if len(plain) != bucket(_LENGTH_BYTES + length):
        raise Malformed("not padded to its bucket")
    return plain[_LENGTH_BYTES : _LENGTH_BYTES + length]


def _record_key(key: bytes, server_key: bytes, context: bytes) -> bytes:
    if len(key) != KEY_BYTES or len(server_key) != KEY_BYTES:
        raise ValueError("both keys have 32 bytes")
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=server_key, info=_INFO + context)
    return kdf.derive(key)
