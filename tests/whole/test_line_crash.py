"""The bot is killed while somebody tells on LINE: nothing is lost, nothing is there twice.

LINE delivers again what was not acknowledged; a person who hears nothing for a while sends a
sticker, and is shown the question again.
"""

import asyncio
from pathlib import Path

import pytest

from tests.fakes.line import FakeLine, LinePerson
from tests.whole.deployment import Whole, make
from tests.whole.nursery import running
from tests.whole.readings import files, readings, told
from tests.whole.server import Running
from tests.whole.test_line_running import PHOTO, STORY, on_line

PATIENCE_S = 5.0
RECEIPT_SAID = "รหัสติดตามของคุณ"


async def tells_whatever_happens(line: FakeLine, person: LinePerson) -> None:
    """The whole report up to the receipt. A question is answered once; silence gets a sticker."""
    answered: set[str] = set()
    await person.follows()
    for _ in range(60):
        asked = await heard(line, person)
        if RECEIPT_SAID in asked:
            return
        if not asked:
            await person.sends_sticker()
        elif "เกิดที่จังหวัดไหน" in asked:
            await person.says("ขอนแก่น")
        elif "เล่าเท่าที่เห็น" in asked and "story" not in answered:
            answered.add("story")
            await person.says(STORY)
        elif "มีอะไรที่ช่วยให้ตรวจสอบ" in asked and "photo" not in answered:
            answered.add("photo")
            await person.sends_photo(PHOTO)
        else:
            offered = ("แจ้งเบาะแส", "ส่ง", "ข้าม", "ไม่ทราบ", "เล่าจบแล้ว", "ส่งครบแล้ว", "ไม่มี")
            known = [label for label in offered if label in person.quick]
            await person.taps(known[0] if known else person.quick[0])
    raise AssertionError("the receipt never came")


async def heard(line: FakeLine, person: LinePerson) -> str:
    """What the bot said; "" when it says nothing although LINE is rid of everything."""
    while True:
        try:
            return "\n".join(bubble.text for bubble in await person.hears(PATIENCE_S))
        except TimeoutError:
            if not line.is_redelivering:
                return ""


async def until_dead(bot: Running, task: "asyncio.Task[None]") -> None:
    while bot.is_alive and not task.done():  # noqa: ASYNC110  # another process
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("when", "nth"), [("before", 1), ("after", 8), ("before", 15), ("after", 19), ("before", 24)]
)
async def test_a_kill_loses_nothing_and_doubles_nothing(
    when: str, nth: int, tmp_path: Path
) -> None:
    """Killed around the *nth* commit of the tale."""
    made = make(tmp_path / "made")
    with running(made) as bot:
        of_the_start = bot.commits
    kill = {f"kill_{when}_commit": of_the_start + nth}
    async with on_line(made) as line:
        line.is_redelivery_on, line.redelivery_after_s = True, 0.5
        person = line.person()
        with running(made, **kill) as bot:  # type: ignore[arg-type]  # as named there
            task = asyncio.create_task(tells_whatever_happens(line, person))
            await until_dead(bot, task)
            assert bot.was_killed, "the tale was over before the commit that it should die at"
        with running(made):
            await task
            await check_the_tip(made)
        shown = {code for bubble in person.chat if (code := code_in(bubble.text))}
        assert len(shown) == 1, "one tip, one receipt, however often it was shown"


async def check_the_tip(made: Whole) -> None:
    async with made.office() as office:
        (tip,) = await readings(office)
        assert told(tip).count(STORY) == 1
        assert await files(office, tip) == [PHOTO]


def code_in(text: str) -> str | None:
    lines = text.splitlines()
    return lines[1] if lines and lines[0] == RECEIPT_SAID else None
