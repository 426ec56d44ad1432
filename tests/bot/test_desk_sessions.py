"""Sessions at the desk: what a thief of a token has, who keeps whom out, and how a session ends."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
from desk_room import ORIGIN, Hand, Room, a_room, an_id, b64, enrolled, next_roster

from bot.desk.sessions import NUMBERS_BEHIND, SESSIONS_PER_OFFICER
from console.session import Session
from sealing import Role, SigningKey, Statement, VerifyKey
from sealing.proofs import HEADER, Proof, request_statement

PATH = "/desk/v1/me"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        yield opened


def session(hand: Hand) -> Session:
    assert hand.session is not None
    return hand.session


def proven(
    hand: Hand,
    *,
    number: int,
    method: str = "GET",
    target: str = PATH,
    body: bytes = b"",
    origin: str = ORIGIN,
    token: str | None = None,
    key: SigningKey | None = None,
) -> dict[str, str]:
    """The headers of a request, signed for just what is named here."""
    own = session(hand)
    statement = request_statement(
        desk_origin=origin,
        token=token or own.token,
        method=method,
        target=target,
        body=body,
        counter=number,
    )
    proof = Proof(number, (key or own.key).sign(statement))
    return {"Authorization": f"Bearer {own.token}", HEADER: str(proof)}


async def me(hand: Hand, headers: Mapping[str, str | bytes], path: str = "/me") -> int:
    return (await hand.http.get(path, headers=headers)).status_code


async def wrongly(hand: Hand, officer: str) -> httpx.Response:
    """A sign-in in the name of *officer* with somebody else's signature."""
    asked = (await hand.http.post("/challenge", json={"officer": officer})).json()
    return await hand.http.post(
        "/sign-in", json={**hand.signed(asked["challenge"]), "officer": officer}
    )


async def signs_in(hand: Hand) -> httpx.Response:
    asked = (await hand.http.post("/challenge", json={"officer": hand.id})).json()
    return await hand.http.post("/sign-in", json=hand.signed(asked["challenge"]))


# --- a stolen token, an overheard request


async def test_a_stolen_token_alone_opens_nothing(room: Room) -> None:
    hand = room["Somchai"]
    bearer: dict[str, str | bytes] = {"Authorization": f"Bearer {session(hand).token}"}
    assert await me(hand, bearer) == 401
    zeros = "A" * 86 + "=="
    for proof in (
        "",
        "1",
        ".",
        f"0.{zeros}",
        f"-1.{zeros}",
        f"1e3.{zeros}",
        f"١.{zeros}",
        "9" * 400,
    ):
        assert await me(hand, {**bearer, HEADER: proof.encode()}) == 401
    other = SigningKey.generate()
    assert await me(hand, proven(hand, number=500, key=other)) == 401
    assert await me(hand, proven(hand, number=500, key=room["Malee"].keys.sign)) == 401
    assert await me(hand, proven(hand, number=500, key=hand.keys.sign)) == 401
    assert await me(hand, proven(hand, number=500)) == 200


async def test_a_session_key_is_of_no_use_with_another_sessions_token(room: Room) -> None:
    somchai, malee = room["Somchai"], room["Malee"]
    stolen = Session(ORIGIN, session(somchai).token, session(malee).key)
    assert (await somchai.http.get("/me", auth=stolen)).status_code == 401
    assert await me(somchai, proven(somchai, number=9, token=session(malee).token)) == 401


async def test_an_overheard_request_cannot_be_sent_again(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    headers = proven(hand, number=40)
    assert await me(hand, headers) == 200
    assert await me(hand, headers) == 401
    assert await me(hand, proven(hand, number=39)) == 200, "requests may overtake each other"
    assert await me(hand, proven(hand, number=39)) == 401
    target = f"/desk/v1/tips/{tip_id}"
    assert await me(hand, proven(hand, number=41), f"/tips/{tip_id}") == 401
    assert await me(hand, proven(hand, number=41, target=target), f"/tips/{tip_id}") == 200


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"method": "POST"}, "/me"),
        ({"target": "/desk/v1/roster"}, "/me"),
        ({"target": "/desk/v1/tips?limit=1"}, "/tips?limit=2"),
        ({"target": "/desk/v1/tips"}, "/tips?limit=2"),
        ({"body": b"{}"}, "/me"),
        ({"origin": "https://evil.example"}, "/me"),
    ],
)
async def test_a_proof_is_for_one_request_and_no_other(
    room: Room, changed: dict[str, object], path: str
) -> None:
    hand = room["Somchai"]
    assert await me(hand, proven(hand, number=7, **changed), path) == 401  # type: ignore[arg-type]  # one of its arguments


async def test_a_body_changed_on_its_way_is_refused(room: Room) -> None:
    hand = room["Somchai"]
    headers = proven(
        hand, number=7, method="POST", target="/desk/v1/sessions/end", body=b'{"session_id":null}'
    )
    headers["Content-Type"] = "application/json"
    for body, status in ((b'{"session_id": null}', 401), (b'{"session_id":null}', 200)):
        answer = await hand.http.post("/sessions/end", content=body, headers=headers)
        assert answer.status_code == status


