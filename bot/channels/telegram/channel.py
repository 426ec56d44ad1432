"""The channel, put together: one client, one pace, one intake for both ways in."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.types import ASGIApp

from bot.channels.telegram.api import Api
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.files import Files
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.pacing import Pace
from bot.channels.telegram.parts import TelegramParts
from bot.channels.telegram.phrases import shipped_phrases
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.webhook import Webhook
from bot.errors import Misconfigured
from bot.fetching import Arriving
from bot.outbox import Batch, Delivered


class Telegram:
    """What the program sees of Telegram. Made by `opened`."""

    def __init__(self, parts: TelegramParts, api: Api) -> None:
        phrases = shipped_phrases(parts.book().languages)
        pace = Pace(parts.clock, parts.rules)
        self._delivery = Delivery(api, pace, parts.book, phrases, parts.clock, parts.rules)
        self._files = Files(api, at_most_bytes=parts.rules.file_bytes if parts.is_cloud else None)
        intake = Intake(parts.turns, api, self._delivery.say_trouble, parts.rules)
        self._polling = Polling(api, intake, parts.clock, parts.rules)
        self._is_polling = parts.mode == "polling"
        secret = parts.webhook_secret
        if not self._is_polling and (secret is None or not secret.get_secret_value()):
            raise Misconfigured("Telegram's webhook needs a secret: set telegram.webhook_secret.")
        self.webhook: ASGIApp | None = None
        """The app that Telegram calls, in webhook mode."""
        if not self._is_polling and secret is not None:
            self.webhook = Webhook(secret, intake, parts.rules)

    @classmethod
    @asynccontextmanager
    async def opened(cls, parts: TelegramParts) -> AsyncIterator["Telegram"]:
        """Open the connections; nobody is called yet. Raises Misconfigured."""
        api = Api(parts.token, parts.api_url)
        try:
            yield cls(parts, api)
        finally:
            await api.close()

    async def run(self) -> None:
        """Poll until cancelled; in webhook mode there is nothing to do."""
        if self._is_polling:
            await self._polling.run()

    async def to_spare(self) -> int | None:
        """Telegram counts no messages by the month (`bot.campaigning.Spare`)."""
        return None

    async def deliver(self, batch: Batch) -> Delivered:
        """The outbox's port: see `Delivery.deliver`."""
        return await self._delivery.deliver(batch)

    def open(self, handle: str) -> AbstractAsyncContextManager[Arriving]:
        """The fetching room's port: see `Files.open`."""
        return self._files.open(handle)
