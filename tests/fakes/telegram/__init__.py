"""A Telegram Bot API server on this machine: real HTTP, the documented rules, the real refusals.

    async with FakeTelegram.serving(clock=clock) as telegram:
        person = telegram.person(language_code="th")
        person.write("/start")                     the bot is told by getUpdates or its webhook
        person.tap("แจ้งเบาะแส")
        person.chat                                what stands on the person's screen now
        telegram.faults.next("sendMessage", RESET_AFTER)

Owns the platform's side of a chat: updates that come again until they are confirmed, messages,
edits, deletions, files, floods. Refuses to know what bot talks to it.
"""

from tests.fakes.telegram.faults import (
    CUT_OFF,
    ERROR_500,
    NOT_FOUND,
    RESET_AFTER,
    RESET_BEFORE,
    Slow,
)
from tests.fakes.telegram.messages import Shown
from tests.fakes.telegram.person import TelegramPerson
from tests.fakes.telegram.rules import Rules
from tests.fakes.telegram.server import FakeTelegram

__all__ = [
    "CUT_OFF",
    "ERROR_500",
    "NOT_FOUND",
    "RESET_AFTER",
    "RESET_BEFORE",
    "FakeTelegram",
    "Rules",
    "Shown",
    "Slow",
    "TelegramPerson",
]
