"""An officer's queue: the tips that they may see, newest day first.

A page reads a range of one index per status, so its cost depends on the page and not on how many
tips there are. Refuses to know who may do what, and changes nothing.
"""

# what is put into SQL here are this module's own lists of columns

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from storage.port import Row, Transaction
from storage.repositories import grants
from storage.repositories.grants import GrantRow
from storage.repositories.tips import ChangeKind, Status


@dataclass(frozen=True, slots=True)
class Listing:
    """A tip as one officer's queue shows it; *parts* counts tombstones too. *last_word* is what its
    reporter said to an ending, if no officer changed the status since; *openings_waiting* how many
    openings and hand-overs wait for a second officer. On *expire_day* it is destroyed, if it is not
    *held*."""

    tip_id: str
    centre: str
    status: Status
    status_day: str
    filed_day: str
    version: int
    claimed_by: str | None
    no_contact: bool
    parts: int
    grant: GrantRow
    due_day: str | None = None
    last_word: Literal["confirm", "reopen"] | None = None
    openings_waiting: int = 0
    expire_day: str | None = None
    is_held: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """The last tip of a page; the next page begins behind it."""

    filed_day: str
    tip_id: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some listings, newest day first, and where to go on (None: that was all)."""

    listings: tuple[Listing, ...]
    next: Cursor | None


_NEWEST = Cursor("9999-12-31", "g")


def seen_by(t: Transaction, tip_id: str, officer: str) -> Listing | None:
    """The tip as *officer* may see it; None alike for unknown, foreign and withheld tips."""
    found = t.row(
        f"{_LISTING} WHERE g.tip_id = ? AND g.officer = ? AND g.released = 1", (tip_id, officer)
    )
    return _listing(found) if found else None


def page(
    t: Transaction,
    officer: str,
    *,
    after: Cursor | None = None,
    limit: int = 50,
    statuses: Iterable[Status] = tuple(Status),
) -> Page:
    """The officer's queue behind *after*, newest day first; within a day in no telling order."""
    start = after or _NEWEST
    found: list[Row] = []  # day, tip, grant
    for status in set(statuses):
        found += t.rows(
            PAGE_KEYS, (officer, status.value, start.filed_day, start.tip_id, limit + 1)
        )
    found.sort(reverse=True)
    listings = _listings(t, [grant_id for _, _, grant_id in found[:limit]])
    last = found[limit - 1][:2] if len(found) > limit else None
    return Page(listings, None if last is None else Cursor(*last))


PAGE_KEYS = (
    "SELECT filed_day, tip_id, grant_id FROM tip_grant"
    " WHERE officer = ? AND released = 1 AND status = ? AND (filed_day, tip_id) < (?, ?)"
    " ORDER BY filed_day DESC, tip_id DESC LIMIT ?"
)
_LISTING = (
    "SELECT tip.tip_id, tip.centre, tip.status, tip.status_day, tip.filed_day, tip.version,"
    " tip.claimed_by, tip.no_contact, tip.due_day, tip.expire_day, tip.is_held,"
    " (SELECT max(seq) FROM part WHERE part.tip_id = tip.tip_id),"
    " (SELECT kind FROM change WHERE change.tip_id = tip.tip_id"
    " AND change.kind IN ('status', 'confirm', 'reopen') ORDER BY version DESC LIMIT 1),"
    " (SELECT count(*) FROM opening WHERE opening.tip_id = tip.tip_id"
    " AND opening.open_day IS NULL)"
    " + (SELECT count(*) FROM handover WHERE handover.tip_id = tip.tip_id"
    " AND handover.open_day IS NULL),"
    " g.grant_id, g.tip_id, g.officer, g.centre, g.released, g.filed_day, g.sealed, g.granted_by,"
    " g.signature, g.role, g.is_personal"
    # "Between" is "=" said so that the narrow index is looked into, and not the long rows.
    " FROM tip_grant AS g JOIN tip ON tip.tip_id BETWEEN g.tip_id AND g.tip_id"
)
IN_ONE_LOOK = 64


def _listings(t: Transaction, grant_ids: Sequence[str]) -> tuple[Listing, ...]:
    """The listings of these grants, in their order."""
    found: dict[str, Listing] = {}
    for first in range(0, len(grant_ids), IN_ONE_LOOK):
        several = grant_ids[first : first + IN_ONE_LOOK]
        places = ", ".join("?" * len(several))
        for row in t.rows(f"{_LISTING} WHERE g.grant_id IN ({places})", several):
            listing = _listing(row)
            found[listing.grant.grant_id] = listing
    return tuple(found[grant_id] for grant_id in grant_ids)


def _listing(row: Row) -> Listing:
    tip_id, centre, status, status_day, filed_day, version, *rest = row
    claimed_by, no_contact, due_day, expire_day, is_held, seq, last_word, waiting, *grant = rest
    return Listing(
        tip_id=tip_id,
        centre=centre,
        status=Status(status),
        status_day=status_day,
        filed_day=filed_day,
        version=version,
        claimed_by=claimed_by,
        no_contact=bool(no_contact),
        parts=seq or 0,
        grant=grants.row_of(tuple(grant)),
        due_day=due_day,
        last_word=None if last_word == ChangeKind.STATUS.value else last_word,
        openings_waiting=waiting,
        expire_day=expire_day,
        is_held=bool(is_held),
    )
