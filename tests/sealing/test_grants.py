"""Grants: one reader, one tip, and no more than that reader is due."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import (
    Grant,
    Malformed,
    Misplaced,
    NewerFormat,
    Place,
    Summary,
    Tampered,
    TipKeys,
    TipKind,
    TipRecipients,
    WrongKey,
    open_grant,
    open_part,
    open_receipt_grant,
    seal_grant,
    seal_part,
)
from sealing.age import decrypt
from tests.sealing.sealed_samples import (
    COLLEAGUE,
    DAY,
    GRANT,
    KEYS,
    OFFICER,
    OFFICERS_GRANT,
    OTHER,
    READER,
    RECEIPT_GRANT,
    STRANGER,
    SUMMARY,
    TIP,
    WORDS,
    sealed_by_anyone,
    sealed_raw,
)

FOUND: dict[str, Any] = {"tip_id": TIP, "grant_id": GRANT, "to": OFFICER}
MEMBER = {"is_verified": True, "alias": "mkm7"}
labels = st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True)
summaries = st.builds(
    lambda alias, of_member, **rest: Summary(
        is_verified=alias is not None,
        alias=alias,
        **(of_member if alias is not None else {}),
        **rest,
    ),
    alias=st.none() | labels,
    of_member=st.fixed_dictionaries(
        {
            "is_duress": st.booleans(),
            "member_centre": st.none() | labels,
            "member_since": st.none() | st.integers(1900, 9999),
            "is_secondhand": st.booleans(),
        }
    ),
    category=labels,
    province=labels,
    kind=st.sampled_from(TipKind),
    is_afraid=st.booleans(),
    is_reported_elsewhere=st.booleans(),
    completeness_have=st.integers(0, 5),
    completeness_of=st.integers(5, 1000),
)


def as_json(grant: Grant) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(decrypt(seal_grant(grant, READER.recipient), READER))
    return value


def test_an_officers_grant_opens_the_whole_tip() -> None:
    grant = open_grant(seal_grant(OFFICERS_GRANT, READER.recipient), READER, **FOUND)
    assert grant == OFFICERS_GRANT
    assert grant.case is not None
    sealed = seal_part(WORDS, grant.recipients.case).data
    place = Place(WORDS.tip_id, WORDS.part_id, WORDS.seq, WORDS.previous)
    assert open_part(sealed, grant.case, place) == WORDS


def test_the_receipts_grant_opens_the_reply_side_only() -> None:
    data = seal_grant(RECEIPT_GRANT, READER.recipient)
    reply = open_receipt_grant(data, READER, tip_id=TIP, grant_id=GRANT)
    assert reply == KEYS.reply
    place = Place(WORDS.tip_id, WORDS.part_id, WORDS.seq, WORDS.previous)
    with pytest.raises(WrongKey):
        open_part(seal_part(WORDS, KEYS.recipients.case).data, reply, place)


def test_a_receipts_grant_says_nothing_about_the_tip() -> None:
    value = as_json(RECEIPT_GRANT)
    assert value["case"] is None
    assert value["summary"] is None
    with pytest.raises(ValueError, match="does not know the case"):
        _ = RECEIPT_GRANT.recipients


def test_an_officers_grant_is_none_for_a_receipt() -> None:
    with pytest.raises(Misplaced):
        open_receipt_grant(
            seal_grant(OFFICERS_GRANT, READER.recipient), READER, tip_id=TIP, grant_id=GRANT
        )


@settings(max_examples=50)
@given(summaries, st.sampled_from([OFFICER, "recovery"]), st.sampled_from(["server", COLLEAGUE]))
def test_every_grant_has_the_length_of_every_other(summary: Summary, to: str, by: str) -> None:
    grant = dataclasses.replace(OFFICERS_GRANT, summary=summary, to=to, by=by)
    data = seal_grant(grant, READER.recipient)
    assert open_grant(data, READER, **FOUND | {"to": to}) == grant
    assert len(data) == len(seal_grant(RECEIPT_GRANT, READER.recipient))


@pytest.mark.parametrize(
    "elsewhere", [{"tip_id": OTHER}, {"grant_id": OTHER}, {"to": COLLEAGUE}, {"to": "recovery"}]
)
def test_a_grant_put_elsewhere_is_misplaced(elsewhere: dict[str, str]) -> None:
    with pytest.raises(Misplaced):
        open_grant(seal_grant(OFFICERS_GRANT, READER.recipient), READER, **FOUND | elsewhere)


def test_a_grant_whose_keys_are_not_the_tips_is_misplaced() -> None:
    data = seal_grant(OFFICERS_GRANT, READER.recipient)
    assert open_grant(data, READER, **FOUND, recipients=KEYS.recipients)
    fresh = TipKeys.generate().recipients
    for shown in (
        TipRecipients(fresh.case, KEYS.reply.recipient),
        TipRecipients(KEYS.case.recipient, fresh.reply),
        TipRecipients(KEYS.reply.recipient, KEYS.case.recipient),
    ):
        with pytest.raises(Misplaced):
            open_grant(data, READER, **FOUND, recipients=shown)


def test_a_colleague_opens_nothing_with_a_grant_that_is_not_theirs() -> None:
    with pytest.raises(WrongKey):
        open_grant(seal_grant(OFFICERS_GRANT, READER.recipient), STRANGER, **FOUND)


@settings(max_examples=60)
@given(st.data())
def test_a_flipped_bit_never_opens(data: st.DataObject) -> None:
    sealed = bytearray(seal_grant(OFFICERS_GRANT, READER.recipient))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises((Tampered, WrongKey, Malformed)):
        open_grant(bytes(sealed), READER, **FOUND)


SUMMARY_JSON = as_json(OFFICERS_GRANT)["summary"]


@pytest.mark.parametrize(
    "change",
    [
        {"case": None},
        {"summary": None},
        {"case": as_json(OFFICERS_GRANT)["reply"]},
        {"case": "AGE-SECRET-KEY-PQ-1"},
        {"reply": None},
        {"reply": "canary"},
        {"reply": as_json(OFFICERS_GRANT)["reply"].lower()},
        {"to": "Somchai"},
        {"to": None},
        {"to": "receipt"},
        {"to": "server"},
        {"by": "recovery"},
        {"by": None},
        {"day": "today"},
        {"schema": "1"},
        {"more": None},
        {"summary": []},
        {"summary": {}},
        {"summary": SUMMARY_JSON | {"words": "x"}},
        {"summary": SUMMARY_JSON | {"category": "ยักยอก"}},
        {"summary": SUMMARY_JSON | {"category": ""}},
        {"summary": SUMMARY_JSON | {"province": "x" * 65}},
        {"summary": SUMMARY_JSON | {"is_afraid": 1}},
        {"summary": SUMMARY_JSON | {"is_afraid": None}},
        {"summary": SUMMARY_JSON | {"alias": "mkm7"}},
        {"summary": SUMMARY_JSON | {"is_verified": True}},
        {"summary": SUMMARY_JSON | {"is_duress": True}},
        {"summary": SUMMARY_JSON | {"is_secondhand": True}},
        {"summary": SUMMARY_JSON | {"member_centre": "khon-kaen"}},
        {"summary": SUMMARY_JSON | {"member_since": 2020}},
        {"summary": SUMMARY_JSON | MEMBER | {"member_since": "2020"}},
        {"summary": SUMMARY_JSON | MEMBER | {"member_since": 1899}},
        {"summary": SUMMARY_JSON | MEMBER | {"member_centre": "ขอนแก่น"}},
        {"summary": SUMMARY_JSON | {"completeness_have": 6}},
        {"summary": SUMMARY_JSON | {"completeness_of": -1}},
    ],
    ids=lambda change: str(change)[:60],
)
def test_a_grant_that_contradicts_itself_is_malformed(change: dict[str, Any]) -> None:
    data = sealed_by_anyone(as_json(OFFICERS_GRANT) | change, READER.recipient)
    with pytest.raises(Malformed) as raised:
        open_grant(data, READER, **FOUND)
    assert "canary" not in repr(raised.value)


@pytest.mark.parametrize("change", [{"case": KEYS.case.reveal()}, {"summary": SUMMARY_JSON}])
def test_a_receipts_grant_with_more_in_it_is_malformed(change: dict[str, Any]) -> None:
    data = sealed_by_anyone(as_json(RECEIPT_GRANT) | change, READER.recipient)
    with pytest.raises(Malformed):
        open_receipt_grant(data, READER, tip_id=TIP, grant_id=GRANT)


@pytest.mark.parametrize("name", as_json(OFFICERS_GRANT))
def test_every_field_must_be_there(name: str) -> None:
    value = as_json(OFFICERS_GRANT)
    del value[name]
    with pytest.raises(Malformed):
        open_grant(sealed_by_anyone(value, READER.recipient), READER, **FOUND)


ADDED_SINCE = {"member_centre", "member_since", "is_secondhand"}


def test_a_summary_of_before_members_had_a_standing_is_read() -> None:
    value = as_json(OFFICERS_GRANT)
    for name in ADDED_SINCE:
        del value["summary"][name]
    grant = open_grant(sealed_by_anyone(value, READER.recipient), READER, **FOUND)
    assert grant == OFFICERS_GRANT


@pytest.mark.parametrize("name", sorted(SUMMARY_JSON.keys() - ADDED_SINCE))
def test_every_field_of_the_summary_must_be_there(name: str) -> None:
    value = as_json(OFFICERS_GRANT)
    del value["summary"][name]
    with pytest.raises(Malformed):
        open_grant(sealed_by_anyone(value, READER.recipient), READER, **FOUND)


@pytest.mark.parametrize(
    "change", [{"schema": 2}, {"summary": SUMMARY_JSON | {"kind": "petition"}}], ids=str
)
def test_what_a_newer_release_wrote_is_said_to_be_newer(change: dict[str, Any]) -> None:
    with pytest.raises(NewerFormat):
        open_grant(
            sealed_by_anyone(as_json(OFFICERS_GRANT) | change, READER.recipient), READER, **FOUND
        )


def test_a_part_is_no_grant_and_a_grant_is_no_part() -> None:
    with pytest.raises(Malformed):
        open_grant(seal_part(WORDS, READER.recipient).data, READER, **FOUND)
    with pytest.raises(Malformed):
        open_part(seal_grant(OFFICERS_GRANT, READER.recipient), READER, Place(TIP, GRANT, 1, None))


def test_noise_in_a_seal_is_malformed() -> None:
    with pytest.raises(Malformed):
        open_grant(sealed_raw(b"[" * 1024, READER.recipient), READER, **FOUND)


@pytest.mark.parametrize(
    "change",
    [
        {"to": "receipt"},
        {"to": "me"},
        {"by": "me"},
        {"case": None},
        {"summary": None},
        {"case": KEYS.reply},
        {"day": "x"},
        {"tip_id": "x"},
        {"grant_id": ""},
    ],
    ids=str,
)
def test_an_impossible_grant_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the rules speaks is not the point
        dataclasses.replace(OFFICERS_GRANT, **change)


def test_words_of_people_do_not_fit_into_a_summary() -> None:
    with pytest.raises(ValueError, match="never words"):
        dataclasses.replace(SUMMARY, category="he took the cement")


def test_a_grant_does_not_show_its_keys() -> None:
    shown = repr(OFFICERS_GRANT)
    assert KEYS.case.reveal() not in shown
    assert repr(KEYS.case.seed) not in shown
    assert DAY in shown