async def test_a_number_far_behind_is_refused_though_it_was_never_used(room: Room) -> None:
    hand = room["Somchai"]
    assert await me(hand, proven(hand, number=NUMBERS_BEHIND + 100)) == 200
    assert await me(hand, proven(hand, number=100)) == 401
    assert await me(hand, proven(hand, number=101)) == 200
    assert await me(hand, proven(hand, number=2**53 - 1)) == 200
    assert await me(hand, proven(hand, number=2**53 - 2)) == 200


async def test_two_headers_of_one_name_are_as_good_as_none(room: Room) -> None:
    hand = room["Somchai"]
    headers = list(proven(hand, number=7).items())
    for doubled in headers:
        answer = await hand.http.get("/me", headers=[*headers, doubled])
        assert answer.status_code == 401


async def test_without_a_session_a_body_is_not_even_read(room: Room) -> None:
    async def unread() -> AsyncIterator[bytes]:
        raise AssertionError("the body was asked for")
        yield b""

    answer = await room["Somchai"].http.post("/tips/x/claim", content=unread())
    assert answer.status_code == 401


async def test_a_key_with_which_anything_verifies_is_no_session_key(room: Room) -> None:
    hand = room["Somchai"]
    asked = (await hand.http.post("/challenge", json={"officer": hand.id})).json()
    body = {**hand.signed(asked["challenge"]), "session_key": b64(b"\x01" + bytes(31))}
    answer = await hand.http.post("/sign-in", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "session_key")


async def test_a_session_key_put_in_on_the_way_is_refused(room: Room) -> None:
    """Whoever sits between console and desk cannot make the session their own."""
    hand, theirs = room["Somchai"], SigningKey.generate()
    asked = (await hand.http.post("/challenge", json={"officer": hand.id})).json()
    body = {**hand.signed(asked["challenge"]), "session_key": b64(theirs.verify_key.raw)}
    assert (await hand.http.post("/sign-in", json=body)).status_code == 403


async def test_an_older_console_is_told_that_it_is_too_old(room: Room) -> None:
    hand = room["Somchai"]
    asked = (await hand.http.post("/challenge", json={"officer": hand.id})).json()
    body = hand.signed(asked["challenge"])
    del body["session_key"]
    answer = await hand.http.post("/sign-in", json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "old_console")
    assert "Install the newer one" in answer.json()["says"]


# --- who keeps whom out


async def test_wrong_sign_ins_wait_longer_each_time_and_keep_nobody_out(room: Room) -> None:
    somchai, malee = room["Somchai"], room["Malee"]
    waits = []
    for _ in range(3):
        for _ in range(5):
            told = await wrongly(malee, somchai.id)
        assert (told.status_code, told.json()["error"]) == (429, "too_many")
        assert told.headers["Retry-After"] == str(told.json()["wait_s"])
        waits.append(told.json()["wait_s"])
        assert (await signs_in(somchai)).status_code == 200, "the officer signs in meanwhile"
        room.clock.advance(told.json()["wait_s"] + 1)
    assert waits == [30, 60, 120]
    assert (await signs_in(malee)).status_code == 200, "nor does it count against the flooder"


async def test_a_flood_in_a_strangers_name_is_told_the_same_as_in_an_officers(room: Room) -> None:
    malee, stranger = room["Malee"], an_id()
    told = [
        [await wrongly(malee, each) for _ in range(7)] for each in (room["Somchai"].id, stranger)
    ]
    assert [(a.status_code, a.json()) for a in told[0]] == [
        (b.status_code, b.json()) for b in told[1]
    ]


