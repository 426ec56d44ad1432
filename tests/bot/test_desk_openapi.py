"""The desk's published description holds: fuzzed over HTTP, route by route, by somebody of each
role and by a stranger.

The deeds that a fuzzer cannot sign are tested where they live; here nothing that anybody sends may
break the desk, be answered in a shape that is not described, or open a route to a wrong role.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
import uvicorn
from desk_room import ORIGIN, Hand, Room, a_room, an_id, enrolled, next_roster
from hypothesis import HealthCheck, Phase, given, seed, settings
from requests.auth import AuthBase
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.desk.roles import MAY, OPEN, PREFIX
from console.session import Session
from sealing import OfficerKeys, Role
from sealing.proofs import HEADER
from tests.loopback import listening

EXAMPLES = 5
WAIT_S = 20
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE")
Described = dict[str, Any]


class Proving(AuthBase):
    """Signs what goes out for the session, whatever the fuzzer made of it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        body = prepared.body or b""
        signed = httpx.Request(
            prepared.method or "GET",
            httpx.URL(ORIGIN, raw_path=prepared.path_url.encode("ascii")),
            content=body.encode() if isinstance(body, str) else body,
        )
        for request in self._session.auth_flow(signed):
            for name in ("Authorization", HEADER):
                prepared.headers[name] = request.headers[name]
        return prepared


@dataclass(frozen=True, slots=True)
class House:
    """The desk, served on this machine, with somebody of each role and a few tips."""

    room: Room
    url: str
    roles: Mapping[Role, Hand]
    tip_ids: tuple[str, ...]
    blob_id: str

    async def fresh(self, role: Role) -> Hand:
        """The one of *role*, signed in anew: what came before may have ended the session."""
        hand = self.roles[role]
        await hand.sign_in()
        return hand


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_room(tmp_path) as room:
        roles = {
            role: Hand(OfficerKeys.generate(role.value), room["Admin"].http, room.day)
            for role in Role
        }
        people = tuple(
            enrolled(hand.keys, "khonkaen", roles=(role,)) for role, hand in roles.items()
        )
        room.rosters.append(next_roster(room.roster, people))
        tip_ids = (await room.file(file=b"a photo"), await room.file())
        async with serving(room) as url:
            for hand in roles.values():
                await hand.sign_in()
            tip = (await roles[Role.OFFICER].get(f"/tips/{tip_ids[0]}")).json()
            yield House(room, url, roles, tip_ids, tip["parts"][1]["blob_id"])


@asynccontextmanager
async def serving(room: Room) -> AsyncIterator[str]:
    place = listening()
    place.listen()  # who comes before the server is up waits
    config = uvicorn.Config(room.desk, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[place]))
    try:
        yield f"http://127.0.0.1:{place.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        place.close()


def operations(described: Described) -> Iterator[tuple[str, str, Described]]:
    """Every operation: method, path as described, and what is said of it."""
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            yield method.upper(), path, said


def route_of(method: str, path: str) -> str:
    return f"{method} {path.removeprefix(PREFIX)}"


def filled(path: str, house: House) -> str:
    """*path* with real ids in it."""
    real = {
        "tip_id": house.tip_ids[0],
        "blob_id": house.blob_id,
        "campaign_id": an_id(),
        "opening_id": an_id(),
        "handover_id": an_id(),
        "day": house.room.day,
        "binding_id": an_id(),
    }
    return path.format(**real).removeprefix(PREFIX)


# --- fuzzed


@pytest.mark.parametrize("role", [*Role, None])
async def test_whatever_anybody_sends_is_answered_as_described(
    house: House, role: Role | None
) -> None:
    """Somebody of each role, and a stranger (None)."""
    session = None if role is None else (await house.fresh(role)).session
    await asyncio.to_thread(fuzz, house, session)


def fuzz(house: House, session: Session | None) -> None:
    schema = schemathesis.openapi.from_url(f"{house.url}{PREFIX}/openapi.json")
    found = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if route_of(operation.method.upper(), operation.path) == "POST /sign-out":
            continue  # it ends the session, as it should
        found += 1
        for mode in schemathesis.GenerationMode:
            fuzz_one(house, session, operation, mode)
    assert found == len(MAY) + len(OPEN) - 1


def fuzz_one(
    house: House,
    session: Session | None,
    operation: Any,
    mode: schemathesis.GenerationMode,
) -> None:
    route = route_of(operation.method.upper(), operation.path)
    chance = random.Random(route)  # which of two ids is tried

    @seed(7)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: schemathesis.Case) -> None:
        if "tip_id" in case.path_parameters and chance.random() < 0.7:
            case.path_parameters["tip_id"] = chance.choice(house.tip_ids)
        if "blob_id" in case.path_parameters and chance.random() < 0.5:
            case.path_parameters["blob_id"] = house.blob_id
        if route == "POST /sessions/end":
            case.body = {"session_id": an_id()}
        auth = None if session is None else Proving(session)
        answer = case.call(auth=auth, timeout=WAIT_S)
        case.validate_response(answer, checks=CHECKS)
        if session is None and route not in OPEN:
            assert answer.status_code == 401, route
        elif route not in OPEN:
            assert answer.status_code != 401, route

    one()


