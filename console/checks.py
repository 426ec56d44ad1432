"""Whether what the desk shows of a tip hangs together: chain, signatures, places, grants, history,
memory.

Every finding is a key of `words/*.toml` (`finding.…`) with its parameters. A finding that is
only good to know is told from one that means somebody tampered. Pure: what was seen before
comes in as a value.

It cannot find: a tip never shown to anyone, an unseen newest part, words copied or recipients
added while the server sealed, reporter's words that the server invented, and keys that were
swapped before this console first read the tip.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache, partial
from itertools import islice

from console.answers import OtherGrant, OwnGrant, TipDetail
from console.counting import check_counts
from console.endings import check_reopenings
from console.findings import Finding, NameOf, Signers
from console.handed import HANDOVERS
from console.history import check_history
from console.opened import OPENINGS
from console.originals import unfitting
from console.reading import OpenedPart, OpenedTip, State
from console.rekeys import SignedOn, check_keys, check_later_parts, check_readers
from console.seen import SeenTip
from sealing import (
    RECEIPT,
    RECOVERY,
    SERVER,
    Author,
    ChainLink,
    Grant,
    Kind,
    check_chain,
    grant_statement,
    part_statement,
    side_of,
)

_STATE_FINDINGS = {
    State.ALTERED: "part_altered",
    State.TAMPERED: "part_tampered",
    State.MOVED: "part_moved",
    State.NEWER: "part_newer",
    State.UNOPENED: "part_unopened",
}
_DAYS_TRIED = 4000


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
        *check_keys(tip, signers, seen, name_of),
        *check_later_parts(tip),
        *OPENINGS.check(tip.shown, signers),
        *HANDOVERS.check(tip.shown, signers),
        *check_history(tip.shown, signers, seen, name_of),
        *check_reopenings(tip),
        *check_counts(tip, signers),
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


# --- who may read


def _grants(
    tip: OpenedTip, signers: Signers, seen: SeenTip, name_of: NameOf, today: date
) -> Iterator[Finding]:
    if not grant_is_signed(tip.tip_id, tip.shown.grant, tip.grant, signers):
        yield Finding("grant_unsigned", {"officer": signers.name(tip.grant.to)})
    if tip.shown.grant.granted_by == SERVER and _is_late(tip.shown.grant.grant_id, seen, name_of):
        yield Finding("grant_late", {"officer": signers.name(tip.grant.to)})
    signed_on = cache(partial(_signed_on, tip.shown, signers, today))
    for grant in tip.shown.grants:
        yield from _other_grant(grant, signers, seen, name_of, signed_on)
    yield from check_readers(tip.shown, signers, signed_on)


def _other_grant(
    grant: OtherGrant, signers: Signers, seen: SeenTip, name_of: NameOf, signed_on: SignedOn
) -> Iterator[Finding]:
    who = {"officer": signers.name(grant.officer)}
    is_officers = grant.officer not in (RECOVERY, RECEIPT)
    if not is_officers and grant.granted_by == SERVER:
        return
    if is_officers and grant.officer not in {*signers.current, *signers.former}:
        yield Finding("grant_foreign", who)
    if grant.granted_by == SERVER:
        if _is_late(grant.grant_id, seen, name_of):
            yield Finding("grant_late", who)
    elif grant.granted_by not in signers.current and grant.granted_by not in signers.former:
        yield Finding("grant_unknown_maker", who)
    elif signed_on(grant) is None:
        yield Finding("grant_unsigned", who)


def _is_late(grant_id: str, seen: SeenTip, name_of: NameOf) -> bool:
    """Whether a grant came after the first look. The server makes all of its own at filing."""
    return seen.is_known and name_of(grant_id) not in seen.grants


def _signed_on(shown: TipDetail, signers: Signers, today: date, grant: OtherGrant) -> date | None:
    """The day on which its maker signed a grant that is sealed to somebody else.

    It stands inside the seal; the days that it can be are few, so each is tried: those on which
    something happened to the tip first.
    """
    if grant.sealed is None or grant.signature is None:
        return None
    for day in _days(shown, today):
        statement = grant_statement(
            grant_id=grant.grant_id,
            tip_id=shown.tip_id,
            to=grant.officer,
            sealed=grant.sealed,
            day=day.isoformat(),
            by=grant.granted_by,
        )
        if signers.judge(grant.granted_by, statement, grant.signature) in ("signed", "former"):
            return day
    return None


def _days(shown: TipDetail, today: date) -> Iterable[date]:
    first = date.fromisoformat(shown.filed_day) - timedelta(days=1)
    last = today + timedelta(days=1)
    known = {date.fromisoformat(change.day) for change in shown.changes}
    all_days = (last - timedelta(days=ago) for ago in range((last - first).days + 1))
    likely = sorted((day for day in known if first <= day <= last), reverse=True)
    return islice(dict.fromkeys((*likely, *all_days)), _DAYS_TRIED)


def _about(name: str, seq: int) -> Finding:
    return Finding(name, {"seq": seq}, seq)
