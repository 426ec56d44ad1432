"""What a console notices when its desk, or whoever sits in between, plays false. Each by its
name.
"""

import copy
import gzip
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from console.desk_client import Desk
from console.desk_wire import ANSWER_AT_MOST_BYTES
from console.errors import ConsoleError, Mistaken
from console.origins import origin_of
from sealing import (
    SERVER,
    Author,
    Grant,
    Kind,
    OfficerKeys,
    Summary,
    TipKeys,
    TipKind,
    part_statement,
    seal_grant,
    seal_part,
)
from tests.console.conftest import Run
from tests.console.fake_world import (
    DAY,
    FORM,
    Answer,
    Person,
    Tip,
    World,
    about,
    b64,
    claim_as,
    new_id,
    unb64,
)


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    """A tip with words, an officer's message and a claim."""
    filed = world.file_tip(somchai)
    filed.append(filed.told(words="หนึ่ง", question="what"))
    filed.append(filed.told(words="สอง", question="what"))
    world.officer_part(filed, somchai, "สาม")
    claim_as(filed, somchai)
    return filed


Found = Callable[[], set[tuple[str, int | None]]]


@pytest.fixture
def found(tip: Tip, somchai: Person, run: Run) -> Found:
    """What reading the tip finds: (name, part)."""

    def read() -> set[tuple[str, int | None]]:
        ran = run("read", tip.tip_id, "--json", person=somchai)
        assert ran.code == 0, ran.err
        return {(finding["name"], finding["seq"]) for finding in json.loads(ran.out)["findings"]}

    return read


def names(findings: set[tuple[str, int | None]]) -> set[str]:
    return {name for name, _ in findings}


def test_an_honest_desk_gives_no_finding(found: Found) -> None:
    assert found() == set()
    assert found() == set()


# --- parts


def test_a_flipped_bit_is_an_altered_part(world: World, found: Found) -> None:
    def flip(answer: Answer) -> None:
        data = bytearray(unb64(answer["parts"][1]["sealed"]))
        data[-1] ^= 1
        answer["parts"][1]["sealed"] = b64(bytes(data))

    world.spoil("tip", flip)
    assert ("part_altered", 2) in found()


def test_a_flipped_bit_with_a_matching_hash_is_still_noticed(world: World, found: Found) -> None:
    def flip(answer: Answer) -> None:
        data = bytearray(unb64(answer["parts"][1]["sealed"]))
        data[-1] ^= 1
        answer["parts"][1] |= {
            "sealed": b64(bytes(data)),
            "hash": b64(hashlib.sha256(data).digest()),
        }

    world.spoil("tip", flip)
    assert {("part_tampered", 2), ("part_altered", 2)} <= found()


def test_a_dropped_part_is_missing(world: World, found: Found) -> None:
    world.spoil("tip", lambda answer: answer["parts"].pop(1))
    assert ("part_missing", 2) in found()


def test_a_dropped_newest_part_is_missing_once_it_was_seen(world: World, found: Found) -> None:
    assert found() == set()
    world.spoil("tip", lambda answer: answer["parts"].pop())
    assert ("part_missing", 4) in found()


def test_swapped_parts_are_moved(world: World, found: Found) -> None:
    def swap(answer: Answer) -> None:
        first, second = answer["parts"][1], answer["parts"][2]
        first["seq"], second["seq"] = second["seq"], first["seq"]
        answer["parts"][1:3] = [second, first]

    world.spoil("tip", swap)
    assert {("part_moved", 2), ("part_moved", 3)} <= found()


def test_a_part_from_another_tip_is_moved_or_does_not_open(
    world: World, somchai: Person, found: Found
) -> None:
    other = world.file_tip(somchai)
    other.append(other.told(words="จากอีกเรื่อง"))
    stolen = other.answer["parts"][1]
    world.spoil("tip", lambda answer: answer["parts"].__setitem__(1, stolen))
    assert ("part_unopened", 2) in found()


def test_a_replayed_part_is_noticed(world: World, tip: Tip, found: Found) -> None:
    again = tip.answer["parts"][1] | {"seq": 5}
    world.spoil("tip", lambda answer: answer["parts"].append(again))
    assert {("part_replayed", 5), ("part_moved", 5)} <= found()


