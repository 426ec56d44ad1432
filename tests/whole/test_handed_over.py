"""The whole way of a story full of marks: told in the web chat by a member under duress, sealed by
the running bot, read by an officer, handed over; and nothing of the person is in what leaves.
"""

import html as markup
import io
import zipfile
from pathlib import Path

from console.handing_over import Order, hand_over, preview
from console.handoff.blackout import BAR
from console.handoff.choices import Choices, Form
from console.handoff.printing import on_paper
from console.words import words_for
from tests.cleaning.samples import CANARIES, jpeg
from tests.whole.browser import Browser, Tale
from tests.whole.deployment import make
from tests.whole.nursery import running
from tests.whole.readings import readings

PHONE, SHOP = "๐๘๑-๗๓๕-๕๑๙๐", "ร้านป้าจุกหน้าวัด"
STORY = f"ดิฉันโทร {PHONE} เห็นปลัดรับซองที่{SHOP} ตอนเย็น"
NAME = "หน้าบ้านสมหญิง รักไทย.jpg"
REASON = "ตำรวจขอเพื่อสอบสวน"


async def test_a_story_full_of_marks_is_handed_over_without_one(tmp_path: Path) -> None:
    made = make(tmp_path / "deployment")
    code = await made.member_code(is_duress=True)
    alias, out, pages = code.alias, tmp_path / "out", list[str]()
    out.mkdir()
    tale = Tale(
        what=(STORY, f"รหัสดิฉัน {code.grouped} ส่งรูป {NAME} มาให้"),
        who="ปลัดกับคนขับรถ",
        files=((NAME, jpeg().data, "image/jpeg"),),
        member_code=code.grouped,
    )

    async def print_page(html: str) -> bytes | None:
        pages.append(html)
        return await on_paper(html)

    with running(made):
        async with Browser(made.web_url) as teller:
            await teller.open()
            receipt = await tale.tell(teller)
        async with made.office() as office:
            (reading,) = await readings(office)
            summary, tip_id = reading.tip.grant.summary, reading.tip.tip_id
            assert summary is not None
            assert (summary.is_duress, summary.alias) == (True, alias)
            words, choices = words_for("th"), Choices((SHOP,))
            read = await preview(office, tip_id, choices, words)
            order = Order("police", Form.REDACTED, choices, REASON, read.number)
            done = await hand_over(office, tip_id, order, out, words, print_page=print_page)
            after = await office.read(tip_id)
    assert after.alarms == ()
    (given,) = after.tip.shown.handovers
    assert (given.body, given.sha256) == ("police", done.packed.sha256)

    data = done.path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
        assert all(info.date_time[0] == 1980 for info in bundle.infolist())
    text = files["hand-off.txt"].decode()
    assert text == read.text
    assert f"เห็นปลัดรับซองที่{BAR} ตอนเย็น" in text
    (photo,) = [name for name in files if name.startswith("evidence/")]
    never = (
        *(PHONE, "๗๓๕", "0817355190", SHOP, NAME, "สมหญิง", alias, alias.upper(), tip_id),
        *(code.grouped, code.letters, receipt, receipt.replace("-", ""), REASON),
        *("ถูกบังคับ", "duress", "เว็บ", "web", *(part.shown.part_id for part in after.tip.parts)),
    )
    page = markup.unescape(pages[0])
    for mark in never:
        assert mark not in text
        assert mark not in page
        assert mark not in " ".join(files)
        assert mark.encode() not in files["MANIFEST.json"] + files["SHA256SUMS"]
        if len(mark) > len(alias):
            assert mark.encode() not in data
    assert not any(canary in files[photo] for canary in CANARIES)
