"""Withdrawing an officer from a tip: what it leaves to whom, and a desk that plays false."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sealing import (
    RECOVERY,
    SERVER,
    Grant,
    Kind,
    OfficerKeys,
    Part,
    Place,
    Role,
    Summary,
    TipKeys,
    TipKind,
    WrongKey,
    age,
    grant_statement,
    make_rekey,
    open_part,
    open_receipt_grant,
    parse_rekey,
    rekey_statement,
    seal_grant,
    seal_part,
    seal_recovery,
    side_of,
    write_rekey,
)
from tests.console.conftest import Run
from tests.console.fake_world import (
    DAY,
    LOW_COST,
    PASSPHRASE,
    Answer,
    Person,
    Tip,
    World,
    b64,
    claim_as,
    new_id,
    unb64,
    withdrawn,
)

WHY = ("--reason", "ย้ายไปทำงานที่อื่น")
SUMMARY = Summary("embezzlement", "TH-44", TipKind.CASE)


@pytest.fixture
def malee(world: World, somchai: Person) -> Person:
    return world.join("มาลี", "kkn")


@pytest.fixture
def anong(world: World, somchai: Person) -> Person:
    return world.join("อนงค์", "hq")


@pytest.fixture
def tip(world: World, somchai: Person, malee: Person, anong: Person) -> Tip:
    """A tip that Somchai holds, with words and a message; withheld from Anong above."""
    filed = world.file_tip(somchai, malee, anong)
    filed.grants[anong.id]["released"] = False
    filed.append(filed.told(words="ก่อนหน้า", question="what"))
    world.officer_part(filed, somchai, "ถามก่อน")
    claim_as(filed, somchai)
    return filed


Withdraw = Callable[..., Answer]


@pytest.fixture
def withdraw(tip: Tip, somchai: Person, run: Run) -> Withdraw:
    def once(who: str = "มาลี", by: Person = somchai, *more: str) -> Answer:
        ran = run("withdraw", tip.tip_id, "--who", who, *WHY, "--json", *more, person=by)
        assert ran.code == 0, ran.err
        told: Answer = json.loads(ran.out)
        return told

    return once


def read(run: Run, tip: Tip, person: Person) -> Answer:
    ran = run("read", tip.tip_id, "--json", person=person)
    assert ran.code == 0, ran.err
    told: Answer = json.loads(ran.out)
    return told


def names(told: Answer) -> set[str]:
    return {finding["name"] for finding in told["findings"]}


def alarms(told: Answer) -> set[str]:
    return names(told) - {"grant_readmitted", "change_former", "part_former"}


def words(told: Answer) -> list[str]:
    return [part["words"] for part in told["parts"] if part["words"]]


def tell(tip: Tip, said: str, keys: TipKeys | None = None) -> Part:
    """The reporter's next words, sealed to the keys that the desk has now, or to *keys*."""
    part = tip.told(words=said, question="more")
    to = tip.answer["case_recipient"]
    recipient = age.PQRecipient.parse(to) if keys is None else keys.case.recipient
    tip.add_sealed(part, seal_part(part, recipient).data, side_of(part.author, part.kind))
    return part


# --- with an honest desk


def test_who_reads_on_reads_everything_and_the_reason(
    world: World, tip: Tip, somchai: Person, anong: Person, run: Run, withdraw: Withdraw
) -> None:
    assert read(run, tip, somchai)["is_whole"]
    out = withdraw()
    assert (out["withdrawn"], out["readers"]) == ("มาลี", ["สมชาย ใจดี", "อนงค์"])
    assert not out["replies_stay"]
    tell(tip, "หลังจากนั้น")
    tip.grants[anong.id]["released"] = True
    for person in (somchai, anong):
        for _ in range(2):
            told = read(run, tip, person)
            assert told["is_whole"], told["findings"]
            assert words(told) == ["ก่อนหน้า", "ถามก่อน", WHY[1], "หลังจากนั้น"]
    assert run("reply", tip.tip_id, "--words", "ถามใหม่", person=somchai).code == 0
    assert words(read(run, tip, somchai))[-1] == "ถามใหม่"


