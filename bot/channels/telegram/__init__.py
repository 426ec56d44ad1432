"""Telegram: updates in, one card at the bottom of the chat out.

    async with Telegram.opened(TelegramParts(…)) as telegram:
        await telegram.run()                 polls until cancelled (mode "polling")
        telegram.webhook                     the ASGI app (mode "webhook"), else None
        await telegram.deliver(batch)        the outbox's port
        telegram.open(handle)                the port of whoever fetches files

Owns everything that is Telegram's: its client, its updates, its limits, its token. Refuses to know
what a question means and what a seal is. Laws: an update is confirmed only after its turn is
durable; nothing of a person's profile leaves `reading`; the token is in no error and no log.
"""

from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.parts import TelegramParts, TelegramRules

__all__ = ["Telegram", "TelegramParts", "TelegramRules"]
