"""Age files made by hand, wrong in one chosen place. Shares no code with what it tests: keys are
derived with `hmac` alone, so a mistake in the program's derivation cannot hide.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sealing import age

VERSION = b"age-encryption.org/v1\n"
FILE_KEY = bytes(range(16))
NONCE = b"sixteen byte one"
CHUNK = 64 * 1024
STANZA = b"-> test\n" + b"AAAA\n"


@dataclass(frozen=True)
class Knows:
    """An identity that ignores the stanzas and knows the file key."""

    file_key: bytes = FILE_KEY

    def unwrap(self, stanzas: Sequence[age.Stanza]) -> bytes | None:
        return self.file_key


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, one block of output."""
    extracted = hmac.digest(salt or bytes(32), secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def base64_(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def mac(covered: bytes, file_key: bytes = FILE_KEY) -> bytes:
    return hmac.digest(hkdf(file_key, b"", b"header"), covered, hashlib.sha256)


def header(*stanzas: bytes, version: bytes = VERSION, file_key: bytes = FILE_KEY) -> bytes:
    """A header with a right MAC over whatever stands in it."""
    covered = version + b"".join(stanzas) + b"---"
    return covered + b" " + base64_(mac(covered, file_key)) + b"\n"


def chunk(data: bytes, count: int, *, is_final: bool) -> bytes:
    """One authentic sealed chunk, of any size, count and flag."""
    key = hkdf(FILE_KEY, NONCE, b"payload")
    nonce = count.to_bytes(11, "big") + bytes([is_final])
    return ChaCha20Poly1305(key).encrypt(nonce, data, None)


def file(*chunks: bytes, head: bytes | None = None) -> bytes:
    """A file of *chunks*; with none, of one final chunk that says "age"."""
    sealed = b"".join(chunks) or chunk(b"age", 0, is_final=True)
    return (header(STANZA) if head is None else head) + NONCE + sealed
