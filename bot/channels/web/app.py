"""The web chat's addresses, and the order of one request: read, take, commit, then 303 to the page.

GET  /              the screen; for somebody new the greeting, and nothing is stored
POST /say           a form of ours, with or without files
POST /leave         forget everything at once and be elsewhere
GET  /learn         the public knowledge cards, to be read without a session
GET  /bots          which bots are really ours; /bots.txt: the signed list itself
GET  /figures      quarters as they were published, where the operator shows them (figures.py)
GET  /source        this program's own source, as its licence promises
"""

import asyncio
from dataclasses import replace
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.channels.web import forms, source
from bot.channels.web.body import Body
from bot.channels.web.bots import SIGNED_FILE, BotsPage
from bot.channels.web.chrome import Frame
from bot.channels.web.figures import FiguresPage, NotThere
from bot.channels.web.forms import Form
from bot.channels.web.headers import Guarded
from bot.channels.web.multipart import Multipart
from bot.channels.web.page import Facts, Pages
from bot.channels.web.parts import CHANNEL, WebParts
from bot.channels.web.posting import Posting
from bot.channels.web.refusals import Late, Turned
from bot.channels.web.session import Site, new_session
from bot.clock import today
from bot.errors import Unavailable
from bot.evidence import CutOff
from bot.logs import logger
from handlers.effects import Say
from handlers.engine import STALE
from storage import StorageError

DRAIN_BYTES = 16 * 1024 * 1024
NO_SCREEN = "none"
"""No question's nonce: words sent from a page that has no question are handed back once more."""
LEAVE_S = 2.0
NOT_NOW = (Unavailable, StorageError, TimeoutError)
_MIB = 1024 * 1024


def web_app(parts: WebParts) -> ASGIApp:
    """The web chat, ready to be served. Raises BadFrame when its own words are incomplete."""
    chat = _Chat(parts)
    app = Starlette(
        routes=[
            Route("/", chat.look),
            Route("/say", chat.say, methods=["POST"]),
            Route("/leave", chat.leave, methods=["POST"]),
            Route("/say", chat.back, methods=["GET"]),
            Route("/leave", chat.back, methods=["GET"]),
            Route("/learn", chat.learn),
            Route("/bots", chat.bots),
            Route(f"/{SIGNED_FILE}", chat.signed_bots),
            Route("/source", chat.source),
            *chat.figures,
            Route("/static/web.css", chat.style),
            Route("/favicon.ico", chat.no_icon),
        ],
        exception_handlers={
            HTTPException: chat.not_here,
            NotThere: chat.not_here,
            **dict.fromkeys(NOT_NOW, chat.not_now),
            Exception: chat.failed,
        },
    )
    return Guarded(app, chat.site)


