"""Whether what the desk shows of a tip hangs together: chain, signatures, places, grants, history,
memory.

Every finding is a key of `words/*.toml` (`finding.…`) with its parameters. A finding that is
only good to know is told from one that means somebody tampered. Pure: what was seen before
comes in as a value.

It cannot find: a tip never shown to anyone, an unseen newest part, words copied or recipients
added while the server sealed, reporter's words that the server invented, and keys that were
swapped before this console first read the tip.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from console.answers import Change, OtherGrant, OwnGrant, TipDetail
from console.originals import unfitting
from console.reading import OpenedPart, OpenedTip, State
from console.seen import SeenTip
from sealing import (
    RECEIPT,
    RECOVERY,
    SERVER,
    Author,
    ChainLink,
    Forged,
    Grant,
    Kind,
    Statement,
    TipRecipients,
    VerifyKey,
    check_chain,
    claim_statement,
    grant_statement,
    move_statement,
    part_statement,
    release_statement,
    side_of,
    status_statement,
)

_STATE_FINDINGS = {
    State.ALTERED: "part_altered",
    State.TAMPERED: "part_tampered",
    State.MOVED: "part_moved",
    State.NEWER: "part_newer",
    State.UNOPENED: "part_unopened",
}
_NEVER_ACTED_ON = {"recipient_changed"}
_GOOD_TO_KNOW = {"part_unsent", "part_former", "change_former", "part_newer"}
_NEEDS_ROSTER = {
    *("part_foreign", "change_foreign"),
    *("grant_foreign", "grant_unsigned", "grant_unknown_maker"),
}
_SIGNED_CHANGES = {"status", "claim", "release", "move"}
_FIRST_STATUS = "received"
_FIRST_VERSION = 1
_DAYS_TRIED = 4000

NameOf = Callable[[str], str]
"""How memory writes a grant's id or a hash of recipients: `Memory.name`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not verify. *seq* points to the part it is about, if it is about one."""

    name: str
    params: Mapping[str, object] = field(default_factory=dict)
    seq: int | None = None

    @property
    def is_alarm(self) -> bool:
        return self.name not in _GOOD_TO_KNOW

    @property
    def is_final(self) -> bool:
        """Whether nothing may be done to the tip, not even despite warnings: what is written would
        be sealed to somebody else's keys.
        """
        return self.name in _NEVER_ACTED_ON

    @property
    def is_history(self) -> bool:
        return self.name.startswith(("change_", "history_"))

    @property
    def needs_roster(self) -> bool:
        """Whether only a roster can tell: without one it is not a finding but an open question."""
        return self.name in _NEEDS_ROSTER

    @property
    def key(self) -> str:
        return f"finding.{self.name}"


@dataclass(frozen=True, slots=True)
class Signers:
    """Officers' keys: of the roster in force, and of rosters verified here before it."""

    current: Mapping[str, VerifyKey]
    former: Mapping[str, VerifyKey]
    names: Mapping[str, str]

    def name(self, officer: str | None) -> str:
        return self.names.get(officer or "", (officer or "–")[:8])

    def judge(self, officer: str | None, statement: Statement, signature: bytes | None) -> str:
        """ "signed", "former", "unsigned", "forged", or "foreign" (by nobody that a roster ever
        named).
        """
        if signature is None or officer is None:
            return "unsigned"
        key = self.current.get(officer) or self.former.get(officer)
        if key is None:
            return "foreign"
        try:
            key.verify(statement, signature)
        except Forged:
            return "forged"
        return "signed" if officer in self.current else "former"


