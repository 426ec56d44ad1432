"""What the LINE channel is made of, wired by whoever starts it, and the numbers it keeps to.

LINE's own limits are facts of its documents; everything else has room for an operator's wish.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bot.clock import Clock
from bot.turn import Inbound, Taken
from handlers.book import Book

CHANNEL = "line"

MESSAGES_AT_MOST = 5
TEXT_UNITS = 5000
ALT_UNITS = 1500
QUICK_ITEMS = 13
LABEL_GRAPHEMES = 20
DATA_UNITS = 300
BUBBLE_BYTES = 30 * 1024
"""LINE's limits (Messaging API reference); units are UTF-16 code units."""

TOKEN_S = 60.0
"""How long a reply token lives (Messaging API reference, "Send reply message")."""


class Turns(Protocol):
    """Takes events (`bot.turn.Turns`)."""

    async def take(self, inbound: Inbound) -> Taken: ...


@dataclass(frozen=True, slots=True)
class LineRules:
    """The numbers. LINE wants its answer within 2 s: *answer_s* leaves room for the way back.

    *body_bytes* and *body_s* bound a webhook request; *waiting_at_most* the events of one person
    that may wait for their turn. *token_safety_s* is taken off a reply token's minute. An answer
    waits *join_s*, and that *joins_at_most* times, for what the person sends meanwhile. *call_s* is
    what a JSON call may take; the last of a delivery begins *begin_s* after its first, so that it
    ends before the outbox gives up on it. *idle_s* is the longest silence inside a file. When a
    turn has no end after *loading_after_s*, LINE shows that something is under way, for
    *loading_s* (5 to 60, by 5).
    """

    body_bytes: int = 1024 * 1024
    body_s: float = 5.0
    answer_s: float = 1.8
    waiting_at_most: int = 32
    token_safety_s: float = 3.0
    tokens_at_most: int = 8
    join_s: float = 1.5
    joins_at_most: int = 3
    connect_s: float = 4.0
    call_s: float = 8.0
    begin_s: float = 10.0
    calls_at_once: int = 64
    again_after_s: float = 0.3
    rate_wait_s: float = 2.0
    idle_s: float = 15.0
    files_at_once: int = 32
    processing_wait_s: float = 3.0
    loading_s: int = 20
    loading_after_s: float = 0.7
    loading_at_once: int = 16


class HookParts(Protocol):
    """What the webhook needs of a channel; another account than the reporters' has it too."""

    @property
    def channel_secret(self) -> str: ...

    @property
    def language(self) -> str: ...

    @property
    def rules(self) -> LineRules: ...


@dataclass(frozen=True, slots=True)
class LineParts:
    """What `Line.opened` needs. *book* is the LINE book as it is now; *file_bytes* the largest file
    that is taken; *push_reserve* of the month's pushes are kept for what cannot wait, and so
    many as *campaign_reserve* from campaigns; *api_url* and *data_api_url* are LINE's hosts,
    without a slash at the end."""

    turns: Turns
    clock: Clock
    book: Callable[[], Book] = field(repr=False)
    channel_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    api_url: str = "https://api.line.me"
    data_api_url: str = "https://api-data.line.me"
    file_bytes: int = 50 * 1024 * 1024
    push_reserve: int = 20
    campaign_reserve: int = 0
    language: str = "th"
    rules: LineRules = field(default_factory=LineRules)
