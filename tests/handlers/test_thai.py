"""Text is made safe without losing a letter, and two ways of typing one word meet."""

import itertools
import sys
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.thai import (
    _LINE_BREAKS,
    _SURROGATES,
    _TO_MEND,
    _TONES_AND_KILLER,
    _UNSAFE,
    _mended,
    clean_words,
    count_graphemes,
    fold,
    letters,
    sound,
    tone_free,
    utf16_units,
)

ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text(
    st.sampled_from("กข่้ำเแา็์ิีุู ํๅ๑.\u200b\u200d\u202e\u2066\ufeff\ud800\x00\r\n😀🇹🇭👍🏽\u0301")
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("เห็นเขาเอาปูนไปทำถนน", "เห็นเขาเอาปูนไปทำถนน"),
        ("บรรทัดหนึ่ง\r\nบรรทัดสอง\rสาม", "บรรทัดหนึ่ง\nบรรทัดสอง\nสาม"),
        ("แท็บ\tอยู่", "แท็บ\tอยู่"),
        ("ศูนย์\x00กลาง\x1b[31m", "ศูนย์กลาง[31m"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("\u2067ซ่อน\u2069", "ซ่อน"),
        ("\ufeffขึ้นต้น", "ขึ้นต้น"),
        ("เเละนํ้า", "เเละนํ้า"),
        ("ตัด\u200bคำ", "ตัด\u200bคำ"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("เสีย\ud83dกลาง", "เสีย\ufffdกลาง"),
    ],
)
def test_cleaning_drops_only_what_could_harm_a_reader(typed: str, kept: str) -> None:
    assert clean_words(typed) == kept


def test_every_character_is_cleaned_as_if_nothing_were_known_of_it() -> None:
    for character in map(chr, range(sys.maxunicode + 1)):
        always = _SURROGATES.sub("\ufffd", _UNSAFE.sub("", _LINE_BREAKS.sub("\n", character)))
        assert clean_words(character) == always


def test_whatever_can_be_mended_is_found_by_the_first_look() -> None:
    marks = f"{_TONES_AND_KILLER}ัิีึืฺุู็ํ๎ำ" + "ากaเ"
    for letters_ in itertools.product(marks, repeat=3):
        key = "".join(letters_)
        assert _mended(key) == (_mended(key) if _TO_MEND.search(key) else key)


@given(ANY_TEXT)
@settings(max_examples=100)
@example("\u202e" * 50)
def test_cleaned_words_always_encode_and_stay_clean(raw_words: str) -> None:
    words = clean_words(raw_words)
    words.encode()
    assert clean_words(words) == words
    assert not set(words) & set("\x00\r\x1b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(st.text(st.sampled_from("กขคงจฉ่้ิีุูำเแโไ ๑๒3abc🙂\n")))
@settings(max_examples=50)
def test_cleaning_leaves_ordinary_writing_alone(words: str) -> None:
    assert clean_words(words) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("แพร่", "เเพร่"),
        ("กำแพงเพชร", "กําแพงเพชร"),
        ("น้ำ", "นํ้า"),
        ("น้ำ", "นำ้"),
        ("ที่", "ท่ี"),
        ("ที่", "ที่่"),
        ("ที่", "ทีี่"),
        ("๑๒๓", "123"),
        ("១២៣", "123"),
        ("ＫＫＮ", "kkn"),
        ("ขอน  แก่น\n", " ขอน แก่น"),
        ("ขอน\u00a0แก่น", "ขอน แก่น"),
        ("ขอน\u200bแก่น", "ขอนแก่น"),
        ("\u202eขอนแก่น\u202c", "ขอนแก่น"),
        ("STRASSE", "straße"),
        ("มหาสารคาม", "มหๅสๅรคๅม"),
    ],
)
def test_two_ways_of_typing_one_word_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("เสือ", "เสื่อ"), ("ตราด", "ตรัง"), ("ขา", "ข้า")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_keys_can_leave_out_tones_spaces_and_spelling() -> None:
    assert tone_free(fold("แพร่")) == tone_free(fold("แพร"))
    assert letters(fold("ข.ก. / ขอน แก่น")) == "ขกขอนแก่น"
    assert sound(fold("กาฬสินธุ์")) == sound(fold("กาลสิน"))
    assert sound(fold("สุพรรณ")) == sound(fold("สุพัน"))


@given(ANY_TEXT)
@settings(max_examples=100)
def test_folding_is_total_and_leaves_no_invisible_character(text: str) -> None:
    key = fold(text)
    key.encode()
    assert key == key.strip()
    assert not set(key) & set("\u200b\u200d\u202e\u2066\ufeff\x00\n")
    sound(key), tone_free(key), letters(key)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("กขค", 3),
        ("น้ำ", 1),
        ("ที่นี่", 2),
        ("เก้าอี้", 4),
        ("ใสสะอาด", 7),
        ("ละเว้นหน้าที่", 9),
        ("e\u0301", 1),
        ("\r\n", 1),
        ("🇹🇭", 1),
        ("🇹🇭🇱🇦🇰", 3),
        ("👍🏽", 1),
        ("👨\u200d👩\u200d👧", 1),
        ("❤️", 1),
        ("1️⃣2️⃣", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        ("ກຳ", 1),
        ("ကား", 3),
    ],
)
def test_graphemes_are_what_a_reader_counts(text: str, count: int) -> None:
    assert count_graphemes(text) == count


@given(ANY_TEXT, ANY_TEXT)
@settings(max_examples=100)
def test_grapheme_counts_are_bounded_and_nearly_add_up(one: str, other: str) -> None:
    assert 0 <= count_graphemes(one) <= len(one)
    assert bool(one) == (count_graphemes(one) > 0)
    assert count_graphemes(one + other) <= count_graphemes(one) + count_graphemes(other)


@given(ANY_TEXT)
@settings(max_examples=50)
def test_utf16_units_are_what_encoding_says(text: str) -> None:
    assert utf16_units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    "flood",
    ["ก", "\u0e49", "ก่", "\u202e", "\u200d", "😀\u200d", "🇹", "\r", "\ufdfa", "่ิ", "ํา"],
    ids=lambda flood: flood.encode("unicode_escape").decode(),
)
def test_a_megabyte_of_anything_is_bounded_work(flood: str) -> None:
    text = flood * (1_000_000 // len(flood))
    before = time.process_time()
    assert len(fold(text)) <= 18 * 400
    clean_words(text)
    count_graphemes(text[:100_000])
    assert time.process_time() - before < 3, "hundreds of times what it takes: not linear"
