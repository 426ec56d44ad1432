"""Words are found as people type them, in the text as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.folding import fold
from console.shelf.search import (
    AROUND,
    QUERY_AT_MOST,
    Packed,
    excerpt,
    find,
    pack,
    words_of,
)

TOLD = "นายก อบต. เอาน้ำมัน ๓๐๐ ลิตร ไปใส่รถบ้านตัวเอง ทะเบียน 81-4432 ข้างรถเขียนว่า “Rung Rueang”"
letters = st.text(alphabet="กขเแ่้ำําี ิ12๓Aaéß\u200b\ufeff \n中\u0301", max_size=40)


@pytest.mark.parametrize(
    "typed",
    [
        "น้ำมัน",
        "นํ้ามัน",  # the ring before the tone
        "น\u0e49\u0e4d\u0e32มัน",  # the ring and aa apart
        "น้\u200bำมัน",
        "300 ลิตร",
        "๓๐๐",
        "３００",
        "rung RUEANG",
        "Ｒung",
        "ทะเบียน ๘๑-๔๔๓๒",
        "รถบ้าน นายก",  # in any order
        "  อบต.  ",
        "",
    ],
)
def test_what_is_written_otherwise_is_found(typed: str) -> None:
    assert find(typed, {"tip": pack(TOLD)}) == {"tip"}


@pytest.mark.parametrize("typed", ["น้า", "น้ำมันดีเซล", "นายก กำนัน", "3000", "x"])
def test_what_is_not_there_is_not_found(typed: str) -> None:
    assert find(typed, {"tip": pack(TOLD)}) == frozenset()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("แม่", "เเม่"),
        ("ที่", "ท\u0e48\u0e35"),
        ("Straße", "STRASSE"),
        ("é", "e\u0301"),
        ("ก ข", "ก \u200b\n  ข"),
        ("๒๕๖๙", "2569"),
        ("٣", "3"),
    ],
)
def test_two_ways_to_write_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_a_word_of_another_script_is_found_and_lost_nowhere() -> None:
    texts = {"thai": pack("เห็นป้าย"), "both": pack("เห็นป้าย 公司 ที่หน้าบ้าน")}
    assert isinstance(texts["thai"].folded, bytes)
    assert find("公司", texts) == {"both"}
    assert find("ป้าย", texts) == {"thai", "both"}


@given(letters, letters)
def test_searching_equals_a_naive_look(text: str, query: str) -> None:
    naive = all(word in fold(text) for word in words_of(query))
    assert (find(query, {"tip": pack(text)}) == {"tip"}) == naive


@given(letters)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(letters, letters, letters)
def test_an_excerpt_is_the_text_with_every_hit_marked(before: str, word: str, after: str) -> None:
    packed = pack(before + word + after)
    pieces = excerpt(packed, word)
    shown = "".join(piece.text for piece in pieces if piece.text != "…")
    assert shown in before + word + after
    if words_of(word) and find(word, {"tip": packed}):
        hits = [fold(piece.text) for piece in pieces if piece.is_hit]
        assert hits
        assert all(any(each in hit for each in words_of(word)) for hit in hits)


def test_an_excerpt_stands_around_the_first_hit() -> None:
    packed = pack("ก" * 500 + " น้ำมันรถ " + "ข" * 500)
    pieces = excerpt(packed, "นํ้ามัน")
    assert [piece.text for piece in pieces if piece.is_hit] == ["น้ำมัน"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert len("".join(piece.text for piece in pieces)) < 4 * AROUND
    assert excerpt(packed, "ไม่มี") == ()


def test_a_long_query_and_a_tower_of_marks_cost_little() -> None:
    tower = "ก" + "้" * 50_000
    assert find(tower, {"tip": pack(tower)}) == {"tip"}
    assert len("".join(words_of(tower))) <= QUERY_AT_MOST


def test_a_repr_shows_no_words() -> None:
    packed = pack(TOLD)
    assert isinstance(packed, Packed)
    assert "นายก" not in repr(packed)
