"""The schema itself: no arrival order, no time finer than a day, and plans that stay cheap."""

import os
import re
from collections.abc import Callable, Sequence

import pytest
from sample_rows import (
    TODAY,
    a_binding,
    a_campaign,
    a_card,
    a_conversation,
    a_grant,
    a_handover,
    a_line,
    a_notice,
    a_part,
    a_subscription,
    a_tip,
    an_alert,
    an_id,
    an_opening,
    file_one,
)

from handlers.retention import Rule
from sealing import DayHead
from storage import Database, SqliteDatabase, Transaction, Value
from storage.repositories import (
    alerts,
    audit,
    campaigns,
    cards,
    clocks,
    codes,
    conversations,
    expiry,
    figures,
    grants,
    member_records,
    notices,
    open_counts,
    open_tips,
    originals,
    outbox,
    partings,
    parts,
    public_quarters,
    queue,
    seen,
    settings,
    shredding,
    subscriptions,
    tips,
)
from storage.repositories.campaigns import ProgressRow
from storage.repositories.codes import MemberCodeRow, State
from storage.repositories.handovers import HANDOVERS
from storage.repositories.member_records import Deed, RecordRow
from storage.repositories.openings import OPENINGS
from storage.repositories.originals import OriginalRow
from storage.repositories.public_quarters import PublishedRow

# Every number in the schema, each looked at by a person: none of them is a moment in time but
# the three not_before, whose rows die at delivery and at arrival.
NUMBERS = {
    "schema_version.version",
    "conversation.version",
    "outbox.position",
    "outbox.attempts",
    "outbox.not_before",
    "outbox.is_unsure",
    "fetch.attempts",
    "fetch.not_before",
    "part.seq",
    "part.size_class",
    "tip.version",
    "tip.no_contact",
    "tip.is_held",
    "tip_grant.released",
    "tip_grant.is_personal",
    "change.version",
    "rekey.version",
    "shredded_change.version",
    "clock_length.acknowledge_days",
    "clock_length.screening_days",
    "clock_length.feedback_days",
    "clock_length.again_days",
    "member_code.is_duress",
    "member_code.since_year",
    "member_record.is_duress",
    "member_record.count",
    "notice.is_last",
    "knowledge_card.version",
    "campaign_progress.told",
    "campaign_progress.missed",
    "campaign_progress.is_done",
    "audit_entry.seq",
    "audit_day.seq",
    "opening.seq",
    "handover.seq",
    "alert_line.attempts",
    "alert_line.not_before",
    "figure.n",
}


