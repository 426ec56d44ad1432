"""Bytes committed once: every later release reads them, and writes them where nothing is random."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from sealing import (
    Cost,
    Counts,
    MemberCode,
    Mistyped,
    Place,
    Receipt,
    Role,
    SealedWords,
    SigningKey,
    TipKeys,
    VerifyKey,
    age,
    all_keys,
    approval_statement,
    assign_statement,
    book_statement,
    bucket,
    campaign_statement,
    card_statement,
    check_chain,
    claim_statement,
    count_statement,
    day_statement,
    extend_statement,
    fingerprint,
    grant_statement,
    hash_rekey,
    hold_statement,
    manifest_statement,
    members_statement,
    move_statement,
    officer_id,
    open_admin_key,
    open_grant,
    open_keys,
    open_part,
    open_receipt_grant,
    open_record,
    open_recovery,
    open_registry,
    open_roster,
    open_words,
    opening_statement,
    padme,
    parse_card,
    parse_rekey,
    part_statement,
    quarter_statement,
    record_context,
    rekey_statement,
    release_statement,
    render,
    render_card,
    render_registry,
    restore_statement,
    seal_record,
    sign_in_statement,
    sign_registry,
    sign_roster,
    status_statement,
    stretch_member_code,
    stretch_receipt,
    unhold_statement,
    write_rekey,
)
from sealing.chain import ChainLink
from sealing.grants import _to_json as grant_json
from sealing.handovers import (
    contents_statement,
    handover_approval_statement,
    handover_statement,
)
from sealing.originals import key_from_json, original_from_json
from sealing.parts import _to_json as part_json
from sealing.proofs import request_statement

ADDED_SINCE = {"member_centre": None, "member_since": None, "is_secondhand": False}
FOLDER = Path(__file__).parent / "vectors"
STATEMENTS: dict[str, Any] = {
    "part": part_statement,
    "grant": grant_statement,
    "status": status_statement,
    "claim": claim_statement,
    "assign": assign_statement,
    "move": move_statement,
    "extend": extend_statement,
    "rekey": rekey_statement,
    "hold": hold_statement,
    "unhold": unhold_statement,
    "release": release_statement,
    "members": members_statement,
    "member-book": book_statement,
    "sign-in": sign_in_statement,
    "request": request_statement,
    "knowledge-card": card_statement,
    "campaign": campaign_statement,
    "audit-day": day_statement,
    "restore": restore_statement,
    "opening": opening_statement,
    "approval": approval_statement,
    "count": count_statement,
    "public-quarter": quarter_statement,
    "manifest": manifest_statement,
    "handover": handover_statement,
    "handover-approval": handover_approval_statement,
    "handoff-contents": contents_statement,
}
_READ: dict[str, Any] = {
    **dict.fromkeys(
        (
            "previous",
            "sealed_hash",
            "sealed",
            "challenge",
            "content",
            "book",
            "body",
            "head",
            "rekey",
            "counts_hash",
            "page",
            "manifest",
        ),
        bytes.fromhex,
    ),
    "session_key": VerifyKey.parse,
}


def _read(kind: str, name: str) -> Any:
    """How a field is read: a request's body is bytes, whom a tip is handed over to is an id."""
    is_body = name == "body" and kind in ("handover", "handover-approval")
    return str if is_body else _READ.get(name, str)