def test_other_words_under_a_number_seen_before_are_altered(
    world: World, tip: Tip, found: Found
) -> None:
    """The server knows the public recipient: it can write new words, but not twice under one
    number.
    """
    assert found() == set()
    last = tip.answer["parts"].pop()
    tip.answer["parts"].pop()
    tip.append(tip.told(words="ถูกเขียนใหม่", question="what"))
    tip.answer["parts"].append(last)
    assert ("part_altered", 3) in found()
    assert ("part_altered", 3) in found(), "what was seen first stays"


def test_a_reporters_message_taken_back_is_only_good_to_know(
    world: World, tip: Tip, somchai: Person, run: Run, found: Found
) -> None:
    tip.answer["parts"][1] |= {"sealed": None}
    assert found() == {("part_unsent", 2)}
    assert found() == {("part_unsent", 2)}, "what was empty at the first look may stay so"
    assert "took this message back" in run("read", tip.tip_id, person=somchai).out


def test_a_part_that_was_read_here_and_is_empty_now_is_an_alarm(
    tip: Tip, somchai: Person, run: Run, found: Found
) -> None:
    """Reporters take back only what is not filed yet: nothing that an officer has opened."""
    assert found() == set()
    tip.answer["parts"][1] |= {"sealed": None}
    assert found() == {("part_blanked", 2)}
    assert found() == {("part_blanked", 2)}, "a second look does not make it honest"
    ran = run("read", tip.tip_id, person=somchai)
    assert "should not be" in ran.out
    assert "took this message back" not in ran.out
    assert run("reply", tip.tip_id, "--words", "x", person=somchai).code == 2


def test_an_emptied_form_is_an_alarm_at_the_first_look(tip: Tip, found: Found) -> None:
    tip.answer["parts"][0] |= {"sealed": None}
    assert ("form_blanked", 1) in found()
    tip.answer["parts"][0] |= {"kind": "words"}
    assert "form_missing" in names(found()), "the desk's label does not hide it"


def test_an_officers_message_emptied_is_an_alarm(tip: Tip, found: Found) -> None:
    tip.answer["parts"][3] |= {"sealed": None}
    assert ("part_emptied", 4) in found()


@pytest.mark.parametrize(
    ("field", "value"),
    [("author", "system"), ("kind", "note"), ("day", "2026-11-19"), ("blob_id", "a" * 32)],
)
def test_a_label_outside_that_disagrees_with_the_inside_is_noticed(
    tip: Tip, found: Found, field: str, value: str
) -> None:
    tip.answer["parts"][1][field] = value
    assert ("part_mislabelled", 2) in found()


# --- officers' signatures


def test_an_officers_part_without_a_signature_is_named(tip: Tip, found: Found) -> None:
    tip.answer["parts"][3]["signature"] = None
    assert ("part_unsigned", 4) in found()


def test_a_forged_signature_is_named(tip: Tip, somchai: Person, found: Found) -> None:
    tip.answer["parts"][3]["signature"] = b64(bytes(64))
    assert ("part_forged", 4) in found()


def test_a_signature_from_another_place_is_forged(
    world: World, tip: Tip, somchai: Person, found: Found
) -> None:
    other = world.file_tip(somchai)
    world.officer_part(other, somchai, "ที่อื่น")
    tip.answer["parts"][3]["signature"] = other.answer["parts"][1]["signature"]
    assert ("part_forged", 4) in found()


def test_an_officer_who_is_in_no_roster_is_named(tip: Tip, found: Found) -> None:
    stranger = OfficerKeys.generate("ใครไม่รู้")
    part = tip.told(Kind.MESSAGE, Author.OFFICER, words="ปลอม", officer=stranger.id)
    sealed = seal_part(part, tip.keys.reply.recipient)
    tip.add_sealed(part, sealed.data, "reply", stranger.sign.sign(about(part, sealed.hash)))
    assert ("part_foreign", 5) in found()