def check_tip(
    tip: OpenedTip, signers: Signers, seen: SeenTip, name_of: NameOf, today: date
) -> list[Finding]:
    """Everything about *tip* that does not verify, parts first, in order; empty when all is
    well.
    """
    found = [
        *_chain(tip, seen),
        *(finding for part in tip.parts for finding in _part(tip, part, signers, seen)),
        *(_about("original_unopened", seq) for seq in unfitting(tip)),
        *_form(tip),
        *_recipients(tip, seen, name_of),
        *_history(tip.shown, signers, seen, name_of),
        *_grants(tip, signers, seen, name_of, today),
    ]
    unique = {(f.name, f.seq, tuple(sorted(f.params.items(), key=str))): f for f in found}
    return sorted(unique.values(), key=lambda f: (f.seq is None, f.seq or 0))


def judge_part(tip_id: str, part: OpenedPart, signers: Signers) -> str | None:
    """How an officer's part is signed (`Signers.judge`); None for parts that nobody signs."""
    if not _claims_officer(part) or part.shown.sealed is None:
        return None
    inside = part.part
    if inside is None:
        return None
    officer = inside.officer or part.shown.officer
    statement = part_statement(
        tip_id=tip_id,
        part_id=inside.part_id,
        seq=inside.seq,
        previous=inside.previous,
        sealed_hash=part.shown.hash,
        kind=inside.kind,
        day=inside.day,
        officer=officer or "",
    )
    return signers.judge(officer, statement, part.shown.signature)


def grant_is_signed(tip_id: str, shown: OwnGrant, opened: Grant, signers: Signers) -> bool:
    """Whether a grant that says it is by an officer was signed by one; the server's own need no
    signature.
    """
    if opened.by == SERVER:
        return True
    statement = grant_statement(
        grant_id=shown.grant_id,
        tip_id=tip_id,
        to=opened.to,
        sealed=shown.sealed,
        day=opened.day,
        by=opened.by,
    )
    return signers.judge(opened.by, statement, shown.signature) in ("signed", "former")


def is_signed_move(tip_id: str, change: Change, signers: Signers) -> bool:
    """Whether *change* moved the tip, signed by an officer that a roster named."""
    if change.kind != "move":
        return False
    statement = _change_statement(tip_id, change)
    return signers.judge(change.officer, statement, change.signature) in ("signed", "former")


def first_centre(shown: TipDetail) -> str:
    """The centre that the tip was filed to, by the history shown."""
    moves = sorted((c for c in shown.changes if c.kind == "move"), key=lambda c: c.version)
    return (moves[0].from_centre or "") if moves else shown.centre


def signed_version(change: Change) -> int:
    """The version that a change's signature names: the one it changed *from*; the desk lists the
    one it made.
    """
    return change.version - 1


def change_digest(change: Change) -> bytes:
    """What memory keeps of a change: every field of it, as one hash."""
    fields: tuple[object, ...] = (
        change.version,
        change.kind,
        change.status,
        change.officer,
        change.day,
        change.part_id,
        change.signature,
    )
    if change.kind == "move":
        fields += (change.from_centre, change.to_centre)
    return hashlib.sha256(repr(fields).encode()).digest()


def recipients_name(recipients: TipRecipients, name_of: NameOf) -> str:
    """What memory calls a tip's keys: the SHA-256 of both recipients, under memory's key."""
    both = recipients.case.raw + recipients.reply.raw
    return name_of(hashlib.sha256(both).hexdigest())


def is_under_other_keys(grant: Grant, seen: SeenTip, name_of: NameOf) -> bool:
    """Whether the tip was read here with other keys than those in *grant*."""
    return bool(seen.recipients) and seen.recipients != recipients_name(grant.recipients, name_of)


# --- the parts


def _chain(tip: OpenedTip, seen: SeenTip) -> Iterator[Finding]:
    links = [
        ChainLink(
            part.seq,
            part.shown.part_id,
            None if part.part is None else part.part.previous,
            part.shown.hash,
            part.state is State.UNSENT,
        )
        for part in tip.parts
    ]
    for broken in check_chain(links, seen.parts):
        yield _about(f"part_{broken.what}", broken.seq)