async def test_a_strangers_sign_in_is_checked_like_an_officers(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who left could else tell by the time it takes whom the roster still names."""
    malee, checked, verify = room["Malee"], list[VerifyKey](), VerifyKey.verify

    def counted(key: VerifyKey, statement: Statement, signature: bytes) -> None:
        checked.append(key)
        verify(key, statement, signature)

    monkeypatch.setattr(VerifyKey, "verify", counted)
    old = (await malee.http.post("/challenge", json={"officer": malee.id})).json()["challenge"]
    for officer, challenge in ((room["Somchai"].id, None), (an_id(), None), (malee.id, old)):
        if challenge is None:
            told = await wrongly(malee, officer)
        else:
            room.clock.advance(121)
            told = await malee.http.post("/sign-in", json=malee.signed(challenge))
        assert told.status_code == 403
        assert len(checked) == 1
        checked.clear()


async def test_a_flood_is_noted_in_the_log_without_a_name(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    malee = room["Malee"]
    for _ in range(200):
        await malee.http.post(
            "/sign-in",
            json={**malee.signed(b64(bytes(32))), "officer": an_id()},
        )
    noted = capsys.readouterr().err
    assert noted.count("sign_ins_refused") == 1
    assert malee.id not in noted


# --- how a session ends


async def test_an_unused_session_ends_and_a_used_one_lasts_its_time(room: Room) -> None:
    somchai, malee = room["Somchai"], room["Malee"]
    room.clock.advance(14 * 60)
    assert (await somchai.get("/me")).status_code == 200
    room.clock.advance(59)
    assert (await somchai.get("/me")).status_code == 200
    room.clock.advance(2)
    assert (await malee.get("/me")).status_code == 401
    assert (await somchai.get("/me")).status_code == 200
    room.clock.advance(14 * 60)
    assert (await somchai.get("/me")).status_code == 200
    room.clock.advance(60)
    assert (await somchai.get("/me")).status_code == 401, "however busy, after its time"


async def test_ones_sessions_are_listed_by_day_and_ended(room: Room) -> None:
    hand = room["Somchai"]
    first = session(hand)
    room.clock.advance(60)
    await hand.sign_in()
    listed = (await hand.get("/sessions")).json()["sessions"]
    assert [(each["since"], each["is_this"]) for each in listed] == [
        (hand.day, False),
        (hand.day, True),
    ]
    assert {frozenset(each) for each in listed} == {frozenset({"session_id", "since", "is_this"})}
    ended = await hand.post("/sessions/end", {"session_id": listed[0]["session_id"]})
    assert ended.json() == {"ended": 1}
    assert (await hand.http.get("/me", auth=first)).status_code == 401
    assert (await hand.get("/me")).status_code == 200


async def test_all_others_are_ended_at_once_and_nobody_elses(room: Room) -> None:
    hand, malee = room["Somchai"], room["Malee"]
    others = [session(hand)]
    for _ in range(2):
        await hand.sign_in()
        others.append(session(hand))
    this = others.pop()
    foreign = (await malee.get("/sessions")).json()["sessions"][0]["session_id"]
    for unknown in (foreign, an_id()):
        refused = await hand.post("/sessions/end", {"session_id": unknown})
        assert refused.status_code == 404
    assert (await hand.post("/sessions/end", {})).json() == {"ended": 2}
    for other in others:
        assert (await hand.http.get("/me", auth=other)).status_code == 401
    assert (await hand.http.get("/me", auth=this)).status_code == 200
    assert (await malee.get("/me")).status_code == 200


async def test_an_officer_has_so_many_sessions_and_the_oldest_gives_way(room: Room) -> None:
    hand = room["Somchai"]
    oldest = session(hand)
    for _ in range(SESSIONS_PER_OFFICER):
        await hand.sign_in()
    assert (await hand.http.get("/me", auth=oldest)).status_code == 401
    assert len((await hand.get("/sessions")).json()["sessions"]) == SESSIONS_PER_OFFICER


async def test_a_roster_without_the_officer_ends_their_sessions_for_good(room: Room) -> None:
    hand, everybody = room["Somchai"], room.roster.officers
    others = tuple(officer for officer in everybody if officer.id != hand.id)
    room.rosters.append(next_roster(room.roster, others))
    assert (await hand.get("/me")).status_code == 401
    room.rosters.append(next_roster(room.roster, everybody))
    assert (await hand.get("/me")).status_code == 401, "they sign in anew"
    await hand.sign_in()
    assert (await hand.get("/me")).status_code == 200


async def test_a_role_that_was_taken_away_is_gone_with_the_next_request(room: Room) -> None:
    hand = room["Somchai"]
    assert (await hand.get("/tips")).status_code == 200
    demoted = tuple(
        enrolled(hand.keys, "khonkaen", roles=(Role.FIGURES,)) if o.id == hand.id else o
        for o in room.roster.officers
    )
    room.rosters.append(next_roster(room.roster, demoted))
    assert (await hand.get("/tips")).status_code == 403
    assert (await hand.get("/me")).json()["roles"] == ["figures"]


@pytest.mark.parametrize("ending", ["ended by its officer", "too old", "left the roster"])
async def test_a_request_that_began_before_its_session_ended_does_nothing_after(
    room: Room, ending: str
) -> None:
    """A thief of a session opens requests that wait for their body, for when it is ended."""
    hand, is_asked, done = room["Somchai"], asyncio.Event(), asyncio.Event()
    headers = proven(hand, number=500, method="POST", target="/desk/v1/sign-out", body=b"{}")

    async def slowly() -> AsyncIterator[bytes]:
        is_asked.set()
        await done.wait()
        yield b"{}"

    late = asyncio.create_task(hand.http.post("/sign-out", content=slowly(), headers=headers))
    await is_asked.wait()
    if ending == "ended by its officer":
        await hand.sign_in()
        assert (await hand.post("/sessions/end", {})).json() == {"ended": 1}
    elif ending == "too old":
        room.clock.advance(901)
    else:
        others = tuple(o for o in room.roster.officers if o.id != hand.id)
        room.rosters.append(next_roster(room.roster, others))
    done.set()
    assert (await late).status_code == 401


def test_a_proof_is_read_back_as_it_is_written() -> None:
    for number in (1, 9, 2**53 - 1):
        proof = Proof(number, bytes(range(64)))
        assert Proof.parse(str(proof)) == proof
