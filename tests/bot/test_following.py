"""Coming back with a receipt, member codes, and what guessing costs."""

import asyncio
from typing import Any

import pytest

from bot.stretch import StretchRules
from handlers.effects import OfficerWords, Say
from sealing import (
    Author,
    Kind,
    MemberCode,
    Part,
    Receipt,
    seal_part,
    stretch_member_code,
)
from sealing.age import PQRecipient
from storage import Transaction
from storage.repositories import codes, parts, tips
from storage.repositories.parts import PartRow
from tests.bot.test_turn import telling
from tests.bot.turn_house import CHEAP, SOMCHAI, House, Person

MINUTE = 60.0


async def officer_writes(house: House, words: str, *, part_id: str = "ab" * 16) -> str:
    """An officer's message appended to the only tip, as the desk would."""
    (tip_id,) = await house.tip_ids()

    def append(t: Transaction) -> None:
        tip, head = tips.get(t, tip_id), parts.head(t, tip_id)
        assert tip is not None
        part = Part(
            tip_id,
            part_id,
            head.seq + 1,
            head.hash,
            Author.OFFICER,
            "2026-11-24",
            Kind.MESSAGE,
            words=words,
            officer=SOMCHAI.id,
        )
        sealed = seal_part(part, PQRecipient.from_raw(tip.reply_recipient))
        row = PartRow(
            part_id, tip_id, part.seq, sealed.hash, sealed.data, "reply", "officer", "message",
            part.day, len(sealed.data), officer=SOMCHAI.id, signature=b"s" * 64,
        )  # fmt: skip
        parts.append(t, row, previous=head.hash)

    await house.db.commit(append)
    return part_id


async def following(house: House, receipt: str, name: str = "new session") -> Person:
    person = house.person(name)
    await person.press("follow")
    await person.say(receipt)
    return person


def said(intents: Any) -> list[str]:
    return [intent.key.removeprefix("say.") for intent in intents if isinstance(intent, Say)]


async def test_a_receipt_leads_back_from_a_new_session_to_the_officers_words(house: House) -> None:
    receipt = await house.person().file("เห็นเขาเอาปูนไป")
    part_id = await officer_writes(house, "จำทะเบียนรถได้ไหม")
    screen = await (await following(house, receipt)).screen()
    assert part_id in [each.part_id for each in screen.intents if isinstance(each, OfficerWords)]
    assert screen.letters[part_id].words == "จำทะเบียนรถได้ไหม"
    assert "จำทะเบียนรถได้ไหม" not in repr(screen)


async def test_a_receipt_works_however_it_is_typed(house: House) -> None:
    receipt = await house.person().file("เรื่อง")
    thai = receipt.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")).replace("-", " ")
    assert "status" in said((await (await following(house, thai)).screen()).intents)


async def test_an_answer_and_a_file_reach_the_tip_behind_the_officers_words(house: House) -> None:
    receipt = await house.person().file("เรื่องแรก")
    await officer_writes(house, "มีอะไรอีกไหม")
    person = await following(house, receipt)
    await person.press("answer")
    await person.say("กข 1234")
    await person.send_file(b"picture" * 99)
    await person.press("done")
    (tip_id,) = await house.tip_ids()
    found = [part for part in await house.read_as(SOMCHAI, tip_id) if part.words or part.file]
    assert [part.words for part in found] == ["เรื่องแรก", "มีอะไรอีกไหม", "กข 1234", None]
    assert [part.previous for part in found][1:] != [bytes(32)] * 3
    assert len(await house.blobs.ids()) == 1


async def test_an_officer_who_writes_at_the_same_moment_overtakes_nobody(house: House) -> None:
    receipt = await house.person().file("เรื่องแรก")
    person = await following(house, receipt)
    await person.press("answer")
    ids = [f"{number:032x}" for number in range(1, 6)]
    answers = [person.say(f"คำตอบ {number}") for number in range(5)]
    await asyncio.gather(*answers, *(officer_writes(house, "ถาม", part_id=each) for each in ids))
    (tip_id,) = await house.tip_ids()
    words = [part.words for part in await house.read_as(SOMCHAI, tip_id)]
    assert {f"คำตอบ {number}" for number in range(5)} <= set(words)
    assert words.count("ถาม") == 5


async def test_no_more_contact_is_marked_on_the_tip_and_said_inside_it(house: House) -> None:
    receipt = await house.person().file("เรื่อง")
    person = await following(house, receipt)
    await person.press("stop")
    await person.press("stop")
    (tip_id,) = await house.tip_ids()
    tip = await house.db.read(lambda t: tips.get(t, tip_id))
    assert tip is not None
    assert tip.no_contact
    assert (await house.read_as(SOMCHAI, tip_id))[-1].kind is Kind.STOP


async def test_leaving_lets_go_of_the_tip(house: House) -> None:
    receipt = await house.person().file("เรื่อง")
    part_id = await officer_writes(house, "ถาม")
    person = await following(house, receipt)
    keys = house.forget.ids()
    await person.press("cancel")
    assert len(keys - house.forget.ids()) == 1
    assert part_id not in (await person.screen()).letters


async def test_officers_words_lie_in_no_table_opened(house: House, tmp_path: Any) -> None:
    receipt = await house.person().file("เรื่อง")
    await officer_writes(house, "จำทะเบียนรถได้ไหม")
    await (await following(house, receipt)).screen()
    await house.db.truncate_log()
    stored = (tmp_path / "db.sqlite").read_bytes()
    assert "ทะเบียน".encode() not in stored
    assert receipt.replace("-", "").encode() not in stored


