"""Legal hold: a tip that may be needed longer is not destroyed while it is held.

A lead who reads the tip puts it on hold or lifts that, so does an admin who reads it, and any
officer of a centre that has no lead; of an application to join the network, any registrar who reads
it. The reason is a sealed note, for whoever reads the tip; change, reason and what becomes of the
day of destruction are one commit. Lifting draws a new day, so that it never means tonight
(`handlers.retention`). Nothing else changes: a tip on hold is worked on, closed and opened again as
any other.
"""

from collections.abc import Callable

from fastapi import APIRouter

from bot.clock import Clock
from bot.desk import holding, shapes
from bot.desk.door import Caller
from bot.desk.errors import BadShape, Forbidden
from bot.desk.refusals import REFUSALS
from bot.desk.signed import check_day, check_signature
from bot.desk.views import listing_for
from bot.desk.writing import append
from sealing import Officer, Role, Roster, hold_statement, unhold_statement
from storage.port import Database, Transaction
from storage.repositories import tips
from storage.repositories.queue import Listing
from storage.repositories.tips import TipMoved


class LegalHolds:
    """Writes for the routes below."""

    def __init__(self, database: Database, roster: Callable[[], Roster], clock: Clock) -> None:
        self._database = database
        self._roster = roster
        self._clock = clock

    async def set_held(
        self, officer: Officer, tip_id: str, new: shapes.NewLegalHold, *, is_held: bool
    ) -> shapes.VersionAnswer:
        """Put the tip on hold, or lift that. Raises Moved when the tip changed first, Forbidden for
        who may not, and BadShape where it is so already."""
        for day in (new.day, new.reason.day):
            check_day(day, self._clock)
        statement = (hold_statement if is_held else unhold_statement)(
            tip_id=tip_id,
            version=new.version,
            reason_part_id=new.reason.part_id,
            day=new.day,
            officer=officer.id,
        )
        check_signature(officer, statement, new.signature)

        def work(t: Transaction) -> int:
            listing = listing_for(t, officer, tip_id)
            if listing.version != new.version:
                raise TipMoved(listing.version, listing.claimed_by)
            holding.check_not_left(t, listing)
            _check_may(self._roster(), officer, listing)
            if listing.is_held is is_held:
                says = "The tip is on hold already." if is_held else "The tip is not on hold."
                raise BadShape("held_already" if is_held else "not_held", says, field="version")
            append(t, officer, tip_id, new.reason)
            return tips.set_held(
                t,
                tip_id,
                officer.id,
                new.version,
                is_held=is_held,
                day=new.day,
                part_id=new.reason.part_id,
                signature=new.signature,
            )

        version = await holding.commit(self._database, self._roster, work)
        return shapes.VersionAnswer(version=version)


def _check_may(roster: Roster, officer: Officer, listing: Listing) -> None:
    if listing.grant.role == Role.REGISTRAR.value:
        return  # whoever reads an application is a registrar
    is_leaderless = not roster.of_centre(listing.centre, Role.LEAD)
    is_of_it = is_leaderless and listing.centre in officer.centres
    if not (officer.has(Role.LEAD) or officer.has(Role.ADMIN) or is_of_it):
        says = "Only a lead or an admin may put a tip on hold, or lift that."
        raise Forbidden("not_lead", says)


def legal_hold_routes(desk: LegalHolds) -> APIRouter:
    """The routes of holds."""
    routes = APIRouter(responses=REFUSALS)

    @routes.post("/tips/{tip_id}/hold")
    async def hold(officer: Caller, tip_id: str, new: shapes.NewLegalHold) -> shapes.VersionAnswer:
        """Have the tip not destroyed until somebody lifts that, with a reason for officers."""
        return await desk.set_held(officer, tip_id, new, is_held=True)

    @routes.post("/tips/{tip_id}/unhold")
    async def unhold(
        officer: Caller, tip_id: str, new: shapes.NewLegalHold
    ) -> shapes.VersionAnswer:
        """Lift the hold, with a reason for officers. If its time is over, the tip is destroyed some
        days from now, never at once."""
        return await desk.set_held(officer, tip_id, new, is_held=False)

    return routes
