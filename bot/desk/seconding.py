"""A deed for a reason, which a second officer may have to agree to, whatever the deed is.

The reason is a sealed note that only officers of the tip can read; who does what is signed. Where
the operator asks for a second officer, the deed waits until another one who may read the tip has
signed for it. Refuses to know what is done: openings and hand-overs say that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from bot.clock import Clock, today
from bot.desk import holding, shapes, writing
from bot.desk.errors import Forbidden, Moved, NotFound
from bot.desk.seconding_shapes import NewApproval
from bot.desk.signed import check_day, check_signature
from bot.desk.views import listing_for
from sealing import Officer, Roster, Statement
from storage.port import Database, Transaction
from storage.repositories.queue import Listing
from storage.repositories.seconded import Row, SecondedTable


def whoever_reads(t: Transaction, listing: Listing) -> None:
    """For everybody who may read the tip."""


@dataclass(frozen=True, slots=True)
class Seconding(Generic[Row]):
    """Checks and writes for one kind of deed. Of a row, *said* is what its officer signs, and
    *agreed* what the second one signs on a day; *own* is the error of who agrees with themselves.
    *may* raises Forbidden for those who read the tip and may neither do it nor agree.
    """

    database: Database
    roster: Callable[[], Roster]
    clock: Clock
    table: SecondedTable[Row]
    said: Callable[[Row], Statement]
    agreed: Callable[[Row, str, str], Statement]
    own: str
    may: Callable[[Transaction, Listing], None] = whoever_reads

    async def record(
        self,
        officer: Officer,
        row: Row,
        reason: shapes.Reason,
        check: Callable[[Transaction], None] | None = None,
    ) -> None:
        """Keep what *officer* does, if *check* raises nothing. Raises Moved when the tip has grown:
        nothing was recorded."""
        for day in (row.day, reason.day):
            check_day(day, self.clock)
        check_signature(officer, self.said(row), row.signature)

        def work(t: Transaction) -> None:
            self.may(t, listing_for(t, officer, row.tip_id))
            if check is not None:
                check(t)
            writing.append(t, officer, row.tip_id, reason)
            self.table.add(t, row)

        await holding.commit(self.database, self.roster, work)

    async def approve(self, officer: Officer, tip_id: str, row_id: str, new: NewApproval) -> str:
        """A second officer's word; the day on which it is open. Raises Forbidden for one's own,
        Moved when it waits for nobody."""
        check_day(new.day, self.clock)
        now = today(self.clock).isoformat()

        def work(t: Transaction) -> None:
            self.may(t, listing_for(t, officer, tip_id))
            row = self.table.get(t, tip_id, row_id)
            if row is None:
                raise NotFound("There is nothing such to approve.")
            if row.officer == officer.id:
                raise Forbidden(self.own, "Another officer must approve this.")
            check_signature(officer, self.agreed(row, officer.id, new.day), new.signature)
            if row.open_day is not None:
                raise Moved("not_waiting", "This was approved already.")
            self.table.approve(
                t, row, officer.id, day=new.day, signature=new.signature, open_day=now
            )

        await holding.commit(self.database, self.roster, work)
        return now
