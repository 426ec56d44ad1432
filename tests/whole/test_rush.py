"""Sixty-four people submit in the same second: each has a receipt, and each tip is there once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.whole.browser import Browser, Tale
from tests.whole.deployment import Whole, make
from tests.whole.nursery import running
from tests.whole.readings import readings, told

PEOPLE = 64


def story(number: int) -> str:
    return f"เรื่องของคนที่ {number:02} เห็นเขาเอาปูนไป"


@pytest.fixture
def whole(tmp_path: Path) -> Whole:
    return make(tmp_path / "deployment")


@pytest.fixture
async def crowd(whole: Whole) -> AsyncIterator[list[Browser]]:
    """Everybody, with the review on their screens."""
    with running(whole):
        async with AsyncExitStack() as stack:
            browsers = [
                await stack.enter_async_context(Browser(whole.web_url)) for _ in range(PEOPLE)
            ]

            async def up_to_review(number: int) -> None:
                await browsers[number].open()
                await Tale(what=(story(number),)).up_to_review(browsers[number])

            await asyncio.gather(*map(up_to_review, range(PEOPLE)))
            yield browsers


async def test_everybody_who_submits_at_once_gets_one_receipt_and_one_tip(
    whole: Whole, crowd: list[Browser]
) -> None:
    forms = [browser.form("send") for browser in crowd]
    answers = await asyncio.gather(
        *(browser.post(form) for browser, form in zip(crowd, forms, strict=True))
    )
    assert {answer.status_code for answer in answers} == {303}
    receipts = []
    for browser, answer in zip(crowd, answers, strict=True):
        await browser.show(answer)
        receipts.append(browser.receipt)
    assert None not in receipts
    assert len(set(receipts)) == PEOPLE

    # Everybody presses once more: the very same form, all at once. Nothing more happens.
    again = await asyncio.gather(
        *(browser.send(form) for browser, form in zip(crowd, forms, strict=True))
    )
    assert [seen.code for seen in again] == receipts

    async with whole.office() as office:
        tips = await readings(office)
    assert sorted(told(tip)[0] for tip in tips) == [story(number) for number in range(PEOPLE)]
    assert all(len(told(tip)) == 1 for tip in tips)

    for receipt in receipts[::9]:
        async with Browser(whole.web_url) as other:
            await other.open()
            await other.press("follow")
            await other.say(receipt or "")
            assert "answer" in other.choices, other.seen.text
