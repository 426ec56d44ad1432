"""An application to join the network lies readable nowhere, opens for no officer, and has no trail.

The place where a way to reach somebody is asked for is the worst one to leak: the same search and
the same thief as in `test_leak`, over the life of one application.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from console import acting
from console.errors import Refused
from console.office import Wanted
from tests.whole.browser import Browser
from tests.whole.canaries import Canaries
from tests.whole.deployment import REGISTRAR, Whole, make
from tests.whole.nursery import running
from tests.whole.readings import readings, told
from tests.whole.scene import DAY_S, Scene, check_logs, check_nothing_opens, quiet_temp

SERVICE = "ป้านกกระสาดูแลกองทุนหมู่บ้านมานาน"
REACH = "บ้านนกฮูกหลังวัด โทร 081-735-5190"
QUESTION = "สะดวกพบที่ศาลานกเขาไหม"
ANSWER = "พบที่ตลาดนกคุ่มวันเสาร์"
REASON = "เป็นญาติกับกำนันนกอีแอ่น"
SENTENCE = "ขอบคุณที่อยากช่วยกันดูนกแถวบ้าน"
WORDS: Mapping[str, str | bytes] = {
    "service": SERVICE,
    "reach": REACH,
    "phone": "081-735-5190",
    "question": QUESTION,
    "answer": ANSWER,
    "reason": REASON,
    "sentence": SENTENCE,
}
CHOICES = ("candidate", "not_asked", "application", "apply", "TH-40")
"""What was chosen and asked: no database, store or blob names any of it."""
AT_MOST_KEYS = 1
"""A day later whoever came back stands at the greeting; whoever applied is forgotten."""


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    temp = quiet_temp(tmp_path, monkeypatch)
    made = make(tmp_path / "deployment", has_registrar=True)
    return Scene(made, temp, tmp_path / "scratch", dict(WORDS))


async def test_nothing_of_an_application_lies_readable_and_no_officer_opens_it(
    scene: Scene,
) -> None:
    made = scene.made
    async with Browser(made.web_url) as applicant, Browser(made.web_url) as back:
        with running(made, is_verbose=True) as bot:
            await to_review(scene, applicant)
            scene.remember("a draft")
            search(scene)
            await applicant.press("send")
            assert applicant.receipt is not None, applicant.seen.text
            receipt = applicant.receipt
            scene.carry("receipt", receipt)
            scene.remember("filed")
            search(scene)
            await registrar_decides(made)
            await come_back(scene, back, receipt)
            scene.remember("answered")
            search(scene)
            bot.advance(DAY_S + 900)
            await scene.forgotten(bot, keys_at_most=AT_MOST_KEYS)
            scene.remember("a day later")
            search(scene)
            await registrar_still_reads_and_officers_do_not(made)
        search(scene)
    check_logs(made)
    then = b"".join(loot.plain for loot in scene.loot_then("a draft"))
    assert REACH.encode() in then  # the thief is able: at that moment this opened
    (tip_id,) = scene.tips("a day later")
    check_nothing_opens(scene, [tip_id, receipt], "a day later")


def search(scene: Scene) -> None:
    scene.search()
    chosen = Canaries(tuple((choice, "plain", choice.encode()) for choice in CHOICES))
    assert chosen.in_folder(scene.made.data, scene.made.forget.parent) == []


async def to_review(scene: Scene, browser: Browser) -> None:
    """Somebody nominates somebody; the review is on the screen."""
    await browser.open()
    scene.meet(browser.session)
    for choice in ("member", "join", "other", "not_asked", "TH-40"):
        await browser.press(choice)
    await browser.say(SERVICE)
    await browser.press("done")
    await browser.say(REACH)
    assert not any(choice.startswith("hide.") for choice in browser.choices)
    await browser.press("done")
    assert "send" in browser.choices, browser.seen.text


async def registrar_decides(made: Whole) -> None:
    async with made.office(REGISTRAR) as office:
        (tip,) = await readings(office)
        tip_id = tip.tip.tip_id
        await acting.claim(office, tip_id)
        await acting.reply(office, tip_id, QUESTION)
        await acting.set_status(office, tip_id, "declined", SENTENCE, reason=REASON)


async def come_back(scene: Scene, browser: Browser, receipt: str) -> None:
    await browser.open()
    scene.meet(browser.session)
    await browser.press("follow")
    await browser.say(receipt)
    assert browser.seen.letters == [QUESTION, SENTENCE]  # and nothing of the reason
    await browser.say(ANSWER)
    await browser.press("cancel")


async def registrar_still_reads_and_officers_do_not(made: Whole) -> None:
    async with made.office(REGISTRAR) as office:
        (tip,) = await readings(office)
        assert SERVICE in told(tip, "service")
        assert REACH in told(tip, "reach")
        assert ANSWER in told(tip, "reply")
        tip_id = tip.tip.tip_id
    for centre in ("khon-kaen", "region-4"):
        async with made.office(centre) as office:
            assert (await office.queue(Wanted())).rows == ()
            with pytest.raises(Refused) as unseen:
                await office.read(tip_id)
            assert unseen.value.key == "desk.not_found"
