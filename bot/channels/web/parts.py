"""What the web chat is made of, wired by whoever starts it, and the ports it asks for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from importlib import metadata
from typing import Protocol

from bot.clock import Clock, SystemClock
from bot.evidence import Refused
from bot.figures.publishing import Published
from bot.figures.quarters import Quarter
from bot.registry import SignedRegistry
from bot.screen import Screen
from bot.turn import Inbound, Taken
from handlers.book import Book
from handlers.events import FileRef
from sealing import VerifyKey

CHANNEL = "web"
NEUTRAL_PAGE = "https://www.google.com/"


def installed_version() -> str:
    """The version of this program, or "" when it runs from loose files."""
    try:
        return metadata.version("saisaat")
    except metadata.PackageNotFoundError:
        return ""


class Turns(Protocol):
    """Takes events (`bot.turn.Turns`)."""

    async def take(self, inbound: Inbound) -> Taken: ...


class Screens(Protocol):
    """Says what stands before a person (`bot.screen.Screens`)."""

    async def show(self, channel: str, person: str, language: str = "th") -> Screen: ...


class Evidence(Protocol):
    """Takes files in (`bot.evidence.Evidence`)."""

    async def receive(
        self,
        channel: str,
        person: str,
        chunks: AsyncIterator[bytes],
        *,
        mime: str,
        name: str | None,
        media: str,
        language: str = "th",
    ) -> FileRef | Refused: ...


class Quarters(Protocol):
    """What was published of quarters (`bot.figures.publishing.PublicQuarters`)."""

    @property
    def key(self) -> VerifyKey: ...

    async def quarters(self) -> tuple[Quarter, ...]: ...

    async def get(self, quarter: Quarter) -> Published | None: ...


@dataclass(frozen=True, slots=True)
class WebParts:
    """What `web_app` needs.

    *registry* gives the signed list of the real bots, as long as there is one. *book* is the web's
    book as it is now. *public_url* is the origin that people open; https there
    means a `__Host-` cookie and HSTS. *onion_url* is the Tor origin of the same app, if there is
    one. *forget* destroys the whole conversation of a session: “leave now” calls it. *text_bytes*
    is the longest message in UTF-8, *file_bytes* the largest file. *source_url* is where this
    program's source can be had; without one the app hands out its own. *leave_to* is the page that
    “leave now” opens. *figures* are the quarters that were published, where the operator shows
    them.
    """

    turns: Turns
    screens: Screens
    evidence: Evidence
    forget: Callable[[str], Awaitable[object]] = field(repr=False)
    book: Callable[[], Book] = field(repr=False)
    public_url: str
    onion_url: str | None = None
    text_bytes: int = 60 * 1024
    file_bytes: int = 50 * 1024 * 1024
    version: str = field(default_factory=installed_version)
    source_url: str | None = None
    leave_to: str = NEUTRAL_PAGE
    registry: Callable[[], SignedRegistry | None] = field(default=lambda: None, repr=False)
    clock: Clock = field(default_factory=SystemClock, repr=False)
    figures: Quarters | None = field(default=None, repr=False)
