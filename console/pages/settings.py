"""What an officer chooses for the pages, and who this console takes them for.

A part of the page is one entry of `PARTS` and one template, `templates/settings/NAME.html`, which
finds what its entry made in `its`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from console.office import Office
from console.pages.preferences import COLOURS, IDLE_MINUTES, PAGE_SIZES, Preferences
from console.pages.window import Window, form_of, frame_of, here_of, let_in
from console.words import LANGUAGES
from sealing import days_left

Shown = Mapping[str, object]


def add_settings(app: FastAPI, window: Window) -> None:
    @app.get("/settings")
    async def show(request: Request, done: str = "") -> Response:
        office = let_in(window, request)
        return window.pages.show(
            "settings.html",
            await frame_of(window, office, here_of(request)),
            parts=[(name, await part(window, office)) for name, part in PARTS.items()],
            is_done=bool(done),
        )

    @app.post("/settings")
    async def choose(request: Request) -> Response:
        form = await form_of(window, request)
        let_in(window, request)
        told = Preferences.of({**_as_table(window.preferences), **form})
        window.choose(replace(told, language=told.language or window.words.language))
        return RedirectResponse("/settings?done=1", 303)


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


PARTS: Mapping[str, Callable[[Window, Office], Awaitable[Shown]]] = {
    "pages": _pages,
    "who": _who,
    "clocks": _clocks,
}


def _as_table(chosen: Preferences) -> dict[str, object]:
    return {
        "language": chosen.language,
        "colours": chosen.colours,
        "idle_minutes": chosen.idle_minutes,
        "page_size": chosen.page_size,
    }
