"""Who must never be given a tip, as the tip itself says.

When the person confirmed which agency it is about, the chat put into the sealed form which centres
and officers were shut out by that (`barred`), and not the agency. The desk cannot read it, so this
is the only place where it still holds once a tip is filed: whenever an officer lets somebody in,
moves a tip, or recovery grants anew. What is not in the form: officers who declared a conflict, or
joined, only later.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from console.reading import OpenedPart
from sealing import Kind, Officer, Summary, TipKind


@dataclass(frozen=True, slots=True)
class Barring:
    """The ids of centres and officers that must not get a tip. Unknown: no form told (the person
    confirmed no agency, or the tip is older than this)."""

    ids: frozenset[str] = field(default=frozenset(), repr=False)
    is_known: bool = False

    def bars(self, officer: Officer) -> bool:
        """Whether *officer* was shut out, or works in a centre that was."""
        return officer.id in self.ids or not self.ids.isdisjoint(officer.centres)


def may_conflict(officer: Officer, summary: Summary | None) -> bool:
    """Whether a conflict that *officer* declared may matter to a tip. An application to join the
    network is about no agency."""
    is_about_agency = summary is None or summary.kind is not TipKind.APPLICATION
    return bool(officer.conflicts) and is_about_agency


def barring_of(parts: Iterable[OpenedPart]) -> Barring:
    """What the forms among *parts* say. Several only ever bar more."""
    told = [ids for part in parts if (ids := _told(part)) is not None]
    return Barring(frozenset[str]().union(*told), bool(told))


def has_form(parts: Iterable[OpenedPart]) -> bool:
    """Whether a form can be read among *parts*. Every tip has one: where none is shown, whoever
    hides it may hide whom it bars."""
    return any(part.part is not None and part.part.kind is Kind.FORM for part in parts)


def _told(part: OpenedPart) -> frozenset[str] | None:
    inside = part.part
    if inside is None or inside.kind is not Kind.FORM or inside.form is None:
        return None
    barred = inside.form.get("barred")
    if not isinstance(barred, list | tuple):
        return None
    return frozenset(each for each in barred if isinstance(each, str))
