"""How far a tip has come, and whose grant went with a centre that is theirs no more.

The desk knows which centre a grant goes with; a console only where the tip has been.
"""

from collections.abc import Mapping

from console.answers import OtherGrant, TipDetail, TreeCentre
from sealing import Officer


def centres_of(shown: TipDetail, tree: Mapping[str, TreeCentre]) -> frozenset[str]:
    """Every centre that the tip lay at, and those above."""
    found: set[str] = set()
    at = [shown.centre, *(c.from_centre for c in shown.changes if c.from_centre is not None)]
    while at:
        centre = at.pop()
        if centre in found:
            continue
        found.add(centre)
        parent = tree[centre].parent if centre in tree else None
        at += [] if parent is None else [parent]
    return frozenset(found)


def has_lapsed(grant: OtherGrant, officer: Officer, centres: frozenset[str]) -> bool:
    """Whether *grant* of a tip that came to *centres* gives *officer* no right to it any more: it
    goes with a centre, and they work at none of these."""
    return not grant.is_personal and centres.isdisjoint(officer.centres)