def test_words_signed_by_a_stranger_in_an_officers_name_are_forged(
    tip: Tip, somchai: Person, found: Found
) -> None:
    stranger = OfficerKeys.generate("ใครไม่รู้")
    part = tip.told(Kind.MESSAGE, Author.OFFICER, words="ปลอม", officer=somchai.id)
    sealed = seal_part(part, tip.keys.reply.recipient)
    tip.add_sealed(part, sealed.data, "reply", stranger.sign.sign(about(part, sealed.hash)))
    assert ("part_forged", 5) in found()


def test_an_officer_who_left_is_told_from_a_stranger(
    world: World, tip: Tip, run: Run, somchai: Person, found: Found
) -> None:
    malee = world.join("มาลี", "kkn")
    world.officer_part(tip, malee, "ก่อนย้าย")
    assert found() == set()
    world.people.remove(malee)
    world.sign_roster(2)
    assert found() == {("part_former", 5)}
    assert run("reply", tip.tip_id, "--words", "x", person=somchai).code == 0


def test_nothing_is_sent_while_a_warning_stands(
    tip: Tip, somchai: Person, run: Run, world: World
) -> None:
    tip.answer["parts"][3]["signature"] = None
    for command in (("reply", "--words", "x"), ("note", "--words", "x")):
        ran = run(command[0], tip.tip_id, *command[1:], person=somchai)
        assert ran.code == 2
        assert "does not verify" in ran.err
    assert len(tip.answer["parts"]) == 4
    shown = run("read", tip.tip_id, person=somchai)
    assert "no valid signature" in shown.out
    ran = run("note", tip.tip_id, "--words", "x", "--despite-warnings", person=somchai)
    assert ran.code == 0


# --- keys, grants, history


def test_replaced_recipients_are_named_and_never_used(
    world: World, tip: Tip, somchai: Person, run: Run, found: Found
) -> None:
    theirs = TipKeys.generate().recipients
    world.spoil(
        "tip",
        lambda answer: answer.update(
            case_recipient=str(theirs.case), reply_recipient=str(theirs.reply)
        ),
    )
    assert "recipient_replaced" in names(found())
    assert run("reply", tip.tip_id, "--words", "x", "--despite-warnings", person=somchai).code == 0
    world.behave()
    assert found() == set(), "sealed to the officer's own grant's keys"


def swap_keys(world: World, tip: Tip, of: Person, told: str | None = None) -> TipKeys:
    """The server seals *of* a fresh grant with keys of its own, shows their recipients, empties
    what these cannot open, and perhaps invents a form and words under them.
    """
    evil, old = TipKeys.generate(), tip.grants[of.id]
    summary = Summary("embezzlement", "TH-44", TipKind.CASE)
    grant = Grant(new_id(), tip.tip_id, of.id, evil.case, evil.reply, summary, DAY, SERVER)
    theirs = Tip(tip.tip_id, evil, {"parts": copy.deepcopy(tip.answer["parts"])}, {}, {})
    if told:
        theirs.append(theirs.told(Kind.FORM, form=FORM))
        theirs.append(theirs.told(words=told, question="what"))
    invented = theirs.answer["parts"][len(tip.answer["parts"]) :]

    def swap(answer: Answer) -> None:
        sealed = b64(seal_grant(grant, of.keys.age.recipient))
        answer["grant"] = dict(old, grant_id=grant.grant_id, sealed=sealed)
        answer["case_recipient"] = str(evil.recipients.case)
        answer["reply_recipient"] = str(evil.recipients.reply)
        for part in answer["parts"]:
            part["sealed"] = None
        answer["parts"] += invented

    def swap_listed(answer: Answer) -> None:
        sealed = b64(seal_grant(grant, of.keys.age.recipient))
        for row in answer["tips"]:
            row["grant"] = dict(old, grant_id=grant.grant_id, sealed=sealed)

    world.spoil("tip", swap)
    world.spoil("tips", swap_listed)
    return evil


