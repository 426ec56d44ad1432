"""New keys of a tip: whether they may be believed, and what a withdrawal must have left.

Keys that are others than before are the mark of a server that swapped them, so a rekey is believed
for what nobody else can make: an officer of the roster signed exactly these keys, who may withdraw
others and was not withdrawn before; and the rekeys lead back to the keys that this machine knew,
which takes the secret of those. Pure: what was seen before comes in as a value.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from console.answers import Change, OtherGrant, TipDetail
from console.findings import Finding, NameOf, Signers
from console.history import judge_change
from console.reading import OpenedTip, State
from console.seen import SeenTip
from console.tip_keys import rekeys_in
from sealing import RECOVERY, Author, Grant, Role, TipRecipients, reader_role

_MAY_FOR_ANY = frozenset({"lead", "admin"})

SignedOn = Callable[[OtherGrant], date | None]
"""The day on which its maker signed a grant; None for one that nobody signed."""


def recipients_name(recipients: TipRecipients, name_of: NameOf) -> str:
    """What memory calls a tip's keys: the SHA-256 of both recipients, under memory's key."""
    both = recipients.case.raw + recipients.reply.raw
    return name_of(hashlib.sha256(both).hexdigest())


def is_under_other_keys(grant: Grant, seen: SeenTip, name_of: NameOf) -> bool:
    """Whether the tip was read here with other keys than those in *grant*."""
    return bool(seen.recipients) and seen.recipients != recipients_name(grant.recipients, name_of)


def check_keys(
    tip: OpenedTip, signers: Signers, seen: SeenTip, name_of: NameOf
) -> Iterator[Finding]:
    """Whether the keys of the own grant may be used, and whether the server uses them."""
    recipients = tip.grant.recipients
    if not _are_believed(tip, signers, seen, name_of):
        yield Finding("recipient_changed")
    elif not tip.keys.is_whole:
        yield Finding("earlier_unopened")
    shown = (tip.shown.case_recipient, tip.shown.reply_recipient)
    if shown != (str(recipients.case), str(recipients.reply)):
        yield Finding("recipient_replaced")


def keys_at(shown: TipDetail) -> int:
    """The version that made the tip's newest keys; 0 for those it was filed with."""
    return max((change.version for change in rekeys_in(shown.changes)), default=0)


def withdrawn_from(shown: TipDetail) -> Mapping[str, str]:
    """Who was withdrawn from the tip, and on which day the last time."""
    return {c.to_officer: c.day for c in rekeys_in(shown.changes) if c.to_officer is not None}


def check_later_parts(tip: OpenedTip) -> Iterator[Finding]:
    """Parts behind a rekey: sealed to its keys or later ones, and none by who was withdrawn."""
    numbers = {part.shown.part_id: part.seq for part in tip.parts}
    reads = {grant.officer for grant in tip.shown.grants}
    begins = []
    for change in rekeys_in(tip.shown.changes):
        begun = numbers.get(change.part_id or "")
        if begun is None:
            yield Finding("rekey_unexplained", {"version": change.version})
        begins.append((begun, change.to_officer))
    for part in tip.parts:
        passed = [officer for begun, officer in begins if begun is not None and begun <= part.seq]
        if part.state is State.OPEN and part.epoch < len(passed):
            yield Finding("part_old_keys", {"seq": part.seq}, part.seq)
        by = part.shown.officer if part.shown.author == Author.OFFICER else None
        if by is not None and by in passed and by not in reads:
            yield Finding("part_withdrawn", {"seq": part.seq}, part.seq)


def check_readers(shown: TipDetail, signers: Signers, signed_on: SignedOn) -> Iterator[Finding]:
    """After a rekey every reader has a grant made since, and who was withdrawn has none."""
    changes = rekeys_in(shown.changes)
    if not changes:
        return
    since, withdrawn = changes[-1].day, withdrawn_from(shown)
    if RECOVERY not in {grant.officer for grant in shown.grants}:
        yield Finding("recovery_left_out")
    for grant in shown.grants:
        who, made = {"officer": signers.name(grant.officer)}, signed_on(grant)
        day = "" if made is None else made.isoformat()
        if grant.officer in withdrawn:
            is_back = day >= withdrawn[grant.officer]
            yield Finding("grant_readmitted" if is_back else "grant_withdrawn", who)
        elif day < since:
            is_recovery = grant.officer == RECOVERY
            yield Finding("recovery_left_out") if is_recovery else Finding("grant_old_keys", who)


def is_signed_withdrawal(tip_id: str, change: Change, signers: Signers, officer: str) -> bool:
    """Whether *change* withdrew *officer*, signed by an officer that a roster named."""
    if change.kind != "rekey" or change.to_officer != officer:
        return False
    return judge_change(tip_id, change, signers) in ("signed", "former")


def _are_believed(tip: OpenedTip, signers: Signers, seen: SeenTip, name_of: NameOf) -> bool:
    own, changes = recipients_name(tip.grant.recipients, name_of), rekeys_in(tip.shown.changes)
    if not changes:
        return seen.recipients in ("", own)
    newest, said = changes[-1], tip.keys.rekeys[-1]
    if said is None or said.recipients != tip.grant.recipients or RECOVERY not in said.readers:
        return False
    if seen.recipients == own or not signers.is_any:
        return True
    verdict = judge_change(tip.tip_id, newest, signers)
    if newest.officer in {change.to_officer for change in changes}:
        return False
    if not seen.recipients:
        # A first look: what was before it nobody here knows. Who signed may have left since.
        return verdict == "former" or (verdict == "signed" and _may(tip, signers, newest))
    known = {recipients_name(pair.recipients, name_of) for pair in tip.keys.led_to[1:]}
    return verdict == "signed" and _may(tip, signers, newest) and seen.recipients in known


def _may(tip: OpenedTip, signers: Signers, change: Change) -> bool:
    """Whether by the roster the one who signed *change* may withdraw others from such a tip."""
    summary = tip.grant.summary
    role = Role.OFFICER if summary is None else reader_role(summary.kind)
    roles = signers.roles.get(change.officer or "", frozenset())
    return not roles.isdisjoint({role.value, *_MAY_FOR_ANY})