# --- who may


async def test_every_route_says_which_roles_it_is_for_and_it_is_so(house: House) -> None:
    described = (await house.room["Admin"].get("/openapi.json")).json()
    told = {route_of(m, p): said.get("x-roles") for m, p, said in operations(described)}
    assert {route for route, roles in told.items() if roles is None} == OPEN
    assert {route: set(roles) for route, roles in told.items() if roles is not None} == {
        route: set(roles) for route, roles in MAY.items()
    }, "a route without a line in bot/desk/roles.py is for nobody"
    refusals = ("not_your_role", "not_registrar", "not_admin", "not_auditor")
    for method, path, _ in operations(described):
        for role in Role:
            if route_of(method, path) in OPEN:
                continue
            hand = await house.fresh(role)
            answer = await hand.http.request(
                method,
                filled(path, house),
                auth=hand.session,
                json={} if method == "POST" else None,
            )
            is_refused = answer.status_code == 403 and answer.json()["error"] in refusals
            may = MAY[route_of(method, path)]
            is_for_them = role in may or (role is Role.LEAD and Role.OFFICER in may)
            assert is_refused is not is_for_them, (method, path, role)


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.OFFICER, True), (Role.LEAD, True), (Role.REGISTRAR, False), (Role.ADMIN, False),
        (Role.AUDITOR, False), (Role.FIGURES, False),
    ],
)  # fmt: skip
async def test_only_officers_and_leads_see_a_tip_at_all(
    house: House, role: Role, sees: bool
) -> None:
    hand, tip_id = await house.fresh(role), house.tip_ids[0]
    listed = await hand.get("/tips")
    assert (tip_id in listed.text) is sees
    for path in (f"/tips/{tip_id}", f"/tips/{tip_id}/blobs/{house.blob_id}"):
        answer = await hand.get(path)
        assert (answer.status_code == 200) is sees
        assert answer.status_code in (200, 403, 404)


async def test_without_a_session_every_other_route_is_401_before_all_else(house: House) -> None:
    described = (await house.room["Admin"].get("/openapi.json")).json()
    async with httpx.AsyncClient(base_url=house.url + PREFIX, trust_env=False) as http:
        for method, path, said in operations(described):
            if route_of(method, path) in OPEN:
                assert said["security"] == []
                continue
            assert said["security"] == [{"HTTPBearer": [], "Proof": []}]
            for body in (None, b"", b"{", b"null", b"[" * 5000):
                answer = await http.request(method, filled(path, house), content=body)
                assert answer.status_code == 401, (method, path)
                assert answer.json()["error"] == "not_signed_in"
        for path in ("/nowhere", "/", "/openapi.json/"):
            assert (await http.get(path)).status_code == 401


async def test_a_method_that_a_route_has_not_is_405_and_says_which_it_has(house: House) -> None:
    described = (await house.room["Admin"].get("/openapi.json")).json()
    hand = await house.fresh(Role.LEAD)
    for path, has in described["paths"].items():
        for method in METHODS:
            if method.lower() in has or (method == "HEAD" and "get" in has):
                continue
            answer = await hand.http.request(method, filled(path, house), auth=hand.session)
            assert answer.status_code == 405, (method, path)
            allowed = {name.strip() for name in answer.headers["Allow"].split(",")}
            assert {each.upper() for each in has} <= allowed, (method, path)


async def test_a_stranger_who_posts_to_the_description_is_told_405(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url + PREFIX, trust_env=False) as http:
        for method in ("POST", "DELETE", "NONSENSE"):
            answer = await http.request(method, "/openapi.json")
            assert answer.status_code == 405, method
            assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}, method


# --- complete


async def test_the_description_says_everything(house: House) -> None:
    described = (await house.room["Admin"].get("/openapi.json")).json()
    for method, path, said in operations(described):
        where = (method, path)
        assert said.get("description"), where
        assert {"400", "401", "403", "404", "408", "409", "413", "422", "503"} <= set(
            said["responses"]
        )
        for status, answer in said["responses"].items():
            assert status == "204" or answer.get("content"), (*where, status)
        for parameter in said.get("parameters", ()):
            assert "example" in parameter, (*where, parameter["name"])
    schemas = described["components"]["schemas"]
    for name in ("Hold", "NewAssign", "NewPart", "NewMove", "NewGrant", "SignIn"):
        for field, shape in schemas[name]["properties"].items():
            text = json.dumps(shape)
            assert "$ref" in text or "example" in text or "enum" in text or "const" in text, (
                name,
                field,
            )
