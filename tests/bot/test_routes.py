"""From what a person answered to who holds a grant: through the real filing, over random trees."""

import asyncio
import secrets
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.books import conflicts_of
from bot.filing import Filed, Filing
from bot.routes import Barred, Route, readers_of, router
from bot.server_key import ServerKey
from bot.state import Draft
from bot.stretch import Stretches, StretchRules
from handlers.agencies import excluded_centres, line_of
from handlers.book import load_book
from handlers.effects import File
from handlers.routing import Centre, Centres, find_way
from sealing import Officer, OfficerKeys, Role, Roster, open_grant
from sealing.age import PQIdentity
from sealing.grants import RECOVERY
from tests.bot.turn_house import CHEAP
from tests.handlers.test_routing import AGENCIES, IDS, PROVINCES, trees

KEYS = tuple(OfficerKeys.generate(f"Officer {number}") for number in range(5))
BY_ID = {keys.id: keys for keys in KEYS}
SAFE = PQIdentity.generate()
DAY = "2026-11-26"
BOOK = load_book(agencies=AGENCIES)


@st.composite
def rosters(draw: st.DrawFn, centres: Centres) -> Roster:
    """Officers in any centres, also several, with any conflicts; some hold another role."""
    ids = [centre.id for centre in centres.all]
    officers = tuple(
        Officer(
            keys.name,
            keys.age.recipient,
            keys.sign.verify_key,
            draw(st.sampled_from([(Role.OFFICER,), (Role.LEAD,), (Role.AUDITOR,)])),
            tuple(draw(st.lists(st.sampled_from(ids), unique=True, min_size=1, max_size=2))),
            tuple(draw(st.lists(st.sampled_from(IDS), unique=True, max_size=2))),
        )
        for keys in KEYS[: draw(st.integers(0, len(KEYS)))]
    )
    return Roster(1, DAY, DAY, SAFE.recipient, officers)


def filed(centres: Centres, roster: Roster, file: File) -> Filed:
    """What the one commit would write."""
    stretches = Stretches(StretchRules())
    filing = Filing(
        ServerKey.generate(),
        CHEAP,
        stretches=stretches,
        roster=lambda: roster,
        route=router(centres),
        new_id=ids,
    )
    try:
        return asyncio.run(filing.prepare(Draft.begin(ids()), file, DAY))
    finally:
        stretches.close()


def ids() -> str:
    return secrets.token_hex(16)


@given(
    st.data(),
    trees(),
    st.sampled_from([None, "TH-99", *PROVINCES]),
    st.none() | st.sampled_from(IDS),
)
@settings(max_examples=150, deadline=None)
def test_a_filed_tip_lies_at_one_centre_and_nobody_of_the_accused_line_ever_holds_a_grant(
    data: st.DataObject, centres: Centres, province: str | None, accused: str | None
) -> None:
    roster = data.draw(rosters(centres))
    book = replace(BOOK, centres=centres.all, conflicts=conflicts_of(roster))
    excluded = () if accused is None else book.barred(accused)
    summary = {"kind": "case", "category": "bribe", "province": province}
    done = filed(
        centres,
        roster,
        File({}, summary, province, excluded, is_agency_confirmed=accused is not None),
    )
    line = frozenset[str]() if accused is None else line_of(accused, AGENCIES)
    tip, granted = done.tip, {row.officer: row for row in done.grants}
    place = centres.by_id[tip.centre]
    path = {place.id, *(centre.id for centre in centres.above(place.id))}

    assert place.agency not in line
    assert place.agency is None or accused is not None
    assert len(granted) == len(done.grants)
    assert granted.pop(RECOVERY).released

    def is_barred(officer: Officer) -> bool:
        works_in = {centres.by_id[centre].agency for centre in officer.centres}
        below = set() if accused is None else set(excluded_centres(accused, AGENCIES, centres.all))
        return bool(line & {*officer.conflicts, *works_in} or below & set(officer.centres))

    for officer in roster.officers:
        row = granted.pop(officer.id, None)
        if is_barred(officer) or not {Role.OFFICER, Role.LEAD} & set(officer.roles):
            assert row is None
            continue
        assert (row is not None and row.released) == (tip.centre in officer.centres)
        if row is not None:
            assert row.centre in path & set(officer.centres)
            assert row.centre not in excluded
            opened = open_grant(
                row.sealed, BY_ID[officer.id].age, tip_id=tip.tip_id, grant_id=row.grant_id,
                to=officer.id,
            )  # fmt: skip
            assert opened.case is not None
    assert granted == {}
    # Never nowhere: while anybody on the way may open it, it lies in front of somebody.
    way = find_way(province, excluded, centres, is_agency_confirmed=accused is not None)
    eligible = {step.centre for step in (way.steps[-1], *way.above) if step.passed is None}
    able = [
        officer
        for officer in roster.officers
        if {Role.OFFICER, Role.LEAD} & set(officer.roles)
        and not is_barred(officer)
        and eligible & set(officer.centres)
    ]
    now = [row for row in done.grants if row.released and row.officer != RECOVERY]
    assert bool(now) == bool(able)


TREE = Centres((Centre("region"), Centre("kkn", "region", ("TH-40",))))


def officer(keys: OfficerKeys, *centres: str) -> Officer:
    return Officer(
        keys.name, keys.age.recipient, keys.sign.verify_key, (Role.OFFICER,), tuple(centres)
    )


def roster_of(*officers: Officer) -> Roster:
    return Roster(1, DAY, DAY, SAFE.recipient, officers)


def test_a_centre_where_nobody_may_open_the_tip_is_climbed_past() -> None:
    kkn, region = officer(KEYS[0], "kkn"), officer(KEYS[1], "region")
    route = Route("kkn", ("region",), frozenset({kkn.id}))
    found = readers_of(route, roster_of(kkn, region))
    assert (found.centre, found.passed) == ("region", ("kkn",))
    assert [(each.officer, each.is_released) for each in found.readers] == [(region, True)]
    assert found.barred == ((kkn, Barred.CONFLICT),)


def test_where_nobody_at_all_may_open_it_the_tip_stays_at_its_centre() -> None:
    found = readers_of(Route("kkn", ("region",)), roster_of())
    assert (found.centre, found.readers, found.passed) == ("kkn", (), ())


def test_who_also_works_inside_the_accused_agency_gets_no_grant() -> None:
    both, other = officer(KEYS[0], "kkn", "inside"), officer(KEYS[1], "kkn")
    found = readers_of(Route("kkn", (), excluded=frozenset({"inside"})), roster_of(both, other))
    assert [each.officer for each in found.readers] == [other]
    assert found.barred == ((both, Barred.INSIDE),)
