"""Whose tip it is not asks in vain as of a tip that never was: the same answer, for which the desk
looks up just as much, whatever has happened to the tip.
"""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_room import Room, a_room, an_id
from test_desk_walk import ENTRY, UNKNOWN, deed, knowing
from test_desk_withdrawing import making

from sealing import Kind
from storage.port import Row, Transaction, Value
from storage.repositories import tips


@dataclass
class Looked:
    """Every statement that the desk ran for the last request, and how many rows each gave."""

    statements: list[tuple[str, int]] = field(default_factory=list)

    def over(self, t: Transaction) -> Transaction:
        return _Spied(t, self.statements)


@dataclass
class _Spied:
    inner: Transaction
    statements: list[tuple[str, int]]

    def execute(self, sql: str, params: Sequence[Value] = ()) -> int:
        return self._noted(sql, self.inner.execute(sql, params))

    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        found = self.inner.rows(sql, params)
        self._noted(sql, len(found))
        return found

    def row(self, sql: str, params: Sequence[Value] = ()) -> Row | None:
        found = self.inner.row(sql, params)
        self._noted(sql, int(found is not None))
        return found

    def _noted(self, sql: str, many: int) -> int:
        self.statements.append((sql, many))
        return many


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        knowing(opened)
        yield opened


@pytest.fixture
def looked(room: Room, monkeypatch: pytest.MonkeyPatch) -> Looked:
    spy = Looked()

    async def begun(_: httpx.Request) -> None:
        spy.statements.clear()  # what a console looked up to make its request

    room["Somchai"].http.event_hooks["request"] = [begun]
    for name in ("read", "commit"):
        inner = getattr(room.database, name)

        async def spied(work: Callable[[Transaction], Any], inner: Any = inner) -> Any:
            return await inner(lambda t: work(spy.over(t)))

        monkeypatch.setattr(room.database, name, spied)
    return spy


async def a_long_story(room: Room) -> str:
    """A tip of Khon Kaen's to which much has happened."""
    tip_id = await room.file(file=b"photo")
    hand = room["Somchai"]
    for version in (1, 3, 5):
        assert (await hand.claim(tip_id, version)).status_code == 200
        assert (await hand.say(tip_id, "ถามต่อ", Kind.NOTE)).status_code == 201
        assert (await hand.release(tip_id, version + 1)).status_code == 200
    assert (await hand.claim(tip_id, 7)).status_code == 200
    assert (await (await making(room, tip_id)).send(8)).status_code == 200
    return tip_id


@pytest.mark.parametrize("what", ["read", "file", *ENTRY])
@pytest.mark.parametrize("name", ["Prasit", "Anong"])
async def test_a_tip_that_is_not_theirs_costs_what_none_costs(
    room: Room, looked: Looked, what: str, name: str
) -> None:
    """Prasit's centre never had it, and from Anong's it is withheld."""
    there, nowhere, hand = await a_long_story(room), an_id(), room[name]
    room.tip_keys[nowhere], room.receipts[nowhere] = room.tip_keys[there], room.receipts[there]
    shown = (await room["Somchai"].get(f"/tips/{there}")).json()
    blob = shown["parts"][1]["blob_id"]
    tip = await room.database.read(lambda t: tips.get(t, there))
    assert tip is not None

    async def ask(tip_id: str) -> httpx.Response:
        if what == "read":
            return await hand.get(f"/tips/{tip_id}")
        if what == "file":
            return await hand.get(f"/tips/{tip_id}/blobs/{blob}")
        asked = replace(tip, tip_id=tip_id)
        return await deed(room, random.Random(1), what, hand, asked)

    found = []
    for tip_id in (there, nowhere):
        answer = await ask(tip_id)
        assert (answer.status_code, answer.json()) == (404, UNKNOWN)
        found.append((dict(answer.headers), list(looked.statements)))
    assert found[0] == found[1]
    assert found[0][1]
