"""The way in and out: the address that works once, unlocking, locking, the language."""

from dataclasses import replace

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console.errors import ConsoleError, Mistaken
from console.pages.window import CHARTS, STATIC, NoEntry, Window, form_of, inside, office_of
from console.passphrase import Passphrase
from console.words import LANGUAGES


def add_entry(app: FastAPI, window: Window) -> None:
    @app.get("/enter/{token}")
    async def enter(token: str) -> Response:
        cookie = window.key.enter(token)
        if cookie is None:
            raise NoEntry
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            window.key.cookie_name, cookie, path="/", httponly=True, samesite="strict"
        )
        return answer

    @app.get("/static/{name}")
    async def static(name: str) -> Response:
        kind = STATIC.get(name) or CHARTS.get(name)
        if kind is None:
            raise HTTPException(404)
        return Response(window.static[name], media_type=kind)

    @app.post("/unlock")
    async def unlock(request: Request) -> Response:
        form = await form_of(window, request)
        back = inside(form.get("back", "/"))
        try:
            if not form.get("passphrase"):
                raise Mistaken("passphrase.empty")
            await window.room.unlock(Passphrase(form["passphrase"]))
            office = office_of(window)
            await office.me()
            await office.trust()
        except ConsoleError as error:
            await window.room.lock(keeps_drafts=True)
            return window.pages.unlock(window.frame(back), error=error, status=403)
        return RedirectResponse(back, 303)

    @app.post("/lock")
    async def lock(request: Request) -> Response:
        await form_of(window, request)
        await window.room.lock()
        return RedirectResponse("/", 303)

    @app.post("/language")
    async def language(request: Request) -> Response:
        form = await form_of(window, request)
        other = next(name for name in LANGUAGES if name != window.words.language)
        window.choose(replace(window.preferences, language=other))
        return RedirectResponse(inside(form.get("back", "/")), 303)
