"""Officers' and the admin's signatures (Ed25519), and the exact statements they sign.

Only a Statement is ever signed. It begins with its own kind, so a signature over one kind says
nothing in another, and it is canonical JSON, so two different acts never share one spelling. Every
statement about a tip names the tip, and its version or place: none can be replayed elsewhere or
again.
"""

import hashlib
from dataclasses import dataclass, field
from typing import NewType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sealing import canonical
from sealing.errors import Forged, Malformed

Statement = NewType("Statement", bytes)

KEY_BYTES = 32
SIGNATURE_BYTES = 64
_HEADER = b"saisaat-statement-v1\n"
_FIELD_PRIME = 2**255 - 19
# The y coordinates of every point of small order: with such a key, anybody's signature passes.
_SMALL_ORDER_Y = (
    0,
    1,
    _FIELD_PRIME - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303402022,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
)


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """An Ed25519 public key (32 bytes).

    Raises Malformed for one with which anything would verify.
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != KEY_BYTES:
            raise Malformed("a verify key has 32 bytes")
        y = int.from_bytes(self.raw, "little") & (2**255 - 1)
        if y >= _FIELD_PRIME or y in _SMALL_ORDER_Y:
            raise Malformed("not a usable verify key")

    def __str__(self) -> str:
        return self.raw.hex()

    @classmethod
    def parse(cls, text: str) -> "VerifyKey":
        """The key written as 64 lowercase hex digits. Raises Malformed."""
        if not canonical.is_hex(text, KEY_BYTES):
            raise Malformed("a verify key is 64 lowercase hex digits")
        return cls(bytes.fromhex(text))

    def verify(self, statement: Statement, signature: bytes) -> None:
        """Raises Forged unless *signature* is this key's over *statement*."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, statement)
        except (InvalidSignature, ValueError):
            raise Forged("the signature is not by this key over this statement") from None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key: its 32-byte *seed*. Its repr hides it."""

    seed: bytes = field(repr=False)
    _key: Ed25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != KEY_BYTES:
            raise ValueError("a signing key's seed has 32 bytes")
        object.__setattr__(self, "_key", Ed25519PrivateKey.from_private_bytes(self.seed))

    @classmethod
    def generate(cls) -> "SigningKey":
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        return cls(seed)

    @property
    def verify_key(self) -> VerifyKey:
        return VerifyKey(self._key.public_key().public_bytes_raw())

    def sign(self, statement: Statement) -> bytes:
        """The 64-byte signature over *statement*; the same every time."""
        return self._key.sign(statement)


def statement(kind: str, /, **fields: str | int | None) -> Statement:
    """The bytes to sign for an act of *kind*: header, kind and canonical JSON, a line each.

    Use the functions below; a new kind gets one here.
    """
    if not kind.isascii() or not kind.replace("-", "").isalnum():
        raise ValueError("a kind is ASCII letters, digits and dashes")
    if any(isinstance(value, bool) for value in fields.values()):
        raise ValueError("a field is text, a whole number or nothing")
    return Statement(_HEADER + kind.encode("ascii") + b"\n" + canonical.write(fields))


def part_statement(
    *,
    tip_id: str,
    part_id: str,
    seq: int,
    previous: bytes,
    sealed_hash: bytes,
    kind: str,
    day: str,
    officer: str,
) -> Statement:
    """*officer* wrote the part whose sealed bytes have *sealed_hash*, at this place of this tip."""
    return statement(
        "part",
        tip_id=tip_id,
        part_id=part_id,
        seq=seq,
        previous=previous.hex(),
        sealed_hash=sealed_hash.hex(),
        kind=kind,
        day=day,
        officer=officer,
    )


def grant_statement(
    *, grant_id: str, tip_id: str, to: str, sealed: bytes, day: str, by: str
) -> Statement:
    """*by* let *to* into the tip with the grant whose sealed bytes are *sealed*."""
    return statement(
        "grant",
        grant_id=grant_id,
        tip_id=tip_id,
        to=to,
        sealed_hash=hashlib.sha256(sealed).hexdigest(),
        day=day,
        by=by,
    )


def status_statement(
    *, tip_id: str, version: int, status: str, day: str, officer: str, sentence_part_id: str
) -> Statement:
    """*officer* moves the tip from *version* to *status*, with a sentence for the reporter."""
    return statement(
        "status",
        tip_id=tip_id,
        version=version,
        status=status,
        day=day,
        officer=officer,
        sentence_part_id=sentence_part_id,
    )


def claim_statement(*, tip_id: str, version: int, officer: str, day: str) -> Statement:
    """*officer* takes the tip as it is at *version*."""
    return statement("claim", tip_id=tip_id, version=version, officer=officer, day=day)


def release_statement(*, tip_id: str, version: int, officer: str, day: str) -> Statement:
    """*officer* gives the tip back as it is at *version*."""
    return statement("release", tip_id=tip_id, version=version, officer=officer, day=day)


def assign_statement(
    *, tip_id: str, version: int, to_officer: str, day: str, officer: str
) -> Statement:
    """*officer* gives the tip, as it is at *version*, to *to_officer*, who may be themselves."""
    return statement(
        "assign",
        tip_id=tip_id,
        version=version,
        to_officer=to_officer,
        day=day,
        officer=officer,
    )


def move_statement(
    *,
    tip_id: str,
    version: int,
    from_centre: str,
    to_centre: str,
    day: str,
    officer: str,
    sentence_part_id: str,
) -> Statement:
    """*officer* moves the tip from one centre to another, with a sentence for the reporter."""
    return statement(
        "move",
        tip_id=tip_id,
        version=version,
        from_centre=from_centre,
        to_centre=to_centre,
        day=day,
        officer=officer,
        sentence_part_id=sentence_part_id,
    )


def extend_statement(
    *, tip_id: str, version: int, until_day: str, day: str, officer: str, sentence_part_id: str
) -> Statement:
    """*officer* gives the tip until *until_day*, with a sentence for the reporter."""
    return statement(
        "extend",
        tip_id=tip_id,
        version=version,
        until_day=until_day,
        day=day,
        officer=officer,
        sentence_part_id=sentence_part_id,
    )


def hold_statement(
    *, tip_id: str, version: int, reason_part_id: str, day: str, officer: str
) -> Statement:
    """*officer* wants the tip, as it is at *version*, not destroyed until that is lifted, and says
    why in a note."""
    return statement(
        "hold",
        tip_id=tip_id,
        version=version,
        reason_part_id=reason_part_id,
        day=day,
        officer=officer,
    )


def unhold_statement(
    *, tip_id: str, version: int, reason_part_id: str, day: str, officer: str
) -> Statement:
    """*officer* lifts the hold of the tip as it is at *version*, and says why in a note."""
    return statement(
        "unhold",
        tip_id=tip_id,
        version=version,
        reason_part_id=reason_part_id,
        day=day,
        officer=officer,
    )


def rekey_statement(
    *,
    tip_id: str,
    version: int,
    withdrawn: str,
    rekey: bytes,
    reason_part_id: str,
    day: str,
    officer: str,
) -> Statement:
    """*officer* gives the tip the new keys that *rekey* (its bytes) says, because *withdrawn* is to
    read no further; officers are told why in a note."""
    return statement(
        "rekey",
        tip_id=tip_id,
        version=version,
        withdrawn=withdrawn,
        rekey_hash=hashlib.sha256(rekey).hexdigest(),
        reason_part_id=reason_part_id,
        day=day,
        officer=officer,
    )


def members_statement(
    *, record_id: str, centre: str, deed: str, which: str, count: int, day: str, officer: str
) -> Statement:
    """*officer* did *deed* (issue, pause, resume or revoke) to *count* codes of *centre*, all of
    them *which* (ordinary or duress). Never says which codes.
    """
    return statement(
        "members",
        record_id=record_id,
        centre=centre,
        deed=deed,
        which=which,
        count=count,
        day=day,
        officer=officer,
    )


def book_statement(*, by: str, to: str, day: str, book: bytes) -> Statement:
    """*by* wrote this registrar's *book* (its JSON) for *to*, who may be themselves."""
    return statement(
        "member-book", by=by, to=to, day=day, book_hash=hashlib.sha256(book).hexdigest()
    )


def sign_in_statement(
    *, desk_origin: str, challenge: bytes, officer: str, session_key: VerifyKey
) -> Statement:
    """*officer* signs in at *desk_origin*, once: the challenge is good for one use. *session_key*
    proves the requests of the session that begins."""
    return statement(
        "sign-in",
        desk_origin=desk_origin,
        challenge=challenge.hex(),
        officer=officer,
        session_key=str(session_key),
    )


def quarter_statement(*, quarter: str, page: bytes) -> Statement:
    """The server published *page* (its hash, 32 bytes) of *quarter*."""
    return statement("public-quarter", quarter=quarter, page=page.hex())
