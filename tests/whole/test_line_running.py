"""A person on LINE and the running bot: the tip arrives, and nothing of LINE stays behind."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from console.office import Wanted
from tests.fakes.line import FakeLine, Fault, LinePerson
from tests.whole.canaries import Canaries
from tests.whole.deployment import Whole, make
from tests.whole.nursery import running
from tests.whole.server import Running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STORY = "เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง canary"
PHOTO = b"\xff\xd8\xff" + b"canary road " * 20_000
LISTENS_WITHIN_S = 30.0
"""The machine may be busy: what is not said within LINE's minute is not said at all."""


@asynccontextmanager
async def on_line(made: Whole) -> "AsyncIterator[FakeLine]":
    """LINE, known to *made*'s configuration."""
    async with FakeLine.opened(answer_within_s=10.0) as platform:
        line = f'[line]\napi_url = "{platform.api_url}"\ndata_api_url = "{platform.data_url}"\n'
        made.config.write_text(f"{made.config.read_text('utf-8')}\n{line}", "utf-8")
        for name, secret in {
            "line-channel-secret": platform.channel_secret,
            "line-access-token": platform.access_token,
        }.items():
            path = made.folder / "secrets" / name
            path.touch(0o600)
            path.write_text(secret, "utf-8")
        platform.webhook_url = f"{made.web_url}/line/webhook"
        yield platform


async def tells(person: LinePerson, *, is_failing: bool) -> None:
    """The whole report, one answer at a time, and the receipt at its end. LINE answers the first
    try of every reply, and of the file, with a 500 if it *is_failing*."""
    faults = person.line.faults
    assert await person.follows() == 200
    await person.hears(LISTENS_WITHIN_S)
    await person.taps("แจ้งเบาะแส")
    for _ in range(20):
        asked = "\n".join(bubble.text for bubble in await person.hears(LISTENS_WITHIN_S))
        if "รหัสติดตามของคุณ" in asked:
            return
        faults.stop()
        if is_failing:
            faults.next(Fault.SERVER_ERROR, path="/message/reply")
            faults.next(Fault.SERVER_ERROR, path="/content")
        if "เกิดที่จังหวัดไหน" in asked:
            await person.says("ขอนแก่น")
        elif "เล่าเท่าที่เห็น" in asked:
            await person.says(STORY)
        elif "มีอะไรที่ช่วยให้ตรวจสอบ" in asked:
            await person.sends_photo(PHOTO)
        else:
            offered = ("ส่ง", "ข้าม", "ไม่ทราบ", "เล่าจบแล้ว", "ส่งครบแล้ว", "ไม่มี")
            known = [label for label in offered if label in person.quick]
            await person.taps(known[0] if known else person.quick[0])
    raise AssertionError("the receipt never came")


@pytest.mark.parametrize("is_failing", [False, True])
async def test_a_tip_from_line_reaches_its_officer_and_leaves_no_account_behind(
    is_failing: bool, tmp_path: Path
) -> None:
    made = make(tmp_path / "made")
    async with on_line(made) as platform:
        person = platform.person()
        with running(made, is_verbose=True) as bot:
            await tells(person, is_failing=is_failing)
            await person.taps("จดแล้ว")
            await person.hears(LISTENS_WITHIN_S)
            assert await the_officer_sees(made) == 1
            found = hits(made, bot, platform)
        assert found == []
        assert platform.profile_calls == []
        assert "ลบแชตในเครื่องของคุณได้แล้ว" in person.said


async def the_officer_sees(made: Whole) -> int:
    async with made.office() as office:
        return len((await office.queue(Wanted())).rows)


def hits(made: Whole, bot: Running, platform: FakeLine) -> list[object]:
    """Whatever of LINE, or of what was told, lies on the disk or in the log."""
    named = {f"secret {number}": text for number, text in enumerate(sorted(platform.secrets))}
    canaries = Canaries.of({**named, "story": STORY, "photo": PHOTO[:300]})
    return [
        *canaries.in_folder(made.data, made.forget.parent),
        *canaries.in_bytes(bot.printed.encode(), "log"),
    ]


async def test_a_webhook_that_nobody_signed_is_turned_away_by_the_running_bot(
    tmp_path: Path,
) -> None:
    made = make(tmp_path / "made")
    async with on_line(made) as platform:
        with running(made):
            assert await platform.ping() == 200
            assert await platform.post_raw(b'{"events": []}', None) == 401
            assert await platform.post_raw(b'{"events": []}', "A" * 44) == 403
            assert await platform.post_raw(b"x" * 5_000_000) in (413, None), "None: hung up on"
            assert await platform.ping() == 200