async def test_no_table_has_a_rowid(sqlite: SqliteDatabase) -> None:
    found = await sqlite.read(
        lambda t: t.rows(
            "SELECT name, wr, strict FROM pragma_table_list"
            " WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    )
    assert {name for name, *_ in found} >= {"seen", "conversation", "outbox", "part", "tip"}
    assert [row for row in found if row[1:] != (1, 1)] == []


async def test_no_column_holds_a_time_finer_than_a_day(sqlite: SqliteDatabase) -> None:
    columns = await sqlite.read(
        lambda t: t.rows(
            "SELECT m.name, c.name, c.type, m.sql FROM sqlite_master AS m,"
            " pragma_table_info(m.name) AS c WHERE m.type = 'table'"
        )
    )
    assert {f"{table}.{name}" for table, name, kind, _ in columns if kind == "INTEGER"} == NUMBERS
    assert {kind for _, _, kind, _ in columns} == {"TEXT", "BLOB", "INTEGER"}
    for table, name, kind, sql in columns:
        assert not re.search(r"time|stamp|_at$|created|moment|hour", name), f"{table}.{name}"
        if name.endswith("day"):
            assert kind == "TEXT"
            assert f"CHECK (length({name}) = 10)" in sql, f"{table}.{name}"


async def test_no_table_links_a_filed_tip_to_a_conversation(sqlite: SqliteDatabase) -> None:
    columns = await sqlite.read(
        lambda t: t.rows(
            "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
            " WHERE m.type = 'table'"
        )
    )
    with_tip = {table for table, name in columns if name == "tip_id"}
    with_person = {table for table, name in columns if name in ("conversation", "contact")}
    of_tips = {"open_tip", "part", "original", "tip", "tip_grant", "earlier_grant", "change"}
    of_tips |= {"rekey", "shredded", "shredded_change"}
    assert with_tip == of_tips | {"notice", "opening", "handover"}
    assert with_person == {
        "conversation", "outbox", "fetch", "notice", "subscription", "alert_binding",
    }  # fmt: skip
    # Who asked to be told of news has a sealed contact beside the tip, and no conversation: what is
    # left of it once its key is gone leads nowhere.
    assert ("notice", "contact") in columns
    assert with_tip & {table for table, name in columns if name == "conversation"} == set()


async def test_no_row_ties_an_alert_to_a_tip_or_a_person_who_tells(sqlite: SqliteDatabase) -> None:
    columns = await sqlite.read(
        lambda t: t.rows(
            "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
            " WHERE m.type = 'table' AND m.name LIKE 'alert%' AND c.name <> 'filler'"
        )
    )
    by_table: dict[str, set[str]] = {}
    for table, name in columns:
        by_table.setdefault(table, set()).add(name)
    of_all = {"key_id"}
    assert {table: names - of_all for table, names in by_table.items()} == {
        "alert_record": {"recipient", "sealed"},
        "alert_binding": {"binding_id", "officer", "channel", "contact"},
        "alert_line": {"line_id", "way", "channel", "attempts", "not_before", "sealed"},
    }


class Spy:
    """A transaction that asks for the plan of everything that passes."""

    def __init__(self, t: Transaction) -> None:
        self._t = t
        self.plans: list[str] = []

    def execute(self, sql: str, params: Sequence[Value] = ()) -> int:
        self._note(sql, params)
        return self._t.execute(sql, params)

    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        self._note(sql, params)
        return self._t.rows(sql, params)

    def row(self, sql: str, params: Sequence[Value] = ()) -> tuple[Value, ...] | None:
        self._note(sql, params)
        return self._t.row(sql, params)

    def _note(self, sql: str, params: Sequence[Value]) -> None:
        self.plans += [str(row[3]) for row in self._t.rows(f"EXPLAIN QUERY PLAN {sql}", params)]


def a_turn(t: Transaction) -> None:
    new = a_conversation()
    seen.mark(t, os.urandom(16), TODAY)
    conversations.create(t, new)
    conversations.get(t, new.conversation)
    conversations.save(t, new)
    outbox.add(t, a_line(new.conversation))
    outbox.of_conversation(t, new.conversation)
    outbox.next_due_s(t, "line", 10)
    outbox.due(t, "line", 10, 10)
    outbox.count_due(t, "line", 10, 10)
    outbox.remove_all_of(t, new.conversation)
    open_tips.touch(t, an_id(), TODAY)
    codes.get(t, os.urandom(32))
    settings.get(t, "roster")


def a_tip_told(t: Transaction) -> None:
    tip = a_tip()
    part = a_part(tip.tip_id)
    parts.append(t, part, previous=parts.NO_PREVIOUS)
    tips.file(t, tip, ())
    tips.by_locator(t, tip.locator)
    parts.chain(t, tip.tip_id)
    parts.with_blob(t, tip.tip_id, an_id())
    originals.add(t, OriginalRow(part.part_id, tip.tip_id, TODAY, an_id(), an_id()))
    originals.kept_of(t, tip.tip_id, an_id())
    originals.keep(t, tip.tip_id, part.part_id)
    parts.tombstone(t, tip.tip_id, part.part_id)
    tips.stop_contact(t, tip.tip_id, TODAY)


def a_desk_visit(t: Transaction) -> None:
    tip = file_one(t, "officer")
    queue.page(t, "officer", limit=10)
    queue.seen_by(t, tip.tip_id, "officer")
    grants.of_officer(t, tip.tip_id, "officer")
    grants.of_tip(t, tip.tip_id)
    grants.role_of(t, tip.tip_id)
    tips.claim(t, tip.tip_id, "officer", 1, day=TODAY, signature=None)
    tips.set_status(
        t,
        tip.tip_id,
        "officer",
        2,
        status=tips.Status.SCREENING,
        day=TODAY,
        part_id=an_id(),
        signature=None,
    )
    tips.move(
        t, tip.tip_id, "officer", 3, to_centre="elsewhere", day=TODAY, part_id=an_id(),
        signature=None,
    )  # fmt: skip
    grants.hand_to(t, tip.tip_id, "elsewhere", ["other"])
    grants.withhold(t, tip.tip_id, "khonkaen", but="recovery")
    grants.held_by(t, tip.tip_id, "officer")
    tips.rekey(
        t, tip.tip_id, "officer", 4, withdrawn="other", recipients=(b"c", b"r"), rekey=b"said",
        day=TODAY, part_id=an_id(), signature=None,
    )  # fmt: skip
    grants.replace_all(t, tip.tip_id, {"officer": a_grant(tip, "officer")})
    grants.earlier(t, tip.tip_id, "officer")
    tips.rekeys(t, tip.tip_id)
    parts.of_kind(t, tip.tip_id, "form")
    tips.changes(t, tip.tip_id)
    partings.by_move(t, tip.tip_id, "officer")
    partings.by_withdrawal(t, tip.tip_id, "officer")
    notices.announce(t, tip.tip_id, an_id(), is_last=False)
    opening = an_opening(tip.tip_id)
    OPENINGS.add(t, opening)
    OPENINGS.get(t, tip.tip_id, opening.opening_id)
    OPENINGS.of_tip(t, tip.tip_id)
    OPENINGS.approve(t, opening, an_id(), day=TODAY, signature=bytes(64), open_day=TODAY)
    handover = a_handover(tip.tip_id)
    HANDOVERS.add(t, handover)
    HANDOVERS.get(t, tip.tip_id, handover.handover_id)
    HANDOVERS.of_tip(t, tip.tip_id)
    HANDOVERS.approve(t, handover, an_id(), day=TODAY, signature=bytes(64), open_day=TODAY)


def a_days_turn(t: Transaction) -> None:
    tip = file_one(t, "officer")
    clocks.climbing(t, TODAY, 10)
    clocks.is_climbing(t, tip.tip_id, TODAY)
    tips.extend(
        t, tip.tip_id, "officer", 1, until_day=TODAY, day=TODAY, part_id=an_id(), signature=None
    )
    tips.escalate(t, tip.tip_id, to_centre="headquarters", day=TODAY)
    clocks.climb_later(t, tip.tip_id, None)
    clocks.counts(t, TODAY)


def a_counted_tip(t: Transaction) -> None:
    counter = figures.Counter(figures.Basis.ENDED, "2026-11", "khonkaen", "counted", "yes", 1)
    figures.take_in(t, TODAY, "khonkaen")
    figures.add(t, [counter, counter])
    figures.put_record(t, "2026-11", "khonkaen", os.urandom(1024))
    figures.record(t, "2026-11", "khonkaen")
    figures.put_record(t, "2026-11", "khonkaen", os.urandom(1024))
    figures.records(t, "2026-01", "2026-12")
    figures.read(t, counter.basis, "2026-01", "2026-12")
    period = figures.Period(counter.basis, "khonkaen", "2026-01", "2026-11", "{}")
    figures.add_period(t, period)
    figures.periods(t, counter.basis, ["khonkaen"], "2026-01", "2026-12")


def an_audited_day(t: Transaction) -> None:
    audit.note(t, "claim", day=TODAY, officer=an_id())
    entry = audit.day_to_sign(t, "2026-11-24")
    assert entry is not None
    audit.add_head(t, DayHead(entry.day, entry.seq, entry.hash, bytes(64)))
    audit.note(t, "claim", day="2026-11-24", officer=an_id())
    audit.page(t, after=1)
    audit.last_head(t)
    audit.head(t, entry.day)
    audit.heads(t, after="2026-11-19")
    audit.countersign(t, entry.day, an_id(), bytes(64))


def a_published_quarter(t: Transaction) -> None:
    row = PublishedRow("2026-Q3", b"{}", os.urandom(32), os.urandom(64))
    public_quarters.add(t, row)
    public_quarters.get(t, row.quarter)
    public_quarters.newest(t)
    public_quarters.quarters(t)


def a_registrars_day(t: Transaction) -> None:
    locator = os.urandom(32)
    codes.add(t, MemberCodeRow(locator, "khonkaen", False, TODAY, 2020))
    codes.set_state(t, locator, State.PAUSED)
    record = RecordRow(an_id(), TODAY, an_id(), "khonkaen", Deed.PAUSE, False, 1, bytes(64))
    member_records.add(t, record)
    member_records.get(t, record.record_id)
    member_records.page(t, "khonkaen", record.officer)


def a_wish_to_be_told(t: Transaction) -> None:
    tip = file_one(t, "officer")
    row = a_notice(tip.tip_id)
    notices.add(t, row)
    notices.of_tip(t, tip.tip_id)
    notices.extend(t, row.notice_id, TODAY)
    notices.announce(t, tip.tip_id, an_id(), is_last=False)
    notices.due(t, "", 10)
    notices.told(t, row.notice_id, an_id())
    notices.remove(t, row.notice_id)
    notices.remove_all_of(t, tip.tip_id)


def a_campaign_round(t: Transaction) -> None:
    row, card = a_subscription(), a_card()
    subscriptions.add(t, row)
    subscriptions.ids(t, "telegram")
    subscriptions.get(t, row.subscription_id)
    subscriptions.page(t, "telegram", "citizen", "", 10)
    subscriptions.extend(t, row.subscription_id, TODAY)
    cards.put(t, card)
    cards.get(t, card.card_id)
    campaign = a_campaign(card.card_id)
    campaigns.add(t, campaign)
    campaigns.running(t, 10)
    campaigns.is_running(t, "card")
    campaigns.progress(t, campaign.campaign_id)
    campaigns.save(t, ProgressRow(campaign.campaign_id, "telegram", "citizen", row.subscription_id))
    campaigns.finish(t, campaign.campaign_id)
    subscriptions.remove(t, row.subscription_id)


def a_quarter_of_an_hour(t: Transaction) -> None:
    tip, officer = file_one(t, "officer"), an_id()
    row, line = a_binding(officer), an_alert()
    alerts.put_record(t, alerts.RecordRow(officer, an_id(), os.urandom(1024)))
    alerts.put_record(t, alerts.RecordRow(officer, an_id(), os.urandom(1024)))
    alerts.record(t, officer)
    grants.of_tip(t, tip.tip_id)
    alerts.add_binding(t, row)
    alerts.binding(t, row.binding_id)
    alerts.bindings_of(t, officer)
    alerts.bindings_on(t, "telegram")
    alerts.add_line(t, line)
    alerts.due(t, "telegram", 10, 10)
    alerts.next_due_s(t, "telegram", 10)
    alerts.lines_of(t, line.way)
    alerts.postpone(t, line.line_id, 20, counts=True)
    alerts.remove_line(t, line.line_id)
    alerts.remove_binding(t, row.binding_id)
    alerts.remove_record(t, officer)
    open_counts.by_status(t, officer, "khonkaen", ["officer"])
    open_counts.held(t, officer, ["khonkaen"], ["officer"])
    open_counts.overdue(t, officer, "khonkaen", TODAY)
    open_counts.nearest(t, officer, "khonkaen", TODAY)
    open_counts.nearest_held(t, officer, ["khonkaen"], ["officer"], TODAY)


def a_tips_end(t: Transaction) -> None:
    tip = file_one(t, "officer")
    expiry.put_rule(t, Rule(1095, 60, 14))
    tips.set_held(
        t, tip.tip_id, "officer", 1, is_held=True, day=TODAY, part_id=an_id(), signature=None
    )
    expiry.draw_lacking(t, TODAY, 10)
    expiry.due(t, TODAY, 10)
    expiry.is_due(t, tip.tip_id, TODAY)
    expiry.counts(t, TODAY, TODAY)
    shredding.shred(t, tip.tip_id, day=TODAY)
    shredding.get(t, tip.tip_id)


def a_sweep(t: Transaction) -> None:
    seen.forget_before(t, TODAY)
    conversations.untouched_since(t, TODAY, 10)
    open_tips.untouched_since(t, TODAY, 10)
    notices.expired(t, TODAY, 10)
    subscriptions.expired(t, TODAY, 10)
    originals.drop_undecided(t, TODAY, 10)


STORIES = (
    a_turn,
    a_tip_told,
    a_desk_visit,
    a_days_turn,
    a_counted_tip,
    an_audited_day,
    a_published_quarter,
    a_registrars_day,
    a_wish_to_be_told,
    a_campaign_round,
    a_quarter_of_an_hour,
    a_tips_end,
    a_sweep,
)


@pytest.mark.parametrize("story", STORIES)
async def test_nothing_that_happens_often_scans_or_sorts(
    sqlite: SqliteDatabase, story: Callable[[Transaction], None]
) -> None:
    def spied(t: Transaction) -> list[str]:
        spy = Spy(t)
        story(spy)
        return spy.plans

    plans = await sqlite.commit(spied)
    assert len(plans) >= 3
    assert [plan for plan in plans if "SCAN" in plan or "TEMP B-TREE" in plan] == []


async def test_a_queue_reads_tips_in_the_narrow_index(sqlite: SqliteDatabase) -> None:
    def spied(t: Transaction) -> list[str]:
        tip = file_one(t, "officer")
        spy = Spy(t)
        queue.page(spy, "officer", limit=10)
        queue.seen_by(spy, tip.tip_id, "officer")
        return spy.plans

    plans = await sqlite.commit(spied)
    assert len([plan for plan in plans if "tip USING COVERING INDEX tip_by_listing" in plan]) == 2
    assert not [plan for plan in plans if plan.startswith("SEARCH tip USING PRIMARY KEY")]


async def test_a_queue_page_costs_the_same_however_many_tips_there_are(
    sqlite: SqliteDatabase,
) -> None:
    """Counted in steps of SQLite's machine, most tips being closed."""

    async def steps() -> int:
        count = 0

        def step() -> int:
            nonlocal count
            count += 1
            return 0

        for connection in sqlite._connections:
            await connection.set_progress_handler(step, 1)
        await sqlite.read(
            lambda t: queue.page(t, "officer", limit=20, statuses=[tips.Status.RECEIVED])
        )
        return count

    def fill(t: Transaction, count: int) -> None:
        for number in range(count):
            file_one(t, "officer", "other", filed_day=f"2026-{number % 12 + 1:02}-15")
        t.execute("UPDATE tip_grant SET status = 'closed' WHERE grant_id > '3'")

    await sqlite.commit(lambda t: fill(t, 200))
    few = await steps()
    await sqlite.commit(lambda t: fill(t, 1500))
    assert await steps() <= 1.5 * few


async def test_a_database_is_what_the_repositories_take_for_granted(database: Database) -> None:
    for story in STORIES:
        await database.commit(story)
