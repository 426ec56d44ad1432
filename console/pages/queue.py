"""The queue's page: what an officer wants to see of the queue in memory, and what is new in it.

What is typed as a search never stands in an address, where a browser would keep it: it is sent as a
form, held in this window's memory, and goes at lock. Script asks for the same rows that the page
shows (`/queue/rows`), and whether they have changed (`/queue/pulse`); that does not count as being
there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from console import days, present
from console.errors import ConsoleError
from console.office import Office
from console.office_rows import Row
from console.pages.sections import WATCHERS
from console.pages.views import TABS, Frame, choices
from console.pages.window import (
    Form,
    Window,
    check_cookie,
    form_of,
    frame_of,
    here_of,
    inside,
    let_in,
    shelf_of,
)
from console.saved_views import SavedView, SavedViews
from console.shelf.index import Index, Progress
from console.shelf.keeping import Shelf
from console.shelf.search import QUERY_AT_MOST, Piece
from console.shelf.sought import MARKS, ORDERS, Sought, fits, found
from console.words import Words

VALUE_AT_MOST = 100
_TAB_MARKS = {"reopened": ("reopened",)}
TICKS = tuple(name for name in MARKS if name != "reopened")  # that one has a tab
PAGES_AT_MOST = 100_000
_OF_TAB = {
    name: Sought(statuses, frozenset(_TAB_MARKS.get(name, ()))) for name, statuses in TABS.items()
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address of the queue says. Anything that is none of its values counts as not said."""

    tab: str = "all"
    marks: tuple[str, ...] = ()
    province: str = ""
    category: str = ""
    order: str = "newest"
    page: int = 1

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Asked":
        number = told.get("page", "")
        is_page = number.isascii() and number.isdigit() and len(number) < len(str(PAGES_AT_MOST))
        return cls(
            tab=told["tab"] if told.get("tab") in TABS else "all",
            marks=tuple(name for name in TICKS if told.get(name)),
            province=told.get("province", "")[:VALUE_AT_MOST],
            category=told.get("category", "")[:VALUE_AT_MOST],
            order=told["order"] if told.get("order") in ORDERS else "newest",
            page=max(1, int(number)) if is_page else 1,
        )

    @property
    def filters(self) -> dict[str, str]:
        """Everything but the page, as an address says it."""
        told = {
            "tab": "" if self.tab == "all" else self.tab,
            **dict.fromkeys(self.marks, "1"),
            "province": self.province,
            "category": self.category,
            "order": "" if self.order == "newest" else self.order,
        }
        return {name: value for name, value in told.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves tips of its tab out."""
        return bool(self.marks or self.province or self.category)

    @property
    def link(self) -> str:
        page = {} if self.page == 1 else {"page": str(self.page)}
        query = urlencode({**self.filters, **page})
        return f"/?{query}" if query else "/"

    def sought(self, words: str) -> Sought:
        its = _OF_TAB[self.tab]
        return Sought(
            statuses=its.statuses,
            marks=its.marks | frozenset(self.marks),
            province=self.province or None,
            category=self.category or None,
            order=self.order,
            words=words,
        )


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row, ready for its template."""

    row: Row
    title: str
    marks: Sequence[present.Mark]
    clock: str | None
    clock_tone: str
    problem: str | None
    excerpt: Sequence[Piece] = field(repr=False)


def add_queue(app: FastAPI, window: Window) -> None:
    @app.get("/")
    async def queue(request: Request) -> Response:
        office = let_in(window, request)
        me = await office.me()
        if not me.has_queue:  # who reads no tips has nothing here
            watches = not WATCHERS.isdisjoint(me.roles)
            return RedirectResponse("/audit" if watches else "/figures", 303)
        shelf = shelf_of(window)
        await shelf.begun()
        asked = Asked.of(request.query_params)
        trust = await office.trust()
        frame = await frame_of(window, office, here_of(request))
        views, views_problem = _views(window, office)
        return window.pages.show(
            "queue.html",
            frame,
            200,
            **_rows(window, shelf, asked),
            marks=TICKS,
            orders=ORDERS,
            provinces=choices(frame.words, "province"),
            categories=choices(frame.words, "category"),
            clear=Asked(tab=asked.tab).link,
            views=views,
            views_problem=views_problem,
            warning=present.roster_warning(frame.words, trust.roster, days.today()),
        )

    @app.get("/queue/rows")
    async def rows(request: Request) -> Response:
        check_cookie(window, request)
        shelf = shelf_of(window)
        return _only_rows(window, shelf, Asked.of(request.query_params))

    @app.get("/queue/pulse")
    async def pulse(request: Request) -> Response:
        check_cookie(window, request)
        if window.room.shelf is None:
            return JSONResponse({"is_locked": True})
        now = window.room.shelf.index.progress
        told = _progress(window.words, now)
        return JSONResponse({"change": now.change, "arrived": now.arrived, **told})

    @app.post("/queue/search")
    async def search(request: Request) -> Response:
        form = await form_of(window, request)
        let_in(window, request)
        window.searched = form.get("words", "")[:QUERY_AT_MOST]
        asked = _asked_from(form)
        if form.get("only") == "rows":
            return _only_rows(window, shelf_of(window), asked)
        return RedirectResponse(asked.link, 303)

    @app.post("/queue/refresh")
    async def refresh(request: Request) -> Response:
        form = await form_of(window, request)
        let_in(window, request)
        shelf_of(window).look_again()
        return RedirectResponse(inside(form.get("back", "/")), 303)

    _add_views(app, window)


def _add_views(app: FastAPI, window: Window) -> None:
    @app.post("/views/save")
    async def save(request: Request) -> Response:
        form = await form_of(window, request)
        office = let_in(window, request)
        asked = _asked_from(form)
        view = SavedView(form.get("name", ""), asked.filters, window.searched)
        SavedViews(window.room.folder, office.keys).save(view)
        return RedirectResponse(asked.link, 303)

    @app.post("/views/open")
    async def open_view(request: Request) -> Response:
        form = await form_of(window, request)
        office = let_in(window, request)
        for view in SavedViews(window.room.folder, office.keys).all():
            if view.name == form.get("name"):
                window.searched = view.words[:QUERY_AT_MOST]
                return RedirectResponse(Asked.of(view.filters).link, 303)
        return RedirectResponse("/", 303)

    @app.post("/views/remove")
    async def remove(request: Request) -> Response:
        form = await form_of(window, request)
        office = let_in(window, request)
        SavedViews(window.room.folder, office.keys).remove(form.get("name", ""))
        return RedirectResponse(inside(form.get("back", "/")), 303)


# --- pieces


def _asked_from(form: Form) -> Asked:
    """The filters that stood in the address of the page with the form."""
    told = dict(parse_qsl(form.get("query", "").removeprefix("?")[:2000]))
    return replace(Asked.of(told), page=1)


def _only_rows(window: Window, shelf: Shelf, asked: Asked) -> Response:
    frame = Frame(window.words, window.key.form_token)
    return window.pages.show("queue_rows.html", frame, 200, **_rows(window, shelf, asked))


def _rows(window: Window, shelf: Shelf, asked: Asked) -> dict[str, object]:
    index, words = shelf.index, window.words
    wanted = found(index, replace(asked, tab="all").sought(window.searched))
    rows = [row for row in wanted if fits(row, _OF_TAB[asked.tab])]
    size = window.preferences.page_size
    pages = max(1, -(-len(rows) // size))
    asked = replace(asked, page=min(asked.page, pages))
    first = (asked.page - 1) * size
    tabs = {name: sum(fits(row, its) for row in wanted) for name, its in _OF_TAB.items()}
    now = index.progress
    return {
        "asked": asked,
        "searched": window.searched,
        "rows": [_row(words, index, row, window.searched) for row in rows[first : first + size]],
        "first": first + 1,
        "count": len(rows),
        "pages": pages,
        "earlier": replace(asked, page=asked.page - 1).link if asked.page > 1 else None,
        "later": replace(asked, page=asked.page + 1).link if asked.page < pages else None,
        "tabs": [(name, replace(asked, tab=name, page=1).link, tabs[name]) for name in TABS],
        "progress": now,
        "told": _progress(words, now),
    }


def _row(words: Words, index: Index, row: Row, searched: str) -> ShownRow:
    tip_id = row.shown.tip_id
    tracks = index.tracks
    if tracks is not None and row.summary is not None and row.summary.is_verified:
        row = replace(row, track=tracks.of(row.summary, tip_id, row.shown.filed_day))
    return ShownRow(
        row=row,
        title=present.title(words, row),
        marks=present.marks(words, row),
        clock=present.clock(words, row.left, row.warn_days),
        clock_tone=present.clock_tone(row.left, row.warn_days),
        problem=None if row.problem is None else present.explain(words, row.problem),
        excerpt=index.excerpt(tip_id, searched) if searched.strip() else (),
    )


def _progress(words: Words, now: Progress) -> dict[str, str]:
    """How far the queue is known, in words; empty where there is nothing to say."""
    told = ""
    if not now.is_whole:
        told = words.say("queue.opening", n=f"{now.listed:,}")
    elif now.is_full:
        told = words.say("queue.searched_at_most", n=f"{now.searched:,}", of=f"{now.readable:,}")
    elif now.searched < now.readable:
        told = words.say("queue.searched", n=f"{now.searched:,}", of=f"{now.readable:,}")
    trouble = "" if now.trouble is None else present.explain(words, now.trouble)
    return {"progress": told, "trouble": trouble}


def _views(window: Window, office: Office) -> tuple[Sequence[SavedView], str | None]:
    """The saved views, or why they cannot be read: the queue is shown all the same."""
    try:
        return SavedViews(window.room.folder, office.keys).all(), None
    except ConsoleError as error:
        return (), present.explain(window.words, error)
