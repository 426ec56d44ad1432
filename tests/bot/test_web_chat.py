"""A tip told, filed and followed in the web chat: real HTTP, and a browser without scripts."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.evidence import EvidenceRules
from storage.repositories import conversations
from tests.bot.turn_house import House
from tests.bot.web_house import Seen, Visitor, Web, form_ids, serving_web

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
STORY = "เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง"


@pytest.fixture
async def web(house: House) -> AsyncIterator[Web]:
    async with serving_web(house) as served:
        yield served


async def test_the_first_look_stores_nothing(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.open()
        assert "แจ้งเบาะแส" in visitor.seen.buttons["report"]
        assert await web.house.tables() == {}
        assert web.house.forget.ids() == frozenset()


async def test_a_tip_is_told_filed_and_read_by_an_officer(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(STORY, "สีขาว")
        await visitor.press("send")
        assert len(visitor.seen.code.replace("-", "")) == 24
        words = [part.words for part in await web.told() if part.words]
        assert words == [STORY, "สีขาว"]


async def test_the_receipt_stands_until_it_is_noted(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(STORY)
        code = (await visitor.press("send")).code
        assert (await visitor.open()).code == code
        assert visitor.seen.box is None
        await visitor.press("noted")
        assert "report" in visitor.seen.buttons
        assert code not in (await visitor.open()).html


async def test_a_receipt_opens_the_officers_words_in_another_browser(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(STORY)
        code = (await visitor.press("send")).code
    await web.officer_writes("จำทะเบียนรถได้ไหม\n<script>alert(1)</script> \u202eกลับ")
    async with web.visitor() as other:
        await other.press("follow")
        seen = await other.say(code)
        assert seen.quotes == ["จำทะเบียนรถได้ไหม\n<script>alert(1)</script> \u202eกลับ"]
        assert "<script>" not in seen.html
        await other.press("answer")
        await other.say("จำไม่ได้")
        assert [part.words for part in await web.told() if part.words][-1] == "จำไม่ได้"


async def test_a_photo_is_kept_with_its_name_and_what_it_really_is(web: Web) -> None:
    async with web.visitor() as visitor:
        seen = await visitor.tell(until="none")
        assert seen.file_box is not None
        seen = await visitor.upload(("../รูป\u202e.gpj", JPEG, "text/html"), words="ทะเบียน กข 1")
        assert "รูป 1 รูป" in seen.text
        await to_the_end(visitor)
        files = [part.file for part in await web.told() if part.file]
        assert [(f.name, f.mime, f.media, f.size) for f in files if f] == [
            ("รูป.gpj", "image/jpeg", "photo", len(JPEG))
        ]
        assert "ทะเบียน กข 1" in [part.words for part in await web.told()]


async def test_several_files_of_one_form_are_all_kept(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(until="none")
        seen = await visitor.upload(
            ("a.jpg", JPEG, "image/jpeg"),
            ("", b"", "application/octet-stream"),
            ("b.pdf", b"%PDF-1.7 x", "application/pdf"),
            choice="done",
        )
        assert "none" not in seen.buttons
        await to_the_end(visitor)
        assert [part.file.media for part in await web.told() if part.file] == ["photo", "document"]


async def test_a_form_sent_twice_counts_once(web: Web) -> None:
    async with web.visitor() as visitor:
        seen = await visitor.tell(until="done")
        form = {**seen.hidden, "words": STORY}
        for _ in range(3):
            answer = await visitor.http.post(seen.action, data=form)
            assert answer.status_code == 303
        assert "ข้อความ 1 ข้อความ" in (await visitor.open()).text


async def test_a_file_sent_twice_by_one_form_counts_once(web: Web) -> None:
    async with web.visitor() as visitor:
        seen = await visitor.tell(until="none")
        for _ in range(2):
            await visitor.http.post(
                seen.action, data=seen.hidden, files=[("file", ("a.jpg", JPEG, "image/jpeg"))]
            )
        assert "รูป 1 รูป" in (await visitor.open()).text
        assert len(await web.house.blobs.ids()) == 1


async def test_an_old_form_with_new_words_is_not_taken_for_the_old_one(web: Web) -> None:
    async with web.visitor() as visitor:
        seen = await visitor.tell(until="done")
        for words in ("คำแรก", "คำที่สอง"):
            await visitor.http.post(seen.action, data={**seen.hidden, "words": words})
        assert "ข้อความ 2 ข้อความ" in (await visitor.open()).text


async def test_an_old_button_is_answered_and_changes_nothing(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.press("report")
        old = visitor.seen
        await visitor.press(next(iter(old.buttons)))
        answer = await visitor.http.post(old.action, data={**old.hidden, "choice": "cancel"})
        assert answer.status_code == 303
        seen = await visitor.open()
        assert "ปุ่มนั้นเป็นของข้อก่อน" in seen.text
        assert "TH-40" in seen.buttons


@pytest.mark.parametrize("choice", [{}, {"choice": "done"}])
async def test_words_with_a_code_in_them_are_handed_back_and_not_kept(
    web: Web, choice: dict[str, str]
) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(until="done")
        words = f"{STORY} รหัส mkm7-k3m9-qxd4-ftb2-a"
        seen = await visitor.send(words=words, **choice)
        assert seen.typed == words
        assert "เราจึงไม่ได้เก็บไว้" in seen.text
        assert "เล่าเท่าที่เห็น" in seen.text
        await visitor.say(STORY)
        await to_the_end(visitor)
        assert [part.words for part in await web.told() if part.words] == [STORY]


async def test_words_typed_for_a_question_that_is_gone_are_handed_back(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(until="done")
        old = visitor.seen
        await visitor.say(STORY)
        await visitor.press("done")
        answer = await visitor.http.post(
            old.action, data={**form_of(visitor.seen), **old.hidden, "words": "  ช้าไป\nหนึ่งข้อ"}
        )
        assert answer.status_code == 200
        seen = Seen(answer.text)
        assert seen.typed == "  ช้าไป\nหนึ่งข้อ"
        assert seen.looks[0] == "notice"
        assert "ปุ่มนั้น" not in seen.text
        assert seen.hidden["screen"] != old.hidden["screen"]


async def test_words_and_a_button_under_way_together_never_answer_another_question(
    web: Web,
) -> None:
    """An impatient “skip” beside words on a slow line: whichever is first, nothing is misfiled."""
    async with web.visitor() as visitor:
        seen = await visitor.tell(until="skip")
        forms = (
            {**seen.hidden, "choice": "skip"},
            {**seen.hidden, "form": "b" * 20, "words": "นายดำ ตำแหน่งปลัด"},
        )
        answers = await asyncio.gather(
            *(visitor.http.post(seen.action, data=form) for form in forms)
        )
        assert {answer.status_code for answer in answers} <= {200, 303}
        handed_back = [answer for answer in answers if "นายดำ ตำแหน่งปลัด" in answer.text]
        (session,) = visitor.http.cookies.values()
        means = web.house.means
        key = means.marks.conversation("web", session)
        row = await web.house.db.read(lambda t: conversations.get(t, key))
        talk = means.open(row, session, "th").state.conversation
        told = {key: answer.counts.get("words", 0) for key, answer in talk.told.items()}
        assert told.get("what", 0) == 0
        assert bool(handed_back) != bool(told.get("who", 0))


async def test_words_left_in_the_box_by_another_button_are_kept_there_unsent(web: Web) -> None:
    async with web.visitor() as visitor:
        seen = await visitor.press("follow", words="4821 0937")
        assert visitor.answer.status_code == 200
        assert seen.typed == "4821 0937"
        assert "ยังไม่ได้ส่ง" in seen.bubbles[0]
        assert "รหัสติดตาม" in seen.bubbles[-1]


async def test_words_in_the_box_go_with_the_button_that_ends_the_answer(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(until="done")
        seen = await visitor.press("done", words=STORY)
        assert "today" in seen.buttons
        await to_the_end(visitor)
        assert STORY in [part.words for part in await web.told()]


async def test_a_message_too_long_for_one_part_stays_in_the_box(web: Web) -> None:
    words = "ก" * (web.house.means.books["web"].limits.words_at_most + 1)
    async with web.visitor() as visitor:
        await visitor.tell(until="done")
        seen = await visitor.press("done", words=words)
        assert visitor.answer.status_code == 413
        assert seen.typed == words
        assert "done" in seen.buttons
        assert "ยาวเกิน" in seen.bubbles[0]


async def test_the_language_changes_before_and_after_the_first_word(web: Web) -> None:
    async with web.visitor() as visitor:
        assert (await visitor.open("/?lang=en")).language == "en"
        assert await web.house.tables() == {}
        assert (await visitor.press("report")).language == "en"
        seen = await visitor.command("language", words="half a thought")
        assert (seen.language, seen.typed) == ("th", "half a thought")
        assert (await visitor.open("/?lang=en")).language == "th"


async def test_leaving_forgets_the_draft_and_the_cookie(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(until="done")
        await visitor.say(STORY)
        answer = await visitor.http.post("/leave")
        assert answer.status_code == 200
        assert 'http-equiv="refresh" content="0; url=https://' in answer.text
        assert STORY not in answer.text
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert web.house.forget.ids() == frozenset()
        assert not visitor.http.cookies
        assert "report" in (await visitor.open()).buttons


async def test_what_was_told_so_far_is_shown_by_name_and_count_never_in_words(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(until="done")
        seen = await visitor.say(STORY)
        assert seen.trail[:2] == ["เรื่อง: เรียกรับเงิน", "จังหวัด: ขอนแก่น"]
        assert STORY not in seen.html
        assert "ข้อ 5 จาก 9" in seen.html


async def test_the_question_still_stands_while_its_answer_grows(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(until="done")
        seen = await visitor.say(STORY)
        assert "เล่าเท่าที่เห็นหรือรู้มา" in seen.html
        assert "ได้รับข้อความ 1 ข้อความแล้ว" in seen.html


async def test_what_is_refused_is_said_and_the_rest_is_kept(web: Web) -> None:
    rules = EvidenceRules(file_bytes=1024 * 1024)
    house = web.house
    house.evidence._rules = rules
    async with web.visitor() as visitor:
        await visitor.tell(until="none")
        seen = await visitor.upload(
            ("big.jpg", JPEG * 200, "image/jpeg"),
            ("empty.txt", b"", "text/plain"),
            ("good.jpg", JPEG, "image/jpeg"),
            words="เลขสัญญา 12/2569",
        )
        assert visitor.answer.status_code == 413
        assert "ไฟล์ที่ 1 ใหญ่เกิน 1 MB" in seen.bubbles[0]
        assert "ไฟล์ที่ 2 ว่างเปล่า" in seen.bubbles[1]
        assert "รูป 1 รูป" in seen.text
        assert "ข้อความ 1 ข้อความ" in seen.text


async def test_each_page_has_a_form_of_its_own_name(web: Web) -> None:
    async with web.visitor() as visitor:
        first = form_ids((await visitor.open()).html)
        second = form_ids((await visitor.open()).html)
        assert len(first) == len(second) == 1
        assert first != second


def form_of(seen: Seen) -> dict[str, str]:
    return dict(seen.hidden)


async def to_the_end(visitor: Visitor) -> None:
    """From wherever the report stands through the review."""
    for _ in range(12):
        ids = list(visitor.seen.buttons)
        if "send" in ids:
            await visitor.press("send")
            return
        offered = ("done", "skip", "none", "forgotten")
        await visitor.press(next(each for each in offered if each in ids))
    raise AssertionError("no review")
