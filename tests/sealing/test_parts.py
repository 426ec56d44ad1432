"""Parts: only the right key opens them, and only where they were written."""

import dataclasses
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import (
    NOTHING_BEFORE,
    Author,
    Details,
    FileFacts,
    Kind,
    Malformed,
    Media,
    Misplaced,
    NewerFormat,
    OriginalFile,
    OriginalKey,
    Part,
    Place,
    SealedWords,
    Side,
    Tampered,
    WrongKey,
    hash_sealed,
    open_part,
    parts,
    seal_part,
    side_of,
)
from sealing.age import decrypt
from tests.sealing.sealed_samples import (
    DAY,
    HERE,
    KEYS,
    OFFICER,
    OTHER,
    PART,
    STRANGER,
    TIP,
    WORDS,
    ids,
    sealed_by_anyone,
    sealed_raw,
    words_of_people,
)

CASE, REPLY = KEYS.case, KEYS.reply
FILE = FileFacts(OTHER, 3, hashlib.sha256(b"abc").hexdigest(), Media.PHOTO, "image/jpeg", "ถนน.jpg")
ORIGINAL_KEY = OriginalKey(OTHER, b"k" * 32)
ONE_OF_EACH = [
    WORDS,
    dataclasses.replace(
        WORDS, kind=Kind.FORM, words=None, form={"category": "bribe", "n": [1, None]}
    ),
    dataclasses.replace(WORDS, kind=Kind.FILE, words=None, file=FILE),
    dataclasses.replace(
        WORDS, kind=Kind.FILE, words=None, file=dataclasses.replace(FILE, seed=b"s" * 32)
    ),
    dataclasses.replace(WORDS, kind=Kind.STOP, words=None, question=None),
    dataclasses.replace(WORDS, kind=Kind.KEY, words=None, question=None, key=ORIGINAL_KEY),
    dataclasses.replace(WORDS, found=("phone",), original=SealedWords(b"sealed")),
    dataclasses.replace(
        WORDS,
        kind=Kind.FILE,
        words=None,
        file=dataclasses.replace(FILE, details=Details.CLEANED),
        found=("place", "time"),
        original=OriginalFile(PART, 9, FILE.sha256),
    ),
    dataclasses.replace(
        WORDS, kind=Kind.MESSAGE, author=Author.OFFICER, officer=OFFICER, seq=2, previous=b"p" * 32
    ),
    dataclasses.replace(WORDS, kind=Kind.NOTE, author=Author.OFFICER, officer=OFFICER),
    dataclasses.replace(
        WORDS, kind=Kind.STATUS, author=Author.SYSTEM, form={"status": "received", "version": 1}
    ),
]


SEALED = {"sealed": "QQ==", "blob_id": None, "size": None, "sha256": None}
A_FILE = {"sealed": None, "blob_id": OTHER, "size": 3, "sha256": FILE.sha256}
KEY = {"of": OTHER, "seed": "00" * 32, "is_answered": False}


def place_of(part: Part) -> Place:
    return Place(part.tip_id, part.part_id, part.seq, part.previous)


def as_json(part: Part) -> dict[str, Any]:
    data = seal_part(part, CASE.recipient).data
    value: dict[str, Any] = json.loads(decrypt(data, CASE))
    return value


@pytest.mark.parametrize("part", ONE_OF_EACH, ids=lambda part: part.kind)
def test_a_part_opens_where_it_was_written(part: Part) -> None:
    sealed = seal_part(part, CASE.recipient)
    assert open_part(sealed.data, CASE, place_of(part)) == part
    assert sealed.hash == hash_sealed(sealed.data) == hashlib.sha256(sealed.data).digest()


def test_there_is_one_of_each_kind() -> None:
    assert {part.kind for part in ONE_OF_EACH} == set(Kind)


@settings(max_examples=60)
@given(words_of_people, words_of_people, ids, st.integers(2, 2**53 - 1))
def test_any_words_come_back_as_they_were(words: str, question: str, tip_id: str, seq: int) -> None:
    part = dataclasses.replace(
        WORDS, words=words, question=question, tip_id=tip_id, seq=seq, previous=b"p" * 32
    )
    assert open_part(seal_part(part, CASE.recipient).data, CASE, place_of(part)) == part


@settings(max_examples=30)
@given(st.text('ก🙂a\n"\\\x00', max_size=100), st.text(max_size=100))
def test_two_texts_of_one_bucket_give_one_length(one: str, other: str) -> None:
    lengths = {
        len(seal_part(dataclasses.replace(WORDS, words=words), CASE.recipient).data)
        for words in (one, other)
    }
    assert len(lengths) == 1


def test_the_receipts_key_opens_no_word_of_the_tip() -> None:
    data = seal_part(WORDS, KEYS.recipients.of(side_of(WORDS.author, WORDS.kind))).data
    with pytest.raises(WrongKey):
        open_part(data, REPLY, HERE)


