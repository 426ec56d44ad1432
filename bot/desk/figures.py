"""Figures at the desk: what was decided once of each centre's months, for those who may see it.

No tip is looked at here, and no counter: only periods, which tell nothing of few (see
bot/figures/periods.py). Auditors and admins see every centre, leads and those who see figures only
their own and the ones below.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from bot.clock import Clock, today
from bot.desk import figure_shapes as shapes
from bot.desk.door import Caller
from bot.desk.errors import BadShape
from bot.desk.refusals import REFUSALS
from bot.figures.periods import last_over
from sealing import Officer, Role
from storage.port import Database, Transaction
from storage.repositories import figures
from storage.repositories.figures import Basis, Period

YEARS_AT_MOST = 10
_SEES_ALL = (Role.AUDITOR, Role.ADMIN)


class FiguresDesk:
    """Reads for the route below. *parents* is each centre's own, *k* what counts for periods to
    come."""

    def __init__(
        self, database: Database, clock: Clock, parents: Mapping[str, str | None], k: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._parents = parents
        self._k = k

    async def figures(self, officer: Officer, first: str, last: str) -> str:
        """Everything that reaches into the months from *first* to *last*: a FiguresAnswer as JSON,
        written of our own rows and not checked once more. Raises BadShape."""
        if not first <= last or int(last[:4]) - int(first[:4]) > YEARS_AT_MOST:
            says = f"Ask for {YEARS_AT_MOST} years at most, the first month first."
            raise BadShape("bad_shape", says, field="to")

        def look(t: Transaction) -> list[dict[str, Any]]:
            centres = self._centres(t, officer)
            filed = _by_centre(figures.periods(t, Basis.FILED, centres, first, last))
            ended = _by_centre(figures.periods(t, Basis.ENDED, centres, first, last))
            return [
                {"centre": each, "intake": filed.get(each, []), "ended": ended.get(each, [])}
                for each in centres
            ]

        found = await self._database.read(look)
        until = last_over(today(self._clock))
        return json.dumps({"k": self._k, "until": until, "centres": found})

    def _centres(self, t: Transaction, officer: Officer) -> Sequence[str]:
        if any(map(officer.has, _SEES_ALL)):
            known = {*figures.ends(t, Basis.FILED), *figures.ends(t, Basis.ENDED)}
            return sorted({*self._parents} | known)
        return sorted(
            {*officer.centres} | {each for each in self._parents if self._is_below(each, officer)}
        )

    def _is_below(self, centre: str, officer: Officer) -> bool:
        """Whether one of *officer*'s centres is above *centre*."""
        above, seen = self._parents[centre], set[str]()
        while above is not None and above not in seen:
            if above in officer.centres:
                return True
            seen.add(above)
            above = self._parents.get(above)
        return False


def figures_routes(desk: FiguresDesk) -> APIRouter:
    """The route of *desk*."""
    routes = APIRouter(responses=REFUSALS)

    @routes.get("/figures", response_model=shapes.FiguresAnswer)
    async def shown(
        officer: Caller,
        first: Annotated[shapes.Month, Query(alias="from")],
        last: Annotated[shapes.Month, Query(alias="to")],
    ) -> Response:
        """Figures of the officer's centres: what was filed and what was ended, in periods of at
        least so many tips that nothing is told of a few. Months that are not over are not in it."""
        return Response(await desk.figures(officer, first, last), media_type="application/json")

    return routes


def _by_centre(periods: Iterable[Period]) -> Mapping[str, list[dict[str, Any]]]:
    """What is told of each centre's *periods*, in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for period in periods:
        told = {"first": period.first, "last": period.last, **json.loads(period.said)}
        found.setdefault(period.centre, []).append(told)
    return found
