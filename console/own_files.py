"""A small file of the officer's own: sealed and authenticated under a key that comes from theirs.

    version    1 byte, 01
    nonce      12 bytes
    sealed     ChaCha20-Poly1305 of: length (4 bytes, big-endian) ‖ body ‖ zeros up to a bucket

Its purpose is part of the key, so that no file can stand in for another. Whoever holds the disk
alone can neither read nor change it.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from console.errors import Distrusted
from sealing import bucket

VERSION = b"\x01"
NONCE_BYTES = 12
LENGTH_BYTES = 4


def seal_own(seed: bytes, purpose: str, body: bytes) -> bytes:
    """*body* sealed under the officer's signing *seed* for *purpose*."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    plain = len(body).to_bytes(LENGTH_BYTES, "big") + body
    padded = plain.ljust(bucket(len(plain)), b"\0")
    return VERSION + nonce + _cipher(seed, purpose).encrypt(nonce, padded, VERSION)


def open_own(seed: bytes, purpose: str, data: bytes, damaged: str) -> bytes:
    """The body in *data*. Raises Distrusted with the words of *damaged*."""
    nonce = data[len(VERSION) : len(VERSION) + NONCE_BYTES]
    sealed = data[len(VERSION) + NONCE_BYTES :]
    if data[: len(VERSION)] != VERSION or len(nonce) < NONCE_BYTES:
        raise Distrusted(damaged)
    try:
        plain = _cipher(seed, purpose).decrypt(nonce, sealed, VERSION)
    except InvalidTag:
        raise Distrusted(damaged) from None
    length = int.from_bytes(plain[:LENGTH_BYTES], "big")
    return plain[LENGTH_BYTES : LENGTH_BYTES + length]


def _cipher(seed: bytes, purpose: str) -> ChaCha20Poly1305:
    info = b"saisaat console own file v1 " + purpose.encode()
    return ChaCha20Poly1305(HKDF(SHA256(), 32, None, info).derive(seed))
