"""The audit trail: what officers and the server did, each entry naming the one before by its hash.

An entry says who did which deed on which day, at which centre or tip, and what it rests on: the
facts that the officer signed. It never holds a word that anybody wrote or told, nor a deed of a
reporter. Within a day there is an order and no time. Who keeps the hash of one entry can tell later
whether anything before it was altered, left out or put in; so the server signs the last entry of
each day (its *head*), and auditors sign it too, with keys that the server does not have.

What nobody can tell from a trail alone: that its newest entries, of a day without a head that
somebody else keeps, were never shown.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from sealing import canonical
from sealing.canonical import JSON, Fields
from sealing.errors import Forged, Malformed
from sealing.grants import SERVER
from sealing.signing import SIGNATURE_BYTES, Statement, VerifyKey, statement

SCHEMA = 1
HASH_BYTES = 32
NO_ENTRY_BEFORE = bytes(HASH_BYTES)
FACTS_AT_MOST = 16
RESTORE = "restore"
FACT_CHARACTERS_AT_MOST = 200
_HEADER = b"saisaat-audit-v1\n"

Fact = str | int


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed; *seq* counts from 1 without a gap.

    *officer* is an officer's id or "server". *count* is how many it was done to, where a deed is
    done to several. *facts* are what the deed rests on (a tip's version, a part's id and hash, …),
    *signature* the officer's own over the statement that these facts make, where one is asked for.
    Raises Malformed for what no trail holds.
    """

    seq: int
    day: str
    deed: str
    officer: str
    centre: str | None = None
    tip_id: str | None = None
    count: int | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    signature: bytes | None = field(default=None, repr=False)
    previous: bytes = NO_ENTRY_BEFORE

    def __post_init__(self) -> None:
        is_sound = (
            1 <= self.seq <= canonical.LARGEST_NUMBER
            and canonical.is_day(self.day)
            and canonical.is_label(self.deed)
            and canonical.is_label(self.officer)
            and (self.centre is None or canonical.is_label(self.centre))
            and (self.tip_id is None or canonical.is_id(self.tip_id))
            and (self.count is None or 0 <= self.count <= canonical.LARGEST_NUMBER)
            and (self.signature is None or len(self.signature) == SIGNATURE_BYTES)
            and len(self.previous) == HASH_BYTES
            and len(self.facts) <= FACTS_AT_MOST
            and all(map(_is_fact, self.facts.items()))
        )
        if not is_sound:
            raise Malformed("no entry of an audit trail")

    @property
    def data(self) -> bytes:
        """The entry as canonical JSON: what is stored, sent and hashed."""
        return canonical.write(
            {
                "schema": SCHEMA,
                "seq": self.seq,
                "day": self.day,
                "deed": self.deed,
                "officer": self.officer,
                "centre": self.centre,
                "tip_id": self.tip_id,
                "count": self.count,
                "facts": dict(self.facts),
                "signature": None if self.signature is None else self.signature.hex(),
                "previous": self.previous.hex(),
            }
        )

    @property
    def hash(self) -> bytes:
        """What the next entry names as its previous, and a day's head is: 32 bytes."""
        return hash_entry(self.data)


def hash_entry(data: bytes) -> bytes:
    """The hash of an entry's bytes."""
    return hashlib.sha256(_HEADER + data).digest()


def read_entry(data: bytes) -> Entry:
    """The entry in *data*. Raises Malformed, or NewerFormat for one of a later release."""
    fields = Fields(canonical.read(data))
    fields.schema(SCHEMA)
    entry = Entry(
        seq=fields.number("seq"),
        day=fields.day("day"),
        deed=fields.text("deed"),
        officer=fields.text("officer"),
        centre=fields.text_or_none("centre"),
        tip_id=fields.text_or_none("tip_id"),
        count=fields.number_or_none("count"),
        facts=_facts(fields.object_or_none("facts")),
        signature=None if fields.is_null("signature") else fields.raw("signature", SIGNATURE_BYTES),
        previous=fields.raw("previous", HASH_BYTES),
    )
    fields.done()
    return entry


@dataclass(frozen=True, slots=True)
class DayHead:
    """Where the trail stood at the end of *day*: after entry *seq*, whose hash is *head*.

    *signature* is the server's; *countersigned* are auditors' over the same, by officer's id.
    """

    day: str
    seq: int
    head: bytes
    signature: bytes = field(repr=False)
    countersigned: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def said_by(self, who: str) -> Statement:
        """What *who* (an officer's id, or "server") signs of this day."""
        return day_statement(day=self.day, seq=self.seq, head=self.head, by=who)


def day_statement(*, day: str, seq: int, head: bytes, by: str) -> Statement:
    """*by* (the server, or an auditor) saw the trail end at *seq* with *head* on that *day*."""
    return statement("audit-day", day=day, seq=seq, head=head.hex(), by=by)


