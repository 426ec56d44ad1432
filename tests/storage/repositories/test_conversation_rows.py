"""Conversations move by versions and are forgotten whole."""

from dataclasses import replace

import pytest
from sample_rows import a_conversation, a_line, a_notice, an_id

from storage import Conflict, Database
from storage.repositories import conversations, keys, notices, outbox


async def test_a_conversation_comes_back_as_it_was_saved(database: Database) -> None:
    new = a_conversation(contact=b"sealed contact")
    await database.commit(lambda t: conversations.create(t, new))
    assert await database.read(lambda t: conversations.get(t, new.conversation)) == new
    changed = replace(new, state=b"next", contact=None, key_id=an_id(), touched_day="2026-11-24")
    assert await database.commit(lambda t: conversations.save(t, changed)) == 2
    found = await database.read(lambda t: conversations.get(t, new.conversation))
    assert found == replace(changed, version=2)
    assert await database.read(lambda t: conversations.get(t, b"?" * 32)) is None


async def test_of_two_turns_that_read_the_same_version_one_wins(database: Database) -> None:
    new = a_conversation()
    await database.commit(lambda t: conversations.create(t, new))
    await database.commit(lambda t: conversations.save(t, replace(new, state=b"first")))
    with pytest.raises(Conflict):
        await database.commit(lambda t: conversations.save(t, replace(new, state=b"second")))
    with pytest.raises(Conflict):
        await database.commit(lambda t: conversations.forget(t, new.conversation, 1))
    with pytest.raises(Conflict):
        await database.commit(lambda t: conversations.create(t, new))
    found = await database.read(lambda t: conversations.get(t, new.conversation))
    assert found is not None
    assert (found.state, found.version) == (b"first", 2)


async def test_a_forgotten_conversation_is_gone(database: Database) -> None:
    new = a_conversation()
    await database.commit(lambda t: conversations.create(t, new))
    await database.commit(lambda t: conversations.forget(t, new.conversation, 1))
    assert await database.read(lambda t: conversations.get(t, new.conversation)) is None
    assert await database.read(conversations.count) == 0


async def test_conversations_left_alone_are_found_by_day(database: Database) -> None:
    days = ["2026-11-20", "2026-11-23", "2026-11-21", "2026-11-22"]
    for day in days:
        await database.commit(
            lambda t, day=day: conversations.create(t, a_conversation(touched_day=day))
        )
    found = await database.read(lambda t: conversations.untouched_since(t, "2026-11-23", 10))
    assert [row.touched_day for row in found] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    found = await database.read(lambda t: conversations.untouched_since(t, "2026-11-23", 1))
    assert [row.touched_day for row in found] == ["2026-11-20"]


async def test_keys_in_use_are_those_of_conversations_lines_and_notices(database: Database) -> None:
    new, key_id = a_conversation(), an_id()
    assert await database.read(keys.in_use) == frozenset()
    await database.commit(lambda t: conversations.create(t, new))
    await database.commit(lambda t: outbox.add(t, a_line(new.conversation, key_id=key_id)))
    await database.commit(lambda t: outbox.add(t, a_line(new.conversation)))
    assert await database.read(keys.in_use) == {new.key_id, key_id}
    notice = a_notice(an_id())
    await database.commit(lambda t: notices.add(t, notice))
    assert await database.read(keys.in_use) == {new.key_id, key_id, notice.key_id}


def test_what_is_sealed_is_in_no_repr() -> None:
    assert "secret" not in repr(a_conversation(state=b"secret", contact=b"secret"))
    assert "secret" not in repr(a_line(b"c", secret=b"secret"))
