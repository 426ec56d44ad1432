"""Killed at any moment: no acknowledged word is lost, nothing is filed twice, no receipt is void.

A real second process dies of SIGKILL before or after every commit of a whole story, while it
starts, and at random moments while several people chat. It is started again each time, and whoever
got no answer sends the very same form again, as a browser does.
"""

import asyncio
import random
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from console import acting
from console.closing import end
from console.office import Office
from console.originals import opened_original
from tests.whole.browser import Act, Browser, Sent, Tale, press, say, until, upload
from tests.whole.deployment import Whole
from tests.whole.mortal import Mortal, commits_at_start
from tests.whole.readings import files, readings, tip_ids, told
from tests.whole.thief import Copy, Thief

PHOTO = b"\xff\xd8\xff\xe0" + random.Random(7).randbytes(90_000)
FILM = b"\0\0\0\x18ftypmp42" + random.Random(8).randbytes(1_500_000)
PATIENCE_S = 60.0


# --- at every boundary of a whole story -----------------------------------------------------------

TALE = Tale(
    who="ปลัดคนหนึ่ง",
    what=("เห็นเขาเอาปูนของหลวงไป", "วันต่อมาเอาทรายไปอีก"),
    where="หน้าวัด หมู่ 5",
    files=(("รูป.jpg", PHOTO, "image/jpeg"),),
)
QUESTION = "จำทะเบียนรถได้ไหม"
ANSWER = "ทะเบียนขึ้นต้นด้วยสองหก"
THEIRS, OWN = "เบอร์ผู้รับเหมา 089-220-4471", "โทรหาผม 081-735-5190"


def decide(verb: str) -> Act:
    """Press the button about what was found."""

    def act(browser: Browser) -> Sent:
        return browser.form(next(each for each in browser.choices if each.startswith(f"{verb}.")))

    return act


def story() -> tuple[Act, ...]:
    """The tale, and in it two phone numbers: one is left in, one taken out."""
    acts = TALE.acts()
    told_all = 6 + len(TALE.what)  # report, category, province, agency, who and done come first
    found = (say(THEIRS), decide("leave"), say(OWN), decide("hide"))
    return (*acts[:told_all], *found, *acts[told_all:])


@dataclass
class Teller:
    """Somebody whose every request is repeated until it is answered."""

    bot: Mortal
    browser: Browser
    receipt: str | None = None
    is_noting: bool = False

    async def begin(self, arm: dict[str, int]) -> None:
        """Open the chat of a bot that dies as *arm* says."""
        self.bot.on_new_life = self.look_round
        self.bot.live(arm)
        await self.browser.show(await self.bot.answered(lambda: self.browser.get("/")))

    async def act(self, act: Act) -> None:
        await self.send(act(self.browser))

    async def send(self, sent: Sent) -> None:
        answer = await self.bot.answered(lambda: self.browser.post(sent))
        assert answer.status_code == 303, answer.text
        page = await self.bot.answered(lambda: self.browser.get(answer.headers["location"]))
        await self.browser.show(page)
        self._look_for_receipt()

    async def look_round(self) -> None:
        """After a restart, before trying again: a receipt that is not noted is there again."""
        await self.browser.open()
        self._look_for_receipt()
        if self.receipt is not None and not self.is_noting:
            assert self.browser.receipt == self.receipt

    def _look_for_receipt(self) -> None:
        shown = self.browser.receipt
        assert self.receipt in (None, shown) or shown is None, "another receipt"
        self.receipt = self.receipt or shown


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_every_commit_of_a_story_nothing_is_lost_or_doubled(
    bot: Mortal, when: str
) -> None:
    made = bot.made
    first = commits_at_start(bot) + 1
    # Before: in each life one commit passes, and the next is never begun. After: in each life one
    # commit is durable, and nobody hears of it. So each one of the story has its turn in both.
    arm = {"before": {"kill_before_commit": first + 1}, "after": {"kill_after_commit": first}}[when]
    async with Browser(made.web_url) as browser:
        teller = Teller(bot, browser)
        await teller.begin(arm)
        for act in story():
            await teller.act(act)
        assert teller.receipt is not None
        teller.is_noting = True
        await teller.act(press("noted"))
        assert teller.receipt not in browser.seen.html
    killed = bot.lives - 1

    bot.live()
    async with made.office() as office:
        (tip,) = await readings(office)
        await acting.reply(office, tip.tip.tip_id, QUESTION)

    async with Browser(made.web_url) as browser:
        back = Teller(bot, browser)
        await back.begin(arm)
        for act in (press("follow"), say(teller.receipt)):
            await back.act(act)
        assert browser.seen.letters == [QUESTION]
        for act in (say(ANSWER), press("cancel")):
            await back.act(act)

    bot.live()
    async with made.office() as office:
        await check_story(office)
    assert killed >= len(story()) - 1  # it did die on the way, again and again


