"""The public page of figures: quarters as they were published, to read and to take along.

GET  /figures                     the quarters there are
GET  /figures/2026-Q3             one of them; .json: what was signed, .csv: the same numbers
GET  /figures/2026-Q3/TABLE.svg   a table as bars

Starts no session and knows no visitor. Shows what was published and nothing else: a page whose
signature does not hold is not shown. Every number stands in a table; the drawing beside it is for
whoever has drawings (Tor Browser's safest level shows none).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.channels.web.page import Pages
from bot.channels.web.parts import Quarters
from bot.errors import AlteredQuarter
from bot.figures.page import ShownTable
from bot.figures.publishing import Published
from bot.figures.quarters import Quarter
from bot.figures.sheet import as_csv
from bot.figures.suppressing import Cell
from bot.logs import logger
from charts import Bar, bars, parts_of_hundred
from handlers.date_words import MONTHS_EN, MONTHS_TH
from sealing import canonical

AN_HOUR = "public, max-age=3600"
"""Long enough to spare a slow line, short enough for the page to be taken down."""
BUDDHIST_ERA = 543
_FONT = "system-ui, 'Noto Sans Thai', 'Leelawadee UI', Thonburi, sans-serif"
_HEIGHT = re.compile(r'<svg [^>]*\bheight="([0-9.]+)"')


class NotThere(Exception):
    """No such page; the address is whatever somebody typed."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A line of a table: *names* of more than one value are told together. *share* is in whole
    hundredths of all tips."""

    names: tuple[str, ...]
    n: str
    share: int


@dataclass(frozen=True, slots=True)
class Section:
    """A table as the template shows it; without *rows* it says why. *height* is the drawing's, in
    pixels."""

    id: str
    title: str
    rows: tuple[ShownRow, ...]
    height: str


class FiguresPage:
    """Answers requests for figures."""

    def __init__(self, pages: Pages, quarters: Quarters, style: bytes) -> None:
        """*style* is the page's own style sheet, which starts no session here."""
        self._pages = pages
        self._quarters = quarters
        self._style = style

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("/figures", self.index),
            Route("/figures/page.css", self.style),
            Route("/figures/{name}", self.quarter),
            Route("/figures/{name}/{table}.svg", self.drawing),
        )

    async def index(self, request: Request) -> Response:
        language = self._pages.language(request.query_params.get("lang"))
        quarters = await self._quarters.quarters()
        shown = [(str(each), self._say(each, language)) for each in quarters]
        return _kept(HTMLResponse(self._pages.render("figures.html", language, quarters=shown)))

    async def quarter(self, request: Request) -> Response:
        """A quarter's page, or what it holds as a file. Raises NotThere."""
        name, _, kind = request.path_params["name"].partition(".")
        language = self._pages.language(request.query_params.get("lang"))
        try:
            published = await self._published(name)
        except AlteredQuarter as error:
            logger().error("quarter_refused", channel="web", error=type(error).__name__)
            return HTMLResponse(self._pages.plain(language, "figures_altered"), 503)
        if kind == "json":
            return _kept(_file(self._as_json(published), "application/json", f"{name}.json"))
        if kind == "csv":
            return _kept(_file(as_csv(published.page), "text/csv", f"{name}.csv"))
        if kind:
            raise NotThere
        return _kept(HTMLResponse(self._html(published, language)))

    async def drawing(self, request: Request) -> Response:
        """A table of a quarter as bars. Raises NotThere."""
        language = self._pages.language(request.query_params.get("lang"))
        try:
            published = await self._published(request.path_params["name"])
        except AlteredQuarter:
            raise NotThere from None  # the page itself says it
        for table in published.page.tables:
            if table.id == request.path_params["table"] and _tells(table):
                return _kept(Response(self._drawn(table, language), media_type="image/svg+xml"))
        raise NotThere

    async def style(self, _: Request) -> Response:
        return _kept(Response(self._style, media_type="text/css"))

    # --- laying out ------------------------------------------------------------------------------

    async def _published(self, name: str) -> Published:
        try:
            quarter = Quarter.parse(name)
        except ValueError:
            raise NotThere from None
        published = await self._quarters.get(quarter)
        if published is None:
            raise NotThere
        return published

    def _html(self, published: Published, language: str) -> str:
        page = published.page
        return self._pages.render(
            "quarter.html",
            language,
            name=str(page.quarter),
            says=self._say(page.quarter, language),
            k=page.k,
            total=None if page.total is None else f"{page.total:,}",
            sections=[self._section(each, language) for each in page.tables],
            hash=published.hash.hex(),
        )

    def _section(self, table: ShownTable, language: str) -> Section:
        title, height = table.title.in_language(language), "0"
        rows: tuple[ShownRow, ...] = ()
        if _tells(table):
            rows = tuple(_rows(table, table.cells or (), language))
            found = _HEIGHT.match(self._drawn(table, language))
            height = found[1] if found else "0"
        return Section(table.id, title, rows, height)

    def _drawn(self, table: ShownTable, language: str) -> str:
        def name(cell: Cell) -> str:
            if cell.is_together:
                return self._pages.t(language, "figures_together", count=len(cell.values))
            return table.labels[cell.values[0]].in_language(language)

        title = table.title.in_language(language)
        about = self._pages.t(language, "figures_drawing")
        shown = [Bar(name(cell), cell.n) for cell in table.cells or ()]
        svg = bars(table.id, title, about, shown)
        return svg.replace("<svg ", f'<svg font-family="{_FONT}" ', 1)

    def _say(self, quarter: Quarter, language: str) -> str:
        """The quarter as people write it, in the era of the language."""
        months = MONTHS_TH if language == "th" else MONTHS_EN
        first = quarter.first_day.month
        return self._pages.t(
            language,
            "figures_quarter",
            number=quarter.number,
            year=quarter.year + (BUDDHIST_ERA if language == "th" else 0),
            first=months[first - 1],
            last=months[first + 1],
        )

    def _as_json(self, published: Published) -> bytes:
        """The page with what proves it. Whoever writes *page* canonically (RFC 8785) again has the
        bytes that were hashed."""
        return canonical.write(
            {
                "page": canonical.read(published.data),
                "hash": published.hash.hex(),
                "signature": published.signature.hex(),
                "key": str(self._quarters.key),
            }
        )


def _tells(table: ShownTable) -> bool:
    """Whether the table says more than the total."""
    return table.cells is not None and len(table.cells) > 1


def _rows(table: ShownTable, cells: Sequence[Cell], language: str) -> Iterator[ShownRow]:
    shares = parts_of_hundred([cell.n for cell in cells])
    for cell, share in zip(cells, shares, strict=True):
        names = tuple(table.labels[value].in_language(language) for value in cell.values)
        yield ShownRow(names, f"{cell.n:,}", share)


def _file(body: bytes, media_type: str, name: str) -> Response:
    attached = f'attachment; filename="saisaat-{name}"'
    return Response(body, media_type=media_type, headers={"content-disposition": attached})


def _kept(answer: Response) -> Response:
    """*answer*, which whoever carries it may keep: everybody gets the same."""
    answer.headers["cache-control"] = AN_HOUR
    return answer