def _part(tip: OpenedTip, part: OpenedPart, signers: Signers, seen: SeenTip) -> Iterator[Finding]:
    if part.state in _STATE_FINDINGS:
        yield _about(_STATE_FINDINGS[part.state], part.seq)
    if part.state is State.UNSENT:
        yield _about(_emptied(part, seen), part.seq)
    if part.part is None:
        return
    if _is_mislabelled(part):
        yield _about("part_mislabelled", part.seq)
    verdict = judge_part(tip.tip_id, part, signers)
    if verdict not in (None, "signed"):
        yield _about(f"part_{verdict}", part.seq)


def _emptied(part: OpenedPart, seen: SeenTip) -> str:
    """What an empty part means. Only a reporter's answer can be taken back, and only before the
    tip is filed: no officer has opened it then, and the form is not there yet.
    """
    if part.shown.author == Author.OFFICER or part.shown.officer is not None:
        return "part_emptied"
    if part.seq in seen.opened:
        return "part_blanked"
    return "form_blanked" if part.shown.kind == Kind.FORM else "part_unsent"


def _form(tip: OpenedTip) -> Iterator[Finding]:
    """A tip is filed with its form; the label outside is the desk's, so it may hide a blank one."""
    labels = {part.part.kind if part.part else part.shown.kind for part in tip.parts}
    if Kind.FORM not in labels:
        yield Finding("form_missing")


def _claims_officer(part: OpenedPart) -> bool:
    inside = part.part
    return part.shown.author == Author.OFFICER or (
        inside is not None and inside.author is Author.OFFICER
    )


def _is_mislabelled(part: OpenedPart) -> bool:
    inside, shown = part.part, part.shown
    if inside is None:
        return False
    blob = inside.file.blob_id if inside.file else None
    told = (inside.author, inside.kind, inside.day, inside.officer, blob)
    outside = (shown.author, shown.kind, shown.day, shown.officer, shown.blob_id)
    return told != outside or side_of(inside.author, inside.kind) != shown.sealed_to


def _recipients(tip: OpenedTip, seen: SeenTip, name_of: NameOf) -> Iterator[Finding]:
    recipients = tip.grant.recipients
    if is_under_other_keys(tip.grant, seen, name_of):
        yield Finding("recipient_changed")
    shown = (tip.shown.case_recipient, tip.shown.reply_recipient)
    if shown != (str(recipients.case), str(recipients.reply)):
        yield Finding("recipient_replaced")


# --- the history


def _history(
    shown: TipDetail, signers: Signers, seen: SeenTip, name_of: NameOf
) -> Iterator[Finding]:
    if shown.version < seen.version:
        yield Finding("history_behind", {"version": shown.version, "seen": seen.version})
    versions = {change.version: change for change in shown.changes}
    gap = next((v for v in range(_FIRST_VERSION + 1, shown.version + 1) if v not in versions), None)
    for version in sorted({*seen.changes} - {*versions} | ({gap} if gap else set())):
        yield Finding("change_missing", {"version": version})
    for version, digest in seen.changes.items():
        if version in versions and change_digest(versions[version]) != digest:
            yield Finding("change_altered", {"version": version})
    for change in shown.changes:
        if change.kind in _SIGNED_CHANGES:
            verdict = signers.judge(
                change.officer, _change_statement(shown.tip_id, change), change.signature
            )
            if verdict != "signed":
                yield Finding(f"change_{verdict}", {"version": change.version})
    yield from _outcome(shown)
    if seen.centre and seen.centre != name_of(first_centre(shown)):
        yield Finding("centre_unproven")


