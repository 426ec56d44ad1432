"""Guessing receipts and member codes: what it costs the guesser, what it costs everybody else, and
that no answer helps.

A hundred thousand guesses go through the real throttle, queue, pace and database of a bot whose
stretch is cheap; what reached the stretch is counted by the pool that does it. The clock leaps on
when somebody waits by it, so that hours of the brake's pace pass in moments, and no more of them.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from bot.channels.web import web_app
from bot.channels.web.session import new_session
from bot.clock import today
from bot.stretch import StretchRules
from bot.throttle import ThrottleRules
from handlers.effects import CheckCode, Say
from sealing import MemberCode, Receipt, generate_alias, stretch_member_code
from storage.repositories import codes
from tests.bot.fake_clock import LeapingClock
from tests.bot.turn_house import CHEAP, House
from tests.bot.web_house import Seen, parts_of

CONVERSATIONS, OF_EACH = 1_000, 95
FRESH_SESSIONS, OF_EACH_SESSION = 1_000, 5
GUESSES = CONVERSATIONS * OF_EACH + FRESH_SESSIONS * OF_EACH_SESSION
AT_ONCE = 40
"""More than may wait while the brake is on: some are told to come back."""
ALIASES = tuple(generate_alias() for _ in range(200))
RULES, PACE = ThrottleRules(), StretchRules()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await House(tmp_path, clock=LeapingClock()).open()
    yield made
    await made.close()


async def guess(
    house: House, conversation: bytes, code: str, kind: str = "receipt", channel: str = "web"
) -> str:
    """The verdict on one guess."""
    checked = await house.means.codes.check(
        channel, conversation, CheckCode(kind, code), today(house.clock)
    )
    if checked.event.verdict != "ok":
        is_locked = checked.event.verdict == "locked"
        assert set(checked.event.facts) == ({"minutes"} if is_locked else set())
        assert checked.following is None
    return checked.event.verdict


def wrong_digit(code: str, at: int, more: int = 1) -> str:
    """*code* with another digit in place *at*."""
    return code[:at] + str((int(code[at]) + more) % 10) + code[at + 1 :]


async def members(house: House) -> None:
    """Give every alias two codes that work, as a large network has them."""
    for alias, is_duress in itertools.product(ALIASES, (False, True)):
        locator = stretch_member_code(
            MemberCode.generate(alias),
            salt=house.server_key.salt,
            pepper=house.server_key.pepper,
            cost=CHEAP,
        )
        row = codes.MemberCodeRow(locator, "kkn", is_duress, "2027-01-01", 2020)
        await house.db.commit(lambda t, row=row: codes.add(t, row))


@dataclass
class Flood:
    """Guessers, some of whom keep their conversation while others drop the cookie when it locks."""

    house: House
    verdicts: Counter[str] = field(default_factory=Counter)
    busy: int = 0
    most_waiting: int = 0

    async def run(self) -> None:
        guessers = self._guessers()
        await asyncio.gather(*(self._some(guessers) for _ in range(AT_ONCE)))

    def _guessers(self) -> Iterator[tuple[bytes, int]]:
        marks = self.house.means.marks
        for number in range(CONVERSATIONS):
            yield number.to_bytes(32, "big"), OF_EACH
        for _ in range(FRESH_SESSIONS):
            yield marks.conversation("web", new_session()), OF_EACH_SESSION

    async def _some(self, guessers: Iterator[tuple[bytes, int]]) -> None:
        for conversation, many in guessers:
            for number in range(many):
                kind, code = _wrong(number, is_mistyped=number % 19 == 7)
                self.verdicts[await self._until_told(conversation, code, kind)] += 1

    async def _until_told(self, conversation: bytes, code: str, kind: str) -> str:
        while (verdict := await guess(self.house, conversation, code, kind)) == "busy":
            self.busy += 1
            await asyncio.sleep(0.005)
        self.most_waiting = max(self.most_waiting, self.house.stretches.waiting)
        return verdict


def _wrong(number: int, *, is_mistyped: bool) -> tuple[str, str]:
    """Every other guess is a receipt, every other a member code whose alias is known."""
    if number % 2:
        digits = Receipt.generate().digits
        return "receipt", wrong_digit(digits, 7) if is_mistyped else digits
    return "member", MemberCode.generate(ALIASES[number % len(ALIASES)]).grouped


def most_stretches(elapsed_s: float) -> float:
    """What the configuration lets through in that time, whoever guesses and from wherever. (A try
    counts once it was looked for: the last ones may be on their way when the brake comes on.)"""
    windows = 1 + elapsed_s // RULES.window_s
    return windows * (RULES.brake_wrong_tries + AT_ONCE) + elapsed_s / PACE.gap_s


async def test_a_hundred_thousand_guesses_find_nothing_and_hold_nobody_up(house: House) -> None:
    await members(house)
    receipt = await house.person("teller").file("เรื่องหนึ่ง")
    began_s, done = house.clock.monotonic_s(), house.stretches.stretches_done
    flood = Flood(house)
    flooding = asyncio.create_task(flood.run())
    while not house.throttle.is_flooded:  # noqa: ASYNC110  # a throttle has no event for it
        await asyncio.sleep(0)

    assert await house.person("citizen").file("เรื่องด่วน")
    assert not flooding.done()
    asked_s, now_s = house.clock.monotonic_s(), house.clock.monotonic_s
    begun_s = await house.stretches.look_up("telegram", b"honest", now_s)
    # One guess may be at work, and one more of the other channel has its turn first.
    assert begun_s - asked_s <= 3 * PACE.gap_s
    assert await guess(house, b"honest", receipt, channel="telegram") == "ok"
    assert not flooding.done()

    await flooding
    assert sum(flood.verdicts.values()) == GUESSES == 100_000
    mistyped = CONVERSATIONS * len([n for n in range(OF_EACH) if n % 19 == 7 and n % 2])
    unknown = 5 * (CONVERSATIONS + FRESH_SESSIONS)
    locked = GUESSES - unknown - mistyped
    assert flood.verdicts == {"unknown": unknown, "mistyped": mistyped, "locked": locked}
    assert house.stretches.stretches_done - done == unknown + 2
    assert unknown <= most_stretches(house.clock.monotonic_s() - began_s)
    assert flood.busy > 0
    assert flood.most_waiting <= PACE.look_ups_waiting
    assert house.stretches.waiting == 0
    assert house.throttle.conversations <= RULES.at_most_conversations
    assert house.throttle.alarms >= unknown // RULES.alarm_wrong_tries - 1


async def test_an_honest_person_among_a_flood_on_their_own_channel_waits_a_stated_time_at_most(
    house: House,
) -> None:
    receipt = await house.person("teller").file("เรื่องหนึ่ง")
    for number in range(RULES.brake_wrong_tries):
        await guess(house, number.to_bytes(4, "big"), Receipt.generate().digits)
    assert house.throttle.is_flooded
    crowd = [
        asyncio.create_task(guess(house, bytes([number]), Receipt.generate().digits))
        for number in range(PACE.braked_waiting)  # one at work; there is a place left
    ]
    await asyncio.sleep(0)
    asked_s = house.clock.monotonic_s()
    assert await guess(house, b"honest", receipt) == "ok"
    assert house.clock.monotonic_s() - asked_s <= PACE.braked_wait_s + PACE.gap_s
    assert Counter(await asyncio.gather(*crowd)) == {"unknown": len(crowd)}


async def test_a_thousand_browsers_that_drop_their_cookie_guess_no_faster_than_the_brake_lets_them(
    house: House,
) -> None:
    """The same through the whole web chat: each guess from a session that nobody has seen."""
    shown, browsers = Counter[str](), iter(range(FRESH_SESSIONS))
    began_s = house.clock.monotonic_s()

    async def some() -> None:
        transport = httpx.ASGITransport(web_app(parts_of(house)))
        for _ in browsers:
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
                shown[await _guess_in_a_browser(http)] += 1

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    words = house.means.books["web"].words
    texts = {key: words.text("th", f"say.receipt_{key}") for key in ("unknown", "busy")}
    assert set(shown) <= set(texts.values())
    assert sum(shown.values()) == FRESH_SESSIONS
    assert shown[texts["unknown"]] == house.stretches.stretches_done
    elapsed_s = house.clock.monotonic_s() - began_s
    assert house.stretches.stretches_done <= most_stretches(elapsed_s)
    assert house.throttle.conversations == house.stretches.stretches_done
    assert house.stretches.waiting == house.turns.at_work == 0
    assert await house.person("citizen").file("เรื่องด่วน")


async def _guess_in_a_browser(http: httpx.AsyncClient) -> str:
    """Open the chat anew, go to the receipt's question, guess; what is said to that."""
    seen = Seen((await http.get("/")).text)
    for field_, value in (("choice", "follow"), ("words", Receipt.generate().grouped)):
        body = {**seen.hidden, "words": "", field_: value}
        answer = await http.post(seen.action, data=body, follow_redirects=True)
        seen = Seen(answer.text)
    return seen.bubbles[0].strip()


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
