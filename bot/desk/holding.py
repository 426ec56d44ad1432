"""Who holds a tip, who may act as if, and what somebody who came second is told."""

from collections.abc import Callable
from typing import TypeVar

from bot.desk import moving
from bot.desk.errors import Forbidden, Moved
from bot.desk.fields import b64
from bot.entitled import entitled
from sealing import Officer, Roster
from storage.port import Conflict, Database, Transaction
from storage.repositories import grants
from storage.repositories.parts import ChainMoved, Head
from storage.repositories.queue import Listing
from storage.repositories.tips import TipMoved

T = TypeVar("T")


def gone(t: Transaction, roster: Roster, listing: Listing) -> str | None:
    """The tip's holder, if they may no longer see it: they left, or have a new key or centre.

    They cannot give the tip back, so their hold must not stand in anybody's way.
    """
    holder = listing.claimed_by
    if holder is None:
        return None
    known, grant = roster.officer(holder), grants.of_officer(t, listing.tip_id, holder)
    is_here = known is not None and grant is not None and entitled(known, grant)
    return None if is_here else holder


def check_holder(t: Transaction, roster: Roster, officer: Officer, listing: Listing) -> None:
    """Only the holder speaks to the reporter, so that two officers do not answer as one; and
    nobody whose centre the tip has left."""
    check_not_left(t, listing)
    if listing.claimed_by not in (None, officer.id, gone(t, roster, listing)):
        raise TipMoved(listing.version, listing.claimed_by)


def check_holder_or_lead(
    t: Transaction, roster: Roster, officer: Officer, listing: Listing
) -> None:
    """As `check_holder`; and a lead of the tip's centre may, whoever holds it."""
    if officer.leads(listing.centre):
        check_not_left(t, listing)
    else:
        check_holder(t, roster, officer, listing)


def check_not_left(t: Transaction, listing: Listing) -> None:
    """Raises Forbidden for an officer of a centre that the tip has left."""
    if moving.is_left_behind(t, listing.tip_id, listing.grant):
        says = "The tip was moved to another centre. Until it is claimed there you may read it."
        raise Forbidden("moved_on", says)


async def commit(
    database: Database, roster: Callable[[], Roster], work: Callable[[Transaction], T]
) -> T:
    """Commit *work*. Raises Moved, saying what the tip is now, when somebody was first."""
    try:
        return await database.commit(work)
    except TipMoved as moved:
        raise _moved(moved, roster()) from None
    except ChainMoved as moved:
        raise _grown(moved.head) from None
    except Conflict:
        raise Moved("conflict", "Somebody was first. Read the tip again.") from None


def _moved(moved: TipMoved, roster: Roster) -> Moved:
    holder = None if moved.claimed_by is None else roster.officer(moved.claimed_by)
    return Moved(
        "moved",
        "The tip was changed meanwhile. Read it again.",
        version=moved.version,
        claimed_by=moved.claimed_by,
        claimed_by_name=None if holder is None else holder.name,
    )


def _grown(head: Head) -> Moved:
    return Moved(
        "grown",
        "The tip has newer parts. Read it again.",
        seq=head.seq,
        hash=b64(head.hash),
    )