@pytest.mark.parametrize(
    ("author", "kind", "side"),
    [
        (Author.REPORTER, Kind.FORM, Side.CASE),
        (Author.REPORTER, Kind.WORDS, Side.CASE),
        (Author.REPORTER, Kind.FILE, Side.CASE),
        (Author.REPORTER, Kind.STOP, Side.CASE),
        (Author.REPORTER, Kind.KEY, Side.CASE),
        (Author.OFFICER, Kind.NOTE, Side.CASE),
        (Author.SYSTEM, Kind.NOTE, Side.CASE),
        (Author.OFFICER, Kind.MESSAGE, Side.REPLY),
        (Author.OFFICER, Kind.FILE, Side.REPLY),
        (Author.OFFICER, Kind.STATUS, Side.REPLY),
        (Author.SYSTEM, Kind.STATUS, Side.REPLY),
    ],
)
def test_only_what_is_for_the_reporter_is_on_the_reply_side(
    author: Author, kind: Kind, side: Side
) -> None:
    assert side_of(author, kind) is side


def test_a_strangers_key_opens_nothing() -> None:
    with pytest.raises(WrongKey):
        open_part(seal_part(WORDS, CASE.recipient).data, STRANGER, HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        dataclasses.replace(HERE, tip_id=OTHER),
        dataclasses.replace(HERE, part_id=OTHER),
        dataclasses.replace(HERE, seq=2),
        dataclasses.replace(HERE, previous=b"x" * 32),
    ],
)
def test_a_part_put_elsewhere_is_misplaced(elsewhere: Place) -> None:
    with pytest.raises(Misplaced):
        open_part(seal_part(WORDS, CASE.recipient).data, CASE, elsewhere)


def test_an_unknown_part_before_is_no_reason_to_refuse() -> None:
    place = dataclasses.replace(HERE, previous=None)
    assert open_part(seal_part(WORDS, CASE.recipient).data, CASE, place) == WORDS


@settings(max_examples=60)
@given(st.data())
def test_a_flipped_bit_never_opens(data: st.DataObject) -> None:
    sealed = bytearray(seal_part(WORDS, CASE.recipient).data)
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises((Tampered, WrongKey, Malformed)):
        open_part(bytes(sealed), CASE, HERE)


@settings(max_examples=60)
@given(st.data())
def test_a_cut_off_or_lengthened_part_never_opens(data: st.DataObject) -> None:
    sealed = seal_part(WORDS, CASE.recipient).data
    cut = data.draw(st.integers(0, len(sealed) - 1))
    for altered in (sealed[:cut], sealed + sealed[:cut] + b"x"):
        with pytest.raises((Tampered, Malformed)):
            open_part(altered, CASE, HERE)


@pytest.mark.parametrize("data", [b"", b"x", b"age-encryption.org/v1\n", b"\0" * 5000])
def test_noise_is_malformed_or_cut_off(data: bytes) -> None:
    with pytest.raises((Malformed, Tampered)):
        open_part(data, CASE, HERE)


def test_too_much_is_refused_before_any_work() -> None:
    with pytest.raises(Malformed, match="longer"):
        open_part(b"age-encryption.org/v1\n" + bytes(2 * 1024 * 1024), CASE, HERE)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "1"},
        {"schema": None},
        {"schema": True},
        {"tip_id": TIP.upper().replace("1", "A")},
        {"tip_id": 11},
        {"seq": 0},
        {"seq": -1},
        {"seq": "1"},
        {"seq": True},
        {"seq": 2},
        {"previous": ""},
        {"previous": "00" * 31},
        {"previous": "11" * 32},
        {"previous": None},
        {"day": "2026-02-30"},
        {"day": "2026-11-23T08:15"},
        {"author": "officer"},
        {"author": "system"},
        {"author": None},
        {"officer": OFFICER},
        {"words": None},
        {"words": 5},
        {"words": ["a"]},
        {"question": 5},
        {"form": []},
        {"form": "x"},
        {"file": {}},
        {"file": "x"},
        {"kind": "file"},
        {"kind": "message"},
        {"kind": 1},
        {"found": ["phone"]},
        {"found": ["เบอร์"], "original": SEALED},
        {"found": "phone", "original": SEALED},
        {"original": SEALED},
        {"found": ["phone"], "original": SEALED | {"sealed": "A"}},
        {"found": ["phone"], "original": SEALED | {"sealed": "QR=="}},
        {"found": ["phone"], "original": SEALED | {"size": 3}},
        {"found": ["phone"], "original": SEALED | {"more": 1}},
        {"found": ["phone"], "original": A_FILE},
        {"found": ["phone"], "original": A_FILE | {"sealed": "QQ=="}},
        {"found": ["phone"], "original": SEALED, "kind": "note"},
        {"key": KEY},
        {"kind": "key"},
        {"kind": "key", "key": KEY | {"seed": "00"}},
        {"kind": "key", "key": KEY | {"of": "x"}},
        {"kind": "key", "key": KEY | {"is_answered": 1}},
        {"kind": "key", "key": KEY | {"more": 1}},
        {"more": 1},
    ],
    ids=str,
)
def test_a_part_that_contradicts_itself_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        open_part(sealed_by_anyone(as_json(WORDS) | change, CASE.recipient), CASE, HERE)


