"""The audit trail as a page: whether it is whole, up to where somebody vouched for it, what was
done; and vouching for it.

It is fetched and checked once, and held in memory until the lock; the page says when it was looked
at. What is filtered is filtered here, so the desk does not learn what an auditor looks for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from console import audit, days, present
from console.answers import TreeCentre
from console.audit import Checked, Row
from console.errors import ConsoleError, Mistaken
from console.findings import Signers
from console.office import Office
from console.pages.window import Window, form_of, frame_of, let_in, status_of, trail_of
from console.words import Words
from sealing import SERVER, Role

VALUE_AT_MOST = 100
PAGE_DIGITS = 6
FOUND_SHOWN = 100
DAYS_SHOWN = 60
AGAIN_S = 2
"""So soon a page that waits for a long look asks again by itself."""
_GOOD = (None, "signed", "former")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address of the page says. Anything that is none of its values counts as not said."""

    officer: str = ""
    deed: str = ""
    centre: str = ""
    since: str = ""
    until: str = ""
    page: int = 1

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Asked":
        number = told.get("page", "")
        is_page = number.isascii() and number.isdigit() and len(number) <= PAGE_DIGITS
        return cls(
            officer=told.get("officer", "")[:VALUE_AT_MOST],
            deed=told.get("deed", "")[:VALUE_AT_MOST],
            centre=told.get("centre", "")[:VALUE_AT_MOST],
            since=days.parse_day(told.get("since", "")) or "",
            until=days.parse_day(told.get("until", "")) or "",
            page=max(1, int(number)) if is_page else 1,
        )

    def link(self, page: int) -> str:
        """The address of that page of what is asked for."""
        told = {
            "officer": self.officer,
            "deed": self.deed,
            "centre": self.centre,
            "since": self.since,
            "until": self.until,
            "page": "" if page == 1 else str(page),
        }
        query = urlencode({name: value for name, value in told.items() if value})
        return f"/audit?{query}" if query else "/audit"

    def found(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Those of *rows* that are asked for; each row is looked at for what was said only."""
        for name in ("officer", "deed", "centre"):
            if wanted := getattr(self, name):
                rows = [row for row in rows if getattr(row, name) == wanted]
        if self.since or self.until:
            last = self.until or "9999"
            rows = [row for row in rows if self.since <= row.day <= last]
        return rows


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry in words. *is_good*: nothing is wrong with its signature."""

    seq: int
    day: str
    deed: str
    count: int | None
    by: str
    centre: str
    tip: str
    about: str
    verdict: str
    is_good: bool


def add_audit(app: FastAPI, window: Window) -> None:
    @app.get("/audit")
    async def show(request: Request, done: str = "") -> Response:
        office = let_in(window, request)
        return await _page(window, office, request, done=days.parse_day(done) or "")

    @app.post("/audit/look")
    async def look(request: Request) -> Response:
        await form_of(window, request)
        let_in(window, request)
        await trail_of(window).look(again=True)
        return RedirectResponse("/audit", 303)

    @app.post("/audit/sign")
    async def sign(request: Request) -> Response:
        form = await form_of(window, request)
        office, trail = let_in(window, request), trail_of(window)
        try:
            if form.get("sure") != "yes":
                raise Mistaken("audit.not_sure")
            day = days.parse_day(form.get("day", ""))
            signed = None if day is None else await audit.sign(office, trail.checked, day)
        except ConsoleError as error:
            return await _page(window, office, request, error=error)
        await trail.look(again=True)
        return RedirectResponse("/audit" if signed is None else f"/audit?done={signed}", 303)


async def _page(
    window: Window,
    office: Office,
    request: Request,
    *,
    done: str = "",
    error: ConsoleError | None = None,
) -> Response:
    trail, words = trail_of(window), window.words
    checked = await trail.look()
    asked, size = Asked.of(request.query_params), window.preferences.page_size
    here = asked.link(asked.page)
    frame = await frame_of(window, office, here)
    if checked is None:
        answer = window.pages.show("audit_waiting.html", frame, fetched=trail.fetched, here=here)
        answer.headers["Refresh"] = f"{AGAIN_S}; url={here}"
        return answer
    centres = await office.centres()
    found = asked.found(checked.rows)
    pages = max(1, -(-len(found) // size))
    page = min(asked.page, pages)
    newest = found[::-1][(page - 1) * size : page * size]
    names = {row.officer: _by(words, row) for row in checked.rows}
    return window.pages.show(
        "audit.html",
        frame,
        200 if error is None else status_of(error),
        checked=checked,
        alarms=_said(words, checked.alarms),
        more_alarms=max(len(checked.alarms) - FOUND_SHOWN, 0),
        notes=_said(words, [one for one in checked.found if not one.is_alarm]),
        witnessed=next((d for d in reversed(checked.days) if d.auditors), None),
        days=checked.days[: -DAYS_SHOWN - 1 : -1],
        days_left=max(len(checked.days) - DAYS_SHOWN, 0),
        to_sign=_to_sign(checked, office.keys.id, (await office.me()).roles),
        looked_at=trail.looked_at,
        asked=asked,
        entries=list(_shown(words, newest, centres, checked.signers)),
        count=len(found),
        first=(page - 1) * size + 1,
        newer=asked.link(page - 1) if page > 1 else None,
        older=asked.link(page + 1) if page < pages else None,
        officers=sorted(names.items(), key=lambda one: one[1]),
        deeds=sorted(
            ((deed, words.label("audited", deed)) for deed in {row.deed for row in checked.rows}),
            key=lambda one: one[1],
        ),
        centres=sorted(
            (centre, present.centre_name(words, centre, centres))
            for centre in {row.centre for row in checked.rows if row.centre}
        ),
        done=done,
        error=None if error is None else present.explain_on_page(words, error),
    )


def _said(words: Words, found: Sequence[audit.Found]) -> list[str]:
    return [
        words.say(one.key, **{**one.params, **_said_day(words, one)}) for one in found[:FOUND_SHOWN]
    ]


def _said_day(words: Words, one: audit.Found) -> Mapping[str, str]:
    day = one.params.get("day")
    return {"day": days.say_day(day, words.language)} if isinstance(day, str) else {}


def _to_sign(checked: Checked, own: str, roles: Sequence[str]) -> str | None:
    """The day that an auditor can sign now: the newest that is signed by the server and not by
    them, where nothing is wrong."""
    heads = checked.trail.heads
    if Role.AUDITOR not in roles or checked.alarms or not heads or own in heads[-1].countersigned:
        return None
    return heads[-1].day


def _shown(
    words: Words, rows: Sequence[Row], centres: Mapping[str, TreeCentre], signers: Signers
) -> Iterator[ShownEntry]:
    for row in rows:
        yield ShownEntry(
            seq=row.seq,
            day=row.day,
            deed=words.label("audited", row.deed),
            count=row.count,
            by=_by(words, row),
            centre=present.centre_name(words, row.centre, centres) if row.centre else "–",
            tip=(row.tip_id or "–")[:8],
            about=present.rests_on(words, row.about, signers),
            verdict=words.label("audit_verdict", row.verdict or "none"),
            is_good=row.verdict in _GOOD,
        )


def _by(words: Words, row: Row) -> str:
    return words.say("audit.server") if row.officer == SERVER else row.name
