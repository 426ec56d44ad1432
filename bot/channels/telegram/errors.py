"""How a call to Telegram fails, sorted by what to do. No text carries a token, a chat or words.

BotError
├── Away (Unavailable)   the network, their machine, a timeout: try again; it *may have arrived*
├── Flood                too many: wait *wait_s*
├── Shut                 blocked, deleted, never written to us: nothing until the person writes
├── NotDone              a call that cannot be carried out, and *why*
├── Clash                somebody else polls with this token, or a webhook is set
└── WrongToken           Telegram does not know the token: the operator's
"""

import json
from enum import Enum

import httpx
from telegram import error as ptb

from bot.errors import BotError, Unavailable

UNSAID_S = 5.0
"""How long to wait when a 429 does not say."""


class Why(Enum):
    """What a 400 said, where we can do something about it."""

    SAME = "message is not modified"
    NO_MESSAGE = "message to edit not found"
    NOT_EDITABLE = "message can't be edited"
    TOO_OLD_TO_DELETE = "message can't be deleted"
    NOTHING_TO_DELETE = "message to delete not found"
    TOO_BIG = "file is too big"
    UNAVAILABLE_FILE = "temporarily unavailable"
    NO_FILE = "file_id"
    OLD_QUERY = "query is too old"
    OTHER = ""


class Away(Unavailable):
    """Telegram did not answer, or its machine failed."""

    def __init__(self, *, may_have_arrived: bool) -> None:
        super().__init__("Telegram did not answer")
        self.may_have_arrived = may_have_arrived


class Flood(BotError):
    def __init__(self, wait_s: float) -> None:
        super().__init__("Telegram asks for a pause")
        self.wait_s = wait_s


class Shut(BotError):
    """Telegram will not deliver to this person now."""


class NotDone(BotError):
    def __init__(self, why: Why) -> None:
        super().__init__("Telegram refused a call")
        self.why = why


class Clash(BotError):
    """Another program polls with this token, or a webhook is set."""


class WrongToken(BotError):
    """Telegram does not know the token."""


class TooMany(ptb.TelegramError):
    """A 429, read by us: the library's own error for it warns of a change of its type whenever it
    is made."""

    def __init__(self, payload: bytes) -> None:
        super().__init__("Too Many Requests")
        self.wait_s = _retry_after_s(payload)


def _retry_after_s(payload: bytes) -> float:
    try:
        wait_s = json.loads(payload)["parameters"]["retry_after"]
    except (ValueError, KeyError, TypeError):
        return UNSAID_S
    return float(wait_s) if isinstance(wait_s, int | float) and wait_s > 0 else UNSAID_S


_SHUT = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")


def sorted_out(error: Exception) -> BotError:
    """*error* as one of ours. Raise it outside the `except`, or its context still names the URL."""
    match error:
        case TooMany(wait_s=wait_s):
            return Flood(wait_s)
        case ptb.Forbidden():
            return Shut("the person shut the bot out")
        case ptb.InvalidToken():
            return WrongToken("Telegram refused the token")
        case ptb.Conflict():
            return Clash("somebody else asks for updates with this token")
        case ptb.BadRequest():
            said = error.message.lower()
            if any(each in said for each in _SHUT):
                return Shut("Telegram does not know this chat")
            return NotDone(next(why for why in Why if why.value in said))
        case ptb.TimedOut() | ptb.NetworkError():
            return Away(may_have_arrived=not _never_left(error))
    return Away(may_have_arrived=True)


def _never_left(error: Exception) -> bool:
    """Whether the call never reached Telegram: no connection, or none free in the pool."""
    return isinstance(
        error.__cause__, httpx.PoolTimeout | httpx.ConnectTimeout | httpx.ConnectError
    )
