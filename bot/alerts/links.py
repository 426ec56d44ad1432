"""The links that open an officers' bot with a one-time code: the bot is asked once who it is."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from bot.config_sections import Config, Line, Telegram
from bot.errors import Unavailable
from bot.platforms import PlatformError
from bot.platforms.line import LineAccount
from bot.platforms.telegram import TelegramAccount

LinkOf = Callable[[str], Awaitable[str]]
"""A one-time code → the link that opens the officers' bot with it. Raises Unavailable."""


def officers_telegram(config: Config) -> Telegram:
    """The officers' bot as a section of its own, for whoever asks about its account."""
    return Telegram(token=config.alerts.telegram_token, api_url=config.telegram.api_url)


def officers_line(config: Config) -> Line:
    """The officers' LINE account as a section of its own."""
    alerts, line = config.alerts, config.line
    return Line(
        channel_secret=alerts.line_channel_secret,
        channel_access_token=alerts.line_access_token,
        api_url=line.api_url,
        data_api_url=line.data_api_url,
    )


def telegram_link(config: Config) -> LinkOf:
    """https://t.me/BOT?start=CODE (Telegram, "Deep linking")."""

    def ask() -> str:
        with TelegramAccount(officers_telegram(config)) as account:
            return str(account.facts("getMe").get("username") or "")

    name = _once(ask)

    async def link_of(code: str) -> str:
        return f"https://t.me/{await name()}?start={code}"

    return link_of


def line_link(config: Config) -> LinkOf:
    """https://line.me/R/oaMessage/@ID/?CODE (LINE, "URL scheme"): it types the code for them."""

    def ask() -> str:
        with LineAccount(officers_line(config)) as account:
            return str(account.info().get("basicId") or "")

    name = _once(ask)

    async def link_of(code: str) -> str:
        return f"https://line.me/R/oaMessage/{quote(await name(), safe='')}/?{code}"

    return link_of


def _once(ask: Callable[[], str]) -> Callable[[], Awaitable[str]]:
    """*ask*, off the loop, until it has answered. Raises Unavailable."""
    known = list[str]()

    async def name() -> str:
        if not known:
            try:
                found = await asyncio.to_thread(ask)
            except PlatformError:
                found = ""
            if not found:
                raise Unavailable("the platform does not say who our bot is")
            known.append(found)
        return known[0]

    return name
