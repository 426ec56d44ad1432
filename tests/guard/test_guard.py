"""What leads to somebody is found, what belongs to a case is left alone, nothing found is left."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard import KINDS, load_guard
from tests.stories.engine_room import shared_book

FOLDER = Path(__file__).parent
GUARD = shared_book().guard


def lines(name: str) -> list[str]:
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def telling() -> list[tuple[str, str]]:
    return [
        (kinds, words) for kinds, _, words in (each.partition(" | ") for each in lines("telling"))
    ]


@pytest.mark.parametrize("words", lines("quiet"))
def test_what_belongs_to_a_case_raises_no_alarm(words: str) -> None:
    assert GUARD.look(words, "th") is None


@pytest.mark.parametrize(("kinds", "words"), telling())
def test_what_leads_to_somebody_is_found(kinds: str, words: str) -> None:
    looked = GUARD.look(words, "th")
    assert looked is not None
    assert looked.kinds == tuple(kind for kind in KINDS if kind in kinds.split(","))
    assert not any(digit in looked.words for digit in ("2345678", "8765432", "56789", "00730"))


def test_the_corpora_are_as_large_as_promised() -> None:
    assert len(set(lines("quiet"))) >= 60
    assert len(set(lines("telling"))) >= 40


def test_a_mark_stands_where_something_was_taken_out_in_the_persons_language() -> None:
    for language, mark in (("th", "[เอาเบอร์โทรศัพท์ออก]"), ("en", "[phone number taken out]")):
        looked = GUARD.look("โทร 081-234-5678 หลังหกโมง", language)
        assert looked is not None
        assert looked.words == f"โทร {mark} หลังหกโมง"


def test_a_mark_is_no_hint_for_the_numbers_beside_it() -> None:
    looked = GUARD.look("somchai@example.org เลขบัญชี 1234567890 แล้วก็ 123456789012345", "th")
    assert looked is not None
    assert "123456789012345" in looked.words
    assert GUARD.look(f"{looked.words} 043123456", "th") is None


@pytest.mark.parametrize("wrong", ["1340500945809", "0340500945808", "9340500945808"])
def test_a_number_without_its_check_digit_is_no_national_id(wrong: str) -> None:
    assert GUARD.look(f"บัตรประชาชน {wrong}", "th") is None


def test_nothing_of_a_person_is_in_a_repr() -> None:
    assert "081" not in repr(GUARD.look("โทร 0812345678 กลางคืน", "th"))


PIECES = st.one_of(
    st.sampled_from([words for _, words in telling()]),
    st.sampled_from(lines("quiet")),
    st.sampled_from(
        ["บัญชี ", "โทร", "ไลน์", " @", "\n", " ", "-", "๐๘", "0812345678", "เลขที่ ", "\ud800"]
    ),
    st.text(max_size=12),
    st.text(st.sampled_from(string.digits + " -.()+@/กข"), max_size=40),
)


@given(st.lists(PIECES, max_size=8).map("".join), st.sampled_from(["th", "en"]))
def test_any_text_can_be_looked_at_and_what_was_redacted_holds_no_finding(
    words: str, language: str
) -> None:
    found = GUARD.find(words)
    ends = [0]
    for one in found:
        assert ends[-1] <= one.start < one.end <= len(words)
        assert one.kind in KINDS
        ends.append(one.end)
    looked = GUARD.look(words, language)
    assert (looked is None) == (not found)
    if looked is not None:
        assert GUARD.find(looked.words) == ()
        assert GUARD.look(looked.words, language) is None


@given(st.text(st.sampled_from("0123456789๐๑ -.()/:,@abโทร"), max_size=200))
def test_digits_in_any_arrangement_are_read_without_a_fault(words: str) -> None:
    looked = GUARD.look(words, "th")
    assert looked is None or GUARD.find(looked.words) == ()


def test_every_kind_has_its_mark_in_every_language() -> None:
    words = shared_book().words
    for language in words.languages:
        marks = load_guard(GUARD.marks).marks[language]
        assert set(marks) == set(KINDS)
        assert all(words.text(language, f"seems.{kind}") for kind in KINDS)


def test_a_text_of_nothing_but_digits_is_read_only_so_far() -> None:
    """Somebody who sends ten thousand numbers must not hold up everybody else."""
    many = " ".join("1" * 10_000)
    assert [one.kind for one in GUARD.find(f"โทร 081-234-5678 {many}")] == ["phone"]
    assert GUARD.find(f"{many} โทร 081-234-5678") == ()


@pytest.mark.parametrize("words", ["โทร ๐๘๑๒๓๔๕๖๗๘", "โทร 0８1２3４5６7８", "ไลน์ ｓｏｍｃｈａｉ９"])
def test_a_quick_look_misses_nothing_written_in_other_letters(words: str) -> None:
    """What holds no Latin letter and no digit is not looked at any closer."""
    assert GUARD.look(words, "th") is not None
