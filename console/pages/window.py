"""The one browser window that was let in: what it has chosen, and what every route asks of it.

A page asks for the cookie; a form also for its token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from urllib.parse import parse_qs

from fastapi import Request

from console.errors import ConsoleError, Distrusted
from console.office import Office
from console.pages.desk_room import DeskRoom
from console.pages.door import Key
from console.pages.views import Frame, Pages
from console.words import Words

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


class NoEntry(Exception):
    """No cookie of ours."""


class Locked(Exception):
    """The keys are not open."""


class NotOurForm(Exception):
    """A form without our token."""


def read_static() -> Mapping[str, bytes]:
    """The files that pages ask for besides themselves; read once, before anything is served."""
    folder = files("console").joinpath("static")
    return {name: folder.joinpath(name).read_bytes() for name in STATIC}


async def frame_of(window: Window, office: Office, here: str) -> Frame:
    return Frame(window.words, window.key.form_token, await office.me(), here)


def let_in(window: Window, request: Request) -> Office:
    check_cookie(window, request)
    return office_of(window)


def office_of(window: Window) -> Office:
    office = window.room.office
    if office is None:
        raise Locked
    return office


def check_cookie(window: Window, request: Request) -> None:
    if not window.key.opens(request.cookies.get(window.key.cookie_name)):
        raise NoEntry


async def form_of(window: Window, request: Request) -> Form:
    """The fields of a form that came from our own page. The door has bounded its length."""
    check_cookie(window, request)
    try:
        told = parse_qs(
            (await request.body()).decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=FIELDS_AT_MOST,
        )
    except ValueError:
        raise NotOurForm from None
    form = {name: values[-1] for name, values in told.items()}
    if not window.key.is_own_form(form.get("form_token", "")):
        raise NotOurForm
    return form


def here_of(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def inside(path: str) -> str:
    """*path* if it leads to a page of ours, else the queue."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"


def status_of(error: ConsoleError) -> int:
    if isinstance(error, Distrusted):
        return 502
    return {2: 422, 3: 503, 4: 409}.get(error.exit_code, 400)
