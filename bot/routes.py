"""Where a tip goes and who may read it there: routing's centres, and the roster's people.

Owns the step from centres to officers. Laws: nobody with a declared conflict, and nobody who works
in a centre of the accused agency's line, gets a grant, neither now nor withheld; a centre where
nobody could open the tip is climbed past, so that it lies in front of somebody; one officer is
granted once, by the first of their centres.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from handlers import routing
from sealing import Officer, Role, Roster


@dataclass(frozen=True, slots=True)
class Route:
    """Where a tip goes: its centre, and the ancestors (nearest first) that it may escalate to.
    *conflicts* are the officers (ids) who must not get it, *excluded* the centres whose people must
    not, wherever else they work; *others* every centre besides that sits in no agency, nearest
    first."""

    centre: str
    ancestors: tuple[str, ...] = ()
    conflicts: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()


class Routing(Protocol):
    """Finds the way of a tip."""

    def __call__(
        self, province: str | None, excluded: tuple[str, ...], is_agency_confirmed: bool
    ) -> Route: ...


class Barred(StrEnum):
    """Why somebody gets no grant."""

    CONFLICT = "conflict"  # declared one with the agency
    INSIDE = "inside"  # works in a centre of its line


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who gets a grant, as an officer of *centre*: withheld until a clock escalates the
    tip there, unless *is_released*."""

    officer: Officer
    centre: str
    is_released: bool


@dataclass(frozen=True, slots=True)
class Readers:
    """The centre that a tip ends up at, and its readers, those who get it now first.

    *passed* are centres where nobody could open it; *barred* who would have been a reader, and why
    they are not.
    """

    centre: str
    readers: tuple[Reader, ...]
    passed: tuple[str, ...] = ()
    barred: tuple[tuple[Officer, Barred], ...] = ()


def router(centres: routing.Centres) -> Routing:
    """Routing over *centres*. What is excluded and no centre is an officer's id."""

    def route(province: str | None, excluded: tuple[str, ...], is_agency_confirmed: bool) -> Route:
        centre = routing.route(province, excluded, centres, is_agency_confirmed=is_agency_confirmed)
        above = routing.eligible_ancestors(
            centre, excluded, centres, is_agency_confirmed=is_agency_confirmed
        )
        known = frozenset(excluded) & centres.by_id.keys()
        others = routing.others(centre, centres)
        return Route(centre, above, frozenset(excluded) - known, known, others)

    return route


def readers_of(route: Route, roster: Roster, role: Role = Role.OFFICER) -> Readers:
    """Who holds *role* along *route* and may read. When nobody may anywhere, the tip stays at its
    centre, and only recovery opens it."""
    path = (route.centre, *route.ancestors)
    able = [bool(list(_able(route, roster, role, centre))) for centre in path]
    place = able.index(True) if True in able else 0
    return Readers(
        path[place],
        tuple(_readers(route, roster, role, path[place:])),
        path[:place],
        tuple(_barred(route, roster, role, path)),
    )


def registrars_of(route: Route, roster: Roster) -> Readers:
    """Who reads an application to join the network that goes along *route*: its registrars, or
    those of the nearest centre elsewhere that has any. It never waits for somebody who is not
    there: without a single registrar only recovery opens it."""
    elsewhere = (replace(route, centre=other, ancestors=()) for other in route.others)
    ways = (readers_of(way, roster, Role.REGISTRAR) for way in (route, *elsewhere))
    return next((found for found in ways if found.readers), Readers(route.centre, ()))


def _readers(route: Route, roster: Roster, role: Role, path: tuple[str, ...]) -> Iterator[Reader]:
    granted = set[str]()
    for centre in path:
        for officer in _able(route, roster, role, centre):
            if officer.id not in granted:
                granted.add(officer.id)
                yield Reader(officer, centre, is_released=centre == path[0])


def _barred(
    route: Route, roster: Roster, role: Role, path: tuple[str, ...]
) -> Iterator[tuple[Officer, Barred]]:
    for officer in roster.officers:
        why = _bar(route, officer)
        if why is not None and officer.has(role) and not set(path).isdisjoint(officer.centres):
            yield officer, why


def _able(route: Route, roster: Roster, role: Role, centre: str) -> Iterator[Officer]:
    return (o for o in roster.of_centre(centre, role) if _bar(route, o) is None)


def _bar(route: Route, officer: Officer) -> Barred | None:
    if officer.id in route.conflicts:
        return Barred.CONFLICT
    return None if route.excluded.isdisjoint(officer.centres) else Barred.INSIDE
