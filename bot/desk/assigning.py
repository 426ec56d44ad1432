"""Giving a tip to a colleague: by a lead of its centre, or by whoever holds it.

The receiver must be able to open it, so nobody is given a closed box. A lead may also take a tip
from its holder, themselves included. Where the holder is gone (they left, or have a new key or
centre) any officer of the tip's centre may, as they could claim it. It is taken up as by a claim.
"""

from collections.abc import Callable

from bot.clock import Clock
from bot.desk import holding, moving, shapes
from bot.desk.errors import BadShape, Forbidden
from bot.desk.signed import check_day, check_signature
from bot.desk.views import listing_for
from bot.entitled import entitled
from sealing import Officer, Roster, assign_statement
from storage.port import Database, Transaction
from storage.repositories import grants, tips
from storage.repositories.queue import Listing
from storage.repositories.tips import TipMoved


class Assigning:
    """Gives tips to colleagues, for the desk's routes."""

    def __init__(self, database: Database, roster: Callable[[], Roster], clock: Clock) -> None:
        self._database = database
        self._roster = roster
        self._clock = clock

    async def assign(
        self, officer: Officer, tip_id: str, new: shapes.NewAssign
    ) -> shapes.HeldAnswer:
        """Make *new.to_officer* the holder. Raises Moved with the holder's name when somebody was
        first, and Forbidden for who may not give this tip away."""
        check_day(new.day, self._clock)
        statement = assign_statement(
            tip_id=tip_id,
            version=new.version,
            to_officer=new.to_officer,
            day=new.day,
            officer=officer.id,
        )
        check_signature(officer, statement, new.signature)
        roster = self._roster()

        def work(t: Transaction) -> int:
            listing = listing_for(t, officer, tip_id)
            holding.check_not_left(t, listing)
            if listing.version != new.version:
                raise TipMoved(listing.version, listing.claimed_by)
            _check_may_give(t, roster, officer, listing)
            _check_can_open(t, roster, listing, new.to_officer)
            left = moving.left_centres(tips.changes(t, tip_id))
            version = tips.assign(
                t,
                tip_id,
                officer.id,
                new.version,
                to_officer=new.to_officer,
                day=new.day,
                signature=new.signature,
            )
            moving.take_up(t, tip_id, left)
            return version

        version = await holding.commit(self._database, self._roster, work)
        colleague = roster.officer(new.to_officer)
        return shapes.HeldAnswer(
            version=version,
            claimed_by=new.to_officer,
            claimed_by_name=None if colleague is None else colleague.name,
        )


def _check_may_give(t: Transaction, roster: Roster, officer: Officer, listing: Listing) -> None:
    is_holder = listing.claimed_by == officer.id
    is_orphaned = (
        listing.claimed_by is not None
        and holding.gone(t, roster, listing) is not None
        and listing.centre in officer.centres
    )
    if not (is_holder or is_orphaned or officer.leads(listing.centre)):
        says = "Only a lead of the tip's centre, or who holds it, may give it to somebody."
        raise Forbidden("not_lead", says)


def _check_can_open(t: Transaction, roster: Roster, listing: Listing, to_officer: str) -> None:
    """Raises BadShape unless *to_officer* may open the tip and does not hold it yet."""
    colleague = roster.officer(to_officer)
    grant = grants.of_officer(t, listing.tip_id, to_officer)
    if colleague is None or grant is None or not entitled(colleague, grant):
        raise BadShape("cannot_open", "They cannot open this tip.", field="to_officer")
    if moving.is_left_behind(t, listing.tip_id, grant):
        says = "The tip has left their centre; they cannot hold it."
        raise BadShape("cannot_open", says, field="to_officer")
    if listing.claimed_by == to_officer:
        raise BadShape("holds_it", "They hold this tip already.", field="to_officer")
