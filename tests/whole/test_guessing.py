"""Guessing receipts: what it costs the guesser, and that no answer helps them.

Ten thousand guesses go through the real throttle, queue and database of a bot whose stretch is
cheap; what reached the stretch is counted by the pool that does it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import today
from bot.stretch import StretchRules
from handlers.effects import CheckCode, Say
from sealing import Receipt
from tests.bot.turn_house import House

GUESSES = 10_000
GUESSERS = 50


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await House(tmp_path, stretch_rules=StretchRules(look_ups_waiting=GUESSERS)).open()
    yield made
    await made.close()


async def guess(house: House, conversation: bytes, code: str) -> str:
    """The verdict on one guess."""
    checked = await house.means.codes.check(
        conversation, CheckCode("receipt", code), today(house.clock)
    )
    assert set(checked.event.facts) == ({"minutes"} if checked.event.verdict == "locked" else set())
    assert checked.following is None
    return checked.event.verdict


def wrong_digit(code: str, at: int, more: int = 1) -> str:
    """*code* with another digit in place *at*."""
    return code[:at] + str((int(code[at]) + more) % 10) + code[at + 1 :]


async def test_of_ten_thousand_wrong_receipts_only_the_unlocked_reach_the_stretch(
    house: House,
) -> None:
    verdicts: Counter[str] = Counter()

    async def guesser(number: int) -> None:
        conversation = number.to_bytes(32, "big")
        for each in range(GUESSES // GUESSERS):
            code = Receipt.generate().digits
            mistyped = each % 4 == 3
            verdicts[
                await guess(house, conversation, wrong_digit(code, 7) if mistyped else code)
            ] += 1

    await asyncio.gather(*map(guesser, range(GUESSERS)))
    assert verdicts == {
        "unknown": 5 * GUESSERS,
        "mistyped": GUESSES // 4,
        "locked": GUESSES * 3 // 4 - 5 * GUESSERS,
    }
    assert house.stretches.stretches_done == 5 * GUESSERS
    assert house.throttle.alarms >= 1


async def test_a_day_of_guessing_buys_few_tries_because_the_lock_grows(house: House) -> None:
    for _ in range(24 * 12):
        house.clock.advance(5 * 60)
        for _ in range(6):
            await guess(house, b"guesser", Receipt.generate().digits)
    assert house.stretches.stretches_done <= 5 * 8  # 15 min, 30 min, 1 h, 2 h, … until a day


async def test_a_flood_of_guesses_locks_nobody_else_out(house: House) -> None:
    receipt = await house.person("teller").file("เรื่องหนึ่ง")
    for _ in range(50):
        await guess(house, b"guesser", Receipt.generate().digits)
    other = house.person("somebody else")
    await other.press("follow")
    await other.say(receipt)
    assert (await other.ask()).question == "next"


async def test_no_answer_says_which_digit_was_wrong(house: House) -> None:
    receipt = Receipt.parse(await house.person("teller").file("เรื่องหนึ่ง")).digits
    one_wrong = [wrong_digit(receipt, at, more) for at in range(24) for more in range(1, 10)]
    swapped = [
        receipt[:at] + receipt[at + 1] + receipt[at] + receipt[at + 2 :]
        for at in range(23)
        if receipt[at] != receipt[at + 1]
    ]
    for code in (*one_wrong, *swapped, receipt[:-1], receipt + "0", ""):
        assert await guess(house, b"unlucky", code) == "mistyped"
    assert house.stretches.stretches_done == 0


async def test_every_wrong_digit_gives_the_same_words_on_the_screen(house: House) -> None:
    receipt = await house.person("teller").file("เรื่องหนึ่ง")
    person = house.person("somebody else")
    await person.press("follow")
    shown = set()
    for at in range(24):
        await person.say(wrong_digit(Receipt.parse(receipt).digits, at))
        intents = [i for i in (await person.screen()).intents if isinstance(i, Say)]
        shown.add(tuple((intent.key, tuple(intent.params.items())) for intent in intents))
    assert len(shown) == 1
