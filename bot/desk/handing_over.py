"""Handing a tip over to another body: the record, made before the file has its name.

What leaves is made on the officer's machine and never comes here: the desk learns the body, the
form and a hash. All of a tip goes only to a body whose key the roster names, and nothing goes out
by a centre that the tip has left, which may read it still. Where the operator asks for a second
officer, the record waits until another one has signed for just that file. That a hand-over leaves a
record is the console's honesty, as with an export.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter

from bot.clock import Clock, today
from bot.desk import handing_over_shapes as shapes
from bot.desk import holding
from bot.desk.door import Caller
from bot.desk.errors import BadShape
from bot.desk.refusals import REFUSALS
from bot.desk.seconding import Seconding
from bot.desk.seconding_shapes import NewApproval
from sealing import Officer, Roster, Statement
from sealing.handovers import handover_approval_statement, handover_statement
from storage.port import Database
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
        if new.form == "full" and self.roster().body(new.body) is None:
            says = "All of a tip is handed over only to a body that has a key in the roster."
            raise BadShape("bad_shape", says, field="body")
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
        await self._seconding.record(officer, row, new.reason)
        return shapes.HandedOverAnswer(handover_id=row.handover_id, open_day=row.open_day)

    async def approve(
        self, officer: Officer, tip_id: str, handover_id: str, new: NewApproval
    ) -> shapes.HandedOverAnswer:
        """A second officer's word. Raises Forbidden for one's own hand-over, Moved when it waits
        for nobody."""
        now = await self._seconding.approve(officer, tip_id, handover_id, new)
        return shapes.HandedOverAnswer(handover_id=handover_id, open_day=now)

    @property
    def _seconding(self) -> Seconding[HandoverRow]:
        return Seconding(
            self.database,
            self.roster,
            self.clock,
            HANDOVERS,
            _said,
            _agreed,
            "own_handover",
            holding.check_not_left,
        )


def handing_over_routes(desk: HandingOverDesk) -> APIRouter:
    """The routes of *desk*."""
    routes = APIRouter(prefix="/tips/{tip_id}/handovers", responses=REFUSALS)

    @routes.post("", status_code=201)
    async def hand_over(
        officer: Caller, tip_id: str, new: shapes.NewHandover
    ) -> shapes.HandedOverAnswer:
        """Record that the tip is handed over to another body, and why."""
        return await desk.hand_over(officer, tip_id, new)

    @routes.post("/{handover_id}/approval", status_code=201)
    async def approve(
        officer: Caller, tip_id: str, handover_id: str, new: NewApproval
    ) -> shapes.HandedOverAnswer:
        """Agree, as a second officer, that just this leaves today."""
        return await desk.approve(officer, tip_id, handover_id, new)

    return routes


def _said(row: HandoverRow) -> Statement:
    return handover_statement(
        handover_id=row.handover_id,
        tip_id=row.tip_id,
        body=row.body,
        form=row.form,
        sha256=row.sha256,
        reason_part_id=row.reason_part_id,
        seq=row.seq,
        day=row.day,
        officer=row.officer,
    )


def _agreed(row: HandoverRow, officer: str, day: str) -> Statement:
    return handover_approval_statement(
        handover_id=row.handover_id,
        tip_id=row.tip_id,
        body=row.body,
        form=row.form,
        sha256=row.sha256,
        giver=row.officer,
        day=day,
        officer=officer,
    )
