"""One tip, opened: each sealed part with what is inside it, or why it stays shut.

Opening is all that happens here; whether the whole hangs together is for `checks.py`.
Identities come from the officer's own grant, and what it leads back to; never from the desk.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from console.answers import OwnGrant, RecoveryTip, SealedPart, TipDetail
from console.errors import Distrusted
from console.tip_keys import AnyOf, TipKeyring, keyring, rekeys_in
from sealing import (
    RECOVERY,
    REKEYS_AT_MOST,
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
    OPEN); then *epoch* says of how many rekeys the keys are that opened it.
    """

    shown: SealedPart
    state: State
    part: Part | None = field(default=None, repr=False)
    epoch: int = 0

    @property
    def seq(self) -> int:
        return self.shown.seq


@dataclass(frozen=True, slots=True)
class OpenedTip:
    """A tip as the desk showed it, the officer's grant to it, and its parts in the order shown."""

    shown: TipDetail
    grant: Grant = field(repr=False)
    parts: tuple[OpenedPart, ...]
    keys: TipKeyring

    @property
    def tip_id(self) -> str:
        return self.shown.tip_id

    def files(self) -> tuple[OpenedPart, ...]:
        return tuple(p for p in self.parts if p.part is not None and p.part.file is not None)

    def identity(self, side: str) -> age.Identity:
        """What opens files sealed to *side*: any key of the tip, since a file on its way when the
        tip got new keys is sealed to older ones than its part."""
        return AnyOf(tuple(key for _, key in self.keys.of(side)))


def open_tip(shown: TipDetail, to: str, identity: age.PQIdentity) -> OpenedTip:
    """The tip in *shown*, opened with the grant that *to* has to it. Raises Distrusted."""
    earlier = tuple(_openable(shown.tip_id, shown.earlier, to, identity))
    said = [change.rekey for change in rekeys_in(shown.changes)]
    try:
        held = open_own_grant(shown.tip_id, shown.grant, to, identity)
    except Distrusted:
        # A grant of new keys that opens nothing: the earlier words are not lost for it.
        if not earlier:
            raise
        held = max(earlier, key=lambda grant: keyring(shown.tip_id, grant, said).pairs[0].epoch)
    keys = keyring(shown.tip_id, held, said, earlier)
    return OpenedTip(shown, held, open_parts(shown.tip_id, shown.parts, keys), keys)


def open_parts(
    tip_id: str, parts: Iterable[SealedPart], keys: TipKeyring
) -> tuple[OpenedPart, ...]:
    """Every one of the tip's *parts*, opened where *keys* can."""
    return tuple(_open(tip_id, shown, keys) for shown in parts)


def recovery_keys(tip: RecoveryTip, held: Grant, identity: age.PQIdentity) -> TipKeyring:
    """The keys of a tip as recovery sees it."""
    earlier = _openable(tip.tip_id, tip.earlier, RECOVERY, identity)
    return keyring(tip.tip_id, held, tip.rekeys[:REKEYS_AT_MOST], earlier)


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


def in_order(parts: Sequence[OpenedPart]) -> tuple[OpenedPart, ...]:
    return tuple(sorted(parts, key=lambda part: part.seq))


def _openable(
    tip_id: str, grants: Iterable[OwnGrant], to: str, identity: age.PQIdentity
) -> Iterator[Grant]:
    for grant in islice(grants, REKEYS_AT_MOST):
        with suppress(Distrusted):
            yield open_own_grant(tip_id, grant, to, identity)


def _open(tip_id: str, shown: SealedPart, keys: TipKeyring) -> OpenedPart:
    if shown.sealed is None:
        return OpenedPart(shown, State.UNSENT)
    if hash_sealed(shown.sealed) != shown.hash:
        return OpenedPart(shown, State.ALTERED)
    # What came before is left to the chain: one altered part must not make others look moved.
    place = Place(tip_id, shown.part_id, shown.seq, None)
    for epoch, key in keys.of(shown.sealed_to):
        try:
            return OpenedPart(shown, State.OPEN, open_part(shown.sealed, key, place), epoch)
        except WrongKey:
            continue
        except Misplaced:
            return OpenedPart(shown, State.MOVED)
        except NewerFormat:
            return OpenedPart(shown, State.NEWER)
        except (Tampered, Malformed):
            return OpenedPart(shown, State.TAMPERED)
    return OpenedPart(shown, State.UNOPENED)
