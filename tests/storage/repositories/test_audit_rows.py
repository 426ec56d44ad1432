"""The audit trail in the database: every deed of an officer leaves an entry, in the same commit,
and nothing takes one away."""

import ast
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sample_rows import (
    TODAY,
    a_campaign,
    a_card,
    a_chain,
    a_grant,
    a_tip,
    an_id,
    file_one,
)

from sealing import DayHead, Entry, check_trail, read_entry
from storage import Conflict, Database, Transaction
from storage.repositories import (
    audit,
    campaigns,
    cards,
    grants,
    member_records,
    parts,
    tips,
)
from storage.repositories.member_records import Deed, RecordRow

ROOT = Path(__file__).parents[3]
SOMCHAI, MALEE = an_id(), an_id()
SIGNED = b"s" * 64


async def trail(database: Database) -> list[Entry]:
    """The whole trail, checked."""
    rows = await database.read(lambda t: audit.page(t, limit=1000))
    entries = [read_entry(row.data) for row in rows]
    assert [(row.seq, row.day, row.hash) for row in rows] == [
        (entry.seq, entry.day, entry.hash) for entry in entries
    ]
    assert check_trail(entries) == ()
    return entries


def noted(t: Transaction, day: str = TODAY, **given: Any) -> Entry:
    return audit.note(t, "claim", day=day, officer=SOMCHAI, **given)


def headed(t: Transaction, before: str) -> DayHead | None:
    """Sign the first unsigned day before *before*, with anything."""
    entry = audit.day_to_sign(t, before)
    if entry is None:
        return None
    head = DayHead(entry.day, entry.seq, entry.hash, SIGNED)
    audit.add_head(t, head)
    return head


# --- deeds and their entries


async def test_every_deed_of_an_officer_on_a_tip_leaves_its_entry(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, SOMCHAI))
    (part, previous), *_ = a_chain(tip.tip_id, 1)
    part = replace(part, author="officer", officer=SOMCHAI, signature=SIGNED, kind="note")

    def day_of_work(t: Transaction) -> None:
        tips.claim(t, tip.tip_id, SOMCHAI, 1, day=TODAY, signature=SIGNED)
        parts.append(t, part, previous=previous)
        tips.set_status(
            t, tip.tip_id, SOMCHAI, 2, status=tips.Status.SCREENING, day=TODAY, part_id=an_id(),
            signature=SIGNED,
        )  # fmt: skip
        tips.release(t, tip.tip_id, SOMCHAI, 3, day=TODAY, signature=SIGNED)
        tips.move(
            t, tip.tip_id, SOMCHAI, 4, to_centre="loei", day=TODAY, part_id=an_id(),
            signature=SIGNED,
        )  # fmt: skip
        grant = a_grant(tip, MALEE, granted_by=SOMCHAI, signature=SIGNED, day=TODAY)
        grants.add(t, grant)

    await database.commit(day_of_work)
    found = await trail(database)
    assert [entry.deed for entry in found] == [
        "claim", "part", "status", "release", "move", "grant",
    ]  # fmt: skip
    assert {(entry.officer, entry.tip_id, entry.signature) for entry in found} == {
        (SOMCHAI, tip.tip_id, SIGNED)
    }
    assert [entry.centre for entry in found] == ["khonkaen"] * 4 + ["loei"] * 2
    claim, said, status, _, move, grant = (entry.facts for entry in found)
    assert claim == {"version": 1, "day": TODAY}
    assert said["sealed_hash"] == part.hash.hex()
    assert (status["version"], status["status"]) == (2, "screening")
    assert (move["from_centre"], move["to_centre"]) == ("khonkaen", "loei")
    assert grant["to"] == MALEE


async def test_a_withheld_grant_given_by_name_leaves_the_officers_own_entry(
    database: Database,
) -> None:
    tip = a_tip()
    withheld = a_grant(tip, MALEE, released=False)
    await database.commit(lambda t: tips.file(t, tip, [withheld]))
    given = a_grant(tip, MALEE, granted_by=SOMCHAI, signature=SIGNED, day=TODAY)
    await database.commit(lambda t: grants.add(t, given))
    (entry,) = await trail(database)
    assert (entry.deed, entry.officer, entry.facts["grant_id"]) == (
        "grant",
        SOMCHAI,
        given.grant_id,
    )


async def test_nothing_that_a_reporter_does_leaves_an_entry(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, SOMCHAI, MALEE))
    for part, previous in a_chain(tip.tip_id, 3):
        await database.commit(
            lambda t, part=part, previous=previous: parts.append(t, part, previous=previous)
        )
    await database.commit(lambda t: tips.stop_contact(t, tip.tip_id, TODAY))
    assert await trail(database) == []
    assert {kind for kind in tips.ChangeKind if kind.is_reporters} == {"stop", "confirm", "reopen"}


async def test_what_the_server_does_by_itself_is_its_own_deed(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, SOMCHAI))
    await database.commit(
        lambda t: tips._record(
            t, tip.tip_id, 1, tips.ChangeKind.ESCALATE, TODAY, centres=("khonkaen", "region")
        )
    )
    (entry,) = await trail(database)
    assert (entry.officer, entry.deed, entry.signature) == ("server", "escalate", None)


