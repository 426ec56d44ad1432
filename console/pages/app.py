"""The local pages, put together: every module of routes, and what every error looks like.

A page is HTML with forms: what it does works with the keyboard and without script.
"""

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console import present
from console.errors import ConsoleError, Unreachable
from console.pages.audit import add_audit
from console.pages.campaigns import add_campaigns
from console.pages.door import Door
from console.pages.entry import add_entry
from console.pages.figures import add_figures
from console.pages.files import add_files
from console.pages.handoff import add_handoff
from console.pages.members import add_members
from console.pages.queue import add_queue
from console.pages.settings import add_settings
from console.pages.taking_out import add_taking_out
from console.pages.tip import add_deeds, add_tip
from console.pages.window import Locked, NoEntry, NotOurForm, Window, here_of, status_of

__all__ = ["Window", "make_pages"]


_PAGES = (
    add_entry,
    add_queue,
    add_handoff,
    add_taking_out,
    add_tip,
    add_files,
    add_deeds,
    add_members,
    add_campaigns,
    add_figures,
    add_audit,
    add_settings,
)


def make_pages(window: Window, host: str) -> Door:
    """The pages for *window*, answering at *host* ("127.0.0.1:port") only."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for add in (*_PAGES, _add_errors):
        add(app, window)
    return Door(app, host)


def _add_errors(app: FastAPI, window: Window) -> None:
    pages = window.pages

    @app.exception_handler(NoEntry)
    async def no_entry(_: Request, __: Exception) -> Response:
        return pages.message(window.frame(), window.words.say("page.no_entry"), 403)

    @app.exception_handler(NotOurForm)
    async def not_ours(_: Request, __: Exception) -> Response:
        return pages.message(window.frame(), window.words.say("page.forbidden"), 403)

    @app.exception_handler(Locked)
    async def locked(request: Request, _: Exception) -> Response:
        return pages.unlock(window.frame(here_of(request)), error=None, status=200)

    @app.exception_handler(ConsoleError)
    async def plain(request: Request, error: Exception) -> Response:
        if not isinstance(error, ConsoleError):
            raise error
        says = present.explain_on_page(window.words, error)
        is_worth_it = request.method == "GET" and isinstance(error, Unreachable)
        again = here_of(request) if is_worth_it else ""
        return pages.message(window.frame(), says, status_of(error), again=again)

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return pages.message(window.frame(), window.words.say("page.not_found"), status)

    @app.exception_handler(Exception)
    async def ours(_: Request, error: Exception) -> Response:
        says = window.words.say("app.internal", kind=type(error).__name__)
        return pages.message(window.frame(), says, 500)
