"""Which centre a tip goes to, and which centres above it may be told later.

Owns the tree of centres and the climb through it. Refuses to know agencies' names: it is given the
excluded centres only. Laws: every tip goes to exactly one centre; never to an excluded one; never
to an integrity centre unless the person confirmed which agency the tip is about; never nowhere,
because the headquarters belongs to no agency and so is never excluded.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field


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


def route(
    province: str | None,
    excluded: Collection[str],
    centres: Centres,
    *,
    is_agency_confirmed: bool = False,
) -> str:
    """The id of the one centre for a tip from *province* (None or unknown: the person is unsure).

    The centre of that province, or the first one above it that may see the tip. Unsure goes to the
    region: the lowest centre above all provinces'. A province nobody answers for goes to the
    headquarters.
    """
    start = _start(province, centres, is_agency_confirmed)
    for centre in (start, *centres.above(start.id)):
        if _may_see(centre, excluded, is_agency_confirmed):
            return centre.id
    return centres.headquarters.id


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
        if _may_see(centre, excluded, is_agency_confirmed) or centre.id == centres.headquarters.id
    )


def _start(province: str | None, centres: Centres, is_agency_confirmed: bool) -> Centre:
    general = [centre for centre in centres.all if centre.agency is None]
    if province is None:
        return _region(general, centres)
    for centre in general:
        if province in centre.provinces:
            return centre
    for centre in centres.all:
        if is_agency_confirmed and province in centre.provinces:
            return centre
    return centres.headquarters


def _region(general: Iterable[Centre], centres: Centres) -> Centre:
    """The lowest centre that lies above every province's own; a lone centre is its own region."""
    paths = [(centre, *centres.above(centre.id))[::-1] for centre in general if centre.provinces]
    region = centres.headquarters
    for level in zip(*paths, strict=False):
        if any(centre.id != level[0].id for centre in level):
            break
        region = level[0]
    return region


def _may_see(centre: Centre, excluded: Collection[str], is_agency_confirmed: bool) -> bool:
    return centre.id not in excluded and (centre.agency is None or is_agency_confirmed)