def restore_statement(
    *, day: str, backup_day: str, entries: int, head: bytes, by: str = SERVER
) -> Statement:
    """The server was restored on *day* from a backup of *backup_day*, in which the trail had so
    many *entries* and ended with *head*: what came after them is lost."""
    return statement(
        RESTORE, day=day, backup_day=backup_day, entries=entries, head=head.hex(), by=by
    )


class Flaw(StrEnum):
    """How a trail fails at an entry."""

    MISSING = "missing"  # a number has no entry
    REPEATED = "repeated"  # shown again, or behind a later one
    ALTERED = "altered"  # reads otherwise than the next entry says
    BACKDATED = "backdated"  # of an earlier day than the entry before


class DayFlaw(StrEnum):
    """How a day's head fails."""

    FORGED = "forged"  # not signed by the server's key
    DIFFERS = "differs"  # the trail shown does not end so on that day
    DISORDERED = "disordered"  # not behind the head before it
    UNSIGNED = "unsigned"  # there are entries of a day that is over, and no head


@dataclass(frozen=True, slots=True)
class TrailFinding:
    """One flaw, at entry *seq*."""

    seq: int
    what: Flaw


@dataclass(frozen=True, slots=True)
class DayFinding:
    """One flaw of the head of *day*."""

    day: str
    what: DayFlaw


def check_trail(entries: Sequence[Entry]) -> tuple[TrailFinding, ...]:
    """What is wrong with *entries*, the whole trail as shown; empty when nothing is."""
    found: dict[TrailFinding, None] = {}
    if entries and entries[0].seq != 1:
        found[TrailFinding(1, Flaw.MISSING)] = None
    elif entries and entries[0].previous != NO_ENTRY_BEFORE:
        found[TrailFinding(1, Flaw.ALTERED)] = None
    for before, entry in pairwise(entries):
        found |= dict.fromkeys(_step(before, entry))
    return tuple(found)


def check_heads(
    entries: Sequence[Entry], heads: Sequence[DayHead], key: VerifyKey, over_until: str
) -> tuple[DayFinding, ...]:
    """What is wrong with the days' *heads* beside the whole trail; empty when nothing is.

    *key* is the server's; every day up to *over_until* that has entries must have a head.
    """
    found = [DayFinding(head.day, flaw) for head in heads for flaw in _head(entries, head, key)]
    for before, head in pairwise(heads):
        if head.day <= before.day or head.seq <= before.seq:
            found.append(DayFinding(head.day, DayFlaw.DISORDERED))
    signed = {head.day for head in heads}
    last = max([over_until, *signed])
    unsigned = sorted({entry.day for entry in entries if entry.day <= last} - signed)
    found += [DayFinding(day, DayFlaw.UNSIGNED) for day in unsigned]
    return tuple(dict.fromkeys(found))


def _step(before: Entry, entry: Entry) -> Iterator[TrailFinding]:
    if entry.seq <= before.seq:
        yield TrailFinding(entry.seq, Flaw.REPEATED)
    elif entry.seq > before.seq + 1:
        yield TrailFinding(before.seq + 1, Flaw.MISSING)
    elif entry.previous != before.hash:
        yield TrailFinding(before.seq, Flaw.ALTERED)
    if entry.day < before.day:
        yield TrailFinding(entry.seq, Flaw.BACKDATED)


def _head(entries: Sequence[Entry], head: DayHead, key: VerifyKey) -> Iterator[DayFlaw]:
    try:
        key.verify(head.said_by(SERVER), head.signature)
    except Forged:
        yield DayFlaw.FORGED
    # By place: a trail with a gap has other flaws, and its heads cannot stand where they should.
    last = entries[head.seq - 1] if 1 <= head.seq <= len(entries) else None
    after = entries[head.seq] if 1 <= head.seq < len(entries) else None
    stands = last is not None and (last.seq, last.day, last.hash) == (head.seq, head.day, head.head)
    if not stands or (after is not None and after.day <= head.day):
        yield DayFlaw.DIFFERS


def _facts(value: Mapping[str, JSON] | None) -> Mapping[str, Fact]:
    found: dict[str, Fact] = {}
    for name, fact in (value or {}).items():
        if not isinstance(fact, str | int):
            raise Malformed("a fact is text or a whole number")
        found[name] = fact
    return found


def _is_fact(item: tuple[str, object]) -> bool:
    name, value = item
    if isinstance(value, str):
        is_sound = len(value) <= FACT_CHARACTERS_AT_MOST
    else:
        is_sound = type(value) is int and 0 <= value <= canonical.LARGEST_NUMBER
    return is_sound and canonical.is_label(name)
