"""Originals: the key that was given away opens this one original, and no other key opens it."""

import pytest
from hypothesis import given, settings

from sealing import (
    Malformed,
    Misplaced,
    OriginalFile,
    OriginalKey,
    SealedWords,
    WrongKey,
    open_words,
    seal_words,
)
from sealing.age import PQIdentity, decrypt
from tests.sealing.sealed_samples import (
    KEYS,
    OTHER,
    PART,
    READER,
    TIP,
    sealed_by_anyone,
    words_of_people,
)

ONE_OFF = PQIdentity.from_seed(b"1" * 32)
KEY = OriginalKey(PART, ONE_OFF.seed)
PHONE = "โทร 081-234-5678"


def sealed(words: str = PHONE) -> SealedWords:
    return seal_words(words, ONE_OFF.recipient, tip_id=TIP, part_id=PART)


@settings(max_examples=30)
@given(words_of_people)
def test_words_come_back_as_they_were_sent(words: str) -> None:
    assert open_words(sealed(words), KEY, tip_id=TIP) == words


@pytest.mark.parametrize(
    "identity", [KEYS.case, KEYS.reply, READER], ids=["case", "reply", "officer"]
)
def test_no_key_of_the_tip_or_its_officers_opens_an_original(identity: PQIdentity) -> None:
    with pytest.raises(WrongKey):
        decrypt(sealed().data, identity)


@pytest.mark.parametrize(("tip_id", "of"), [(OTHER, PART), (TIP, OTHER)])
def test_an_original_is_not_shown_in_anothers_place(tip_id: str, of: str) -> None:
    with pytest.raises(Misplaced):
        open_words(sealed(), OriginalKey(of, ONE_OFF.seed), tip_id=tip_id)


def test_what_is_no_original_is_malformed() -> None:
    for body in ({"schema": 1}, {"schema": 1, "tip_id": TIP, "part_id": PART, "words": 5}):
        with pytest.raises(Malformed):
            open_words(SealedWords(sealed_by_anyone(body, ONE_OFF.recipient)), KEY, tip_id=TIP)


def test_two_originals_of_one_bucket_are_of_one_length() -> None:
    assert len(sealed("ก").data) == len(sealed("ก" * 200).data)


def test_no_repr_shows_words_or_seeds() -> None:
    assert "111" not in repr(KEY)
    assert "age-encryption" not in repr(sealed())


@pytest.mark.parametrize(
    ("blob_id", "size", "sha256"), [("x", 1, "00" * 32), (OTHER, -1, "00" * 32), (OTHER, 1, "00")]
)
def test_an_impossible_original_cannot_be_made(blob_id: str, size: int, sha256: str) -> None:
    with pytest.raises(ValueError, match="blob id"):
        OriginalFile(blob_id, size, sha256)
    with pytest.raises(ValueError, match="seed"):
        OriginalKey(PART, b"short")
