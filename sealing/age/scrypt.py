"""A passphrase as the only recipient, for key files (C2SP age, "scrypt").

    -> scrypt SALT LOG_N                       16 random bytes; N = 2^LOG_N, r = 8, p = 1
    ChaCha20-Poly1305(wrap key, file key)      nonce zero: each wrap key is used once

Owns this stanza. Law: the file names its own cost, so the reader sets a ceiling before it works;
LOG_N 18 takes 256 MiB and about a second, each step more doubles both.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from .errors import Malformed
from .format import WRAPPED_FILE_KEY_BYTES, Stanza, from_base64, to_base64

_KIND = "scrypt"
_SALT_PREFIX = b"age-encryption.org/v1/scrypt"
_SALT = 16
_MOST_LOG_N = 20
# Two digits are enough for any ceiling this machine could bear; longer numbers exceed it anyway.
_LOG_N = re.compile(r"[1-9][0-9]{0,1}")
_ZERO_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class ScryptRecipient:
    """Seals to whoever knows *passphrase*. The repr does not show it."""

    passphrase: str = field(repr=False)
    log_n: int = 18

    def __post_init__(self) -> None:
        if not self.passphrase:
            raise ValueError("the passphrase is empty")
        if not 1 <= self.log_n <= _MOST_LOG_N:
            raise ValueError(f"log_n is from 1 to {_MOST_LOG_N}")

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap under the stretched passphrase; slow on purpose."""
        salt = secrets.token_bytes(_SALT)
        key = _wrap_key(self.passphrase, salt, self.log_n)
        body = ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, file_key, None)
        return Stanza(_KIND, (to_base64(salt).decode(), str(self.log_n)), body)


@dataclass(frozen=True, slots=True)
class ScryptIdentity:
    """Opens with *passphrase*; files that ask for more work than *at_most_log_n* are refused."""

    passphrase: str = field(repr=False)
    at_most_log_n: int = _MOST_LOG_N

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Try the passphrase stanza, which the header has ensured to be alone."""
        for stanza in stanzas:
            if stanza.kind != _KIND:
                continue
            salt, log_n = _parse(stanza)
            if log_n > self.at_most_log_n:
                raise Malformed("the file asks for more passphrase work than is accepted")
            key = _wrap_key(self.passphrase, salt, log_n)
            try:
                return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, stanza.body, None)
            except InvalidTag:
                return None
        return None


def _parse(stanza: Stanza) -> tuple[bytes, int]:
    if len(stanza.arguments) != 2:
        raise Malformed("a passphrase stanza has two arguments")
    salt, log_n = stanza.arguments
    if not _LOG_N.fullmatch(log_n):
        raise Malformed("a passphrase stanza's work factor is not acceptable")
    # The length is fixed before decryption, or one body could fit two passphrases.
    if len(stanza.body) != WRAPPED_FILE_KEY_BYTES:
        raise Malformed("a passphrase stanza's body has the wrong length")
    return from_base64(salt, _SALT), int(log_n)


def _wrap_key(passphrase: str, salt: bytes, log_n: int) -> bytes:
    return Scrypt(_SALT_PREFIX + salt, 32, 1 << log_n, 8, 1).derive(passphrase.encode())
