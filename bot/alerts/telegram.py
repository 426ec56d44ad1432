"""The officers' bot on Telegram: a token of its own, and the parts of the channel it can share.

Asks for updates by itself; no webhook, so nothing of it is open to the internet.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bot.alerts.chatting import Chatting, Reply
from bot.alerts.saying import Saying
from bot.alerts.sending import Alert, Later, NeverTaken, Shut
from bot.channels.telegram.api import Api
from bot.channels.telegram.errors import Flood, NotDone
from bot.channels.telegram.errors import Shut as ShutThere
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.parts import TelegramRules
from bot.channels.telegram.polling import Polling
from bot.clock import Clock
from bot.errors import BotError

CHANNEL = "telegram"


class TelegramAlerts:
    """`bot.alerts.sending.Way`, and the bot that listens. Made by `opened`."""

    def __init__(
        self, api: Api, saying: Saying, clock: Clock, make: Callable[[Reply], Chatting]
    ) -> None:
        self._api = api
        self._saying = saying
        rules = TelegramRules()
        chatting = make(self._reply)
        intake = Intake(chatting, api, chatting.say_trouble, rules)
        self._polling = Polling(api, intake, clock, rules)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls,
        token: SecretStr,
        api_url: str,
        saying: Saying,
        clock: Clock,
        make: Callable[[Reply], Chatting],
    ) -> AsyncIterator["TelegramAlerts"]:
        """Open the connections; nobody is called yet. *make* makes the bot's side of the talk."""
        api = Api(token, api_url)
        try:
            yield cls(api, saying, clock, make)
        finally:
            await api.close()

    async def run(self) -> None:
        """Listen until cancelled."""
        await self._polling.run()

    async def send(self, alert: Alert) -> None:
        try:
            await self._api.send(alert.address, self._saying.message(alert))
        except Flood as flood:
            raise Later(flood.wait_s) from None
        except ShutThere:
            raise Shut("the officer shut the bot out") from None
        except NotDone:
            raise NeverTaken("Telegram refused an alert") from None

    async def _reply(self, person: str, text: str) -> None:
        """An answer that does not arrive is asked for again."""
        try:
            await self._api.send(person, text)
        except BotError:
            return
