"""Facts added up, without pretending to know what was told only together."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from console.figures.facts import Fact

TOGETHER_AT_MOST = 3
"""So many different sets of values told together stand by themselves; more become one."""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many have one of *values*. *is_least*: some of those told together may have it too."""

    values: tuple[str, ...]
    n: int
    is_least: bool = False

    @property
    def is_together(self) -> bool:
        return len(self.values) > 1


@dataclass(frozen=True, slots=True)
class Span:
    """Months that are told together, each alone where they are not, and how many of each value."""

    first: str
    last: str
    counts: Counter[str]


def tallies(facts: Iterable[Fact], measure: str) -> tuple[Tally, ...]:
    """The most frequent value first; those told together last."""
    alone: Counter[str] = Counter()
    together: Counter[tuple[str, ...]] = Counter()
    for fact in facts:
        if fact.measure == measure:
            if len(fact.values) == 1:
                alone[fact.values[0]] += fact.n
            else:
                together[tuple(sorted(fact.values))] += fact.n
    unsure = {value for values in together for value in values}
    if len(together) > TOGETHER_AT_MOST:
        together = Counter({tuple(sorted(unsure)): together.total()})
    names = sorted(alone, key=lambda value: (-alone[value], value))
    sets = sorted(together, key=lambda values: (-together[values], values))
    return (
        *(Tally((value,), alone[value], value in unsure) for value in names),
        *(Tally(values, together[values]) for values in sets),
    )


def total(facts: Iterable[Fact], measure: str) -> int:
    return sum(fact.n for fact in facts if fact.measure == measure)


def spans(facts: Sequence[Fact], measure: str) -> tuple[Span, ...]:
    """Where centres tell different months together, the months that hold all of those."""
    told = sorted((each for each in facts if each.measure == measure), key=lambda f: f.first)
    found: list[Span] = []
    for fact in told:
        name = " ".join(fact.values)
        if found and fact.first <= found[-1].last:
            before = found.pop()
            counts = before.counts + Counter({name: fact.n})
            found.append(Span(before.first, max(before.last, fact.last), counts))
        else:
            found.append(Span(fact.first, fact.last, Counter({name: fact.n})))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of a hundred. *is_least*: some of those told together may belong to it too."""

    hundredths: int
    is_least: bool


def share_of(facts: Sequence[Fact], measure: str, values: Collection[str]) -> Share | None:
    """The share of *values* among the tips of which the *measure* is known; None where there are
    none. What is told together with other values is not of it."""
    told = tallies(facts, measure)
    whole = sum(each.n for each in told)
    if not whole:
        return None
    wanted = set(values)
    sure = sum(each.n for each in told if wanted.issuperset(each.values))
    unsure = any(wanted.intersection(t.values) and not wanted.issuperset(t.values) for t in told)
    return Share(round(100 * sure / whole), unsure)
