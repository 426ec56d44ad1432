"""A published quarter as a sheet: CSV in long form, one line a cell, for spreadsheets and scripts.

UTF-8 with a byte order mark, or Excel takes Thai for something else. A name that a spreadsheet
would take for a formula is made plain text; names come from the operator's own configuration, but a
file that is handed out runs nothing.
"""

import csv
import io
import re
from collections.abc import Iterator

from bot.figures.page import QuarterPage

COLUMNS = ("quarter", "table", "values", "table_th", "values_th", "table_en", "values_en", "tips")
TOTAL = "total"
TOGETHER = " + "
_BEGINS = r"""['" \u00a0\ufeff]*[=+\-@＝＋－＠﹢﹣﹦﹫\t\r\n]"""
_FORMULA = re.compile(rf"(?:^|(?<=[;\t\r\n]))(?={_BEGINS})")
"""Where a spreadsheet may take a cell for a formula: where it begins, and where a program that is
set up for another separator begins a new one (OWASP, CSV Injection)."""


def as_csv(page: QuarterPage) -> bytes:
    """Each shown number of *page*; none that is not. Values that are told together share a line."""
    out = io.StringIO(newline="")
    sheet = csv.writer(out)
    sheet.writerow(COLUMNS)
    for row in _rows(page):
        sheet.writerow(plain(each) if isinstance(each, str) else each for each in row)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def plain(text: str) -> str:
    """*text* so that no spreadsheet takes it for a formula."""
    return _FORMULA.sub("'", text)


def _rows(page: QuarterPage) -> Iterator[tuple[str | int, ...]]:
    if page.total is None:
        return
    quarter = str(page.quarter)
    yield (quarter, TOTAL, "", "เรื่องที่จบ", "", "Tips that ended", "", page.total)
    for table in page.tables:
        for cell in table.cells or ():
            labels = [table.labels[value] for value in cell.values]
            yield (
                quarter,
                table.id,
                TOGETHER.join(cell.values),
                table.title.th,
                TOGETHER.join(label.th for label in labels),
                table.title.en,
                TOGETHER.join(label.en for label in labels),
                cell.n,
            )
