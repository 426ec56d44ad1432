"""What was handed over of a tip, whether it is signed as it must be, and what waits.

Pure. It cannot find a hand-over that the desk does not show: the audit trail, which auditors watch,
has it too.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from console.answers import Handover, SealedPart
from console.findings import Finding, Signers
from sealing import Author, Kind, Statement
from sealing.handovers import handover_approval_statement, handover_statement

_SIGNED = ("signed", "former")


def check_handovers(
    tip_id: str, handovers: Sequence[Handover], parts: Sequence[SealedPart], signers: Signers
) -> Iterator[Finding]:
    """What does not verify in the hand-overs that the desk shows."""
    notes = {part.part_id: part for part in parts}
    for handover in handovers:
        who = {"officer": signers.name(handover.officer)}
        if judge_handover(tip_id, handover, signers) not in _SIGNED:
            yield Finding("handover_forged", who)
        if not _is_reason(notes.get(handover.reason_part_id), handover):
            yield Finding("handover_reasonless", who)
        if handover.approved_by is not None and not is_agreed(tip_id, handover, signers):
            officer = signers.name(handover.approved_by)
            yield Finding("handover_approval_forged", {"officer": officer})


def judge_handover(tip_id: str, handover: Handover, signers: Signers) -> str:
    """How a hand-over is signed (`Signers.judge`)."""
    statement = handover_statement(
        handover_id=handover.handover_id,
        tip_id=tip_id,
        body=handover.body,
        form=handover.form,
        sha256=handover.sha256,
        reason_part_id=handover.reason_part_id,
        seq=handover.seq,
        day=handover.day,
        officer=handover.officer,
    )
    return signers.judge(handover.officer, statement, handover.signature)


def is_agreed(tip_id: str, handover: Handover, signers: Signers) -> bool:
    """Whether another officer than the one who hands over signed for it."""
    if handover.approved_by in (None, handover.officer):
        return False
    by, day = handover.approved_by or "", handover.approved_day or ""
    statement = approval_of(tip_id, handover, by, day)
    return signers.judge(by, statement, handover.approval) in _SIGNED


def approval_of(tip_id: str, handover: Handover, by: str, day: str) -> Statement:
    """What a second officer signs of *handover*."""
    return handover_approval_statement(
        handover_id=handover.handover_id,
        tip_id=tip_id,
        body=handover.body,
        form=handover.form,
        sha256=handover.sha256,
        giver=handover.officer,
        day=day,
        officer=by,
    )


def own_of(
    handovers: Sequence[Handover], own: str, *, body: str, form: str, sha256: str
) -> tuple[Handover, ...]:
    """The officer's own hand-overs of just these bytes to just this body, newest first."""
    wanted = (own, body, form, sha256)
    found = (each for each in handovers if _what(each) == wanted)
    return tuple(sorted(found, key=lambda each: -each.seq))


def is_open(handover: Handover, today: date) -> bool:
    """Whether it may leave today."""
    return handover.open_day == today.isoformat()


def waiting_for_others(handovers: Sequence[Handover], own: str) -> tuple[Handover, ...]:
    """The hand-overs that wait for the word of somebody like *own*."""
    return tuple(each for each in handovers if each.open_day is None and each.officer != own)


def _what(handover: Handover) -> tuple[str, str, str, str]:
    return handover.officer, handover.body, handover.form, handover.sha256


def _is_reason(part: SealedPart | None, handover: Handover) -> bool:
    """Whether the note that is to say why is there; that it is the officer's is for the chain."""
    if part is None:
        return False
    told = (part.seq, part.officer, part.author, part.kind)
    return told == (handover.seq, handover.officer, Author.OFFICER, Kind.NOTE)