class _Chat:
    """Answers requests."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self.site = Site(parts.public_url, parts.onion_url)
        facts = Facts(
            parts.version,
            parts.source_url or "/source",
            parts.leave_to,
            parts.file_bytes // _MIB,
            parts.public_url,
            has_figures=parts.figures is not None,
        )
        self._pages = Pages(parts.book, Frame.shipped(parts.book().languages), facts)
        self._bots = BotsPage(self._pages, parts.registry, lambda: today(parts.clock))
        self._style = (Path(__file__).parent / "static" / "web.css").read_bytes()
        shown = parts.figures
        page = None if shown is None else FiguresPage(self._pages, shown, self._style)
        self.figures = () if page is None else page.routes()
        self._source: bytes | None = None

    # --- the chat ----------------------------------------------------------------------------

    async def look(self, request: Request) -> Response:
        """Show the screen. Sets the cookie where there is none: the first form needs it."""
        session = self.site.session(request.headers)
        visitor = session or new_session()
        try:
            screen = await self._parts.screens.show(CHANNEL, visitor, self._language(request))
        except NOT_NOW as error:
            return self._not_now(request, error)
        answer = HTMLResponse(self._pages.chat(screen))
        if session is None:
            answer.headers["set-cookie"] = self.site.cookie(request.headers, visitor)
        return answer

    async def say(self, request: Request) -> Response:
        """Take a form, then lead back to the screen."""
        body, form = Body(request.receive), Form(self._parts.text_bytes)
        try:
            answer = await self._said(request, body, form)
        except Turned as turned:
            answer = self._turned(request, turned.status, turned.says)
            if isinstance(turned, Late):
                answer.headers["connection"] = "close"
        except NOT_NOW as error:
            answer = self._not_now(request, error, form)
        except CutOff:
            return Response(status_code=400)  # nobody is left to read it
        if "connection" not in answer.headers:
            await body.drain(DRAIN_BYTES)  # what is left after that, the server reads away
        return answer

    async def _said(self, request: Request, body: Body, form: Form) -> Response:
        if self.site.is_from_elsewhere(request.headers):
            raise Turned(403, "from_elsewhere")
        session = self.site.session(request.headers)
        kind, params = forms.media_type(request.headers.get("content-type", ""))
        posting = Posting(self._parts, session or "", self._language(request))
        if kind == forms.URLENCODED:
            await forms.read_urlencoded(body, form)
            if session is None:
                return self._no_session(request, form)
            await posting.take(form)
        elif kind == forms.MULTIPART:
            if session is None:
                raise Turned(400, "no_cookie")
            await posting.take_streamed(form, Multipart(params.get("boundary", ""), body))
        else:
            raise Turned(415, "broken")
        return await self._after(request, posting)

    async def _after(self, request: Request, posting: Posting) -> Response:
        if not posting.notices:
            return self._home(request)
        screen = await self._parts.screens.show(CHANNEL, posting.session, posting.language)
        if posting.is_stale:  # the page says it of the words; the chat would say it of a button
            said = (i for i in screen.intents if not (isinstance(i, Say) and i.key in STALE))
            screen = replace(screen, intents=tuple(said))
        page = self._pages.chat(screen, posting.notices, posting.words)
        return HTMLResponse(page, posting.status)

    async def leave(self, request: Request) -> Response:
        """Forget the conversation, take the cookie, and show a page that is elsewhere at once.

        Being gone comes first: if forgetting fails or lingers, nothing leads to it any more but
        the draft's own expiry."""
        if self.site.is_from_elsewhere(request.headers):
            return self._turned(request, 403, "from_elsewhere")
        session = self.site.session(request.headers)
        if session is not None:
            try:
                async with asyncio.timeout(LEAVE_S):
                    await self._parts.forget(session)
            except NOT_NOW as error:
                logger().warning("leaving_unforgotten", channel="web", error=type(error).__name__)
        answer = HTMLResponse(self._pages.leaving(self._language(request)))
        if session is not None:
            answer.headers["set-cookie"] = self.site.no_cookie(request.headers)
        return answer

    async def back(self, request: Request) -> Response:
        """Somebody opened a form's address by hand."""
        return self._home(request)

    # --- things beside the chat ----------------------------------------------------------------

    async def style(self, request: Request) -> Response:
        """The style. A browser that has no session gets one with it.

        A form without a cookie may come from another site, whose forms carry none although the
        browser has one: answering it with a new session would throw the old one away, and a draft
        with it. What our own page asks for carries the cookie if there is one.
        """
        answer = Response(self._style, media_type="text/css")
        if self.site.session(request.headers) is None:
            answer.headers["set-cookie"] = self.site.cookie(request.headers, new_session())
        return answer

    async def learn(self, request: Request) -> Response:
        """The public knowledge cards. Needs no session and starts none: nobody learns who read."""
        return HTMLResponse(self._pages.learn(self._language(request)))

    async def bots(self, request: Request) -> Response:
        """Which bots are really ours. Needs no session and starts none."""
        return HTMLResponse(await self._bots.html(self._language(request)))

    async def signed_bots(self, request: Request) -> Response:
        """The signed registry, byte for byte: whoever has it needs to believe nobody here."""
        signed = self._bots.signed
        if signed is None:
            return self._turned(request, 404, "not_here")
        return Response(signed, media_type="text/plain")

    async def no_icon(self, _: Request) -> Response:
        return Response(status_code=204)

    async def source(self, _: Request) -> Response:
        """This program's source, packed when first asked for."""
        if self._source is None:
            self._source = await asyncio.to_thread(source.packed, self._parts.version)
        name = f"saisaat-{self._parts.version or 'source'}.tar.gz"
        return Response(
            self._source,
            media_type="application/gzip",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    # --- what goes wrong -----------------------------------------------------------------------

    async def not_here(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        return self._turned(request, status, "not_here")

    async def failed(self, request: Request, _: Exception) -> Response:
        return self._turned(request, 503, "not_now")

    async def not_now(self, request: Request, error: Exception) -> Response:
        return self._not_now(request, error)

    def _not_now(self, request: Request, error: Exception, form: Form | None = None) -> Response:
        logger().warning("page_unavailable", channel="web", error=type(error).__name__)
        return self._turned(request, 503, "not_now", form)

    def _no_session(self, request: Request, form: Form) -> Response:
        """The browser closed in between, or keeps no cookies: words are handed back, to be sent
        once more from here. The page's style brings the new session (`style` says why)."""
        return self._turned(request, 400, "no_cookie", replace(form, screen=NO_SCREEN))

    def _turned(
        self, request: Request, status: int, says: str, form: Form | None = None
    ) -> Response:
        language = self._language(request)
        if form is None:
            return HTMLResponse(self._pages.plain(language, says), status)
        page = self._pages.plain(
            language, says, words=form.words, form=form.form, screen=form.screen
        )
        return HTMLResponse(page, status)

    def _home(self, request: Request) -> Response:
        first, language = self._parts.book().languages[0], self._language(request)
        return RedirectResponse("/" if language == first else f"/?lang={language}", 303)

    def _language(self, request: Request) -> str:
        """The language that the address asks for. It counts until a conversation has its own."""
        return self._pages.language(request.query_params.get("lang"))