def test_who_was_withdrawn_is_told_so_and_opens_nothing_written_since(
    world: World, tip: Tip, malee: Person, run: Run, withdraw: Withdraw
) -> None:
    assert read(run, tip, malee)["is_whole"]
    withdraw()
    ran = run("read", tip.tip_id, person=malee)
    assert ran.code == 4
    assert "สมชาย ใจดี withdrew your access" in ran.err
    assert json.loads(run("list", "--json", person=malee).out)["tips"] == []
    later = tell(tip, "หลังจากนั้น")
    newest = tip.answer["parts"][-1]
    place = Place(tip.tip_id, later.part_id, later.seq, None)
    with pytest.raises(WrongKey):
        open_part(unb64(newest["sealed"]), tip.keys.case, place)
    with pytest.raises(WrongKey):
        open_part(unb64(newest["sealed"]), tip.keys.reply, place)


def test_the_officer_is_told_plainly_what_cannot_be_taken_back(
    tip: Tip, somchai: Person, run: Run
) -> None:
    for who, lang, said in (
        ("มาลี", "en", "cannot be taken back"),
        ("อนงค์", "th", "เรียกคืนไม่ได้"),
    ):
        ran = run("withdraw", tip.tip_id, "--who", who, *WHY, person=somchai, lang=lang)
        assert ran.code == 0, ran.err
        assert said in ran.out


def test_the_receipt_opens_later_replies_and_no_word_told(
    tip: Tip, somchai: Person, run: Run, withdraw: Withdraw
) -> None:
    withdraw()
    run("reply", tip.tip_id, "--words", "ถามใหม่", person=somchai)
    message = tip.answer["parts"][-1]
    rekey = parse_rekey(unb64(tip.answer["changes"][-1]["rekey"]))
    assert rekey.receipt_grant is not None
    assert rekey.receipt_grant_id is not None
    reply = open_receipt_grant(
        rekey.receipt_grant, tip.receipt, tip_id=tip.tip_id, grant_id=rekey.receipt_grant_id
    )
    place = Place(tip.tip_id, message["part_id"], message["seq"], None)
    assert open_part(unb64(message["sealed"]), reply, place).words == "ถามใหม่"
    for part in tip.answer["parts"]:
        if part["sealed_to"] == "case":
            where = Place(tip.tip_id, part["part_id"], part["seq"], None)
            with pytest.raises(WrongKey):
                open_part(unb64(part["sealed"]), reply, where)


def test_several_withdrawals_lead_back_to_the_first_words(
    world: World, tip: Tip, somchai: Person, anong: Person, run: Run, withdraw: Withdraw
) -> None:
    guest = world.join("ประสิทธิ์", "udn")
    assert run("grant", tip.tip_id, "ประสิทธิ์", person=somchai).code == 0
    withdraw()
    tell(tip, "สอง")
    tip.grants[anong.id]["released"] = True
    out = withdraw("อนงค์")
    assert "ประสิทธิ์" in out["readers"], "a guest's grant is their own, wherever they work"
    tell(tip, "สาม")
    for person in (somchai, guest):
        told = read(run, tip, person)
        assert told["is_whole"], told["findings"]
        assert words(told) == ["ก่อนหน้า", "ถามก่อน", WHY[1], "สอง", WHY[1], "สาม"]
    again = world.join("ใหม่", "kkn")
    world.sign_roster(version=2)
    assert run("grant", tip.tip_id, "ใหม่", person=somchai).code == 0
    assert words(read(run, tip, again)) == words(read(run, tip, somchai))


def test_who_is_let_in_again_is_named_and_reads_all(
    tip: Tip, somchai: Person, malee: Person, run: Run, withdraw: Withdraw
) -> None:
    withdraw()
    tell(tip, "หลังจากนั้น")
    assert run("grant", tip.tip_id, "มาลี", person=somchai).code == 0
    told = read(run, tip, somchai)
    assert "grant_readmitted" in names(told)
    assert not alarms(told)
    again = read(run, tip, malee)
    assert not alarms(again), again["findings"]
    assert words(again)[-1] == "หลังจากนั้น"
    assert run("withdraw", tip.tip_id, "--who", "สมชาย ใจดี", *WHY, person=malee).code == 2


