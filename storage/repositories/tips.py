"""Filed tips: how they are found, claimed and moved along.

Owns the tables `tip`, `change` and `rekey`. Every change names the version that its author saw; one
of two officers wins and the other is told who. Refuses to know who may do what, and how a queue is
listed.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sealing.grants import SERVER
from storage.port import Conflict, Row, Transaction, Value
from storage.repositories import audit, clocks, expiry, figures, open_tips
from storage.repositories import grants as tip_grants
from storage.repositories.grants import GrantRow


class Status(StrEnum):
    """Where a tip stands, in the order of a tip's life."""

    RECEIVED = "received"
    SCREENING = "screening"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REFERRED = "referred"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"


ENDS = frozenset({Status.CLOSED, Status.DECLINED})


class ChangeKind(StrEnum):
    """What a change did."""

    STATUS = "status"
    CLAIM = "claim"
    RELEASE = "release"
    STOP = "stop"  # the reporter wants no more messages
    MOVE = "move"  # to another centre
    ASSIGN = "assign"  # to a colleague, by somebody who may
    EXTEND = "extend"  # more time, with a reason
    ESCALATE = "escalate"  # the clock ran out: the centre above may read it too
    CONFIRM = "confirm"  # the reporter agrees that it is closed
    REOPEN = "reopen"  # the reporter does not
    REKEY = "rekey"  # later parts under new keys
    HOLD = "hold"  # not to be destroyed, for a reason
    UNHOLD = "unhold"  # that reason is over

    @property
    def is_reporters(self) -> bool:
        """Whether the reporter did it: what they do has no place in the audit trail."""
        return self in (ChangeKind.STOP, ChangeKind.CONFIRM, ChangeKind.REOPEN)


