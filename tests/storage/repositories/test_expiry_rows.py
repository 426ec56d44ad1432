"""When tips expire: every change that matters sets the day in its own commit."""

from datetime import date, timedelta

from sample_rows import TODAY, an_id, file_one

from handlers.retention import Rule
from storage import Database, Transaction
from storage.repositories import expiry, tips
from storage.repositories.tips import Status

RULE = Rule(closed_days=100, fuzz_days=30, notice_days=14)
EARLIEST, LATEST = "2027-03-03", "2027-04-02"  # 100 and 130 days after TODAY


def end(t: Transaction, tip_id: str, status: Status = Status.CLOSED) -> None:
    tip = tips.get(t, tip_id)
    assert tip is not None
    tips.set_status(
        t, tip_id, "officer", tip.version, status=status, day=TODAY, part_id=an_id(), signature=None
    )


def hold(t: Transaction, tip_id: str, *, is_held: bool, day: str = TODAY) -> None:
    tip = tips.get(t, tip_id)
    assert tip is not None
    tips.set_held(
        t,
        tip_id,
        "officer",
        tip.version,
        is_held=is_held,
        day=day,
        part_id=an_id(),
        signature=None,
    )


async def day_of(database: Database, tip_id: str) -> str | None:
    tip = await database.read(lambda t: tips.get(t, tip_id))
    assert tip is not None
    return tip.expire_day


async def filed(database: Database) -> str:
    await database.commit(lambda t: expiry.put_rule(t, RULE))
    return (await database.commit(lambda t: file_one(t, "officer"))).tip_id


async def test_an_open_tip_never_expires_and_one_that_ends_has_its_day_at_once(
    database: Database,
) -> None:
    tip_id = await filed(database)
    assert await day_of(database, tip_id) is None
    await database.commit(lambda t: end(t, tip_id, Status.REFERRED))
    assert await day_of(database, tip_id) is None
    await database.commit(lambda t: end(t, tip_id))
    assert EARLIEST <= (await day_of(database, tip_id) or "") <= LATEST


async def test_the_day_is_drawn_and_two_tips_of_one_day_do_not_share_it(database: Database) -> None:
    drawn = set()
    for _ in range(12):
        tip_id = await filed(database)
        await database.commit(lambda t, which=tip_id: end(t, which))
        drawn.add(await day_of(database, tip_id))
    assert len(drawn) > 1  # all twelve alike: once in 31 to the 11th


async def test_one_that_is_opened_again_keeps_no_day_and_gets_another(database: Database) -> None:
    tip_id = await filed(database)
    await database.commit(lambda t: end(t, tip_id))

    def reopen(t: Transaction) -> None:
        tips.reopen(t, tip_id, 2, day="2027-03-01", part_id=an_id())

    await database.commit(reopen)
    assert await day_of(database, tip_id) is None
    await database.commit(lambda t: end(t, tip_id, Status.DECLINED))
    assert EARLIEST <= (await day_of(database, tip_id) or "") <= LATEST


async def test_a_held_tip_is_never_due_and_its_release_means_not_tonight(
    database: Database,
) -> None:
    tip_id = await filed(database)
    await database.commit(lambda t: hold(t, tip_id, is_held=True))
    await database.commit(lambda t: end(t, tip_id))
    assert await day_of(database, tip_id) is None
    assert not await database.read(lambda t: expiry.is_due(t, tip_id, "2099-01-01"))
    assert await database.commit(lambda t: expiry.draw_lacking(t, "2030-01-01", 10)) == 0
    await database.commit(lambda t: hold(t, tip_id, is_held=False, day="2030-01-01"))
    day = await day_of(database, tip_id) or ""
    assert "2030-01-15" <= day <= "2030-02-14"
    assert await database.read(lambda t: expiry.due(t, "2030-01-14", 10)) == ()
    assert await database.read(lambda t: expiry.due(t, day, 10)) == (tip_id,)


