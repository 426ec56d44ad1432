"""Escalation: a tip whose clock ran out climbs to the next centre above.

What climbs is who may read: the grants that were sealed at filing to that centre's officers are no
longer withheld. Nothing is granted that was not there, so whom the tip bars stays out. The tip
stays where it lies, and with whoever holds it: their neglect is now seen from above, and a tip that
nobody held in between would be nobody's again. A centre whose withheld grants no officer can use
any more is climbed past.

Laws: one tip, one commit, which looks again whether it is still time; so a tip climbs once for each
day that calls for it, whatever is killed and however often, or in how many processes, this runs.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from bot.alerts.raising import Raising, Uncounted
from bot.clock import Clock, today
from bot.entitled import entitled
from bot.logs import logger
from handlers.routing import Centres
from sealing import Roster
from storage import Database, Transaction
from storage.repositories import clocks, grants, tips
from storage.repositories.grants import GrantRow

AT_A_TIME = 200


class Escalation:
    """Lets overdue tips climb."""

    def __init__(
        self,
        database: Database,
        roster: Callable[[], Roster],
        centres: Centres,
        clock: Clock,
        raising: Raising | None = None,
    ) -> None:
        """*raising* counts for officers' alerts."""
        self._raising = raising or Uncounted()
        self._database = database
        self._roster = roster
        self._centres = centres
        self._clock = clock

    async def once(self) -> None:
        """Let everything climb that is to climb today or was before. Safe as often as one likes."""
        day, climbed = today(self._clock), 0
        while waiting := await self._database.read(
            lambda t: clocks.climbing(t, day.isoformat(), AT_A_TIME)
        ):
            for tip_id in waiting:
                climbed += await self._climb(tip_id, day)
        if climbed:
            logger().warning("tips_climbed", count=climbed)

    async def _climb(self, tip_id: str, day: date) -> bool:
        """Whether the tip climbed."""
        return await self._database.commit(lambda t: self._climbed(t, tip_id, day))

    def _climbed(self, t: Transaction, tip_id: str, day: date) -> bool:
        tip = tips.get(t, tip_id)
        if tip is None or not clocks.is_climbing(t, tip_id, day.isoformat()):
            return False
        withheld = [grant for grant in grants.of_tip(t, tip_id) if not grant.released]
        above = self._above(tip.centre)
        for centre in above:
            if any(grant.centre == centre and self._is_usable(grant) for grant in withheld):
                tips.escalate(t, tip_id, to_centre=centre, day=day.isoformat())
                there = [grant.officer for grant in withheld if grant.centre == centre]
                self._raising.handed(t, tip_id, there, centre=centre)
                return True
        # Officers may come back to a centre with the next roster: then their grants are good again.
        may_later = any(grant.centre in above for grant in withheld)
        again = day + timedelta(days=max(1, clocks.again_days(t, tip.centre)))
        clocks.climb_later(t, tip_id, again.isoformat() if may_later else None)
        return False

    def _above(self, centre: str) -> tuple[str, ...]:
        """The centres above, nearest first; the top one where the configuration has lost *centre*,
        and none where it is the top."""
        if centre not in self._centres.by_id:
            return (self._centres.headquarters.id,)
        return tuple(each.id for each in self._centres.above(centre))

    def _is_usable(self, grant: GrantRow) -> bool:
        officer = self._roster().officer(grant.officer)
        return officer is not None and entitled(officer, replace(grant, released=True))
