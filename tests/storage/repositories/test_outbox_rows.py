"""The outbox: in order per conversation, one line of each at a time, schedules that die."""

import asyncio
import os

from sample_rows import TODAY, a_line, an_id

from storage import Database, Transaction
from storage.repositories import outbox
from storage.repositories.outbox import Line, State


async def added(database: Database, conversation: bytes, **given: object) -> Line:
    line = a_line(conversation, **given)
    await database.commit(lambda t: outbox.add(t, line))
    return line


async def test_lines_of_a_conversation_keep_the_order_of_adding(database: Database) -> None:
    one, other = os.urandom(32), os.urandom(32)
    lines = [a_line(one if n % 2 else other) for n in range(10)]
    positions = await asyncio.gather(
        *(database.commit(lambda t, line=line: outbox.add(t, line)) for line in lines)
    )
    assert positions == [n // 2 + 1 for n in range(10)]
    found = await database.read(lambda t: outbox.of_conversation(t, one))
    assert [line.outbox_id for line in found] == [line.outbox_id for line in lines[1::2]]


async def test_a_line_comes_back_as_it_was_added(database: Database) -> None:
    line = await added(
        database, b"c", key_id=an_id(), secret=b"sealed", state=State.SHOWN, not_before=7
    )
    (found,) = await database.read(lambda t: outbox.of_conversation(t, b"c"))
    assert found.position == 1
    assert (found.outbox_id, found.key_id, found.secret) == (line.outbox_id, line.key_id, b"sealed")
    assert (found.state, found.not_before, found.intent) == (State.SHOWN, 7, line.intent)


async def test_only_the_first_ready_line_of_each_conversation_is_due(database: Database) -> None:
    first = await added(database, b"a")
    second = await added(database, b"a")
    later = await added(database, b"b", not_before=100)
    await added(database, b"b")

    async def due(now_s: int, limit: int = 10) -> list[str]:
        lines = await database.read(lambda t: outbox.due(t, "line", now_s, limit))
        return [line.outbox_id for line in lines]

    assert await due(99) == [first.outbox_id]
    assert await due(100) == [first.outbox_id, later.outbox_id]
    assert await due(100, limit=1) == [first.outbox_id]
    await database.commit(lambda t: outbox.postpone(t, first.outbox_id, 50))
    assert await due(49) == []  # the second waits for the first
    await database.commit(lambda t: outbox.mark(t, first.outbox_id, State.DEAD))
    assert await due(49) == [second.outbox_id]
    await database.commit(lambda t: outbox.remove(t, second.outbox_id))
    assert await due(49) == []
    assert await database.read(lambda t: outbox.count(t, State.DEAD)) == 1


async def test_each_channel_has_its_own_line_of_what_is_due(database: Database) -> None:
    many = [await added(database, b"%d" % n, channel="telegram") for n in range(5)]
    one = await added(database, b"one", not_before=20)
    await added(database, b"one", channel="line", not_before=40)

    def look(t: Transaction) -> tuple[list[str], ...]:
        due = (outbox.due(t, name, 30, 3) for name in ("telegram", "line", "web"))
        return tuple([line.outbox_id for line in lines] for lines in due)

    telegram, line, web = await database.read(look)
    assert len(telegram) == 3
    assert set(telegram) < {each.outbox_id for each in many}
    assert (line, web) == ([one.outbox_id], [])


async def test_when_the_next_line_will_be_due_is_known(database: Database) -> None:
    async def next_s(now_s: int, channel: str = "line") -> int | None:
        return await database.read(lambda t: outbox.next_due_s(t, channel, now_s))

    assert await next_s(0) is None
    await added(database, b"a", not_before=500)
    line = await added(database, b"b", not_before=300)
    assert await next_s(0) == 300
    assert await next_s(300) == 500  # what is due already is no time to wait for
    assert await next_s(500) is None
    assert await next_s(0, "telegram") is None
    await database.commit(lambda t: outbox.mark(t, line.outbox_id, State.SHOWN))
    assert await next_s(0) == 500


async def test_a_failed_attempt_is_counted_and_its_time_dies_with_delivery(
    database: Database,
) -> None:
    line = await added(database, b"a")
    for moment in (10, 20):
        await database.commit(lambda t, at=moment: outbox.postpone(t, line.outbox_id, at))
    (found,) = await database.read(lambda t: outbox.of_conversation(t, b"a"))
    assert (found.attempts, found.not_before) == (2, 20)
    assert await database.commit(lambda t: outbox.mark(t, line.outbox_id, State.SHOWN))
    (found,) = await database.read(lambda t: outbox.of_conversation(t, b"a"))
    assert (found.state, found.not_before) == (State.SHOWN, 0)
    assert not await database.commit(lambda t: outbox.mark(t, an_id(), State.DEAD))


async def test_forgetting_a_conversation_names_the_keys_to_destroy(database: Database) -> None:
    keys = [an_id(), an_id()]
    for key_id in (*keys, keys[0], None):
        await added(database, b"a", key_id=key_id)
    other = await added(database, b"b", key_id=an_id())
    assert set(await database.commit(lambda t: outbox.remove_all_of(t, b"a"))) == set(keys)
    assert await database.read(lambda t: outbox.of_conversation(t, b"a")) == ()
    (left,) = await database.read(lambda t: outbox.of_conversation(t, b"b"))
    assert left.outbox_id == other.outbox_id


async def test_lines_past_their_last_day_are_found(database: Database) -> None:
    old = await added(database, b"a", expires_day="2026-11-22")
    await added(database, b"a", expires_day=TODAY)
    found = await database.read(lambda t: outbox.expired(t, TODAY, 10))
    assert [line.outbox_id for line in found] == [old.outbox_id]
    assert await database.commit(lambda t: outbox.remove(t, old.outbox_id, an_id())) == 1
