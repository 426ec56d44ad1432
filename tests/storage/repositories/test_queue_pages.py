"""Queue pages are complete and without repetition, whatever is filed or moved between them."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_rows import an_id, file_one

from storage import Database, Transaction
from storage.repositories import queue, tips
from storage.repositories.queue import Cursor, Listing
from storage.repositories.tips import Status

DAYS = st.integers(1, 6).map(lambda number: f"2026-11-{number:02}")
BATCHES = st.lists(st.lists(DAYS, max_size=8), min_size=1, max_size=6)


def file_all(t: Transaction, officer: str, days: list[str]) -> set[str]:
    return {file_one(t, officer, "another", filed_day=day).tip_id for day in days}


@given(batches=BATCHES, limit=st.integers(1, 7), moves=st.lists(st.integers(0, 60), max_size=10))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_every_tip_is_listed_once_while_others_are_filed(
    database: Database, batches: list[list[str]], limit: int, moves: list[int]
) -> None:
    officer = an_id()
    there = await database.commit(lambda t: file_all(t, officer, batches[0]))
    for number, tip_id in enumerate(sorted(there)):
        if number in moves:
            await database.commit(
                lambda t, one=tip_id: tips.set_status(
                    t,
                    one,
                    officer,
                    1,
                    status=Status.ACCEPTED,
                    day="2026-11-26",
                    part_id=an_id(),
                    signature=None,
                )
            )
    listed: list[Listing] = []
    after: Cursor | None = None
    coming = iter(batches[1:])
    while True:
        page = await database.read(
            lambda t, after=after: queue.page(t, officer, after=after, limit=limit)
        )
        listed += page.listings
        assert len(page.listings) <= limit
        if page.next is None:
            break
        assert len(page.listings) == limit
        after = page.next
        days = next(coming, [])
        await database.commit(lambda t, days=days: file_all(t, officer, days))
    ids = [listing.tip_id for listing in listed]
    assert len(ids) == len(set(ids))
    assert there <= set(ids)
    keys = [Cursor(listing.filed_day, listing.tip_id) for listing in listed]
    assert keys == sorted(keys, reverse=True)


async def test_a_page_holds_only_the_statuses_asked_for(database: Database) -> None:
    await database.commit(lambda t: file_all(t, "o", ["2026-11-01"] * 5))
    for statuses, expected in (
        ([Status.RECEIVED], 5),
        ([Status.RECEIVED, Status.RECEIVED], 5),
        ([Status.CLOSED], 0),
        ([], 0),
    ):
        page = await database.read(lambda t, s=statuses: queue.page(t, "o", statuses=s))
        assert len(page.listings) == expected
        assert page.next is None
