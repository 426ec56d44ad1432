"""The chain of a tip's parts: what a console can tell about the list that a server shows it.

Each part carries the hash of the one before. So a part altered, moved, dropped or shown twice
betrays itself, at the latest against what this console saw before. It cannot betray a newest part
that was never shown to anyone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from sealing.errors import Malformed
from sealing.parts import NOTHING_BEFORE


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One part in the order shown.

    *previous* is what its seal says inside; None when it was not opened.

    A tombstone keeps its place and the hash of what it replaced.
    """

    seq: int
    part_id: str
    previous: bytes | None
    hash: bytes
    is_tombstone: bool

    def __post_init__(self) -> None:
        if self.seq < 1:
            raise Malformed("a part's number is at least 1")


class Break(StrEnum):
    """How a chain fails."""

    MISSING = "missing"  # a number has no part, or a part seen before is gone
    ALTERED = "altered"  # other bytes than before, or than the next part says
    MOVED = "moved"  # shown at another number than before, or out of order
    REPLAYED = "replayed"  # the same part, bytes or number shown twice


@dataclass(frozen=True, slots=True)
class Finding:
    """One break, at number *seq* of the chain."""

    seq: int
    what: Break


def check_chain(
    links: Sequence[ChainLink], remembered: Mapping[int, bytes] | None = None
) -> tuple[Finding, ...]:
    """What is wrong with *links* (the whole tip, as shown); empty when nothing is.

    *remembered* is what this console saw before, number → hash (`remember`). In the order of the
    numbers.
    """
    seen = dict(remembered or {})
    found = {*_replayed(links), *_moved(links, seen), *_missing(links, seen)}
    explained = {finding.seq for finding in found}
    found |= {finding for finding in _altered(links, seen) if finding.seq not in explained}
    return tuple(sorted(found, key=lambda finding: (finding.seq, finding.what)))


def remember(
    links: Sequence[ChainLink], remembered: Mapping[int, bytes] | None = None
) -> dict[int, bytes]:
    """What to keep for next time: nothing that was seen before is ever overwritten."""
    return {link.seq: link.hash for link in links} | dict(remembered or {})


def _replayed(links: Sequence[ChainLink]) -> set[Finding]:
    found: set[Finding] = set()
    shown: set[object] = set()
    for link in links:
        marks = {link.seq, link.part_id, link.hash}
        if marks & shown:
            found.add(Finding(link.seq, Break.REPLAYED))
        shown |= marks
    return found


def _moved(links: Sequence[ChainLink], seen: Mapping[int, bytes]) -> set[Finding]:
    stood_at = {hash_: seq for seq, hash_ in seen.items()}
    found = {
        Finding(link.seq, Break.MOVED)
        for link in links
        if stood_at.get(link.hash, link.seq) != link.seq
    }
    out_of_order = (after for before, after in pairwise(links) if after.seq < before.seq)
    return found | {Finding(link.seq, Break.MOVED) for link in out_of_order}


def _missing(links: Sequence[ChainLink], seen: Mapping[int, bytes]) -> set[Finding]:
    """A gap is named once, by its first number: a huge number costs no more than a small one."""
    shown = {link.seq for link in links}
    known = sorted({0} | shown | set(seen))
    gaps = {before + 1 for before, after in pairwise(known) if after > before + 1}
    return {Finding(seq, Break.MISSING) for seq in gaps | (set(seen) - shown)}


def _altered(links: Sequence[ChainLink], seen: Mapping[int, bytes]) -> set[Finding]:
    hashes = {0: NOTHING_BEFORE} | {link.seq: link.hash for link in links}
    unlike_before = {link.seq for link in links if seen.get(link.seq, link.hash) != link.hash}
    unlike_next = {
        max(link.seq - 1, 1)
        for link in links
        if link.previous is not None and hashes.get(link.seq - 1, link.previous) != link.previous
    }
    return {Finding(seq, Break.ALTERED) for seq in unlike_before | unlike_next}
