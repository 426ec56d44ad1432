"""The routes of the local pages.

Every page but the entry asks for the cookie; every form also for its token. A page is HTML with
forms: what it does works with the keyboard and without script.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console.errors import ConsoleError, Distrusted, Mistaken
from console.office import Office, Reading, Wanted, facts_of
from console.originals import opened_original
from console.pages.deeds import DEEDS, Draft, with_template
from console.pages.desk_room import DeskRoom
from console.pages.door import Door, Key
from console.pages.evidence import Looked, part_with_file, served
from console.pages.views import TABS, Frame, Pages
from console.passphrase import Passphrase
from console.reading import OpenedPart
from console.words import LANGUAGES, Words, words_for

PAGE = 30
FIELDS_AT_MOST = 20
STATIC = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}

Form = dict[str, str]


@dataclass
class Window:
    """The one browser window that was let in, and what it has chosen."""

    key: Key
    room: DeskRoom
    words: Words
    pages: Pages = field(default_factory=Pages)
    static: Mapping[str, bytes] = field(default_factory=lambda: read_static())

    def frame(self, here: str = "/") -> Frame:
        return Frame(self.words, self.key.form_token, here=here)


class _NoEntry(Exception):
    """No cookie of ours."""


class _Locked(Exception):
    """The keys are not open."""


class _NotOurForm(Exception):
    """A form without our token."""


def make_pages(window: Window, host: str) -> Door:
    """The pages for *window*, answering at *host* ("127.0.0.1:port") only."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    _add_door(app, window)
    _add_queue(app, window)
    _add_tip(app, window)
    _add_deeds(app, window)
    _add_errors(app, window)
    return Door(app, host)


def read_static() -> Mapping[str, bytes]:
    """The files that pages ask for besides themselves; read once, before anything is served."""
    folder = files("console").joinpath("static")
    return {name: folder.joinpath(name).read_bytes() for name in STATIC}


def _add_door(app: FastAPI, window: Window) -> None:
    @app.get("/enter/{token}")
    async def enter(token: str) -> Response:
        cookie = window.key.enter(token)
        if cookie is None:
            raise _NoEntry
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            window.key.cookie_name, cookie, path="/", httponly=True, samesite="strict"
        )
        return answer

    @app.get("/static/{name}")
    async def static(name: str) -> Response:
        if name not in STATIC:
            raise HTTPException(404)
        return Response(window.static[name], media_type=STATIC[name])

    @app.post("/unlock")
    async def unlock(request: Request) -> Response:
        form = await _form(window, request)
        try:
            if not form.get("passphrase"):
                raise Mistaken("passphrase.empty")
            await window.room.unlock(Passphrase(form["passphrase"]))
            office = _office(window)
            await office.me()
            await office.trust()
        except ConsoleError as error:
            await window.room.lock()
            return window.pages.unlock(window.frame(), error=error, status=403)
        return RedirectResponse(_inside(form.get("back", "/")), 303)

    @app.post("/lock")
    async def lock(request: Request) -> Response:
        await _form(window, request)
        await window.room.lock()
        return RedirectResponse("/", 303)

    @app.post("/language")
    async def language(request: Request) -> Response:
        form = await _form(window, request)
        other = next(name for name in LANGUAGES if name != window.words.language)
        window.words = words_for(other)
        return RedirectResponse(_inside(form.get("back", "/")), 303)


def _add_queue(app: FastAPI, window: Window) -> None:
    @app.get("/")
    async def queue(request: Request) -> Response:
        office = _let_in(window, request)
        asked = {name: value[:100] for name, value in request.query_params.items()}
        tab = asked.get("tab") if asked.get("tab") in TABS else "all"
        wanted = Wanted(
            statuses=TABS[tab or "all"],
            is_urgent=bool(asked.get("urgent")),
            is_verified=bool(asked.get("verified")),
            is_mine=bool(asked.get("mine")),
            is_unclaimed=bool(asked.get("unclaimed")),
            province=asked.get("province") or None,
            category=asked.get("category") or None,
            is_application=bool(asked.get("applications")),
            is_reopened=tab == "reopened",
            is_by_priority=bool(asked.get("priority")),
        )
        after = "" if wanted.is_by_priority else asked.get("after", "")
        listing = await office.queue(wanted, after=after or None, limit=PAGE)
        frame = await _frame(window, office, _here(request))
        trust = await office.trust()
        return window.pages.queue(frame, listing, trust, wanted, tab or "all", after)


def _add_tip(app: FastAPI, window: Window) -> None:
    @app.get("/tips/{tip_id}")
    async def tip(request: Request, tip_id: str, done: str = "", full: str = "") -> Response:
        office = _let_in(window, request)
        return await _tip_page(window, office, await office.tip_id(tip_id), done=done, full=full)

    @app.get("/tips/{tip_id}/files/{seq}")
    async def file(request: Request, tip_id: str, seq: int) -> Response:
        office = _let_in(window, request)
        reading, part = await _part_with_file(office, tip_id, seq)
        looked = await _look_at(window, office, reading, part)
        return served(looked, request.headers.get("range"))

    @app.get("/tips/{tip_id}/files/{seq}/look")
    async def look(request: Request, tip_id: str, seq: int) -> Response:
        office = _let_in(window, request)
        reading, part = await _part_with_file(office, tip_id, seq)
        looked = await _look_at(window, office, reading, part)
        frame = await _frame(window, office, _here(request))
        return window.pages.file(frame, reading, part, looked)

    @app.get("/tips/{tip_id}/files/{seq}/original")
    async def original(request: Request, tip_id: str, seq: int) -> Response:
        office = _let_in(window, request)
        reading, part = await _part_with_file(office, tip_id, seq)
        sent = opened_original(reading.tip, part)
        if sent is None or sent.file is None:
            raise Mistaken("file.missing")
        previews, tip_id = window.room.previews, reading.tip.tip_id
        looked = await previews.look(office, tip_id, sent.file, sent.identity)
        return served(looked, request.headers.get("range"))


