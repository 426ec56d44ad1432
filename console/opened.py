"""What was opened of a tip (exports, and files as they were sent), whether it is signed as it must
be, and what is open now.

Pure. It cannot find an opening that the desk does not show: the audit trail, which auditors watch,
has it too.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from console.answers import Opening, SealedPart
from console.findings import Finding, Signers
from sealing import Author, Kind, Opens, Statement, approval_statement, opening_statement

_SIGNED = ("signed", "former")


def check_openings(
    tip_id: str, openings: Sequence[Opening], parts: Sequence[SealedPart], signers: Signers
) -> Iterator[Finding]:
    """What does not verify in the openings that the desk shows."""
    notes = {part.part_id: part for part in parts}
    for opening in openings:
        who = {"officer": signers.name(opening.officer)}
        if judge_opening(tip_id, opening, signers) not in _SIGNED:
            yield Finding("opening_forged", who)
        if not _is_reason(notes.get(opening.reason_part_id), opening):
            yield Finding("opening_reasonless", who)
        if opening.approved_by is not None and not is_approved(tip_id, opening, signers):
            yield Finding("approval_forged", {"officer": signers.name(opening.approved_by)})


def judge_opening(tip_id: str, opening: Opening, signers: Signers) -> str:
    """How an opening is signed (`Signers.judge`)."""
    statement = opening_statement(
        opening_id=opening.opening_id,
        tip_id=tip_id,
        opens=opening.opens,
        part_id=opening.part_id,
        reason_part_id=opening.reason_part_id,
        seq=opening.seq,
        day=opening.day,
        officer=opening.officer,
    )
    return signers.judge(opening.officer, statement, opening.signature)


def is_approved(tip_id: str, opening: Opening, signers: Signers) -> bool:
    """Whether another officer than the opener signed for it."""
    if opening.approved_by in (None, opening.officer):
        return False
    by, day = opening.approved_by or "", opening.approved_day or ""
    statement = approval_of(tip_id, opening, by, day)
    return signers.judge(by, statement, opening.approval) in _SIGNED


def approval_of(tip_id: str, opening: Opening, by: str, day: str) -> Statement:
    """What a second officer signs of *opening*."""
    return approval_statement(
        opening_id=opening.opening_id,
        tip_id=tip_id,
        opens=opening.opens,
        part_id=opening.part_id,
        opener=opening.officer,
        day=day,
        officer=by,
    )


def open_now(
    openings: Sequence[Opening], own: str, opens: Opens, part_id: str | None, today: date
) -> Opening | None:
    """The officer's own opening of just this, if it is open today."""
    return _newest(
        each
        for each in openings
        if _is_of(each, own, opens, part_id) and each.open_day == today.isoformat()
    )


def own_waiting(
    openings: Sequence[Opening], own: str, opens: Opens, part_id: str | None
) -> Opening | None:
    """The officer's own opening of just this that waits for a second officer."""
    return _newest(
        each for each in openings if _is_of(each, own, opens, part_id) and each.open_day is None
    )


def for_others(openings: Sequence[Opening], own: str) -> tuple[Opening, ...]:
    """The openings that wait for the word of somebody like *own*."""
    return tuple(each for each in openings if each.open_day is None and each.officer != own)


def _is_of(opening: Opening, own: str, opens: Opens, part_id: str | None) -> bool:
    return (opening.officer, opening.opens, opening.part_id) == (own, opens, part_id)


def _newest(found: Iterator[Opening]) -> Opening | None:
    return max(found, key=lambda opening: opening.seq, default=None)


def _is_reason(part: SealedPart | None, opening: Opening) -> bool:
    """Whether the note that is to say why is there; that it is the officer's is for the chain."""
    if part is None:
        return False
    told = (part.seq, part.officer, part.author, part.kind)
    return told == (opening.seq, opening.officer, Author.OFFICER, Kind.NOTE)