@dataclass(frozen=True, slots=True)
class NewTip:
    """A tip at the moment of filing. Recipients are raw public keys; the receipt's is that to which
    its grants are sealed."""

    tip_id: str
    locator: bytes = field(repr=False)
    centre: str
    filed_day: str
    case_recipient: bytes = field(repr=False)
    reply_recipient: bytes = field(repr=False)
    receipt_grant_id: str
    receipt_grant: bytes = field(repr=False)
    receipt_recipient: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TipRow:
    """A filed tip as it stands; *version* grows with every change, from 1 at filing. *due_day* is
    the last day of the clock that runs, if one does; *climbed_to* the highest centre that the tip
    climbed to. The receipt's grant is the first; later ones are in rekeys. Older tips are without
    the receipt's recipient. On *expire_day* it is destroyed; not while it is *held*."""

    tip_id: str
    centre: str
    status: Status
    status_day: str
    filed_day: str
    version: int
    claimed_by: str | None
    no_contact: bool
    receipt_grant_id: str
    case_recipient: bytes = field(repr=False)
    reply_recipient: bytes = field(repr=False)
    receipt_grant: bytes = field(repr=False)
    due_day: str | None = None
    climbed_to: str | None = None
    receipt_recipient: bytes | None = field(default=None, repr=False)
    expire_day: str | None = None
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change; *version* is the version that it made. *to_officer* is whom it was given to, or
    who was withdrawn from it, *until_day* the last day of the time it was given; *rekey* is what
    new keys say, *counts_hash* what stands for what was counted, signed with *counts_signature*."""

    tip_id: str
    version: int
    kind: ChangeKind
    status: Status | None
    officer: str | None
    day: str
    part_id: str | None
    signature: bytes | None
    from_centre: str | None = None
    to_centre: str | None = None
    to_officer: str | None = None
    until_day: str | None = None
    rekey: bytes | None = field(default=None, repr=False)
    counts_hash: bytes | None = None
    counts_signature: bytes | None = None

    @property
    def is_ending(self) -> bool:
        return self.kind is ChangeKind.STATUS and self.status in ENDS


class TipMoved(Conflict):
    """Somebody changed the tip first: what it is now."""

    def __init__(self, version: int, claimed_by: str | None) -> None:
        super().__init__("the tip was changed meanwhile")
        self.version = version
        self.claimed_by = claimed_by


_TIP = (
    "tip_id, centre, status, status_day, filed_day, version, claimed_by, no_contact,"
    " receipt_grant_id, case_recipient, reply_recipient, receipt_grant, due_day,"
    " climbed_to, receipt_recipient, expire_day, is_held"
)
# What a tip's clock depends on; `clocks.reset` follows in the same commit.
_ON_THE_CLOCK = frozenset(
    {
        ChangeKind.STATUS,
        ChangeKind.MOVE,
        ChangeKind.EXTEND,
        ChangeKind.ESCALATE,
        ChangeKind.REOPEN,
    }
)
# What the day of its destruction depends on; `expiry.reset` follows in the same commit.
_ON_EXPIRY = frozenset({ChangeKind.STATUS, ChangeKind.REOPEN, ChangeKind.HOLD, ChangeKind.UNHOLD})


def file(t: Transaction, tip: NewTip, grants: Iterable[GrantRow]) -> None:
    """File *tip* with its grants; it is open no longer. Raises Conflict when it was filed before.

    Of several grants for one officer the first counts, so put released ones first. All of them are
    for one role, and that is the tip's.
    """
    first = {grant.officer: grant for grant in reversed(tuple(grants))}
    role = next((grant.role for grant in first.values()), "officer")
    t.execute(
        "INSERT INTO tip (tip_id, locator, centre, status, status_day, filed_day, version,"
        " claimed_by, no_contact, receipt_grant_id, case_recipient, reply_recipient, receipt_grant,"
        " role, receipt_recipient)"
        " VALUES (?, ?, ?, ?, ?, ?, 1, NULL, 0, ?, ?, ?, ?, ?, ?)",
        (
            tip.tip_id,
            tip.locator,
            tip.centre,
            Status.RECEIVED.value,
            tip.filed_day,
            tip.filed_day,
            tip.receipt_grant_id,
            tip.case_recipient,
            tip.reply_recipient,
            tip.receipt_grant,
            role,
            tip.receipt_recipient,
        ),
    )
    tip_grants.insert(t, tuple(first.values()), status=Status.RECEIVED.value)
    if role != clocks.APPLICATIONS:
        figures.take_in(t, tip.filed_day, tip.centre)
    open_tips.remove(t, tip.tip_id)
    clocks.reset(t, tip.tip_id)


def get(t: Transaction, tip_id: str) -> TipRow | None:
    """The filed tip, or None. For the desk use `queue.seen_by`: it also asks who may see it."""
    return _tip(t.row(f"SELECT {_TIP} FROM tip WHERE tip_id = ?", (tip_id,)))


def by_locator(t: Transaction, locator: bytes) -> TipRow | None:
    """The tip of a stretched receipt, or None."""
    return _tip(t.row(f"SELECT {_TIP} FROM tip WHERE locator = ?", (locator,)))


def claim(
    t: Transaction,
    tip_id: str,
    officer: str,
    version: int,
    *,
    day: str,
    signature: bytes | None,
    instead_of: str | None = None,
) -> int:
    """Make *officer* the tip's holder; the new version. Raises TipMoved, also when it is held.

    *instead_of*: a holder who can no longer let go of it themselves.
    """
    _check(t, tip_id, version, holders=(None, instead_of))
    _update(t, tip_id, version, "claimed_by = ?", (officer,))
    return _record(t, tip_id, version, ChangeKind.CLAIM, day, officer=officer, signature=signature)


def release(
    t: Transaction, tip_id: str, officer: str, version: int, *, day: str, signature: bytes | None
) -> int:
    """Let go of a tip that *officer* holds; the new version. Raises TipMoved."""
    _check(t, tip_id, version, holders=(officer,))
    _update(t, tip_id, version, "claimed_by = NULL", ())
    return _record(
        t, tip_id, version, ChangeKind.RELEASE, day, officer=officer, signature=signature
    )


def assign(
    t: Transaction,
    tip_id: str,
    officer: str,
    version: int,
    *,
    to_officer: str,
    day: str,
    signature: bytes | None,
) -> int:
    """Make *to_officer* the tip's holder, whoever it was; the new version. Raises TipMoved."""
    _check(t, tip_id, version)
    _update(t, tip_id, version, "claimed_by = ?", (to_officer,))
    return _record(
        t,
        tip_id,
        version,
        ChangeKind.ASSIGN,
        day,
        officer=officer,
        signature=signature,
        to_officer=to_officer,
    )


def set_status(
    t: Transaction,
    tip_id: str,
    officer: str,
    version: int,
    *,
    status: Status,
    day: str,
    part_id: str,
    signature: bytes | None,
    counted: tuple[bytes, bytes] | None = None,
) -> int:
    """Move the tip to *status*, explained by the part *part_id*; the new version. *counted*: what
    stands for what was counted of it, and the signature over that.

    Raises TipMoved.
    """
    _check(t, tip_id, version)
    _update(t, tip_id, version, "status = ?, status_day = ?", (status.value, day))
    t.execute("UPDATE tip_grant SET status = ? WHERE tip_id = ?", (status.value, tip_id))
    return _record(
        t,
        tip_id,
        version,
        ChangeKind.STATUS,
        day,
        status=status,
        officer=officer,
        part_id=part_id,
        signature=signature,
        counted=counted,
    )


