"""Nobody who has every public page, and knows how they are made, can single out one tip.

The pages are published as the program does it, from many deployments and years; and by broken
programs, of which each is found out: so it is known that the adversary bites.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import today
from bot.figures import making
from bot.figures.making import make_page
from bot.figures.page import NO_PAGE_BEFORE, read_page
from bot.figures.publishing import FigureRules
from bot.figures.quarters import Quarter
from bot.figures.suppressing import suppressed
from bot.figures.tables import Tables, tables_of
from handlers.routing import Centre, Centres
from storage import SqliteDatabase
from tests.bot.figures.adversary import Known, possible, singled_out
from tests.bot.figures.network import CENTRES, Tip, count, counted, month
from tests.bot.figures.test_publishing import DAY_S, clock_on, publishing, stored
from tests.bot.figures.test_suppressing import (
    Method,
    alone_if_large,
    just_enough,
    named,
    tables,
    zeros_shown,
)

TABLES = tables_of(CENTRES)
K = 10
Q3 = "2026-Q3"
Q4 = "2026-Q4"

tips = st.builds(
    Tip,
    month=st.sampled_from([month(quarter, place) for quarter in (Q3, Q4) for place in (0, 2)]),
    centre=st.sampled_from(["khonkaen", "khonkaen", "loei", "udon", "region", "gone"]),
    category=st.sampled_from(["bribe", "bribe", "bribe", "land", "duty", "unheard_of"]),
    teller=st.sampled_from(["citizen", "citizen", "member"]),
    result=st.sampled_from(["substantiated", "partly", "not_enough", "outside", "new"]),
    acknowledged=st.sampled_from(["7", "7", "15", "never"]),
    ended=st.sampled_from(["15", "30", "90", "more"]),
)
soon = st.builds(lambda tip: replace(tip, acknowledged="7", ended="7"), tips)
several = st.tuples(st.one_of(tips, tips, soon), st.integers(1, 14)).map(
    lambda drawn: [drawn[0]] * drawn[1]
)
networks = st.lists(several, min_size=1, max_size=14).map(lambda some: list(chain(*some)))


def published(
    told: Sequence[Tip], *, k: int = K, tables: Tables = TABLES, quarters: Sequence[str] = ()
) -> list[bytes]:
    """A page of each quarter, as the program makes it."""
    pages, previous = [], NO_PAGE_BEFORE
    for quarter in quarters or (Q3, Q4):
        parsed = Quarter.parse(quarter)
        ended = counted(tip for tip in told if tip.month in parsed.months)
        page = make_page(parsed, ended, tables, k=k, previous=previous)
        previous = page.hash
        pages.append(page.data)
    return pages


# --- the adversary itself -------------------------------------------------------------------------


@pytest.mark.parametrize(("values", "k", "up_to"), [(2, 3, 14), (3, 3, 14), (4, 3, 12), (3, 5, 24)])
def test_what_the_adversary_thinks_possible_is_exact(values: int, k: int, up_to: int) -> None:
    alike = defaultdict(list)
    for total in range(k, up_to + 1):
        for counts in tables(values, total):
            alike[suppressed(named(counts), k)].append(counts)
    for cells, candidates in alike.items():
        assert cells is not None
        for place in range(values):
            assert possible(cells, f"v{place}", k) == {counts[place] for counts in candidates}


# --- worst cases, as the program publishes them --------------------------------------------------

WORST = {
    "one tip": [Tip(month(Q3))],
    "nine": [Tip(month(Q3))] * 9,
    "exactly ten": [Tip(month(Q3))] * 10,
    "ten, each in a centre of its own but one": [
        *([Tip(month(Q3))] * 9),
        Tip(month(Q3), centre="loei"),
    ],
    "one tip in a centre": [*([Tip(month(Q3))] * 60), Tip(month(Q3), centre="loei")],
    "one member": [*([Tip(month(Q3))] * 60), Tip(month(Q3), teller="member")],
    "nine and one": [
        *([Tip(month(Q3), category="land")] * 9),
        Tip(month(Q3), category="duty"),
        *([Tip(month(Q3))] * 30),
    ],
    "two nearly full": [
        *([Tip(month(Q3), category="land")] * 9),
        *([Tip(month(Q3), category="duty")] * 9),
        *([Tip(month(Q3))] * 30),
    ],
    "all alike": [Tip(month(Q3))] * 200,
    "all but one acknowledged in time": [
        *([Tip(month(Q3))] * 99),
        Tip(month(Q3), acknowledged="15"),
    ],
    "a few ended later than they were acknowledged": [
        *([Tip(month(Q3), ended="7")] * 20),
        *([Tip(month(Q3), ended="30")] * 3),
        *([Tip(month(Q3), ended="30", acknowledged="15")] * 20),
    ],
    "a quarter after a busy one": [*([Tip(month(Q3))] * 100), *([Tip(month(Q4))] * 9)],
    "one more in the next quarter": [*([Tip(month(Q3))] * 100), *([Tip(month(Q4))] * 101)],
    "a category never heard of": [*([Tip(month(Q3))] * 50), Tip(month(Q3), category="unheard_of")],
    "a centre that is gone": [*([Tip(month(Q3))] * 50), *([Tip(month(Q3), centre="gone")] * 2)],
}


@pytest.mark.parametrize("case", WORST)
async def test_the_worst_cases_single_out_no_tip(case: str, tmp_path: Path) -> None:
    """Through the database, the clock and the upkeep's own publishing, three quarters long."""
    async with await SqliteDatabase.open(tmp_path / "saisaat.db") as database:
        await database.commit(lambda t: count(t, WORST[case]))
        clock = clock_on(Quarter.parse(Q3).last_day + timedelta(days=31))
        for _ in range(3):
            await publishing(database, clock).publish_due()
            clock.advance(92 * DAY_S)
        pages = await stored(database)
    assert [*pages][-1] == Q3
    assert singled_out(pages.values()) == []
    for data in pages.values():
        page = read_page(data)
        numbers = [cell.n for table in page.tables for cell in table.cells or ()]
        assert all(n >= K for n in (*numbers, page.total or K))