@pytest.mark.parametrize("told", [None, "คำที่แต่งขึ้น"])
def test_keys_swapped_under_a_tip_that_was_read_stop_every_act(
    world: World, tip: Tip, somchai: Person, run: Run, found: Found, told: str | None
) -> None:
    world.join("มาลี", "kkn")
    assert found() == set()
    swap_keys(world, tip, somchai, told)
    assert {"recipient_changed", "grant_late", "part_blanked"} <= names(found())
    assert "recipient_changed" in names(found()), "a second look does not make it honest"
    ran = run("read", tip.tip_id, "--json", person=somchai)
    assert not json.loads(ran.out)["is_whole"]
    before = len(tip.answer["parts"])
    for command in (
        ("note", tip.tip_id, "--words", "x"),
        ("reply", tip.tip_id, "--words", "x"),
        ("status", tip.tip_id, "screening", "--sentence", "x"),
        ("grant", tip.tip_id, "มาลี"),
    ):
        for insist in ((), ("--despite-warnings",)):
            ran = run(*command, *insist, person=somchai)
            assert ran.code == 5, command
            assert "keys of this tip were changed" in ran.err
    assert run("release", tip.tip_id, person=somchai).code == 5
    assert len(tip.answer["parts"]) == before
    listed = json.loads(run("list", "--json", person=somchai).out)
    assert [one["problem"] for one in listed["tips"]] == ["finding.recipient_changed"]
    world.behave()
    assert found() == set(), "nothing of it was remembered against the honest desk"


def test_keys_swapped_after_a_look_with_an_alarm_are_noticed_all_the_same(
    world: World, tip: Tip, somchai: Person, found: Found
) -> None:
    """A server must not keep the keys unremembered by spoiling something else at the first look."""
    world.spoil("tip", lambda answer: answer["parts"][1].update(sealed=b64(b"nonsense")))
    assert ("part_altered", 2) in found()
    world.behave()
    swap_keys(world, tip, somchai, "คำที่แต่งขึ้น")
    assert "recipient_changed" in names(found())


def test_keys_are_not_remembered_from_a_form_that_was_not_there_at_the_first_look(
    world: World, tip: Tip, somchai: Person, found: Found
) -> None:
    """The form was spoilt at the first look, so the keys are not remembered yet: a form under other
    keys does not make them right, however often it is shown.
    """
    world.spoil("tip", lambda answer: answer["parts"][0].update(sealed=b64(b"nonsense")))
    assert ("part_altered", 1) in found()
    swap_keys(world, tip, somchai, "คำที่แต่งขึ้น")
    assert "part_blanked" in names(found())
    assert "part_blanked" in names(found())
    world.behave()
    assert found() == set()
    swap_keys(world, tip, somchai)
    assert "recipient_changed" in names(found()), "the true form has proven the true keys"


def test_a_tip_first_seen_after_its_keys_were_swapped_cannot_be_told_apart(
    world: World, somchai: Person, run: Run
) -> None:
    """docs/limits.md says so: this test shows that the sentence is true."""
    tip = world.file_tip(somchai)
    evil = TipKeys.generate()
    theirs = Tip(tip.tip_id, evil, {"parts": []}, {}, {})
    theirs.append(theirs.told(Kind.FORM, form=FORM))
    summary = Summary("embezzlement", "TH-44", TipKind.CASE)
    world.grant(theirs, somchai.id, somchai.keys.age.recipient, summary)
    tip.keys, tip.grants = evil, theirs.grants
    tip.answer |= {
        "parts": theirs.answer["parts"],
        "case_recipient": str(evil.recipients.case),
        "reply_recipient": str(evil.recipients.reply),
    }
    read = json.loads(run("read", tip.tip_id, "--json", person=somchai).out)
    assert read["is_whole"]


def granted_by(world: World, tip: Tip, to: Person, by: str) -> Answer:
    summary = Summary("other", "TH-40", TipKind.CASE)
    grant = Grant(new_id(), tip.tip_id, to.id, tip.keys.case, tip.keys.reply, summary, DAY, by)
    return {
        "grant_id": grant.grant_id,
        "officer": to.id,
        "released": True,
        "granted_by": by,
        "sealed": b64(seal_grant(grant, to.keys.age.recipient)),
        "signature": None,
    }


