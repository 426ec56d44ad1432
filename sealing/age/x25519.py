"""Recipients on Curve25519, as every age since 2019 knows them (C2SP age, "X25519").

    -> X25519 SHARE                            the sender's ephemeral public key, 32 bytes
    ChaCha20-Poly1305(wrap key, file key)      nonce zero: each wrap key is used once

Owns this stanza and these keys' text forms. Not safe against a future quantum computer; `pq` is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sealing import bech32

from .errors import Malformed
from .format import WRAPPED_FILE_KEY_BYTES, Stanza, derive, from_base64, to_base64

_KIND = "X25519"
_INFO = b"age-encryption.org/v1/X25519"
_RECIPIENT_PREFIX = "age"
_IDENTITY_PREFIX = "AGE-SECRET-KEY-"
_ZERO_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class X25519Recipient:
    """A public key; `str` gives its "age1…" text."""

    raw: bytes
    _key: X25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.raw) != 32:
            raise ValueError("an X25519 recipient is 32 bytes")
        object.__setattr__(self, "_key", X25519PublicKey.from_public_bytes(self.raw))

    @classmethod
    def parse(cls, text: str) -> "X25519Recipient":
        """Read "age1…"; raises ValueError."""
        prefix, raw = bech32.decode(text)
        if prefix != _RECIPIENT_PREFIX:
            raise ValueError("not an age1… recipient")
        return cls(raw)

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_PREFIX, self.raw)

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap for this recipient; raises ValueError when the key is a point of low order."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        try:
            secret = ephemeral.exchange(self._key)
        except ValueError as error:
            raise ValueError("this X25519 recipient is no usable public key") from error
        key = _wrap_key(secret, share, self.raw)
        body = ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, file_key, None)
        return Stanza(_KIND, (to_base64(share).decode(),), body)


@dataclass(frozen=True, slots=True)
class X25519Identity:
    """A private key. Its repr shows nothing; only `reveal` writes the secret out."""

    secret: bytes = field(repr=False)
    recipient: X25519Recipient = field(init=False, repr=False, compare=False)
    _key: X25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) != 32:
            raise ValueError("an X25519 identity is 32 bytes")
        key = X25519PrivateKey.from_private_bytes(self.secret)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "recipient", X25519Recipient(key.public_key().public_bytes_raw()))

    @classmethod
    def generate(cls) -> "X25519Identity":
        """A fresh identity from the system's randomness."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "X25519Identity":
        """Read "AGE-SECRET-KEY-1…"; raises ValueError that does not quote the text."""
        prefix, secret = bech32.decode(text)
        if prefix != _IDENTITY_PREFIX:
            raise ValueError("not an AGE-SECRET-KEY-1… identity")
        return cls(secret)

    def reveal(self) -> str:
        """The secret as "AGE-SECRET-KEY-1…"; for key files and nothing else."""
        return bech32.encode(_IDENTITY_PREFIX, self.secret)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Try every X25519 stanza: they do not say whom they are for."""
        # All are checked before any is tried: what a file breaks must not depend on who reads it.
        wrapped = [_parse(stanza) for stanza in stanzas if stanza.kind == _KIND]
        for share, body in wrapped:
            try:
                # exchange() refuses the all-zero secret that a point of low order gives.
                secret = self._key.exchange(X25519PublicKey.from_public_bytes(share))
            except ValueError as error:
                raise Malformed("an X25519 stanza holds no usable public key") from error
            key = _wrap_key(secret, share, self.recipient.raw)
            try:
                return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, body, None)
            except InvalidTag:
                continue
        return None


def _parse(stanza: Stanza) -> tuple[bytes, bytes]:
    if len(stanza.arguments) != 1:
        raise Malformed("an X25519 stanza has one argument")
    # The length is fixed before decryption, or one body could fit two keys (partitioning oracle).
    if len(stanza.body) != WRAPPED_FILE_KEY_BYTES:
        raise Malformed("an X25519 stanza's body has the wrong length")
    return from_base64(stanza.arguments[0], 32), stanza.body


def _wrap_key(secret: bytes, share: bytes, recipient: bytes) -> bytes:
    return derive(secret, salt=share + recipient, info=_INFO)
