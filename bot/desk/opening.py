"""Opening what identifies: exports, and files as they were sent, hidden details and all.

Both need a reason: a sealed note that only officers of the tip can read, with a signature that says
who opened what. The blob of an original is handed out only to an officer with such a record, on its
day. Where the operator asks for a second officer, the record waits until another one who may read
the tip has signed for it. That an export leaves a record is the console's honesty: whoever can read
a tip could copy it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter

from bot.clock import Clock, today
from bot.desk import opening_shapes as shapes
from bot.desk.door import Caller
from bot.desk.errors import BadShape, Forbidden, NotFound
from bot.desk.refusals import REFUSALS
from bot.desk.seconding import Seconding
from bot.desk.seconding_shapes import NewApproval
from bot.desk.views import listing_for
from sealing import Officer, Opens, Roster, Statement, approval_statement, opening_statement
from sealing.canonical import is_id
from storage.port import Database, Transaction
from storage.repositories import originals, parts
from storage.repositories.openings import OPENINGS, OpeningRow


@dataclass(frozen=True, slots=True)
class OpeningDesk:
    """Checks and writes for the routes below. *second_officer*: what one officer alone may not
    open."""

    database: Database
    roster: Callable[[], Roster]
    clock: Clock
    second_officer: frozenset[str] = frozenset()

    async def open(
        self, officer: Officer, tip_id: str, new: shapes.NewOpening
    ) -> shapes.OpenedAnswer:
        """Record why *officer* opens something. Raises Moved when the tip has grown: nothing was
        recorded."""
        if (new.part_id is None) != (new.opens is Opens.EXPORT):
            raise BadShape("bad_shape", "An original is of a part.", field="part_id")
        now = today(self.clock).isoformat()
        row = OpeningRow(
            opening_id=new.opening_id,
            tip_id=tip_id,
            opens=new.opens,
            part_id=new.part_id,
            reason_part_id=new.reason.part_id,
            seq=new.reason.seq,
            officer=officer.id,
            day=new.day,
            signature=new.signature,
            open_day=None if new.opens in self.second_officer else now,
        )

        def check(t: Transaction) -> None:
            if new.part_id is not None and not _has_original(t, tip_id, new.part_id):
                raise BadShape("bad_shape", "There is no original to open.", field="part_id")

        await self._seconding.record(officer, row, new.reason, check)
        return shapes.OpenedAnswer(opening_id=row.opening_id, open_day=row.open_day)

    async def approve(
        self, officer: Officer, tip_id: str, opening_id: str, new: NewApproval
    ) -> shapes.OpenedAnswer:
        """A second officer's word. Raises Forbidden for one's own opening, Moved when it waits for
        nobody."""
        now = await self._seconding.approve(officer, tip_id, opening_id, new)
        return shapes.OpenedAnswer(opening_id=opening_id, open_day=now)

    async def check_blob(self, officer: Officer, tip_id: str, blob_id: str) -> None:
        """Raises NotFound unless *blob_id* is a file of a tip that *officer* may see; and Forbidden
        for a kept original that they have not opened today."""
        now = today(self.clock).isoformat()

        def look(t: Transaction) -> None:
            listing_for(t, officer, tip_id)
            if not is_id(blob_id):
                raise NotFound
            if parts.with_blob(t, tip_id, blob_id) is not None:
                return
            part_id = originals.kept_of(t, tip_id, blob_id)
            if part_id is None:
                raise NotFound
            found = OPENINGS.of_tip(t, tip_id)
            if not any(self._lets(each, officer, part_id, now) for each in found):
                raise Forbidden("reason_needed", "To see this a reason must be given first.")

        await self.database.read(look)

    @property
    def _seconding(self) -> Seconding[OpeningRow]:
        return Seconding(
            self.database, self.roster, self.clock, OPENINGS, _said, _agreed, "own_opening"
        )

    def _lets(self, opening: OpeningRow, officer: Officer, part_id: str, now: str) -> bool:
        """Whether *opening* lets *officer* have the original of *part_id* now. An export holds all
        of them, but not around a second officer."""
        is_theirs = opening.officer == officer.id and opening.open_day == now
        if opening.opens is Opens.ORIGINAL:
            return is_theirs and opening.part_id == part_id
        is_seconded = opening.approved_by is not None or Opens.ORIGINAL not in self.second_officer
        return is_theirs and is_seconded


def opening_routes(desk: OpeningDesk) -> APIRouter:
    """The routes of *desk*."""
    routes = APIRouter(prefix="/tips/{tip_id}/openings", responses=REFUSALS)

    @routes.post("", status_code=201)
    async def open(officer: Caller, tip_id: str, new: shapes.NewOpening) -> shapes.OpenedAnswer:
        """Say why the tip is exported, or the original of one of its files looked at."""
        return await desk.open(officer, tip_id, new)

    @routes.post("/{opening_id}/approval", status_code=201)
    async def approve(
        officer: Caller, tip_id: str, opening_id: str, new: NewApproval
    ) -> shapes.OpenedAnswer:
        """Agree, as a second officer, that it is opened today."""
        return await desk.approve(officer, tip_id, opening_id, new)

    return routes


def _has_original(t: Transaction, tip_id: str, part_id: str) -> bool:
    original = originals.get(t, tip_id, part_id)
    return original is not None and original.blob_id is not None and original.key_id is None


def _said(row: OpeningRow) -> Statement:
    return opening_statement(
        opening_id=row.opening_id,
        tip_id=row.tip_id,
        opens=row.opens,
        part_id=row.part_id,
        reason_part_id=row.reason_part_id,
        seq=row.seq,
        day=row.day,
        officer=row.officer,
    )


def _agreed(row: OpeningRow, officer: str, day: str) -> Statement:
    return approval_statement(
        opening_id=row.opening_id,
        tip_id=row.tip_id,
        opens=row.opens,
        part_id=row.part_id,
        opener=row.officer,
        day=day,
        officer=officer,
    )
