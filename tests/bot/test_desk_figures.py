"""Figures at the desk: what is counted at an ending, who may see what, and that nothing is told of
few or lies in the open."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk_room import Hand, Room, a_room, an_id, b64, enrolled, next_roster, told_counts

from bot.desk.figure_shapes import FiguresAnswer
from bot.desk.figures import YEARS_AT_MOST
from bot.figures.measures import shipped_measures
from bot.figures.periods import Periods
from sealing import Counts, OfficerKeys, Role, TipKind
from storage import Transaction
from storage.repositories import audit, figures
from storage.repositories.figures import COUNTED, YES, Basis, Counter
from storage.repositories.tips import changes

BRIBE = Counts.new(category="bribe", kind="case", result="partly", teller="citizen")
DAY_S = 86_400.0
YEAR = {"from": "2026-01", "to": "2026-12"}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as room:
        yield room


async def counters(room: Room) -> dict[tuple[str, str, str], int]:
    found = await room.database.read(lambda t: room.book.read(t, Basis.ENDED, "", "9999-12"))
    return {(each.centre, each.measure, each.value): each.n for each in found}


async def hand_of(room: Room, role: Role, *centres: str) -> Hand:
    """Somebody of *role*, signed in."""
    hand = Hand(OfficerKeys.generate("New"), room["Admin"].http, room.day)
    added = (*room.roster.officers, enrolled(hand.keys, *centres, roles=(role,)))
    room.rosters.append(next_roster(room.roster, added))
    await hand.sign_in()
    return hand


# --- what is counted


async def test_a_tip_that_ends_is_counted_and_the_counters_do_not_name_it(room: Room) -> None:
    tip_id = await room.file()
    answer = await room["Malee"].set_status(tip_id, 1, "closed", counts=BRIBE)
    assert answer.status_code == 200, answer.text
    assert await counters(room) == {
        ("khonkaen", COUNTED, YES): 1,
        ("khonkaen", "acknowledged", "7"): 1,
        ("khonkaen", "ended", "7"): 1,
        ("khonkaen", "category", "bribe"): 1,
        ("khonkaen", "kind", "case"): 1,
        ("khonkaen", "result", "partly"): 1,
        ("khonkaen", "teller", "citizen"): 1,
    }


async def test_a_correction_in_the_same_month_goes_through_the_desk(room: Room) -> None:
    tip_id = await room.file()
    await room["Malee"].set_status(tip_id, 1, "closed", counts=BRIBE)
    other = Counts.new(**{**BRIBE.by_measure(), "result": "withdrawn"})
    refused = await room["Malee"].set_status(tip_id, 2, "declined", counts=other)
    assert (refused.status_code, refused.json()["error"]) == (422, "counted")
    answer = await room["Malee"].set_status(tip_id, 2, "declined", counts=other, before=BRIBE)
    assert answer.status_code == 200, answer.text
    found = await counters(room)
    assert {value for (_, measure, value), n in found.items() if measure == "result"} == {
        "withdrawn"
    }
    assert found["khonkaen", COUNTED, YES] == 1


async def test_the_hash_that_is_kept_is_shown_and_tells_nothing(room: Room) -> None:
    """No row ties what a tip was to the tip: not a change, not the trail, not a counter."""
    tip_id = await room.file()
    await room["Malee"].set_status(tip_id, 1, "closed", counts=BRIBE)
    shown = (await room["Malee"].get(f"/tips/{tip_id}")).json()["changes"][-1]
    assert shown["counts_hash"] == b64(BRIBE.hash(tip_id))

    def everything(t: Transaction) -> list[str]:
        tables = t.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [
            f"{table} {row!r}"
            for (table,) in tables
            for row in t.rows(f"SELECT * FROM {table}")  # noqa: S608  # the schema's own names
        ]

    said = ("bribe", "partly", "citizen", BRIBE.salt.hex(), repr(BRIBE.salt)[2:-1])
    rows = await room.database.read(everything)
    assert [row for row in rows if any(value in row for value in said)] == []
    assert not [row for row in rows if row.startswith("figure") and tip_id in row]
    trail = b"".join(row.data for row in await room.database.read(lambda t: audit.page(t, after=0)))
    assert tip_id.encode() in trail
    assert not [value for value in said if value.encode() in trail]


@pytest.mark.parametrize("status", ["screening", "in_progress", "referred"])
async def test_nothing_is_counted_of_what_goes_on(room: Room, status: str) -> None:
    tip_id = await room.file()
    answer = await room["Malee"].set_status(tip_id, 1, status, counts=BRIBE)
    assert (answer.status_code, answer.json()["field"]) == (422, "counts")
    assert await counters(room) == {}


async def test_an_application_is_never_counted(room: Room) -> None:
    tip_id = await room.file(kind=TipKind.APPLICATION)
    refused = await room["Rattana"].set_status(tip_id, 1, "declined", counts=BRIBE)
    assert refused.status_code == 422
    assert (await room["Rattana"].set_status(tip_id, 1, "declined")).status_code == 200
    assert await counters(room) == {}
    assert await room.database.read(lambda t: figures.read(t, Basis.FILED, "", "9999-12")) == ()


async def test_an_older_console_ends_a_tip_that_is_not_counted(room: Room) -> None:
    assert (await room["Malee"].set_status(await room.file(), 1, "closed")).status_code == 200
    assert await counters(room) == {("khonkaen", COUNTED, "no"): 1}


async def test_only_what_the_officer_signed_is_counted(room: Room) -> None:
    tip_id = await room.file()
    malee = room["Malee"]
    other = Counts.new(**BRIBE.by_measure())
    for wrong in (
        {**malee.counted(tip_id, 1, BRIBE), "result": "substantiated"},
        {**malee.counted(tip_id, 1, BRIBE), **told_counts(other)},
        malee.counted(tip_id, 2, BRIBE),
        malee.counted(an_id(), 1, BRIBE),
        room["Somchai"].counted(tip_id, 1, BRIBE),
    ):
        answer = await with_counts(room, tip_id, wrong)
        assert (answer.status_code, answer.json()["error"]) == (403, "signature")
    assert await counters(room) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"result": "คำของผู้แจ้ง 081-234-5678"},
        {"result": ""},
        {"category": "a" * 65},
        {"teller": None},
        {"n": 7},
        {"salt": b64(b"short")},
        {"before": {"result": "partly"}},
        {"before": []},
    ],
)
async def test_garbage_is_refused_and_not_repeated(room: Room, changed: dict[str, Any]) -> None:
    tip_id = await room.file()
    told = {**room["Malee"].counted(tip_id, 1, BRIBE), **changed}
    answer = await with_counts(room, tip_id, told)
    assert answer.status_code == 422
    assert "081" not in answer.text
    assert await counters(room) == {}
    assert (await room["Malee"].get(f"/tips/{tip_id}")).json()["status"] == "received"


async def with_counts(room: Room, tip_id: str, counts: dict[str, Any]) -> Any:
    """Malee closes the tip with these *counts*, whatever they are."""
    malee, sent = room["Malee"], {}

    async def keep(path: str, body: Any) -> Any:
        sent.update(body)

    real, malee.post = malee.post, keep  # type: ignore[method-assign]  # put back in the next line
    await malee.set_status(tip_id, 1, "closed")
    malee.post = real  # type: ignore[method-assign]
    return await malee.post(f"/tips/{tip_id}/status", {**sent, "counts": counts})


async def test_a_value_that_nobody_listed_is_counted_without_its_name(room: Room) -> None:
    """A newer console's word ends the tip; a hostile one's stands in no counter."""
    odd = replace(BRIBE, result="0812345678", category="somchai-of-the-land-office")
    tip_id = await room.file()
    assert (await room["Malee"].set_status(tip_id, 1, "closed", counts=odd)).status_code == 200
    found = await counters(room)
    assert found["khonkaen", "result", "unlisted"] == found["khonkaen", "category", "unlisted"] == 1
    assert not [key for key in found if "0812345678" in key or "somchai" in key[2]]


async def test_of_two_at_once_one_is_counted(room: Room) -> None:
    tip_id = await room.file()
    first = await room["Malee"].set_status(tip_id, 1, "closed", counts=BRIBE)
    second = await room["Malee"].set_status(tip_id, 1, "declined", counts=BRIBE)
    assert (first.status_code, second.status_code) == (200, 409)
    assert (await counters(room))["khonkaen", COUNTED, YES] == 1


async def test_a_moved_tip_counts_for_the_centre_that_ended_it(room: Room) -> None:
    tip_id = await room.file()
    prasit = room.roster.officer(room["Prasit"].id)
    assert prasit is not None
    await room["Malee"].move(tip_id, 1, "loei", room.tip_keys[tip_id], prasit)
    answer = await room["Prasit"].set_status(tip_id, 2, "closed", counts=BRIBE)
    assert answer.status_code == 200, answer.text
    assert {centre for centre, *_ in await counters(room)} == {"loei"}
    filed = await room.database.read(lambda t: figures.read(t, Basis.FILED, "", "9999-12"))
    assert [each.centre for each in filed] == ["khonkaen"]
    kept = await room.database.read(lambda t: changes(t, tip_id))
    assert kept[-1].counts_hash == BRIBE.hash(tip_id)


# --- what is shown


async def ended(room: Room, centre: str, month: str, n: int, category: str = "bribe") -> None:
    """*n* tips that ended."""
    said = ((COUNTED, YES), ("category", category), ("result", "partly"))
    await room.database.commit(
        lambda t: room.book.add(t, [Counter(Basis.ENDED, month, centre, *each, n) for each in said])
    )


async def made(room: Room) -> None:
    await Periods(room.database, room.clock, room.book, shipped_measures(), 5).make()


async def shown(hand: Hand, **asked: str) -> dict[str, Any]:
    answer = await hand.get("/figures", **{**YEAR, **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_is_shown_is_what_was_counted(room: Room) -> None:
    await ended(room, "khonkaen", "2026-09", 12)
    await ended(room, "khonkaen", "2026-09", 8, "procurement")
    await room.database.commit(
        lambda t: [figures.take_in(t, "2026-10-01", "khonkaen") for _ in range(6)]
    )
    await made(room)
    answer = await shown(room["Orn"])
    assert (answer["k"], answer["until"]) == (5, "2026-10")
    (centre,) = [each for each in answer["centres"] if each["centre"] == "khonkaen"]
    assert centre["intake"] == [
        {"schema": 1, "k": 5, "first": "2026-10", "last": "2026-10", "n": 6}
    ]
    FiguresAnswer.model_validate(answer)
    (period,) = centre["ended"]
    assert (period["first"], period["last"], period["n"]) == ("2026-09", "2026-09", 20)
    cells = {
        tuple(cell["values"]): cell["n"]
        for table in period["tables"]
        if table["measure"] == "category"
        for cell in table["cells"]
    }
    assert cells["bribe",] == 12
    assert sum(cells.values()) == 20
    assert all(n >= 5 for n in cells.values())


async def test_the_month_that_runs_and_few_tips_are_not_shown(room: Room) -> None:
    await ended(room, "khonkaen", room.day[:7], 500)
    await ended(room, "loei", "2026-03", 9)
    await made(room)
    answer = await shown(room["Orn"])
    assert [each["ended"] for each in answer["centres"]] == [[]] * 5


async def test_a_period_is_shown_whole_or_not(room: Room) -> None:
    """Asking for a part of it shows the same, so no two answers differ by a month."""
    await ended(room, "loei", "2026-03", 9)
    await ended(room, "loei", "2026-05", 9)
    await made(room)
    whole = await shown(room["Orn"])
    for month in ("2026-03", "2026-04", "2026-05"):
        part = await shown(room["Orn"], **{"from": month, "to": month})
        assert part["centres"] == whole["centres"]
    for month in ("2026-02", "2026-06"):
        part = await shown(room["Orn"], **{"from": month, "to": month})
        assert not any(each["ended"] for each in part["centres"])


@pytest.mark.parametrize(
    ("role", "centres", "sees"),
    [
        (Role.AUDITOR, ("loei",), {"capital", "inside", "khonkaen", "loei", "region", "long-gone"}),
        (Role.ADMIN, (), {"capital", "inside", "khonkaen", "loei", "region", "long-gone"}),
        (Role.LEAD, ("loei",), {"loei"}),
        (Role.LEAD, ("region",), {"inside", "khonkaen", "loei", "region"}),
        (Role.FIGURES, ("khonkaen",), {"khonkaen"}),
        (Role.FIGURES, ("khonkaen", "loei"), {"khonkaen", "loei"}),
        (Role.FIGURES, (), set()),
    ],
)
async def test_everybody_sees_their_own_centres(
    room: Room, role: Role, centres: tuple[str, ...], sees: set[str]
) -> None:
    for centre in ("khonkaen", "loei", "region", "long-gone"):
        await ended(room, centre, "2026-09", 20)
    await made(room)
    answer = await shown(await hand_of(room, role, *centres))
    assert {each["centre"] for each in answer["centres"]} == sees
    assert {e["centre"] for e in answer["centres"] if e["ended"]} == sees - {"inside", "capital"}


@pytest.mark.parametrize("name", ["Malee", "Rattana"])
async def test_who_reads_tips_or_applications_only_sees_no_figures(room: Room, name: str) -> None:
    assert (await room[name].get("/figures", **YEAR)).status_code == 403


async def test_who_sees_figures_only_sees_nothing_else(room: Room) -> None:
    tip_id = await room.file()
    hand = await hand_of(room, Role.FIGURES, "khonkaen")
    assert (await hand.get("/figures", **YEAR)).status_code == 200
    for path in ("/tips", f"/tips/{tip_id}", "/standings", "/audit", "/recovery/tips"):
        assert (await hand.get(path)).status_code == 403, path
    granted = await room["Malee"].post(
        f"/tips/{tip_id}/grants", room.grant_by(room["Malee"], hand, tip_id)
    )
    assert granted.status_code == 422, "nobody lets them into a tip"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-13", "2026-12"),
        ("2026-1", "2026-12"),
        ("2026-12", "2026-11"),
        ("", "2026-12"),
        ("2026-01", "2026-01-01"),
        ("๒๐๒๖-01", "๒๐๒๖-12"),
        ("2000-01", f"{2001 + YEARS_AT_MOST}-01"),
    ],
)
async def test_a_range_that_is_none_is_refused(room: Room, first: str, last: str) -> None:
    answer = await room["Orn"].get("/figures", **{"from": first, "to": last})
    assert answer.status_code == 422
