"""What an officer has counted of a tip that they end: four choices, and never words.

The desk is told them once, adds to its counters, and keeps a hash that ties what was counted to the
tip. The hash takes in a random salt, which lies in the sealed note of reasons beside the choices
and nowhere else: so who has the desk's database cannot try which choices they were, and an officer
who corrects them proves what was counted before.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from sealing.canonical import JSON, is_hex, is_label, write
from sealing.errors import Malformed
from sealing.signing import Statement, statement

SCHEMA = 1
SALT_BYTES = 32
MEASURES = ("category", "kind", "result", "teller")


@dataclass(frozen=True, slots=True)
class Counts:
    """One choice for each measure, ids of our own data, and the *salt* (32 bytes). Its repr hides
    them all. Raises ValueError for anything else."""

    category: str = field(repr=False)
    kind: str = field(repr=False)
    result: str = field(repr=False)
    teller: str = field(repr=False)
    salt: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not all(map(is_label, self.by_measure().values())):
            raise ValueError("what is counted is an id of our own data")
        if len(self.salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes")

    @classmethod
    def new(cls, *, category: str, kind: str, result: str, teller: str) -> "Counts":
        """With a fresh salt."""
        return cls(category, kind, result, teller, secrets.token_bytes(SALT_BYTES))

    @classmethod
    def read(cls, form: object) -> "Counts":
        """What `form` wrote. Raises Malformed."""
        if not isinstance(form, Mapping) or set(form) != {*MEASURES, "salt"}:
            raise Malformed("not what is counted of a tip")
        texts = {name: told for name, told in form.items() if isinstance(told, str)}
        if len(texts) != len(form) or not is_hex(texts["salt"], SALT_BYTES):
            raise Malformed("not what is counted of a tip")
        try:
            return cls(**{**texts, "salt": bytes.fromhex(texts["salt"])})  # type: ignore[arg-type]  # the names were compared above
        except ValueError:
            raise Malformed("not what is counted of a tip") from None

    def by_measure(self) -> Mapping[str, str]:
        """The choices, by the measures' names."""
        return {name: getattr(self, name) for name in MEASURES}

    def form(self) -> Mapping[str, JSON]:
        """As it is written into the sealed note."""
        return {**self.by_measure(), "salt": self.salt.hex()}

    def hash(self, tip_id: str) -> bytes:
        """What stands for it in the open: SHA-256 of canonical JSON, with the tip's id."""
        return hashlib.sha256(write({"schema": SCHEMA, "tip_id": tip_id, **self.form()})).digest()


def count_statement(
    *, tip_id: str, version: int, counts_hash: bytes, day: str, officer: str
) -> Statement:
    """*officer*, who ends the tip as it is at *version*, has counted of it what *counts_hash*
    stands for."""
    return statement(
        "count",
        tip_id=tip_id,
        version=version,
        counts_hash=counts_hash.hex(),
        day=day,
        officer=officer,
    )
