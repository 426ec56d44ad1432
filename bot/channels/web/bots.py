"""The page of the real bots: every id and link as the admin signed them, a QR code each, and how to
check the signature without us.

Without a signed registry the page lists nothing: an unsigned link could be anybody's. Refuses to
know where the registry comes from.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import segno
from markupsafe import Markup

from bot.channels.web.page import Pages
from bot.registry import SignedRegistry
from handlers.words import say_day
from sealing import Registry, fingerprint

SIGNED_FILE = "bots.txt"
_QUIET_MODULES = 4  # the white border that readers of QR codes need (ISO/IEC 18004)


@dataclass(frozen=True, slots=True)
class Listed:
    """One way to reach us. *where* is a word of the frame, *id* what to compare, *name* what its
    platform shows beside it, if anything."""

    where: str
    id: str
    link: str
    qr: Markup
    name: str = ""


class BotsPage:
    """Renders the page; draws the codes once for each registry."""

    def __init__(
        self,
        pages: Pages,
        registry: Callable[[], SignedRegistry | None],
        today: Callable[[], date],
    ) -> None:
        self._pages = pages
        self._registry = registry
        self._today = today
        self._drawn: tuple[bytes, tuple[Listed, ...]] | None = None

    @property
    def signed(self) -> bytes | None:
        """The signed registry to the byte, if there is one."""
        current = self._registry()
        return None if current is None else current.signed

    async def html(self, language: str) -> str:
        """The page as it is now."""
        current = self._registry()
        if current is None:
            return self._pages.render("bots.html", language, registry=None)
        registry = current.registry
        return self._pages.render(
            "bots.html",
            language,
            registry=registry,
            listed=await self._listed(current),
            day=say_day(registry.day, language),
            expires=say_day(registry.expires, language),
            is_expired=registry.days_left(self._today()) < 0,
            digits=fingerprint(current.admin.raw).split(" "),
            admin_key=str(current.admin),
            file=SIGNED_FILE,
        )

    async def _listed(self, current: SignedRegistry) -> tuple[Listed, ...]:
        drawn = self._drawn
        if drawn is None or drawn[0] != current.signed:
            listed = await asyncio.to_thread(lambda: tuple(_listed(current.registry)))
            drawn = self._drawn = (current.signed, listed)
        return drawn[1]


def _listed(registry: Registry) -> Iterator[Listed]:
    for bot in registry.bots:
        yield Listed(f"bots_{bot.channel.value}", bot.id, bot.link, _code(bot.link), bot.name)
    yield Listed("bots_web", registry.web, registry.web, _code(registry.web))
    if registry.onion is not None:
        yield Listed("bots_onion", registry.onion, registry.onion, _code(registry.onion))


def _code(text: str) -> Markup:
    """*text* as a QR code: an SVG without scripts, styles or sizes of its own."""
    svg = segno.make_qr(text, error="m").svg_inline(
        border=_QUIET_MODULES, dark="#000", light="#fff", omitsize=True, svgclass=None,
        lineclass=None,
    )  # fmt: skip
    return Markup(svg)  # noqa: S704  # made of numbers by segno; *text* is in it as dark squares only
