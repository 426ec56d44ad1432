"""Where people reach the bot: what a card's QR codes hold. A link never carries a code.

From the registrar's config.toml; the chat's own addresses, where it names none, as the desk's
server says. A signed registry of the real bots can fill a `Links` just as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

AT_MOST = 200
CHANNELS = ("telegram", "line", "web", "onion")


@dataclass(frozen=True, slots=True)
class Links:
    """One address per channel, or None. Raises ValueError for what is none."""

    telegram: str | None = None
    line: str | None = None
    web: str | None = None
    onion: str | None = None

    def __post_init__(self) -> None:
        for channel, link in self.named():
            if not is_link(link, is_onion=channel == "onion"):
                raise ValueError(f"not a link: {channel}")

    def named(self) -> Iterator[tuple[str, str]]:
        """The channels that have a link, and it."""
        for channel in CHANNELS:
            link = getattr(self, channel)
            if link is not None:
                yield channel, link

    def or_else(self, other: "Links") -> "Links":
        """These, and where there is none, the *other*'s."""
        return Links(**dict((*other.named(), *self.named())))


def links_from(table: Mapping[str, object]) -> Links:
    """Raises ValueError for a channel or a link that is none."""
    if not set(table) <= set(CHANNELS):
        raise ValueError("not a channel")
    return Links(**{name: str(link) for name, link in table.items()})


def is_link(text: str, *, is_onion: bool = False) -> bool:
    """https anywhere, http to an onion address or (for a try-out) to this machine; plain ASCII."""
    if not 0 < len(text) <= AT_MOST or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username or parts.password or port == 0:
        return False
    if is_onion:
        return parts.scheme in ("http", "https") and host.endswith(".onion")
    return parts.scheme == "https" or (
        parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1")
    )
