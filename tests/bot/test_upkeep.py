"""What must be forgotten is, on time, by the clock; and a crash leaves no orphan for long."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import today
from bot.errors import AlteredQuarter, RegistryUnusable, RosterUnusable
from bot.guessing import last_day
from bot.roster import Alarm
from bot.upkeep import Upkeep, UpkeepRules
from handlers.events import Followed
from storage import Unavailable
from tests.bot.test_turn import telling
from tests.bot.turn_house import SOMCHAI, House

HOUR = 3600.0
DAY = 24 * HOUR


class Killed(BaseException):
    """The process ends here. No KeyboardInterrupt: asyncio lets that out of the loop itself."""


@pytest.fixture
def upkeep(house: House) -> Upkeep:
    return Upkeep(house.means, house.turns, house.throttle, UpkeepRules(round_s=300))


async def test_a_receipt_nobody_noted_is_gone_within_twenty_four_hours(
    house: House, upkeep: Upkeep
) -> None:
    person = house.person()
    receipt = await person.file("เรื่อง")
    house.clock.advance(23.5 * HOUR)
    await upkeep.once()
    assert (await person.screen()).receipt == receipt
    house.clock.advance(0.5 * HOUR - 1)
    await upkeep.once()
    assert not (await person.screen()).is_begun
    tables = await house.tables()
    assert not {"outbox", "conversation"} & tables.keys()
    assert house.forget.ids() == frozenset()
    assert tables["tip"] == 1  # the tip itself stays, and so does its way back
    person = house.person("later")
    await person.press("follow")
    await person.say(receipt)
    assert (await person.ask()).question == "next"


async def test_killed_between_a_receipts_key_and_its_rows_the_next_round_goes_on(
    house: House, upkeep: Upkeep, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.person().file("เรื่อง")
    house.clock.advance(24 * HOUR - 1)

    async def killed(*_: object) -> bool:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(house.turns, "forget_if", killed)
        with pytest.raises(Killed):
            await upkeep.once()
    assert (await house.tables())["outbox"] == 1
    await house.reopen()
    await Upkeep(house.means, house.turns, house.throttle, UpkeepRules(round_s=300)).at_start()
    assert not {"outbox", "conversation"} & (await house.tables()).keys()


async def test_an_idle_draft_is_forgotten_with_its_parts_and_files(
    house: House, upkeep: Upkeep
) -> None:
    person = await telling(house)
    await person.say("เรื่อง")
    await person.send_file(b"photo")
    house.clock.advance(7 * DAY)
    await upkeep.once()
    assert "part" in await house.tables()
    house.clock.advance(DAY)
    await upkeep.once()
    assert await house.tables() == {}
    assert await house.blobs.ids() == frozenset()
    assert house.forget.ids() == frozenset()


async def test_a_draft_somebody_still_works_on_is_not_forgotten(
    house: House, upkeep: Upkeep
) -> None:
    person = await telling(house)
    await person.say("เรื่องยาว")
    for _ in range(4):
        house.clock.advance(5 * DAY)
        await upkeep.once()
        await person.press("back")
        await person.press("keep") if "keep" in [
            o.id for o in (await person.ask()).choices
        ] else await person.press("skip")
    await person.press("done")
    await person.tell_on()
    await person.press("send")
    (tip_id,) = await house.tip_ids()
    assert "เรื่องยาว" in [part.words for part in await house.read_as(SOMCHAI, tip_id)]


async def test_marks_of_old_events_go(house: House, upkeep: Upkeep) -> None:
    await house.person().send(Followed())
    house.clock.advance(8 * DAY)
    await upkeep.once()
    assert "seen" not in await house.tables()


async def test_orphans_of_a_crash_are_swept_at_start(house: House) -> None:
    person = await telling(house)
    await person.send_file(b"kept")
    used, blobs = house.forget.ids(), await house.blobs.ids()
    await house.forget.keep()  # kept before a commit that never came
    await person.upload(b"never told of")
    await house.reopen()
    await Upkeep(house.means, house.turns, house.throttle).at_start()
    assert house.forget.ids() == used
    assert await house.blobs.ids() == blobs


async def test_a_key_left_by_a_crash_after_filing_is_swept_and_the_tip_is_whole(
    house: House,
) -> None:
    person = house.person()
    await person.tell("ต้องเปิดได้")
    destroyed = house.forget.destroy

    async def killed(*key_ids: str) -> None:
        raise Killed

    house.forget.destroy = killed  # type: ignore[method-assign]  # the process ends right after the commit
    with pytest.raises(Killed):
        await person.press("send", "the event")
    house.forget.destroy = destroyed  # type: ignore[method-assign]  # back to life
    left = len(house.forget.ids())
    await house.reopen()
    await Upkeep(house.means, house.turns, house.throttle).at_start()
    assert len(house.forget.ids()) == left - 1
    assert not (await person.press("noted", "the event")).is_fresh
    assert (await person.screen()).receipt is not None
    (tip_id,) = await house.tip_ids()
    assert (await house.read_as(SOMCHAI, tip_id))[0].words == "ต้องเปิดได้"


async def test_while_running_a_key_is_swept_only_when_two_sweeps_found_it_orphaned(
    house: House, upkeep: Upkeep
) -> None:
    orphan = (await house.forget.keep()).key_id
    await upkeep.once()
    assert orphan in house.forget.ids()
    await upkeep.once()
    assert orphan in house.forget.ids()  # the same hour: a turn may be about to need it
    house.clock.advance(HOUR)
    await upkeep.once()
    assert orphan not in house.forget.ids()


async def test_an_upload_no_turn_told_of_goes_after_a_while(house: House, upkeep: Upkeep) -> None:
    person = await telling(house)
    await person.upload(b"forgotten by its channel")
    await upkeep.once()
    assert len(await house.blobs.ids()) == 1
    house.clock.advance(2 * HOUR)
    await upkeep.once()
    assert await house.blobs.ids() == frozenset()
    assert house.uploads.waiting == frozenset()


async def test_the_log_of_the_database_is_emptied_every_hour(
    house: House, upkeep: Upkeep, tmp_path: Path
) -> None:
    await telling(house)
    assert (tmp_path / "db.sqlite-wal").stat().st_size > 0
    await upkeep.once()
    assert (tmp_path / "db.sqlite-wal").stat().st_size == 0
    await house.person("other").send(Followed())
    house.clock.advance(HOUR)
    await upkeep.once()
    assert (tmp_path / "db.sqlite-wal").stat().st_size == 0


async def test_a_refused_roster_is_said_and_intake_goes_on(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    class Refused:
        async def refresh(self) -> bool:
            raise RosterUnusable("forged")

    alarm = Alarm("roster_expires_soon", 3, "", "")
    upkeep = Upkeep(
        house.means, house.turns, house.throttle, roster=Refused(), alarms=lambda day: [alarm]
    )
    await upkeep.once()
    await upkeep.once()
    said = capsys.readouterr().err
    assert said.count("roster_refused") == 2
    assert said.count("roster_expires_soon") == 1  # once a day
    assert await house.person().file("เรื่อง")


async def test_each_round_looks_again_at_what_is_signed_and_then_at_the_cards(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    looked: list[str] = []

    class Looked:
        def __init__(self, name: str) -> None:
            self.name = name

        async def refresh(self) -> bool:
            looked.append(self.name)
            if self.name == "registry":
                raise RegistryUnusable("forged")
            return False

    class Cards:
        async def refresh(self) -> None:
            looked.append("cards")

    upkeep = Upkeep(
        house.means, house.turns, house.throttle,
        roster=Looked("roster"), registry=Looked("registry"), knowledge=Cards(),
    )  # fmt: skip
    await upkeep.once()
    assert looked == ["roster", "registry", "cards"]
    assert "registry_refused" in capsys.readouterr().err


async def test_the_day_that_counts_is_the_clocks(house: House, upkeep: Upkeep) -> None:
    await telling(house)
    before = today(house.clock)
    house.clock.advance(30 * DAY)
    assert today(house.clock) - before == timedelta(days=30)
    await upkeep.once()
    assert await house.tables() == {}


async def test_the_day_of_the_last_guessing_is_kept_and_nothing_else(
    house: House, upkeep: Upkeep
) -> None:
    async def kept() -> list[object]:
        return await house.db.read(
            lambda t: [row[0] for row in t.rows("SELECT value FROM setting")]
        )

    before = await kept()
    for number in range(199):
        house.throttle.wrong(number.to_bytes(4, "big"))
    await upkeep.once()
    assert await kept() == before
    house.throttle.wrong(b"last")
    await upkeep.once()
    day = today(house.clock)
    assert await kept() == [*before, day.isoformat()]
    house.clock.advance(14 * DAY)
    await upkeep.once()  # nobody guessed again: the day stays
    now = today(house.clock)
    assert await house.db.read(lambda t: last_day(t, now, 14)) == day
    assert await house.db.read(lambda t: last_day(t, now, 13)) is None


async def test_upkeep_decides_what_is_shown_of_months_that_are_over(house: House) -> None:
    asked = []

    class Periods:
        async def make(self) -> None:
            asked.append(today(house.clock))

    means = (house.means, house.turns, house.throttle, UpkeepRules(round_s=300))
    await Upkeep(*means, periods=Periods()).once()
    assert asked == [today(house.clock)]


async def test_what_fails_keeps_nothing_else_from_being_forgotten(
    house: House, tmp_path: Path
) -> None:
    """A trail or figures that cannot be written must not keep tips from being destroyed."""
    done = []

    class Broken:
        async def sign_days(self) -> None:
            raise Unavailable("the trail cannot be written")

        async def make(self) -> None:
            raise AlteredQuarter("a period was altered")

    class Retention:
        async def once(self) -> int:
            done.append("retention")
            raise Unavailable("broke off after some")

    means = (house.means, house.turns, house.throttle, UpkeepRules(round_s=300))
    upkeep = Upkeep(*means, auditing=Broken(), periods=Broken(), retention=Retention())
    log = tmp_path / "db.sqlite-wal"
    await telling(house)
    for _ in range(2):
        await house.person("other").send(Followed())
        assert log.stat().st_size > 0
        with pytest.raises(Unavailable, match="trail"):
            await upkeep.once()
        assert log.stat().st_size == 0  # at once, though the hour is not over
    assert done == ["retention"] * 2
