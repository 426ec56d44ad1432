"""Every drawing, of whatever numbers and words: valid, readable, true."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charts import (
    AT_MOST,
    NARROWEST,
    Amount,
    Bar,
    Column,
    Under,
    bars,
    columns,
    lines,
    parts_of_hundred,
    share,
)
from charts import ticks as round_ticks
from tests.charts.boxes import SVG, boxes, outside, overlapping, pixels, read

WIDTHS = (NARROWEST, 320, 520, 900)
THAI = [
    "ปฏิบัติหรือละเว้นหน้าที่โดยมิชอบ", "งบประมาณ/โครงการ/เบิกจ่ายเท็จ", "ฝ่าฝืนจริยธรรมร้ายแรง", "จัดซื้อจัดจ้าง",
    "ศูนย์ประสานงานเครือข่ายภาคประชาสังคมจังหวัดหนองบัวลำภูและอำเภอใกล้เคียงทั้งหมด", "ม.ค.", "2569", "",
]  # fmt: skip
MARKUP = ["<script>alert(1)</script>", "a & b", '" onload="x', "]]>", "\x00\x07\ufffe", "\u202eabc"]

words = st.one_of(st.sampled_from(THAI + MARKUP), st.text(max_size=60))
amounts: st.SearchStrategy[Amount] = st.one_of(
    st.none(),
    st.integers(0, 40),
    st.integers(-(10**30), 10**400),
    st.floats(allow_nan=True, allow_infinity=True),
    st.builds(Under, st.integers(-3, 10**20)),
)
rows = st.lists(st.builds(Bar, words, amounts, st.one_of(st.just(""), words)), max_size=60)
MONTHS = (
    "ม.ค.",
    "ก.พ.",
    "มี.ค.",
    "เม.ย.",
    "พ.ค.",
    "มิ.ย.",
    "ก.ค.",
    "ส.ค.",
    "ก.ย.",
    "ต.ค.",
    "พ.ย.",
    "ธ.ค.",
)


def months_of(values: Sequence[tuple[Amount, ...]], first: int = 0) -> list[Column]:
    return [
        Column(MONTHS[(first + n) % 12], str(2566 + (first + n) // 12), told)
        for n, told in enumerate(values)
    ]


months = st.builds(
    months_of, st.lists(st.lists(amounts, max_size=7).map(tuple), max_size=60), st.integers(0, 11)
)
series = st.lists(words, max_size=7)


def holds(svg: str) -> None:
    """What is true of every drawing."""
    root = read(svg)
    assert root.tag == f"{SVG}svg"
    assert "style" not in {name for one in root.iter() for name in one.attrib}
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        *("svg", "title", "desc", "defs", "pattern", "path", "circle", "line", "rect", "text"),
    }
    assert not any(name.startswith("on") for one in root.iter() for name in one.attrib)
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for one in root.iter():
        fill = one.get("fill", "")
        assert not fill.startswith("url(") or fill[5:-1] in ids
        for name in ("x", "width", "cx", "x1", "x2"):
            if (place := one.get(name)) and place.endswith("%"):
                assert -0.01 <= float(place[:-1]) <= 100.01
        assert float(one.get("height", "0")) >= 0
    for wide in WIDTHS:
        assert overlapping(svg, wide) == []
        assert outside(svg, wide) == []


@given(words, words, rows)
@example("", "", [])
@example("a", "b", [Bar("x", 10**9), Bar("y", 0), Bar("z", Under(10))])
@example("a", "b", [Bar("x", Under(10), "อยู่กับ อื่น ๆ และ จัดซื้อจัดจ้าง และ ยักยอก")])
def test_bars_are_drawn_of_anything(title: str, about: str, told: list[Bar]) -> None:
    holds(bars("figures", title, about, told))


@given(words, series, months, st.booleans())
@example("", [], [], True)
def test_columns_are_drawn_of_anything(
    title: str, names: list[str], told: list[Column], is_stacked: bool
) -> None:
    holds(columns("figures", title, "about", names, told, stacked=is_stacked))


@given(words, series, months)
@example("", [], [])
def test_lines_are_drawn_of_anything(title: str, names: list[str], told: list[Column]) -> None:
    holds(lines("figures", title, "about", names, told))


@given(words, st.lists(st.builds(Bar, words, amounts), max_size=9))
@example("", [])
def test_shares_are_drawn_of_anything(title: str, told: list[Bar]) -> None:
    holds(share("figures", title, "about", told))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 12, 13, 24, 36, 60])
@pytest.mark.parametrize("first", range(12))
def test_months_stand_beside_each_other_and_each_year_is_said(n: int, first: int) -> None:
    told = months_of([(1200, Under(10))] * n, first)
    for svg in (columns("a", "t", "d", ["x", "y"], told), lines("a", "t", "d", ["x", "y"], told)):
        holds(svg)
        said = {box.words for box in boxes(svg, 520)}
        full = {column.era for column in told if sum(c.era == column.era for c in told) >= 8}
        assert full <= said
        assert said & set(MONTHS)


@given(words)
def test_a_word_is_never_markup(word: str) -> None:
    drawn = bars(word, word, word, [Bar(word, 1, word)])
    assert len(list(read(drawn).iter(f"{SVG}text"))) >= 3
    assert "<script" not in drawn


def test_a_word_stands_as_it_is() -> None:
    drawn = read(bars("a", "ก < ข & ค", "d", [Bar('<b>"x"</b>', 3)]))
    assert drawn.findtext(f"{SVG}title") == "ก < ข & ค"
    assert '<b>"x"</b>' in [one.text for one in drawn.iter(f"{SVG}text")]


@given(st.one_of(st.integers(0, 10**13), st.floats(0, 1e13)), st.integers(1, 10))
def test_ticks_are_round_from_nought_and_reach_the_top(top: float, at_most: int) -> None:
    marks = round_ticks(top, at_most)
    step = marks[1]
    assert marks[0] == 0
    assert marks[-1] >= top
    assert 1 <= len(marks) - 1 <= at_most
    assert {b - a for a, b in pairwise(marks)} == {step}
    assert int(str(step).rstrip("0")) in (1, 2, 5)
    # No rounder step with as few ticks would reach it: nothing is wasted above the top.
    assert marks[-1] - step < max(top, 1)


@pytest.mark.parametrize(
    ("top", "marks"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (7, (0, 2, 4, 6, 8)),
        (60, (0, 20, 40, 60)),
        (101, (0, 50, 100, 150)),
    ],
)
def test_ticks_are_those_a_person_would_choose(top: int, marks: tuple[int, ...]) -> None:
    assert round_ticks(top, 4) == marks


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_bars_are_as_long_as_their_numbers(numbers: list[int]) -> None:
    drawn = read(bars("a", "t", "d", [Bar(str(n), each) for n, each in enumerate(numbers)]))
    longest = max(numbers)
    found = [float(one.get("width", "")[:-1]) for one in drawn.iter(f"{SVG}rect")]
    told = [each for each in numbers if each]
    assert len(found) == len(told)
    for long, each in zip(found, told, strict=True):
        assert long == pytest.approx(max(found) * each / longest, abs=0.01)


def test_columns_stand_on_nought_and_stack_without_a_gap() -> None:
    told = months_of([(3, 4), (5, 0)])
    drawn = read(columns("a", "t", "d", ["x", "y"], told, stacked=True))
    rects = [one for one in drawn.iter(f"{SVG}rect") if one.find(f"{SVG}title") is not None]
    first, second, third = rects
    floor = float(first.get("y", "")) + float(first.get("height", ""))
    assert float(second.get("y", "")) + float(second.get("height", "")) == pytest.approx(
        float(first.get("y", "")), abs=0.02
    )
    assert float(third.get("y", "")) + float(third.get("height", "")) == pytest.approx(floor)
    assert float(first.get("height", "")) * 5 == pytest.approx(
        float(third.get("height", "")) * 3, abs=0.1
    )


@pytest.mark.parametrize("draw", [columns, lines])
def test_what_is_not_told_is_hatched_and_said(draw: object) -> None:
    svg = draw("a", "t", "d", ["x"], months_of([(Under(10),), (20,), (None,)]))  # type: ignore[operator]  # one of the two above
    assert svg.count('fill="url(#a-hatch)"') == 1
    assert "&lt;10" in svg
    assert "–" not in "".join(box.words for box in boxes(svg, 900))


def test_a_line_breaks_where_nothing_is_known() -> None:
    drawn = read(lines("a", "t", "d", ["x"], months_of([(1,), (2,), (None,), (3,), (4,)])))
    segments = [one for one in drawn.iter(f"{SVG}line") if one.get("class") == "chart-l1"]
    assert len(segments) == 2
    assert pixels(segments[0].get("x2", ""), 100) < pixels(segments[1].get("x1", ""), 100)


def test_series_are_told_apart_without_colour() -> None:
    svg = columns("a", "t", "d", list("uvwxyz"), months_of([(1, 2, 3, 4, 5, 6)]))
    painted = {
        one.get("fill")
        for one in read(svg).iter(f"{SVG}rect")
        if one.find(f"{SVG}title") is not None
    }
    assert len(painted) == 6
    assert sum(fill.startswith("url(") for fill in painted if fill) == 5
    drawn = read(lines("a", "t", "d", list("uvwxyz"), months_of([(1, 2, 3, 4, 5, 6)] * 2)))
    assert (
        len(
            {
                one.get("stroke-dasharray")
                for one in drawn.iter(f"{SVG}line")
                if "chart-l" in one.get("class", "")
            }
        )
        == 6
    )


@given(st.lists(st.integers(0, 10**6), max_size=12))
def test_hundredths_add_up(numbers: list[int]) -> None:
    parts = parts_of_hundred(numbers)
    assert sum(parts) == (100 if sum(numbers) else 0)
    for part, each in zip(parts, numbers, strict=False):
        assert abs(part - 100 * each / sum(numbers)) < 1


def test_no_hundredths_are_said_where_one_part_is_not_told() -> None:
    svg = share("a", "t", "d", [Bar("x", 30), Bar("y", Under(10))])
    assert "%)" not in svg
    assert "(75 %)" in share("a", "t", "d", [Bar("x", 30), Bar("y", 10)])


def test_a_number_beyond_bounds_is_said_as_at_least_the_bound() -> None:
    assert f"≥ {AT_MOST:,}" in bars("a", "t", "d", [Bar("x", 10**400)])


def test_what_is_told_of_several_together_looks_like_no_one_thing() -> None:
    told = [Bar("ก", 36), Bar("ข + ค", 12, is_mixed=True)]
    for svg in (bars("a", "t", "d", told), share("a", "t", "d", told)):
        hatched = [
            one for one in read(svg).iter(f"{SVG}rect") if one.get("fill") == "url(#a-hatch)"
        ]
        assert hatched
        assert all(one.findtext(f"{SVG}title") in (None, "ข + ค: 12") for one in hatched)
    assert "(25 %)" in share("a", "t", "d", told)
