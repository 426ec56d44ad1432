"""Adding up what was told, without pretending to know what was told only together."""

from hypothesis import given
from hypothesis import strategies as st

from console.figures.facts import Basis, Fact, Scope, within
from console.figures.periods import Period
from console.figures.tallies import Share, Tally, share_of, spans, tallies, total


def fact(n: int, *values: str, first: str = "2026-01", last: str = "", centre: str = "kkn") -> Fact:
    return Fact(
        Scope.NETWORK, Basis.ENDED, centre, first, last or first, "result", values or ("all",), n
    )


def test_what_is_in_a_group_somewhere_is_only_at_least() -> None:
    told = tallies([fact(20, "a"), fact(5, "a"), fact(30, "b"), fact(12, "c", "a")], "result")
    assert told == (Tally(("b",), 30), Tally(("a",), 25, is_least=True), Tally(("a", "c"), 12))


def test_equal_groups_are_one_and_many_different_ones_too() -> None:
    assert tallies([fact(10, "a", "b"), fact(11, "b", "a")], "result") == (Tally(("a", "b"), 21),)
    many = [fact(10, "x", each) for each in "abcd"]
    assert tallies(many, "result") == (Tally(("a", "b", "c", "d", "x"), 40),)


@given(st.lists(st.tuples(st.integers(0, 99), st.sets(st.sampled_from("abcdef"), min_size=1))))
def test_nothing_is_lost_and_nothing_counted_twice(cells: list[tuple[int, set[str]]]) -> None:
    facts = [fact(n, *values) for n, values in cells]
    assert sum(each.n for each in tallies(facts, "result")) == total(facts, "result")
    assert sum(each.counts.total() for each in spans(facts, "result")) == total(facts, "result")


def test_a_share_is_sure_or_at_least() -> None:
    assert share_of([fact(1, "a"), fact(2, "b")], "result", "a") == Share(33, is_least=False)
    assert share_of([fact(2, "a"), fact(1, "b")], "result", "a") == Share(67, is_least=False)
    unsure = [fact(10, "a"), fact(10, "b"), fact(10, "a", "c")]
    assert share_of(unsure, "result", "a") == Share(33, is_least=True)
    assert share_of([fact(10, "a", "b"), fact(10, "c")], "result", "ab") == Share(
        50, is_least=False
    )
    assert share_of([], "result", "a") is None


def test_months_that_one_centre_tells_together_are_together_for_all() -> None:
    facts = [
        fact(10, first="2026-01", last="2026-03"),
        fact(20, first="2026-02", centre="udn"),
        fact(30, first="2026-03", last="2026-04", centre="udn"),
        fact(40, first="2026-05"),
    ]
    found = [(each.first, each.last, each.counts.total()) for each in spans(facts, "result")]
    assert found == [("2026-01", "2026-04", 60), ("2026-05", "2026-05", 40)]


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12)), max_size=12))
def test_no_tip_is_in_two_quarters(months: list[tuple[int, int]]) -> None:
    facts = [
        fact(1, first=f"2025-{a:02}", last=f"{2025 + (a + b - 1) // 12}-{(a + b - 1) % 12 + 1:02}")
        for a, b in months
    ]
    quarters = [
        Period("", f"{year}-{q:02}", f"{year}-{q + 2:02}")
        for year in (2025, 2026)
        for q in (1, 4, 7, 10)
    ]
    assert sum(len(within(facts, each)) for each in quarters) == len(facts)
