"""From a filed tip to an officer's phone: at the quarters, counted by grants, once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts.alerting import Hook
from bot.alerts.counting import Counts, Record, Rules, Standing, Told, Wishes
from bot.alerts.quiet import QUARTER_S, Quiet
from bot.state import Draft
from handlers.effects import File
from sealing import Role
from sealing.roster import Roster
from storage.repositories import alerts
from tests.bot.alerts.alert_house import AlertHouse, alert_house
from tests.bot.fake_clock import NOON_23_NOVEMBER_2026
from tests.bot.turn_house import MALEE, ROSTER, SOMCHAI, officer


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[AlertHouse]:
    async with alert_house(tmp_path) as house:
        await house.bind(SOMCHAI.id, "somchai")
        yield house


async def test_a_filed_tip_is_told_to_who_may_read_it_at_the_next_quarter(made: AlertHouse) -> None:
    await made.bind(MALEE.id, "malee")  # of the region, where the grant is withheld
    await made.house.person().file("เห็นเขาเอาปูนไป")
    assert made.phone.got == []
    await made.quarter()
    assert made.phone.texts("somchai") == ["ขอนแก่น: ใหม่ 1"]
    assert made.phone.texts("malee") == []
    await made.quarter()
    assert len(made.phone.got) == 1


async def test_an_answer_of_the_person_is_told(made: AlertHouse) -> None:
    person = made.house.person()
    receipt = await person.file("เห็นเขาเอาปูนไป")
    await made.quarter()
    await person.press("noted")
    other = made.house.person("elsewhere")
    await other.press("follow")
    await other.say(receipt)
    await other.press("add")
    await other.say("มีรูปด้วย")
    await made.quarter()
    assert made.phone.told("somchai") == [(Told("kkn", 1),), (Told("kkn", answers=1),)]


async def test_what_a_person_tells_before_filing_is_no_answer(made: AlertHouse) -> None:
    person = made.house.person()
    await person.tell("เห็นเขาเอาปูนไป", "สองครั้ง")
    await made.quarter()
    assert made.phone.got == []


@pytest.mark.parametrize(
    "summary",
    [
        {"is_afraid": True},
        {"alias": "mkm7", "is_duress": True},
        {"alias": "mkm7", "is_duress": True, "is_afraid": True},
    ],
)
async def test_a_forced_and_a_frightened_person_are_one_urgent_tip(
    summary: dict[str, bool], made: AlertHouse
) -> None:
    await made.file(**summary)
    await made.quarter()
    assert made.phone.texts("somchai") == ["ขอนแก่น: ใหม่ 1 เร่งด่วน 1"]


async def test_duress_fear_and_an_overdue_clock_give_byte_identical_alerts(tmp_path: Path) -> None:
    texts = []
    for nth, (summary, overdue) in enumerate(
        [({"alias": "mkm7", "is_duress": True}, 0), ({"is_afraid": True}, 0), ({}, 1)]
    ):
        (tmp_path / str(nth)).mkdir()
        async with alert_house(tmp_path / str(nth)) as house:
            await house.bind(SOMCHAI.id, "somchai")
            house.clocks.by_centre["kkn"] = Standing(overdue, 5)
            await house.quarter()  # the day begins, its call falls on the last quarter
            house.random = lambda: 0.0
            await house.file(**summary)  # type: ignore[arg-type]  # facts of a summary
            await house.quarter()
            texts.append(house.phone.texts("somchai"))
    assert texts == [["ขอนแก่น: ใหม่ 1 เร่งด่วน 1 · กำหนดใกล้สุดอีก 5 วัน"]] * 3


async def test_an_application_is_told_to_registrars_and_is_never_urgent(tmp_path: Path) -> None:
    registrar = replace(officer(MALEE, "kkn"), roles=(Role.REGISTRAR,))
    roster = replace(ROSTER, officers=(ROSTER.officers[0], registrar))
    async with alert_house(tmp_path, roster=roster) as house:
        house.house.roster = roster
        await house.bind(SOMCHAI.id, "somchai")
        await house.bind(MALEE.id, "malee")
        await house.file(kind="application", is_afraid=True)
        await house.quarter()
        assert house.phone.texts("malee") == ["ขอนแก่น: ใบสมัคร 1"]
        assert house.phone.texts("somchai") == []


async def test_who_is_shut_out_of_a_tip_learns_from_no_alert_that_there_is_one(
    tmp_path: Path,
) -> None:
    roster = replace(ROSTER, officers=(officer(SOMCHAI, "kkn"), officer(MALEE, "kkn")))
    async with alert_house(tmp_path, roster=roster) as house:
        house.house.roster = roster
        filing = house.house.means.filing
        plain = filing._route
        filing._route = lambda *asked: replace(plain(*asked), conflicts=frozenset({SOMCHAI.id}))
        await house.bind(SOMCHAI.id, "somchai")
        await house.bind(MALEE.id, "malee")
        await house.file()
        await house.quarter()
        assert house.phone.texts("malee") == ["ขอนแก่น: ใหม่ 1"]
        assert house.phone.got[0].address == "malee"
        assert len(house.phone.got) == 1


async def test_ten_thousand_tips_between_two_quarters_are_one_alert(made: AlertHouse) -> None:
    draft = Draft.begin("0" * 32)
    filed = await made.house.means.filing.prepare(draft, File({}, {}, "TH-40"), "2026-11-23")
    raising = made.house.means.raising

    async def one(nth: int) -> None:
        await made.house.db.commit(
            lambda t: raising.filed(t, "kkn", filed.grants, is_urgent=nth % 2 == 0)
        )

    for begin in range(0, 10_000, 500):
        await asyncio.gather(*(one(nth) for nth in range(begin, begin + 500)))
    await made.quarter()
    assert made.phone.texts("somchai") == ["ขอนแก่น: ใหม่ 10000 เร่งด่วน 5000"]


async def test_quiet_hours_end_in_one_alert(tmp_path: Path) -> None:
    async with alert_house(tmp_path, rules=Rules(Quiet("20:00-07:00"))) as house:
        await house.bind(SOMCHAI.id, "somchai")
        house.house.clock.advance(7.75 * 3600)  # 19:45
        for _ in range(44):  # until 06:45
            await house.quarter()
            await house.file(is_afraid=True)
        assert house.phone.got == []
        await house.quarter()
        assert house.phone.texts("somchai") == ["ขอนแก่น: ใหม่ 44 เร่งด่วน 44"]


async def test_who_chose_so_hears_the_urgent_at_night(tmp_path: Path) -> None:
    async with alert_house(tmp_path, rules=Rules(Quiet("20:00-07:00"))) as house:
        await house.bind(SOMCHAI.id, "somchai")
        assert await house.bindings.set_wishes(SOMCHAI.id, Wishes(None, True, "en"))
        house.house.clock.advance(10 * 3600)
        await house.file()
        await house.quarter()
        assert house.phone.got == []
        await house.file(is_afraid=True)
        await house.quarter()
        assert house.phone.texts("somchai") == ["Khon Kaen: 2 new, 1 urgent"]


async def test_the_alarm_rings_at_the_walls_quarters_and_at_no_other_time(
    made: AlertHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, rung = made.house.clock, []

    async def quarter() -> None:
        rung.append(clock.now_s() - NOON_23_NOVEMBER_2026)

    monkeypatch.setattr(made.alerting, "quarter", quarter)
    clock.advance(100)
    task = asyncio.create_task(made.alerting.run())
    for _ in range(40):
        clock.advance(50)
        for _ in range(5):
            await asyncio.sleep(0)
    assert rung == [900.0, 1800.0]
    clock.advance(3 * QUARTER_S + 200)  # the machine slept through three quarters
    for _ in range(5):
        await asyncio.sleep(0)
    assert rung == [900.0, 1800.0], "an alert that late would tell when the machine woke"
    task.cancel()


async def test_who_left_the_roster_is_told_nothing_and_forgotten(made: AlertHouse) -> None:
    await made.bind(MALEE.id, "malee")
    await made.file()
    made.roster = Roster(
        2, ROSTER.day, ROSTER.expires, ROSTER.recovery, (officer(MALEE, "region"),)
    )
    await made.quarter()
    assert made.phone.got == []
    assert await made.rows() == {"alert_record": 1, "alert_binding": 1, "alert_line": 0}
    kept = await made.house.db.read(lambda t: [row.recipient for row in alerts.records(t)])
    assert kept == [MALEE.id]


async def test_an_officer_without_a_place_is_counted_for_nowhere(made: AlertHouse) -> None:
    await made.bindings.unbind_chat("telegram", "somchai")
    await made.file()
    assert await made.rows() == {"alert_record": 0, "alert_binding": 0, "alert_line": 0}


async def test_every_place_of_an_officer_is_told_the_same(made: AlertHouse) -> None:
    await made.bind(SOMCHAI.id, "somchai on line", "line")
    await made.file()
    await made.quarter()
    assert made.phone.told("somchai") == made.phone.told("somchai on line") == [(Told("kkn", 1),)]


async def test_a_test_goes_at_once_and_counts_nothing(made: AlertHouse) -> None:
    await made.file()
    assert await made.alerting.test(SOMCHAI.id) == 1
    await made.sending.send_due()
    assert made.phone.texts("somchai") == ["ทดสอบการแจ้งเตือนของใสสะอาด ช่องทางนี้ใช้ได้"]
    await made.quarter()
    assert made.phone.texts("somchai")[1:] == ["ขอนแก่น: ใหม่ 1"]


async def test_a_webhook_is_told_its_centre_by_day_and_night(tmp_path: Path) -> None:
    hooks = (Hook("webhook:a", "kkn"), Hook("webhook:b", "region"))
    async with alert_house(tmp_path, hooks=hooks, rules=Rules(Quiet("00:00-23:45"))) as house:
        await house.file()
        house.clocks.by_centre["kkn"] = Standing(0, 4)
        await house.quarter()
        assert house.phone.told("webhook:a") == [(Told("kkn", 1, nearest_days=4),)]
        assert house.phone.told("webhook:b") == []
        house.hooks = ()
        await house.reopen()
        assert await house.rows() == {"alert_record": 0, "alert_binding": 0, "alert_line": 0}


async def test_a_backup_put_back_without_its_keys_counts_from_nothing(made: AlertHouse) -> None:
    await made.file()
    keys = await made.house.db.read(lambda t: [row.key_id for row in alerts.records(t)])
    await made.house.forget.destroy(*keys)
    await made.file()
    await made.quarter()
    assert made.phone.got == []
    await made.file()
    await made.quarter()
    assert made.phone.texts("somchai") == ["ขอนแก่น: ใหม่ 1"]


async def test_a_reminder_comes_once_a_day_when_a_clock_is_near(made: AlertHouse) -> None:
    made.clocks.by_centre["kkn"] = Standing(0, 2)
    for _ in range(2 * 96):
        await made.quarter()
    assert made.phone.texts("somchai") == ["ขอนแก่น: กำหนดใกล้สุดอีก 2 วัน"] * 2


async def test_what_a_turn_that_is_not_stored_counts_is_not_counted(made: AlertHouse) -> None:
    def fails(t: object) -> None:
        made.house.means.raising.answered(t, "0" * 32)  # type: ignore[arg-type]  # any transaction
        raise RuntimeError("the commit fails")

    await made.file()
    with pytest.raises(RuntimeError):
        await made.house.db.commit(fails)
    row = await made.house.db.read(lambda t: alerts.record(t, SOMCHAI.id))
    assert row is not None
    record = made.records.open_record(row)
    assert isinstance(record, Record)
    assert record.counts == {"kkn": Counts(new=1)}
