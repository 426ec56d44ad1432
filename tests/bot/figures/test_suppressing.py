"""Suppression: an adversary who knows the method, tried on every small table there is."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figures.suppressing import Cell, suppressed

Method = Callable[[Mapping[str, int], int], tuple[Cell, ...] | None]


def tables(values: int, total: int) -> Iterator[tuple[int, ...]]:
    """Every table of *values* counts with this total."""
    if values == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in tables(values - 1, total - first):
            yield (first, *rest)


def named(counts: tuple[int, ...]) -> dict[str, int]:
    return {f"v{place}": n for place, n in enumerate(counts)}


def told_apart(method: Method, *, values: int, k: int, up_to: int) -> list[str]:
    """Each count in 1..k-1 that the output of *method* gives away, whoever knows the method."""
    found = []
    alike = defaultdict(list)
    for total in range(up_to + 1):
        for counts in tables(values, total):
            alike[method(named(counts), k)].append(counts)
    for shown, candidates in alike.items():
        for place in range(values):
            possible = {counts[place] for counts in candidates}
            if all(1 <= n < k for n in possible):
                found.append(f"{shown}: v{place} is one of {sorted(possible)}")
    return found


def alone_if_large(counts: Mapping[str, int], k: int) -> tuple[Cell, ...] | None:
    """Broken: no complementary step."""
    small = {value: n for value, n in counts.items() if n < k}
    shown = tuple(Cell((value,), n) for value, n in counts.items() if n >= k)
    return (*shown, Cell(tuple(small), sum(small.values()))) if small else shown


def zeros_shown(counts: Mapping[str, int], k: int) -> tuple[Cell, ...] | None:
    """Broken: a value that nobody has stands for itself."""
    used = {value: n for value, n in counts.items() if n}
    none = tuple(Cell((value,), 0) for value in counts if value not in used)
    shown = suppressed(used, k)
    return None if shown is None else (*none, *shown)


def just_enough(counts: Mapping[str, int], k: int) -> tuple[Cell, ...] | None:
    """Broken: small ones are taken one after the other, from the largest, until they are k."""
    small = sorted((value for value in counts if counts[value] < k), key=lambda v: -counts[v])
    large = sorted((value for value in counts if counts[value] >= k), key=lambda v: counts[v])
    together: list[str] = []
    for value in (*small, *large):
        if value in large and sum(counts[each] for each in together) >= k:
            break
        together.append(value)
    if not small:
        together = []
    shown = tuple(Cell((value,), counts[value]) for value in counts if value not in together)
    lump = Cell(tuple(together), sum(counts[value] for value in together))
    return (*shown, lump) if together else shown


def first_of_equals(counts: Mapping[str, int], k: int) -> tuple[Cell, ...] | None:
    """Broken: of those equally small, the first that comes is taken in, so its place tells."""
    shown = suppressed(counts, k)
    if shown is None or not shown[-1].is_together:
        return shown
    lump = shown[-1]
    taken = [value for value in lump.values if counts[value] >= k]
    given_back = taken[1:]
    if not given_back:
        return shown
    kept = tuple(value for value in lump.values if value not in given_back)
    alone = {cell.values[0] for cell in shown[:-1]} | set(given_back)
    return (
        *(Cell((value,), counts[value]) for value in counts if value in alone),
        Cell(kept, sum(counts[value] for value in kept)),
    )


SIZES = [(1, 3, 12), (2, 3, 16), (3, 3, 16), (4, 3, 14), (5, 3, 11), (2, 10, 60), (3, 10, 45)]


@pytest.mark.parametrize(("values", "k", "up_to"), SIZES)
def test_whoever_knows_the_method_learns_of_no_small_count(values: int, k: int, up_to: int) -> None:
    assert told_apart(suppressed, values=values, k=k, up_to=up_to) == []


@pytest.mark.parametrize("broken", [alone_if_large, zeros_shown, just_enough])
def test_the_adversary_bites_what_is_broken(broken: Method) -> None:
    assert told_apart(broken, values=3, k=3, up_to=16)


def test_taking_the_first_of_equals_would_tell() -> None:
    """Of two equally small large ones both are taken in: else a place would say who is small."""
    assert told_apart(first_of_equals, values=4, k=3, up_to=14)


counted = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 40))


@given(counted, st.integers(2, 12))
def test_every_sum_and_difference_of_shown_cells_is_nothing_or_many(
    counts: dict[str, int], k: int
) -> None:
    shown = suppressed(counts, k)
    if shown is None:
        assert sum(counts.values()) < k
        return
    total = sum(cell.n for cell in shown)
    assert total == sum(counts.values())
    assert sorted(value for cell in shown for value in cell.values) == sorted(counts)
    sums = {
        sum(cell.n for cell in some)
        for size in range(min(len(shown), 4) + 1)
        for some in combinations(shown, size)
    }
    assert not [n for n in sums | {total - n for n in sums} if 0 < n < k]


@given(counted, st.integers(2, 12), st.randoms())
def test_neither_name_nor_place_of_a_value_matters(
    counts: dict[str, int], k: int, random: Random
) -> None:
    shuffled = list(counts.items())
    random.shuffle(shuffled)
    once, again = suppressed(counts, k), suppressed(dict(shuffled), k)
    assert (once is None) == (again is None)
    assert {(frozenset(c.values), c.n) for c in once or ()} == {
        (frozenset(c.values), c.n) for c in again or ()
    }


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((9, 1), (((0, 1), 10),)),
        ((10,), (((0,), 10),)),
        ((10, 0), (((0, 1), 10),)),
        ((9,), None),
        ((), None),
        ((0, 0), None),
        ((30, 20), (((0,), 30), ((1,), 20))),
        ((30, 20, 1), (((0,), 30), ((1, 2), 21))),
        ((30, 9, 5), (((0, 1, 2), 44),)),
        ((30, 6, 5, 3), (((0,), 30), ((1, 2, 3), 14))),
        ((20, 20, 3, 40), (((3,), 40), ((0, 1, 2), 43))),
    ],
)
def test_by_example(
    counts: tuple[int, ...], shown: tuple[tuple[tuple[int, ...], int], ...] | None
) -> None:
    cells = suppressed(named(counts), 10)
    wanted = shown and tuple(Cell(tuple(f"v{i}" for i in places), n) for places, n in shown)
    assert cells == wanted


@pytest.mark.parametrize(("counts", "k"), [({"a": -1}, 10), ({"a": 20}, 1), ({}, 0)])
def test_what_is_no_count_is_refused(counts: dict[str, int], k: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        suppressed(counts, k)
