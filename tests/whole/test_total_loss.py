"""The machine is gone, and so is every officer's key. What is left is a backup, the admin's key and
the recovery key, each in its drawer: every tip opens again, and every receipt works."""

import shutil
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock, today
from console import acting
from console.assigning import assign
from console.closing import end
from console.recovery import Regranted, open_sealed_key, read_sealed_key, regrant_all
from console.trust import learn_roster
from console.withdrawing import withdraw
from deploy.demo.photo import photo
from sealing import Officer, OfficerKeys, Role, Roster, render, sign_roster
from tests.whole.browser import Browser, Tale
from tests.whole.deployment import CENTRES, GOOD_FOR, INTEGRITY, Whole, make
from tests.whole.nursery import running
from tests.whole.readings import files, readings, tip_ids, told, with_words
from tests.whole.restored import backed_up, restored

DAY_S = 24 * 3600
PHOTO = photo()
HELD, WITHDRAWN, CLOSED, CLIMBED = (
    f"เรื่อง{name} เห็นเขาเอาปูนไป" for name in ("ที่รับไว้", "ที่ถอนสิทธิ์", "ที่ปิดแล้ว", "ที่ไม่มีใครดู")
)
QUESTION, LATER, SENTENCE = "จำทะเบียนรถได้ไหม", "รถกระบะสีขาว", "ตรวจแล้วไม่พบ"
ANSWER, NEW_ANSWER, GREETING = "จำได้ กข 1234", "ยังอยู่ครับ", "เจ้าหน้าที่ชุดใหม่ค่ะ"
ADMIN = "admin"


async def test_after_the_loss_of_everything_recovery_lets_new_officers_into_every_tip(
    tmp_path: Path,
) -> None:
    made = make(tmp_path / "made")
    receipts = await lived_through(made)
    backup = backed_up(made, tmp_path / "backup")
    shutil.rmtree(made.folder)  # the server, its key, the forget store, every officer's folder

    key = tmp_path / "server.key"
    key.touch(mode=0o600)
    key.write_bytes(open_sealed_key(read_sealed_key(backup), made.recovery))
    again = with_new_officers(restored(made, backup, tmp_path / "again", key))
    with running(again):
        async with again.office() as office:
            assert await readings(office) == []  # nobody new can open a thing
        await interrupted(again)
        done = await regranted(again)
        assert (done.unopened, done.left_out) == ((), ())
        assert await regranted(again) == Regranted((), 0, ())  # whoever has a grant lacks none
        await every_word_is_there(again, (backup / "roster.toml").read_bytes())
        await work_goes_on(again, receipts[HELD])


async def lived_through(made: Whole) -> dict[str, str]:
    """Four tips, each with a life of its own; what was told → the receipt."""
    receipts = {}
    with running(made) as bot:
        for words in (HELD, WITHDRAWN, CLOSED, CLIMBED):
            async with Browser(made.web_url) as browser:
                await browser.open()
                tale = Tale(what=(words,), files=[(PHOTO.name, PHOTO.data, PHOTO.mime)])
                receipts[words] = await tale.tell(browser)
        async with made.office() as office:
            ids = {
                words: tip.tip.tip_id
                for tip in await readings(office)
                for words in told(tip, "what")
            }
            for words in (HELD, WITHDRAWN, CLOSED):
                await acting.claim(office, ids[words])
                await acting.reply(office, ids[words], QUESTION)
            await withdraw(office, ids[WITHDRAWN], made.officers["region-4"].name, "ย้ายงาน")
            await acting.set_status(office, ids[CLOSED], "screening", GREETING)
            said = ("unsubstantiated", "ไม่พบมูล", SENTENCE)
            await end(office, ids[CLOSED], "closed", *said, is_sure=True)
        await answer(made, receipts[HELD], ANSWER)
        await answer(made, receipts[WITHDRAWN], LATER)
        bot.advance(8 * DAY_S)
    with running(made):  # a start lets climb what is late
        async with made.office("region-4") as office:
            assert with_words(await readings(office), CLIMBED)
    made.clock_file.unlink()
    return receipts


