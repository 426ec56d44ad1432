"""Bytes that are no request, too many, or too slow to come: a sentence each, and nobody waits."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk_room import Room, a_room, an_id

from bot.desk.edge import COMMAS_AT_MOST, STRANGERS_BODY_AT_MOST
from bot.desk.member_shapes import BATCH_AT_MOST, NewCode
from bot.desk.shapes import GRANTS_AT_MOST, NewGrant, NewRekey, Reason, Regrant


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"officer": 1}',
        b'{"officer": "x"}',
        b'{"officer": "' + b"0" * 32 + b'", "more": 1}',
        b'{"officer": "' + b"\\u0000" * 32 + b'"}',
        b'{"officer": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
@pytest.mark.parametrize("path", ["/challenge", "/sessions/end"])
async def test_bytes_that_are_no_request_get_a_sentence(room: Room, path: str, body: bytes) -> None:
    hand = room["Somchai"]
    json = {"Content-Type": "application/json"}
    answer = await hand.http.post(path, content=body, headers=json, auth=hand.session)
    is_too_long = path == "/challenge" and len(body) > STRANGERS_BODY_AT_MOST
    assert answer.status_code in ((413,) if is_too_long else (400, 422))
    assert set(answer.json()) >= {"error", "says"}
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(("path", "at_most"), [("/challenge", 2), ("/tips/x/claim", 5000)])
async def test_a_body_too_long_is_refused_unread(room: Room, path: str, at_most: int) -> None:
    """Of a stranger after a kilobyte: it is parsed before anybody knows who sent it."""
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"x" * 1024

    hand = room["Somchai"]
    assert hand.session is not None
    bearer = {"Authorization": f"Bearer {hand.session.token}"}
    answer = await hand.http.post(path, content=endless(), headers=bearer)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_long")
    assert asked <= at_most


def of_many_values(kind: str) -> bytes:
    if kind == "fields":
        return ("{" + ",".join(f'"{nth:x}":1' for nth in range(300_000)) + "}").encode()
    return b'{"is_duress":false,"codes":[' + b"1," * 1_000_000 + b"1]}"


@pytest.mark.parametrize("kind", ["fields", "codes"])
@pytest.mark.parametrize("path", ["/challenge", "/sign-in", "/members/codes"])
async def test_a_body_of_a_million_values_holds_up_nobody(room: Room, path: str, kind: str) -> None:
    """Each wrong value is an error of its own: before, one such body stopped the whole bot for
    twenty seconds, and a stranger's for seven."""
    hand = room["Rattana"]
    request = hand.http.build_request("POST", path, content=of_many_values(kind))
    request.headers["Content-Type"] = "application/json"
    before = time.perf_counter()
    answer = await hand.http.send(request, auth=hand.session)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_long")
    assert time.perf_counter() - before < 3


def test_the_longest_requests_that_consoles_make_have_fewer_commas() -> None:
    for each, many in ((Regrant, GRANTS_AT_MOST + 1), (NewGrant, GRANTS_AT_MOST)):
        others = len(NewRekey.model_fields) + 2 * len(Reason.model_fields)
        assert len(each.model_fields) * many + others < COMMAS_AT_MOST
    assert len(NewCode.model_fields) * BATCH_AT_MOST < COMMAS_AT_MOST


@pytest.mark.parametrize("is_trickling", [False, True])
async def test_who_stalls_in_a_body_is_turned_away(
    room: Room, monkeypatch: pytest.MonkeyPatch, is_trickling: bool
) -> None:
    monkeypatch.setattr("bot.desk.edge.BODY_IDLE_S", 0.2)
    monkeypatch.setattr("bot.desk.edge.BODY_WHOLE_S", 0.4)

    async def stalling() -> AsyncIterator[bytes]:
        yield b"{"
        while is_trickling:
            await asyncio.sleep(0.05)
            yield b" "
        await asyncio.sleep(3600)

    answer = await room["Somchai"].http.post("/challenge", content=stalling())
    assert (answer.status_code, answer.json()["error"]) == (408, "too_slow")


async def test_no_answer_is_kept_by_a_browser_or_proxy(room: Room) -> None:
    for path in ("/me", "/tips", "/nowhere", f"/tips/{an_id()}"):
        assert (await room["Somchai"].get(path)).headers["Cache-Control"] == "no-store"


async def test_the_api_is_described(room: Room) -> None:
    described = (await room["Somchai"].get("/openapi.json")).json()
    assert "/desk/v1/tips/{tip_id}/claim" in described["paths"]
