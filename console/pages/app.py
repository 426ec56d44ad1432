"""The routes of the local pages.

Every page but the entry asks for the cookie; every form also for its token. A page is HTML with
forms: what it does works with the keyboard and without script.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console.errors import ConsoleError, Distrusted, Mistaken
from console.linking import linked
from console.office import Office, Reading, Wanted, facts_of
from console.originals import opened_original
from console.pages.deeds import DEEDS, Draft, template_words
from console.pages.desk_room import DeskRoom
from console.pages.door import Door, Key
from console.pages.drafts import as_sent, typed_into
from console.pages.evidence import Looked, part_with_file, served
from console.pages.tip_view import Look
from console.pages.views import TABS, Frame, Pages
from console.passphrase import Passphrase
from console.reading import OpenedPart
from console.words import LANGUAGES, Words, words_for

PAGE = 30
FIELDS_AT_MOST = 20
DIGITS_AT_MOST = 9
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

    _looking: tuple[str, int | None] | None = None
    """The tip that is open, and up to where it had been read when it was opened."""

    def looked_to(self, office: Office, tip_id: str, *, is_new_look: bool) -> int | None:
        """Up to where the officer had read when they opened the tip; what came since stays marked
        until they open it again."""
        if is_new_look or self._looking is None or self._looking[0] != tip_id:
            self._looking = (tip_id, office.looked_to(tip_id))
        return self._looking[1]

    def looks_from(self, tip_id: str, newest: int | None) -> None:
        """At a first look all is new, so nothing stands out; what comes after *newest* will."""
        self._looking = (tip_id, newest)

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
        back = _inside(form.get("back", "/"))
        try:
            if not form.get("passphrase"):
                raise Mistaken("passphrase.empty")
            await window.room.unlock(Passphrase(form["passphrase"]))
            office = _office(window)
            await office.me()
            await office.trust()
        except ConsoleError as error:
            await window.room.lock(keeps_drafts=True)
            return window.pages.unlock(window.frame(back), error=error, status=403)
        return RedirectResponse(back, 303)

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
    async def tip(
        request: Request, tip_id: str, done: str = "", full: str = "", upto: str = ""
    ) -> Response:
        office = _let_in(window, request)
        return await _tip_page(
            window,
            office,
            await office.tip_id(tip_id),
            is_new_look=not (done or full or upto),
            done=done,
            full=_number(full),
            upto=_number(upto),
        )

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
    @app.post("/tips/{tip_id}/ask")
    async def ask(request: Request, tip_id: str) -> Response:
        """Put a question about what is missing into the reply; what was typed stays before it."""
        form = await _form(window, request)
        key = f"ask.{form.get('ask', '')}"

        async def question(_: Office, __: str) -> str:
            return window.words.say(key) if window.words.has(key) else ""

        return await _put_in_reply(window, tip_id, form, question)

    @app.post("/tips/{tip_id}/template")
    async def template(request: Request, tip_id: str) -> Response:
        """The same with prepared words."""
        form = await _form(window, request)

        async def prepared(office: Office, full_id: str) -> str:
            return await template_words(office, full_id, form.get("template", ""))

        return await _put_in_reply(window, tip_id, form, prepared)

    @app.post("/tips/{tip_id}/forget")
    async def forget(request: Request, tip_id: str) -> Response:
        await _form(window, request)
        full_id = await _office(window).tip_id(tip_id)
        window.room.drafts.forget(full_id)
        return RedirectResponse(f"/tips/{full_id}?done=forget#composer", 303)

    @app.post("/tips/{tip_id}/{deed}")
    async def act(request: Request, tip_id: str, deed: str) -> Response:
        form = await _form(window, request)
        if deed not in DEEDS:
            raise HTTPException(404)
        typed, drafts = typed_into(deed, form), window.room.drafts
        office = window.room.office
        if office is None:
            drafts.keep(tip_id, typed)
            error = Mistaken("page.unlock_again")
            frame = window.frame(_inside(f"/tips/{tip_id}"))
            return window.pages.unlock(frame, error=error, status=403, draft=Draft(typed))
        try:
            full_id = await office.tip_id(tip_id)
            drafts.keep(full_id, typed)
            await _check_read(office, full_id, deed, form)
            await DEEDS[deed].work(office, full_id, as_sent(deed, form), window.words)
        except ConsoleError as error:
            return await _refused(window, office, tip_id, deed, error, Draft(typed))
        drafts.drop(full_id, deed)
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
    is_new_look: bool = False,
    done: str = "",
    failed: str = "",
    error: ConsoleError | None = None,
    full: int | None = None,
    upto: int | None = None,
) -> Response:
    looked_to = window.looked_to(office, tip_id, is_new_look=is_new_look)
    reading = await office.read(tip_id)
    look = Look(
        own=office.keys.id,
        home=office.home,
        looked_to=looked_to,
        done=done,
        failed=failed,
        error=error,
        draft=window.room.drafts.of(tip_id),
        full=full,
        upto=upto,
        linked=await linked(office, reading),
    )
    page = window.pages.tip(
        await _frame(window, office, f"/tips/{tip_id}"),
        reading,
        await office.trust(),
        await office.centres(),
        look,
        200 if error is None else _status_of(error),
    )
    newest = office.remember_looked(reading)
    if looked_to is None:
        window.looks_from(tip_id, newest)
    return page


async def _put_in_reply(
    window: Window, tip_id: str, form: Form, more: Callable[[Office, str], Awaitable[str]]
) -> Response:
    """The composer with *more* words behind those that were typed into the reply."""
    drafts, typed = window.room.drafts, typed_into("reply", form)
    drafts.keep(tip_id, typed)
    office = _office(window)
    try:
        full_id = await office.tip_id(tip_id)
        words = await more(office, full_id)
    except ConsoleError as error:
        return await _refused(window, office, tip_id, "reply", error, Draft(typed))
    before = drafts.of(full_id).kept("reply")["words"].rstrip()
    drafts.keep(full_id, {"reply": {"words": "\n\n".join(filter(None, (before, words)))}})
    return RedirectResponse(f"/tips/{full_id}?done=ask#composer", 303)


async def _check_read(office: Office, tip_id: str, deed: str, form: Form) -> None:
    """Nobody answers past what came in while they wrote. Raises Mistaken: the page shows it now."""
    seen_to = _number(form.get("seen_to", ""))
    if deed != "reply" or seen_to is None:
        return
    reading = await office.read(tip_id)
    unseen = (part.part for part in reading.tip.parts if part.seq > seen_to)
    if any(inside is not None and inside.officer != office.keys.id for inside in unseen):
        raise Mistaken("act.newer")


async def _refused(
    window: Window, office: Office, tip_id: str, deed: str, error: ConsoleError, draft: Draft
) -> Response:
    """The tip again with what went wrong and what had been typed; where even that fails, the
    two alone.
    """
    try:
        full_id = await office.tip_id(tip_id)
        return await _tip_page(window, office, full_id, failed=deed, error=error)
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


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _inside(path: str) -> str:
    """*path* if it leads to a page of ours, else the queue."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"


def _number(text: str) -> int | None:
    """A part's number out of an address or a form."""
    is_one = text.isascii() and text.isdigit() and len(text) <= DIGITS_AT_MOST
    return int(text) if is_one else None


def _status_of(error: ConsoleError) -> int:
    if isinstance(error, Distrusted):
        return 502
    return {2: 422, 3: 503, 4: 409}.get(error.exit_code, 400)
