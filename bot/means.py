"""What turns work with, wired once, and how a conversation is read with it."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from bot.alerts.raising import Raising, Uncounted
from bot.clock import Clock
from bot.closures import DEFAULT, Reopening
from bot.filing import Filing
from bot.following import Codes
from bot.lines import LineDrawer
from bot.logs import logger
from bot.marks import Marks
from bot.notices import Notices
from bot.recall import Recall
from bot.state import Drawer, State
from bot.subscriptions import Subscriptions
from bot.uploads import Uploads
from handlers import engine
from handlers.book import Book
from handlers.conversation import Conversation
from handlers.engine import Step
from handlers.events import Event
from sealing import SealingError
from sealing.drawer import Slot
from storage import Database
from storage.blobs import BlobStore
from storage.forget import ForgetStore
from storage.repositories import conversations


@dataclass(frozen=True, slots=True)
class TurnRules:
    """The numbers of a turn; all of them come from the configuration."""

    at_most_tries: int = 8
    at_most_waiting: int = 64
    answer_days: int = 30
    wipe_days: int = 1
    """How many days after its own a chat may still be wiped: Telegram lets go after 48 hours."""
    receipt_s: int = 24 * 3600
    reopening: Reopening = DEFAULT


class Stepping(Protocol):
    """`handlers.engine.step`."""

    def __call__(
        self,
        book: Book,
        conversation: Conversation,
        event: Event,
        *,
        today: date,
        new_id: Callable[[], str],
    ) -> Step: ...


def random_id() -> str:
    """16 random bytes in hex."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Read:
    """A conversation as it was read. Without a *row* it begins now; without a *key* it was
    forgotten, and *state* is a fresh one. *slot* is where it lay, for as long as the turn takes."""

    row: conversations.Conversation | None
    state: State
    key: bytes | None = field(default=None, repr=False)
    slot: Slot | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Means:
    """What a turn works with."""

    db: Database
    forget: ForgetStore
    blobs: BlobStore
    drawer: Drawer
    marks: Marks
    books: Mapping[str, Book]
    codes: Codes
    filing: Filing
    uploads: Uploads
    recall: Recall
    notices: Notices
    subscriptions: Subscriptions
    clock: Clock
    rules: TurnRules = field(default_factory=TurnRules)
    new_id: Callable[[], str] = random_id
    step: Stepping = engine.step
    raising: Raising = field(default_factory=Uncounted)

    @property
    def lines(self) -> LineDrawer:
        return LineDrawer(self.drawer, self.forget)

    def pushes(self, channel: str) -> bool:
        """Whether *channel* has to be delivered to; else it asks for the screen."""
        return self.books[channel].channel.can_push

    def open(self, row: conversations.Conversation | None, person: str, language: str) -> Read:
        """The state in *row*. A conversation whose key is gone was forgotten: it begins afresh,
        as does one that is damaged; what they had sealed is safe and out of reach."""
        key = None if row is None else self.forget.get(row.key_id)
        if row is None or key is None:
            return Read(row, State(engine.start(language)))
        slot = self.drawer.slot_of_state(key, row.conversation, person)
        try:
            state = self.drawer.open_state_in(slot, row.state)
        except (SealingError, ValueError) as error:
            logger().error("state_unreadable", error=type(error).__name__)
            return Read(row, State(engine.start(language)))
        return Read(row, state, key, slot)

    def seed_of(self, state: State, person: str, part_id: str) -> bytes | None:
        """The seed of an undecided original; None when its key is gone, and so is the original."""
        held = state.held.get(part_id)
        key = None if held is None else self.forget.get(held.key_id)
        if held is None or key is None:
            return None
        try:
            return self.drawer.open_seed(key, person, part_id, held)
        except SealingError as error:
            logger().error("seed_unreadable", error=type(error).__name__)
            return None