def move(
    t: Transaction,
    tip_id: str,
    officer: str,
    version: int,
    *,
    to_centre: str,
    day: str,
    part_id: str,
    signature: bytes | None,
) -> int:
    """Give the tip to *to_centre*, explained by the part *part_id*; nobody holds it then. The new
    version. Raises TipMoved.
    """
    _check(t, tip_id, version)
    (from_centre,) = t.rows("SELECT centre FROM tip WHERE tip_id = ?", (tip_id,))[0]
    _update(t, tip_id, version, "centre = ?, claimed_by = NULL, climbed_to = NULL", (to_centre,))
    return _record(
        t,
        tip_id,
        version,
        ChangeKind.MOVE,
        day,
        officer=officer,
        part_id=part_id,
        signature=signature,
        centres=(from_centre, to_centre),
    )


def extend(
    t: Transaction,
    tip_id: str,
    officer: str,
    version: int,
    *,
    until_day: str,
    day: str,
    part_id: str,
    signature: bytes | None,
) -> int:
    """Give the tip's clock until *until_day*, explained by the part *part_id*; the new version.

    Raises TipMoved.
    """
    _check(t, tip_id, version)
    _update(t, tip_id, version)
    return _record(
        t,
        tip_id,
        version,
        ChangeKind.EXTEND,
        day,
        officer=officer,
        part_id=part_id,
        signature=signature,
        until_day=until_day,
    )


def escalate(t: Transaction, tip_id: str, *, to_centre: str, day: str) -> int:
    """The tip climbs: the withheld grants of *to_centre*'s officers are released. It stays where it
    lies, and with whoever holds it; the new version."""
    centre, version = t.rows("SELECT centre, version FROM tip WHERE tip_id = ?", (tip_id,))[0]
    tip_grants.release(t, tip_id, to_centre)
    _update(t, tip_id, version, "climbed_to = ?", (to_centre,))
    return _record(t, tip_id, version, ChangeKind.ESCALATE, day, centres=(centre, to_centre))


def confirm(t: Transaction, tip_id: str, version: int, *, day: str) -> int:
    """The reporter agrees that the tip is ended; the new version. Raises TipMoved."""
    _check(t, tip_id, version)
    _update(t, tip_id, version)
    return _record(t, tip_id, version, ChangeKind.CONFIRM, day)


def reopen(t: Transaction, tip_id: str, version: int, *, day: str, part_id: str) -> int:
    """The reporter does not, for what the part *part_id* begins to say: the tip is in progress
    again and stays with its holder. The new version. Raises TipMoved."""
    _check(t, tip_id, version)
    status = Status.IN_PROGRESS
    _update(t, tip_id, version, "status = ?, status_day = ?", (status.value, day))
    t.execute("UPDATE tip_grant SET status = ? WHERE tip_id = ?", (status.value, tip_id))
    return _record(t, tip_id, version, ChangeKind.REOPEN, day, status=status, part_id=part_id)


def rekey(
    t: Transaction,
    tip_id: str,
    officer: str,
    version: int,
    *,
    withdrawn: str,
    recipients: tuple[bytes, bytes],
    rekey: bytes,
    day: str,
    part_id: str,
    signature: bytes | None,
) -> int:
    """Later parts go to the new *recipients* (case, reply), of which *rekey* tells; *withdrawn*
    holds the tip no longer. The new version. Raises TipMoved.
    """
    _check(t, tip_id, version)
    _update(
        t,
        tip_id,
        version,
        "case_recipient = ?, reply_recipient = ?,"
        " claimed_by = CASE WHEN claimed_by = ? THEN NULL ELSE claimed_by END",
        (*recipients, withdrawn),
    )
    return _record(
        t,
        tip_id,
        version,
        ChangeKind.REKEY,
        day,
        officer=officer,
        part_id=part_id,
        signature=signature,
        to_officer=withdrawn,
        rekey=rekey,
    )


def set_held(
    t: Transaction,
    tip_id: str,
    officer: str,
    version: int,
    *,
    is_held: bool,
    day: str,
    part_id: str,
    signature: bytes | None,
) -> int:
    """The tip is not to be destroyed, or may be again, for the reason in the part *part_id*; the
    new version. Raises TipMoved.
    """
    _check(t, tip_id, version)
    _update(t, tip_id, version, "is_held = ?", (int(is_held),))
    return _record(
        t,
        tip_id,
        version,
        ChangeKind.HOLD if is_held else ChangeKind.UNHOLD,
        day,
        officer=officer,
        part_id=part_id,
        signature=signature,
    )


