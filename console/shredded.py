"""A tip that the desk says was destroyed: whether this console can believe it. Pure.

A desk that hides a tip could say the same. So its word is not enough: the day has to be one that
the tip had when it was last seen here, or an officer's signature has to bear out that it ended, and
that no hold was left, after what was seen here. Whether the time is over by the deployment's own
number of days is looked at too; that number is the desk's.
"""

from datetime import date, timedelta

from console.answers import Change, Shredded
from console.endings import ENDS
from console.findings import Signers
from console.history import judge_change
from console.seen import SeenTip

_GOOD = ("signed", "former")
_CLOCKS_MAY_DIFFER = timedelta(days=1)


def doubt(
    tip_id: str,
    said: Shredded,
    seen: SeenTip,
    signers: Signers,
    today: date,
    closed_days: int | None,
) -> str | None:
    """The key of what speaks against it; None: nothing does. *closed_days* is for how long the desk
    says that ended tips are kept, if it says so."""
    day = date.fromisoformat(said.day)
    if day > today + _CLOCKS_MAY_DIFFER or (seen.expires and said.day < seen.expires):
        return "desk.shredded_early"
    ending = _last(said, "status")
    if ending is None or ending.status not in ENDS or not _is_good(tip_id, ending, signers):
        return "desk.shredded_unended"
    if day < date.fromisoformat(ending.day) + timedelta(days=closed_days or 0) or closed_days == 0:
        return "desk.shredded_early"
    if seen.expires:
        return None  # it was ended, not on hold, and to go on that day when it was last seen
    if seen.is_held:
        lifted = _last(said, "unhold")
        if lifted is None or lifted.version <= seen.stood_at:
            return "desk.shredded_held"
        return None if _is_good(tip_id, lifted, signers) else "desk.shredded_held"
    return None if ending.version > seen.stood_at else "desk.shredded_unended"


def _last(said: Shredded, kind: str) -> Change | None:
    found = [change for change in said.changes if change.kind == kind]
    return max(found, key=lambda change: change.version, default=None)


def _is_good(tip_id: str, change: Change, signers: Signers) -> bool:
    return judge_change(tip_id, change, signers) in _GOOD
