"""Signatures: over one act, of one kind, by one key."""

import inspect
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing import (
    Forged,
    Malformed,
    SigningKey,
    Statement,
    VerifyKey,
    approval_statement,
    assign_statement,
    book_statement,
    campaign_statement,
    card_statement,
    claim_statement,
    count_statement,
    day_statement,
    extend_statement,
    grant_statement,
    hold_statement,
    manifest_statement,
    members_statement,
    move_statement,
    opening_statement,
    part_statement,
    release_statement,
    sign_in_statement,
    statement,
    status_statement,
    unhold_statement,
)
from sealing.handovers import (
    contents_statement,
    handover_approval_statement,
    handover_statement,
)
from sealing.proofs import request_statement
from tests.sealing.sealed_samples import COLLEAGUE, DAY, GRANT, OFFICER, OTHER, PART, TIP

KEY = SigningKey.from_seed(b"k" * 32)
ACTS: dict[Any, dict[str, Any]] = {
    part_statement: {
        "tip_id": TIP,
        "part_id": PART,
        "seq": 3,
        "previous": b"p" * 32,
        "sealed_hash": b"h" * 32,
        "kind": "message",
        "day": DAY,
        "officer": OFFICER,
    },
    grant_statement: {
        "grant_id": GRANT,
        "tip_id": TIP,
        "to": COLLEAGUE,
        "sealed": b"sealed",
        "day": DAY,
        "by": OFFICER,
    },
    status_statement: {
        "tip_id": TIP,
        "version": 3,
        "status": "screening",
        "day": DAY,
        "officer": OFFICER,
        "sentence_part_id": PART,
    },
    claim_statement: {"tip_id": TIP, "version": 3, "officer": OFFICER, "day": DAY},
    count_statement: {
        "tip_id": TIP,
        "version": 3,
        "counts_hash": b"h" * 32,
        "day": DAY,
        "officer": OFFICER,
    },
    assign_statement: {
        "tip_id": TIP,
        "version": 3,
        "to_officer": COLLEAGUE,
        "day": DAY,
        "officer": OFFICER,
    },
    move_statement: {
        "tip_id": TIP,
        "version": 3,
        "from_centre": "khon-kaen",
        "to_centre": "region-4",
        "day": DAY,
        "officer": OFFICER,
        "sentence_part_id": "7" * 32,
    },
    hold_statement: {
        "tip_id": TIP,
        "version": 3,
        "reason_part_id": PART,
        "day": DAY,
        "officer": OFFICER,
    },
    unhold_statement: {
        "tip_id": TIP,
        "version": 3,
        "reason_part_id": PART,
        "day": DAY,
        "officer": OFFICER,
    },
    extend_statement: {
        "tip_id": TIP,
        "version": 3,
        "until_day": "2027-01-22",
        "day": DAY,
        "officer": OFFICER,
        "sentence_part_id": PART,
    },
    release_statement: {"tip_id": TIP, "version": 3, "officer": OFFICER, "day": DAY},
    card_statement: {
        "card_id": PART,
        "version": 3,
        "centre": "khon-kaen",
        "audiences": "citizen,youth",
        "state": "published",
        "day": DAY,
        "officer": OFFICER,
        "content": b"content",
    },
    campaign_statement: {
        "campaign_id": GRANT,
        "card_id": PART,
        "centre": "khon-kaen",
        "audiences": "citizen,youth",
        "day": DAY,
        "officer": OFFICER,
    },
    members_statement: {
        "record_id": GRANT,
        "centre": "khon-kaen",
        "deed": "pause",
        "which": "ordinary",
        "count": 2,
        "day": DAY,
        "officer": OFFICER,
    },
    day_statement: {"day": DAY, "seq": 12, "head": b"h" * 32, "by": OFFICER},
    opening_statement: {
        "opening_id": GRANT,
        "tip_id": TIP,
        "opens": "original",
        "part_id": PART,
        "reason_part_id": "7" * 32,
        "seq": 9,
        "day": DAY,
        "officer": OFFICER,
    },
    handover_statement: {
        "handover_id": GRANT,
        "tip_id": TIP,
        "body": "nacc",
        "form": "redacted",
        "sha256": "ab" * 32,
        "reason_part_id": PART,
        "seq": 4,
        "day": DAY,
        "officer": OFFICER,
    },
    handover_approval_statement: {
        "handover_id": GRANT,
        "tip_id": TIP,
        "body": "nacc",
        "form": "redacted",
        "sha256": "ab" * 32,
        "giver": OFFICER,
        "day": DAY,
        "officer": COLLEAGUE,
    },
    contents_statement: {"listing_sha256": "cd" * 32},
    approval_statement: {
        "opening_id": GRANT,
        "tip_id": TIP,
        "opens": "export",
        "part_id": PART,
        "opener": OFFICER,
        "day": DAY,
        "officer": COLLEAGUE,
    },
    manifest_statement: {
        "tip_id": TIP,
        "day": DAY,
        "officer": OFFICER,
        "reason_part_id": PART,
        "manifest": b"{}",
    },
    book_statement: {"by": OFFICER, "to": COLLEAGUE, "day": DAY, "book": b"{}"},
    sign_in_statement: {
        "desk_origin": "https://desk.example",
        "challenge": b"c" * 32,
        "officer": OFFICER,
        "session_key": KEY.verify_key,
    },
    request_statement: {
        "desk_origin": "https://desk.example",
        "token": "a-token",
        "method": "POST",
        "target": "/desk/v1/tips/1?limit=50",
        "body": b"{}",
        "counter": 7,
    },
}
ONE_FIELD_CHANGED = [
    (act, name) for act, fields in ACTS.items() for name in inspect.signature(act).parameters
]


