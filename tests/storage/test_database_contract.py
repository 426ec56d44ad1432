"""What every twin of the Database port must do."""

import asyncio
import os
import threading
from collections.abc import Callable

import pytest

from storage import Conflict, Database, Misuse, Transaction, Unavailable, Value
from storage.repositories import seen, settings

CANARY = "a-canary-nobody-may-see"


def putting(name: str, value: str = "1") -> Callable[[Transaction], None]:
    return lambda t: settings.put(t, name, value)


def the_names(t: Transaction) -> set[str]:
    return {name for (name,) in t.rows("SELECT name FROM setting")}


async def test_a_read_finds_what_was_committed_before_it(database: Database) -> None:
    for number in range(20):
        await database.commit(putting("n", str(number)))
        assert await database.read(lambda t: settings.get(t, "n")) == str(number)


async def test_a_work_answers_its_own_caller(database: Database) -> None:
    numbers = range(100)
    answers = await asyncio.gather(
        *(database.commit(lambda _, n=n: n) for n in numbers),
        *(database.read(lambda _, n=n: n) for n in numbers),
    )
    assert answers == [*numbers, *numbers]


async def test_a_work_that_raises_is_undone_alone(database: Database) -> None:
    def work(t: Transaction, number: int) -> None:
        settings.put(t, f"first {number}", "1")
        settings.put(t, f"second {number}", "1")
        if number % 3 == 0:
            raise ValueError(number)

    outcomes = await asyncio.gather(
        *(database.commit(lambda t, n=n: work(t, n)) for n in range(64)), return_exceptions=True
    )
    failed = [n for n, outcome in enumerate(outcomes) if outcome is not None]
    assert failed == list(range(0, 64, 3))
    assert all(isinstance(outcomes[n], ValueError) for n in failed)
    kept = {f"{which} {n}" for n in range(64) if n % 3 for which in ("first", "second")}
    assert await database.read(the_names) == kept


async def test_a_work_sees_its_own_changes_and_those_of_earlier_works(database: Database) -> None:
    def add_one(t: Transaction) -> int:
        number = int(settings.get(t, "n") or 0) + 1
        settings.put(t, "n", str(number))
        assert settings.get(t, "n") == str(number)
        return number

    answers = await asyncio.gather(*(database.commit(add_one) for _ in range(64)))
    assert answers == list(range(1, 65))


async def test_a_read_sees_one_snapshot(database: Database) -> None:
    is_reading, is_changed = threading.Event(), threading.Event()

    def twice(t: Transaction) -> tuple[str | None, str | None]:
        before = settings.get(t, "n")
        is_reading.set()
        assert is_changed.wait(5)
        return before, settings.get(t, "n")

    await database.commit(putting("n", "old"))
    reading = asyncio.create_task(database.read(twice))
    assert await asyncio.to_thread(is_reading.wait, 5)
    await database.commit(putting("n", "new"))
    is_changed.set()
    assert await reading == ("old", "old")


async def test_a_read_changes_nothing(database: Database) -> None:
    with pytest.raises(Misuse):
        await database.read(putting("n"))
    with pytest.raises((Misuse, Unavailable)):
        await database.read(
            lambda t: t.rows("INSERT INTO setting (name, value) VALUES ('n', '1') RETURNING name")
        )
    assert await database.read(the_names) == set()


async def test_a_coroutine_is_no_work(database: Database) -> None:
    async def work(t: Transaction) -> None:
        settings.put(t, "n", "1")

    with pytest.raises(Misuse):
        await database.commit(work)
    with pytest.raises(Misuse):
        await database.read(work)


async def test_a_work_may_raise_anything(database: Database) -> None:
    def work(t: Transaction) -> None:
        settings.put(t, "n", "1")
        next(iter(()))

    with pytest.raises(RuntimeError):
        await database.commit(work)
    assert await database.read(the_names) == set()