def test_a_file_that_was_on_its_way_is_opened_with_the_keys_before(
    world: World, tip: Tip, somchai: Person, run: Run, withdraw: Withdraw, tmp_path: Path
) -> None:
    """Its bytes were sealed as they came, to the old key; the part that names them, to the new."""
    data, old = b"\x89PNG\r\n\x1a\n" + b"pixel" * 99, tip.keys
    scratch = world.file_tip(somchai)
    facts = world.add_file(scratch, data)
    withdraw()
    tip.blobs[facts.blob_id] = age.encrypt(
        age.decrypt(scratch.blobs[facts.blob_id], scratch.keys.case), old.case.recipient
    )
    part = tip.told(Kind.FILE, file=facts, question="leads")
    to = age.PQRecipient.parse(tip.answer["case_recipient"])
    tip.add_sealed(part, seal_part(part, to).data, "case")
    assert read(run, tip, somchai)["is_whole"]
    out = tmp_path / "out"
    ran = run("export", tip.tip_id, out, "--reason", "ส่งศาล", person=somchai)
    assert ran.code == 0, ran.err
    (file,) = (out / "files").iterdir()
    assert file.read_bytes() == data


def test_one_who_left_the_roster_is_withdrawn_by_id_and_given_no_new_keys(
    world: World,
    tip: Tip,
    somchai: Person,
    malee: Person,
    anong: Person,
    run: Run,
    withdraw: Withdraw,
) -> None:
    read(run, tip, somchai)
    world.people = [each for each in world.people if each not in (malee, anong)]
    world.sign_roster(version=2)
    out = withdraw(malee.id[:8])
    assert out["readers"] == ["สมชาย ใจดี"]
    assert out["left_out"] == [anong.id[:8]]


def test_one_who_moved_away_is_given_no_new_keys_and_a_guest_is(
    world: World, tip: Tip, malee: Person, anong: Person, withdraw: Withdraw
) -> None:
    malee.centres = ("udn",)
    world.sign_roster(version=2)
    out = withdraw("อนงค์")
    assert (out["readers"], out["left_out"]) == (["สมชาย ใจดี"], ["มาลี"])


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("สมชาย ใจดี", "Nobody withdraws themselves"),
        ("ใครก็ไม่รู้", "has no access"),
        ("recovery", "has no access"),
        ("", "has no access"),
    ],
)
def test_whom_nobody_can_withdraw(tip: Tip, somchai: Person, run: Run, who: str, says: str) -> None:
    before = copy.deepcopy(tip.answer)
    ran = run("withdraw", tip.tip_id, "--who", who, *WHY, person=somchai)
    assert (ran.code, says in ran.err) == (2, True), ran.err
    assert tip.answer == before


def test_only_the_holder_or_one_with_a_role_for_it(
    world: World, tip: Tip, malee: Person, run: Run
) -> None:
    ran = run("withdraw", tip.tip_id, "--who", "อนงค์", *WHY, person=malee)
    assert (ran.code, "Only who holds the tip" in ran.err) == (2, True)
    malee.roles = (Role.OFFICER, Role.ADMIN)
    world.sign_roster(version=2)
    assert run("withdraw", tip.tip_id, "--who", "สมชาย ใจดี", *WHY, person=malee).code == 0
    assert tip.answer["claimed_by"] is None
    assert read(run, tip, malee)["is_whole"], "the one withdrawn held it"


def test_a_reason_is_needed(tip: Tip, somchai: Person, run: Run) -> None:
    ran = run("withdraw", tip.tip_id, "--who", "มาลี", person=somchai)
    assert (ran.code, "--reason" in ran.err) == (2, True)


def test_a_tip_that_grew_meanwhile_is_read_again_and_nobody_is_lost(
    world: World, tip: Tip, somchai: Person, run: Run, withdraw: Withdraw
) -> None:
    def once(tip: Tip) -> None:
        world.before_withdraw = None
        tell(tip, "ระหว่างนั้น")

    world.before_withdraw = once
    withdraw()
    told = read(run, tip, somchai)
    assert told["is_whole"], told["findings"]
    assert words(told) == ["ก่อนหน้า", "ถามก่อน", "ระหว่างนั้น", WHY[1]]


