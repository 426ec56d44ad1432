"""What is on its way: tried again later and later, dropped when it can never arrive, never doubled
by us."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.alerts.sending import Alert, Later, NeverTaken, SendingRules, Shut
from bot.errors import Unavailable
from storage.port import Unavailable as Full
from storage.repositories import alerts, keys
from tests.bot.alerts.alert_house import AlertHouse, alert_house
from tests.bot.turn_house import MALEE, SOMCHAI


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[AlertHouse]:
    async with alert_house(tmp_path, sending_rules=SendingRules(at_most_attempts=3)) as house:
        await house.bind(SOMCHAI.id, "somchai")
        await house.file()
        yield house


async def test_what_fails_is_tried_again_later_and_later(made: AlertHouse) -> None:
    made.phone.failures = [Unavailable("away"), OSError("away")]
    await made.quarter()
    clock = made.house.clock
    for wait_s, arrived in ((4, 0), (2, 0), (9, 0), (3, 1)):
        clock.advance(wait_s)
        await made.sending.send_due()
        assert len(made.phone.got) == arrived, wait_s


async def test_what_can_never_arrive_is_dropped_and_counted_in_the_log(
    made: AlertHouse, capfd: pytest.CaptureFixture[str]
) -> None:
    made.phone.failures = [Unavailable("away")] * 9
    await made.quarter()
    for _ in range(5):
        made.house.clock.advance(3600)
        await made.sending.send_due()
    assert len(made.phone.failures) == 6
    assert (await made.rows())["alert_line"] == 0
    said = capfd.readouterr().err
    assert '"event": "alert_dropped"' in said or "alert_dropped" in said
    assert "somchai" not in said
    assert SOMCHAI.id not in said


async def test_a_pause_that_the_platform_asks_for_is_no_attempt(made: AlertHouse) -> None:
    made.phone.failures = [Later(60)] * 9
    await made.quarter()
    for _ in range(10):
        made.house.clock.advance(62)
        await made.sending.send_due()
    assert len(made.phone.got) == 1


async def test_who_blocked_the_bot_is_forgotten_with_what_waits_for_them(made: AlertHouse) -> None:
    made.phone.failures = [Shut("blocked")]
    await made.quarter()
    assert await made.rows() == {"alert_record": 0, "alert_binding": 0, "alert_line": 0}
    assert await made.house.db.read(keys.in_use) == frozenset()


async def test_what_the_platform_refuses_for_good_is_not_tried_again(made: AlertHouse) -> None:
    made.phone.failures = [NeverTaken("refused")]
    await made.quarter()
    assert await made.rows() == {"alert_record": 1, "alert_binding": 1, "alert_line": 0}


async def test_a_place_removed_while_an_alert_waits_is_told_nothing(made: AlertHouse) -> None:
    made.phone.failures = [Unavailable("away")]
    await made.quarter()
    await made.bindings.unbind(*await made.house.db.read(alerts.bindings))
    made.house.clock.advance(3600)
    await made.sending.send_due()
    assert made.phone.got == []
    assert await made.rows() == {"alert_record": 0, "alert_binding": 0, "alert_line": 0}
    assert made.house.forget.ids() == frozenset()


async def test_a_failing_place_holds_up_no_other(made: AlertHouse) -> None:
    await made.bind(SOMCHAI.id, "somchai elsewhere")
    made.phone.failures = [Unavailable("away")]
    await made.quarter()
    assert len(made.phone.got) == 1


async def test_nothing_is_left_of_an_alert_that_has_left(made: AlertHouse) -> None:
    await made.quarter()
    assert (await made.rows())["alert_line"] == 0
    assert made.house.forget.ids() == await made.house.db.read(keys.in_use)


async def test_a_disk_that_fails_beside_a_slow_place_doubles_nothing(
    made: AlertHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made.bind(MALEE.id, "malee")
    went_on, sent = asyncio.Event(), list[str]()

    async def send(alert: Alert) -> None:
        sent.append(alert.address)
        if alert.address == "malee":
            await went_on.wait()

    monkeypatch.setattr(made.phone, "send", send)
    for who in (SOMCHAI, MALEE):
        await made.alerting.test(who.id)
    commit = made.house.db.commit

    async def failing(work: Any) -> Any:
        went_on.set()
        monkeypatch.setattr(made.house.db, "commit", commit)
        raise Full("disk")

    monkeypatch.setattr(made.house.db, "commit", failing)
    with pytest.raises(Full):
        await made.sending.send_due()
    assert sorted(sent) == ["malee", "somchai"]
    await made.sending.send_due()
    assert sent.count("malee") == 1
    assert sent.count("somchai") == 2, "nobody knows whether it was noted: it is sent again"
