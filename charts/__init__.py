"""Numbers and words in, a drawing out: plain SVG with real text, for a page without a script.

Pure. A drawing has no size of its own: it is as wide as what holds it, from `NARROWEST` pixels on,
and its letters stay as large as the page's. It never raises for a number, whatever it is; an amount
that is not told is drawn as a hatched piece of what it may be at most. A drawing never says
anything alone: the page says the same in a table beside it.
"""

from charts.amounts import AT_MOST, Amount, Bar, Column, Under
from charts.bars import bars
from charts.months import columns, lines
from charts.scale import ticks
from charts.share import parts_of_hundred, share
from charts.style import STYLES, read_styles
from charts.text import NARROWEST

__all__ = [
    "AT_MOST",
    "NARROWEST",
    "STYLES",
    "Amount",
    "Bar",
    "Column",
    "Under",
    "bars",
    "columns",
    "lines",
    "parts_of_hundred",
    "read_styles",
    "share",
    "ticks",
]
