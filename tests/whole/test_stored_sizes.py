"""How long things look on the disk says no more than the bucket: equal to the byte inside one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console import files
from sealing import FileFacts, Kind, open_grant, padme
from storage.repositories import conversations, grants
from tests.bot.test_turn import telling
from tests.bot.turn_house import SOMCHAI, House, Person

Sizes = tuple[int, ...]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await House(tmp_path).open()
    yield made
    await made.close()


async def stored(house: House) -> dict[str, Sizes]:
    """Every stored size of the conversation there is: columns of its rows, and files."""
    sql = {
        "states": "SELECT length(state) FROM conversation",
        "parts": "SELECT length(sealed) FROM part ORDER BY seq",
        "classes": "SELECT size_class FROM part ORDER BY seq",
        "grants": "SELECT length(sealed) FROM tip_grant ORDER BY 1",
        "receipts": "SELECT length(receipt_grant) FROM tip",
        "lines": "SELECT length(secret) FROM outbox",
    }
    found = await house.db.read(
        lambda t: {name: tuple(size for (size,) in t.rows(each)) for name, each in sql.items()}
    )
    blobs = tuple(path.stat().st_size for path in (house.folder / "blobs").iterdir())
    return found | {"blobs": blobs}


async def after_telling(folder: Path, words: str, file: bytes | None) -> list[dict[str, Sizes]]:
    """What is stored while this is a draft, and once it is filed."""
    folder.mkdir()  # noqa: ASYNC240  # before anything runs
    house = await House(folder).open()
    try:
        person = await telling(house)
        await person.say(words)
        await to_leads(person)
        if file is not None:
            await person.send_file(file, "document")
        draft = await stored(house)
        await person.press("done" if file is not None else "none")
        await person.press("skip")
        await person.press("send")
        assert (await person.screen()).receipt is not None
        return [draft, await stored(house)]
    finally:
        await house.close()


async def to_leads(person: Person) -> None:
    await person.press("done")
    while (ask := await person.ask()).question != "leads":
        ids = [option.id for option in ask.choices]
        await person.press(next(each for each in ("skip", "done") if each in ids))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ก", "ก" * 200),
        ("เห็นเขาเอาปูนไป", "คดโกง\n" * 30),
        ("ก" * 400, "ก" * 1200),
        ("ข" * 1400, "x" * 4000),
    ],
)
async def test_texts_of_one_bucket_leave_the_same_sizes(
    tmp_path: Path, one: str, other: str
) -> None:
    first = await after_telling(tmp_path / "one", one, None)
    second = await after_telling(tmp_path / "other", other, None)
    assert first == second


async def test_texts_of_two_buckets_leave_different_sizes(tmp_path: Path) -> None:
    first = await after_telling(tmp_path / "one", "ก", None)
    second = await after_telling(tmp_path / "other", "ก" * 1000, None)
    assert first[0]["parts"] != second[0]["parts"]  # so the test above measures something


async def test_choices_of_different_names_leave_the_same_sizes(house: House) -> None:
    """What was chosen lies in the conversation's sealed state, and only there."""
    sizes = set()
    for name, category, province in (
        ("one", "bribe", "unsure"),
        ("other", "false_claims", "TH-40"),
        ("third", "procurement", "TH-48"),
    ):
        person = house.person(name)
        for choice in ("report", category, province):
            await person.press(choice)
        conversation = house.means.marks.conversation("web", name)
        row = await house.db.read(lambda t, c=conversation: conversations.get(t, c))  # type: ignore[misc]  # bound now
        assert row is not None
        sizes.add(len(row.state))
    assert len(sizes) == 1


@pytest.mark.parametrize(
    ("one", "other"), [(1_010, 1_024), (5_000, 5_100), (70_000, 71_000), (3_000_000, 3_010_000)]
)
async def test_files_of_one_bucket_leave_the_same_sizes(
    tmp_path: Path, one: int, other: int
) -> None:
    first = await after_telling(tmp_path / "one", "เหมือนกัน", b"\xff" * one)
    second = await after_telling(tmp_path / "other", "เหมือนกัน", b"\xfe" * other)
    assert first == second
    assert len(first[0]["blobs"]) == 1


def test_the_files_of_the_test_above_are_of_one_bucket_each() -> None:
    for one, other in [(1_010, 1_024), (5_000, 5_100), (70_000, 71_000), (3_000_000, 3_010_000)]:
        assert padme(one) == padme(other)


@pytest.mark.parametrize("size", [1, 500, 1023, 1024, 1025, 70_000])
async def test_a_file_of_any_size_opens_as_what_it_was(tmp_path: Path, size: int) -> None:
    house = await House(tmp_path).open()
    try:
        data = bytes(range(256)) * (size // 256 + 1)
        person = await telling(house)
        await person.say("มีไฟล์")
        await to_leads(person)
        await person.send_file(data[:size], "document")
        await person.press("done")
        await person.press("skip")
        await person.press("send")
        (tip_id,) = await house.tip_ids()
        (part,) = [p for p in await house.read_as(SOMCHAI, tip_id) if p.kind is Kind.FILE]
        assert part.file is not None
        assert await opened(house, tip_id, part.file) == data[:size]
    finally:
        await house.close()


async def opened(house: House, tip_id: str, facts: FileFacts) -> bytes:
    """The file as a console opens it."""
    rows = await house.db.read(lambda t: grants.of_tip(t, tip_id))
    (row,) = [row for row in rows if row.officer == SOMCHAI.id]
    grant = open_grant(row.sealed, SOMCHAI.age, tip_id=tip_id, grant_id=row.grant_id, to=SOMCHAI.id)
    assert grant.case is not None
    return await files.whole(house.blobs.read(facts.blob_id), grant.case, facts)
