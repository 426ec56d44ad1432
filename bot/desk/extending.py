"""More time for a tip: a reason for officers, a sentence for the reporter, and the day promised.

Both parts, the change and the new day are one commit, so a tip is never given time that its
reporter was not told of. How far a day may lie ahead is the desk's rule.
"""

from collections.abc import Callable
from datetime import date, timedelta

from fastapi import APIRouter

from bot.clock import Clock, today
from bot.desk import holding, shapes
from bot.desk.door import Caller
from bot.desk.errors import BadShape
from bot.desk.refusals import REFUSALS
from bot.desk.signed import check_day, check_signature
from bot.desk.views import listing_for
from bot.desk.writing import append
from bot.notices import announce
from sealing import Officer, Roster, extend_statement
from storage.port import Database, Transaction
from storage.repositories import tips
from storage.repositories.queue import Listing
from storage.repositories.tips import TipMoved


class Extending:
    """Writes for the route below. One extension reaches *longest_days* past the day that counts, or
    past today once that is over; *on_news* is called once it is durable that a reporter is to be
    told something."""

    def __init__(
        self,
        database: Database,
        roster: Callable[[], Roster],
        clock: Clock,
        longest_days: int,
        on_news: Callable[[], None],
    ) -> None:
        self._database = database
        self._roster = roster
        self._clock = clock
        self._longest = timedelta(days=longest_days)
        self._on_news = on_news

    async def extend(
        self, officer: Officer, tip_id: str, new: shapes.NewExtension
    ) -> shapes.VersionAnswer:
        """Give the tip until *new.until_day*. Raises Moved when the tip changed first, and BadShape
        for a day that gives no time, or too much."""
        for day in (new.day, new.reason.day, new.sentence.day):
            check_day(day, self._clock)
        statement = extend_statement(
            tip_id=tip_id,
            version=new.version,
            until_day=new.until_day,
            day=new.day,
            officer=officer.id,
            sentence_part_id=new.sentence.part_id,
        )
        check_signature(officer, statement, new.signature)

        def work(t: Transaction) -> tuple[int, bool]:
            listing = listing_for(t, officer, tip_id)
            if listing.version != new.version:  # else a day could be refused that was right before
                raise TipMoved(listing.version, listing.claimed_by)
            holding.check_holder_or_lead(t, self._roster(), officer, listing)
            self._check_until(listing, new.until_day)
            append(t, officer, tip_id, new.reason)
            append(t, officer, tip_id, new.sentence)
            is_news = announce(t, tip_id, new.sentence.part_id)
            version = tips.extend(
                t,
                tip_id,
                officer.id,
                new.version,
                until_day=new.until_day,
                day=new.day,
                part_id=new.sentence.part_id,
                signature=new.signature,
            )
            return version, is_news

        version, is_news = await holding.commit(self._database, self._roster, work)
        if is_news:
            self._on_news()
        return shapes.VersionAnswer(version=version)

    def _check_until(self, listing: Listing, until_day: str) -> None:
        if listing.due_day is None:
            raise BadShape("no_clock", "No clock runs for this tip.", field="until_day")
        now = today(self._clock)
        due, until = date.fromisoformat(listing.due_day), date.fromisoformat(until_day)
        if until <= due or until < now:
            problem = "The day gives no time: it is not after the one that counts now."
            raise BadShape("no_time", problem, field="until_day")
        if until > max(due, now) + self._longest:
            problem = f"One extension gives {self._longest.days} days at most."
            raise BadShape("too_much_time", problem, field="until_day")


def extending_routes(desk: Extending) -> APIRouter:
    """The route of an extension."""
    routes = APIRouter(responses=REFUSALS)

    @routes.post("/tips/{tip_id}/extend")
    async def extend(
        officer: Caller, tip_id: str, new: shapes.NewExtension
    ) -> shapes.VersionAnswer:
        """Give the tip more time, with a sentence for the reporter and a reason for officers."""
        return await desk.extend(officer, tip_id, new)

    return routes
