"""One tip, opened: each sealed part with what is inside it, or why it stays shut.

Opening is all that happens here; whether the whole hangs together is for `checks.py`.
Identities come from the officer's own grant, never from the desk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from console.answers import OwnGrant, SealedPart, TipDetail
from console.errors import Distrusted
from sealing import (
    Grant,
    Malformed,
    Misplaced,
    NewerFormat,
    Part,
    Place,
    SealingError,
    Tampered,
    WrongKey,
    age,
    hash_sealed,
    open_grant,
    open_part,
)


class State(StrEnum):
    """What became of a sealed part when it was opened."""

    OPEN = "open"
    UNSENT = "unsent"  # a tombstone
    ALTERED = "altered"  # not the bytes that its hash names
    TAMPERED = "tampered"
    MOVED = "moved"
    NEWER = "newer"
    UNOPENED = "unopened"


@dataclass(frozen=True, slots=True)
class OpenedPart:
    """A part as the desk showed it (*shown*) and what is inside it (*part*, when *state* is
    OPEN).
    """

    shown: SealedPart
    state: State
    part: Part | None = field(default=None, repr=False)

    @property
    def seq(self) -> int:
        return self.shown.seq


@dataclass(frozen=True, slots=True)
class OpenedTip:
    """A tip as the desk showed it, the officer's grant to it, and its parts in the order shown."""

    shown: TipDetail
    grant: Grant = field(repr=False)
    parts: tuple[OpenedPart, ...]

    @property
    def tip_id(self) -> str:
        return self.shown.tip_id

    def files(self) -> tuple[OpenedPart, ...]:
        return tuple(p for p in self.parts if p.part is not None and p.part.file is not None)

    def identity(self, side: str) -> age.PQIdentity:
        """The identity for parts sealed to *side*. Officers' grants always carry both."""
        if side == "reply":
            return self.grant.reply
        if self.grant.case is None:
            raise Distrusted("grant.no_case")
        return self.grant.case


def open_own_grant(tip_id: str, grant: OwnGrant, to: str, identity: age.PQIdentity) -> Grant:
    """The grant in *grant*, which must be for *to* and *tip_id*. Raises Distrusted in plain
    words.
    """
    try:
        opened = open_grant(grant.sealed, identity, tip_id=tip_id, grant_id=grant.grant_id, to=to)
    except WrongKey:
        raise Distrusted("grant.unopened") from None
    except SealingError:
        raise Distrusted("grant.altered") from None
    if opened.by != grant.granted_by:
        raise Distrusted("grant.altered")
    return opened


def open_parts(tip_id: str, parts: Iterable[SealedPart], grant: Grant) -> tuple[OpenedPart, ...]:
    """Every one of the tip's *parts*, opened where *grant* can."""
    return tuple(_open(tip_id, shown, grant) for shown in parts)


def in_order(parts: Sequence[OpenedPart]) -> tuple[OpenedPart, ...]:
    return tuple(sorted(parts, key=lambda part: part.seq))


def _open(tip_id: str, shown: SealedPart, grant: Grant) -> OpenedPart:
    if shown.sealed is None:
        return OpenedPart(shown, State.UNSENT)
    if hash_sealed(shown.sealed) != shown.hash:
        return OpenedPart(shown, State.ALTERED)
    identity = grant.reply if shown.sealed_to == "reply" else grant.case
    if identity is None:
        return OpenedPart(shown, State.UNOPENED)
    # What came before is left to the chain: one altered part must not make others look moved.
    place = Place(tip_id, shown.part_id, shown.seq, None)
    try:
        return OpenedPart(shown, State.OPEN, open_part(shown.sealed, identity, place))
    except Misplaced:
        return OpenedPart(shown, State.MOVED)
    except NewerFormat:
        return OpenedPart(shown, State.NEWER)
    except WrongKey:
        return OpenedPart(shown, State.UNOPENED)
    except (Tampered, Malformed):
        return OpenedPart(shown, State.TAMPERED)