def rekeys(t: Transaction, tip_id: str) -> tuple[bytes, ...]:
    """What each rekey of the tip says, in order."""
    found = t.rows("SELECT said FROM rekey WHERE tip_id = ? ORDER BY version", (tip_id,))
    return tuple(bytes(said) for (said,) in found)


def stop_contact(t: Transaction, tip_id: str, day: str) -> None:
    """The reporter wants no more messages; said twice, it is one change."""
    tip = get(t, tip_id)
    if tip is None or tip.no_contact:
        return
    _update(t, tip_id, tip.version, "no_contact = 1", ())
    _record(t, tip_id, tip.version, ChangeKind.STOP, day)


CHANGES = (
    "SELECT tip_id, version, kind, status, officer, day, part_id, signature, from_centre,"
    " to_centre, to_officer, until_day, (SELECT said FROM rekey WHERE rekey.tip_id ="
    " change.tip_id AND rekey.version = change.version), counts_hash, counts_signature"
    " FROM change"
)
"""What `change_of` reads."""


def changes(t: Transaction, tip_id: str) -> tuple[ChangeRow, ...]:
    """What happened to the tip, in order."""
    found = t.rows(f"{CHANGES} WHERE tip_id = ? ORDER BY version", (tip_id,))
    return tuple(change_of(row) for row in found)


def change_of(row: Row) -> ChangeRow:
    """A change from the columns above, in their order."""
    tip_id, version, kind, status, *rest = row
    status = None if status is None else Status(status)
    return ChangeRow(tip_id, version, ChangeKind(kind), status, *rest)


def _tip(row: Row | None) -> TipRow | None:
    if row is None:
        return None
    tip_id, centre, status, status_day, filed_day, version, claimed_by, no_contact, *rest = row
    *rest, is_held = rest
    return TipRow(
        tip_id,
        centre,
        Status(status),
        status_day,
        filed_day,
        version,
        claimed_by,
        bool(no_contact),
        *(*rest, bool(is_held)),
    )


def _check(
    t: Transaction, tip_id: str, version: int, *, holders: Sequence[str | None] | None = None
) -> None:
    found = t.row("SELECT version, claimed_by FROM tip WHERE tip_id = ?", (tip_id,))
    if found is None:
        raise Conflict("there is no such tip")
    now, claimed_by = found
    if now != version or (holders is not None and claimed_by not in holders):
        raise TipMoved(now, claimed_by)


def _update(
    t: Transaction,
    tip_id: str,
    version: int,
    change: str | None = None,
    params: Sequence[Value] = (),
) -> None:
    also = "" if change is None else f"{change}, "
    # The version stands in the WHERE too: a twin whose works run side by side needs it.
    if not t.execute(
        f"UPDATE tip SET {also}version = version + 1 WHERE tip_id = ? AND version = ?",
        (*params, tip_id, version),
    ):
        raise Conflict("the tip was changed meanwhile")


def _record(
    t: Transaction,
    tip_id: str,
    seen_version: int,
    kind: ChangeKind,
    day: str,
    *,
    status: Status | None = None,
    officer: str | None = None,
    part_id: str | None = None,
    signature: bytes | None = None,
    centres: tuple[str | None, str | None] = (None, None),
    to_officer: str | None = None,
    until_day: str | None = None,
    rekey: bytes | None = None,
    counted: tuple[bytes, bytes] | None = None,
) -> int:
    t.execute(
        "INSERT INTO change (tip_id, version, kind, status, officer, day, part_id, signature,"
        " from_centre, to_centre, to_officer, until_day, counts_hash, counts_signature)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            tip_id,
            seen_version + 1,
            kind.value,
            None if status is None else status.value,
            officer,
            day,
            part_id,
            signature,
            *centres,
            to_officer,
            until_day,
            *(counted or (None, None)),
        ),
    )
    if rekey is not None:
        t.execute(
            "INSERT INTO rekey (tip_id, version, said) VALUES (?, ?, ?)",
            (tip_id, seen_version + 1, rekey),
        )
    if kind in _ON_THE_CLOCK:
        clocks.reset(t, tip_id)
    if kind in _ON_EXPIRY:
        expiry.reset(t, tip_id, day)
    if not kind.is_reporters:
        from_centre, to_centre = centres
        audit.note(
            t,
            kind.value,
            day=day,
            officer=officer or SERVER,
            centre=audit.centre_of(t, tip_id),
            tip_id=tip_id,
            facts={
                "version": seen_version,
                "day": day,
                "status": None if status is None else status.value,
                "part_id": part_id,
                "from_centre": from_centre,
                "to_centre": to_centre,
                "to_officer": to_officer,
                "until_day": until_day,
                "rekey_hash": None if rekey is None else hashlib.sha256(rekey).hexdigest(),
            },
            signature=signature,
        )
    return seen_version + 1
