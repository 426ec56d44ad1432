"""Somebody on LINE asks the running bot to be told; a console makes news; LINE pushes it."""

import asyncio
import sqlite3
from pathlib import Path

from console.acting import reply, set_status
from console.closing import end
from console.office import Wanted
from tests.fakes.line import LinePerson
from tests.whole.canaries import Canaries
from tests.whole.deployment import Whole, make
from tests.whole.nursery import running
from tests.whole.test_line_running import LISTENS_WITHIN_S, on_line, tells

NEWS = "มีข่าวใหม่ถึงคุณ"


async def test_who_asked_on_line_is_told_by_push_and_forgotten_when_the_tip_closes(
    tmp_path: Path,
) -> None:
    made = make(tmp_path / "made")
    async with on_line(made) as platform:
        person = platform.person()
        with running(made, is_verbose=True) as bot:
            await tells(person, is_failing=False)
            for label, said in {
                "แจ้งฉันที่นี่เมื่อมีคำตอบ": "เก็บบัญชีนี้ไว้กับเรื่อง",
                "ตกลง": "เปิดแจ้งเตือนแล้ว",
                "จดแล้ว": "ลบแชต",
            }.items():
                await person.taps(label)
                assert said in await heard(person)
            assert notices_in(made) == 1
            async with made.office() as office:
                (row,) = (await office.queue(Wanted())).rows
                tip_id = row.shown.tip_id
                await reply(office, tip_id, "จำทะเบียนรถได้ไหม")
                assert (await heard(person)).startswith(NEWS)
                await set_status(office, tip_id, "screening", "เริ่มตรวจแล้ว", is_sure=True)
                assert (await heard(person)).startswith(NEWS)
                await end(office, tip_id, "closed", "partly", "ตรวจแล้ว", "จบแล้ว", is_sure=True)
                assert (await heard(person)).startswith(NEWS)
            async with asyncio.timeout(LISTENS_WITHIN_S):
                while notices_in(made):  # noqa: ASYNC110  # another process removes it
                    await asyncio.sleep(0.02)
        assert "จำทะเบียนรถได้ไหม" not in person.said
        named = {f"secret {number}": text for number, text in enumerate(sorted(platform.secrets))}
        canaries = Canaries.of(named)
        assert list(canaries.in_folder(made.data, made.forget.parent)) == []
        assert list(canaries.in_bytes(bot.printed.encode(), "log")) == []


async def heard(person: LinePerson) -> str:
    return "\n".join(bubble.text for bubble in await person.hears(LISTENS_WITHIN_S))


def notices_in(made: Whole) -> int:
    (path,) = made.data.glob("*.db")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        ((count,),) = connection.execute("SELECT count(*) FROM notice").fetchall()
    finally:
        connection.close()
    return int(count)
