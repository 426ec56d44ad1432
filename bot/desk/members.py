"""Member codes at the desk: what a registrar may do to the codes of their own centres.

The console stretches codes itself and sends halves; the server turns a half into the locator with
its pepper, and never sees a code here. A batch happens whole or not at all, and leaves one signed
record; sent again after a lost answer, under its own id, it changes nothing and says so.

Whoever is no registrar, and a centre that is another's or nobody's, get the same answer. Ordinary
and duress codes never share a batch; of duress codes nothing shows but to who made them.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query

from bot.clock import DAY_MAY_DIFFER, Clock, today
from bot.desk import member_shapes as shapes
from bot.desk.door import Caller
from bot.desk.errors import BadShape, Forbidden, Moved
from bot.desk.refusals import REFUSALS
from bot.desk.shapes import PAGE_AT_MOST
from bot.desk.signed import check_day, check_signature
from sealing import Officer, Role, member_locator, members_statement
from sealing.canonical import is_day, is_id
from sealing.stretch import Cost
from storage.port import Conflict, Database, Transaction
from storage.repositories import codes, member_records
from storage.repositories.codes import MemberCodeRow, State
from storage.repositories.member_records import Deed, RecordRow

GOOD_FOR_AT_MOST = timedelta(days=3660)

T = TypeVar("T")

_DEED_OF = {State.ACTIVE: Deed.RESUME, State.PAUSED: Deed.PAUSE, State.REVOKED: Deed.REVOKE}


@dataclass(frozen=True, slots=True)
class MemberTerms:
    """What codes of this deployment are made with. *web* and *onion* are where people reach the
    chat; the links of bots come from their signed registry, not from here."""

    salt: bytes = field(repr=False)
    pepper: bytes = field(repr=False)
    cost: Cost
    web: str | None
    onion: str | None


class Members:
    """Registrars' reads and deeds for the desk's routes."""

    def __init__(self, database: Database, terms: MemberTerms, clock: Clock) -> None:
        self._database = database
        self._terms = terms
        self._clock = clock

    def terms(self, officer: Officer) -> shapes.TermsAnswer:
        """Salt and cost, for a registrar's console to stretch codes with."""
        _check_role(officer, Role.REGISTRAR)
        cost = self._terms.cost
        return shapes.TermsAnswer(
            salt=self._terms.salt,
            memory_kib=cost.memory_kib,
            time=cost.time,
            lanes=cost.lanes,
            links=shapes.LinksAnswer(web=self._terms.web, onion=self._terms.onion),
        )

    async def add(self, officer: Officer, new: shapes.NewCodes) -> shapes.OutcomesAnswer:
        """Let every code of the batch work. Raises Moved when some, and not all, are known."""
        record = self._record(officer, new, Deed.ISSUE, len(new.codes))
        locators = await self._locators([code.half for code in new.codes])
        rows = [
            MemberCodeRow(locator, new.centre, new.is_duress, code.expires_day, code.since_year)
            for locator, code in zip(locators, new.codes, strict=True)
        ]
        for code in new.codes:
            self._check_years(code)

        def work(t: Transaction) -> bool:
            if _is_done(t, record):
                if any(codes.get(t, row.locator) is None for row in rows):
                    raise Conflict  # the same record for other codes: they would not work
                return False
            for row in rows:
                codes.add(t, row)
            member_records.add(t, record)
            return True

        is_new = await self._commit(work)
        outcome = shapes.Outcome.DONE if is_new else shapes.Outcome.KNOWN
        return shapes.OutcomesAnswer(outcomes=(outcome,) * len(rows))

    async def set_states(self, officer: Officer, new: shapes.NewStates) -> shapes.OutcomesAnswer:
        """Pause, resume or revoke every code of the batch. Raises Moved, saying of each code what
        stands in the way, when one is not there or was revoked: then none is changed."""
        record = self._record(officer, new, _DEED_OF[new.state], len(new.halves))
        locators = await self._locators(new.halves)

        def work(t: Transaction) -> tuple[shapes.Outcome, ...]:
            if _is_done(t, record):
                return (shapes.Outcome.KNOWN,) * len(locators)
            found = tuple(_outcome(t, locator, new) for locator in locators)
            if set(found) != {shapes.Outcome.DONE}:
                says = "Some of these codes are not there or were revoked. None was changed."
                raise Moved("not_all", says, outcomes=[each.value for each in found])
            for locator in locators:
                codes.set_state(t, locator, new.state)
            member_records.add(t, record)
            return found

        return shapes.OutcomesAnswer(outcomes=await self._commit(work))

    async def counts(self, officer: Officer) -> shapes.CountsAnswer:
        """How many codes each of the registrar's centres has, and nothing finer."""
        _check_role(officer, Role.REGISTRAR)
        now = today(self._clock).isoformat()

        def look(t: Transaction) -> shapes.CountsAnswer:
            return shapes.CountsAnswer(
                centres=tuple(
                    shapes.CentreCounts.of(centre, codes.counts(t, centre, now))
                    for centre in officer.centres
                )
            )

        return await self._database.read(look)

    async def record(
        self, officer: Officer, centre: str, after: str | None, limit: int
    ) -> shapes.RecordAnswer:
        """One page of what was done to the centre's codes, newest day first."""
        _check_role(officer, Role.REGISTRAR, Role.AUDITOR)
        _check_centre(officer, centre)
        cursor = _cursor(after)
        page = await self._database.read(
            lambda t: member_records.page(t, centre, officer.id, after=cursor, limit=limit)
        )
        return shapes.RecordAnswer(
            records=tuple(map(shapes.RecordEntry.of, page.records)),
            next=None if page.next is None else ".".join(page.next),
        )

    def _record(
        self, officer: Officer, new: shapes.SignedBatch, deed: Deed, count: int
    ) -> RecordRow:
        """The record of a batch that *officer* may do and has signed."""
        _check_role(officer, Role.REGISTRAR)
        _check_centre(officer, new.centre)
        check_day(new.day, self._clock)
        statement = members_statement(
            record_id=new.record_id,
            centre=new.centre,
            deed=deed,
            which="duress" if new.is_duress else "ordinary",
            count=count,
            day=new.day,
            officer=officer.id,
        )
        check_signature(officer, statement, new.signature)
        return RecordRow(
            new.record_id,
            new.day,
            officer.id,
            new.centre,
            deed,
            new.is_duress,
            count,
            new.signature,
        )

    async def _locators(self, halves: Sequence[bytes]) -> list[bytes]:
        if len(set(halves)) != len(halves):
            raise BadShape("bad_shape", "A code is named twice.", field="half")

        def locate() -> list[bytes]:
            return [member_locator(half, pepper=self._terms.pepper) for half in halves]

        return await asyncio.to_thread(locate)

    def _check_years(self, code: shapes.NewCode) -> None:
        now = today(self._clock)
        if code.since_year > (now + DAY_MAY_DIFFER).year:
            raise BadShape("bad_shape", "Nobody is a member since then.", field="since_year")
        if (
            not now - DAY_MAY_DIFFER
            <= date.fromisoformat(code.expires_day)
            <= (now + GOOD_FOR_AT_MOST)
        ):
            raise BadShape("bad_shape", "A code cannot end then.", field="expires_day")

    async def _commit(self, work: Callable[[Transaction], T]) -> T:
        try:
            return await self._database.commit(work)
        except Conflict:
            raise Moved("conflict", "Some of this was there before. Nothing was stored.") from None


