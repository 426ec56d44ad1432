"""Who is left behind by a move, who keeps what they were given, and who hears where a tip went."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk_room import Room, a_room
from test_desk_assigning import put

from bot.desk.moving import left_centres
from storage.repositories.tips import ChangeKind, ChangeRow


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        yield opened


def change(
    version: int, kind: ChangeKind, frm: str | None = None, to: str | None = None
) -> ChangeRow:
    return ChangeRow(
        "a" * 32, version, kind, None, "b" * 32, "2026-11-23", None, None, frm, to
    )  # fmt: skip


ON = change(2, ChangeKind.MOVE, "khonkaen", "loei")
FURTHER = change(3, ChangeKind.MOVE, "loei", "region")
BACK = change(3, ChangeKind.MOVE, "loei", "khonkaen")


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ((), set()),
        ((ON,), {"khonkaen"}),
        ((ON, FURTHER), {"khonkaen", "loei"}),
        ((ON, BACK), {"loei"}),
        ((ON, change(3, ChangeKind.CLAIM)), set()),
        ((ON, change(3, ChangeKind.ASSIGN)), set()),
        ((ON, change(3, ChangeKind.RELEASE)), {"khonkaen"}),
    ],
)
def test_a_centre_is_left_until_the_tip_is_taken_up_or_comes_back(
    changes: tuple[ChangeRow, ...], left: set[str]
) -> None:
    assert left_centres(changes) == left


async def moved(room: Room, tip_id: str, to: str, reader: str, by: str = "Somchai") -> None:
    officer = room.roster.officer(room[reader].id)
    assert officer is not None
    answer = await room[by].move(tip_id, 1, to, room.tip_keys[tip_id], officer)
    assert answer.status_code == 200, answer.text


async def test_who_was_let_in_by_name_is_not_left_behind(room: Room) -> None:
    tip_id = await room.file()
    body = room.grant_by(room["Somchai"], room["Prasit"], tip_id)
    assert (await room["Somchai"].post(f"/tips/{tip_id}/grants", body)).status_code == 201
    await moved(room, tip_id, "region", "Anong")
    assert (await room["Malee"].say(tip_id, "ตอบแทน")).json()["error"] == "moved_on"
    assert (await room["Prasit"].say(tip_id, "ตอบแทน")).status_code == 201


async def test_an_officer_to_whom_a_tip_climbed_is_no_guest_and_may_move_it(room: Room) -> None:
    tip_id = await room.file()
    await room.database.commit(lambda t: t.execute("UPDATE tip_grant SET released = 1"))
    await moved(room, tip_id, "loei", "Prasit", by="Anong")


async def test_where_a_tip_went_is_told_to_nobody_who_could_not_read_it_before(room: Room) -> None:
    tip_id = await room.file()
    await moved(room, tip_id, "loei", "Prasit")
    await room["Prasit"].claim(tip_id, 2)
    waiting = await room["Anong"].get(f"/tips/{tip_id}")  # above: withheld from the first day
    assert (waiting.status_code, waiting.json()["error"]) == (404, "not_found")
    assert (await room["Malee"].get(f"/tips/{tip_id}")).status_code == 410
    put(room, "Malee", "loei")
    elsewhere = await room["Malee"].get(f"/tips/{tip_id}")
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (404, "not_found")
