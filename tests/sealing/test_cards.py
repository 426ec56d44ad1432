"""Knowledge cards: what no card may say, and whose signature makes one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.thai import count_graphemes, utf16_units
from sealing import (
    Audience,
    BadCard,
    CardState,
    CardText,
    Forged,
    KnowledgeCard,
    Malformed,
    Officer,
    Role,
    Roster,
    SealingError,
    SigningKey,
    canonical,
    check_registrar,
    read_audiences,
    read_content,
)
from sealing.age import PQIdentity
from sealing.cards import BODY_UNITS, LABEL_AT_MOST, TITLE_UNITS, _letters
from tests.sealing.sealed_samples import DAY, OFFICER, PART

THAI = CardText(
    "th", "รู้ทันการทุจริต", "รู้ทันการทุจริตใกล้ตัว", "เรียกเงินเพื่อเร่งเรื่อง คือสินบน\n• จดวันเวลา\n• แจ้งได้ทันที"
)
ENGLISH = CardText(
    "en", "Spot corruption", "Corruption near you", "A fee to speed things up is a bribe."
)
CARD = KnowledgeCard(
    PART, 1, "khon-kaen", (Audience.CITIZEN, Audience.YOUTH), CardState.PUBLISHED, DAY, OFFICER,
    (THAI, ENGLISH),
)  # fmt: skip
KEY, STRANGER = SigningKey.from_seed(b"k" * 32), SigningKey.from_seed(b"s" * 32)


def roster(*roles: Role, centres: tuple[str, ...] = ("khon-kaen",)) -> Roster:
    age = PQIdentity.from_seed(b"o" * 32).recipient
    officer = Officer("สมศรี", age, KEY.verify_key, roles, centres)
    recovery = PQIdentity.from_seed(b"r" * 32).recipient
    return Roster(1, DAY, "2027-11-23", recovery, (officer,))


def test_a_card_comes_back_from_its_content() -> None:
    assert read_content(CARD.content) == CARD.texts
    assert read_audiences("citizen,youth") == CARD.audiences


@pytest.mark.parametrize(
    ("part", "text", "wrong"),
    [
        ("label", "", "empty"),
        ("body", " มีช่องว่างนำหน้า", "empty"),
        ("label", "ก" * (LABEL_AT_MOST + 1), "long"),
        ("title", "ก" * (TITLE_UNITS + 1), "long"),
        ("body", "ก" * (BODY_UNITS + 1), "long"),
        ("title", "สอง\nบรรทัด", "sign"),
        ("body", "สระ\x00ลอย", "sign"),
        ("body", "กลับ\u202eทิศ", "sign"),
        ("body", "ครึ่ง\ud800ตัว", "sign"),
        ("body", "เติม {code} เอง", "sign"),
        ("label", "ซ่อน\u2066ทิศ", "sign"),
        ("body", "in English only", "language"),
        ("title", "1206", "language"),
    ],
)
def test_a_text_that_no_card_may_have_is_named(part: str, text: str, wrong: str) -> None:
    with pytest.raises(BadCard) as bad:
        replace(THAI, **{part: text})
    assert (bad.value.language, bad.value.part, bad.value.wrong) == ("th", part, wrong)
    assert text == "" or text not in str(bad.value)


def test_english_that_is_thai_is_refused() -> None:
    with pytest.raises(BadCard):
        replace(ENGLISH, body="ภาษาไทยล้วน")


def test_a_text_may_use_every_bound() -> None:
    text = CardText("th", "ก" * LABEL_AT_MOST, "ก" * TITLE_UNITS, "ก" * BODY_UNITS)
    assert utf16_units(text.body) == BODY_UNITS


@given(st.text(st.sampled_from("กำ่ิ์aé\u0301\u200d👩🇹❤\ufe0f ")))
def test_a_label_that_fits_here_fits_a_button(text: str) -> None:
    assert _letters(text) >= count_graphemes(text)


@given(st.binary(max_size=200))
def test_noise_is_no_content(noise: bytes) -> None:
    with pytest.raises(SealingError):
        read_content(noise)


@pytest.mark.parametrize(
    "change",
    [
        {"card_id": "x"},
        {"centre": "a b"},
        {"version": 0},
        {"day": "2026-02-30"},
        {"audiences": ()},
        {"audiences": (Audience.YOUTH, Audience.CITIZEN)},
        {"audiences": (Audience.YOUTH, Audience.YOUTH)},
        {"texts": (THAI,)},
        {"texts": (ENGLISH, THAI)},
    ],
)
def test_a_card_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        replace(CARD, **change)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("text", ["", "everybody", "youth,citizen", "citizen,citizen"])
def test_audiences_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_audiences(text)


def test_content_with_more_in_it_is_refused() -> None:
    texts = {each.language: {"label": "ก", "title": "ก", "body": "ก"} for each in CARD.texts}
    for body in ({"schema": 2, "texts": texts}, {"schema": 1, "texts": texts, "more": 1}):
        with pytest.raises(Malformed):
            read_content(canonical.write(body))


def test_only_a_registrar_of_the_centre_signs_a_card() -> None:
    said = CARD.statement
    check_registrar(roster(Role.REGISTRAR), OFFICER_ID, "khon-kaen", said, KEY.sign(said))
    for wrong, signature in (
        (roster(Role.OFFICER, Role.ADMIN), KEY.sign(said)),
        (roster(Role.REGISTRAR, centres=("loei",)), KEY.sign(said)),
        (roster(Role.REGISTRAR), STRANGER.sign(said)),
        (roster(Role.REGISTRAR), b""),
    ):
        with pytest.raises(Forged):
            check_registrar(wrong, OFFICER_ID, "khon-kaen", said, signature)
    with pytest.raises(Forged):
        check_registrar(roster(Role.REGISTRAR), OFFICER, "khon-kaen", said, KEY.sign(said))


OFFICER_ID = roster(Role.REGISTRAR).officers[0].id
