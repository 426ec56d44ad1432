"""The one browser window that was let in: what it has chosen, and what every route asks of it.

A page asks for the cookie; a form also for its token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from urllib.parse import parse_qs

from fastapi import Request
from starlette.responses import Response

from charts import STYLES, read_styles
from console.errors import ConsoleError, Distrusted, Mistaken
from console.folder import Folder
from console.office import Office
from console.pages.deeds import Draft
from console.pages.desk_room import DeskRoom
from console.pages.door import Key
from console.pages.once import Once
from console.pages.preferences import Preferences, keep_preferences, read_preferences
from console.pages.sections import sections_of
from console.pages.views import Frame, Pages
from console.pages.watched import WatchedTrail
from console.shelf.keeping import Shelf
from console.words import Words, words_for

FIELDS_AT_MOST = 100
DIGITS_AT_MOST = 9
STATIC = {
    "style.css": "text/css; charset=utf-8",
    "dark.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "desk.js": "text/javascript; charset=utf-8",
}
CHARTS = dict.fromkeys(STYLES, "text/css; charset=utf-8")
"""The style sheets of the charts, which come from their own room."""

Form = dict[str, str]


@dataclass
class Window:
    """The one browser window that was let in, and what it has chosen."""

    key: Key
    room: DeskRoom
    words: Words
    preferences: Preferences = field(default_factory=Preferences)
    pages: Pages = field(default_factory=Pages)
    static: Mapping[str, bytes] = field(default_factory=lambda: read_static())
    searched: str = field(default="", repr=False)
    """What was typed as a search; gone at lock."""
    member_searched: str = field(default="", repr=False)
    sent: Once = field(default_factory=Once)

    _looking: tuple[str, int | None] | None = None
    """The tip that is open, and up to where it had been read when it was opened."""

    def __post_init__(self) -> None:
        self.room.on_lock = self._forget

    def looked_to(self, office: Office, tip_id: str, *, is_new_look: bool) -> int | None:
        """Up to where the officer had read when they opened the tip; what came since stays marked
        until they open it again."""
        if is_new_look or self._looking is None or self._looking[0] != tip_id:
            self._looking = (tip_id, office.looked_to(tip_id))
        return self._looking[1]

    def looks_from(self, tip_id: str, newest: int | None) -> None:
        """At a first look all is new, so nothing stands out; what comes after *newest* will."""
        self._looking = (tip_id, newest)

    @classmethod
    def opened(cls, folder: Folder, words: Words, idle_s: float | None = None) -> "Window":
        """On *folder*, as its officer chose; what the program was started with goes first."""
        chosen = read_preferences(folder)
        minutes = chosen.idle_minutes if idle_s is None else max(1, round(idle_s / 60))
        room = DeskRoom(folder, minutes * 60.0 if idle_s is None else idle_s)
        said = words if chosen.language is None else words_for(chosen.language)
        return cls(Key(), room, said, replace(chosen, idle_minutes=minutes))

    def choose(self, chosen: Preferences) -> None:
        """From now on, and after the next start. Raises Unreachable: it holds until then."""
        self.preferences = chosen
        self.room.idle_s = chosen.idle_minutes * 60.0
        if chosen.language is not None:
            self.words = words_for(chosen.language)
        keep_preferences(self.room.folder, chosen)

    def unlock_again(self, here: str, tip_id: str, draft: Draft) -> Response:
        """For what was sent when the desk was locked already: the *draft* is kept, and the way in
        leads back to it."""
        self.room.drafts.keep(tip_id, draft.forms)
        error = Mistaken("page.unlock_again")
        return self.pages.unlock(self.frame(inside(here)), error=error, status=403, draft=draft)

    def _forget(self) -> None:
        """What was typed goes with the keys."""
        self.searched = self.member_searched = ""
        self.sent.forget()

    def frame(self, here: str = "/") -> Frame:
        """For a page that anybody may see who was let in, locked or not."""
        return Frame(self.words, self.key.form_token, here=here, colours=self.preferences.colours)


class NoEntry(Exception):
    """No cookie of ours."""


class Locked(Exception):
    """The keys are not open."""


class NotOurForm(Exception):
    """A form without our token."""


def read_static() -> Mapping[str, bytes]:
    """The files that pages ask for besides themselves; read once, before anything is served."""
    folder = files("console").joinpath("static")
    own = {name: folder.joinpath(name).read_bytes() for name in STATIC}
    return {**own, **read_styles()}


async def frame_of(window: Window, office: Office, here: str) -> Frame:
    me = await office.me()
    return replace(window.frame(here), me=me, sections=sections_of(me))


def let_in(window: Window, request: Request) -> Office:
    check_cookie(window, request)
    return office_of(window)


def office_of(window: Window) -> Office:
    office = window.room.office
    if office is None:
        raise Locked
    return office


def shelf_of(window: Window) -> Shelf:
    """The queue in memory. Raises Locked."""
    shelf = window.room.shelf
    if shelf is None:
        raise Locked
    return shelf


def trail_of(window: Window) -> WatchedTrail:
    """The audit trail in memory. Raises Locked."""
    trail = window.room.trail
    if trail is None:
        raise Locked
    return trail


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


def number_of(text: str) -> int | None:
    """A number (of a part, of a page) out of an address or a form."""
    is_one = text.isascii() and text.isdigit() and len(text) <= DIGITS_AT_MOST
    return int(text) if is_one else None
