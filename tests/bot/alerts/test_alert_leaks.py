"""What a thief of the disk learns of alerts: no contact, and not whether the one tip was urgent."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.alerts.counting import Standing
from bot.errors import Unavailable
from tests.bot.alerts.alert_house import AlertHouse, alert_house
from tests.bot.turn_house import SOMCHAI

CONTACT = "7423901856001"
ADDRESS = "canary.somchai@example.go.th"
Live = Callable[[AlertHouse], Awaitable[None]]


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


async def bound(made: AlertHouse) -> None:
    await made.bind(SOMCHAI.id, CONTACT)
    code = made.codes.mail(SOMCHAI.id, ADDRESS, "th")
    assert await made.bindings.bind_mail(SOMCHAI.id, code) is not None


async def sizes(made: AlertHouse) -> list[tuple[object, ...]]:
    """Everything of the alert tables that is not random."""

    def look(t):  # type: ignore[no-untyped-def]  # a transaction
        return [
            *t.rows("SELECT recipient, length(sealed) FROM alert_record ORDER BY 1"),
            *t.rows("SELECT officer, channel, length(contact) FROM alert_binding ORDER BY 2"),
            *t.rows(
                "SELECT channel, attempts, not_before, length(sealed) FROM alert_line ORDER BY 1"
            ),
        ]

    return await made.house.db.read(look)


async def test_no_contact_no_code_and_no_count_lies_readable(tmp_path: Path) -> None:
    async with alert_house(tmp_path) as made:
        await bound(made)
        link = made.codes.link(SOMCHAI.id, "line", "th")
        await made.file(is_afraid=True)
        made.phone.failures = [Unavailable("away")] * 2
        await made.quarter()  # the lines wait on the disk
        await made.file(alias="mkm7", is_duress=True)
        stolen = on_disk(tmp_path)
    for canary in (CONTACT, ADDRESS, "somchai@", link, "urgent", "เร่งด่วน"):
        for shape in (
            canary.encode(),
            canary.encode("utf-16-le"),
            hashlib.sha256(canary.encode()).digest(),
        ):
            assert shape not in stolen, canary


@pytest.mark.parametrize("waits", [False, True])
async def test_what_lies_there_is_as_long_whether_the_one_tip_was_urgent_or_not(
    waits: bool, tmp_path: Path
) -> None:
    found = []
    for nth, summary in enumerate(({}, {"is_afraid": True}, {"alias": "mkm7", "is_duress": True})):
        folder = tmp_path / str(nth)
        folder.mkdir()
        async with alert_house(folder) as made:
            await bound(made)
            await made.file(**summary)  # type: ignore[arg-type]  # facts of a summary
            if waits:
                made.phone.failures = [Unavailable("away")] * 2
                await made.quarter()
            found.append(await sizes(made))
    assert found[0] == found[1] == found[2]


async def test_the_record_is_written_anew_at_every_tip_urgent_or_not(tmp_path: Path) -> None:
    async with alert_house(tmp_path) as made:
        await bound(made)

        async def sealed() -> bytes:
            rows = await made.house.db.read(lambda t: t.rows("SELECT sealed FROM alert_record"))
            return bytes(rows[0][0])

        seen = {await sealed()}
        for nth in range(6):
            await made.file(is_afraid=nth % 2 == 0)
            seen.add(await sealed())
        assert len(seen) == 7


async def test_once_told_an_old_copy_opens_no_count_and_no_alert(tmp_path: Path) -> None:
    """Also with the server key: what the forget store forgot is gone."""
    async with alert_house(tmp_path) as made:
        await bound(made)
        await made.file(is_afraid=True)
        old = await made.house.db.read(
            lambda t: t.rows("SELECT recipient, key_id, sealed FROM alert_record")
        )
        made.phone.failures = [Unavailable("away")]
        await made.quarter()
        lines = await made.house.db.read(
            lambda t: t.rows("SELECT line_id, key_id, sealed FROM alert_line")
        )
        made.house.clock.advance(3600)
        await made.sending.send_due()
        await asyncio.sleep(0)
        assert len(lines) == 1
        for _, key_id, _ in (*old, *lines):
            assert made.house.forget.get(key_id) is None


async def test_nothing_is_logged_of_whom_or_what(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with alert_house(tmp_path) as made:
        await bound(made)
        made.clocks.by_centre["kkn"] = Standing(2, 1)
        await made.file(is_afraid=True)
        made.phone.failures = [Unavailable("away"), RuntimeError(CONTACT)]
        for _ in range(3):
            await made.quarter()
    said = capfd.readouterr()
    text = said.out + said.err
    assert "alert_failed" in text
    for canary in (CONTACT, ADDRESS, SOMCHAI.id, "kkn", "urgent"):
        assert canary not in text