def load(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return value


def test_the_hash_of_what_is_counted_is_the_same_to_the_byte() -> None:
    for case in load("counts")["hashed"]:
        counts = Counts.read(case["form"])
        assert counts.form() == case["form"]
        assert counts.hash(case["tip_id"]).hex() == case["hash"]


def deployment(vectors: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    return {
        "salt": bytes.fromhex(vectors["salt"]),
        "pepper": bytes.fromhex(vectors["pepper"]),
        "cost": Cost(case["memory_kib"], case["time"], case["lanes"]),
    }


def test_receipts_find_and_open_what_they_always_did() -> None:
    vectors = load("receipts")
    for case in vectors["stretched"]:
        receipt = Receipt.parse(case["typed"])
        assert (receipt.digits, receipt.grouped) == (case["digits"], case["grouped"])
        keys = stretch_receipt(receipt, **deployment(vectors, case))
        assert keys.locator.hex() == case["locator"]
        assert keys.identity.seed.hex() == case["identity_seed"]


def test_member_codes_find_what_they_always_did() -> None:
    vectors = load("member_codes")
    for case in vectors["stretched"]:
        code = MemberCode.parse(case["typed"])
        found = (code.letters, code.alias, code.grouped)
        assert found == (case["letters"], case["alias"], case["grouped"])
        assert stretch_member_code(code, **deployment(vectors, case)).hex() == case["locator"]


def test_one_vector_of_each_code_has_the_cost_of_a_real_deployment() -> None:
    for name in ("receipts", "member_codes"):
        vectors = load(name)
        assert Cost() in [deployment(vectors, case)["cost"] for case in vectors["stretched"]]


def test_mistyped_codes_stay_mistyped() -> None:
    for typed in load("receipts")["mistyped"]:
        with pytest.raises(Mistyped):
            Receipt.parse(typed)
    for typed in load("member_codes")["mistyped"]:
        with pytest.raises(Mistyped):
            MemberCode.parse(typed)


@pytest.mark.parametrize("case", load("statements")["signed"], ids=lambda case: case["kind"])
def test_statements_and_signatures_are_the_same_to_the_byte(case: dict[str, Any]) -> None:
    vectors = load("statements")
    key = SigningKey.from_seed(bytes.fromhex(vectors["seed"]))
    fields = {
        name: _read(case["kind"], name)(value) if isinstance(value, str) else value
        for name, value in case["fields"].items()
    }
    said = STATEMENTS[case["kind"]](**fields)
    assert said.decode() == case["statement"]
    assert key.sign(said).hex() == case["signature"]
    VerifyKey.parse(vectors["verify_key"]).verify(said, bytes.fromhex(case["signature"]))
    assert officer_id(key.verify_key) == vectors["officer_id"]


def test_there_is_a_vector_of_each_statement() -> None:
    assert {case["kind"] for case in load("statements")["signed"]} == set(STATEMENTS)


def test_lengths_stay_what_they_were() -> None:
    vectors = load("padding")
    for name, sized in (("bucket", bucket), ("padme", padme)):
        assert [[length, sized(length)] for length, _ in vectors[name]] == vectors[name]


def test_records_open_and_are_sealed_to_the_same_bytes() -> None:
    for case in load("drawer")["records"]:
        context = record_context(*case["context_items"])
        assert context.hex() == case["context"]
        key, server_key = bytes.fromhex(case["key"]), bytes.fromhex(case["server_key"])
        record, body = bytes.fromhex(case["record"]), case["body"].encode()
        assert open_record(key, server_key, context, record) == body
        nonce = bytes.fromhex(case["nonce"])
        assert seal_record(key, server_key, context, body, nonce=nonce) == record


def test_parts_sealed_long_ago_still_open_as_one_chain() -> None:
    vectors = load("parts")
    links, previous = [], bytes(32)
    for case in vectors["parts"]:
        identity = age.PQIdentity.parse(vectors[case["side"]])
        place = Place(vectors["tip_id"], case["part_id"], case["seq"], previous)
        part = open_part(bytes.fromhex(case["sealed"]), identity, place)
        assert part_json(part) == json.loads(case["plain"])
        previous = bytes.fromhex(case["hash"])
        links.append(ChainLink(part.seq, part.part_id, part.previous, previous, False))
    assert check_chain(links) == ()
    assert {json.loads(case["plain"])["kind"] for case in vectors["parts"]} == {
        "form",
        "words",
        "file",
        "message",
        "note",
        "status",
        "stop",
        "key",
    }


def test_an_original_sealed_long_ago_still_opens_with_the_key_that_was_given_away() -> None:
    vectors = load("parts")
    told = {case["part_id"]: json.loads(case["plain"]) for case in vectors["parts"]}
    (key,) = (key_from_json(each["key"]) for each in told.values() if each["key"])
    assert key is not None
    original = original_from_json(told[key.of]["original"])
    assert isinstance(original, SealedWords)
    words = open_words(original, key, tip_id=vectors["tip_id"])
    assert words == "โทรหาผมได้ที่ 081-234-5678"
    assert told[key.of]["words"] == "โทรหาผมได้ที่ [เอาเบอร์โทรศัพท์ออก]"


def test_grants_sealed_long_ago_still_open() -> None:
    vectors = load("grants")
    reader = age.PQIdentity.parse(vectors["reader"])
    for case in vectors["grants"]:
        grant = open_grant(
            bytes.fromhex(case["sealed"]),
            reader,
            tip_id=vectors["tip_id"],
            grant_id=vectors["grant_id"],
            to=case["to"],
        )
        plain = json.loads(case["plain"])
        if plain["summary"] is not None:
            plain["summary"] = {**ADDED_SINCE, **plain["summary"]}
        assert grant_json(grant) == plain


def test_rekeys_of_long_ago_still_lead_back_to_the_first_keys() -> None:
    vectors = load("rekeys")
    data = [case["data"].encode() for case in vectors["rekeys"]]
    rekeys = [parse_rekey(each) for each in data]
    assert [write_rekey(rekey) for rekey in rekeys] == data
    assert [hash_rekey(each).hex() for each in data] == [c["hash"] for c in vectors["rekeys"]]
    pairs = [
        TipKeys(age.PQIdentity.parse(pair["case"]), age.PQIdentity.parse(pair["reply"]))
        for pair in vectors["keys"]
    ]
    assert all_keys(pairs[-1], rekeys, tip_id=vectors["tip_id"]) == tuple(reversed(pairs))
    first, second = rekeys
    assert second.receipt_grant is None
    assert first.receipt_grant is not None
    assert first.receipt_grant_id is not None
    reply = open_receipt_grant(
        first.receipt_grant,
        age.PQIdentity.parse(vectors["receipt"]),
        tip_id=vectors["tip_id"],
        grant_id=first.receipt_grant_id,
    )
    assert reply == pairs[1].reply


def test_cards_rosters_key_files_and_blobs_of_long_ago_still_open() -> None:
    vectors = load("files")
    officer, passphrase = vectors["officer"], vectors["passphrase"]
    keys = open_keys(bytes.fromhex(vectors["officer_key_file"]), passphrase)
    assert (keys.name, keys.age.reveal(), keys.sign.seed.hex(), keys.id) == (
        officer["name"],
        officer["age"],
        officer["sign"],
        officer["id"],
    )
    card = parse_card(vectors["card"].encode())
    assert (card.fingerprint, render_card(keys)) == (
        officer["fingerprint"],
        vectors["card"].encode(),
    )
    admin = open_admin_key(bytes.fromhex(vectors["admin_key_file"]), passphrase)
    signed = vectors["roster"].encode()
    roster = open_roster(signed, VerifyKey.parse(vectors["admin"]), 7)
    assert sign_roster(render(roster), admin.sign) == signed
    assert fingerprint(signed) == vectors["roster_fingerprint"]
    assert roster.of_centre("khon-kaen", Role.REGISTRAR)[0].id == officer["id"]
    recovery = open_recovery(bytes.fromhex(vectors["recovery_key_file"]), passphrase)
    assert recovery.age == keys.age


def test_registries_of_long_ago_still_open_and_are_signed_to_the_same_bytes() -> None:
    vectors = load("registry")
    admin = SigningKey.from_seed(bytes.fromhex(vectors["admin_seed"]))
    pin = VerifyKey.parse(vectors["admin"])
    assert fingerprint(pin.raw) == vectors["admin_fingerprint"]
    for case in vectors["registries"]:
        signed = case["signed"].encode()
        registry = open_registry(signed, pin, case["version"])
        assert (registry.web, registry.onion) == (case["web"], case["onion"])
        shown = [[bot.channel, bot.id, bot.name, bot.link] for bot in registry.bots]
        assert shown == case["bots"]
        assert sign_registry(render_registry(registry), admin) == signed


def test_a_blob_of_long_ago_still_opens() -> None:
    blob = load("files")["blob"]
    opened = age.decrypt(bytes.fromhex(blob["sealed"]), age.PQIdentity.parse(blob["case"]))
    assert opened == blob["file"].encode().ljust(padme(blob["size"]), b"\0")
    assert hashlib.sha256(opened[: blob["size"]]).hexdigest() == blob["sha256"]