async def test_a_taken_key_is_a_conflict_and_names_no_value(database: Database) -> None:
    def work(t: Transaction) -> None:
        t.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (CANARY, CANARY))

    await database.commit(work)
    with pytest.raises(Conflict) as caught:
        await database.commit(work)
    assert CANARY not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("SELEC 1", ()),
        ("SELECT * FROM no_such_table", ()),
        ("INSERT INTO setting (name, value) VALUES (?, NULL)", (CANARY,)),
        ("INSERT INTO setting (name, value) VALUES (?, ?)", (CANARY, b"no text")),
        ("INSERT INTO open_tip (tip_id, touched_day) VALUES (?, '2026-11-23T10')", (CANARY,)),
        ("INSERT INTO setting (name, value) VALUES (?, ?)", (CANARY,)),
        ("INSERT INTO setting (name, value) VALUES ('n', ?)", (CANARY + "\ud800",)),
        ("DELETE FROM seen WHERE day = ?", (1 << 70,)),
    ],
)
async def test_what_the_schema_refuses_is_our_mistake(
    database: Database, sql: str, params: tuple[Value, ...]
) -> None:
    with pytest.raises(Misuse) as caught:
        await database.commit(lambda t: t.execute(sql, params))
    assert CANARY not in str(caught.value)
    await database.commit(putting("still works"))


async def test_a_cancelled_caller_harms_nobody(database: Database) -> None:
    def both(t: Transaction, n: int) -> None:
        settings.put(t, f"a{n}", "1")
        settings.put(t, f"b{n}", "1")

    tasks = [asyncio.create_task(database.commit(lambda t, n=n: both(t, n))) for n in range(200)]
    for n, task in enumerate(tasks):
        if n % 2:
            task.cancel()
        if n % 20 == 0:
            await asyncio.sleep(0.001)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    names = await database.read(the_names)
    for n, outcome in enumerate(outcomes):
        assert ({f"a{n}", f"b{n}"} <= names) or not {f"a{n}", f"b{n}"} & names
        if outcome is None:
            assert f"a{n}" in names
    assert all(outcome is None for outcome in outcomes[::2])


async def test_a_caller_cancelled_after_its_work_began_leaves_it_done(database: Database) -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def work(t: Transaction) -> None:
        settings.put(t, "n", "1")
        has_begun.set()
        assert may_end.wait(5)

    cancelled = asyncio.create_task(database.commit(work))
    neighbour = asyncio.create_task(database.commit(putting("neighbour")))
    assert await asyncio.to_thread(has_begun.wait, 5)
    cancelled.cancel()
    may_end.set()
    await neighbour
    assert await database.read(the_names) == {"n", "neighbour"}


async def test_the_event_loop_goes_on_while_the_database_works(database: Database) -> None:
    gate = threading.Event()
    writing = asyncio.create_task(database.commit(lambda _: gate.wait(5)))
    reading = asyncio.create_task(database.read(lambda _: gate.wait(5)))
    await asyncio.sleep(0.01)  # a blocked loop could not come back to open the gate
    gate.set()
    assert await asyncio.gather(writing, reading) == [True, True]


async def test_truncating_keeps_its_turn_among_commits(database: Database) -> None:
    async def busy(n: int) -> None:
        await database.commit(lambda t: seen.mark(t, os.urandom(16), "2026-11-23"))
        if n % 8 == 0:
            await database.truncate_log()

    await asyncio.gather(*(busy(n) for n in range(64)))
    ((count,),) = await database.read(lambda t: t.rows("SELECT count(*) FROM seen"))
    assert count == 64


async def test_closing_finishes_what_waits_and_takes_nothing_more(database: Database) -> None:
    waiting = [asyncio.create_task(database.commit(putting(f"n{n}"))) for n in range(10)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*waiting) == [None] * 10
    for late in (database.commit(putting("late")), database.read(the_names)):
        with pytest.raises(Unavailable):
            await late
    with pytest.raises(Unavailable):
        await database.truncate_log()
    await database.close()
