"""Making the registry's draft, and comparing a signed one with what the platforms say now.

The draft is what this server believes: its configuration, and the platforms' own words. It counts
for nothing until the admin has compared it and signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.config_sections import Config
from bot.errors import Misconfigured
from bot.platforms.identity import running_bots
from sealing import BotChannel, RealBot, Registry

GOOD_FOR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the registry does not say what is so: what it says, and what to do."""

    says: str
    fix: str


def draft(config: Config, version: int, today: date) -> Registry:
    """The registry as it should be, not yet signed. Raises PlatformError or Misconfigured."""
    bots = tuple(running_bots(config))
    try:
        return Registry(
            version=version,
            day=today.isoformat(),
            expires=(today + timedelta(days=GOOD_FOR_DAYS)).isoformat(),
            web=config.web.public_url,
            onion=config.web.onion_url,
            bots=bots,
        )
    except ValueError:
        raise Misconfigured(
            "[web] public_url: cannot stand in a registry. Write https:// and a host name."
        ) from None


def web_differences(registry: Registry, config: Config) -> Iterator[Difference]:
    """Where the addresses of *registry* are not those of the configuration."""
    if registry.web != config.web.public_url:
        yield Difference("names another web address than [web] public_url.", _AGAIN)
    if registry.onion != config.web.onion_url:
        yield Difference("names another onion address than [web] onion_url.", _AGAIN)


def bot_differences(registry: Registry, running: RealBot) -> Iterator[Difference]:
    """Where *registry* does not list the bot that runs with our token on its platform."""
    listed = [bot for bot in registry.bots if bot.channel is running.channel]
    same = [bot for bot in listed if bot.key == running.key]
    if not same:
        yield Difference(
            f"does not list {running.id}, which runs on {running.channel.value} with our token.",
            f"If this is our bot: {_AGAIN} If not, the token is another bot's: see "
            f"docs/operate-{running.channel.value}.md.",
        )
    elif same[0].name != running.name:
        yield Difference(
            f"calls {running.id} otherwise than {running.channel.value} does now.", _AGAIN
        )


def bots_off(registry: Registry, on: tuple[BotChannel, ...]) -> Iterator[Difference]:
    """Bots that *registry* lists on platforms that are switched off here."""
    for bot in registry.bots:
        if bot.channel not in on:
            says = f"lists {bot.id} on {bot.channel.value}, which is off here: nobody answers."
            yield Difference(says, _AGAIN)


_AGAIN = "Run saisaat registry draft and have the admin sign it."
