"""Centres apart, over real HTTP: what is not an officer's to see might as well not exist.

The rules themselves are tested in tests/bot/test_desk.py; here it is the whole program, with tips
that were told in the chat and routed by the configuration.
"""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.clock import SystemClock, today
from console import acting
from console.desk_wire import ClaimedByOther
from console.errors import Refused
from console.session import Session
from sealing import Officer as RosterOfficer
from sealing import (
    OfficerKeys,
    Role,
    SigningKey,
    assign_statement,
    claim_statement,
    open_roster,
    render,
    sign_in_statement,
    sign_roster,
)
from tests.whole.browser import Browser, Tale
from tests.whole.deployment import Whole, make
from tests.whole.readings import readings, tip_ids, told
from tests.whole.server import Running, running

OTHERS = ("loei", "region-4", "inside")
PHOTO = b"\xff\xd8\xff" * 4000


@dataclass(frozen=True, slots=True)
class Scene:
    made: Whole
    bot: Running


@dataclass
class Officer:
    """An officer with a hand-made client: it can send what no console would."""

    keys: OfficerKeys
    http: httpx.AsyncClient
    origin: str
    session_key: SigningKey = field(default_factory=SigningKey.generate)
    session: Session | None = None

    async def challenge(self) -> bytes:
        answer = await self.http.post("/challenge", json={"officer": self.keys.id})
        return base64.b64decode(answer.json()["challenge"])

    def signed(self, challenge: bytes, origin: str | None = None) -> dict[str, str]:
        statement = sign_in_statement(
            desk_origin=origin or self.origin,
            challenge=challenge,
            officer=self.keys.id,
            session_key=self.session_key.verify_key,
        )
        return {
            "officer": self.keys.id,
            "challenge": b64(challenge),
            "signature": b64(self.keys.sign.sign(statement)),
            "session_key": b64(self.session_key.verify_key.raw),
        }

    async def sign_in(self) -> "Officer":
        answer = await self.http.post("/sign-in", json=self.signed(await self.challenge()))
        assert answer.status_code == 200, answer.text
        self.session = Session(self.origin, answer.json()["token"], self.session_key)
        return self

    async def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        return await self.http.request(method, path, auth=self.session, **how)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = make(tmp_path_factory.mktemp("apart") / "deployment")
    with running(made) as bot:
        yield Scene(made, bot)


@pytest.fixture
async def tip_id(scene: Scene) -> str:
    """A tip from Khon Kaen with a photo, just told."""
    words = os.urandom(8).hex()
    async with Browser(scene.made.web_url) as browser:
        await browser.open()
        await Tale(what=(words,), files=(("a.jpg", PHOTO, "image/jpeg"),)).tell(browser)
    async with scene.made.office() as office:
        (found,) = [each for each in await readings(office) if words in told(each)]
    return found.tip.tip_id


@pytest.fixture
async def http(scene: Scene) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=f"{scene.made.desk_url}/desk/v1", trust_env=False, timeout=60
    ) as http:
        yield http


async def officer(scene: Scene, http: httpx.AsyncClient, centre: str) -> Officer:
    return await Officer(scene.made.officers[centre], http, scene.made.desk_url).sign_in()


