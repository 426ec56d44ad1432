"""Which centre a tip goes to, and which centres above it may be told later.

Owns the tree of centres and the climb through it. Refuses to know agencies' names: it is given the
excluded centres only. Laws: every tip goes to exactly one centre; never to an excluded one; never
to an integrity centre unless the person confirmed which agency the tip is about; never nowhere,
because the headquarters belongs to no agency and so is never excluded.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre: *parent* is the centre above it, *provinces* what it answers for (ISO codes),
    *agency* the agency it sits in. With an agency it is an integrity centre."""

    id: str
    parent: str | None = None
    provinces: tuple[str, ...] = ()
    agency: str | None = None
    name_th: str = ""
    name_en: str = ""

    def name(self, language: str) -> str:
        """The name: Thai for "th", English for every other language."""
        return self.name_th if language == "th" else self.name_en


@dataclass(frozen=True, slots=True)
class Centres:
    """A tree of centres that cannot be wrong: one headquarters, no circle, each province once.

    Raises ValueError, in words for the operator who wrote the centres, when it would be.
    """

    all: tuple[Centre, ...]
    by_id: Mapping[str, Centre] = field(init=False, repr=False, compare=False)
    headquarters: Centre = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id = {centre.id: centre for centre in self.all}
        if len(by_id) != len(self.all):
            raise ValueError("two centres have the same id")
        for centre in self.all:
            if centre.parent is not None and centre.parent not in by_id:
                raise ValueError(f"centre {centre.id!r} names {centre.parent!r} as its parent")
        roots = [centre for centre in self.all if centre.parent is None]
        if len(roots) != 1:
            raise ValueError("exactly one centre, the headquarters, must have no parent")
        if roots[0].agency is not None:
            raise ValueError("the headquarters cannot sit inside an agency that may be accused")
        object.__setattr__(self, "by_id", by_id)
        object.__setattr__(self, "headquarters", roots[0])
        self._check_no_circle()
        self._check_integrity_centres()
        self._check_provinces()

    def _check_no_circle(self) -> None:
        reached = {self.headquarters.id} | below({self.headquarters.id}, self.all)
        if lost := sorted(set(self.by_id) - reached):
            raise ValueError(f"centre {lost[0]!r} lies under itself")

    def _check_integrity_centres(self) -> None:
        integrity = {centre.id for centre in self.all if centre.agency is not None}
        inside = below(integrity, self.all) - integrity
        if inside:
            raise ValueError(f"centre {min(inside)!r} lies under an agency but names none itself")

    def _check_provinces(self) -> None:
        owner: dict[str, str] = {}
        for centre in self.all:
            for province in centre.provinces if centre.agency is None else ():
                if owner.setdefault(province, centre.id) != centre.id:
                    raise ValueError(
                        f"province {province} belongs to {owner[province]!r} and to {centre.id!r}"
                    )

    def above(self, centre_id: str) -> tuple[Centre, ...]:
        """The centres above *centre_id*, the nearest first; KeyError for an unknown id."""
        path: list[Centre] = []
        parent = self.by_id[centre_id].parent
        while parent is not None:
            path.append(self.by_id[parent])
            parent = path[-1].parent
        return tuple(path)


def below(tops: Collection[str], centres: Iterable[Centre]) -> frozenset[str]:
    """The ids of every centre underneath one of *tops*."""
    children: dict[str, list[str]] = {}
    for centre in centres:
        if centre.parent is not None:
            children.setdefault(centre.parent, []).append(centre.id)
    found: set[str] = set()
    waiting = list(tops)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return frozenset(found)


class Beginning(StrEnum):
    """Why the way of a tip begins at its first centre."""

    PROVINCE = "province"  # it answers for the province
    INTEGRITY = "integrity"  # an integrity centre does, no other, and the agency is confirmed
    UNSURE = "unsure"  # the region: the lowest centre above all provinces'
    NOBODYS = "nobodys"  # the headquarters: nobody answers for the province


