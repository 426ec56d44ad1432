"""What a reporter may still say to the ending of their tip, and how it is written.

Owns the rule: a closed or declined tip can be confirmed once and reopened for some days, a few
times; whoever confirmed may think again. An application to join is no tip about anybody: it is not
asked. Decided anew inside the commit that writes it, so that of two people with one receipt, or of
a reporter and an officer, one is first and the other is told how it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sealing import Role
from storage import Transaction
from storage.repositories import grants, tips
from storage.repositories.tips import ChangeKind, ChangeRow, Status, TipRow

ENDS = frozenset({Status.CLOSED, Status.DECLINED})


@dataclass(frozen=True, slots=True)
class Reopening:
    """For how many *days* after its ending a tip can be reopened, and how many *times* at most."""

    days: int = 30
    times: int = 2


DEFAULT = Reopening()


@dataclass(frozen=True, slots=True)
class Said:
    """The reporter's word on the ending of a tip as it was at *version*; with *part_id*, the first
    part of why, it is that the tip is not over."""

    tip_id: str = field(repr=False)
    version: int
    part_id: str | None = field(default=None, repr=False)

    def write(self, t: Transaction, day: str) -> None:
        """Raises Conflict: the tip was changed meanwhile."""
        if self.part_id is None:
            tips.confirm(t, self.tip_id, self.version, day=day)
        else:
            tips.reopen(t, self.tip_id, self.version, day=day, part_id=self.part_id)


def closure(t: Transaction, tip: TipRow, rule: Reopening, today: date) -> str | None:
    """What the reporter of *tip* may say to its ending, as the engine hears it (`CodeChecked`)."""
    if tip.status not in ENDS or grants.role_of(t, tip.tip_id) == Role.REGISTRAR.value:
        return None
    changes = tips.changes(t, tip.tip_id)
    times = sum(change.kind is ChangeKind.REOPEN for change in changes)
    last_day = date.fromisoformat(tip.status_day) + timedelta(days=rule.days)
    if times >= rule.times or today > last_day:
        return "late"
    return "confirmed" if _is_confirmed(changes) else "open"


def _is_confirmed(changes: Sequence[ChangeRow]) -> bool:
    """Whether the reporter confirmed the ending that stands."""
    kinds = [change.kind for change in changes]
    since = max((n for n, kind in enumerate(kinds) if kind is ChangeKind.STATUS), default=-1)
    return ChangeKind.CONFIRM in kinds[since + 1 :]
