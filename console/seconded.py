"""What a second officer may have to agree to, whatever it is: whether it is signed as it must be,
and what waits.

Pure. It cannot find what the desk does not show: the audit trail, which auditors watch, has it too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from console.answers import SealedPart, Seconded, TipDetail
from console.findings import Finding, Signers
from sealing import Author, Kind, Statement

_SIGNED = ("signed", "former")

Deed = TypeVar("Deed", bound=Seconded)


@dataclass(frozen=True, slots=True)
class SecondedKind(Generic[Deed]):
    """One kind of deed: *shown* of a tip, each with an id (*id_of*).

    Its officer signs what *said* makes of the tip and the deed, the second one what *agreed* makes
    for an officer and a day. *forged*, *reasonless* and *approval_forged* name what is found.
    """

    shown: Callable[[TipDetail], Sequence[Deed]]
    id_of: Callable[[Deed], str]
    said: Callable[[str, Deed], Statement]
    agreed: Callable[[str, Deed, str, str], Statement]
    forged: str
    reasonless: str
    approval_forged: str

    def check(self, tip: TipDetail, signers: Signers) -> Iterator[Finding]:
        """What does not verify in those that the desk shows."""
        notes = {part.part_id: part for part in tip.parts}
        for deed in self.shown(tip):
            who = {"officer": signers.name(deed.officer)}
            if self.judge(tip.tip_id, deed, signers) not in _SIGNED:
                yield Finding(self.forged, who)
            if not _is_reason(notes.get(deed.reason_part_id), deed):
                yield Finding(self.reasonless, who)
            if deed.approved_by is not None and not self.is_agreed(tip.tip_id, deed, signers):
                yield Finding(self.approval_forged, {"officer": signers.name(deed.approved_by)})

    def judge(self, tip_id: str, deed: Deed, signers: Signers) -> str:
        """How it is signed (`Signers.judge`)."""
        return signers.judge(deed.officer, self.said(tip_id, deed), deed.signature)

    def is_agreed(self, tip_id: str, deed: Deed, signers: Signers) -> bool:
        """Whether another officer than the one whose deed it is signed for it."""
        if deed.approved_by in (None, deed.officer):
            return False
        by, day = deed.approved_by or "", deed.approved_day or ""
        return signers.judge(by, self.agreed(tip_id, deed, by, day), deed.approval) in _SIGNED


def is_open(deed: Seconded, today: date) -> bool:
    """Whether it is open today."""
    return deed.open_day == today.isoformat()


def waiting_for_others(deeds: Iterable[Deed], own: str) -> tuple[Deed, ...]:
    """Those that wait for the word of somebody like *own*."""
    return tuple(each for each in deeds if each.open_day is None and each.officer != own)


def _is_reason(part: SealedPart | None, deed: Seconded) -> bool:
    """Whether the note that is to say why is there; that it is the officer's is for the chain."""
    if part is None:
        return False
    told = (part.seq, part.officer, part.author, part.kind)
    return told == (deed.seq, deed.officer, Author.OFFICER, Kind.NOTE)
