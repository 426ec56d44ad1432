"""A tip goes to exactly one centre: never nowhere, never into the accused agency's line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.agencies import Agency, excluded_centres, line_of
from handlers.routing import (
    Beginning,
    Centre,
    Centres,
    Passing,
    Step,
    below,
    eligible_ancestors,
    find_way,
    others,
    route,
)

#   hq ─┬─ region-4 ─┬─ khon-kaen ── in-land-office (agency: land-office)
#       │            └─ loei
#       └─ in-police (agency: police; answers for TH-30, where no other centre does)
FOURTH = Centres(
    (
        Centre("hq"),
        Centre("region-4", "hq"),
        Centre("khon-kaen", "region-4", ("TH-40",)),
        Centre("loei", "region-4", ("TH-42",)),
        Centre("in-land-office", "khon-kaen", agency="land-office"),
        Centre("in-police", "hq", ("TH-30",), agency="police"),
    )
)


@pytest.mark.parametrize(
    ("province", "excluded", "is_confirmed", "centre"),
    [
        ("TH-40", (), False, "khon-kaen"),
        ("TH-42", (), True, "loei"),
        (None, (), False, "region-4"),
        ("TH-90", (), False, "hq"),
        ("unsure", (), False, "hq"),
        ("TH-30", (), False, "hq"),
        ("TH-30", (), True, "in-police"),
        ("TH-30", ("in-police",), True, "hq"),
        ("TH-40", ("in-land-office",), True, "khon-kaen"),
        ("TH-40", ("khon-kaen",), True, "region-4"),
        ("TH-40", ("khon-kaen", "region-4"), True, "hq"),
        ("TH-40", ("no-such-centre",), True, "khon-kaen"),
        ("TH-40", tuple(FOURTH.by_id), True, "hq"),
    ],
)
def test_a_tip_climbs_to_the_first_centre_that_may_see_it(
    province: str | None, excluded: tuple[str, ...], is_confirmed: bool, centre: str
) -> None:
    assert route(province, excluded, FOURTH, is_agency_confirmed=is_confirmed) == centre


def test_unsure_with_several_regions_goes_to_the_headquarters() -> None:
    centres = Centres(
        (
            Centre("hq"),
            Centre("r3", "hq"),
            Centre("r4", "hq"),
            Centre("korat", "r3", ("TH-30",)),
            Centre("khon-kaen", "r4", ("TH-40",)),
        )
    )
    assert route(None, (), centres) == "hq"


def test_unsure_with_one_centre_alone_stays_there() -> None:
    assert route(None, (), Centres((Centre("hq", provinces=("TH-40",)),))) == "hq"
    only = Centres((Centre("hq"), Centre("khon-kaen", "hq", ("TH-40",))))
    assert route(None, (), only) == "khon-kaen"


def test_a_clock_escalates_to_eligible_centres_nearest_first() -> None:
    assert eligible_ancestors("khon-kaen", (), FOURTH) == ("region-4", "hq")
    assert eligible_ancestors("khon-kaen", ("region-4",), FOURTH) == ("hq",)
    assert eligible_ancestors("in-land-office", (), FOURTH) == ("khon-kaen", "region-4", "hq")
    assert eligible_ancestors("hq", (), FOURTH) == ()
    with pytest.raises(KeyError):
        eligible_ancestors("no-such-centre", (), FOURTH)


def test_the_other_centres_come_nearest_first_and_none_sits_in_an_agency() -> None:
    assert others("khon-kaen", FOURTH) == ("loei",)
    assert others("in-land-office", FOURTH) == ("loei",)
    assert others("in-police", FOURTH) == ("region-4", "khon-kaen", "loei")
    assert others("hq", FOURTH) == ("region-4", "khon-kaen", "loei")
    two = Centres((Centre("hq"), Centre("r3", "hq"), Centre("r4", "hq"), Centre("a", "r4")))
    assert others("a", two) == ("r3",)
    near = Centres((*two.all, Centre("b", "r4")))
    assert others("a", near) == ("b", "r3")


@pytest.mark.parametrize(
    ("centres", "complaint"),
    [
        ((), "headquarters"),
        ((Centre("a"), Centre("b")), "headquarters"),
        ((Centre("a", agency="police"),), "cannot sit inside"),
        ((Centre("a"), Centre("a", "a")), "same id"),
        ((Centre("a"), Centre("b", "c")), "as its parent"),
        ((Centre("a"), Centre("b", "c"), Centre("c", "b")), "under itself"),
        ((Centre("a", provinces=("TH-40",)), Centre("b", "a", ("TH-40",))), "TH-40"),
        ((Centre("a"), Centre("b", "a", agency="police"), Centre("c", "b")), "names none"),
    ],
)
def test_a_tree_that_could_lose_a_tip_is_refused(
    centres: tuple[Centre, ...], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Centres(centres)


PROVINCES = ("TH-40", "TH-41", "TH-42", "TH-43")
IDS = ("moi", "dopa", "district", "police", "station", "school")
PARENTS = {"dopa": "moi", "district": "dopa", "station": "police"}
AGENCIES = tuple(Agency(i, i, i, parent=PARENTS.get(i)) for i in IDS)


@st.composite
def trees(draw: st.DrawFn) -> Centres:
    """Any tree that an operator could configure: province, region and integrity centres mixed."""
    centres = [Centre("c0")]
    free = list(draw(st.permutations(PROVINCES)))
    for number in range(1, draw(st.integers(1, 9))):
        parent = draw(st.sampled_from(centres))
        kinds = st.sampled_from(IDS)
        agency = draw(kinds if parent.agency is not None else st.none() | kinds)
        if agency is not None:
            provinces = tuple(draw(st.lists(st.sampled_from(PROVINCES), unique=True, max_size=2)))
        else:
            provinces = tuple(free.pop() for _ in range(draw(st.integers(0, min(2, len(free))))))
        centres.append(Centre(f"c{number}", parent.id, provinces, agency))
    return Centres(tuple(centres))


@given(trees(), st.sampled_from([None, "TH-99", *PROVINCES]), st.sampled_from(IDS))
@settings(max_examples=200, deadline=None)
def test_every_tip_goes_to_one_centre_outside_the_accused_line(
    centres: Centres, province: str | None, accused: str
) -> None:
    excluded = excluded_centres(accused, AGENCIES, centres.all)
    chosen = route(province, excluded, centres, is_agency_confirmed=True)
    told = (chosen, *eligible_ancestors(chosen, excluded, centres, is_agency_confirmed=True))
    assert chosen in centres.by_id
    assert not set(told) & set(excluded)
    assert not {centres.by_id[i].agency for i in told} & line_of(accused, AGENCIES)
    assert told[-1] == centres.headquarters.id


@given(trees(), st.sampled_from([None, "TH-99", *PROVINCES]), st.data())
@settings(max_examples=150, deadline=None)
def test_without_a_confirmed_agency_no_integrity_centre_is_ever_told(
    centres: Centres, province: str | None, data: st.DataObject
) -> None:
    excluded = data.draw(st.sets(st.sampled_from([c.id for c in centres.all[1:]] or ["x"])))
    chosen = route(province, excluded, centres)
    told = (chosen, *eligible_ancestors(chosen, excluded, centres))
    assert all(centres.by_id[i].agency is None for i in told)
    assert not set(told) & excluded


@given(trees(), st.sampled_from(PROVINCES))
@settings(max_examples=100, deadline=None)
def test_a_province_with_a_centre_of_its_own_goes_there(centres: Centres, province: str) -> None:
    own = [c.id for c in centres.all if province in c.provinces and c.agency is None]
    if own:
        assert [route(province, (), centres)] == own


@given(trees(), st.sampled_from([None, "TH-99", *PROVINCES]), st.none() | st.sampled_from(IDS))
@settings(max_examples=200, deadline=None)
def test_a_way_told_step_by_step_ends_at_the_first_centre_that_may_see_the_tip(
    centres: Centres, province: str | None, accused: str | None
) -> None:
    """Checked from the rule: who is passed, is passed for a reason that holds."""
    excluded = () if accused is None else excluded_centres(accused, AGENCIES, centres.all)
    is_confirmed = accused is not None
    way = find_way(province, excluded, centres, is_agency_confirmed=is_confirmed)
    *passed, last = way.steps
    assert last.passed is None
    for step in (*passed, *(each for each in way.above if each.passed)):
        if step.passed is Passing.ACCUSED:
            assert step.centre in excluded
        else:
            assert centres.by_id[step.centre].agency is not None
            assert not is_confirmed
    first = centres.by_id[way.steps[0].centre]
    path = [step.centre for step in (*way.steps, *way.above)]
    assert path == [first.id, *(centre.id for centre in centres.above(first.id))]
    above = eligible_ancestors(way.centre, excluded, centres, is_agency_confirmed=is_confirmed)
    assert above == tuple(step.centre for step in way.above if step.passed is None)


@given(trees())
@settings(max_examples=150, deadline=None)
def test_who_is_unsure_is_sent_to_the_lowest_centre_above_every_province(centres: Centres) -> None:
    way = find_way(None, (), centres)
    general = {c.id: c for c in centres.all if c.agency is None}
    owners = {c.id for c in general.values() if c.provinces}

    def covers(top: str) -> bool:
        return owners <= {top} | below({top}, centres.all)

    assert way.beginning is Beginning.UNSURE
    assert covers(way.centre)
    if owners:
        assert not [c for c in below({way.centre}, general.values()) if covers(c)]


def test_a_way_says_why_it_begins_where_it_does() -> None:
    def begins(province: str | None, is_confirmed: bool = False) -> Beginning:
        return find_way(province, (), FOURTH, is_agency_confirmed=is_confirmed).beginning

    assert begins("TH-40") is Beginning.PROVINCE
    assert begins(None) is Beginning.UNSURE
    assert begins("TH-90") is begins("TH-30") is Beginning.NOBODYS
    assert begins("TH-30", is_confirmed=True) is Beginning.INTEGRITY
    way = find_way("TH-30", ("in-police",), FOURTH, is_agency_confirmed=True)
    assert way.steps == (Step("in-police", Passing.ACCUSED), Step("hq"))
