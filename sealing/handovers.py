"""Handing a tip over to another body: what the officer signs for the desk's record, and for the
body.

The record says which tip went to which body, in which form, and the SHA-256 of what was written;
never what is in it. What the body gets names no tip: its manifest is signed over the list of files
alone.
"""

from sealing.signing import Statement, statement


def handover_statement(
    *,
    handover_id: str,
    tip_id: str,
    body: str,
    form: str,
    sha256: str,
    reason_part_id: str,
    seq: int,
    day: str,
    officer: str,
) -> Statement:
    """*officer* hands the tip over to *body* as a file whose bytes, before they are sealed to the
    body, have that *sha256* (hex); the note at *seq* of the tip's chain says why."""
    return statement(
        "handover",
        handover_id=handover_id,
        tip_id=tip_id,
        body=body,
        form=form,
        sha256=sha256,
        reason_part_id=reason_part_id,
        seq=seq,
        day=day,
        officer=officer,
    )


def handover_approval_statement(
    *,
    handover_id: str,
    tip_id: str,
    body: str,
    form: str,
    sha256: str,
    giver: str,
    day: str,
    officer: str,
) -> Statement:
    """*officer* agrees that *giver* hands over just that to just that body."""
    return statement(
        "handover-approval",
        handover_id=handover_id,
        tip_id=tip_id,
        body=body,
        form=form,
        sha256=sha256,
        giver=giver,
        day=day,
        officer=officer,
    )


def contents_statement(*, listing_sha256: str) -> Statement:
    """What is signed of a hand-off's manifest: the SHA-256 (hex) of its list of files."""
    return statement("handoff-contents", listing_sha256=listing_sha256)
