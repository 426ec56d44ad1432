"""The organisation: what the configuration lets through routing accepts; tips find their way."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.centres import Clocks, organise
from bot.config import load
from bot.config_rules import contradictions
from bot.config_sections import Agency, Centre
from handlers.agencies import excluded_centres
from handlers.clocks import Lengths
from handlers.routing import route

EXAMPLE = load(Path(__file__).parent.parent.parent / "config.example.toml")
IDS = ("a", "b", "c", "d")


def test_the_example_becomes_an_organisation_with_clocks() -> None:
    organisation = organise(EXAMPLE)
    assert organisation.centres.headquarters.id == "headquarters"
    assert organisation.clocks["khon-kaen"] == Clocks(Lengths(7, 15, 90, 7), warn_days=3)
    assert set(organisation.clocks) == set(organisation.centres.by_id)


def test_days_that_a_centre_does_not_say_are_those_above_it() -> None:
    def said(centre: Centre) -> Centre:
        own = {"headquarters": {"feedback_days": 60}, "region-4": {"screening_days": 10}}
        return centre.model_copy(update=own.get(centre.id, {}))

    plain = EXAMPLE.model_copy(update={"centre": tuple(said(each) for each in EXAMPLE.centres)})
    organisation = organise(plain)
    assert organisation.clocks["khon-kaen"].lengths == Lengths(7, 10, 60, 7)
    assert organisation.clocks["headquarters"].lengths == Lengths(7, 15, 60, 7)
    assert organisation.longest_acknowledge_days == 7


def test_a_tip_goes_to_its_province_and_never_to_the_accused_agency() -> None:
    organisation = organise(EXAMPLE)
    assert route("TH-40", (), organisation.centres) == "khon-kaen"
    assert route("TH-10", (), organisation.centres) == "headquarters"
    assert route(None, (), organisation.centres) == "region-4"
    excluded = excluded_centres(
        "commerce-ministry", organisation.agencies, organisation.centres.all
    )
    assert excluded == ("intellectual-property-integrity",)


def test_own_agencies_join_the_shipped_ones_and_replace_those_of_the_same_id() -> None:
    own = Agency(id="moi", name_th="ใหม่", name_en="New")
    config = EXAMPLE.model_copy(update={"agency": (*EXAMPLE.agency, own)})
    agencies = {agency.id: agency for agency in organise(config).agencies}
    assert agencies["moi"].name_en == "New"
    assert {"sample-ministry", "dopa"} <= set(agencies)


def test_a_centre_may_sit_in_a_shipped_agency_and_an_agency_under_one() -> None:
    own = Agency(id="own", name_th="ก", name_en="A", parent="moi")
    inside = Centre(id="in", name_th="ก", name_en="A", parent="region-4", agency="dopa")
    config = EXAMPLE.model_copy(
        update={"agency": (*EXAMPLE.agency, own), "centre": (*EXAMPLE.centre, inside)}
    )
    assert not list(contradictions(config))


centre = st.builds(
    Centre,
    id=st.sampled_from(IDS),
    name_th=st.just("ก"),
    name_en=st.just("A"),
    parent=st.none() | st.sampled_from((*IDS, "nowhere")),
    provinces=st.lists(st.sampled_from(("TH-40", "TH-41")), max_size=2).map(tuple),
    agency=st.none() | st.sampled_from(("moi", "dopa", "nowhere")),
)


@settings(max_examples=60)
@given(st.lists(centre, max_size=5).map(tuple))
def test_whatever_tree_the_configuration_accepts_routing_accepts(
    centres: tuple[Centre, ...],
) -> None:
    config = EXAMPLE.model_copy(update={"centre": centres})
    if list(contradictions(config)):
        return
    assert len(organise(config).centres.all) == len(centres)