async def test_a_new_centre_and_a_greater_k_do_not_touch_old_pages(tmp_path: Path) -> None:
    """Each later quarter has other tables; together they still single out nobody."""
    more = Centres((*CENTRES.all, Centre("nakhon", "region", name_th="ใหม่", name_en="New")))
    rules = FigureRules(is_public=True, after_days=30)
    async with await SqliteDatabase.open(tmp_path / "saisaat.db") as database:
        told = [*([Tip(month(Q3))] * 31), Tip(month(Q4), centre="nakhon"), *([Tip(month(Q4))] * 40)]
        await database.commit(lambda t: count(t, told))
        clock = clock_on(Quarter.parse(Q3).last_day + timedelta(days=31))
        await publishing(database, clock).publish_due()
        clock.advance(92 * DAY_S)
        await publishing(database, clock, rules, tables_of(more)).publish_due()
        clock.advance(92 * DAY_S)
        await publishing(database, clock, replace(rules, k=25), tables_of(more)).publish_due()
        pages = await stored(database)
    assert [read_page(each).k for each in pages.values()] == [25, 10, 10]
    assert singled_out(pages.values()) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks, st.integers(10, 13))
def test_no_network_has_a_tip_singled_out(told: list[Tip], k: int) -> None:
    pages = published(told, k=k)
    assert singled_out(pages) == []
    totals = [read_page(each).total or 0 for each in pages]
    assert sum(totals) <= len(told)


@settings(max_examples=60, deadline=None)
@given(networks)
def test_what_is_shown_is_true(told: list[Tip]) -> None:
    """Suppressed, not changed: each number is how many tips there are."""
    for quarter, data in zip((Q3, Q4), published(told), strict=True):
        page = read_page(data)
        here = [tip for tip in told if tip.month in Quarter.parse(quarter).months]
        assert page.total == (len(here) if len(here) >= K else None)
        for table in page.tables:
            if table.id != "category":
                continue
            truth = Counter(
                tip.category if tip.category in table.labels else "other" for tip in here
            )
            for cell in table.cells or ():
                assert cell.n == sum(truth[value] for value in cell.values)


# --- broken programs ----------------------------------------------------------------------------


def ended(**numbers: int) -> list[Tip]:
    """So many tips by how long they took: seven, fifteen, thirty, ninety, more."""
    spans = {"seven": "7", "fifteen": "15", "thirty": "30", "ninety": "90", "more": "more"}
    return [Tip(month(Q3), ended=spans[name]) for name, n in numbers.items() for _ in range(n)]


@pytest.mark.parametrize(
    ("method", "told"),
    [
        (alone_if_large, WORST["one member"]),
        (just_enough, ended(seven=11, fifteen=30, thirty=20, ninety=9, more=9)),
        (zeros_shown, ended(seven=30, fifteen=5, thirty=4, ninety=2)),
    ],
)
def test_a_broken_suppression_is_found_out(
    method: Method, told: list[Tip], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert singled_out(published(told, quarters=[Q3])) == []
    monkeypatch.setattr(making, "suppressed", method)
    assert singled_out(published(told, quarters=[Q3]), method)


def test_two_ks_for_one_quarter_are_found_out() -> None:
    """Each page is safe by its own k; what officers see with a smaller one is no public page."""
    told = ended(seven=3, fifteen=3, thirty=9, ninety=30, more=2)
    pages = [*published(told, k=5, quarters=[Q3]), *published(told, k=10, quarters=[Q3])]
    assert all(singled_out([each]) == [] for each in pages)
    assert Known(Q3, "ended ['30']", (9,)) in singled_out(pages)


def test_an_old_quarter_that_is_computed_anew_is_found_out() -> None:
    """One tip that was counted late: the difference is that one."""
    told = [Tip(month(Q3))] * 40
    pages = [
        *published(told, quarters=[Q3]),
        *published([*told, Tip(month(Q3))], quarters=[Q3]),
    ]
    assert Known(Q3, " []", (1,)) in singled_out(pages)


def test_old_quarters_by_todays_centres_are_found_out() -> None:
    """The group of the region and the centre that was taken out of it, on two pages."""
    told = [*([Tip(month(Q3))] * 40), *([Tip(month(Q3), centre="udon")] * 30)]
    told += [Tip(month(Q3), centre="loei")] * 24 + [Tip(month(Q3), centre="headquarters")] * 3
    told += [Tip(month(Q3), centre="region")] * 11
    fewer = Centres(tuple(each for each in CENTRES.all if each.id != "loei"))
    pages = [
        *published(told, quarters=[Q3]),
        *published(told, tables=tables_of(fewer), quarters=[Q3]),
    ]
    assert all(singled_out([each]) == [] for each in pages)
    assert singled_out(pages)


def test_the_clock_of_these_tests_is_the_programs() -> None:
    day = Quarter.parse(Q3).last_day
    assert today(clock_on(day)) == day