def test_of_an_older_tip_the_reply_key_stays_and_the_officer_is_told(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    older = world.file_tip(somchai, world.people[1])
    seq = older.answer["parts"].pop()["seq"]
    assert seq == 1
    older.append(older.told(Kind.FORM, form={"schema": 1, "kind": "case", "answers": {}}))
    older.answer["receipt_recipient"] = None
    claim_as(older, somchai)
    ran = run("withdraw", older.tip_id, "--who", "มาลี", *WHY, person=somchai)
    assert ran.code == 0, ran.err
    assert "stay under the old key" in ran.out
    assert older.answer["reply_recipient"] == str(older.keys.reply.recipient)
    assert older.answer["case_recipient"] != str(older.keys.case.recipient)
    assert run("reply", older.tip_id, "--words", "ถามใหม่", person=somchai).code == 0
    assert read(run, older, somchai)["is_whole"]


def test_recovery_lets_in_with_all_keys_and_never_one_who_was_withdrawn_unless_named(
    world: World, tip: Tip, malee: Person, run: Run, withdraw: Withdraw, tmp_path: Path
) -> None:
    withdraw()
    tell(tip, "หลังจากนั้น")
    admin = world.join("ผู้ดูแล", roles=(Role.ADMIN,))
    late = world.join("มาใหม่", "kkn")
    key = tmp_path / "recovery.age"
    key.write_bytes(seal_recovery(world.recovery, PASSPHRASE, LOW_COST))
    ran = run("recovery", "use", "--key", key, person=admin)
    assert ran.code == 0, ran.err
    told = read(run, tip, late)
    assert not alarms(told), told["findings"]
    assert words(told) == ["ก่อนหน้า", "ถามก่อน", WHY[1], "หลังจากนั้น"]
    assert malee.id not in tip.grants
    ran = run("recovery", "use", "--key", key, "--to", "มาลี", person=admin)
    assert ran.code == 0, ran.err
    assert words(read(run, tip, malee)) == words(told)


def test_an_export_opens_with_recovery_and_every_key_is_in_it(
    world: World, tip: Tip, somchai: Person, run: Run, withdraw: Withdraw, tmp_path: Path
) -> None:
    withdraw()
    tell(tip, "หลังจากนั้น")
    withdraw("อนงค์")
    out, again = tmp_path / "out", tmp_path / "again"
    assert run("export", tip.tip_id, out, "--reason", "ส่งศาล", person=somchai).code == 0
    secrets = (out / "identity-case.txt").read_text(encoding="utf-8")
    assert secrets.count("AGE-SECRET-KEY-PQ-1") == 3
    assert tip.keys.case.reveal() in secrets
    key = tmp_path / "recovery.age"
    key.write_bytes(seal_recovery(world.recovery, PASSPHRASE, LOW_COST))
    admin = ("--admin", str(world.admin.sign.verify_key))
    for more in (admin, ()):
        target = again.with_suffix(".admin" if more else ".plain")
        ran = run(
            "recovery", "open", out, target, "--key", key, "--reason", "ตรวจ", *more, home=out
        )
        assert ran.code == 0, ran.err
        told = (target / "transcript.txt").read_text(encoding="utf-8")
        assert "ก่อนหน้า" in told
        assert "หลังจากนั้น" in told
        assert "! " not in told, told


# --- with a desk that plays false


def rekey_by(
    world: World,
    tip: Tip,
    by: Person,
    out: str,
    *,
    readers: list[tuple[str, age.PQRecipient]] | None = None,
    before: TipKeys | None = None,
    sealed: TipKeys | None = None,
    sign: Callable[[Any], bytes] | None = None,
    leave: tuple[str, ...] = (),
    **said: Any,
) -> TipKeys:
    """A rekey as *by* could have signed it, put into the desk without its checks: *before* is what
    they say the keys were, *sealed* what their grants open, *said* bends the statement."""
    to = readers
    if to is None:
        to = [(p.id, p.keys.age.recipient) for p in world.people if p.id in tip.grants]
        to = [(RECOVERY, world.recovery.age.recipient), *(each for each in to if each[0] != out)]
    now, rekey = make_rekey(
        tip.tip_id,
        before or tip.keys,
        TipKeys.generate(),
        readers=frozenset({RECOVERY, *(reader for reader, _ in to)}),
        receipt=(new_id(), tip.receipt.recipient),
        day=DAY,
        by=by.id,
    )
    data, opens = write_rekey(rekey), sealed or now
    grants = []
    for reader, recipient in to:
        grant = Grant(new_id(), tip.tip_id, reader, opens.case, opens.reply, SUMMARY, DAY, by.id)
        data_ = seal_grant(grant, recipient)
        statement = grant_statement(
            grant_id=grant.grant_id, tip_id=tip.tip_id, to=reader, sealed=data_, day=DAY, by=by.id
        )
        signature = b64(by.keys.sign.sign(statement))
        grants.append(
            {"grant_id": grant.grant_id, "officer": reader, "sealed": b64(data_),
             "signature": signature}
        )  # fmt: skip
    old, tip.keys = tip.keys, now
    reason = world.officer_part(tip, by, "เหตุผล", Kind.NOTE)
    tip.keys = old
    fields: dict[str, Any] = {
        "tip_id": tip.tip_id,
        "version": tip.answer["version"],
        "withdrawn": out,
        "rekey": data,
        "reason_part_id": reason.part_id,
        "day": DAY,
        "officer": by.id,
    }
    signed = (sign or by.keys.sign.sign)(rekey_statement(**{**fields, **said}))
    body = {
        "withdrawn": out,
        "rekey": b64(data),
        "day": DAY,
        "signature": b64(signed),
        "reason": {"part_id": reason.part_id},
        "grants": grants,
    }
    kept = {reader: tip.grants[reader] for reader in leave}
    withdrawn(tip, by, body)
    tip.grants |= kept
    return now


def stays_shut(run: Run, tip: Tip, person: Person) -> set[str]:
    """What reading the tip finds; nothing can be done to it then, whatever is insisted on."""
    found = names(read(run, tip, person))
    assert "recipient_changed" in found
    before = len(tip.answer["parts"])
    for command in (("note", tip.tip_id, "--words", "x"), ("reply", tip.tip_id, "--words", "x")):
        assert run(*command, "--despite-warnings", person=person).code == 5
    assert len(tip.answer["parts"]) == before
    return found


def test_a_rekey_made_as_it_should_be_is_believed(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    """The ways below differ from this one in one thing each."""
    read(run, tip, somchai)
    rekey_by(world, tip, somchai, malee.id)
    told = read(run, tip, somchai)
    assert told["is_whole"], told["findings"]


def test_a_list_says_that_keys_are_to_be_looked_at_and_a_reading_settles_it(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    def problem() -> str | None:
        (row,) = json.loads(run("list", "--json", person=somchai).out)["tips"]
        found: str | None = row["problem"]
        return found

    read(run, tip, somchai)
    rekey_by(world, tip, somchai, malee.id)
    assert problem() == "list.keys_unread"
    read(run, tip, somchai)
    assert problem() is None


def test_a_forged_unsigned_or_foreign_rekey_stops_every_act(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    stranger = Person(OfficerKeys.generate("คนแปลกหน้า"), world.base / "nobody", ("kkn",))
    read(run, tip, somchai)
    kept = copy.deepcopy((tip.answer, tip.grants, tip.earlier))
    for bend, finding in (
        ({"sign": malee.keys.sign.sign}, "change_forged"),
        ({"by": stranger}, "change_foreign"),
        ({"tip_id": new_id()}, "change_forged"),
        ({"version": 1}, "change_forged"),
        ({"withdrawn": new_id()}, "change_forged"),
        ({"rekey": b"{}"}, "change_forged"),
        ({"day": "2026-11-19"}, "change_forged"),
        ({"reason_part_id": new_id()}, "change_forged"),
    ):
        arguments: dict[str, Any] = {"by": somchai, "out": malee.id, **bend}
        rekey_by(world, tip, **arguments)
        assert finding in stays_shut(run, tip, somchai), bend
        tip.answer, tip.grants, tip.earlier = copy.deepcopy(kept)
    rekey_by(world, tip, somchai, malee.id)
    tip.answer["changes"][-1]["signature"] = None
    assert "change_unsigned" in stays_shut(run, tip, somchai)


def test_a_rekey_replayed_from_another_tip_or_an_earlier_version_is_named(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    read(run, tip, somchai)
    other = world.file_tip(somchai, malee)
    rekey_by(world, other, somchai, malee.id)
    stolen = other.answer["changes"][-1]
    rekey_by(world, tip, somchai, malee.id)
    tip.answer["changes"][-1] = {**stolen, "version": tip.answer["version"]}
    assert "change_forged" in stays_shut(run, tip, somchai)


def test_a_former_officer_gives_no_new_keys_to_who_knew_the_tip(
    world: World, tip: Tip, somchai: Person, malee: Person, anong: Person, run: Run
) -> None:
    """Who left keeps their signing key: with the server, they could swap what is trusted."""
    tip.grants[anong.id]["released"] = True
    read(run, tip, somchai)
    world.people.remove(malee)
    world.sign_roster(version=2)
    rekey_by(world, tip, malee, anong.id)
    assert "change_former" in stays_shut(run, tip, somchai)


@pytest.mark.parametrize("is_let_in_again", [False, True])
def test_who_was_withdrawn_makes_no_keys_that_are_believed(
    world: World,
    tip: Tip,
    somchai: Person,
    malee: Person,
    anong: Person,
    run: Run,
    is_let_in_again: bool,
) -> None:
    """Not even with the keys in hand, as somebody who was let in again has them."""
    now = rekey_by(world, tip, somchai, malee.id)
    assert read(run, tip, somchai)["is_whole"]
    rekey_by(world, tip, malee, anong.id, before=now if is_let_in_again else tip.keys)
    stays_shut(run, tip, somchai)


def test_who_never_held_the_keys_makes_none_that_are_believed(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    """An officer of the roster, together with the server, for a tip that is not theirs."""
    thief = world.join("คนนอก", "udn")
    read(run, tip, somchai)
    rekey_by(world, tip, thief, malee.id, before=TipKeys.generate())
    stays_shut(run, tip, somchai)


def test_one_without_a_role_for_it_makes_none(
    world: World, tip: Tip, somchai: Person, malee: Person, anong: Person, run: Run
) -> None:
    read(run, tip, somchai)
    malee.roles = (Role.REGISTRAR,)
    world.sign_roster(version=2)
    rekey_by(world, tip, malee, anong.id)
    stays_shut(run, tip, somchai)


def test_grants_that_open_something_else_than_the_rekey_names_stop_every_act(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    read(run, tip, somchai)
    rekey_by(world, tip, somchai, malee.id, sealed=TipKeys.generate())
    stays_shut(run, tip, somchai)


def test_a_grant_that_opens_nothing_leaves_the_earlier_words_readable(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    read(run, tip, somchai)
    rekey_by(world, tip, somchai, malee.id)
    tip.grants[somchai.id]["sealed"] = tip.grants[RECOVERY]["sealed"]
    stays_shut(run, tip, somchai)
    assert words(read(run, tip, somchai)) == ["ก่อนหน้า", "ถามก่อน"]


def test_a_rekey_by_an_honest_officer_over_a_doubtful_one_settles_it(
    world: World, tip: Tip, somchai: Person, malee: Person, anong: Person, run: Run
) -> None:
    """Only the newest has to be by somebody who is there: they had read the one before."""
    read(run, tip, somchai)
    tip.grants[anong.id]["released"] = True
    first = rekey_by(world, tip, anong, malee.id)
    old, tip.keys = tip.keys, first
    rekey_by(world, tip, somchai, malee.id)
    tip.keys = old
    world.people.remove(anong)
    world.sign_roster(version=2)
    assert not alarms(read(run, tip, somchai))


def test_going_back_to_keys_of_before_is_named(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    kept = copy.deepcopy((tip.answer, tip.grants, tip.earlier))
    read(run, tip, somchai)
    rekey_by(world, tip, somchai, malee.id)
    assert read(run, tip, somchai)["is_whole"]
    newest = copy.deepcopy((tip.answer, tip.grants))
    tip.answer, tip.grants, tip.earlier = kept
    assert {"change_missing", "history_behind"} <= stays_shut(run, tip, somchai)
    tip.answer, tip.grants = newest[0], copy.deepcopy(kept[1])
    stays_shut(run, tip, somchai)


def test_who_is_served_on_although_withdrawn_is_named(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    read(run, tip, somchai)
    rekey_by(world, tip, somchai, malee.id, leave=(malee.id,))
    assert alarms(read(run, tip, somchai)) == {"grant_withdrawn"}


def test_recovery_and_readers_who_are_left_at_the_old_keys_are_named(
    world: World, tip: Tip, somchai: Person, malee: Person, anong: Person, run: Run
) -> None:
    read(run, tip, somchai)
    mine = [(somchai.id, somchai.keys.age.recipient)]
    rekey_by(world, tip, somchai, malee.id, readers=mine, leave=(RECOVERY, anong.id))
    assert alarms(read(run, tip, somchai)) == {"recovery_left_out", "grant_old_keys"}
    del tip.grants[RECOVERY]
    assert "recovery_left_out" in names(read(run, tip, somchai))


def test_a_withheld_grant_made_anew_and_given_out_early_is_named(
    world: World, tip: Tip, somchai: Person, malee: Person, anong: Person, run: Run
) -> None:
    rekey_by(world, tip, somchai, malee.id)
    assert not names(read(run, tip, somchai))
    tip.grants[anong.id]["released"] = True
    assert names(read(run, tip, somchai)) == {"reader_early"}


def test_parts_sealed_to_old_keys_after_a_rekey_are_named(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    read(run, tip, somchai)
    rekey_by(world, tip, somchai, malee.id)
    late = tell(tip, "ผนึกผิดกุญแจ", keys=tip.keys)
    told = read(run, tip, somchai)
    found = {(f["name"], f["seq"]) for f in told["findings"]}
    assert found == {("part_old_keys", late.seq)}
    assert "ผนึกผิดกุญแจ" in words(told)


def test_a_part_by_who_was_withdrawn_is_named(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    read(run, tip, somchai)
    now = rekey_by(world, tip, somchai, malee.id)
    old, tip.keys = tip.keys, now
    note = world.officer_part(tip, malee, "แอบเขียน", Kind.NOTE)
    tip.keys = old
    found = {(f["name"], f["seq"]) for f in read(run, tip, somchai)["findings"]}
    assert found == {("part_withdrawn", note.seq)}


def test_a_rekey_without_its_reason_is_named(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    rekey_by(world, tip, somchai, malee.id)
    tip.answer["parts"].pop()
    assert "rekey_unexplained" in names(read(run, tip, somchai))


def test_a_withdrawal_that_nobody_signed_is_no_excuse_for_a_tip_that_vanished(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run, withdraw: Withdraw
) -> None:
    read(run, tip, malee)
    withdraw()
    change = tip.answer["changes"][-1]
    for bent in ({"signature": None}, {"day": "2026-11-19"}, {"officer": malee.id}):
        kept = dict(change)
        change |= bent
        ran = run("read", tip.tip_id, person=malee)
        assert (ran.code, "seen this tip before" in ran.err) == (5, True), bent
        change |= kept
    assert run("read", tip.tip_id, person=malee).code == 4


@pytest.mark.parametrize("shown", ["other", "none"])
def test_another_receipt_than_the_tips_own_is_refused(
    tip: Tip, somchai: Person, run: Run, shown: str
) -> None:
    """To whom the desk says replies go is where it could read them: the sealed form says better."""
    other = str(age.PQIdentity.generate().recipient)
    tip.answer["receipt_recipient"] = other if shown == "other" else None
    before = len(tip.answer["changes"])
    ran = run("withdraw", tip.tip_id, "--who", "มาลี", *WHY, "--despite-warnings", person=somchai)
    assert (ran.code, "receipt's key" in ran.err) == (5, True), ran.err
    assert len(tip.answer["changes"]) == before


def test_a_receipt_offered_for_an_older_tip_is_not_taken(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    older = world.file_tip(somchai, malee)
    older.answer["parts"].clear()
    older.append(older.told(Kind.FORM, form={"schema": 1, "kind": "case", "answers": {}}))
    claim_as(older, somchai)
    ran = run("withdraw", older.tip_id, "--who", "มาลี", *WHY, person=somchai)
    assert (ran.code, "receipt's key" in ran.err) == (5, True), ran.err


def test_a_late_grant_by_the_server_after_a_rekey_is_named(
    world: World, tip: Tip, somchai: Person, malee: Person, anong: Person, run: Run
) -> None:
    read(run, tip, somchai)
    rekey_by(world, tip, somchai, malee.id)
    world.grant(tip, anong.id, anong.keys.age.recipient, SUMMARY)
    assert tip.grants[anong.id]["granted_by"] == SERVER
    late = {"grant_late", "grant_old_keys", "reader_early"}
    assert names(read(run, tip, somchai)) == late