def member_routes(members: Members) -> APIRouter:
    """The routes of *members*."""
    routes = APIRouter(prefix="/members", responses=REFUSALS)

    @routes.get("/terms")
    async def terms(officer: Caller) -> shapes.TermsAnswer:
        """What a registrar's console makes codes with."""
        return members.terms(officer)

    @routes.post("/codes", status_code=201)
    async def add(officer: Caller, new: shapes.NewCodes) -> shapes.OutcomesAnswer:
        """Let new codes work. The same batch sent again adds nothing."""
        return await members.add(officer, new)

    @routes.post("/states")
    async def states(officer: Caller, new: shapes.NewStates) -> shapes.OutcomesAnswer:
        """Pause, resume or revoke codes, all of them or none."""
        return await members.set_states(officer, new)

    @routes.get("/counts")
    async def counts(officer: Caller) -> shapes.CountsAnswer:
        """How many codes the registrar's centres have."""
        return await members.counts(officer)

    @routes.get("/record")
    async def record(
        officer: Caller,
        centre: Annotated[str, Query(max_length=64)],
        after: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_AT_MOST)] = 50,
    ) -> shapes.RecordAnswer:
        """What registrars did to a centre's codes, newest day first."""
        return await members.record(officer, centre, after, limit)

    return routes


def _outcome(t: Transaction, locator: bytes, new: shapes.NewStates) -> shapes.Outcome:
    """What a change meets. Another centre's code, and one of the other kind, is not there."""
    row = codes.get(t, locator)
    if row is None or row.centre != new.centre or row.is_duress != new.is_duress:
        return shapes.Outcome.UNKNOWN
    if row.state is State.REVOKED and new.state is not State.REVOKED:
        return shapes.Outcome.REVOKED
    return shapes.Outcome.DONE


def _is_done(t: Transaction, record: RecordRow) -> bool:
    """Whether just this was done before. Raises Conflict when the id stands for something else."""
    before = member_records.get(t, record.record_id)
    if before is not None and not before.is_same_deed(record):
        raise Conflict
    return before is not None


def _check_role(officer: Officer, *roles: Role) -> None:
    if not any(map(officer.has, roles)):
        raise _not_theirs()


def _check_centre(officer: Officer, centre: str) -> None:
    if centre not in officer.centres:
        raise _not_theirs()


def _not_theirs() -> Forbidden:
    return Forbidden("not_registrar", "Only a registrar of that centre may do this.")


def _cursor(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    day, _, record_id = text.partition(".")
    if not is_day(day) or not is_id(record_id):
        raise BadShape("bad_shape", "This is no place in the record.", field="after")
    return day, record_id
