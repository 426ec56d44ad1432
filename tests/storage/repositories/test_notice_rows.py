"""Notices: found by tip, by day and by what was not told yet; by nothing that names a person."""

from sample_rows import TODAY, a_notice, an_id

from storage import Database
from storage.repositories import notices
from storage.repositories.notices import NoticeRow


async def added(database: Database, *rows: NoticeRow) -> None:
    for row in rows:
        await database.commit(lambda t, row=row: notices.add(t, row))


async def test_a_notice_comes_back_as_it_was_added(database: Database) -> None:
    tip_id = an_id()
    row = a_notice(tip_id, news=an_id(), is_last=True)
    await added(database, row, a_notice(an_id()))
    assert await database.read(lambda t: notices.of_tip(t, tip_id)) == (row,)
    assert await database.read(notices.count) == 2
    assert "contact" not in repr(a_notice(tip_id, contact=b"contact"))


async def test_news_is_due_for_every_notice_of_its_tip_until_told(database: Database) -> None:
    tip_id, part_id = an_id(), an_id()
    mine, other = [a_notice(tip_id) for _ in range(3)], a_notice(an_id())
    await added(database, *mine, other)
    assert await database.read(lambda t: notices.due(t, "", 9)) == ()
    told = await database.commit(lambda t: notices.announce(t, tip_id, part_id, is_last=False))
    assert told == 3
    ids = sorted(row.notice_id for row in mine)
    due = await database.read(lambda t: notices.due(t, "", 2))
    assert [row.notice_id for row in due] == ids[:2]
    due = await database.read(lambda t: notices.due(t, ids[1], 2))
    assert [row.notice_id for row in due] == ids[2:]
    assert await database.commit(lambda t: notices.told(t, ids[0], part_id))
    due = await database.read(lambda t: notices.due(t, "", 9))
    assert [row.notice_id for row in due] == ids[1:]


async def test_newer_news_is_not_told_by_telling_the_older(database: Database) -> None:
    tip_id, older, newer = an_id(), an_id(), an_id()
    row = a_notice(tip_id)
    await added(database, row)
    for part_id in (older, newer):
        await database.commit(
            lambda t, part_id=part_id: notices.announce(t, tip_id, part_id, is_last=False)
        )
    assert not await database.commit(lambda t: notices.told(t, row.notice_id, older))
    (due,) = await database.read(lambda t: notices.due(t, "", 9))
    assert due.news == newer


async def test_what_was_the_last_news_stays_the_last(database: Database) -> None:
    tip_id = an_id()
    await added(database, a_notice(tip_id))
    for is_last in (False, True, False):
        await database.commit(
            lambda t, is_last=is_last: notices.announce(t, tip_id, an_id(), is_last=is_last)
        )
    (due,) = await database.read(lambda t: notices.due(t, "", 9))
    assert due.is_last


async def test_a_notice_is_kept_longer_only_while_it_is_there(database: Database) -> None:
    row = a_notice(an_id())
    await added(database, row)
    assert await database.commit(lambda t: notices.extend(t, row.notice_id, "2027-01-01"))
    assert await database.read(lambda t: notices.expired(t, "2027-01-01", 9)) == ()
    assert await database.commit(lambda t: notices.remove(t, row.notice_id)) == 1
    assert not await database.commit(lambda t: notices.extend(t, row.notice_id, TODAY))


async def test_old_notices_are_found_by_their_last_day(database: Database) -> None:
    days = ("2026-11-21", "2026-11-22", "2026-11-23")
    rows = [a_notice(an_id(), expires_day=day) for day in days]
    await added(database, *rows)
    found = await database.read(lambda t: notices.expired(t, "2026-11-23", 9))
    assert {row.expires_day for row in found} == {"2026-11-21", "2026-11-22"}


async def test_all_of_a_tip_go_together_and_name_their_keys(database: Database) -> None:
    tip_id = an_id()
    mine, other = [a_notice(tip_id) for _ in range(2)], a_notice(an_id())
    await added(database, *mine, other)
    gone = await database.commit(lambda t: notices.remove_all_of(t, tip_id))
    assert set(gone) == {row.key_id for row in mine}
    assert await database.read(notices.all_of_them) == (other,)
    assert await database.read(notices.keys) == ((other.notice_id, other.key_id),)
