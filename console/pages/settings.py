"""What an officer chooses for the pages, and who this console takes them for.

A part of the page is one entry of `PARTS` and one template, `templates/settings/NAME.html`, which
finds what its entry made in `its`, and in `shown` what a form of it was answered with.
"""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console import present
from console.errors import ConsoleError
from console.office import Office
from console.pages.own_alerts import ALERTS
from console.pages.own_sessions import SESSIONS
from console.pages.part import Part, Said, Shown
from console.pages.preferences import COLOURS, IDLE_MINUTES, PAGE_SIZES, Preferences
from console.pages.window import Form, Window, form_of, frame_of, let_in, status_of
from console.words import LANGUAGES
from sealing import days_left


def add_settings(app: FastAPI, window: Window) -> None:
    @app.get("/settings")
    async def show(request: Request, done: str = "", at: str = "") -> Response:
        office = let_in(window, request)
        at = at if at in PARTS else "pages"
        return await _page(window, office, at, Said(done if done in DONE else ""))

    @app.post("/settings")
    async def choose(request: Request) -> Response:
        form = await form_of(window, request)
        let_in(window, request)
        told = Preferences.of({**_as_table(window.preferences), **form})
        window.choose(replace(told, language=told.language or window.words.language))
        return RedirectResponse("/settings?done=settings.done", 303)

    @app.post("/settings/{part}/{deed}")
    async def act(request: Request, part: str, deed: str) -> Response:
        form = await form_of(window, request)
        office = let_in(window, request)
        if part not in PARTS or deed not in PARTS[part].deeds:
            raise HTTPException(404)
        try:
            said = await PARTS[part].deeds[deed](window, office, form)
        except ConsoleError as error:
            return await _page(window, office, part, Said(), error, typed=form)
        if said.shown:
            return await _page(window, office, part, said)
        return RedirectResponse(f"/settings?at={part}&done={said.done}#h-{part}", 303)


async def _page(
    window: Window,
    office: Office,
    at: str,
    said: Said,
    error: ConsoleError | None = None,
    *,
    typed: Form | None = None,
) -> Response:
    """The whole page; the part *at* tells what was done there, or the *error* and what was *typed*
    into the form that met it."""
    return window.pages.show(
        "settings.html",
        await frame_of(window, office, "/settings"),
        200 if error is None else status_of(error),
        parts=[(name, await part.shown(window, office)) for name, part in PARTS.items()],
        told_in=at,
        done=said.done,
        error=None if error is None else present.explain_on_page(window.words, error),
        said=said.shown,
        given=typed or {},
    )


async def _pages(window: Window, office: Office) -> Shown:
    return {
        "chosen": replace(window.preferences, language=window.words.language),
        "languages": LANGUAGES,
        "colours": COLOURS,
        "idle": IDLE_MINUTES,
        "page_sizes": PAGE_SIZES,
    }


async def _who(window: Window, office: Office) -> Shown:
    trust = await office.trust()
    return {
        "me": await office.me(),
        "officer": trust.roster.officer(office.keys.id),
        "roster": trust.roster,
        "left": days_left(trust.roster, office.today()),
        "desk": office.settings.desk,
        "folder": str(window.room.folder.path),
    }


async def _clocks(window: Window, office: Office) -> Shown:
    return {"clocks": office.settings.clocks}


async def _walls(window: Window, office: Office) -> Shown:
    return {"walls": await window.room.previews.walls()}


PARTS: Mapping[str, Part] = {
    "pages": Part(_pages),
    "alerts": ALERTS,
    "sessions": SESSIONS,
    "who": Part(_who),
    "clocks": Part(_clocks),
    "walls": Part(_walls),
}
DONE = frozenset(
    {
        "settings.done",
        "alerts.added_page",
        "alerts.kept",
        "alerts.tested_page",
        "alerts.removed",
        "session.ended_page",
        "session.ended_others",
    }
)
"""What an address may say was done."""


def _as_table(chosen: Preferences) -> dict[str, object]:
    return {
        "language": chosen.language,
        "colours": chosen.colours,
        "idle_minutes": chosen.idle_minutes,
        "page_size": chosen.page_size,
    }