async def check_story(office: Office) -> None:
    (tip,) = await readings(office)
    assert told(tip, "who") == [TALE.who]
    taken_out = "[เอาเบอร์โทรศัพท์ออก]"
    found = [f"เบอร์ผู้รับเหมา {taken_out}", f"โทรหาผม {taken_out}"]
    assert told(tip, "what") == [*TALE.what, *found]
    originals = [opened_original(tip.tip, part) for part in tip.tip.parts]
    assert [each.words for each in originals if each] == [THEIRS]
    assert told(tip, "where") == [TALE.where]
    assert told(tip, "reply") == [ANSWER]
    assert await files(office, tip) == [PHOTO]


WHY = "เขายังทำอยู่ ที่เดิม"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_every_commit_of_a_reopening_it_is_one_and_no_word_is_lost(
    bot: Mortal, when: str
) -> None:
    made = bot.made
    first = commits_at_start(bot) + 1
    arm = {"before": {"kill_before_commit": first + 1}, "after": {"kill_after_commit": first}}[when]
    bot.live()
    async with Browser(made.web_url) as browser:
        await browser.open()
        receipt = await Tale().tell(browser)
    async with made.office() as office:
        (tip_id,) = await tip_ids(office)
        await acting.claim(office, tip_id)
        said = ("unsubstantiated", "ไม่พบพยาน", "ตรวจแล้วไม่พบ")
        await end(office, tip_id, "closed", *said, is_sure=True)

    acts = (
        *(press("follow"), say(receipt), press("reopen"), say(WHY)),
        *(upload(("รูป.jpg", PHOTO, "image/jpeg")), press("done"), press("cancel")),
    )
    async with Browser(made.web_url) as browser:
        back = Teller(bot, browser)
        await back.begin(arm)
        for act in acts:
            await back.act(act)
    killed = bot.lives - 1

    bot.live()
    async with made.office() as office:
        (tip,) = await readings(office)
        assert told(tip, "reopen") == [WHY]
        assert await files(office, tip) == [PHOTO]
        kinds = [change.kind for change in tip.tip.shown.changes]
        assert kinds == ["claim", "status", "reopen"]
        assert (tip.tip.shown.status, tip.tip.shown.claimed_by) == ("in_progress", office.keys.id)
        assert tip.alarms == ()
    assert killed >= len(acts) - 2  # it did die on the way, again and again


# --- while it starts ------------------------------------------------------------------------------


async def test_killed_at_every_commit_of_its_start_it_still_starts_and_knows_the_draft(
    bot: Mortal,
) -> None:
    bot.live()
    async with Browser(bot.made.web_url) as browser:
        await browser.open()
        await TALE.up_to_review(browser)
        bot.end()
        deaths = 0
        while killed_at_start(bot, kill_before_commit=deaths + 1):
            deaths += 1
            assert killed_at_start(bot, kill_after_commit=deaths)
        assert deaths == commits_at_start(bot) > 1
        bot.live()
        await browser.open()
        await browser.press("send")
        assert browser.receipt is not None
    async with bot.made.office() as office:
        (tip,) = await readings(office)
        assert told(tip, "what") == list(TALE.what)
        assert await files(office, tip) == [PHOTO]


def killed_at_start(bot: Mortal, **moment: int) -> bool:
    """Whether a start dies at that moment; one that gets by it is ended."""
    with bot.nursery.running(bot.made, waits=False, **moment) as life:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if not life.is_alive:
                assert life.was_killed, life.printed
                return True
            with (
                suppress(OSError),
                socket.create_connection(("127.0.0.1", bot.made.desk_port), 1),
            ):
                return False
            time.sleep(0.01)
    raise AssertionError("neither dead nor alive")


# --- the next instant -----------------------------------------------------------------------------


async def test_an_acknowledged_file_survives_a_kill_the_next_instant(bot: Mortal) -> None:
    bot.live()
    async with Browser(bot.made.web_url) as browser:
        await browser.open()
        for act in TALE.acts()[:-3]:  # as far as the evidence, with one photo
            await browser.send(act(browser))
        form = browser.form(None, "", ("หนัง.mp4", FILM, "video/mp4"))
        answer = await browser.post(form)
        bot.kill()
        assert answer.status_code == 303
        bot.live()
        await browser.open()
        for choice in ("done", "skip", "send"):
            await browser.press(choice)
        assert browser.receipt is not None
    async with bot.made.office() as office:
        (tip,) = await readings(office)
        assert await files(office, tip) == [PHOTO, FILM]


