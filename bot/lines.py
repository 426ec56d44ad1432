"""What a turn leaves in the outbox: lines for channels that push, and the receipt for all.

Every line is sealed: an intent can name a choice that was made. A channel that pulls needs no line
for what it shows (the screen lies in the conversation's state); only the receipt is one, under a
key of its own, because it must be shown again until it is noted and must be gone a day later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.state import Drawer
from handlers import intent_json
from handlers.effects import PASSING, Ask, Card, Fetch, Intent, Say, SecretOnce
from sealing import Receipt, SealingError
from storage import Transaction
from storage.forget import ForgetStore, Kept
from storage.repositories import fetches, outbox
from storage.repositories.fetches import Fetch as FetchRow
from storage.repositories.outbox import Line, State

PLAIN, QUESTION = "{}", '{"until":"asked"}'
"""What of a line is not sealed: whether the next question makes it worthless."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who told of a file, where, and in which message: what fetching it needs."""

    channel: str
    person: str = field(repr=False)
    language: str
    message: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A line, opened in memory. *until_s* is set for a receipt: when it has to be gone."""

    intent: Intent
    receipt: str | None = field(default=None, repr=False)
    until_s: int | None = None


@dataclass(frozen=True, slots=True)
class TurnLines:
    """The lines of one turn, sealed and in order, and the files it wants fetched. *asks* says that
    a new question is among them: older ones that nobody saw are not worth a message any more."""

    conversation: bytes
    lines: tuple[Line, ...]
    pushes: bool
    shows_receipt: bool
    is_noted: bool
    is_rekeyed: bool
    asks: bool = False
    fetches: tuple[FetchRow, ...] = ()

    @property
    def wakes(self) -> bool:
        """Whether something is to be delivered now."""
        return self.pushes and bool(self.lines or self.shows_receipt)

    def write(self, t: Transaction) -> tuple[str, ...]:
        """Write the lines; the forget-store keys that serve nobody once this is durable.

        Lines of a turn before that were sealed under a key now going would never open again: they
        go with it. What could not be delivered earlier gets another chance: the person is here.
        """
        gone: list[str] = []
        if self.pushes or self.is_noted or self.is_rekeyed:
            for line in outbox.of_conversation(t, self.conversation):
                if line.key_id is not None and self.is_noted:
                    outbox.remove(t, line.outbox_id)
                    gone.append(line.key_id)
                elif line.key_id is None and (self.is_rekeyed or self._is_outdated(line)):
                    outbox.remove(t, line.outbox_id)
                elif line.key_id is not None and self.shows_receipt and self.pushes:
                    outbox.say_again(t, line.outbox_id)
                elif line.state is State.DEAD and self.wakes:
                    outbox.mark(t, line.outbox_id, State.READY)
        for line in self.lines:
            outbox.add(t, line)
        if self.is_rekeyed:
            fetches.remove_all_of(t, self.conversation)
        for fetch in self.fetches:
            fetches.add(t, fetch)
        return tuple(gone)

    def _is_outdated(self, line: Line) -> bool:
        return self.asks and line.intent == QUESTION and line.state is not State.SHOWN


@dataclass(frozen=True, slots=True)
class LineDrawer:
    """Seals and opens lines."""

    drawer: Drawer
    forget: ForgetStore

    def push(
        self,
        outbox_id: str,
        conversation: bytes,
        channel: str,
        key: bytes,
        intent: Intent,
        last_day: date,
    ) -> Line:
        """One intent for a channel that pushes, under the conversation's key. Outside the seal
        stand only the channel and whether it is a question."""
        secret = self.drawer.seal_line(key, outbox_id, {"intent": intent_json.to_json(intent)})
        outside = QUESTION if _is_outdated_by_asking(intent) else PLAIN
        return Line(outbox_id, conversation, channel, outside, last_day.isoformat(), secret=secret)

    def fetch(
        self,
        conversation: bytes,
        key: bytes,
        fetch: Fetch,
        told: "Told",
        *,
        now_s: int,
        last_day: date,
    ) -> FetchRow:
        """One file to be fetched from now on, under the conversation's key; when it was asked for
        stands inside the seal."""
        body: Mapping[str, Any] = {
            "channel": told.channel,
            "person": told.person,
            "language": told.language,
            "message": told.message,
            "media": fetch.media,
            "handle": fetch.handle,
            "name": fetch.name,
            "since_s": now_s,
        }
        secret = self.drawer.seal_fetch(key, fetch.fetch_id, body)
        return FetchRow(
            fetch.fetch_id, conversation, last_day.isoformat(), secret, not_before=now_s
        )

    def receipt(
        self,
        outbox_id: str,
        conversation: bytes,
        channel: str,
        kept: Kept,
        intent: Intent,
        receipt: Receipt,
        *,
        until_s: int,
        last_day: date,
        state: State,
    ) -> Line:
        """The receipt, under a key of its own; when it has to be gone is said inside the seal."""
        body: Mapping[str, Any] = {
            "intent": intent_json.to_json(intent),
            "receipt": receipt.grouped,
            "until": until_s,
        }
        secret = self.drawer.seal_line(kept.key, outbox_id, body)
        return Line(
            outbox_id,
            conversation,
            channel,
            PLAIN,
            last_day.isoformat(),
            key_id=kept.key_id,
            secret=secret,
            state=state,
        )

    def open(self, line: Line, conversation_key: bytes | None) -> Opened | None:
        """The line's content; None when its key is gone."""
        key = conversation_key if line.key_id is None else self.forget.get(line.key_id)
        if key is None or line.secret is None:
            return None
        try:
            body = self.drawer.open_line(key, line.outbox_id, line.secret)
        except SealingError:
            return None
        return Opened(intent_json.from_json(body["intent"]), body.get("receipt"), body.get("until"))

    def receipt_among(self, lines: Iterable[Line]) -> str | None:
        """The receipt that waits to be noted, in groups of four digits."""
        for line in lines:
            if line.key_id is not None and (opened := self.open(line, None)) is not None:
                return opened.receipt
        return None


def _is_outdated_by_asking(intent: Intent) -> bool:
    is_remark = isinstance(intent, Say) and intent.key in PASSING
    return is_remark or isinstance(intent, Ask | Card)


def is_receipt(intent: Intent) -> bool:
    return isinstance(intent, SecretOnce) and intent.kind == "receipt"
