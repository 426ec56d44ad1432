"""Two registrars' books made one. Pure.

Nothing of either is lost: a member whom both know keeps every code and every deed; of a code that
the two tell differently, the graver state stands, for revoked is for good. An alias that means two
people in the two books stays with both, and is said.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass, replace

from console.members.book import Book, Code, CodeState, Deed, Member

_GRAVITY = {
    CodeState.WAITING: 0,
    CodeState.ACTIVE: 1,
    CodeState.PAUSED: 2,
    CodeState.REVOKED: 3,
}


@dataclass(frozen=True, slots=True)
class Merged:
    """How many members were new, known already, or of centres that are not shared; and aliases that
    now mean two people."""

    new: int
    known: int
    skipped: int
    clashes: tuple[str, ...]


def merge(
    own: Book, theirs: Book, centres: Set[str], deed: Deed, new_id: Callable[[], str]
) -> tuple[Book, Merged]:
    """*own* with what *theirs* knows of members of *centres*; *deed* says so in each of them."""
    here = {member.member_id: member for member in own.members}
    book, new, known, skipped = own, 0, 0, 0
    clashes = []
    for member in theirs.members:
        mine = here.get(member.member_id)
        if member.centre not in centres or (mine is not None and mine.centre != member.centre):
            skipped += 1
            continue
        if mine is None:
            new += 1
            if member.alias in own.aliases:
                clashes.append(member.alias)
        else:
            known += 1
        merged = member if mine is None else _one(mine, member)
        if merged != mine:
            noted = replace(deed, deed_id=new_id())
            book = book.with_member(replace(merged, history=(*merged.history, noted)))
    return book, Merged(new, known, skipped, tuple(clashes))


def _one(mine: Member, other: Member) -> Member:
    """One member whom two books know."""
    codes = {code.half: code for code in mine.codes}
    for code in other.codes:
        codes[code.half] = _graver(codes[code.half], code) if code.half in codes else code
    known = {deed.deed_id for deed in mine.history}
    history = (*mine.history, *(deed for deed in other.history if deed.deed_id not in known))
    return replace(
        mine,
        is_retired=mine.is_retired or other.is_retired,
        codes=tuple(codes.values()),
        history=tuple(sorted(history, key=lambda deed: deed.day))
        if len(history) > len(known)
        else mine.history,
    )


def _graver(one: Code, other: Code) -> Code:
    return max(one, other, key=lambda code: _GRAVITY[code.state])
