"""Officers' keys and the card that enrols them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import (
    Forged,
    Malformed,
    NewerFormat,
    OfficerKeys,
    SigningKey,
    Unsigned,
    officer_id,
    parse_card,
    render_card,
)
from sealing.age import PQIdentity, PQRecipient
from sealing.officers import AT_MOST_CARD_BYTES
from sealing.signed_text import sign_text
from tests.sealing.sealed_samples import READER

KEYS = OfficerKeys(READER, SigningKey.from_seed(b"k" * 32), "สมชาย ใจดี")
CARD = render_card(KEYS)
BODY = CARD[: CARD.rindex(b"# signature ")]


def signed(body: bytes) -> bytes:
    return sign_text("card", body, KEYS.sign)


def test_a_card_holds_the_public_half_only() -> None:
    card = parse_card(CARD)
    assert (card.name, card.age, card.sign) == (
        KEYS.name,
        KEYS.age.recipient,
        KEYS.sign.verify_key,
    )
    assert card.id == KEYS.id == officer_id(KEYS.sign.verify_key)
    assert READER.reveal().encode() not in CARD
    assert KEYS.sign.seed.hex().encode() not in CARD


@settings(max_examples=30)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=80)
)
def test_any_printable_name_comes_back(name: str) -> None:
    assert parse_card(render_card(OfficerKeys(READER, KEYS.sign, name))).name == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "a\nb", "a\0b", "x" * 81, "\u202eadmin", "a\u200bb", "\ud800", '"\n# signature x'],
)
def test_a_name_that_hides_or_turns_text_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        OfficerKeys(READER, KEYS.sign, name)


def test_a_card_with_somebody_elses_recipient_in_it_is_forged() -> None:
    mine = str(READER.recipient).encode()
    theirs = str(PQIdentity.from_seed(b"m" * 32).recipient).encode()
    with pytest.raises(Forged):
        parse_card(CARD.replace(mine, theirs))


def test_nobody_enrols_a_verify_key_that_they_do_not_hold() -> None:
    victim = SigningKey.from_seed(b"v" * 32).verify_key
    body = BODY.replace(str(KEYS.sign.verify_key).encode(), str(victim).encode())
    with pytest.raises(Forged):
        parse_card(signed(body))


def test_a_card_without_a_signature_is_unsigned() -> None:
    with pytest.raises(Unsigned):
        parse_card(BODY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"schema = 1", b'schema = "1"'),
        (b"schema = 1", b"schema = true"),
        (b"schema = 1", b"schema = 1.0"),
        (b"schema = 1", b"schema = 1\nschema = 1"),
        (b"schema = 1\n", b""),
        (b"schema = 1", b"schema = 1\nroles = []"),
        (b'name = "', b'name = "\\u202e'),
        (b'name = "', b'nom = "'),
        (b'age = "age1pq1', b'age = "age1'),
        (b'age = "age1pq1', b'age = "AGE1PQ1'),
        (b'sign = "', b'sign = "00'),
        (b"schema = 1", b"schema = " + b"[" * 5000),
        (b"schema = 1", b"\xff"),
    ],
)
def test_a_card_that_is_odd_is_malformed(old: bytes, new: bytes) -> None:
    assert old in BODY
    with pytest.raises(Malformed):
        parse_card(signed(BODY.replace(old, new, 1)))


def test_a_card_of_a_newer_release_is_said_to_be_newer() -> None:
    with pytest.raises(NewerFormat):
        parse_card(signed(BODY.replace(b"schema = 1", b"schema = 2")))


def test_a_recipient_to_whom_nothing_can_be_sealed_is_refused() -> None:
    unusable = PQRecipient.from_raw(READER.recipient.raw[:-32] + bytes(32))
    body = BODY.replace(str(READER.recipient).encode(), str(unusable).encode())
    with pytest.raises(Malformed, match="usable"):
        parse_card(signed(body))


def test_too_long_a_card_is_refused_before_any_work() -> None:
    with pytest.raises(Malformed, match="longer"):
        parse_card(b"#" * (AT_MOST_CARD_BYTES + 1))


@settings(max_examples=60)
@given(st.data())
def test_a_card_changed_anywhere_is_refused(data: st.DataObject) -> None:
    card = bytearray(CARD)
    card[data.draw(st.integers(0, len(card) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((Forged, Unsigned, Malformed)):
        parse_card(bytes(card))
