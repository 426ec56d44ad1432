"""The queue in memory: opened once, kept up to date, searched, and gone when it is locked."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console.errors import ConsoleError
from console.folder import Folder
from console.office import Office, working
from console.shelf.filling import Pace
from console.shelf.index import Index
from console.shelf.keeping import Shelf, shelved
from console.shelf.looking import Rhythm
from console.shelf.workers import working_beside
from sealing import Grant, Summary, TipKeys, TipKind, seal_grant
from tests.console.fake_world import Answer, Person, World, b64, claim_as, new_id

QUICK = Rhythm(new_s=0.05, whole_s=0.2, after_trouble_s=0.05)
AT_ONCE = Pace(per_s=1000.0, rest_s=0.02)
PATIENCE_S = 20.0


@asynccontextmanager
async def at_work(person: Person, rhythm: Rhythm = QUICK) -> AsyncIterator[tuple[Office, Shelf]]:
    async with (
        working_beside(1) as workers,
        working(Folder(person.home), person.keys) as office,
        shelved(office, workers, rhythm, AT_ONCE) as shelf,
    ):
        yield office, shelf


def summary_of_a_tip() -> Summary:
    return Summary("bribe", "TH-40", TipKind.CASE)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  # what it waits for has no event
            await asyncio.sleep(0.01)


def ids(index: Index) -> set[str]:
    return {row.shown.tip_id for row in index.rows}


async def test_the_whole_queue_is_there_newest_first(world: World, somchai: Person) -> None:
    days = [f"2026-{month:02}-15" for month in range(1, 12)]
    filed = [world.file_tip(somchai, day=day) for day in days]
    async with at_work(somchai) as (_, shelf):
        await shelf.begun()
        await until(lambda: shelf.index.is_whole)
        assert [row.shown.tip_id for row in shelf.index.rows] == [t.tip_id for t in filed][::-1]
        assert all(row.summary is not None and row.problem is None for row in shelf.index.rows)
        assert shelf.index.progress.arrived == 0


async def test_what_is_new_appears_by_itself_and_is_counted(world: World, somchai: Person) -> None:
    world.file_tip(somchai)
    async with at_work(somchai) as (_, shelf):
        await until(lambda: shelf.index.is_whole)
        before = shelf.index.progress.change
        new = world.file_tip(somchai, category="bribe")
        await until(lambda: new.tip_id in ids(shelf.index))
        assert shelf.index.progress.arrived == 1
        assert shelf.index.progress.change > before


async def test_where_a_tip_stands_is_seen_and_its_grant_is_opened_once(
    world: World, somchai: Person
) -> None:
    malee = world.join("มาลี ตั้งใจ", "kkn")
    tip = world.file_tip(somchai, malee)
    async with at_work(somchai) as (_, shelf):
        await until(lambda: shelf.index.progress.searched == 1)
        world.asked.clear()
        claim_as(tip, malee)
        await until(lambda: shelf.index.rows[0].shown.claimed_by == malee.id)
        assert shelf.index.rows[0].shown.claimed_by_name == "มาลี ตั้งใจ"
        # Read again for its words, since it has changed; its grant came with no list since.
        await until(lambda: world.asked.count("tip") == 1)
        assert set(world.asked) <= {"tip", "standings", "me", "centres"}


async def test_a_tip_that_is_gone_is_forgotten_with_its_words(
    world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="คำที่ต้องหายไป"))
    async with at_work(somchai) as (_, shelf):
        await until(lambda: shelf.index.find("หายไป") == {tip.tip_id})
        del world.tips[tip.tip_id]
        await until(lambda: not shelf.index.rows)
        assert shelf.index.find("หายไป") == frozenset()
        assert shelf.index.excerpt(tip.tip_id, "หายไป") == ()


async def test_words_are_found_as_they_come(world: World, somchai: Person) -> None:
    tip, other = world.file_tip(somchai), world.file_tip(somchai)
    tip.append(tip.told(words="เห็นรถบรรทุกขนปูน ๓๐๐ ถุง"))
    other.append(other.told(words="โฉนดหาย"))
    async with at_work(somchai) as (_, shelf):
        await until(lambda: shelf.index.progress.searched == 2)
        assert shelf.index.find("ปูน 300") == {tip.tip_id}
        assert shelf.index.find("") == {tip.tip_id, other.tip_id}
        tip.append(tip.told(words="ทะเบียน 81-4432"))
        await until(lambda: shelf.index.find("๘๑-๔๔๓๒") == {tip.tip_id})
        marked = [piece.text for piece in shelf.index.excerpt(tip.tip_id, "81") if piece.is_hit]
        assert marked == ["81"]


async def test_a_desk_that_cannot_leave_grants_out_is_asked_for_whole_pages(
    world: World, somchai: Person
) -> None:
    world.has_standings = False
    world.file_tip(somchai)
    async with at_work(somchai) as (_, shelf):
        await until(lambda: shelf.index.is_whole)
        new = world.file_tip(somchai)
        await until(lambda: new.tip_id in ids(shelf.index))


async def test_a_desk_that_shows_a_forged_grant_or_takes_history_back_is_named(
    world: World, somchai: Person
) -> None:
    good, forged, back = (world.file_tip(somchai) for _ in range(3))
    forged.grants[somchai.id]["sealed"] = good.grants[somchai.id]["sealed"]
    async with at_work(somchai) as (office, shelf):
        await office.read(back.tip_id)
        back.answer["version"] = 0
        await until(lambda: shelf.index.is_whole)
        shelf.look_again()

        def problems() -> dict[str, str]:
            return {row.shown.tip_id: row.problem.key for row in shelf.index.rows if row.problem}

        await until(lambda: len(problems()) == 2)
        assert problems() == {
            forged.tip_id: "grant.altered",
            back.tip_id: "finding.history_behind",
        }


async def test_keys_swapped_after_the_first_look_are_named_in_the_list(
    world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    async with working(Folder(somchai.home), somchai.keys) as office:
        await office.read(tip.tip_id)
    evil, old = TipKeys.generate(), tip.grants[somchai.id]
    grant = Grant(
        new_id(), tip.tip_id, somchai.id, evil.case, evil.reply, summary_of_a_tip(), "2026-11-20"
    )
    sealed = b64(seal_grant(grant, somchai.keys.age.recipient))
    tip.grants[somchai.id] = {**old, "grant_id": grant.grant_id, "sealed": sealed}
    async with at_work(somchai) as (_, shelf):
        await until(lambda: shelf.index.is_whole)
        (row,) = (row for row in shelf.index.rows if row.shown.tip_id == tip.tip_id)
        assert row.problem is not None
        assert row.problem.key == "finding.recipient_changed"


async def test_a_malformed_page_is_said_and_then_healed(world: World, somchai: Person) -> None:
    world.file_tip(somchai)

    def spoil(answer: Answer) -> None:
        answer["tips"][0]["status_day"] = "yesterday"

    world.spoilt["tips"] = spoil
    async with at_work(somchai) as (_, shelf):
        with pytest.raises(ConsoleError) as caught:
            await shelf.begun()
        assert caught.value.key == "desk.malformed"
        assert caught.value.params == {"place": "tips[0].status_day"}
        world.spoilt.clear()
        await until(lambda: shelf.index.is_whole)
        assert shelf.index.progress.trouble is None


async def test_a_desk_whose_pages_never_end_is_not_followed_for_ever(
    world: World, somchai: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.shelf.looking.PAGES_AT_MOST", 5)
    world.file_tip(somchai)
    world.spoilt["tips"] = lambda answer: answer.update(next="2026-11-20." + "f" * 32)
    async with at_work(somchai) as (_, shelf):
        await until(lambda: shelf.index.trouble is not None)
        assert shelf.index.trouble is not None
        assert shelf.index.trouble.key == "desk.malformed"


async def test_the_list_and_the_pages_agree_at_once(world: World, somchai: Person) -> None:
    tip = world.file_tip(somchai)
    slow = Rhythm(new_s=600, whole_s=600)
    async with at_work(somchai, slow) as (office, shelf):
        await until(lambda: shelf.index.is_whole)
        claim_as(tip, somchai)
        shelf.note(await office.read(tip.tip_id))
        assert shelf.index.rows[0].is_mine


async def test_a_process_that_dies_is_replaced(world: World, somchai: Person) -> None:
    world.file_tip(somchai)
    async with at_work(somchai) as (_, shelf):
        await until(lambda: shelf.index.is_whole)
        (pid,) = shelf.workers.pids
        os.kill(pid, 9)
        new = world.file_tip(somchai)
        await until(lambda: new.tip_id in ids(shelf.index))
        assert shelf.workers.pids != (pid,)


def shown_to_others(pid: int) -> bytes:
    """What other programs of the machine can see of a process."""
    return b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ"))


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def is_left(kind: type) -> bool:
    gc.collect()
    return any(isinstance(each, kind) for each in gc.get_objects())


async def test_at_lock_no_process_is_left_and_nothing_of_the_queue(
    world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="ของลับ"))

    async def work() -> tuple[int, ...]:
        async with at_work(somchai) as (_, shelf):
            await until(lambda: shelf.index.find("ของลับ"))
            for pid in shelf.workers.pids:
                assert is_running(pid)
                for secret in (somchai.keys.age.seed, somchai.keys.sign.seed):
                    assert secret.hex().encode() not in shown_to_others(pid)
            assert is_left(Index)
            return shelf.workers.pids

    pids = await work()
    assert pids
    assert not any(map(is_running, pids))
    assert not is_left(Index)


async def test_nothing_of_the_queue_is_written_to_the_folder(world: World, somchai: Person) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="ของลับมาก"))
    before = {path.name for path in somchai.home.iterdir()}
    async with at_work(somchai) as (_, shelf):
        await until(lambda: shelf.index.find("ของลับมาก"))
    now = {path.name for path in somchai.home.iterdir()}
    assert now - before <= {"seen.json", ".seen.json.lock"}
    assert not any("ของลับ".encode() in path.read_bytes() for path in somchai.home.iterdir())
