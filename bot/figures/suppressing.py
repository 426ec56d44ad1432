"""Suppression: the counts of one table, put together until no cell tells about few.

Knows numbers only: no tip, no clock, no database. The law of what comes out, for one table whose
cells each count different tips:

- every cell that is shown, and every sum or difference of shown cells, is 0 or at least k;
- whoever knows this method as well cannot tell of any value's count that it lies in 1..k-1: another
  table, in which that count is 0 or at least k, comes out as the very same cells.

How: values with fewer than k, *with none* included, go into one cell together (primary
suppression). That cell takes in the smallest of the others (complementary suppression) where it
would be under k itself, or so full that none of its values could be 0 ("A and B together: 14" says
of both that they lie in 5..9). Nothing depends on a value's name or place, only on its number, and
whoever is as small as the one taken in is taken in too: so any value of the cell may be the one
with many.

Two tables of the same tips stay safe together as long as nothing but their numbers ties them (if
each group of one and each group of the other has at least k tips, their overlap may have k too).
Tables of tips that partly overlap, such as a month and a sliding year, or tables that a rule ties,
such as the time to acknowledge and the time to end, are the caller's to keep apart. So are values
that appear only when they are used: *counts* names all that there could be.

Against an insider who knows all but a few of the tips no threshold helps; docs/limits.md says so.

Terms: Hundepool et al., Statistical Disclosure Control (2012), ch. 4: the threshold rule is 4.2,
primary and secondary (complementary) suppression 4.4; here cells are recoded, none is left blank.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """How many tips have one of *values*; more than one: they are told only together."""

    values: tuple[str, ...]
    n: int

    @property
    def is_together(self) -> bool:
        return len(self.values) > 1


def suppressed(counts: Mapping[str, int], k: int) -> tuple[Cell, ...] | None:
    """The cells that may be shown of *counts* (every possible value, 0 too), those told together
    last; None where the whole is under *k*. Raises ValueError for a negative count or k < 2."""
    if k < 2 or any(n < 0 for n in counts.values()):
        raise ValueError("counts are at least 0 and k is at least 2")
    if sum(counts.values()) < k:
        return None
    together = _together(counts, k)
    alone = [Cell((value,), n) for value, n in counts.items() if value not in together]
    if not together:
        return tuple(alone)
    values = tuple(value for value in counts if value in together)
    return (*alone, Cell(values, sum(counts[value] for value in values)))


def _together(counts: Mapping[str, int], k: int) -> frozenset[str]:
    """The values that are told as one; empty where every one can stand alone."""
    small = {value for value, n in counts.items() if n < k}
    if not small:
        return frozenset()
    whole, most = sum(counts[value] for value in small), (len(small) - 1) * (k - 1)
    others = [n for n in counts.values() if n >= k]
    if others and not k <= whole <= most:
        taken = min(others)
        small |= {value for value, n in counts.items() if n == taken}
    return frozenset(small)