async def _part_with_file(office: Office, tip_id: str, seq: int) -> tuple[Reading, OpenedPart]:
    reading = await office.read(await office.tip_id(tip_id))
    return reading, part_with_file(reading, seq)


async def _look_at(window: Window, office: Office, reading: Reading, part: OpenedPart) -> Looked:
    identity = reading.tip.identity(part.shown.sealed_to)
    previews, facts = window.room.previews, facts_of(part)
    return await previews.look(office, reading.tip.tip_id, facts, identity)


def _add_deeds(app: FastAPI, window: Window) -> None:
    @app.post("/tips/{tip_id}/template")
    async def template(request: Request, tip_id: str) -> Response:
        form = await _form(window, request)
        draft, office = Draft("reply", form), window.room.office
        if office is None:
            return window.pages.message(window.frame(), _again(window), 403, draft)
        try:
            full_id = await office.tip_id(tip_id)
            draft = await with_template(office, full_id, form)
            return await _tip_page(window, office, full_id, draft=draft)
        except ConsoleError as error:
            return await _refused(window, office, tip_id, error, draft)

    @app.post("/tips/{tip_id}/{deed}")
    async def act(request: Request, tip_id: str, deed: str) -> Response:
        form = await _form(window, request)
        if deed not in DEEDS:
            raise HTTPException(404)
        draft = Draft(deed, form)
        office = window.room.office
        if office is None:
            return window.pages.message(window.frame(), _again(window), 403, draft)
        try:
            full_id = await office.tip_id(tip_id)
            await DEEDS[deed].work(office, full_id, form, window.words)
        except ConsoleError as error:
            return await _refused(window, office, tip_id, error, draft)
        return RedirectResponse(f"/tips/{full_id}?done={deed}", 303)


def _add_errors(app: FastAPI, window: Window) -> None:
    pages = window.pages

    @app.exception_handler(_NoEntry)
    async def no_entry(_: Request, __: Exception) -> Response:
        return pages.message(window.frame(), window.words.say("page.no_entry"), 403)

    @app.exception_handler(_NotOurForm)
    async def not_ours(_: Request, __: Exception) -> Response:
        return pages.message(window.frame(), window.words.say("page.forbidden"), 403)

    @app.exception_handler(_Locked)
    async def locked(request: Request, _: Exception) -> Response:
        return pages.unlock(window.frame(_here(request)), error=None, status=200)

    @app.exception_handler(ConsoleError)
    async def plain(_: Request, error: Exception) -> Response:
        if not isinstance(error, ConsoleError):
            raise error
        says = window.words.say(error.key, **error.params)
        return pages.message(window.frame(), says, _status_of(error))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return pages.message(window.frame(), window.words.say("page.not_found"), status)

    @app.exception_handler(Exception)
    async def ours(_: Request, error: Exception) -> Response:
        says = window.words.say("app.internal", kind=type(error).__name__)
        return pages.message(window.frame(), says, 500)


# --- pieces


async def _tip_page(
    window: Window,
    office: Office,
    tip_id: str,
    *,
    done: str = "",
    full: str = "",
    error: ConsoleError | None = None,
    draft: Draft | None = None,
) -> Response:
    reading = await office.read(tip_id)
    return window.pages.tip(
        await _frame(window, office, f"/tips/{tip_id}"),
        reading,
        await office.trust(),
        await office.centres(),
        own=office.keys.id,
        home=office.home,
        done=done,
        error=error,
        draft=draft,
        full=bool(full),
        status=200 if error is None else _status_of(error),
    )


async def _refused(
    window: Window, office: Office, tip_id: str, error: ConsoleError, draft: Draft
) -> Response:
    """The tip again with what went wrong and what had been typed; where even that fails, the
    two alone.
    """
    try:
        return await _tip_page(
            window, office, await office.tip_id(tip_id), error=error, draft=draft
        )
    except ConsoleError:
        says = window.words.say(error.key, **error.params)
        return window.pages.message(window.frame(), says, _status_of(error), draft)


async def _frame(window: Window, office: Office, here: str) -> Frame:
    return Frame(window.words, window.key.form_token, await office.me(), here)


def _let_in(window: Window, request: Request) -> Office:
    _check_cookie(window, request)
    return _office(window)


def _office(window: Window) -> Office:
    office = window.room.office
    if office is None:
        raise _Locked
    return office


def _check_cookie(window: Window, request: Request) -> None:
    if not window.key.opens(request.cookies.get(window.key.cookie_name)):
        raise _NoEntry


async def _form(window: Window, request: Request) -> Form:
    """The fields of a form that came from our own page. The door has bounded its length."""
    _check_cookie(window, request)
    try:
        told = parse_qs(
            (await request.body()).decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=FIELDS_AT_MOST,
        )
    except ValueError:
        raise _NotOurForm from None
    form = {name: values[-1] for name, values in told.items()}
    if not window.key.is_own_form(form.get("form_token", "")):
        raise _NotOurForm
    return form


def _again(window: Window) -> str:
    return window.words.say("page.unlock_again")


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _inside(path: str) -> str:
    """*path* if it leads to a page of ours, else the queue."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"


def _status_of(error: ConsoleError) -> int:
    if isinstance(error, Distrusted):
        return 502
    return {2: 422, 3: 503, 4: 409}.get(error.exit_code, 400)
