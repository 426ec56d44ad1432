"""Tables as CSV that no spreadsheet program carries out: every CSV of the console is written here.

A cell that begins with = + - @, a tab or a line's end may be taken for a formula, also when it was
quoted, and also behind a semicolon, a tab or a line's end within it, because a program set up for
another separator begins a new cell there. An apostrophe goes before each of these places, as OWASP
advises (CSV Injection); `read` takes just these away again, so that nothing is lost. Pure.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

Cell = str | int | float

_BEGINS = "=+\\-@＝＋－＠﹢﹣﹦﹫"
_PADS = "'\" \u00a0\ufeff"
_FIRST = rf"(?=[{_PADS}]*[{_BEGINS}\t\r\n])"
_LATER = rf"(?=[{_PADS}]*[{_BEGINS}])"
_WRITTEN = re.compile(rf"^{_FIRST}|(?<=[;\t\r\n]){_LATER}")
_READ = re.compile(rf"^'{_FIRST}|(?<=[;\t\r\n])'{_LATER}")
"""An apostrophe of theirs stands among the pads: so one of ours is always the outermost, and
`_READ` finds just the places of `_WRITTEN`."""


def written(rows: Iterable[Sequence[Cell]]) -> str:
    """*rows* as CSV (RFC 4180: every cell in quotes, CRLF). A number stays a number."""
    out = io.StringIO(newline="")
    writing = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in rows:
        writing.writerow([calm_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def read(text: str) -> list[list[str]]:
    """The cells that `written` was given. Raises csv.Error for what is no CSV."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return [[_READ.sub("", cell) for cell in row] for row in rows]


def calm_cell(cell: str) -> str:
    """*cell* so that a spreadsheet program takes it for text."""
    return _WRITTEN.sub("'", cell)