def test_a_grant_to_nobody_in_the_roster_is_named(world: World, tip: Tip, found: Found) -> None:
    tip.grants["f" * 32] = {**next(iter(tip.grants.values())), "officer": "f" * 32}
    assert "grant_foreign" in names(found())


def test_a_late_grant_by_the_server_is_named(world: World, tip: Tip, found: Found) -> None:
    malee = world.join("มาลี", "kkn")
    assert found() == set()
    tip.grants[malee.id] = granted_by(world, tip, malee, SERVER)
    assert "grant_late" in names(found())
    assert "grant_late" in names(found()), "a second look does not make it honest"


def test_a_colleagues_grant_without_a_signature_is_named(
    world: World, tip: Tip, somchai: Person, found: Found
) -> None:
    malee = world.join("มาลี", "kkn")
    tip.grants[malee.id] = granted_by(world, tip, malee, somchai.id)
    assert "grant_unsigned" in names(found())
    tip.grants[malee.id]["signature"] = b64(bytes(64))
    assert "grant_unsigned" in names(found())


def test_a_grant_by_somebody_outside_the_roster_is_named(
    world: World, tip: Tip, found: Found
) -> None:
    malee = world.join("มาลี", "kkn")
    tip.grants[malee.id] = granted_by(world, tip, malee, "e" * 32)
    assert "grant_unknown_maker" in names(found())


def test_ones_own_grant_in_an_officers_name_needs_the_signature(
    world: World, tip: Tip, somchai: Person, run: Run, found: Found
) -> None:
    malee = world.join("มาลี", "kkn")
    tip.grants[somchai.id] = granted_by(world, tip, somchai, malee.id)
    assert "grant_unsigned" in names(found())
    listed = json.loads(run("list", "--json", person=somchai).out)
    assert listed["tips"][0]["problem"] == "grant.unsigned"