async def test_a_receipt_shown_opens_its_tip_after_a_kill_the_next_instant(bot: Mortal) -> None:
    bot.live()
    async with Browser(bot.made.web_url) as browser:
        await browser.open()
        receipt = await Tale().tell(browser)
        bot.kill()
        bot.live()
        await browser.open()
        assert browser.receipt == receipt
    await check_opens(bot.made, receipt)


async def check_opens(made: Whole, receipt: str) -> None:
    """Come back with *receipt* on a new session."""
    async with Browser(made.web_url) as other:
        await other.open()
        await other.press("follow")
        await other.say(receipt)
        assert "answer" in other.choices, other.seen.text


# --- in the middle of forgetting ------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_while_discarding_the_draft_is_gone_all_the_same(
    bot: Mortal, when: str, tmp_path: Path
) -> None:
    made, first = bot.made, commits_at_start(bot) + 1
    bot.live()
    async with Browser(made.web_url) as browser:
        await browser.open()
        await TALE.up_to_review(browser)
        await browser.press("cancel")
        copy = Copy.of(made.database, made.blobs)
        thief = Thief(made.server_key, made.forget.read_bytes(), (browser.session,))
        assert thief.loot(copy, tmp_path / "then")  # while it is not discarded it opens
        drop = browser.form("drop")
        bot.live({f"kill_{when}_commit": first})
        with pytest.raises(httpx.TransportError):
            await browser.post(drop)
        assert bot.life is not None
        bot.life.wait_until_dead()
        thief = Thief(made.server_key, made.forget.read_bytes(), (browser.session,))
        assert thief.loot(copy, tmp_path / "now") == []
        bot.live()
        await browser.send(drop)  # what a browser does with an unanswered form
        await browser.open()
        assert "report" in browser.choices
        assert await Tale(what=("เรื่องใหม่",)).tell(browser)
    async with made.office() as office:
        (tip,) = await readings(office)
        assert told(tip) == ["เรื่องใหม่"]


# --- at random moments ----------------------------------------------------------------------------

PEOPLE, KILLS = 5, 8


@pytest.mark.parametrize("seed", [2569, 1206])
async def test_killed_at_random_moments_while_people_chat_nothing_is_lost_or_doubled(
    bot: Mortal, seed: int
) -> None:
    chance = random.Random(seed)
    tales = [
        Tale(
            who=f"คนที่ {number} รู้ว่าใคร",
            what=tuple(f"คนที่ {number} เล่าข้อความที่ {each}" for each in range(4)),
            files=((f"{number}.mp4", FILM + bytes([number]), "video/mp4"),),
        )
        for number in range(PEOPLE)
    ]
    bot.live()
    async with asyncio.TaskGroup() as tasks:
        telling = [
            tasks.create_task(stubborn(bot.made, tale, random.Random(chance.random())))
            for tale in tales
        ]
        tasks.create_task(kill_now_and_then(bot, chance))
    receipts = [await each for each in telling]
    assert len(set(receipts)) == PEOPLE
    async with bot.made.office() as office:
        found = sorted(await readings(office), key=lambda tip: told(tip, "who"))
        assert [told(tip, "who") for tip in found] == [[tale.who] for tale in tales]
        assert [told(tip, "what") for tip in found] == [list(tale.what) for tale in tales]
        sent = [await files(office, tip) for tip in found]
        assert sent == [[tale.files[0][1]] for tale in tales]
    for receipt in receipts:
        await check_opens(bot.made, receipt)


async def kill_now_and_then(bot: Mortal, chance: random.Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.02, 0.6))
        bot.kill()
        await asyncio.to_thread(bot.live)


async def stubborn(made: Whole, tale: Tale, chance: random.Random) -> str:
    """Tell *tale* to a bot that comes and goes; the receipt, the same whenever it was shown."""
    async with Browser(made.web_url) as browser:
        await until(browser.open)
        for act in tale.acts():
            sent = act(browser)
            answer = await until(partial(browser.post, sent))
            assert answer.status_code == 303, (answer.status_code, answer.text[-600:])
            await until(partial(browser.show, answer))
            await asyncio.sleep(chance.uniform(0, 0.1))
        receipt = browser.receipt
        assert receipt is not None, browser.seen.text
        for _ in range(3):
            await until(browser.open)
            assert browser.receipt == receipt
            await asyncio.sleep(chance.uniform(0, 0.2))
        return receipt