async def answer(made: Whole, receipt: str, words: str) -> str:
    """Come back with the receipt and answer; what officers wrote."""
    async with Browser(made.web_url) as browser:
        await browser.open()
        await browser.press("follow")
        await browser.say(receipt)
        letters = "\n".join(browser.seen.letters)
        await browser.press("answer")
        await browser.say(words)
        return letters


def with_new_officers(again: Whole) -> Whole:
    """New people with new keys in a new roster that the admin signs; one of them runs recovery."""
    names = (*CENTRES, INTEGRITY, ADMIN)
    fresh = {name: OfficerKeys.generate(f"คนใหม่ {name}") for name in names}
    day = today(SystemClock())
    roster = Roster(
        2,
        day.isoformat(),
        (day + GOOD_FOR - timedelta(days=1)).isoformat(),
        again.recovery.age.recipient,
        tuple(_officer(name, keys) for name, keys in fresh.items()),
    )
    (again.folder / "roster.toml").write_bytes(sign_roster(render(roster), again.admin))
    return replace(again, officers=fresh)


def _officer(name: str, keys: OfficerKeys) -> Officer:
    roles = (Role.ADMIN,) if name == ADMIN else (Role.OFFICER, Role.LEAD)
    centre = "region-4" if name == ADMIN else name
    return Officer(keys.name, keys.age.recipient, keys.sign.verify_key, roles, (centre,))


class PulledPlug(Exception):
    """The machine that recovery runs on dies."""


async def interrupted(again: Whole) -> None:
    """Recovery begins, counts as it goes, and dies behind its second grant."""
    steps: list[tuple[int, int]] = []

    def on_step(looked_at: int, granted: int) -> None:
        steps.append((looked_at, granted))
        if granted == 2:
            raise PulledPlug

    async with again.office(ADMIN) as office:
        with pytest.raises(PulledPlug):
            await regrant_all(office, again.recovery, on_step=on_step)
    assert steps == sorted(steps)
    assert steps[-1][1] == 2


async def regranted(again: Whole) -> Regranted:
    async with again.office(ADMIN) as office:
        return await regrant_all(office, again.recovery)


async def every_word_is_there(again: Whole, earlier: bytes) -> None:
    """As told and as written by people who are gone, above every suspicion, with the photos."""
    async with again.office() as office:
        before = [await office.read(tip_id) for tip_id in await tip_ids(office)]
        strangers = {finding.name for reading in before for finding in reading.alarms}
        assert strangers & {"part_foreign", "change_foreign"}  # nobody here knows who was there
        learn_roster(earlier, again.admin.verify_key, office.memory)
    async with again.office() as office:
        found = await readings(office)
        stories = {told(tip, "what")[0]: tip for tip in found}
        assert stories.keys() == {HELD, WITHDRAWN, CLOSED, CLIMBED}
        for tip in found:
            assert len(await files(office, tip)) == 1
        assert ANSWER in told(stories[HELD])
        assert LATER in told(stories[WITHDRAWN])
        written = {
            part.part.words
            for words in (HELD, WITHDRAWN, CLOSED)
            for part in stories[words].tip.parts
            if part.part is not None
        }
        assert {QUESTION, SENTENCE} <= written
        assert stories[CLOSED].tip.shown.status == "closed"
        kinds = [change.kind for change in stories[CLIMBED].tip.shown.changes]
        assert kinds == ["escalate"]


async def work_goes_on(again: Whole, receipt: str) -> None:
    """A new lead takes the tip of somebody who is gone, writes, and the reporter reads and answers
    with the receipt that they have had all along."""
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(again.office())
        (tip,) = with_words(await readings(office), HELD)
        tip_id = tip.tip.tip_id
        await assign(office, tip_id, office.keys.id)
        await acting.reply(office, tip_id, GREETING)
        letters = await answer(again, receipt, NEW_ANSWER)
        assert QUESTION in letters
        assert GREETING in letters
        assert NEW_ANSWER in told(await office.read(tip_id))
