"""The audit trail: entries, the heads of days, and who signed them. Rows are only ever added.

Owns the tables `audit_entry`, `audit_day` and `audit_signature`; there is no function here that
changes or removes a row. The repositories in which officers' deeds are written call `note` in the
same transaction, so that no deed is without its entry, nor an entry without its deed. Refuses to
know who may do or see what.

An entry's day is the deed's, as its officer signed it, but never earlier than the entry before nor
than a day whose head is signed: a console's clock may be a day off, and a signed day stays closed.
"""

# ruff: noqa: S608  # what is put into SQL here is this module's own list of columns

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sealing.audit import NO_ENTRY_BEFORE, DayHead, Entry, Fact
from storage.port import Conflict, Row, Transaction

_DAY = "day, seq, head, signature"


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as it is stored: *data* is its canonical JSON."""

    seq: int
    day: str
    hash: bytes
    data: bytes = field(repr=False)


def note(
    t: Transaction,
    deed: str,
    *,
    day: str,
    officer: str,
    centre: str | None = None,
    tip_id: str | None = None,
    count: int | None = None,
    facts: Mapping[str, Fact | None] | None = None,
    signature: bytes | None = None,
) -> Entry:
    """Add one deed behind the newest entry. *officer* may be "server"; facts of None are none."""
    last = newest(t)
    entry = Entry(
        seq=1 if last is None else last.seq + 1,
        day=max(day, _earliest(t, last)),
        deed=deed,
        officer=officer,
        centre=centre,
        tip_id=tip_id,
        count=count,
        facts={name: fact for name, fact in (facts or {}).items() if fact is not None},
        signature=signature,
        previous=NO_ENTRY_BEFORE if last is None else last.hash,
    )
    t.execute(
        "INSERT INTO audit_entry (seq, day, hash, entry) VALUES (?, ?, ?, ?)",
        (entry.seq, entry.day, entry.hash, entry.data),
    )
    return entry


def centre_of(t: Transaction, tip_id: str) -> str | None:
    """The centre that a tip lies at now, for an entry about it."""
    found = t.row("SELECT centre FROM tip WHERE tip_id = ?", (tip_id,))
    return None if found is None else str(found[0])


def newest(t: Transaction) -> EntryRow | None:
    """The last entry; None in an empty trail."""
    found = t.row(
        "SELECT seq, day, hash, entry FROM audit_entry WHERE seq > 0 ORDER BY seq DESC LIMIT 1"
    )
    return None if found is None else EntryRow(*found)


def page(t: Transaction, *, after: int = 0, limit: int = 200) -> tuple[EntryRow, ...]:
    """The entries behind *after*, oldest first."""
    found = t.rows(
        "SELECT seq, day, hash, entry FROM audit_entry WHERE seq > ? ORDER BY seq LIMIT ?",
        (after, limit),
    )
    return tuple(EntryRow(*row) for row in found)


def day_to_sign(t: Transaction, before: str) -> EntryRow | None:
    """The last entry of the first day that has no head yet and is before *before*; None when every
    such day has one."""
    signed = last_head(t)
    first = page(t, after=0 if signed is None else signed.seq, limit=1)
    if not first or first[0].day >= before:
        return None
    found = t.row(
        "SELECT seq, day, hash, entry FROM audit_entry WHERE seq >= ? AND day = ?"
        " ORDER BY seq DESC LIMIT 1",
        (first[0].seq, first[0].day),
    )
    return None if found is None else EntryRow(*found)


def add_head(t: Transaction, head: DayHead) -> None:
    """Keep a day's head. Raises Conflict when that day has one already."""
    t.execute(
        f"INSERT INTO audit_day ({_DAY}) VALUES (?, ?, ?, ?)",
        (head.day, head.seq, head.head, head.signature),
    )


def last_head(t: Transaction) -> DayHead | None:
    """The newest day's head, without who signed it besides the server."""
    found = t.row(f"SELECT {_DAY} FROM audit_day WHERE day > '' ORDER BY day DESC LIMIT 1")
    return None if found is None else DayHead(*found)


def head(t: Transaction, day: str) -> DayHead | None:
    """The head of *day*, and who signed it."""
    found = t.row(f"SELECT {_DAY} FROM audit_day WHERE day = ?", (day,))
    return None if found is None else _head(t, found)


def heads(t: Transaction, *, after: str = "", limit: int = 200) -> tuple[DayHead, ...]:
    """The heads of the days behind *after*, oldest first, and who signed each."""
    found = t.rows(
        f"SELECT {_DAY} FROM audit_day WHERE day > ? ORDER BY day LIMIT ?", (after, limit)
    )
    return tuple(_head(t, row) for row in found)


def countersign(t: Transaction, day: str, officer: str, signature: bytes) -> None:
    """Keep an auditor's signature over the head of *day*; the same again changes nothing.

    Raises Conflict for another signature of the same officer over the same day.
    """
    before = _signatures(t, day).get(officer)
    if before is None:
        t.execute(
            "INSERT INTO audit_signature (day, officer, signature) VALUES (?, ?, ?)",
            (day, officer, signature),
        )
    elif before != signature:
        raise Conflict("this officer has signed that day already")


def _head(t: Transaction, row: Row) -> DayHead:
    day, seq, head, signature = row
    return DayHead(day, seq, head, signature, _signatures(t, day))


def _signatures(t: Transaction, day: str) -> dict[str, bytes]:
    found = t.rows("SELECT officer, signature FROM audit_signature WHERE day = ?", (day,))
    return dict(found)


def _earliest(t: Transaction, last: EntryRow | None) -> str:
    """The first day that an entry may still be of."""
    signed = last_head(t)
    closed = "" if signed is None else (date.fromisoformat(signed.day) + timedelta(1)).isoformat()
    return max(closed, "" if last is None else last.day)
