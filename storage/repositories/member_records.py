"""What registrars did with member codes, signed by them: an append-only record.

Owns the table `member_record`. Refuses to know which codes a deed was about. A deed on duress codes
is shown to its doer only: to everybody else there are none, so the
audit trail does not tell of it either.
"""

# ruff: noqa: S608  # what is put into SQL here is this module's own list of columns

from dataclasses import dataclass, field
from enum import StrEnum

from storage.port import Transaction
from storage.repositories import audit

_COLUMNS = "record_id, day, officer, centre, deed, is_duress, count, signature"
_NEWEST = ("9999-12-31", "g")  # behind every day, and every id of hex digits


class Deed(StrEnum):
    """What was done."""

    ISSUE = "issue"
    PAUSE = "pause"
    RESUME = "resume"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class RecordRow:
    """*officer* did *deed* to *count* codes of *centre*, and signed so."""

    record_id: str
    day: str
    officer: str
    centre: str
    deed: Deed
    is_duress: bool
    count: int
    signature: bytes = field(repr=False)

    def is_same_deed(self, other: "RecordRow") -> bool:
        """Whether *other* says the same again, perhaps on a later day."""
        return self._deed() == other._deed()

    def _deed(self) -> tuple[object, ...]:
        return self.record_id, self.officer, self.centre, self.deed, self.is_duress, self.count


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records, newest day first, and where to go on."""

    records: tuple[RecordRow, ...]
    next: tuple[str, str] | None


def add(t: Transaction, record: RecordRow) -> None:
    """Keep a record. Raises Conflict when its id is taken."""
    t.execute(
        f"INSERT INTO member_record ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.record_id,
            record.day,
            record.officer,
            record.centre,
            record.deed.value,
            int(record.is_duress),
            record.count,
            record.signature,
        ),
    )
    if not record.is_duress:
        audit.note(
            t,
            "members",
            day=record.day,
            officer=record.officer,
            centre=record.centre,
            count=record.count,
            facts={"record_id": record.record_id, "deed": record.deed.value, "day": record.day},
            signature=record.signature,
        )


def get(t: Transaction, record_id: str) -> RecordRow | None:
    """The record of that id."""
    found = t.row(f"SELECT {_COLUMNS} FROM member_record WHERE record_id = ?", (record_id,))
    return None if found is None else _from_row(*found)


def page(
    t: Transaction,
    centre: str,
    reader: str,
    *,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> RecordPage:
    """The centre's record as *reader* may see it, behind *after* (a day and a record's id)."""
    rows = t.rows(
        f"SELECT {_COLUMNS} FROM member_record"
        " WHERE centre = ? AND (day, record_id) < (?, ?) AND (is_duress = 0 OR officer = ?)"
        " ORDER BY day DESC, record_id DESC LIMIT ?",
        (centre, *(after or _NEWEST), reader, limit + 1),
    )
    records = tuple(_from_row(*row) for row in rows[:limit])
    more = len(rows) > limit
    return RecordPage(records, (records[-1].day, records[-1].record_id) if more else None)


def _from_row(
    record_id: str,
    day: str,
    officer: str,
    centre: str,
    deed: str,
    is_duress: int,
    count: int,
    signature: bytes,
) -> RecordRow:
    return RecordRow(
        record_id, day, officer, centre, Deed(deed), bool(is_duress), int(count), signature
    )
