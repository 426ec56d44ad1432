"""Moving a tip to another centre: who there may read it, and what the officer has to say first.

The console makes a grant for every officer of the new centre, and withheld ones for the centres
above it, from the roster that it trusts. Whom the tip bars gets none, whatever the officer insists
on, and a centre that it bars is refused. Laws: the reporter is told and colleagues are given a
reason, in the same act; of two officers who move at once one wins, and the other does not move the
tip on from where it went.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from console.acting import MESSAGE_AT_MOST, clean_reason, clean_words, in_rounds, new_part, regrant
from console.answers import TreeCentre
from console.barring import Barring, barring_of, may_conflict
from console.desk_client import NewGrant
from console.errors import Mistaken, Refused
from console.office import Office, Reading
from console.rekeys import withdrawn_from
from sealing import Kind, Officer, Role, Roster, move_statement, reader_role


@dataclass(frozen=True, slots=True)
class Referred:
    """What came of a move: where to, who reads it there, and who of that centre was left out."""

    centre: TreeCentre
    readers: tuple[Officer, ...]
    left_out: tuple[Officer, ...]


async def refer(
    office: Office,
    tip_id: str,
    to: str,
    sentence: str,
    reason: str,
    *,
    despite: bool = False,
    is_sure: bool = False,
    is_conflict_free: bool = False,
) -> Referred:
    """Move the tip to the centre that *to* names (its id or name).

    Raises Refused for a centre that the tip bars and for one where nobody could read it; Mistaken
    for an integrity centre unless the officer *is_sure*. Officers there who declared a conflict
    with any agency are left out unless the tip *is_conflict_free*.
    """
    if not sentence.strip():
        raise Mistaken("refer.needs_sentence")
    told = clean_words(sentence, MESSAGE_AT_MOST)
    why = clean_reason(reason, "refer.needs_reason")
    tree = await office.centres()
    target = find(tree, to)
    roster = (await office.trust()).roster
    began_at: list[str] = []

    async def once(reading: Reading) -> Referred:
        shown = reading.tip.shown
        began_at.append(shown.centre)
        if shown.centre != began_at[0]:
            raise Refused("refer.elsewhere", centre=_called(tree, shown.centre))
        barring = barring_of(reading.tip.parts)
        _check_target(target, shown.centre, barring, is_sure=is_sure)
        readers = _Readers(roster, reading, barring, is_conflict_free)
        there, left_out = readers.of(target.id)
        if not there:
            raise Refused("refer.nobody", centre=target.names)
        above = (officer for centre in _above(tree, target.id) for officer in readers.of(centre)[0])
        lacking = {o.id: o for o in (*there, *above) if o.id not in readers.held}
        await _send(office, reading, target.id, told, why, tuple(lacking.values()))
        return Referred(target, there, left_out)

    return await in_rounds(office, tip_id, once, despite)


def find(tree: Mapping[str, TreeCentre], to: str) -> TreeCentre:
    """The centre of that id or name. Raises Mistaken, naming those there are."""
    if to in tree:
        return tree[to]
    wanted = to.strip().casefold()
    named = [c for c in tree.values() if wanted in (c.name_th.casefold(), c.name_en.casefold())]
    if len(named) != 1:
        raise Mistaken("refer.no_such_centre", centre=to[:80], known=", ".join(sorted(tree)))
    return named[0]


def _check_target(target: TreeCentre, now: str, barring: Barring, *, is_sure: bool) -> None:
    name = target.names
    if target.id == now:
        raise Mistaken("refer.already", centre=name)
    if target.id in barring.ids:
        raise Refused("refer.barred", centre=name)
    if target.agency is not None and not is_sure:
        raise Mistaken("refer.integrity", centre=name, agency=target.agency)


class _Readers:
    """Who of a centre may read a tip, and who is left out."""

    def __init__(
        self, roster: Roster, reading: Reading, barring: Barring, is_conflict_free: bool
    ) -> None:
        self.held = {grant.officer for grant in reading.tip.shown.grants}
        self._roster = roster
        self._summary = reading.tip.grant.summary
        self._barring = barring
        self._withdrawn = withdrawn_from(reading.tip.shown)
        self._is_conflict_free = is_conflict_free

    def of(self, centre: str) -> tuple[tuple[Officer, ...], tuple[Officer, ...]]:
        """*centre*'s people who may read it, and the others."""
        summary = self._summary
        role = Role.OFFICER if summary is None else reader_role(summary.kind)
        people = self._roster.of_centre(centre, role)
        able = tuple(filter(self._may, people))
        return able, tuple(each for each in people if each not in able)

    def _may(self, officer: Officer) -> bool:
        """Who holds a grant was judged when it was made, but for whom the tip bars. Who was
        withdrawn does not come back by a move."""
        is_out = officer.id in self._withdrawn and officer.id not in self.held
        if self._barring.bars(officer) or is_out:
            return False
        is_doubtful = may_conflict(officer, self._summary) and not self._is_conflict_free
        return officer.id in self.held or not is_doubtful


def _above(tree: Mapping[str, TreeCentre], centre: str) -> Iterator[str]:
    """The centres above *centre*, nearest first. The desk's tree may be a circle; we are not."""
    seen = {centre}
    parent = tree[centre].parent
    while parent is not None and parent in tree and parent not in seen:
        seen.add(parent)
        yield parent
        parent = tree[parent].parent


async def _send(
    office: Office,
    reading: Reading,
    to: str,
    sentence: str,
    reason: str,
    lacking: tuple[Officer, ...],
) -> None:
    mine = reading.tip.grant
    if mine.case is None:
        raise Refused("grant.no_case")
    day = office.today().isoformat()
    note = new_part(office, reading, Kind.NOTE, reason)
    told = new_part(office, reading, Kind.STATUS, sentence, after=note)
    shown = reading.tip.shown
    statement = move_statement(
        tip_id=shown.tip_id,
        version=shown.version,
        from_centre=shown.centre,
        to_centre=to,
        day=day,
        officer=office.keys.id,
        sentence_part_id=told.part_id,
    )
    grants = []
    for officer in lacking:
        grant_id, sealed, signature = regrant(office, mine, officer)
        grants.append(NewGrant(grant_id, officer.id, sealed, day, signature))
    await office.desk.move(
        shown.tip_id,
        version=shown.version,
        to=to,
        day=day,
        signature=office.keys.sign.sign(statement),
        reason=note,
        sentence=told,
        grants=grants,
    )


def _called(tree: Mapping[str, TreeCentre], centre: str) -> str:
    return tree[centre].names if centre in tree else centre
