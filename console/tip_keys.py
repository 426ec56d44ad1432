"""Every pair of keys that a tip ever had, as far as this reader's grants lead to them.

The officer's grant opens the newest pair, and each rekey leads back to the pair before
(`sealing.rekeying`). Where one does not, what the reader had before it may still. Nothing here is
believed: whether new keys hold is for `rekeys.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from console.answers import Change
from sealing import (
    REKEYS_AT_MOST,
    Grant,
    Rekey,
    SealingError,
    Side,
    TipKeys,
    age,
    all_keys,
    parse_rekey,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """The keys of a tip after so many rekeys (*epoch*)."""

    epoch: int
    keys: TipKeys = field(repr=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """An age identity that is whichever of several fits."""

    keys: tuple[age.PQIdentity, ...] = field(repr=False)

    def unwrap(self, stanzas: Sequence[age.Stanza]) -> bytes | None:
        """The file key that one of them finds."""
        found = (key.unwrap(stanzas) for key in self.keys)
        return next((file_key for file_key in found if file_key is not None), None)


@dataclass(frozen=True, slots=True)
class TipKeyring:
    """The pairs that open a tip, newest first; *rekeys* as the history has them, oldest first, None
    for one that is none. *led_back* counts the pairs that the own grant led to, itself included."""

    pairs: tuple[Pair, ...]
    rekeys: tuple[Rekey | None, ...]
    led_back: int

    @property
    def newest(self) -> TipKeys:
        return self.pairs[0].keys

    @property
    def led_to(self) -> tuple[TipKeys, ...]:
        """The pairs that the own grant and the rekeys lead back to, newest first."""
        return tuple(pair.keys for pair in self.pairs[: self.led_back])

    @property
    def is_whole(self) -> bool:
        """Whether every rekey led on, back to the keys that the tip was filed with."""
        return self.led_back == len(self.rekeys) + 1

    def of(self, side: str) -> tuple[tuple[int, age.PQIdentity], ...]:
        """What may open something sealed to *side*, newest first, each with its epoch: the last
        one, where a key stayed over several."""
        found: dict[age.PQIdentity, int] = {}
        for pair in self.pairs:
            key = pair.keys.reply if side == Side.REPLY else pair.keys.case
            found[key] = max(pair.epoch, found.get(key, 0))
        return tuple((epoch, key) for key, epoch in found.items())


def rekeys_in(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that gave the tip new keys, oldest first; no more than a tip may have."""
    found = sorted((c for c in changes if c.kind == "rekey"), key=lambda change: change.version)
    return tuple(found[:REKEYS_AT_MOST])


def keyring(
    tip_id: str, held: Grant, said: Sequence[bytes | None], earlier: Iterable[Grant] = ()
) -> TipKeyring:
    """What *held* opens with what each rekey *said* (oldest first), and the *earlier* grants."""
    rekeys = tuple(map(_parsed, said))
    led = _led(tip_id, held.keys, rekeys)
    found = {pair.keys.recipients: pair for pair in led}
    for grant in earlier:
        for pair in _led(tip_id, grant.keys, rekeys):
            found.setdefault(pair.keys.recipients, pair)
    others = sorted(list(found.values())[len(led) :], key=lambda pair: -pair.epoch)
    return TipKeyring((*led, *others), rekeys, len(led))


def _led(tip_id: str, held: TipKeys, rekeys: Sequence[Rekey | None]) -> tuple[Pair, ...]:
    """*held* and the pairs before it. Of keys that no rekey made: those of filing, as it were."""
    made = [at + 1 for at, rekey in enumerate(rekeys) if rekey and _makes(rekey, held)]
    epoch = made[-1] if made else 0
    before: list[Rekey] = []
    for rekey in reversed(rekeys[:epoch]):
        if rekey is None:
            break
        before.insert(0, rekey)
    keys = all_keys(held, before, tip_id=tip_id)
    return tuple(Pair(epoch - back, pair) for back, pair in enumerate(keys))


def _makes(rekey: Rekey, keys: TipKeys) -> bool:
    return rekey.recipients == keys.recipients


def _parsed(said: bytes | None) -> Rekey | None:
    if said is None:
        return None
    try:
        return parse_rekey(said)
    except SealingError:
        return None
