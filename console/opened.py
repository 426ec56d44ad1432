"""What was opened of a tip (exports, and files as they were sent), and what is open now. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date

from console.answers import Opening
from console.seconded import SecondedKind, is_open
from sealing import Opens, Statement, approval_statement, opening_statement


def open_now(
    openings: Sequence[Opening], own: str, opens: Opens, part_id: str | None, today: date
) -> Opening | None:
    """The officer's own opening of just this, if it is open today."""
    return _newest(
        each for each in openings if _is_of(each, own, opens, part_id) and is_open(each, today)
    )


def own_waiting(
    openings: Sequence[Opening], own: str, opens: Opens, part_id: str | None
) -> Opening | None:
    """The officer's own opening of just this that waits for a second officer."""
    return _newest(
        each for each in openings if _is_of(each, own, opens, part_id) and each.open_day is None
    )


def _is_of(opening: Opening, own: str, opens: Opens, part_id: str | None) -> bool:
    return (opening.officer, opening.opens, opening.part_id) == (own, opens, part_id)


def _newest(found: Iterator[Opening]) -> Opening | None:
    return max(found, key=lambda opening: opening.seq, default=None)


def _said(tip_id: str, opening: Opening) -> Statement:
    return opening_statement(
        opening_id=opening.opening_id,
        tip_id=tip_id,
        opens=opening.opens,
        part_id=opening.part_id,
        reason_part_id=opening.reason_part_id,
        seq=opening.seq,
        day=opening.day,
        officer=opening.officer,
    )


def _agreed(tip_id: str, opening: Opening, by: str, day: str) -> Statement:
    return approval_statement(
        opening_id=opening.opening_id,
        tip_id=tip_id,
        opens=opening.opens,
        part_id=opening.part_id,
        opener=opening.officer,
        day=day,
        officer=by,
    )


OPENINGS: SecondedKind[Opening] = SecondedKind(
    shown=lambda tip: tip.openings,
    id_of=lambda opening: opening.opening_id,
    said=_said,
    agreed=_agreed,
    forged="opening_forged",
    reasonless="opening_reasonless",
    approval_forged="approval_forged",
)
