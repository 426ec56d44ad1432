"""Tips whose time is over: destroyed whole, once, and not a day too soon."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.clock import today
from bot.retention import Retention
from bot.upkeep import Upkeep, UpkeepRules
from handlers.retention import Rule
from sealing.audit import read_entry
from storage import Transaction, Unavailable
from storage.repositories import audit, expiry, notices, shredding, tips
from storage.repositories.notices import NoticeRow
from storage.repositories.originals import Gone
from storage.repositories.tips import Status
from tests.bot.test_turn import telling
from tests.bot.test_upkeep import DAY, Killed
from tests.bot.turn_house import SOMCHAI, House
from tests.storage.residue import files_in, residue

RULE = Rule(closed_days=100, fuzz_days=0, notice_days=1)


def upkeep(house: House) -> Upkeep:
    return Upkeep(
        house.means,
        house.turns,
        house.throttle,
        UpkeepRules(round_s=300),
        retention=Retention(house.db, house.blobs, house.forget, house.clock),
    )


async def filed(house: House, name: str = "somebody") -> tuple[str, str]:
    """A tip with a file; its id and its receipt."""
    await house.db.commit(lambda t: expiry.put_rule(t, RULE))
    before = set(await house.tip_ids())
    person = await telling(house, name)
    await person.say("เรื่องที่จะทำลาย")
    await person.send_file(b"a photo" * 3000)
    await person.press("done")
    await person.tell_on()
    await person.press("send")
    receipt = (await person.screen()).receipt
    assert receipt is not None
    (tip_id,) = set(await house.tip_ids()) - before
    return tip_id, receipt


async def ended(house: House, name: str = "somebody") -> tuple[str, str]:
    tip_id, receipt = await filed(house, name)
    await change(house, tip_id, Status.CLOSED)
    return tip_id, receipt


async def change(house: House, tip_id: str, status: Status) -> None:
    day = today(house.clock).isoformat()

    def work(t: Transaction) -> None:
        tip = tips.get(t, tip_id)
        assert tip is not None
        tips.set_status(
            t, tip_id, SOMCHAI.id, tip.version, status=status, day=day, part_id="a" * 32,
            signature=None,
        )  # fmt: skip

    await house.db.commit(work)


async def hold(house: House, tip_id: str, *, is_held: bool) -> None:
    day = today(house.clock).isoformat()

    def work(t: Transaction) -> None:
        tip = tips.get(t, tip_id)
        assert tip is not None
        tips.set_held(
            t, tip_id, SOMCHAI.id, tip.version, is_held=is_held, day=day, part_id="b" * 32,
            signature=None,
        )  # fmt: skip

    await house.db.commit(work)


async def shreds(house: House) -> list[str | None]:
    """The tips that the trail says were destroyed, in order."""
    entries = [read_entry(row.data) for row in await house.db.read(audit.page)]
    return [entry.tip_id for entry in entries if entry.deed == "shred"]


async def test_on_its_day_a_closed_tip_is_destroyed_and_another_is_not(house: House) -> None:
    closed, _ = await ended(house)
    running, _ = await filed(house, "another")
    house.clock.advance(99 * DAY)
    await upkeep(house).once()
    assert closed in await house.tip_ids()
    house.clock.advance(DAY)
    await upkeep(house).once()
    assert await house.tip_ids() == [running]
    assert len(await house.blobs.ids()) == 1  # of the tip that goes on
    assert await shreds(house) == [closed]


async def test_nothing_at_all_is_left_of_it(house: House) -> None:
    await ended(house)
    house.clock.advance(101 * DAY)
    await upkeep(house).once()
    assert await house.tables() == {}
    assert await house.blobs.ids() == frozenset()
    assert house.forget.ids() == frozenset()


async def test_whoever_was_still_to_be_told_of_it_is_forgotten_with_it(house: House) -> None:
    tip_id, _ = await ended(house)
    kept = await house.forget.keep()
    await house.db.commit(
        lambda t: notices.add(t, NoticeRow("c" * 32, tip_id, kept.key_id, "2099-01-01", b"whom"))
    )
    house.clock.advance(101 * DAY)
    await upkeep(house).once()
    assert house.forget.get(kept.key_id) is None


async def test_no_byte_of_what_was_sealed_is_left_in_any_file(house: House, tmp_path: Path) -> None:
    tip_id, _ = await ended(house)
    await filed(house, "another")  # so that the files are not empty

    def sealed(t: Transaction) -> list[bytes]:
        rows = t.rows("SELECT sealed FROM part WHERE tip_id = ?", (tip_id,))
        rows += t.rows("SELECT sealed FROM tip_grant WHERE tip_id = ?", (tip_id,))
        rows += t.rows("SELECT receipt_grant FROM tip WHERE tip_id = ?", (tip_id,))
        return [each for (each,) in rows]

    def named(t: Transaction) -> list[str]:
        found = t.rows(
            "SELECT blob_id FROM part WHERE tip_id = ? AND blob_id IS NOT NULL", (tip_id,)
        )
        return [each for (each,) in found]

    secrets = await house.db.read(sealed)
    blobs = await house.db.read(named)
    for blob_id in blobs:
        secrets.append(b"".join([piece async for piece in house.blobs.read(blob_id)]))
    assert residue(secrets, files_in(tmp_path))
    house.clock.advance(101 * DAY)
    await upkeep(house).once()
    assert residue(secrets, files_in(tmp_path)) == set()


async def test_its_receipt_is_a_code_like_any_other_unknown_one(house: House) -> None:
    _, receipt = await ended(house)
    house.clock.advance(101 * DAY)
    await upkeep(house).once()
    person = house.person("later")
    await person.press("follow")
    await person.say(receipt)
    assert "say.receipt_unknown" in [getattr(i, "key", "") for i in (await person.screen()).intents]


async def test_who_is_reading_it_at_that_moment_begins_afresh_and_is_answered(
    house: House,
) -> None:
    _, receipt = await ended(house)
    house.clock.advance(100 * DAY)
    person = house.person("reader")
    await person.press("follow")
    await person.say(receipt)
    assert (await person.ask()).question == "next"
    await person.press("add")
    house.clock.advance(DAY)
    await upkeep(house).once()
    await person.say("ยังอยู่ไหม")
    assert not (await person.screen()).is_begun or (await person.ask()).question != "next"
    await person.press("report")
    assert (await person.ask()).question == "category"


async def test_what_is_told_to_an_ended_tip_is_not_destroyed_unread(house: House) -> None:
    tip_id, receipt = await ended(house)
    house.clock.advance(100 * DAY)
    person = house.person("late")
    await person.press("follow")
    await person.say(receipt)
    await person.press("add")
    await person.say("เพิ่งรู้ชื่อคนรับเงิน")
    await upkeep(house).once()
    assert await house.tip_ids() == [tip_id]
    house.clock.advance(RULE.notice_days * DAY)
    await upkeep(house).once()
    assert await house.tip_ids() == []


async def test_a_held_tip_stays_and_one_released_late_is_not_destroyed_that_night(
    house: House,
) -> None:
    tip_id, _ = await ended(house)
    await hold(house, tip_id, is_held=True)
    house.clock.advance(400 * DAY)
    await upkeep(house).once()
    assert await house.tip_ids() == [tip_id]
    await hold(house, tip_id, is_held=False)
    await upkeep(house).once()
    assert await house.tip_ids() == [tip_id]
    house.clock.advance(DAY)
    await upkeep(house).once()
    assert await house.tip_ids() == []


async def test_a_hold_that_comes_at_the_last_moment_is_heard(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip_id, _ = await ended(house)
    house.clock.advance(101 * DAY)
    read = house.db.read

    async def read_then_held(work: Callable[[Transaction], object]) -> object:
        found = await read(work)
        if found == (tip_id,):
            await hold(house, tip_id, is_held=True)
        return found

    monkeypatch.setattr(house.db, "read", read_then_held)
    await upkeep(house).once()
    assert (await house.tip_ids(), await shreds(house)) == ([tip_id], [])


async def test_one_that_was_opened_again_meanwhile_stays(house: House) -> None:
    tip_id, _ = await ended(house)
    await change(house, tip_id, Status.IN_PROGRESS)
    house.clock.advance(400 * DAY)
    await upkeep(house).once()
    assert await house.tip_ids() == [tip_id]


async def test_older_tips_get_their_day_at_the_first_round(house: House) -> None:
    tip_id, _ = await filed(house)
    await house.db.commit(lambda t: expiry.put_rule(t, Rule(0, 0, 1)))
    await change(house, tip_id, Status.DECLINED)
    house.clock.advance(400 * DAY)
    await upkeep(house).once()
    assert await house.tip_ids() == [tip_id]
    await house.db.commit(lambda t: expiry.put_rule(t, RULE))
    await upkeep(house).once()
    assert await house.tip_ids() == [tip_id]  # not overnight
    house.clock.advance(DAY)
    await upkeep(house).once()
    assert await house.tip_ids() == []


async def test_a_tip_is_destroyed_whole_with_its_entry_or_nothing_happens(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip_id, _ = await ended(house)
    house.clock.advance(101 * DAY)
    before, shred = await house.tables(), shredding.shred

    def fails_at_the_end(t: Transaction, which: str, *, day: str) -> Gone:
        shred(t, which, day=day)
        raise Unavailable("the disk is away")

    with monkeypatch.context() as broken:
        broken.setattr(shredding, "shred", fails_at_the_end)
        with pytest.raises(Unavailable):
            await upkeep(house).once()
    assert (await house.tip_ids(), await shreds(house)) == ([tip_id], [])
    of_people = {"seen", "conversation", "outbox"}  # upkeep forgets these as well
    assert await house.tables() == {t: n for t, n in before.items() if t not in of_people}
    assert await house.blobs.ids()
    await upkeep(house).once()
    assert (await house.tip_ids(), await shreds(house)) == ([], [tip_id])


async def test_files_that_cannot_be_destroyed_now_are_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ended(house)
    house.clock.advance(101 * DAY)
    running = upkeep(house)

    async def full(*_: str) -> None:
        raise Unavailable("the disk is away")

    with monkeypatch.context() as broken:
        broken.setattr(house.blobs, "destroy", full)
        await running.once()
    assert await house.tip_ids() == []
    assert await house.blobs.ids()
    await running.once()
    assert await house.blobs.ids() == frozenset()


@pytest.mark.parametrize("at", ["forget", "blobs", "between"])
async def test_killed_at_any_point_it_is_finished_after_a_restart_and_told_once(
    house: House, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    first, _ = await ended(house)
    second, _ = await ended(house, "another")
    house.clock.advance(101 * DAY)

    async def dies(*_: str) -> None:
        raise Killed

    with monkeypatch.context() as killed:
        if at == "between":
            left, shred = iter([None]), shredding.shred

            def dies_at_the_second(t: Transaction, which: str, *, day: str) -> Gone:
                if next(left, "nothing") == "nothing":
                    raise Unavailable("the process ends here")
                return shred(t, which, day=day)

            killed.setattr(shredding, "shred", dies_at_the_second)
            with pytest.raises(Unavailable):
                await upkeep(house).once()
        else:
            killed.setattr(getattr(house, at), "destroy", dies)
            with pytest.raises(Killed):
                await upkeep(house).once()
    await house.reopen()
    await upkeep(house).at_start()
    assert sorted(map(str, await shreds(house))) == sorted([first, second])
    assert await house.tables() == {}
    assert await house.blobs.ids() == frozenset()
    assert house.forget.ids() == frozenset()


async def test_many_at_once_are_destroyed_in_one_round(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.retention.AT_A_TIME", 2)
    for number in range(5):
        await ended(house, f"person {number}")
    house.clock.advance(101 * DAY)
    await upkeep(house).once()
    assert await house.tip_ids() == []
    assert len(await shreds(house)) == 5
    assert await house.blobs.ids() == frozenset()
