"""A form that comes twice is done once; nobody is told "nothing changed" by one who cannot know."""

import asyncio
import re

import httpx
import pytest

from console.pages.once import FORMS_AT_MOST, SAME_S, Once
from tests.console.fake_world import Person, World, claim_as
from tests.console.test_pages import Browser, browser, text_of

__all__ = ["browser"]  # a fixture


def page_of(answer: httpx.Response) -> str:
    """The number of the page that was drawn."""
    found = re.search(r'name="page" value="([0-9a-f]+)"', answer.text)
    assert found
    return found[1]


async def test_a_button_pressed_again_while_the_desk_is_slow_sends_once(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    page = page_of(await browser.get(path))
    typed = {"page": page, "words": "ถนนสายไหน", "note_words": "", "seen_to": "1"}
    both = await asyncio.gather(*(browser.post(f"{path}/reply", **typed) for _ in range(2)))
    assert [answer.status_code for answer in both] == [200, 200]
    assert all("ส่งข้อความถึงผู้แจ้งแล้ว" in answer.text for answer in both)
    assert len(tip.answer["parts"]) == 2
    later = await browser.post(f"{path}/reply", **typed)
    assert (later.status_code, len(tip.answer["parts"])) == (200, 2), "the page was still drawn"
    other = {**typed, "words": "ถนนสายไหน และเมื่อไร"}
    assert (await browser.post(f"{path}/reply", **other)).status_code == 200
    again = {**typed, "page": page_of(await browser.get(path))}
    assert (await browser.post(f"{path}/reply", **again)).status_code == 200
    assert len(tip.answer["parts"]) == 4, "other words, or another page, are another message"


async def test_what_failed_is_tried_again_and_what_is_typed_beside_makes_no_difference(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    claim_as(tip, somchai)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    whole = {
        "page": page_of(await browser.get(path)), "words": "", "note_words": "ร่าง",
        "status.status": "screening", "status.words": "",
    }  # fmt: skip
    assert (await browser.post(f"{path}/status", **whole)).status_code == 422
    told = {**whole, "status.words": "เราเริ่มแล้ว"}
    assert (await browser.post(f"{path}/status", **told)).status_code == 200
    more = {**told, "note_words": "ร่างที่ยาวขึ้น"}
    assert (await browser.post(f"{path}/status", **more)).status_code == 200
    assert [change["kind"] for change in tip.answer["changes"]] == ["claim", "status"]


async def test_a_form_counts_as_new_after_a_while_and_few_are_held() -> None:
    now, done = 0.0, 0
    once = Once(lambda: now)

    async def work() -> None:
        nonlocal done
        done += 1

    async def send(page: str) -> None:
        await once.do(page, "path", {"words": "ก"}, work)

    for _ in range(2):
        await send("a")
    assert done == 1
    now = SAME_S + 1
    await send("a")
    assert done == 2
    for number in range(FORMS_AT_MOST):
        await send(str(number))
    await send("a")
    assert done == 3 + FORMS_AT_MOST
    for _ in range(2):
        await send("")
    assert done == 5 + FORMS_AT_MOST
    once.forget()
    await send("a")
    assert done == 6 + FORMS_AT_MOST


@pytest.mark.parametrize("lang", ["th", "en"])
async def test_an_answer_that_got_lost_is_not_called_nothing_done(
    browser: Browser, world: World, somchai: Person, lang: str
) -> None:
    """The message is there already: who is told to try again would send it twice."""
    tip = world.file_tip(somchai)
    await browser.unlock()
    if lang == "en":
        await browser.post("/language")
    path = f"/tips/{tip.tip_id}"
    world.loses_answers_to = "/parts"
    lost = await browser.post(f"{path}/reply", words="ถนนสายไหน", note_words="")
    assert (lost.status_code, len(tip.answer["parts"])) == (503, 2)
    said = text_of(lost)
    assert {"th": "อาจทำไปแล้วหรือยังไม่ได้ทำ", "en": "may be done already"}[lang] in said
    assert "ถนนสายไหน" in said.partition('id="composer"')[0], "and the page shows that it is there"


async def test_a_gateway_that_gave_up_is_no_desk_that_said_no(
    browser: Browser, world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()
    path = f"/tips/{tip.tip_id}"
    world.gateway_says = {"POST": 504}
    tried = await browser.post(f"{path}/note", words="", note_words="บันทึก")
    assert (tried.status_code, "อาจทำไปแล้วหรือยังไม่ได้ทำ" in tried.text) == (503, True)
    world.gateway_says = {"GET": 502}
    shown = await browser.get(f"{path}?full=1")
    assert (shown.status_code, "ติดต่อโต๊ะ" in shown.text) == (503, True)
    assert f'href="{path}?full=1">ลองอีกครั้ง' in shown.text
    world.gateway_says = {}
    typed = await browser.get("/tips/zz")
    assert "ใส่อย่างน้อย 6 ตัวแรกของเลขเรื่อง" in typed.text, "no words of the terminal"
    assert "ลองอีกครั้ง" not in typed.text


async def test_a_desk_that_is_gone_is_told_and_the_words_stay(
    browser: Browser, world: World, somchai: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = world.file_tip(somchai)
    await browser.unlock()

    async def gone(*_: object, **__: object) -> None:
        raise httpx.ConnectError("gone")

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", gone)
    path = f"/tips/{tip.tip_id}"
    refused = await browser.post(f"{path}/reply", words="ถนนสายไหน", note_words="")
    assert refused.status_code == 503
    assert "ติดต่อโต๊ะ" in refused.text
    assert "อาจทำไปแล้ว" not in refused.text
    assert "ถนนสายไหน" in refused.text
