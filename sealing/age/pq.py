"""Recipients safe against a future quantum computer (C2SP age, "MLKEM768-X25519", X-Wing).

    -> mlkem768x25519 ENC        HPKE encapsulated key: ML-KEM-768 1088 bytes ‖ X25519 32 bytes
    HPKE ciphertext              the file key under HKDF-SHA256 and ChaCha20-Poly1305

An attacker must break ML-KEM-768 *and* X25519. Owns this stanza, these keys' text forms and how
the 32-byte seed becomes the two private keys; the rest is `cryptography`'s HPKE (RFC 9180).
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from sealing import bech32

from .errors import Malformed
from .format import WRAPPED_FILE_KEY_BYTES, Stanza, from_base64, to_base64

_KIND = "mlkem768x25519"
_INFO = b"age-encryption.org/mlkem768x25519"
_RECIPIENT_PREFIX = "age1pq"
_IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-"
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_MLKEM_PUBLIC = 1184
_PUBLIC = _MLKEM_PUBLIC + 32
_MLKEM_SEED = 64
_SEED = 32
_ENC = 1120


@dataclass(frozen=True, slots=True)
class PQRecipient:
    """A public key of 1216 bytes (ML-KEM-768 ‖ X25519); `str` gives its "age1pq1…" text."""

    raw: bytes
    _key: MLKEM768X25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.raw) != _PUBLIC:
            raise ValueError(f"a post-quantum recipient is {_PUBLIC} bytes")
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(self.raw[:_MLKEM_PUBLIC])
        except ValueError as error:
            raise ValueError("this post-quantum recipient is no ML-KEM-768 key") from error
        x25519 = X25519PublicKey.from_public_bytes(self.raw[_MLKEM_PUBLIC:])
        object.__setattr__(self, "_key", MLKEM768X25519PublicKey(mlkem, x25519))

    @classmethod
    def from_raw(cls, raw: bytes) -> "PQRecipient":
        """Read the 1216 bytes of `raw`; raises ValueError."""
        return cls(bytes(raw))

    @classmethod
    def parse(cls, text: str) -> "PQRecipient":
        """Read "age1pq1…"; raises ValueError."""
        prefix, raw = bech32.decode(text)
        if prefix != _RECIPIENT_PREFIX:
            raise ValueError("not an age1pq1… recipient")
        return cls(raw)

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_PREFIX, self.raw)

    def __repr__(self) -> str:
        return f"PQRecipient({hashlib.sha256(self.raw).hexdigest()[:16]}…)"

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap for this recipient; raises ValueError when its X25519 half is of low order."""
        try:
            sealed = _SUITE.encrypt(file_key, self._key, _INFO)
        except ValueError as error:
            raise ValueError("this post-quantum recipient is no usable public key") from error
        return Stanza(_KIND, (to_base64(sealed[:_ENC]).decode(),), sealed[_ENC:])


@dataclass(frozen=True, slots=True)
class PQIdentity:
    """A private key, kept as its 32-byte seed. Its repr shows nothing.

    Any 32 bytes are a seed, so the keys are derived when they are first asked for: a grant carries
    two identities, and whoever only lists it uses neither.
    """

    seed: bytes = field(repr=False)
    _derived: "_Derived | None" = field(init=False, default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != _SEED:
            raise ValueError(f"a post-quantum identity is a seed of {_SEED} bytes")

    @property
    def recipient(self) -> PQRecipient:
        """The public half."""
        return self._keys().recipient

    @classmethod
    def generate(cls) -> "PQIdentity":
        """A fresh identity from the system's randomness."""
        return cls(secrets.token_bytes(_SEED))

    @classmethod
    def from_seed(cls, seed: bytes) -> "PQIdentity":
        """The identity of a 32-byte *seed*, which must be uniformly random; raises ValueError."""
        return cls(bytes(seed))

    @classmethod
    def parse(cls, text: str) -> "PQIdentity":
        """Read "AGE-SECRET-KEY-PQ-1…"; raises ValueError that does not quote the text."""
        prefix, seed = bech32.decode(text)
        if prefix != _IDENTITY_PREFIX:
            raise ValueError("not an AGE-SECRET-KEY-PQ-1… identity")
        return cls(seed)

    def reveal(self) -> str:
        """The secret as "AGE-SECRET-KEY-PQ-1…"; for key files and nothing else."""
        return bech32.encode(_IDENTITY_PREFIX, self.seed)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Try every post-quantum stanza: they do not say whom they are for."""
        # All are checked before any is tried: what a file breaks must not depend on who reads it.
        wrapped = [_parse(stanza) for stanza in stanzas if stanza.kind == _KIND]
        for sealed in wrapped:
            try:
                return _SUITE.decrypt(sealed, self._keys().private, _INFO)
            except InvalidTag:  # for another recipient, altered, or an X25519 share of low order
                continue
        return None

    def _keys(self) -> "_Derived":
        derived = self._derived
        if derived is None:
            derived = _derive(self.seed)
            # Two threads may both come here: they derive the same.
            object.__setattr__(self, "_derived", derived)
        return derived


@dataclass(frozen=True, slots=True)
class _Derived:
    """What a seed expands to."""

    private: MLKEM768X25519PrivateKey
    recipient: PQRecipient


def _derive(seed: bytes) -> _Derived:
    """X-Wing expands the seed with SHAKE-256: 64 bytes for ML-KEM-768 (d ‖ z), 32 for X25519."""
    expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED + 32)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED])
    x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED:])
    public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    return _Derived(MLKEM768X25519PrivateKey(mlkem, x25519), PQRecipient(public))


def _parse(stanza: Stanza) -> bytes:
    if len(stanza.arguments) != 1:
        raise Malformed("a post-quantum stanza has one argument")
    # The length is fixed before decryption, or one body could fit two keys (partitioning oracle).
    if len(stanza.body) != WRAPPED_FILE_KEY_BYTES:
        raise Malformed("a post-quantum stanza's body has the wrong length")
    return from_base64(stanza.arguments[0], _ENC) + stanza.body