@pytest.mark.parametrize("name", as_json(WORDS))
def test_every_field_must_be_there(name: str) -> None:
    value = as_json(WORDS)
    del value[name]
    with pytest.raises(Malformed):
        open_part(sealed_by_anyone(value, CASE.recipient), CASE, HERE)


@pytest.mark.parametrize(
    "change",
    [
        {"blob_id": "x"},
        {"blob_id": "../../etc/passwd".rjust(32, "0")},
        {"size": -1},
        {"size": "3"},
        {"sha256": "00"},
        {"sha256": FILE.sha256.upper()},
        {"mime": None},
        {"name": 1},
        {"media": None},
        {"details": None},
        {"seed": "00"},
        {"seed": 1},
        {"more": 1},
    ],
    ids=str,
)
def test_odd_file_facts_are_malformed(change: dict[str, Any]) -> None:
    value = as_json(ONE_OF_EACH[2])
    value["file"] |= change
    with pytest.raises(Malformed):
        open_part(sealed_by_anyone(value, CASE.recipient), CASE, HERE)


@pytest.mark.parametrize("change", [{"schema": 2}, {"kind": "video-call"}, {"author": "oracle"}])
def test_what_a_newer_release_wrote_is_said_to_be_newer(change: dict[str, Any]) -> None:
    with pytest.raises(NewerFormat):
        open_part(sealed_by_anyone(as_json(WORDS) | change, CASE.recipient), CASE, HERE)


def test_a_newer_schema_is_recognised_whatever_else_it_holds() -> None:
    with pytest.raises(NewerFormat):
        open_part(sealed_by_anyone({"schema": 2, "new": []}, CASE.recipient), CASE, HERE)


def test_two_spellings_of_one_part_cannot_both_be_right() -> None:
    value = as_json(WORDS)
    loose = json.dumps(value, ensure_ascii=False).encode().ljust(1024)
    doubled = (json.dumps(value)[:-1] + ', "words": "other"}').encode().ljust(1024)
    escaped = json.dumps(value, separators=(",", ":"), sort_keys=True).encode().ljust(1024)
    for text in (loose, doubled, escaped):
        with pytest.raises(Malformed):
            open_part(sealed_raw(text, CASE.recipient), CASE, HERE)


@pytest.mark.parametrize(
    "change",
    [
        {"tip_id": "x"},
        {"seq": 0},
        {"seq": 2},
        {"previous": b"x" * 32},
        {"previous": b""},
        {"day": "yesterday"},
        {"schema": 2},
        {"author": Author.OFFICER},
        {"author": Author.SYSTEM},
        {"officer": OFFICER},
        {"author": Author.OFFICER, "kind": Kind.NOTE, "officer": "Somchai"},
        {"words": None},
        {"kind": Kind.FORM},
        {"kind": Kind.FILE},
        {"file": FILE},
        {"kind": Kind.MESSAGE},
        {"kind": Kind.KEY},
        {"key": ORIGINAL_KEY},
        {"found": ("phone",)},
        {"original": SealedWords(b"x"), "found": ()},
        {"original": OriginalFile(OTHER, 3, FILE.sha256), "found": ("place",)},
    ],
    ids=str,
)
def test_an_impossible_part_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the rules speaks is not the point
        dataclasses.replace(WORDS, **change)


def test_words_longer_than_one_piece_are_refused() -> None:
    with pytest.raises(ValueError, match="one piece"):
        seal_part(dataclasses.replace(WORDS, words="ก" * 400_000), CASE.recipient)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        seal_part(dataclasses.replace(WORDS, words="\ud83d"), CASE.recipient)


def test_an_opened_part_does_not_show_its_words() -> None:
    file_part = ONE_OF_EACH[2]
    shown = (
        repr(dataclasses.replace(WORDS, words="canary")) + repr(file_part) + repr(ONE_OF_EACH[1])
    )
    assert not [secret for secret in ("canary", "ถนน", "bribe") if secret in shown]


def test_each_seal_is_fresh() -> None:
    assert seal_part(WORDS, CASE.recipient).data != seal_part(WORDS, CASE.recipient).data


def test_a_seal_holds_its_place_its_author_and_its_day() -> None:
    value = as_json(WORDS)
    assert value["schema"] == parts.SCHEMA
    assert [value[name] for name in ("tip_id", "part_id", "seq")] == [TIP, PART, 1]
    assert value["previous"] == NOTHING_BEFORE.hex()
    assert [value[name] for name in ("author", "day", "kind")] == ["reporter", DAY, "words"]
