"""Whoever watches the audit trail is told when it was tampered with: each way by its name."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.audit import read_file, write_file
from sealing import SERVER, DayHead, Entry, Role, SigningKey, claim_statement
from tests.console.conftest import Run
from tests.console.fake_world import Answer, Person, World, b64, new_id, unb64
from tests.sealing.trails import chained, heads_of

DAYS = ("2026-11-21", "2026-11-21", "2026-11-23", "2026-11-24")


@pytest.fixture
def auditor(world: World, somchai: Person) -> Person:
    """Orn audits; the desk has a trail of three days by Somchai, the last one not signed yet."""
    person = world.join("อร ผู้ตรวจ", "kkn", roles=(Role.AUDITOR,))
    world.trail = chained([deed(somchai, day, version) for version, day in enumerate(DAYS, 1)])
    world.heads = heads_of(world.trail)
    return person


def deed(person: Person, day: str, version: int, **changed: Any) -> Entry:
    """An entry of a claim, signed by *person*; *changed* after the signature."""
    tip_id = "1" * 32
    statement = claim_statement(tip_id=tip_id, version=version, officer=person.id, day=day)
    entry = Entry(
        1, day, "claim", person.id, "kkn", tip_id, None, {"version": version, "day": day},
        person.keys.sign.sign(statement),
    )  # fmt: skip
    return replace(entry, **changed)


Verify = Callable[..., tuple[int, set[str]]]


@pytest.fixture
def verify(run: Run, auditor: Person) -> Verify:
    """How `audit verify` ends, and the names of what it found."""

    def ask(*arguments: object) -> tuple[int, set[str]]:
        ran = run("audit", "verify", *arguments, "--json", person=auditor)
        assert ran.exception is None, ran.err
        told = json.loads(ran.out)
        return ran.code, {found["name"] for found in told["findings"]}

    return ask


WELL: tuple[int, set[str]] = (0, set())


def test_an_honest_trail_verifies_again_and_again(world: World, verify: Verify) -> None:
    assert verify() == verify() == WELL
    last = world.trail[-1]
    more = Entry(last.seq + 1, last.day, "escalate", SERVER, previous=last.hash)
    world.trail = (*world.trail, more)
    world.heads = heads_of(world.trail)
    assert verify() == WELL


def test_the_trail_is_shown_in_words(run: Run, auditor: Person, somchai: Person) -> None:
    for lang, said in (("en", "took the tip"), ("th", "รับเรื่อง")):
        ran = run("audit", "list", person=auditor, lang=lang)
        assert ran.code == 0, ran.err
        assert said in ran.out
        assert "สมชาย ใจดี" in ran.out
    ran = run("audit", "list", "--since", "2026-11-23", "--json", person=auditor)
    rows = json.loads(ran.out)["entries"]
    assert [(row["seq"], row["about"], row["verdict"]) for row in rows] == [
        (3, "version 3", "signed"),
        (4, "version 4", "signed"),
    ]
    ran = run("audit", "list", "--officer", "ใครอีก", person=auditor)
    assert "Nothing fits" in ran.out


def test_who_does_not_watch_is_refused(run: Run, auditor: Person, somchai: Person) -> None:
    for command in (("list",), ("verify",), ("sign",)):
        ran = run("audit", *command, person=somchai)
        assert ran.code == 4
        assert "Only an auditor" in ran.err


# --- a desk that tampers


def test_a_truncated_trail_is_named_once_it_was_seen(world: World, verify: Verify) -> None:
    assert verify() == WELL
    world.trail, world.heads = world.trail[:2], world.heads[:1]
    assert verify() == (5, {"truncated"})
    assert verify() == (5, {"truncated"})  # and is not forgotten


def test_an_empty_trail_is_named_once_another_was_seen(world: World, verify: Verify) -> None:
    assert verify() == WELL
    world.trail, world.heads = (), ()
    assert verify() == (5, {"truncated"})


def test_a_trail_cut_behind_a_signed_day_does_not_fit_that_day(
    world: World, verify: Verify
) -> None:
    world.trail = world.trail[:3]
    assert verify() == (5, {"day_differs"})


def test_a_forked_trail_is_named_though_the_server_signed_it(
    world: World, somchai: Person, verify: Verify
) -> None:
    assert verify() == WELL
    others = [deed(somchai, day, version + 10) for version, day in enumerate(DAYS, 1)]
    world.trail = chained(others)
    world.heads = heads_of(world.trail)
    code, found = verify()
    assert (code, found) == (5, {"rewritten"})


def test_a_trail_signed_anew_with_another_key_is_named(world: World, verify: Verify) -> None:
    assert verify() == WELL
    world.server_key = SigningKey.from_seed(b"n" * 32)
    world.heads = heads_of(world.trail, world.server_key)
    assert verify() == (5, {"server_key_changed"})
    world.heads = heads_of(world.trail, SigningKey.from_seed(b"x" * 32))
    assert verify() == (5, {"server_key_changed", "day_forged"})


def test_a_replayed_entry_is_named(world: World, verify: Verify) -> None:
    def replay(answer: Answer) -> None:
        answer["entries"].insert(2, answer["entries"][0])

    world.spoil("audit", replay)
    code, found = verify()
    assert code == 5
    assert "entry_repeated" in found


def test_an_altered_entry_is_named(world: World, verify: Verify) -> None:
    def alter(answer: Answer) -> None:
        data = unb64(answer["entries"][1]).replace(b'"kkn"', b'"loei"')
        answer["entries"][1] = b64(data)

    world.spoil("audit", alter)
    assert verify() == (5, {"entry_altered", "day_differs"})


def test_a_missing_entry_is_named(world: World, verify: Verify) -> None:
    world.spoil("audit", lambda answer: answer["entries"].pop(1))
    code, found = verify()
    assert code == 5
    assert "entry_missing" in found


def test_a_day_that_stays_unsigned_is_named(world: World, verify: Verify) -> None:
    world.heads = world.heads[:1]
    assert verify() == (5, {"day_unsigned"})


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"signature": bytes(64)}, "signer_forged"),
        ({"signature": None}, "signer_unsigned"),
        ({"facts": {"version": 77, "day": "2026-11-21"}}, "signer_forged"),
        ({"tip_id": "2" * 32}, "signer_forged"),
        ({"deed": "release"}, "signer_forged"),
        ({"officer": "6" * 32}, "signer_foreign"),
        ({"officer": SERVER}, "signer_unsigned"),
    ],
)
def test_a_deed_that_its_officer_did_not_sign_is_named(
    world: World, somchai: Person, verify: Verify, change: dict[str, Any], name: str
) -> None:
    world.trail = chained([*world.trail, deed(somchai, DAYS[-1], 9, **change)])
    world.heads = heads_of(world.trail)
    assert verify() == (5, {name})


def test_an_officer_who_left_is_good_to_know(world: World, somchai: Person, verify: Verify) -> None:
    assert verify() == WELL
    world.people.remove(somchai)
    world.sign_roster(2)
    assert verify() == (0, {"signer_former"})


@pytest.mark.parametrize("entry", [b"", b"{}", b"\xff", b'{"schema":1}'])
def test_what_is_no_entry_is_refused_whole(
    world: World, run: Run, auditor: Person, entry: bytes
) -> None:
    world.spoil("audit", lambda answer: answer["entries"].append(b64(entry)))
    ran = run("audit", "verify", person=auditor)
    assert ran.code == 5
    assert "no entry of an audit trail" in ran.err


def test_a_desk_that_leads_in_a_circle_is_left(world: World, run: Run, auditor: Person) -> None:
    world.spoil("audit", lambda answer: answer.__setitem__("next", 0))
    ran = run("audit", "verify", person=auditor)
    assert ran.code == 5
    world.behave()
    world.spoil("audit-days", lambda answer: answer.__setitem__("next", "2026-01-01"))
    assert run("audit", "verify", person=auditor).code == 5


@pytest.mark.parametrize("key", ["00" * 32, "ff" * 32])
def test_a_server_key_with_which_anything_verifies_is_refused(
    world: World, run: Run, auditor: Person, key: str
) -> None:
    world.spoil("audit-days", lambda answer: answer.__setitem__("server_key", key))
    assert run("audit", "verify", person=auditor).code == 5


# --- auditors' signatures


def test_an_auditor_vouches_for_the_newest_day_once(
    world: World, run: Run, auditor: Person
) -> None:
    ran = run("audit", "sign", person=auditor)
    assert ran.code == 0, ran.err
    assert set(world.countersigned) == {DAYS[-1]}
    again = run("audit", "sign", person=auditor)
    assert "no day to sign" in again.out
    shown = json.loads(run("audit", "verify", "--json", person=auditor).out)
    assert shown["witnessed"] == len(DAYS)
    assert shown["days"][-1]["auditors"] == ["อร ผู้ตรวจ"]


def test_nothing_is_signed_of_a_trail_that_does_not_verify(
    world: World, run: Run, auditor: Person
) -> None:
    world.trail = world.trail[:3]
    ran = run("audit", "sign", person=auditor)
    assert ran.code == 5
    assert world.countersigned == {}


def test_a_false_auditors_signature_is_named(
    world: World, somchai: Person, auditor: Person, verify: Verify
) -> None:
    head = world.heads[-1]
    world.countersigned = {head.day: {auditor.id: somchai.keys.sign.sign(head.said_by(auditor.id))}}
    assert verify() == (5, {"auditor_forged"})
    world.countersigned = {head.day: {new_id(): bytes(64)}}
    assert verify() == (5, {"auditor_foreign"})
    by_server = {auditor.id: auditor.keys.sign.sign(head.said_by(SERVER))}
    world.countersigned = {head.day: by_server}
    assert verify() == (5, {"auditor_forged"})


# --- files


@pytest.fixture
def exported(run: Run, auditor: Person, tmp_path: Path) -> Path:
    file = tmp_path / "trail.json"
    ran = run("audit", "export", file, person=auditor)
    assert ran.code == 0, ran.err
    assert file.stat().st_mode & 0o077 == 0
    return file


def test_a_file_verifies_offline_with_what_the_folder_knows(
    world: World, verify: Verify, exported: Path
) -> None:
    world.spoil("challenge", lambda answer: pytest.fail("the desk was asked"))
    assert verify(exported) == WELL


def test_anybody_with_the_admins_key_can_verify_a_file(
    world: World, run: Run, exported: Path, tmp_path: Path
) -> None:
    keys = (
        *("--admin", world.admin.sign.verify_key),
        *("--server-key", world.server_key.verify_key),
    )
    ran = run("audit", "verify", exported, *keys, home=tmp_path / "nobody")
    assert ran.code == 0, ran.err
    assert "Everything verifies" in ran.out
    wrong = (*keys[:2], "--server-key", SigningKey.generate().verify_key)
    assert run("audit", "verify", exported, *wrong, home=tmp_path / "nobody").code == 5
    other = ("--admin", SigningKey.generate().verify_key)
    ran = run("audit", "verify", exported, *other, home=tmp_path / "nobody")
    assert ran.code == 5


def test_an_older_file_is_older_and_not_an_alarm(
    world: World, somchai: Person, verify: Verify, exported: Path
) -> None:
    last = world.trail[-1]
    more = replace(deed(somchai, DAYS[-1], 9), seq=last.seq + 1, previous=last.hash)
    world.trail = (*world.trail, more)
    world.heads = heads_of(world.trail)
    assert verify() == WELL
    assert verify(exported) == (0, {"behind"})


def test_a_file_of_another_trail_is_named(
    world: World, somchai: Person, verify: Verify, exported: Path
) -> None:
    trail = read_file(exported.read_bytes())
    others = chained([deed(somchai, day, version + 10) for version, day in enumerate(DAYS, 1)])
    exported.write_bytes(write_file(replace(trail, entries=others, heads=heads_of(others))))
    assert verify(exported) == (5, {"rewritten"})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:-2],
        lambda raw: b"[]",
        lambda raw: b"",
        lambda raw: b"\xff" * 10,
        lambda raw: raw.replace(b'"saisaat_audit": 1', b'"saisaat_audit": 2'),
        lambda raw: raw.replace(b'"entries": [', b'"entries": [3,'),
        lambda raw: raw.replace(b'"days": [', b'"days": [{"day": "x"},'),
        lambda raw: raw.replace(b'"roster": "', b'"roster": 3, "x": "'),
        lambda raw: b'{"saisaat_audit":' + b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_refused(
    run: Run, auditor: Person, exported: Path, spoil: Callable[[bytes], bytes]
) -> None:
    exported.write_bytes(spoil(exported.read_bytes()))
    ran = run("audit", "verify", exported, person=auditor)
    assert ran.code == 5
    assert ran.exception is None


def test_a_trail_is_read_back_from_a_file_as_it_was(world: World, exported: Path) -> None:
    trail = read_file(exported.read_bytes())
    assert trail.entries == world.trail
    assert trail.heads == tuple(
        DayHead(head.day, head.seq, head.head, head.signature) for head in world.heads
    )
