"""What the channel is made of, wired by whoever starts it, and its numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import SecretStr

from bot.clock import Clock
from bot.turn import Inbound, Taken
from handlers.book import Book

CHANNEL = "telegram"
CLOUD = "https://api.telegram.org"
MIB = 1024 * 1024


class Turns(Protocol):
    """Takes events (`bot.turn.Turns`)."""

    async def take(self, inbound: Inbound) -> Taken: ...

    async def take_first(self, burst: Sequence[Inbound]) -> int: ...


@dataclass(frozen=True, slots=True)
class TelegramRules:
    """The numbers. Those of the platform are its documented limits.

    Polling: *poll_s* is how long Telegram may hold a question for updates, *burst* how many of one
    person's messages are taken in one commit, *patience_s* how long
    one slow turn may keep us from asking again; where Telegram is away we wait up to
    *longest_wait_s*, where a turn could not be taken only up to *longest_turn_wait_s*, because
    others may write meanwhile. *at_most_tries*: an update that fails by a fault
    of ours (not because the database is away) is given up after so many, so that it cannot stall
    everybody. Pace: *chat_per_s* with *chat_burst* for each chat, *all_per_s* with *all_burst*
    together (30 in any second); who would have to wait longer than *wait_s* is put off instead. So
    many different chats flooded within *flood_s* mean that all of us are. *breath_s*: a delivery
    that took so long reports what it has done; *away_s*: when to try again where nobody listens.
    """

    poll_s: float = 50.0
    poll_updates: int = 100
    patience_s: float = 0.05
    burst: int = 16
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    longest_turn_wait_s: float = 3.0
    turns_at_once: int = 64
    at_most_tries: int = 5
    answer_s: float = 5.0
    chat_per_s: float = 1.0
    chat_burst: int = 10
    all_per_s: float = 25.0
    all_burst: int = 5
    wait_s: float = 2.0
    breath_s: float = 8.0
    away_s: float = 10.0
    flood_chats: int = 3
    flood_s: float = 10.0
    text_units: int = 4096
    callback_bytes: int = 64
    deletes_at_once: int = 100
    file_bytes: int = 20 * MIB
    body_bytes: int = MIB
    body_s: float = 15.0
    receipts_begun: int = 1000
    tries_kept: int = 1000


@dataclass(frozen=True, slots=True)
class TelegramParts:
    """What `Telegram.opened` needs.

    *api_url* other than Telegram's own is a self-hosted Bot API server, which hands out files of
    any size. *webhook_secret* is needed in webhook mode only; without one every call is refused.
    """

    turns: Turns
    clock: Clock
    book: Callable[[], Book] = field(repr=False)
    token: SecretStr
    mode: Literal["polling", "webhook"] = "polling"
    api_url: str = CLOUD
    webhook_secret: SecretStr | None = None
    rules: TelegramRules = field(default_factory=TelegramRules)

    @property
    def is_cloud(self) -> bool:
        return self.api_url.rstrip("/") == CLOUD
