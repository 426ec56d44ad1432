"""Facts as a table: ids for programs, names for people, nothing that runs."""

import csv
import io

from console import csv_cells
from console.answers import TreeCentre
from console.figures.facts import Basis, Fact, Scope
from console.figures.naming import measure_name, value_name
from console.figures.tables import COLUMNS, as_csv
from console.words import words_for

THAI = words_for("th")


def fact(measure: str, *values: str, centre: str = "kkn", n: int = 12) -> Fact:
    return Fact(Scope.NETWORK, Basis.ENDED, centre, "2026-01", "2026-03", measure, values, n)


def read(facts: list[Fact], **names: str) -> list[dict[str, str]]:
    centres = {id: TreeCentre(id=id, name_th=name) for id, name in names.items()}
    data = as_csv(facts, THAI, centres)
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_row_has_ids_months_and_thai_names() -> None:
    (row,) = read([fact("category", "bribe", "land")], kkn="ขอนแก่น")
    assert list(row) == list(COLUMNS)
    assert row == {
        "scope": "network", "basis": "ended", "centre": "kkn", "centre_name": "ขอนแก่น",
        "first_month": "2026-01", "last_month": "2026-03", "months_name": "ม.ค.–มี.ค. 2569",
        "measure": "category", "measure_name": "ประเภท", "values": "bribe|land",
        "values_name": "เรียกรับสินบน + ออกเอกสารสิทธิ", "tips": "12",
    }  # fmt: skip


def test_a_name_that_would_be_a_formula_is_words() -> None:
    hostile = "=cmd|'/c calc'!A0"
    (row,) = read([fact("category", "-1")], kkn=hostile)
    assert row["centre_name"] == f"'{hostile}"
    assert row["values"] == "'-1"
    data = as_csv([fact("category", "-1")], THAI, {"kkn": TreeCentre(id="kkn", name_th=hostile)})
    assert data.startswith(b"\xef\xbb\xbf")
    _, back = csv_cells.read(data.decode("utf-8-sig"))
    assert (back[3], back[9], back[11]) == (hostile, "-1", "12")


def test_ranges_of_days_and_unknown_ids_have_a_name() -> None:
    names = [value_name(THAI, "ended", each) for each in ("7", "15", "more")]
    assert names == ["ไม่เกิน 7 วัน", "8–15 วัน", "เกิน 90 วัน"]
    assert value_name(THAI, "ended", "20") == "ไม่เกิน 20 วัน"
    assert value_name(THAI, "category", "unlisted") == "ไม่อยู่ในรายการ"
    assert value_name(THAI, "category", "of_tomorrow") == "of_tomorrow"
    assert value_name(THAI, "result", "substantiated") != "substantiated"
    assert measure_name(THAI, "of_tomorrow") == "of_tomorrow"