def test_a_grant_of_another_tip_is_refused(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    other = world.file_tip(somchai)
    tip.grants[somchai.id] = other.grants[somchai.id]
    ran = run("read", tip.tip_id, person=somchai)
    assert ran.code == 5
    assert "altered or moved" in ran.err
    listed = json.loads(run("list", "--json", person=somchai).out)["tips"]
    assert {one["problem"] for one in listed} == {None, "grant.altered"}


def test_an_older_state_of_a_tip_is_named(world: World, tip: Tip, found: Found) -> None:
    assert found() == set()

    def back(answer: Answer) -> None:
        answer["changes"].clear()
        answer |= {"version": 1, "claimed_by": None, "claimed_by_name": None}

    world.spoil("tip", back)
    assert {"history_behind", "change_missing"} <= names(found())


def test_a_dropped_change_is_missing(world: World, tip: Tip, found: Found) -> None:
    world.spoil("tip", lambda answer: answer["changes"].clear())
    assert "change_missing" in names(found())


@pytest.mark.parametrize(
    ("spoilt", "name"),
    [
        ({"signature": None}, "change_unsigned"),
        ({"signature": b64(bytes(64))}, "change_forged"),
        ({"officer": "d" * 32}, "change_foreign"),
        ({"day": "2026-11-01"}, "change_forged"),
    ],
)
def test_a_claim_that_its_officer_did_not_sign_is_named(
    tip: Tip, found: Found, spoilt: dict[str, Any], name: str
) -> None:
    tip.answer["changes"][0] |= spoilt
    assert name in names(found())


def test_a_change_rewritten_after_it_was_seen_is_altered(
    world: World, tip: Tip, found: Found
) -> None:
    malee = world.join("มาลี", "kkn")
    assert found() == set()
    tip.answer |= {"version": 1, "claimed_by": None, "changes": []}
    claim_as(tip, malee)
    assert "change_altered" in names(found())


def test_a_status_or_holder_that_nobody_signed_is_named(tip: Tip, found: Found) -> None:
    tip.answer |= {"status": "closed"}
    assert "status_unproven" in names(found())
    tip.answer |= {"status": "received", "claimed_by": None}
    assert "claim_unproven" in names(found())


def test_what_a_desk_showed_falsely_once_does_not_speak_against_it_for_ever(
    world: World, tip: Tip, found: Found
) -> None:
    """As when somebody sat in between for an hour: afterwards the honest desk is whole again."""
    again = tip.answer["parts"][1] | {"seq": 5}

    def everything(answer: Answer) -> None:
        answer["parts"][1]["sealed"] = b64(b"nonsense")
        answer["parts"].append(again)
        answer["changes"][0] |= {"signature": b64(bytes(64))}
        answer["version"] = 99

    world.spoil("tip", everything)
    assert {"part_altered", "part_replayed", "change_forged", "change_missing"} <= names(found())
    world.behave()
    assert found() == set()


def test_a_tip_seen_before_and_now_denied_is_said(
    world: World, tip: Tip, somchai: Person, run: Run, found: Found
) -> None:
    assert found() == set()
    del world.tips[tip.tip_id]
    ran = run("read", tip.tip_id, person=somchai)
    assert ran.code == 5
    assert "has seen this tip before" in ran.err


def test_another_tip_than_the_one_asked_for_is_refused(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    world.spoil("tip", lambda answer: answer.update(tip_id="c" * 32))
    assert run("read", tip.tip_id, person=somchai).code == 5


# --- the roster


def test_a_roster_rolled_back_is_refused(world: World, tip: Tip, somchai: Person, run: Run) -> None:
    old = world.roster
    world.sign_roster(5)
    assert run("list", person=somchai).code == 0
    world.roster = old
    ran = run("list", person=somchai)
    assert ran.code == 5
    assert "older roster" in ran.err
    assert "5" in ran.err


def test_two_rosters_of_one_version_are_refused(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    assert run("list", person=somchai).code == 0
    world.join("มาลี", "kkn")
    ran = run("list", person=somchai)
    assert ran.code == 5
    assert "two different rosters" in ran.err


def test_a_roster_by_another_hand_is_refused(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    signed = world.roster
    cases = {
        b"\n".join(signed.split(b"\n")[:-2]) + b"\n": "lacks the administrator's signature",
        signed.replace("สมชาย".encode(), "สมชัย".encode()): "not the administrator's",
        b"": "lacks",
    }
    for roster, says in cases.items():
        world.roster = roster
        ran = run("list", person=somchai)
        assert ran.code == 5
        assert says in ran.err


# --- the wire


def test_a_challenge_for_another_desk_is_not_signed(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    world.claims_to_be = "https://desk.elsewhere.example"
    ran = run("list", person=somchai)
    assert ran.code == 5
    assert "desk.elsewhere.example" in ran.err
    assert world.sign_ins == 0


def test_a_desk_that_takes_one_for_somebody_else_is_refused(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    tip.grants[somchai.id]["sealed"] = b64(b"not a grant")
    ran = run("read", tip.tip_id, person=somchai)
    assert ran.code == 5


@pytest.mark.parametrize(
    ("what", "spoil", "place"),
    [
        ("tips", lambda answer: answer.update(tips="none"), "tips"),
        ("tips", lambda answer: answer["tips"][0].update(tip_id="../../x"), "tip_id"),
        ("tips", lambda answer: answer["tips"][0]["grant"].update(sealed="%%%"), "sealed"),
        ("tips", lambda answer: answer["tips"][0].update(filed_day="2026-13-45"), "filed_day"),
        ("tips", lambda answer: answer["tips"][0].update(status="<b>"), "status"),
    ],
)
def test_a_malformed_answer_is_refused_naming_the_place_and_not_the_value(
    world: World, tip: Tip, somchai: Person, run: Run, what: str, spoil: Any, place: str
) -> None:
    world.spoil(what, spoil)
    ran = run("list", person=somchai)
    assert ran.code == 5
    assert place in ran.err
    assert "%%%" not in ran.err
    assert "../../x" not in ran.err


def test_a_damaged_memory_is_said_and_not_overwritten(
    tip: Tip, somchai: Person, run: Run, found: Found
) -> None:
    assert found() == set()
    memory = somchai.home / "seen.json"
    table = json.loads(memory.read_text())
    table["seen"]["roster"]["version"] = 0
    memory.write_text(json.dumps(table))
    before = memory.read_bytes()
    ran = run("read", tip.tip_id, person=somchai)
    assert ran.code == 5
    assert "memory" in ran.err
    assert memory.read_bytes() == before


def test_the_memory_holds_hashes_only(tip: Tip, somchai: Person, found: Found) -> None:
    assert found() == set()
    data = (somchai.home / "seen.json").read_text()
    assert tip.tip_id not in data
    assert "kkn" not in data
    assert "สมชาย" not in data


# --- hostile words on a terminal


@pytest.mark.parametrize(
    "words",
    [
        "\x1b]0;owned\x07\x1b[2J",
        "a\u202egpj.exe",
        "\x9b31m",
        "[bold red]x[/] :smile:",
        "\r\nNot done",
    ],
)
def test_words_cannot_write_to_the_terminal(
    world: World, somchai: Person, run: Run, words: str
) -> None:
    filed = world.file_tip(somchai)
    filed.append(filed.told(words=words))
    out = run("read", filed.tip_id, person=somchai).out
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(out)
    assert "│" in next(line for line in out.splitlines() if words[-3:].strip() in line)
    as_json = run("read", filed.tip_id, "--json", person=somchai).out
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(as_json)
    assert json.loads(as_json)["parts"][1]["words"] == words


def test_a_line_of_a_megabyte_is_cut_unless_asked_for(
    world: World, somchai: Person, run: Run
) -> None:
    filed = world.file_tip(somchai)
    filed.append(filed.told(words="x" * 900_000))
    short = run("read", filed.tip_id, person=somchai).out
    assert len(short) < 50_000
    assert "900000 characters" in short
    assert len(run("read", filed.tip_id, "--full", person=somchai).out) > 900_000


# --- the client alone


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://desk.example.org/", "https://desk.example.org"),
        ("https://desk.example.org:8443", "https://desk.example.org:8443"),
        ("https://desk.example.org:443", "https://desk.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_a_desks_address_becomes_its_origin(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "http://desk.example.org",
        "http://127.0.0.1.evil.example",
        "https://user:pass@desk.example.org",
        "https://desk.example.org/path",
        "https://desk.example.org:99999",
        "file:///etc/passwd",
        "desk.example.org",
        "",
    ],
)
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(Mistaken):
        origin_of(url)


async def streamed(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def answer_with(status: int, body: bytes = b"", **headers: str) -> ConsoleError:
    """What a desk that answers everything so makes of a console."""
    keys = OfficerKeys.generate("x")
    transport = httpx.MockTransport(
        lambda _: httpx.Response(status, headers=headers, content=streamed(body))
    )
    async with Desk("https://desk.example.org", keys.id, keys.sign, transport=transport) as desk:
        with pytest.raises(ConsoleError) as caught:
            await desk.me()
    return caught.value


async def test_redirects_bombs_and_endless_answers_are_refused() -> None:
    assert (await answer_with(302, Location="https://evil.example")).key == "desk.refused"
    packed = {"Content-Encoding": "gzip"}
    assert (await answer_with(200, gzip.compress(b"{}"), **packed)).key == "desk.malformed"
    assert (await answer_with(200, b"x" * (ANSWER_AT_MOST_BYTES + 1))).key == "desk.too_long"
    assert (await answer_with(503, b'{"error": "busy"}')).key == "desk.busy"
    assert (await answer_with(404)).key == "desk.not_found"
    assert (await answer_with(500, b"<html>")).key == "desk.refused"


def test_statements_are_about_one_place() -> None:
    """A guard for the fake desk itself: its parts are signed as the format says."""
    keys = TipKeys.generate()
    tip = Tip("a" * 32, keys, {"parts": []}, {}, {})
    part = tip.told(Kind.MESSAGE, Author.OFFICER, words="x", officer="b" * 32)
    assert about(part, bytes(32)) == part_statement(
        tip_id=part.tip_id,
        part_id=part.part_id,
        seq=1,
        previous=bytes(32),
        sealed_hash=bytes(32),
        kind="message",
        day=DAY,
        officer="b" * 32,
    )