def other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    if isinstance(value, VerifyKey):
        return SigningKey.from_seed(b"o" * 32).verify_key
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    return {TIP: OTHER, DAY: "2026-11-24"}.get(value, value[::-1] + "0")


@pytest.mark.parametrize("act", ACTS)
def test_a_signature_holds_for_its_act(act: Any) -> None:
    said = act(**ACTS[act])
    KEY.verify_key.verify(said, KEY.sign(said))


@pytest.mark.parametrize(("act", "name"), ONE_FIELD_CHANGED)
def test_every_field_is_signed(act: Any, name: str) -> None:
    signature = KEY.sign(act(**ACTS[act]))
    changed = act(**ACTS[act] | {name: other(ACTS[act][name])})
    with pytest.raises(Forged):
        KEY.verify_key.verify(changed, signature)


@pytest.mark.parametrize(("one", "two"), list(itertools.permutations(ACTS, 2)))
def test_a_signature_of_one_kind_is_none_of_another(one: Any, two: Any) -> None:
    with pytest.raises(Forged):
        KEY.verify_key.verify(two(**ACTS[two]), KEY.sign(one(**ACTS[one])))


def test_a_claim_is_no_release_though_both_say_the_same() -> None:
    fields = ACTS[claim_statement]
    assert claim_statement(**fields) != release_statement(**fields)


@given(st.binary(min_size=64, max_size=64))
def test_noise_is_forged(noise: bytes) -> None:
    with pytest.raises(Forged):
        KEY.verify_key.verify(claim_statement(**ACTS[claim_statement]), noise)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_forged(length: int) -> None:
    said = claim_statement(**ACTS[claim_statement])
    with pytest.raises(Forged):
        KEY.verify_key.verify(said, (KEY.sign(said) * 2)[:length])


def test_another_keys_signature_is_forged() -> None:
    said = claim_statement(**ACTS[claim_statement])
    with pytest.raises(Forged):
        KEY.verify_key.verify(said, SigningKey.from_seed(b"x" * 32).sign(said))


def test_the_same_signature_written_otherwise_is_forged() -> None:
    # Ed25519 with S + L in place of S verifies in careless implementations (RFC 8032, 8.4).
    order = 2**252 + 27742317777372353535851937790883648493
    said = claim_statement(**ACTS[claim_statement])
    signature = KEY.sign(said)
    s = int.from_bytes(signature[32:], "little") + order
    with pytest.raises(Forged):
        KEY.verify_key.verify(said, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "raw",
    [
        "00" * 32,
        "01" + "00" * 31,
        "01" + "00" * 30 + "80",
        "ec" + "ff" * 30 + "7f",
        "ec" + "ff" * 31,
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
        "ff" * 32,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ],
)
def test_a_key_that_verifies_anything_is_no_key(raw: str) -> None:
    with pytest.raises(Malformed):
        VerifyKey.parse(raw)


@pytest.mark.parametrize("text", ["", "zz" * 32, "aa" * 31, "AA" * 32, "aa" * 32 + "\n", "١" * 64])
def test_a_verify_key_has_one_spelling(text: str) -> None:
    with pytest.raises(Malformed):
        VerifyKey.parse(text)


def test_a_verify_key_is_read_back_as_it_is_written() -> None:
    assert VerifyKey.parse(str(KEY.verify_key)) == KEY.verify_key


@pytest.mark.parametrize("seed", [b"", b"short", b"x" * 33])
def test_a_seed_has_32_bytes(seed: bytes) -> None:
    with pytest.raises(ValueError, match="32"):
        SigningKey.from_seed(seed)


@given(
    st.dictionaries(st.sampled_from("abcd"), st.text(max_size=5) | st.integers(0, 9) | st.none())
)
def test_two_different_statements_never_share_their_bytes(fields: dict[str, Any]) -> None:
    said = statement("part", **fields)
    assert said != statement("par", **fields)
    assert said != statement("part", **fields, e="")
    for name, value in fields.items():
        for changed in (f"{value}", None, 10, f"{value}\n", f'{value}","z":"'):
            if changed != value:
                assert statement("part", **fields | {name: changed}) != said


@pytest.mark.parametrize("kind", ["", "part\n", "pa rt", "ส่วน", "part{"])
def test_a_kind_cannot_run_into_what_follows(kind: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        statement(kind, a="b")


def test_true_is_no_number() -> None:
    with pytest.raises(ValueError, match="whole number"):
        statement("part", version=True)


def test_a_statement_says_its_kind_first() -> None:
    assert statement("claim", a=1) == Statement(b'saisaat-statement-v1\nclaim\n{"a":1}')