async def test_codes_cards_and_campaigns_leave_their_entries(database: Database) -> None:
    record = RecordRow(an_id(), TODAY, SOMCHAI, "khonkaen", Deed.ISSUE, False, 12, SIGNED)
    card = a_card(officer=SOMCHAI)
    campaign = a_campaign(card.card_id, officer=SOMCHAI)

    def day_of_work(t: Transaction) -> None:
        member_records.add(t, record)
        cards.put(t, card)
        cards.put(t, replace(card, version=2))
        campaigns.add(t, campaign)
        campaigns.stop(t, campaign.campaign_id, officer=MALEE, day=TODAY)
        campaigns.stop(t, campaign.campaign_id, officer=MALEE, day=TODAY)

    await database.commit(day_of_work)
    found = await trail(database)
    assert [(entry.deed, entry.officer, entry.count) for entry in found] == [
        ("members", SOMCHAI, 12),
        ("card", SOMCHAI, None),
        ("card", SOMCHAI, None),
        ("campaign", SOMCHAI, None),
        ("campaign-stop", MALEE, None),
    ]


async def test_a_batch_of_duress_codes_leaves_no_trace_in_the_trail(database: Database) -> None:
    record = RecordRow(an_id(), TODAY, SOMCHAI, "khonkaen", Deed.ISSUE, True, 1, SIGNED)
    await database.commit(lambda t: member_records.add(t, record))
    assert await trail(database) == []


async def test_a_deed_that_fails_leaves_no_entry(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, SOMCHAI))

    def too_late(t: Transaction) -> None:
        tips.claim(t, tip.tip_id, SOMCHAI, 1, day=TODAY, signature=SIGNED)
        tips.release(t, tip.tip_id, MALEE, 2, day=TODAY, signature=SIGNED)

    with pytest.raises(Conflict):
        await database.commit(too_late)
    assert await trail(database) == []


# --- days


async def test_an_entry_is_never_of_an_earlier_day_than_the_one_before(database: Database) -> None:
    await database.commit(lambda t: noted(t, "2026-11-24"))
    behind = await database.commit(lambda t: noted(t, "2026-11-23", facts={"day": "2026-11-23"}))
    assert (behind.day, behind.facts["day"]) == ("2026-11-24", "2026-11-23")
    await trail(database)


async def test_a_signed_day_stays_closed(database: Database) -> None:
    await database.commit(lambda t: noted(t, "2026-11-23"))
    head = await database.commit(lambda t: headed(t, "2026-11-24"))
    assert head is not None
    late = await database.commit(lambda t: noted(t, "2026-11-23"))
    assert late.day == "2026-11-24"
    assert await database.read(lambda t: audit.last_head(t)) == head


async def test_days_are_signed_one_after_the_other_each_once(database: Database) -> None:
    for day in ("2026-11-20", "2026-11-20", "2026-11-22", "2026-11-23"):
        await database.commit(lambda t, day=day: noted(t, day))
    signed = [await database.commit(lambda t: headed(t, TODAY)) for _ in range(3)]
    assert [None if head is None else (head.day, head.seq) for head in signed] == [
        ("2026-11-20", 2),
        ("2026-11-22", 3),
        None,
    ]
    again = signed[0]
    assert again is not None
    with pytest.raises(Conflict):
        await database.commit(lambda t: audit.add_head(t, replace(again, signature=b"x" * 64)))
    assert await database.read(lambda t: audit.heads(t)) == (signed[0], signed[1])
    assert await database.read(lambda t: audit.heads(t, after="2026-11-20")) == (signed[1],)


async def test_an_empty_trail_has_nothing_to_sign(database: Database) -> None:
    assert await database.commit(lambda t: headed(t, TODAY)) is None


async def test_an_auditor_signs_a_day_once(database: Database) -> None:
    await database.commit(lambda t: noted(t, "2026-11-20"))
    await database.commit(lambda t: headed(t, TODAY))
    for _ in range(2):
        await database.commit(lambda t: audit.countersign(t, "2026-11-20", MALEE, SIGNED))
    with pytest.raises(Conflict):
        await database.commit(lambda t: audit.countersign(t, "2026-11-20", MALEE, b"x" * 64))
    head = await database.read(lambda t: audit.head(t, "2026-11-20"))
    assert head is not None
    assert head.countersigned == {MALEE: SIGNED}
    with pytest.raises(Exception, match="FOREIGN KEY"):
        await database.commit(lambda t: audit.countersign(t, "2026-11-21", MALEE, SIGNED))


# --- no way back


def test_no_statement_of_the_program_changes_or_removes_a_row_of_the_trail() -> None:
    """Read from every text constant of the source, and every migration."""
    table = re.compile(
        r"\b(update|delete\s+from|drop\s+table|alter\s+table|replace\s+into)\s+audit_", re.I
    )
    owner = "storage/repositories/audit.py"
    wrong, seen = [], set()
    for path in sorted(ROOT.glob("[bsch]*/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = str(path.relative_to(ROOT))
                if table.search(node.value):
                    wrong.append(name)
                if re.search(r"insert into audit_", node.value, re.IGNORECASE):
                    seen.add(name)
    migrations = sorted((ROOT / "storage" / "migrations").glob("*.sql"))
    wrong += [each.name for each in migrations if table.search(each.read_text(encoding="utf-8"))]
    assert wrong == []
    assert seen == {owner}
