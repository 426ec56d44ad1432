"""Words in lines: nothing lost, nothing torn, nothing too wide."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts.text import LINES_AT_MOST, clipped, lines_of, plain, width

THAI = "รวมกัน: ขัดกันแห่งผลประโยชน์ + ปฏิบัติหรือละเว้นหน้าที่โดยมิชอบ + ฝ่าฝืนจริยธรรมร้ายแรง + อีก 5 เรื่อง ที่น้ำท่วม"
words = st.one_of(st.text(max_size=200), st.integers(0, len(THAI)).map(lambda n: THAI[:n]))


@given(words, st.integers(40, 400))
def test_lines_hold_the_words_as_they_are(told: str, room: int) -> None:
    lines = lines_of(told, room)
    assert 1 <= len(lines) <= LINES_AT_MOST
    whole = "".join(plain(told).split())
    back = "".join("".join(lines).split())
    assert back == whole or (back.endswith("…") and whole.startswith(back[:-1]))
    for line in lines:
        assert width(line) <= room
        assert line == line.strip()


@pytest.mark.parametrize("room", range(30, 300))
def test_no_thai_letter_is_torn_from_its_marks(room: int) -> None:
    for line in (*lines_of(THAI, room), clipped(THAI, room)):
        bare = line.removesuffix("…")
        assert not bare or unicodedata.category(bare[0]) != "Mn"
        assert not bare or bare[0] not in "ะาำๆฯ"
        assert not bare or bare[-1] not in "เแโใไ"


def test_a_space_between_words_stays() -> None:
    assert lines_of("a + 5 more", 500) == ("a + 5 more",)
    last = lines_of("conflict of interest + serious breach of ethics + 5 more", 150)[-1]
    assert "5more" not in last
    assert clipped("short", 200) == "short"


def test_what_turns_or_hides_is_left_out() -> None:
    assert plain("\u202eab\x00\x07c\n d\ufffe\u200b") == "abc d\u200b"
