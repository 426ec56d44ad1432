"""What was handed over of a tip to other bodies. Pure."""

from collections.abc import Sequence

from console.answers import Handover
from console.seconded import SecondedKind
from sealing import Statement
from sealing.handovers import handover_approval_statement, handover_statement


def own_of(
    handovers: Sequence[Handover], own: str, *, body: str, form: str, sha256: str
) -> tuple[Handover, ...]:
    """The officer's own hand-overs of just these bytes to just this body, newest first."""
    wanted = (own, body, form, sha256)
    found = (each for each in handovers if _what(each) == wanted)
    return tuple(sorted(found, key=lambda each: -each.seq))


def _what(handover: Handover) -> tuple[str, str, str, str]:
    return handover.officer, handover.body, handover.form, handover.sha256


def _said(tip_id: str, handover: Handover) -> Statement:
    return handover_statement(
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


def _agreed(tip_id: str, handover: Handover, by: str, day: str) -> Statement:
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


HANDOVERS: SecondedKind[Handover] = SecondedKind(
    shown=lambda tip: tip.handovers,
    id_of=lambda handover: handover.handover_id,
    said=_said,
    agreed=_agreed,
    forged="handover_forged",
    reasonless="handover_reasonless",
    approval_forged="handover_approval_forged",
)
