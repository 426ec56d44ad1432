"""Taking all of a tip out of the desk, from its page: for a reason, into the officer's own folder.

What is written never passes through the browser. The page says where it lies, what was left out and
why, and how to check it later.
"""

from itertools import count
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from console import present
from console.errors import ConsoleError, Mistaken
from console.export import Exported, export_tip
from console.export_folder import own_folder
from console.office import Office
from console.pages.deeds import Draft, Kept
from console.pages.window import Window, form_of, frame_of, let_in, status_of

FOLDER = "exports"
DEED = "export"


def add_taking_out(app: FastAPI, window: Window) -> None:
    @app.get("/tips/{tip_id}/export")
    async def look(request: Request, tip_id: str) -> Response:
        office = let_in(window, request)
        full_id = await office.tip_id(tip_id)
        return await _page(window, office, full_id, window.room.drafts.of(full_id).kept(DEED))

    @app.post("/tips/{tip_id}/export")
    async def act(request: Request, tip_id: str) -> Response:
        form = await form_of(window, request)
        kept = Kept(reason=form.get("reason", ""))
        drafts, office = window.room.drafts, window.room.office
        if office is None:
            return window.unlock_again(f"/tips/{tip_id}/export", tip_id, Draft({DEED: kept}))
        full_id = await office.tip_id(tip_id)
        drafts.keep(full_id, {DEED: kept})
        if form.get("do") == "keep":
            return RedirectResponse(f"/tips/{full_id}/export", 303)
        try:
            done = await _export(window, office, full_id, kept["reason"])
        except ConsoleError as refused:
            return await _page(window, office, full_id, kept, error=refused)
        drafts.drop(full_id, DEED)
        return await _page(window, office, full_id, Kept(), done=done)


async def _export(window: Window, office: Office, tip_id: str, reason: str) -> Exported:
    """Raises ConsoleError: nothing was written, or what was says that it is not finished."""
    if not reason.strip():
        raise Mistaken("export.needs_reason")
    target = _place(office, f"{tip_id[:8]}-{office.today().isoformat()}")
    return await export_tip(office, tip_id, target, reason, window.words, lambda _: None)


async def _page(
    window: Window,
    office: Office,
    tip_id: str,
    kept: Kept,
    *,
    error: ConsoleError | None = None,
    done: Exported | None = None,
) -> Response:
    words = window.words
    return window.pages.show(
        "export.html",
        await frame_of(window, office, f"/tips/{tip_id}/export"),
        200 if error is None else status_of(error),
        tip_id=tip_id,
        kept=kept,
        error=None if error is None else present.explain_on_page(words, error),
        error_tone=present.tone_of(error),
        done=done,
        skipped=[(each.seq, present.explain(words, each.error)) for each in done.skipped]
        if done
        else [],
        warned=[(each.name, present.say_hazards(words, each.hazards)) for each in done.warned]
        if done
        else [],
    )


def _place(office: Office, name: str) -> Path:
    """A folder that is not there yet, in the officer's own."""
    folder = own_folder(office.home, FOLDER)
    places = (folder / (name if nth == 1 else f"{name}-{nth}") for nth in count(1))
    return next(place for place in places if not place.exists())