async def test_a_letter_taken_back_is_shown_no_more(house: House) -> None:
    receipt = await house.person().file("เรื่อง")
    part_id = await officer_writes(house, "ถาม")
    person = await following(house, receipt)
    (tip_id,) = await house.tip_ids()
    await house.db.commit(lambda t: parts.tombstone(t, tip_id, part_id))
    assert (await person.screen()).letters == {}


async def test_a_mistyped_code_costs_neither_a_stretch_nor_a_try(house: House) -> None:
    person = house.person()
    await person.press("follow")
    before = house.stretches.stretches_done
    for _ in range(10):
        await person.say("1234-5678-9012-3456-7890-1234")
        assert "receipt_mistyped" in said((await person.screen()).intents)
    assert house.stretches.stretches_done == before


async def test_the_sixth_wrong_try_is_locked_and_never_stretched(house: House) -> None:
    person = house.person()
    await person.press("follow")
    for _ in range(5):
        await person.say(Receipt.generate().grouped)
        assert "receipt_unknown" in said((await person.screen()).intents)
    done = house.stretches.stretches_done
    for _ in range(50):
        await person.say(Receipt.generate().grouped)
        assert "receipt_locked" in said((await person.screen()).intents)
    assert house.stretches.stretches_done == done == 5
    house.clock.advance(16 * MINUTE)
    await person.say(Receipt.generate().grouped)
    assert "receipt_unknown" in said((await person.screen()).intents)


@pytest.mark.parametrize(
    ("locks", "waited", "says"),
    [
        (1, 0, ("locked", {"minutes": 15})),
        (1, 5, ("locked", {"minutes": 15})),
        (2, 10, ("locked", {"minutes": 30})),
        (2, 15, ("locked", {"minutes": 15})),
        (3, 0, ("locked", {"minutes": 60})),
        (4, 59, ("locked_long", {"hours": 2})),
        (9, 0, ("locked_long", {"hours": 24})),
    ],
)
@pytest.mark.parametrize("kind", ["receipt", "member"])
async def test_a_lock_says_how_long_it_lasts_at_most_in_whole_steps(
    house: House, kind: str, locks: int, waited: int, says: tuple[str, dict[str, int]]
) -> None:
    person = house.person()
    await person.press("follow" if kind == "receipt" else "member")
    conversation = house.means.marks.conversation("web", person.name)
    for _ in range(locks):
        house.clock.advance(24 * 60 * MINUTE)
        for _ in range(5):
            house.throttle.wrong(conversation)
    house.clock.advance(waited * MINUTE)
    code = Receipt.generate() if kind == "receipt" else MemberCode.generate("mkm7")
    await person.say(code.grouped)
    (lock,) = [i for i in (await person.screen()).intents if isinstance(i, Say)]
    assert (lock.key, dict(lock.params)) == (f"say.{kind}_{says[0]}", says[1])


async def test_whoever_is_locked_can_still_file(house: House) -> None:
    person = house.person()
    await person.press("follow")
    for _ in range(6):
        await person.say(Receipt.generate().grouped)
    await person.press("cancel")
    assert await person.file("เรื่อง")


async def test_a_full_queue_is_said_and_is_not_a_wrong_try(tmp_path: Any) -> None:
    house = await House(tmp_path, stretch_rules=StretchRules(look_ups_waiting=0)).open()
    person, gate = house.person(), asyncio.Event()
    await person.press("follow")
    loop = asyncio.get_running_loop()
    hold = asyncio.create_task(
        house.stretches.look_up(
            "web", b"x", lambda: asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
        )
    )
    await asyncio.sleep(0)
    await person.say(Receipt.generate().grouped)
    assert "receipt_busy" in said((await person.screen()).intents)
    assert house.throttle.conversations == 0
    gate.set()
    await hold
    await house.close()


async def test_a_flood_of_guesses_does_not_hold_up_filing(house: House) -> None:
    person = await telling(house)
    await person.say("เรื่อง")
    guessers = [house.person(f"guesser {number}") for number in range(30)]
    for each in guessers:
        await each.press("follow")
    guesses = [asyncio.create_task(each.say(Receipt.generate().grouped)) for each in guessers]
    assert await house.person("citizen").file("เรื่องด่วน")
    await asyncio.gather(*guesses)


@pytest.mark.parametrize("is_duress", [False, True])
async def test_a_member_code_reads_the_same_under_duress_and_officers_know(
    house: House, is_duress: bool
) -> None:
    code = MemberCode.generate("mkm7")
    locator = stretch_member_code(
        code, salt=house.server_key.salt, pepper=house.server_key.pepper, cost=CHEAP
    )
    row = codes.MemberCodeRow(locator, "kkn", is_duress, "2027-01-01", 2020)
    await house.db.commit(lambda t: codes.add(t, row))
    person = house.person()
    await person.press("member")
    await person.say(code.grouped)
    assert said((await person.screen()).intents)[0] == "member_ok"
    await person.press("case")
    await person.tell_on("เรื่องของสมาชิก")
    await person.press("send")
    (tip_id,) = await house.tip_ids()
    summary = await house.summary_as(SOMCHAI, tip_id)
    assert (summary.alias, summary.is_verified, summary.is_duress) == ("mkm7", True, is_duress)
    assert (summary.member_centre, summary.member_since) == ("kkn", 2020)


async def test_a_revoked_or_expired_member_code_is_unknown(house: House) -> None:
    code = MemberCode.generate("mkm7")
    locator = stretch_member_code(
        code, salt=house.server_key.salt, pepper=house.server_key.pepper, cost=CHEAP
    )
    row = codes.MemberCodeRow(locator, "kkn", False, "2026-11-22", 2020)
    await house.db.commit(lambda t: codes.add(t, row))
    person = house.person()
    await person.press("member")
    await person.say(code.grouped)
    assert said((await person.screen()).intents)[0] == "member_unknown"
