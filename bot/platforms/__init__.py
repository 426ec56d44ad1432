"""The operator's side of LINE and Telegram: asking and setting what belongs to the account itself.

`saisaat setup` and `saisaat doctor` use it; conversations never do (bot.channels has clients of its
own). Every call has a timeout. Laws: no token in any error, repr or log; an answer that is not what
the platform would say is an error, never a guess.
"""

from bot.platforms.errors import Declined, PlatformError, TokenRefused, Unreachable
from bot.platforms.line import LineAccount
from bot.platforms.telegram import TelegramAccount

__all__ = [
    "Declined",
    "LineAccount",
    "PlatformError",
    "TelegramAccount",
    "TokenRefused",
    "Unreachable",
]