class Passing(StrEnum):
    """Why a tip climbs past a centre."""

    ACCUSED = "accused"  # excluded: it is in the line of the accused agency
    UNCONFIRMED = "unconfirmed"  # an integrity centre, and the person confirmed no agency


@dataclass(frozen=True, slots=True)
class Step:
    """A centre on the way; *passed* is why the tip does not stay there, or None."""

    centre: str
    passed: Passing | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How a tip finds its centre: the *steps* to it, which is the last one, and every centre
    *above* it, nearest first."""

    beginning: Beginning
    steps: tuple[Step, ...]
    above: tuple[Step, ...] = ()

    @property
    def centre(self) -> str:
        return self.steps[-1].centre


def find_way(
    province: str | None,
    excluded: Collection[str],
    centres: Centres,
    *,
    is_agency_confirmed: bool = False,
) -> Way:
    """The way of a tip from *province* (None: the person is unsure), told step by step.

    It begins at the centre of that province and climbs to the first that may see the tip.
    """
    beginning, start = _start(province, centres, is_agency_confirmed)
    path = tuple(
        Step(centre.id, _why_not(centre, excluded, centres, is_agency_confirmed))
        for centre in (start, *centres.above(start.id))
    )
    end = next(place for place, step in enumerate(path, 1) if step.passed is None)
    return Way(beginning, path[:end], path[end:])


def route(
    province: str | None,
    excluded: Collection[str],
    centres: Centres,
    *,
    is_agency_confirmed: bool = False,
) -> str:
    """The id of the one centre for a tip: where `find_way` leads."""
    return find_way(province, excluded, centres, is_agency_confirmed=is_agency_confirmed).centre


def eligible_ancestors(
    centre_id: str,
    excluded: Collection[str],
    centres: Centres,
    *,
    is_agency_confirmed: bool = False,
) -> tuple[str, ...]:
    """The centres above *centre_id* that a clock may escalate the tip to, the nearest first."""
    return tuple(
        centre.id
        for centre in centres.above(centre_id)
        if _why_not(centre, excluded, centres, is_agency_confirmed) is None
    )


def others(centre_id: str, centres: Centres) -> tuple[str, ...]:
    """Every centre that sits in no agency and lies neither at nor above *centre_id*: what hangs
    under the nearest centre above comes first."""
    path = (centres.by_id[centre_id], *centres.above(centre_id))
    seen = {centre.id for centre in path}
    found: list[str] = []
    for top in path:
        under = below({top.id}, centres.all)
        near = [each for each in centres.all if each.id in under and each.id not in seen]
        found += [each.id for each in near if each.agency is None]
        seen |= under
    return tuple(found)


def _start(
    province: str | None, centres: Centres, is_agency_confirmed: bool
) -> tuple[Beginning, Centre]:
    general = [centre for centre in centres.all if centre.agency is None]
    if province is None:
        return Beginning.UNSURE, _region(general, centres)
    for centre in general:
        if province in centre.provinces:
            return Beginning.PROVINCE, centre
    for centre in centres.all:
        if is_agency_confirmed and province in centre.provinces:
            return Beginning.INTEGRITY, centre
    return Beginning.NOBODYS, centres.headquarters


def _region(general: Iterable[Centre], centres: Centres) -> Centre:
    """The lowest centre that lies above every province's own; a lone centre is its own region."""
    paths = [(centre, *centres.above(centre.id))[::-1] for centre in general if centre.provinces]
    region = centres.headquarters
    for level in zip(*paths, strict=False):
        if any(centre.id != level[0].id for centre in level):
            break
        region = level[0]
    return region


def _why_not(
    centre: Centre, excluded: Collection[str], centres: Centres, is_agency_confirmed: bool
) -> Passing | None:
    """Why *centre* must not see the tip. The headquarters always may: it sits in no agency."""
    if centre.id == centres.headquarters.id:
        return None
    if centre.id in excluded:
        return Passing.ACCUSED
    return None if centre.agency is None or is_agency_confirmed else Passing.UNCONFIRMED
