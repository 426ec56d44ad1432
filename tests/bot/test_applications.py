"""Applications to join the network: registrars read them, and nobody else; registrars read nothing
else."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk_room import Room, a_room, an_id, enrolled, next_roster
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.books import Books
from bot.centres import Organisation
from bot.filing import Filing
from bot.routes import router
from bot.server_key import ServerKey
from bot.state import Draft
from bot.stretch import Stretches
from handlers.book import Channel, load_book
from handlers.effects import File
from handlers.routing import Centre, Centres
from sealing import RECOVERY, OfficerKeys, Role, Roster, TipKind
from sealing.age import PQIdentity
from storage import Transaction
from storage.repositories import grants
from storage.repositories.grants import GrantRow
from tests.bot.turn_house import CHEAP, ROSTER, House

#   hq ── region ─┬─ kkn ── inside (an agency)
#                 └─ loei
CENTRES = Centres(
    (
        Centre("hq"),
        Centre("region", "hq"),
        Centre("kkn", "region", ("TH-40",)),
        Centre("loei", "region", ("TH-42",)),
        Centre("inside", "kkn", agency="agency"),
    )
)
OUTSIDE = ("hq", "region", "kkn", "loei")
PEOPLE = tuple(OfficerKeys.generate(f"person {number}") for number in range(4))
RECOVERY_KEY = PQIdentity.generate().recipient
SERVER_KEY = ServerKey.generate()
ROLES = (Role.OFFICER, Role.REGISTRAR)

posts = st.tuples(
    st.sets(st.sampled_from(ROLES), min_size=1), st.sets(st.sampled_from((*OUTSIDE, "inside")))
)
rosters = st.lists(posts, max_size=len(PEOPLE)).map(
    lambda of_each: Roster(
        1,
        "2026-11-01",
        "2027-11-01",
        RECOVERY_KEY,
        tuple(
            enrolled(keys, *sorted(centres), roles=tuple(sorted(roles)))
            for keys, (roles, centres) in zip(PEOPLE, of_each, strict=False)
        ),
    )
)


def filed(roster: Roster, province: str | None, kind: TipKind) -> tuple[str, tuple[GrantRow, ...]]:
    """The centre and the grants of something of *kind*, as filing makes them."""
    stretches = Stretches()
    filing = Filing(
        SERVER_KEY, CHEAP, stretches=stretches, roster=lambda: roster, route=router(CENTRES),
        new_id=an_id,
    )  # fmt: skip
    file = File({"schema": 1}, {"kind": kind.value}, province=province)
    try:
        made = asyncio.run(filing.prepare(Draft.begin(an_id()), file, "2026-11-23"))
    finally:
        stretches.close()
    return made.tip.centre, made.grants


@settings(max_examples=40)
@given(roster=rosters, province=st.sampled_from(("TH-40", "TH-42", "TH-90", None)))
def test_an_application_reaches_registrars_if_there_are_any_and_never_anybody_else(
    roster: Roster, province: str | None
) -> None:
    centre, made = filed(roster, province, TipKind.APPLICATION)
    of_roster = {officer.id: officer for officer in roster.officers}
    readers = [of_roster[grant.officer] for grant in made if grant.officer != RECOVERY]
    assert all(Role.REGISTRAR in officer.roles for officer in readers)
    assert {grant.role for grant in made} == {"registrar"}
    assert [grant.officer for grant in made].count(RECOVERY) == 1
    assert centre in OUTSIDE
    released = {g.officer for g in made if g.released and g.officer != RECOVERY}
    here = {officer.id for officer in roster.of_centre(centre, Role.REGISTRAR)}
    assert released == here
    assert bool(here) == any(roster.of_centre(each, Role.REGISTRAR) for each in OUTSIDE)
    above = {each.id for each in CENTRES.above(centre)}
    withheld = [grant for grant in made if not grant.released]
    assert {grant.centre for grant in withheld} <= above


@settings(max_examples=20)
@given(roster=rosters, province=st.sampled_from(("TH-40", "TH-42", None)))
def test_a_tip_reaches_officers_and_never_somebody_who_is_registrar_only(
    roster: Roster, province: str | None
) -> None:
    _, made = filed(roster, province, TipKind.CASE)
    of_roster = {officer.id: officer for officer in roster.officers}
    readers = [of_roster[grant.officer] for grant in made if grant.officer != RECOVERY]
    assert all(Role.OFFICER in officer.roles for officer in readers)
    assert {grant.role for grant in made} == {"officer"}


@pytest.mark.parametrize(
    ("registrars_at", "province", "centre"),
    [
        (("kkn", "region", "hq"), "TH-40", "kkn"),
        (("region", "hq"), "TH-40", "region"),
        (("hq",), "TH-42", "hq"),
        (("kkn",), "TH-42", "kkn"),  # nobody on the way: the nearest registrar elsewhere
        (("inside",), "TH-40", "kkn"),  # nobody outside the agencies: only recovery opens it
        ((), "TH-40", "kkn"),
    ],
)
def test_an_application_goes_to_the_nearest_centre_that_has_a_registrar(
    registrars_at: tuple[str, ...], province: str, centre: str
) -> None:
    officers = tuple(
        enrolled(keys, at, roles=(Role.REGISTRAR,))
        for keys, at in zip(PEOPLE, registrars_at, strict=False)
    )
    roster = Roster(1, "2026-11-01", "2027-11-01", RECOVERY_KEY, officers)
    went, made = filed(roster, province, TipKind.APPLICATION)
    assert went == centre
    withheld = [grant.centre for grant in made if not grant.released]
    assert withheld == [each for each in registrars_at[1:] if centre != "hq"]


def test_the_chat_offers_joining_only_while_somebody_could_read_it() -> None:
    def offers(*officers: Any) -> bool:
        roster = Roster(7, "2026-11-01", "2027-11-01", RECOVERY_KEY, officers)
        organisation = Organisation(centres=CENTRES, agencies=(), clocks={})
        book = load_book(centres=CENTRES.all, channel=Channel("web"))
        return Books((book,), organisation, lambda: roster)["web"].offers("apply")

    one, other = PEOPLE[:2]
    assert not offers()
    assert not offers(enrolled(one, "kkn"))
    assert not offers(enrolled(one, "inside", roles=(Role.REGISTRAR,)))
    assert not offers(enrolled(one, "elsewhere", roles=(Role.REGISTRAR,)))
    assert offers(enrolled(one, "kkn"), enrolled(other, "loei", roles=(Role.REGISTRAR,)))


# --- the desk


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        yield opened


async def seen_by(room: Room, name: str, tip_id: str) -> tuple[int, list[str]]:
    """The status of asking for the tip itself, and the ids in the queue."""
    hand = room[name]
    listed = (await hand.get("/tips")).json().get("tips", [])
    return (await hand.get(f"/tips/{tip_id}")).status_code, [tip["tip_id"] for tip in listed]


async def test_an_officer_cannot_list_read_or_guess_an_application(room: Room) -> None:
    tip_id = await room.file(kind=TipKind.APPLICATION)
    for name in ("Somchai", "Malee", "Anong", "Prasit", "Wichai"):
        assert await seen_by(room, name, tip_id) == (404, [])
    assert await seen_by(room, "Admin", tip_id) == (403, [])
    unknown = await room["Somchai"].get(f"/tips/{an_id()}")
    foreign = await room["Somchai"].get(f"/tips/{tip_id}")
    assert foreign.content == unknown.content
    assert (await room["Somchai"].claim(tip_id, 1)).status_code == 404
    assert await seen_by(room, "Rattana", tip_id) == (200, [tip_id])


async def test_a_registrar_cannot_list_read_or_guess_a_tip(room: Room) -> None:
    tip_id = await room.file(file=b"a photo")
    assert await seen_by(room, "Rattana", tip_id) == (404, [])
    assert (await room["Rattana"].claim(tip_id, 1)).status_code == 404
    (part,) = [p for p in (await room["Somchai"].get(f"/tips/{tip_id}")).json()["parts"]
               if p["blob_id"]]  # fmt: skip
    blob = f"/tips/{tip_id}/blobs/{part['blob_id']}"
    assert (await room["Rattana"].get(blob)).status_code == 404
    assert (await room["Somchai"].get(blob)).status_code == 200


async def test_who_has_both_roles_and_loses_one_keeps_what_the_other_reads(room: Room) -> None:
    keys, before = room["Somchai"].keys, room.roster
    others = tuple(officer for officer in before.officers if officer.id != keys.id)
    both = enrolled(keys, "khonkaen", roles=ROLES)
    room.rosters.append(next_roster(before, (*others, both)))
    tip_id, application = await room.file(), await room.file(kind=TipKind.APPLICATION)
    assert {*(await seen_by(room, "Somchai", tip_id))[1]} == {tip_id, application}

    for role, stays, goes in (
        (Role.REGISTRAR, application, tip_id),
        (Role.OFFICER, tip_id, application),
    ):
        only = enrolled(keys, "khonkaen", roles=(role,))
        room.rosters.append(next_roster(room.roster, (*others, only)))
        assert await seen_by(room, "Somchai", stays) == (200, [stays])
        assert await seen_by(room, "Somchai", goes) == (404, [stays])


async def test_a_registrar_lets_registrars_in_and_no_officer(room: Room) -> None:
    tip_id, hand = await room.file(kind=TipKind.APPLICATION), room["Rattana"]
    refused = await hand.post(
        f"/tips/{tip_id}/grants", room.grant_by(hand, room["Somchai"], tip_id)
    )
    assert (refused.status_code, refused.json()["field"]) == (422, "officer")
    assert await seen_by(room, "Somchai", tip_id) == (404, [])
    # Wichai's own withheld grant is released by this.
    answer = await hand.post(f"/tips/{tip_id}/grants", room.grant_by(hand, room["Wichai"], tip_id))
    assert answer.status_code == 201


async def test_an_officer_lets_no_registrar_into_a_tip(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    body = room.grant_by(hand, room["Rattana"], tip_id)
    assert (await hand.post(f"/tips/{tip_id}/grants", body)).status_code == 422
    assert await seen_by(room, "Rattana", tip_id) == (404, [])


async def test_an_admin_lets_a_registrar_into_an_application_that_nobody_reads(room: Room) -> None:
    registrars = [hand.id for hand in (room["Rattana"], room["Wichai"])]
    officers = room.roster.officers
    without = tuple(each for each in officers if each.id not in registrars)
    room.rosters.append(next_roster(room.roster, without))
    tip_id = await room.file(kind=TipKind.APPLICATION)
    room.rosters.append(next_roster(room.roster, officers))
    await room["Rattana"].sign_in()
    assert await seen_by(room, "Rattana", tip_id) == (404, [])
    admin = room["Admin"]
    body = room.grant_by(admin, room["Rattana"], tip_id)
    assert (await admin.post(f"/tips/{tip_id}/grants", body)).status_code == 201
    assert await seen_by(room, "Rattana", tip_id) == (200, [tip_id])


async def test_escalation_shows_an_application_to_the_registrars_above_and_to_no_officer(
    room: Room,
) -> None:
    tip_id = await room.file(kind=TipKind.APPLICATION)

    def escalate(t: Transaction) -> None:
        assert grants.release(t, tip_id, "region") == 1

    await room.database.commit(escalate)
    assert await seen_by(room, "Wichai", tip_id) == (200, [tip_id])
    assert await seen_by(room, "Anong", tip_id) == (404, [])


# --- from the chat to the registrar


RATTANA = OfficerKeys.generate("Rattana")


@pytest.fixture
async def joinable(house: House) -> House:
    """A house whose network has a registrar."""
    of_registrar = enrolled(RATTANA, "kkn", roles=(Role.REGISTRAR,))
    house.roster = replace(house.roster, officers=(*house.roster.officers, of_registrar))
    for name, book in house.means.books.items():
        house.means.books[name] = replace(book, has_registrars=True)  # type: ignore[index]  # a dict here
    return house


async def apply(house: House, name: str = "somebody") -> str:
    """Somebody applies on the web; the receipt."""
    person = house.person(name)
    for choice in ("member", "join", "myself", "TH-42"):
        await person.press(choice)
    await person.say("ดูแลกองทุนหมู่บ้าน")
    await person.press("done")
    await person.say("โทร 081-234-5678")
    await person.press("done")
    await person.press("send")
    receipt = (await person.screen()).receipt
    assert receipt is not None
    return receipt


async def test_what_was_told_in_the_chat_opens_for_the_registrar_and_for_recovery_alone(
    joinable: House,
) -> None:
    await apply(joinable)
    (tip_id,) = await joinable.tip_ids()
    rows = await joinable.db.read(lambda t: grants.of_tip(t, tip_id))
    assert {row.officer for row in rows} == {RATTANA.id, RECOVERY}
    told = {part.question: part.words for part in await joinable.read_as(RATTANA, tip_id)}
    assert told["reach"] == "โทร 081-234-5678"
    summary = await joinable.summary_as(RATTANA, tip_id)
    assert (summary.kind, summary.category) == (TipKind.APPLICATION, "application")
    assert (summary.province, summary.completeness_have, summary.completeness_of) == ("TH-42", 1, 1)


async def test_an_application_begun_is_filed_for_recovery_when_the_last_registrar_is_gone(
    joinable: House,
) -> None:
    person = joinable.person()
    for choice in ("member", "join"):
        await person.press(choice)
    joinable.roster = ROSTER
    joinable.means.books["web"] = replace(joinable.means.books["web"], has_registrars=False)  # type: ignore[index]  # a dict here
    for choice in ("myself", "TH-42", "done", "skip", "send"):
        await person.press(choice)
    (tip_id,) = await joinable.tip_ids()
    (row,) = await joinable.db.read(lambda t: grants.of_tip(t, tip_id))
    assert (row.officer, row.role) == (RECOVERY, "registrar")


async def test_beside_the_role_and_its_readers_a_row_says_what_a_tips_rows_say(
    joinable: House,
) -> None:
    """Every word in every column, ids and days aside."""
    house = joinable
    await house.person("a citizen").file("เรื่อง")
    of_tip = await plain_words(house)
    await apply(house, "an applicant")
    assert await plain_words(house) - of_tip == {"registrar"}


async def plain_words(house: House) -> set[str]:
    found: set[str] = set()
    for table in await house.tables():
        rows = await house.db.read(lambda t, table=table: t.rows(f"SELECT * FROM {table}"))  # noqa: S608  # ours
        found |= {value for row in rows for value in row if isinstance(value, str)}
    return {each for each in found if not re.fullmatch(r"[0-9a-f]{32}|\d{4}-\d{2}-\d{2}", each)}