def _outcome(shown: TipDetail) -> Iterator[Finding]:
    """The status, the holder and the centre that the desk shows must be those that the last signed
    change left.
    """
    status, holder, centre = _FIRST_STATUS, None, first_centre(shown)
    is_led = True
    for change in sorted(shown.changes, key=lambda change: change.version):
        if change.kind == "status":
            status = change.status or status
        elif change.kind == "claim":
            holder = change.officer
        elif change.kind == "release":
            holder = None
        elif change.kind == "move":
            is_led = is_led and change.from_centre == centre
            holder, centre = None, change.to_centre or ""
    if status != shown.status:
        yield Finding("status_unproven")
    if holder != shown.claimed_by:
        yield Finding("claim_unproven")
    if centre != shown.centre or not is_led:
        yield Finding("centre_unproven")


def _change_statement(tip_id: str, change: Change) -> Statement:
    officer, version = change.officer or "", signed_version(change)
    if change.kind == "status":
        return status_statement(
            tip_id=tip_id,
            version=version,
            status=change.status or "",
            day=change.day,
            officer=officer,
            sentence_part_id=change.part_id or "",
        )
    if change.kind == "move":
        return move_statement(
            tip_id=tip_id,
            version=version,
            from_centre=change.from_centre or "",
            to_centre=change.to_centre or "",
            day=change.day,
            officer=officer,
            sentence_part_id=change.part_id or "",
        )
    make = claim_statement if change.kind == "claim" else release_statement
    return make(tip_id=tip_id, version=version, officer=officer, day=change.day)


# --- who may read


def _grants(
    tip: OpenedTip, signers: Signers, seen: SeenTip, name_of: NameOf, today: date
) -> Iterator[Finding]:
    if not grant_is_signed(tip.tip_id, tip.shown.grant, tip.grant, signers):
        yield Finding("grant_unsigned", {"officer": signers.name(tip.grant.to)})
    if tip.shown.grant.granted_by == SERVER and _is_late(tip.shown.grant.grant_id, seen, name_of):
        yield Finding("grant_late", {"officer": signers.name(tip.grant.to)})
    for grant in tip.shown.grants:
        yield from _other_grant(tip.shown, grant, signers, seen, name_of, today)


def _other_grant(
    shown: TipDetail,
    grant: OtherGrant,
    signers: Signers,
    seen: SeenTip,
    name_of: NameOf,
    today: date,
) -> Iterator[Finding]:
    who = {"officer": signers.name(grant.officer)}
    if grant.officer in (RECOVERY, RECEIPT):
        return
    if grant.officer not in signers.current and grant.officer not in signers.former:
        yield Finding("grant_foreign", who)
    if grant.granted_by == SERVER:
        if _is_late(grant.grant_id, seen, name_of):
            yield Finding("grant_late", who)
    elif grant.granted_by not in signers.current and grant.granted_by not in signers.former:
        yield Finding("grant_unknown_maker", who)
    elif not _was_signed(shown, grant, signers, today):
        yield Finding("grant_unsigned", who)


def _is_late(grant_id: str, seen: SeenTip, name_of: NameOf) -> bool:
    """Whether a grant came after the first look. The server makes all of its own at filing."""
    return seen.is_known and name_of(grant_id) not in seen.grants


def _was_signed(shown: TipDetail, grant: OtherGrant, signers: Signers, today: date) -> bool:
    """Whether its maker signed a grant that is sealed to somebody else.

    Its day is inside the seal; the days that it can be are few, so each is tried.
    """
    if grant.sealed is None or grant.signature is None:
        return False
    first = date.fromisoformat(shown.filed_day) - timedelta(days=1)
    for ago in range(min((today - first).days + 2, _DAYS_TRIED)):
        statement = grant_statement(
            grant_id=grant.grant_id,
            tip_id=shown.tip_id,
            to=grant.officer,
            sealed=grant.sealed,
            day=(today + timedelta(days=1 - ago)).isoformat(),
            by=grant.granted_by,
        )
        if signers.judge(grant.granted_by, statement, grant.signature) in ("signed", "former"):
            return True
    return False


def _about(name: str, seq: int) -> Finding:
    return Finding(name, {"seq": seq}, seq)
