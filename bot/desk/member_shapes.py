"""What goes over the wire about member codes.

A code itself never does: a *half* is 32 bytes that its registrar's console stretched out of it.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from bot.desk.fields import (
    AnswerBody,
    Bytes,
    Centre,
    Day,
    Id,
    RequestBody,
    Signature,
    decoded,
    sized,
)
from sealing.grants import FIRST_YEAR, LAST_YEAR
from storage.repositories.codes import Counts, State
from storage.repositories.member_records import RecordRow

BATCH_AT_MOST = 200

Half = Annotated[
    bytes,
    BeforeValidator(decoded),
    sized(32, 32),
]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR, strict=True)]


class SignedBatch(RequestBody):
    """A change that a registrar signed: of one centre's ordinary codes, or of its duress codes."""

    record_id: Id
    centre: Centre
    is_duress: bool
    day: Day
    signature: Signature


class NewCode(RequestBody):
    """A code by its half; *expires_day* is its last day."""

    half: Half
    expires_day: Day
    since_year: Year


class NewCodes(SignedBatch):
    codes: Annotated[tuple[NewCode, ...], Field(min_length=1, max_length=BATCH_AT_MOST)]


class NewStates(SignedBatch):
    """Revoked is for good."""

    state: State
    halves: Annotated[tuple[Half, ...], Field(min_length=1, max_length=BATCH_AT_MOST)]


class Outcome(StrEnum):
    """What became of one code."""

    DONE = "done"
    KNOWN = "known"  # the same batch came before
    UNKNOWN = "unknown"
    REVOKED = "revoked"


class OutcomesAnswer(AnswerBody):
    """In the order of the batch."""

    outcomes: tuple[Outcome, ...]


class LinksAnswer(AnswerBody):
    """Where people reach the chat, as far as this server knows."""

    web: str | None
    onion: str | None


class TermsAnswer(AnswerBody):
    """How codes of this deployment are stretched (Argon2id)."""

    salt: Bytes
    memory_kib: int
    time: int
    lanes: int
    links: LinksAnswer


class CentreCounts(AnswerBody):
    centre: str
    active: int
    paused: int
    revoked: int
    expired: int

    @classmethod
    def of(cls, centre: str, counts: Counts) -> "CentreCounts":
        return cls(
            centre=centre,
            active=counts.active,
            paused=counts.paused,
            revoked=counts.revoked,
            expired=counts.expired,
        )


class CountsAnswer(AnswerBody):
    centres: tuple[CentreCounts, ...]


class RecordEntry(AnswerBody):
    """What *officer* did and signed: a statement of kind `members`."""

    record_id: str
    day: str
    officer: str
    centre: str
    deed: str
    is_duress: bool
    count: int
    signature: Bytes

    @classmethod
    def of(cls, row: RecordRow) -> "RecordEntry":
        return cls(
            record_id=row.record_id,
            day=row.day,
            officer=row.officer,
            centre=row.centre,
            deed=row.deed,
            is_duress=row.is_duress,
            count=row.count,
            signature=row.signature,
        )


class RecordAnswer(AnswerBody):
    records: tuple[RecordEntry, ...]
    next: str | None
