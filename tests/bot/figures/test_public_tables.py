"""The public tables take in everything that is counted, whoever counted it, and nothing else."""

import pytest

from bot.figures.measures import UNLISTED, shipped_measures
from bot.figures.tables import CENTRE, Counted, groups_of, tables_of
from handlers.routing import Centre, Centres
from storage.repositories.figures import COUNTED, YES
from tests.bot.figures.network import CENTRES

TABLES = tables_of(CENTRES)


@pytest.mark.parametrize("table", [each for each in TABLES.all if each.id != CENTRE])
def test_every_value_that_is_counted_has_its_place(table: object) -> None:
    """By name, but what no list has: a new value must be given a place by a person."""
    (table,) = [each for each in TABLES.all if each is table]
    values = set(shipped_measures().values[table.measure]) - {UNLISTED}
    takes_the_rest = {table.other} if table.measure == "acknowledged" else set()
    assert takes_the_rest or values == set(table.of)
    assert set(table.of) <= values | takes_the_rest


@pytest.mark.parametrize("measure", ["category", "teller", "result", "ended"])
def test_what_a_newer_console_counts_is_counted(measure: str) -> None:
    (table,) = [each for each in TABLES.all if each.measure == measure]
    counts = table.counts([Counted("khonkaen", measure, "from-a-later-release", 3)])
    assert counts[table.other] == 3
    assert list(counts) == list(table.values)


def test_in_time_is_the_first_span_of_days_of_both() -> None:
    """The rule that ties the two holds for one and the same number of days only."""
    first = {str(bounds[0]) for bounds in shipped_measures().bounds.values()}
    assert first == set(TABLES.in_time.values) == set(TABLES.in_time.ended)


def test_a_centre_is_counted_under_the_fork_of_the_tree() -> None:
    assert groups_of(CENTRES) == {
        "headquarters": ("headquarters",),
        "region": ("region",),
        "khonkaen": ("khonkaen",),
        "loei": ("loei",),
        "udon": ("udon",),
    }
    two = Centres(
        (
            Centre("top"),
            Centre("north", "top"),
            Centre("south", "top"),
            Centre("a", "north"),
            Centre("b", "a"),
        )
    )
    assert groups_of(two) == {"top": ("top",), "north": ("north", "a", "b"), "south": ("south",)}
    assert groups_of(Centres((Centre("alone"),))) == {"alone": ("alone",)}


def test_a_centre_that_is_gone_is_counted_at_the_top() -> None:
    (table,) = [each for each in TABLES.all if each.id == CENTRE]
    assert table.counts([Counted("gone", COUNTED, YES, 2)])["headquarters"] == 2
