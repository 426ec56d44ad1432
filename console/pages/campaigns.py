"""A registrar's knowledge cards, and what was sent of them: to see, and to stop."""

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console import knowledge, present
from console.errors import Mistaken
from console.office import Office
from console.pages.window import Window, form_of, frame_of, here_of, let_in
from sealing import Role


def add_campaigns(app: FastAPI, window: Window) -> None:
    @app.get("/campaigns")
    async def campaigns(request: Request, done: str = "") -> Response:
        return await _page(window, request, done=done if done in ("stopped", "over") else "")

    @app.get("/campaigns/{campaign_id}/stop")
    async def confirm(request: Request, campaign_id: str) -> Response:
        return await _page(window, request, stopping=campaign_id)

    @app.post("/campaigns/{campaign_id}/stop")
    async def stop(request: Request, campaign_id: str) -> Response:
        await form_of(window, request)
        office = let_in(window, request)
        await _check_role(office)
        was_running = await knowledge.stop(office, campaign_id)
        return RedirectResponse(f"/campaigns?done={'stopped' if was_running else 'over'}", 303)


async def _page(
    window: Window, request: Request, *, done: str = "", stopping: str | None = None
) -> Response:
    office = let_in(window, request)
    await _check_role(office)
    cards = await knowledge.cards(office)
    sent = await office.desk.campaigns()
    if stopping is not None and stopping not in {each.campaign_id for each in sent.campaigns}:
        raise HTTPException(404)
    words, tree = window.words, await office.centres()
    return window.pages.show(
        "campaigns.html",
        await frame_of(window, office, here_of(request)),
        cards=cards,
        labels={each.shown.card_id: each.label(words.language) for each in cards},
        centres={
            c: present.centre_name(words, c, tree) for c in {one.shown.centre for one in cards}
        },
        campaigns=sent.campaigns,
        subscribers=sent.subscribers,
        stopping=stopping,
        done=done,
    )


async def _check_role(office: Office) -> None:
    if Role.REGISTRAR not in (await office.me()).roles:
        raise Mistaken("members.no_registrar")
