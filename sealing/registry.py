"""The registry: which bots are really ours, signed by the admin's key on a machine that is offline.

One small TOML file that anybody may have: its version and days, the web addresses, and each bot's
id, name and link; the last line signs the rest. Whoever shows it pins the admin's public key and
the highest version seen. Law: a link is made from its id and never differs from it, so that whoever
compares ids has compared links. Knows no clock and no platform.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sealing import toml
from sealing.canonical import LARGEST_NUMBER, Fields, is_day, is_name
from sealing.errors import Malformed, RolledBack
from sealing.signed_text import open_text, sign_text
from sealing.signing import SigningKey, VerifyKey

SCHEMA = 1
AT_MOST_BYTES = 64 * 1024
BOTS_AT_MOST = 32
ADDRESS_AT_MOST = 253
_SIGNED_AS = "registry"
_TITLE = "Saisaat registry of the real bots. Signed with: saisaat-console registry sign."
_HOST = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+"
_PORT = r"(?::[1-9][0-9]{0,4})?"
_WEB = re.compile(rf"https://{_HOST}{_PORT}|http://(?:127\.0\.0\.1|localhost|\[::1\]){_PORT}")
_ONION = re.compile(rf"https?://[a-z2-7]{{56}}\.onion{_PORT}")


class BotChannel(StrEnum):
    """A platform on which a bot of ours is."""

    TELEGRAM = "telegram"
    LINE = "line"


_IDS: Mapping[BotChannel, re.Pattern[str]] = {
    BotChannel.TELEGRAM: re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}"),
    BotChannel.LINE: re.compile(r"@[a-z0-9][a-z0-9._-]{1,29}"),
}
_LINKS: Mapping[BotChannel, str] = {
    BotChannel.TELEGRAM: "https://t.me/",
    BotChannel.LINE: "https://line.me/R/ti/p/%40",
}


@dataclass(frozen=True, slots=True)
class RealBot:
    """A bot as people see it: *id* is what nobody else can have there (with its @), *name* what
    anybody can copy."""

    channel: BotChannel
    id: str
    name: str

    def __post_init__(self) -> None:
        if not _IDS[self.channel].fullmatch(self.id):
            raise ValueError("an id is @ and the letters that its platform allows")
        if not is_name(self.name):
            raise ValueError("a name is 1 to 80 printable characters")

    @property
    def link(self) -> str:
        """The address that opens the chat with this id."""
        return _LINKS[self.channel] + self.id.removeprefix("@")

    @property
    def key(self) -> tuple[BotChannel, str]:
        """What tells it from every other; platforms read ids in any case."""
        return self.channel, self.id.casefold()


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry, checked. *web* and *onion* are origins; *expires* is the last good day."""

    version: int
    day: str
    expires: str
    web: str
    onion: str | None
    bots: tuple[RealBot, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.version <= LARGEST_NUMBER:
            raise ValueError("a registry's version is a whole number from 1")
        if not is_day(self.day) or not is_day(self.expires) or self.expires < self.day:
            raise ValueError("a registry has a day, and a last good day that is not before it")
        if len(self.web) > ADDRESS_AT_MOST or not _WEB.fullmatch(self.web):
            raise ValueError("the web address is https:// and a host, nothing after it")
        if self.onion is not None and not _ONION.fullmatch(self.onion):
            raise ValueError("the onion address is http:// and 56 letters before .onion")
        if len(self.bots) > BOTS_AT_MOST or len({bot.key for bot in self.bots}) != len(self.bots):
            raise ValueError(f"at most {BOTS_AT_MOST} bots, each once")

    def days_left(self, today: date) -> int:
        """How many more days it is good after *today*; negative when it has expired."""
        return (date.fromisoformat(self.expires) - today).days


def render_registry(registry: Registry) -> bytes:
    """*registry* as TOML, not yet signed."""
    head: dict[str, toml.Value] = {
        "schema": SCHEMA,
        "version": registry.version,
        "day": registry.day,
        "expires": registry.expires,
        "web": registry.web,
        "onion": registry.onion or "",
    }
    return toml.write(_TITLE, head, {"bot": [_to_table(bot) for bot in registry.bots]})


def sign_registry(body: bytes, admin: SigningKey) -> bytes:
    """*body* (a registry in TOML) with the admin's signature line.

    Raises Malformed: nothing broken gets signed.
    """
    parse_registry(body)
    return sign_text(_SIGNED_AS, body, admin)


def open_registry(data: bytes, admin: VerifyKey, at_least_version: int) -> Registry:
    """The registry in *data*, signed by *admin*, not older than *at_least_version* (highest seen).

    Raises Unsigned, Forged, RolledBack, Malformed. Nothing is read before the signature holds.
    """
    registry = parse_registry(open_text(_SIGNED_AS, data, admin, at_most_bytes=AT_MOST_BYTES))
    if registry.version < at_least_version:
        raise RolledBack("an older registry than one that was already in use")
    return registry


def parse_registry(body: bytes) -> Registry:
    """The registry in *body* with nothing verified: to look at a draft before signing.

    Raises Malformed.
    """
    # TOML has no way to write a list of no tables: it is just not there.
    fields = Fields({"bot": []} | toml.read(body, at_most_bytes=AT_MOST_BYTES))
    fields.schema(SCHEMA)
    try:
        registry = Registry(
            version=fields.number("version"),
            day=fields.day("day"),
            expires=fields.day("expires"),
            web=fields.text("web"),
            onion=fields.text("onion") or None,
            bots=tuple(_from_table(table) for table in fields.objects("bot")),
        )
    except ValueError as error:
        raise Malformed(f"a registry that cannot be: {error}") from error
    fields.done()
    return registry


def _to_table(bot: RealBot) -> Mapping[str, toml.Value]:
    return {"channel": bot.channel.value, "id": bot.id, "name": bot.name, "link": bot.link}


def _from_table(table: Mapping[str, object]) -> RealBot:
    fields = Fields(table)
    bot = RealBot(fields.choice("channel", BotChannel), fields.text("id"), fields.text("name"))
    if fields.text("link") != bot.link:
        raise Malformed("a link that does not lead to its own id")
    fields.done()
    return bot
