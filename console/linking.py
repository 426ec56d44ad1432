"""Tips about the same thing, linked by the officers who read both: a sealed, signed note in each.

The desk sees two ordinary notes. Nothing here compares receipts, aliases or reporters: that two
tips are about one thing is an officer's judgement of what was told, never of who told it. So an
application, which says who somebody is, is linked to no tip. A link is believed with an officer's
signature only, and undone by a later note.

The form of such a note: {"schema": 1, "same_as": the other tip's id}, or "not_same_as".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.acting import clean_reason, in_rounds, new_part
from console.errors import Mistaken, Refused
from console.office import Office, Reading
from console.office_rows import Row, is_application
from console.reading import OpenedPart, in_order
from sealing import JSON, Kind

SCHEMA = 1
SAME, NOT_SAME = "same_as", "not_same_as"
_BELIEVED = ("signed", "former")
_ID_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Link:
    """That a tip is about the same thing as *other*: who said so, when and why."""

    other: str
    officer: str
    day: str
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Linked:
    """A link, and the other tip as this officer's queue has it; None: they cannot open it."""

    link: Link
    row: Row | None


def named_in(part: OpenedPart) -> tuple[str, str] | None:
    """(SAME or NOT_SAME, the other tip's id) when *part* is such a note, whoever wrote it."""
    inside = part.part
    if inside is None or inside.kind is not Kind.NOTE or inside.form is None:
        return None
    if inside.form.get("schema") != SCHEMA:
        return None
    for what in (SAME, NOT_SAME):
        other = inside.form.get(what)
        if isinstance(other, str) and _is_id(other):
            return what, other
    return None


def links_of(parts: Sequence[OpenedPart], signed: Mapping[int, str]) -> tuple[Link, ...]:
    """The links that stand, oldest first. *signed*: how each officer's part is signed."""
    standing: dict[str, Link] = {}
    for part in in_order(parts):
        named, inside = named_in(part), part.part
        if named is None or inside is None or signed.get(part.seq) not in _BELIEVED:
            continue
        what, other = named
        if what == SAME and other != inside.tip_id:
            link = Link(other, inside.officer or "", inside.day, inside.words or "")
            standing.setdefault(other, link)
        else:
            standing.pop(other, None)
    return tuple(standing.values())


async def link(
    office: Office, tip_id: str, other: str, reason: str, *, despite: bool = False
) -> None:
    """Note in both tips that they are about the same thing. A link of which one note is missing is
    made whole. Raises Mistaken, and Refused for a tip that this officer cannot read.
    """
    why = clean_reason(reason, "link.needs_reason")
    if tip_id == other:
        raise Mistaken("link.same")
    lacking = await _lacking(office, tip_id, other, despite)
    if not lacking:
        raise Mistaken("link.already")
    for each in lacking:
        await _note(office, each, SAME, other if each == tip_id else tip_id, why, despite)


async def unlink(
    office: Office, tip_id: str, other: str, reason: str, *, despite: bool = False
) -> None:
    """Undo a link, in the other tip too where this officer can read it; there first, so that what
    was cut off can be done again. Raises Mistaken when there is none.
    """
    why = clean_reason(reason, "link.needs_reason")
    if other not in _others(await office.read(tip_id)):
        raise Mistaken("link.none")
    try:
        is_there = tip_id in _others(await office.read(other))
    except Refused:
        is_there = False
    if is_there:
        await _note(office, other, NOT_SAME, tip_id, why, despite)
    await _note(office, tip_id, NOT_SAME, other, why, despite)


async def linked(office: Office, reading: Reading) -> tuple[Linked, ...]:
    """The tips that this one is linked to. They are looked up in the officer's whole queue: a desk
    that was asked for them one by one would learn of the link.
    """
    links = links_of(reading.tip.parts, reading.signed)
    rows = await office.rows_of({link.other for link in links}) if links else {}
    return tuple(Linked(link, rows.get(link.other)) for link in links)


async def _lacking(office: Office, tip_id: str, other: str, despite: bool) -> list[str]:
    """Which of the two tips does not name the other yet. Both are looked at before either is
    written to."""
    found: list[Reading] = []

    async def look(reading: Reading) -> None:
        found.append(reading)

    for each in (tip_id, other):
        await in_rounds(office, each, look, despite)
    here, there = found
    if is_application(here.tip.grant.summary) != is_application(there.tip.grant.summary):
        raise Mistaken("link.application")
    pairs = ((here, other), (there, tip_id))
    return [reading.tip.tip_id for reading, named in pairs if named not in _others(reading)]


async def _note(
    office: Office, tip_id: str, what: str, other: str, why: str, despite: bool
) -> None:
    async def once(reading: Reading) -> None:
        form: dict[str, JSON] = {"schema": SCHEMA, what: other}
        await office.desk.append(tip_id, new_part(office, reading, Kind.NOTE, why, form=form))

    await in_rounds(office, tip_id, once, despite)


def _others(reading: Reading) -> set[str]:
    return {link.other for link in links_of(reading.tip.parts, reading.signed)}


def _is_id(text: str) -> bool:
    return len(text) == _ID_DIGITS and set(text) <= set("0123456789abcdef")