def seen(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer shows, but for the moment it was given."""
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, answer.content, headers


# --- tips of another centre -----------------------------------------------------------------------


@pytest.mark.parametrize("centre", OTHERS)
async def test_an_officer_elsewhere_lists_nothing_of_it(
    scene: Scene, tip_id: str, http: httpx.AsyncClient, centre: str
) -> None:
    theirs = await officer(scene, http, centre)
    answer = await theirs.ask("GET", "/tips", params={"limit": 100})
    assert answer.json() == {"tips": [], "next": None}
    assert tip_id.encode() not in answer.content
    async with scene.made.office(centre) as office:
        assert await tip_ids(office) == []


@pytest.mark.parametrize("centre", OTHERS)
async def test_every_door_to_it_answers_as_if_it_had_never_been(
    scene: Scene, tip_id: str, http: httpx.AsyncClient, centre: str
) -> None:
    theirs = await officer(scene, http, centre)
    ours = await officer(scene, http, "khon-kaen")
    whole = (await ours.ask("GET", f"/tips/{tip_id}")).json()
    blob_id = next(part["blob_id"] for part in whole["parts"] if part["blob_id"])
    nowhere = os.urandom(16).hex()
    for (method, door, body), (_, _, other_body) in zip(
        doors(theirs, whole, blob_id, tip_id), doors(theirs, whole, blob_id, nowhere), strict=True
    ):
        to_it = await theirs.ask(method, f"/tips/{tip_id}{door}", json=body)
        to_nothing = await theirs.ask(method, f"/tips/{nowhere}{door}", json=other_body)
        assert to_it.status_code in (403, 404), (door, to_it.text)
        assert seen(to_it) == seen(to_nothing), door
    after = (await ours.ask("GET", f"/tips/{tip_id}")).json()
    assert after == whole


def doors(theirs: Officer, whole: Any, blob_id: str, tip_id: str) -> list[tuple[str, str, Any]]:
    """Every request that names *tip_id*, in the shape the desk takes, signed by *theirs*."""
    day = today(SystemClock()).isoformat()
    statement = claim_statement(
        tip_id=tip_id, version=whole["version"], officer=theirs.keys.id, day=day
    )
    signature = b64(theirs.keys.sign.sign(statement))
    hold = {"version": whole["version"], "day": day, "signature": signature}
    part = {
        "part_id": os.urandom(16).hex(),
        "seq": len(whole["parts"]) + 1,
        "sealed": whole["parts"][0]["sealed"],
        "sealed_to": "reply",
        "day": day,
        "signature": signature,
    }
    grant = {
        "grant_id": os.urandom(16).hex(),
        "officer": theirs.keys.id,
        "sealed": whole["grant"]["sealed"],
        "day": day,
        "signature": signature,
    }
    return [
        ("GET", "", None),
        ("GET", f"/blobs/{blob_id}", None),
        ("GET", f"/blobs/{os.urandom(16).hex()}", None),
        ("POST", "/claim", hold),
        ("POST", "/release", hold),
        ("POST", "/assign", {**hold, "to_officer": theirs.keys.id}),
        ("POST", "/parts", {**part, "kind": "message"}),
        ("POST", "/parts", {**part, "kind": "note", "sealed_to": "case"}),
        ("POST", "/status", {**hold, "status": "closed", "sentence": {**part, "kind": "status"}}),
        ("POST", "/grants", grant),
    ]


async def test_a_blob_of_one_tip_is_not_had_through_another(
    scene: Scene, tip_id: str, http: httpx.AsyncClient
) -> None:
    async with Browser(scene.made.web_url) as browser:
        await browser.open()
        await Tale(what=("อีกเรื่องหนึ่ง",)).tell(browser)
    ours = await officer(scene, http, "khon-kaen")
    whole = (await ours.ask("GET", f"/tips/{tip_id}")).json()
    blob_id = next(part["blob_id"] for part in whole["parts"] if part["blob_id"])
    listed = (await ours.ask("GET", "/tips", params={"limit": 100})).json()["tips"]
    other = next(tip["tip_id"] for tip in listed if tip["tip_id"] != tip_id)
    assert (await ours.ask("GET", f"/tips/{tip_id}/blobs/{blob_id}")).status_code == 200
    assert (await ours.ask("GET", f"/tips/{other}/blobs/{blob_id}")).status_code == 404


@pytest.mark.parametrize(
    "path", ["", "/claim", "/assign", "/parts", "/status", "/move", "/grants", "/blobs/x"]
)
async def test_without_a_session_nobody_learns_whether_a_tip_exists(
    tip_id: str, http: httpx.AsyncClient, path: str
) -> None:
    method = "GET" if path in ("", "/blobs/x") else "POST"
    answers = [
        await http.request(method, f"/tips/{each}{path}", json={} if method == "POST" else None)
        for each in (tip_id, os.urandom(16).hex())
    ]
    assert seen(answers[0]) == seen(answers[1])
    assert answers[0].status_code == 401


# --- roles of one centre --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Crew:
    """A bot whose Khon Kaen has somebody of each role besides its officer."""

    made: Whole
    people: Mapping[Role, OfficerKeys]


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    made = make(tmp_path_factory.mktemp("roles") / "deployment")
    people = {role: OfficerKeys.generate(f"ขอนแก่น {role}") for role in Role}
    path = made.folder / "roster.toml"
    roster = open_roster(path.read_bytes(), made.admin.verify_key, 0)
    more = tuple(
        RosterOfficer(k.name, k.age.recipient, k.sign.verify_key, (role,), ("khon-kaen",))
        for role, k in people.items()
    )
    path.write_bytes(
        sign_roster(render(replace(roster, officers=(*roster.officers, *more))), made.admin)
    )
    with running(made):
        yield Crew(made, people)


@pytest.mark.parametrize("role", Role)
async def test_each_role_sees_what_it_is_for_and_nothing_beside(crew: Crew, role: Role) -> None:
    async with Browser(crew.made.web_url) as browser:
        await browser.open()
        await Tale(what=("เรื่องของทุกบทบาท",), files=(("a.jpg", PHOTO, "image/jpeg"),)).tell(browser)
    desk_url = crew.made.desk_url
    async with httpx.AsyncClient(base_url=f"{desk_url}/desk/v1", trust_env=False) as http:
        ours = await Officer(crew.made.officers["khon-kaen"], http, desk_url).sign_in()
        theirs = await Officer(crew.people[role], http, desk_url).sign_in()
        listed = (await ours.ask("GET", "/tips", params={"limit": 100})).json()["tips"]
        tip_id = listed[0]["tip_id"]
        whole = (await ours.ask("GET", f"/tips/{tip_id}")).json()
        blob_id = next(part["blob_id"] for part in whole["parts"] if part["blob_id"])
        assert (await theirs.ask("GET", "/me")).json()["roles"] == [role.value]
        reads = role in (Role.OFFICER, Role.LEAD)
        for path in (f"/tips/{tip_id}", f"/tips/{tip_id}/blobs/{blob_id}", "/tips?limit=100"):
            answer = await theirs.ask("GET", path)
            if reads:
                assert answer.status_code == 200, path
            else:
                assert tip_id.encode() not in answer.content
                assert answer.status_code in (403, 404) or answer.json()["tips"] == []
        if not reads:
            for method, door, body in doors(theirs, whole, blob_id, tip_id):
                refused = await theirs.ask(method, f"/tips/{tip_id}{door}", json=body)
                assert refused.status_code in (403, 404), door
        assert ((await theirs.ask("GET", "/recovery/tips")).status_code == 200) is (
            role is Role.ADMIN
        )
        given = await theirs.ask(
            "POST", f"/tips/{tip_id}/assign", json=assignment(theirs, ours, whole)
        )
        assert (given.status_code == 200) is (role is Role.LEAD), given.text


def assignment(by: Officer, to: Officer, whole: Any) -> dict[str, object]:
    day = today(SystemClock()).isoformat()
    statement = assign_statement(
        tip_id=whole["tip_id"],
        version=whole["version"],
        to_officer=to.keys.id,
        day=day,
        officer=by.keys.id,
    )
    signature = b64(by.keys.sign.sign(statement))
    return {
        "version": whole["version"],
        "to_officer": to.keys.id,
        "day": day,
        "signature": signature,
    }


# --- colleagues -----------------------------------------------------------------------------------


@pytest.mark.parametrize("centre", ["loei", "region-4"])
async def test_a_colleague_who_was_let_in_reads_it(scene: Scene, tip_id: str, centre: str) -> None:
    name = scene.made.officers[centre].name
    async with scene.made.office() as ours, scene.made.office(centre) as theirs:
        with pytest.raises(Refused):
            await theirs.read(tip_id)
        await acting.let_in(ours, tip_id, name)
        reading = await theirs.read(tip_id)
        assert reading.alarms == ()
        assert told(reading) == told(await ours.read(tip_id))


async def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told_who(
    scene: Scene, tip_id: str
) -> None:
    names = {centre: scene.made.officers[centre].name for centre in ("khon-kaen", "loei")}
    async with scene.made.office() as ours, scene.made.office("loei") as theirs:
        await acting.let_in(ours, tip_id, names["loei"])
        ended = await asyncio.gather(
            acting.claim(ours, tip_id), acting.claim(theirs, tip_id), return_exceptions=True
        )
        (lost,) = [each for each in ended if each is not None]
        assert isinstance(lost, ClaimedByOther)
        winner = "khon-kaen" if ended[0] is None else "loei"
        assert lost.officer == scene.made.officers[winner].id
        assert names[winner] in str(lost.params)
        shown = (await ours.read(tip_id)).tip.shown
        assert shown.claimed_by == scene.made.officers[winner].id
        assert shown.claimed_by_name == names[winner]


# --- signing in -----------------------------------------------------------------------------------


@pytest.fixture
def own_time(tmp_path: Path) -> Iterator[Scene]:
    """A bot whose clock this test may move."""
    made = make(tmp_path / "deployment")
    with running(made) as bot:
        yield Scene(made, bot)


async def test_a_replayed_forged_or_expired_sign_in_fails_and_a_session_ends(
    own_time: Scene,
) -> None:
    made = own_time.made
    async with httpx.AsyncClient(base_url=f"{made.desk_url}/desk/v1", trust_env=False) as http:
        loei = Officer(made.officers["loei"], http, made.desk_url)
        stranger = Officer(OfficerKeys.generate("คนแปลกหน้า"), http, made.desk_url)

        async def refused(body: dict[str, str]) -> bytes:
            answer = await http.post("/sign-in", json=body)
            assert answer.status_code == 403, answer.text
            return answer.content

        first = loei.signed(await loei.challenge())
        assert (await http.post("/sign-in", json=first)).status_code == 200
        says = {await refused(first)}  # replayed
        says.add(await refused(loei.signed(await loei.challenge(), "https://elsewhere.example")))
        says.add(
            await refused({**loei.signed(await loei.challenge()), "signature": b64(bytes(64))})
        )
        says.add(await refused(loei.signed(os.urandom(32))))
        says.add(await refused(stranger.signed(await stranger.challenge())))
        own_time.bot.advance(15 * 60)  # a fifth in one name would be told to wait
        borrowed = stranger.signed(await stranger.challenge())
        says.add(await refused({**borrowed, "officer": loei.keys.id}))
        late = loei.signed(await loei.challenge())
        own_time.bot.advance(121)
        says.add(await refused(late))
        assert len(says) == 1  # and none of them says what was wrong

        await loei.sign_in()
        assert (await loei.ask("GET", "/me")).status_code == 200
        own_time.bot.advance(61 * 60)
        assert (await loei.ask("GET", "/me")).status_code == 401
        loei.session = Session(loei.origin, "none", loei.session_key)
        assert (await loei.ask("GET", "/me")).status_code == 401
