"""The audit trail at the desk: read in pages, and signed day by day by those who watch over it.

Nothing here says what anybody wrote or told, and nothing here asks who may see it: the table of
roles does (`bot.desk.roles`). The desk hands out the bytes that it hashed, and takes an auditor's
signature only over a day's head that it shows itself.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from bot.desk import audit_shapes as shapes
from bot.desk.door import Caller
from bot.desk.errors import Moved, NotFound
from bot.desk.refusals import REFUSALS
from bot.desk.signed import check_signature
from sealing import Officer, VerifyKey
from sealing.canonical import is_day
from storage.port import Conflict, Database, Transaction
from storage.repositories import audit


class AuditDesk:
    """Reads and writes for the routes below. *key* signs the trail's days."""

    def __init__(self, database: Database, key: VerifyKey) -> None:
        self._database = database
        self._key = key

    async def entries(self, after: int, limit: int) -> shapes.EntriesAnswer:
        """One page of the trail, oldest first."""
        found = await self._database.read(lambda t: audit.page(t, after=after, limit=limit))
        return shapes.EntriesAnswer(
            entries=tuple(row.data for row in found),
            next=found[-1].seq if len(found) == limit else None,
        )

    async def days(self, after: str, limit: int) -> shapes.DaysAnswer:
        """One page of the days' heads, oldest first."""
        found = await self._database.read(lambda t: audit.heads(t, after=after, limit=limit))
        return shapes.DaysAnswer(
            server_key=str(self._key),
            days=tuple(map(shapes.DayAnswer.of, found)),
            next=found[-1].day if len(found) == limit else None,
        )

    async def sign(self, officer: Officer, day: str, new: shapes.NewDaySignature) -> None:
        """Keep the officer's signature over a day. Raises Moved when they signed it otherwise."""

        def work(t: Transaction) -> None:
            head = audit.head(t, day) if is_day(day) else None
            if head is None:
                raise NotFound("There is no such signed day.")
            check_signature(officer, head.said_by(officer.id), new.signature)
            audit.countersign(t, day, officer.id, new.signature)

        try:
            await self._database.commit(work)
        except Conflict:
            raise Moved("conflict", "You have signed that day already.") from None


def audit_routes(desk: AuditDesk) -> APIRouter:
    """The routes of *desk*."""
    routes = APIRouter(prefix="/audit", responses=REFUSALS)

    @routes.get("")
    async def entries(
        _: Caller,
        after: Annotated[int, Query(ge=0, lt=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=shapes.ENTRIES_AT_MOST)] = 200,
    ) -> shapes.EntriesAnswer:
        """What officers and the server did, in order, behind the entry *after*."""
        return await desk.entries(after, limit)

    @routes.get("/days")
    async def days(
        _: Caller,
        after: Annotated[str, Query(max_length=10)] = "",
        limit: Annotated[int, Query(ge=1, le=shapes.ENTRIES_AT_MOST)] = 200,
    ) -> shapes.DaysAnswer:
        """Where the trail stood at the end of each day, signed."""
        return await desk.days(after, limit)

    @routes.post("/days/{day}/signatures", status_code=201)
    async def sign(officer: Caller, day: str, new: shapes.NewDaySignature) -> Response:
        """Sign a day's head with the caller's own key."""
        await desk.sign(officer, day, new)
        return Response(status_code=201)

    return routes
