"""Handing a tip over to another body: the record, made before the file has its name.

What leaves is made on the officer's machine and never comes here: the desk learns the body, the
form and a hash. All of a tip goes only to a body whose key the roster names. Where the operator
asks for a second officer, the record waits until another one who may read the tip has signed for
just that file. That a hand-over leaves a record is the console's honesty, as with an export.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from bot.clock import Clock, today
from bot.desk import handing_over_shapes as shapes
from bot.desk import holding, writing
from bot.desk.errors import BadShape, Forbidden, Moved, NotFound
from bot.desk.signed import check_day, check_signature
from bot.desk.views import listing_for
from sealing import Officer, Roster
from sealing.handovers import handover_approval_statement, handover_statement
from storage.port import Database, Transaction
from storage.repositories.handovers import HANDOVERS, HandoverRow


@dataclass(frozen=True, slots=True)
class HandingOverDesk:
    """Checks and writes for the routes below. *is_seconded*: one officer alone hands nothing
    over."""

    database: Database
    roster: Callable[[], Roster]
    clock: Clock
    is_seconded: bool = False

    async def hand_over(
        self, officer: Officer, tip_id: str, new: shapes.NewHandover
    ) -> shapes.HandedOverAnswer:
        """Record what *officer* hands over. Raises Moved when the tip has grown, BadShape for all
        of a tip to a body without a key: nothing was recorded."""
        for day in (new.day, new.reason.day):
            check_day(day, self.clock)
        if new.form == "full" and self.roster().body(new.body) is None:
            says = "All of a tip is handed over only to a body that has a key in the roster."
            raise BadShape("bad_shape", says, field="body")
        statement = handover_statement(
            handover_id=new.handover_id,
            tip_id=tip_id,
            body=new.body,
            form=new.form,
            sha256=new.sha256,
            reason_part_id=new.reason.part_id,
            seq=new.reason.seq,
            day=new.day,
            officer=officer.id,
        )
        check_signature(officer, statement, new.signature)
        row = HandoverRow(
            handover_id=new.handover_id,
            tip_id=tip_id,
            body=new.body,
            form=new.form,
            sha256=new.sha256,
            reason_part_id=new.reason.part_id,
            seq=new.reason.seq,
            officer=officer.id,
            day=new.day,
            signature=new.signature,
            open_day=None if self.is_seconded else today(self.clock).isoformat(),
        )

        def work(t: Transaction) -> None:
            listing_for(t, officer, tip_id)
            writing.append(t, officer, tip_id, new.reason)
            HANDOVERS.add(t, row)

        await holding.commit(self.database, self.roster, work)
        return shapes.HandedOverAnswer(handover_id=row.handover_id, open_day=row.open_day)

    async def approve(
        self, officer: Officer, tip_id: str, handover_id: str, new: shapes.NewHandoverApproval
    ) -> shapes.HandedOverAnswer:
        """A second officer's word. Raises Forbidden for one's own hand-over, Moved when it waits
        for nobody."""
        check_day(new.day, self.clock)
        now = today(self.clock).isoformat()

        def work(t: Transaction) -> None:
            listing_for(t, officer, tip_id)
            handover = HANDOVERS.get(t, tip_id, handover_id)
            if handover is None:
                raise NotFound("There is no such hand-over.")
            if handover.officer == officer.id:
                raise Forbidden("own_handover", "Another officer must approve this.")
            statement = handover_approval_statement(
                handover_id=handover_id,
                tip_id=tip_id,
                body=handover.body,
                form=handover.form,
                sha256=handover.sha256,
                giver=handover.officer,
                day=new.day,
                officer=officer.id,
            )
            check_signature(officer, statement, new.signature)
            if handover.open_day is not None:
                raise Moved("not_waiting", "This was approved already.")
            HANDOVERS.approve(
                t, handover, officer.id, day=new.day, signature=new.signature, open_day=now
            )

        await holding.commit(self.database, self.roster, work)
        return shapes.HandedOverAnswer(handover_id=handover_id, open_day=now)


def handing_over_routes(
    desk: HandingOverDesk,
    signed_in: Callable[..., Awaitable[Officer]],
    responses: dict[int | str, dict[str, Any]],
) -> APIRouter:
    """The routes of *desk*, for whoever *signed_in* lets pass."""
    routes = APIRouter(prefix="/tips/{tip_id}/handovers", responses=responses)
    caller = Annotated[Officer, Depends(signed_in)]

    @routes.post("", status_code=201)
    async def hand_over(
        officer: caller, tip_id: str, new: shapes.NewHandover
    ) -> shapes.HandedOverAnswer:
        """Record that the tip is handed over to another body, and why."""
        return await desk.hand_over(officer, tip_id, new)

    @routes.post("/{handover_id}/approval", status_code=201)
    async def approve(
        officer: caller, tip_id: str, handover_id: str, new: shapes.NewHandoverApproval
    ) -> shapes.HandedOverAnswer:
        """Agree, as a second officer, that just this leaves today."""
        return await desk.approve(officer, tip_id, handover_id, new)

    return routes
