"""Opening what identifies: an export of a whole tip, or a file as it was sent, hidden details kept.

Both are done for a reason, kept as a sealed note, and signed for; where the deployment asks for a
second officer, that one signs too. What is signed says who opened what and which note says why, and
never the reason itself.
"""

from enum import StrEnum

from sealing.signing import Statement, statement


class Opens(StrEnum):
    """What is opened."""

    EXPORT = "export"  # the whole tip, decrypted, onto the officer's disk
    ORIGINAL = "original"  # one file as it was sent


def opening_statement(
    *,
    opening_id: str,
    tip_id: str,
    opens: str,
    part_id: str | None,
    reason_part_id: str,
    seq: int,
    day: str,
    officer: str,
) -> Statement:
    """*officer* opens the tip's export, or the original of the part *part_id*; the note at *seq* of
    the tip's chain says why."""
    return statement(
        "opening",
        opening_id=opening_id,
        tip_id=tip_id,
        opens=opens,
        part_id=part_id,
        reason_part_id=reason_part_id,
        seq=seq,
        day=day,
        officer=officer,
    )


def approval_statement(
    *,
    opening_id: str,
    tip_id: str,
    opens: str,
    part_id: str | None,
    opener: str,
    day: str,
    officer: str,
) -> Statement:
    """*officer* agrees that *opener* opens what that opening says."""
    return statement(
        "approval",
        opening_id=opening_id,
        tip_id=tip_id,
        opens=opens,
        part_id=part_id,
        opener=opener,
        day=day,
        officer=officer,
    )
