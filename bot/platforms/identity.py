"""Which bot our token belongs to, as its platform says: the id that people see, and the name.

What comes back is a `RealBot`, whose form is checked, or a PlatformError: nobody guesses an id that
others will trust.
"""

from collections.abc import Iterator

from bot.config_sections import Config
from bot.platforms.errors import Unreachable
from bot.platforms.line import LineAccount
from bot.platforms.telegram import TelegramAccount
from sealing import BotChannel, RealBot


def running_bots(config: Config) -> Iterator[RealBot]:
    """Ask each platform that is switched on. Raises PlatformError at the first that fails."""
    for channel in channels_on(config):
        yield running_bot(config, channel)


def channels_on(config: Config) -> tuple[BotChannel, ...]:
    """The platforms that the configuration switches on."""
    is_on = {BotChannel.TELEGRAM: config.telegram.is_on, BotChannel.LINE: config.line.is_on}
    return tuple(channel for channel in BotChannel if is_on[channel])


def running_bot(config: Config, channel: BotChannel) -> RealBot:
    """Ask one platform, which must be on. Raises PlatformError."""
    if channel is BotChannel.TELEGRAM:
        with TelegramAccount(config.telegram) as telegram:
            me = telegram.facts("getMe")
        return _bot(channel, f"@{me.get('username', '')}", me.get("first_name"))
    with LineAccount(config.line) as line:
        info = line.info()
    # The premium id is what people see, where one was bought.
    return _bot(channel, info.get("premiumId") or info.get("basicId"), info.get("displayName"))


def _bot(channel: BotChannel, id: object, name: object) -> RealBot:
    # No platform lets a name hold line breaks or invisible letters on purpose; people copy them in.
    shown = "".join(letter for letter in str(name or "") if letter.isprintable()).strip()
    try:
        return RealBot(channel, str(id), shown or str(id))
    except ValueError:
        raise Unreachable(
            f"{channel.value} says an id or a name that no bot there can have.",
            f"See that [{channel.value}] api_url is right and no proxy stands in between.",
        ) from None