async def test_words_to_a_tip_whose_day_is_near_put_it_off_and_no_other(
    database: Database,
) -> None:
    tip_id = await filed(database)
    await database.commit(lambda t: expiry.put_off(t, tip_id, "2030-01-01"))
    assert await day_of(database, tip_id) is None
    await database.commit(lambda t: end(t, tip_id))
    drawn = await day_of(database, tip_id) or ""
    early = (date.fromisoformat(drawn) - timedelta(days=RULE.notice_days)).isoformat()
    await database.commit(lambda t: expiry.put_off(t, tip_id, early))
    assert await day_of(database, tip_id) == drawn
    await database.commit(lambda t: expiry.put_off(t, tip_id, drawn, lambda below: 3))
    later = (date.fromisoformat(drawn) + timedelta(days=RULE.notice_days + 3)).isoformat()
    assert await day_of(database, tip_id) == later


async def test_after_a_leap_of_the_clock_nothing_is_destroyed_overnight(database: Database) -> None:
    async def day_is(day: str) -> bool:
        leapt = await database.commit(lambda t: expiry.note_day(t, day))
        await database.commit(lambda t: expiry.draw_lacking(t, day, 10))
        return leapt

    tip_id = await filed(database)
    await database.commit(lambda t: end(t, tip_id))
    drawn = await day_of(database, tip_id)
    for day in (TODAY, "2026-12-07", "2026-12-21"):  # fourteen days are no leap
        assert not await day_is(day)
    assert await day_is("2027-01-05")
    assert await day_of(database, tip_id) == drawn  # it is far enough away
    assert await day_is("2099-01-01")
    assert "2099-01-15" <= (await day_of(database, tip_id) or "") <= "2099-02-14"
    assert await day_is("2027-01-06")  # the clock is put right
    assert EARLIEST <= (await day_of(database, tip_id) or "") <= LATEST
    assert not await day_is("2027-01-06")


async def test_another_rule_counts_for_what_ended_before_it_but_not_overnight(
    database: Database,
) -> None:
    tip_id = await filed(database)
    await database.commit(lambda t: end(t, tip_id))
    assert not await database.commit(lambda t: expiry.put_rule(t, RULE))
    assert await database.commit(lambda t: expiry.put_rule(t, Rule(30, 0, 14)))
    assert await day_of(database, tip_id) is None
    assert await database.commit(lambda t: expiry.draw_lacking(t, "2027-01-10", 10)) == 1
    assert await day_of(database, tip_id) == "2027-01-24"
    await database.commit(lambda t: expiry.put_rule(t, Rule(0, 0, 14)))
    assert await database.commit(lambda t: expiry.draw_lacking(t, "2027-01-10", 10)) == 0
    assert await day_of(database, tip_id) is None
    assert await database.read(lambda t: expiry.due(t, "2099-01-01", 10)) == ()


async def test_days_are_drawn_some_at_a_time(database: Database) -> None:
    """As for tips that ended before there was a rule."""
    tip_ids = [(await database.commit(lambda t: file_one(t, "officer"))).tip_id for _ in range(5)]
    for tip_id in tip_ids:
        await database.commit(lambda t, which=tip_id: end(t, which))
        assert await day_of(database, tip_id) is None
    await database.commit(lambda t: expiry.put_rule(t, RULE))
    found = [await database.commit(lambda t: expiry.draw_lacking(t, TODAY, 2)) for _ in range(4)]
    assert found == [2, 2, 1, 0]
    assert all([await day_of(database, tip_id) for tip_id in tip_ids])


async def test_it_is_counted_and_no_tip_named(database: Database) -> None:
    held, due, soon = [await filed(database) for _ in range(3)]
    await database.commit(lambda t: hold(t, held, is_held=True))
    for tip_id in (due, soon):
        await database.commit(lambda t, which=tip_id: end(t, which))

    def set_days(t: Transaction) -> None:
        t.execute("UPDATE tip SET expire_day = '2027-03-10' WHERE tip_id = ?", (due,))
        t.execute("UPDATE tip SET expire_day = '2027-03-20' WHERE tip_id = ?", (soon,))

    await database.commit(set_days)
    counts = await database.read(lambda t: expiry.counts(t, "2027-03-10", "2027-03-20"))
    assert (counts.held, counts.due, counts.soon) == (1, 1, 1)
