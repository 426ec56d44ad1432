"""What a conversation keeps between two turns, and how it lies in the database: sealed.

Owns the one link from a person to what they are telling: the draft's tip and its two secrets. It is
never written anywhere but inside the record sealed here, under the conversation's own key of the
forget store, the server key and the person. Destroy that one key, and no copy of everything else
leads from the conversation to the tip, or opens it.

Law: names and a version inside, never positions, so that the next release reads it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pydantic_core

from bot.chat import NO_CHAT, Chat
from bot.server_key import Purpose, ServerKey
from handlers import intent_json
from handlers.conversation import Conversation
from handlers.effects import Intent
from sealing.age import PQIdentity
from sealing.drawer import Slot, open_record, record_context, seal_record
from sealing.parts import NOTHING_BEFORE
from sealing.tips import TipKeys
from storage.forget import Kept

VERSION = 1


@dataclass(frozen=True, slots=True)
class Draft:
    """A tip being told: its secrets, and where its chain of parts ends."""

    tip_id: str = field(repr=False)
    case_seed: bytes = field(repr=False)
    reply_seed: bytes = field(repr=False)
    seq: int = 0
    head: bytes = NOTHING_BEFORE

    @classmethod
    def begin(cls, tip_id: str) -> "Draft":
        keys = TipKeys.generate()
        return cls(tip_id, keys.case.seed, keys.reply.seed)

    @property
    def keys(self) -> TipKeys:
        """The tip's identities (costs about as much as a seal: ask once)."""
        return TipKeys(PQIdentity.from_seed(self.case_seed), PQIdentity.from_seed(self.reply_seed))

    def grown(self, head: bytes) -> "Draft":
        """The draft after one more part, whose hash is *head*."""
        return Draft(self.tip_id, self.case_seed, self.reply_seed, self.seq + 1, head)


@dataclass(frozen=True, slots=True)
class Following:
    """A filed tip that somebody came back to with its receipt: enough to read the answers, also
    those that officers write under new keys meanwhile. *reply_seed* is of the first reply key,
    *receipt_seed* opens the receipt's grants (None: an older release kept only the first).
    *flow* is the one it was reached in; the conversation lets go of it on leaving that flow."""

    tip_id: str = field(repr=False)
    reply_seed: bytes = field(repr=False)
    flow: str = ""
    receipt_seed: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HeldSeed:
    """The seed of an original that is not decided yet, in a *record* that opens only with the key
    *key_id* of the forget store: destroy that, and no old copy of this state opens it."""

    key_id: str
    record: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class State:
    """All that is known of a conversation. *shown* is what a channel that pulls shows now, as JSON
    (most turns replace it unread), *accepts* what the question before the person takes besides
    taps. *held* are the seeds of originals, by part."""

    conversation: Conversation
    draft: Draft | None = None
    following: Following | None = None
    shown: tuple[Mapping[str, Any], ...] = ()
    accepts: frozenset[str] = frozenset()
    chat: Chat = NO_CHAT
    is_over: bool = False
    """They are done here: the row goes as soon as the last words were delivered."""
    held: Mapping[str, HeldSeed] = field(default_factory=dict)

    @property
    def screen(self) -> tuple[Intent, ...]:
        """What a channel that pulls shows now."""
        return tuple(map(intent_json.from_json, self.shown))

    def to_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "conversation": self.conversation.to_json(),
            "draft": None if self.draft is None else _draft_out(self.draft),
            "following": None if self.following is None else _following_out(self.following),
            "screen": self.shown,
            "accepts": sorted(self.accepts),
            "chat": None if self.chat == NO_CHAT else self.chat.to_json(),
            "is_over": self.is_over,
            "held": {
                part_id: {"key_id": held.key_id, "record": held.record.hex()}
                for part_id, held in self.held.items()
            },
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "State":
        """Read what this release or an older one wrote. Raises ValueError."""
        try:
            draft, following = body.get("draft"), body.get("following")
            chat = body.get("chat")
            return cls(
                Conversation.from_json(body["conversation"]),
                None if draft is None else _draft_in(draft),
                None if following is None else _following_in(following),
                tuple(body.get("screen", ())),
                frozenset(str(each) for each in body.get("accepts", ())),
                NO_CHAT if chat is None else Chat.from_json(chat),
                bool(body.get("is_over", False)),
                {
                    str(part_id): HeldSeed(str(held["key_id"]), bytes.fromhex(held["record"]))
                    for part_id, held in body.get("held", {}).items()
                },
            )
        except (KeyError, TypeError, AttributeError):
            raise ValueError("not the state of a conversation") from None


class Drawer:
    """Seals and opens the records of one deployment. Holds the server's half of their keys."""

    __slots__ = ("_server_key",)

    def __init__(self, server_key: ServerKey) -> None:
        self._server_key = server_key.derive(Purpose.DRAWER)

    def slot_of_state(self, key: bytes, conversation: bytes, person: str) -> Slot:
        """Where a conversation's state lies: derived once where it is opened and sealed anew."""
        context = record_context("conversation", conversation, _raw(person))
        return Slot(key, self._server_key, context)

    def seal_state(self, key: bytes, conversation: bytes, person: str, state: State) -> bytes:
        """*state* for its row, openable only together with *key* and *person*."""
        return self.seal_state_in(self.slot_of_state(key, conversation, person), state)

    def seal_state_in(self, slot: Slot, state: State) -> bytes:
        return slot.seal(_dump(state.to_json()))

    def open_state(self, key: bytes, conversation: bytes, person: str, record: bytes) -> State:
        """Raises sealing.Tampered for another key or person; ValueError for what is no state."""
        return self.open_state_in(self.slot_of_state(key, conversation, person), record)

    def open_state_in(self, slot: Slot, record: bytes) -> State:
        return State.from_json(_load(slot.open(record)))

    def seal_contact(self, key: bytes, conversation: bytes, person: str) -> bytes:
        """Whom to deliver to: kept only while something waits for delivery."""
        context = record_context("contact", conversation)
        return seal_record(key, self._server_key, context, _raw(person))

    def open_contact(self, key: bytes, conversation: bytes, record: bytes) -> str:
        context = record_context("contact", conversation)
        raw = open_record(key, self._server_key, context, record)
        return raw.decode("utf-8", "surrogatepass")

    def hold_seed(self, kept: Kept, person: str, part_id: str, seed: bytes) -> HeldSeed:
        """*seed* under the forget-store key *kept*, until it is decided."""
        context = record_context("original", part_id, _raw(person))
        return HeldSeed(kept.key_id, seal_record(kept.key, self._server_key, context, seed))

    def open_seed(self, key: bytes, person: str, part_id: str, held: HeldSeed) -> bytes:
        """Raises sealing.Tampered for another key, person or part."""
        context = record_context("original", part_id, _raw(person))
        return open_record(key, self._server_key, context, held.record)

    def seal_fetch(self, key: bytes, fetch_id: str, body: Mapping[str, Any]) -> bytes:
        """Where a file to be fetched is, and for whom."""
        return seal_record(key, self._server_key, record_context("fetch", fetch_id), _dump(body))

    def open_fetch(self, key: bytes, fetch_id: str, record: bytes) -> Mapping[str, Any]:
        raw = open_record(key, self._server_key, record_context("fetch", fetch_id), record)
        return _load(raw)

    def seal_recall(self, key: bytes, of: str, secret: str, body: Mapping[str, Any]) -> bytes:
        """What a message became. *secret* (the message itself) is needed to open it again."""
        return seal_record(key, self._server_key, record_context(of, _raw(secret)), _dump(body))

    def open_recall(self, key: bytes, of: str, secret: str, record: bytes) -> Mapping[str, Any]:
        raw = open_record(key, self._server_key, record_context(of, _raw(secret)), record)
        return _load(raw)

    def seal_notice(self, key: bytes, notice_id: str, body: Mapping[str, Any]) -> bytes:
        """Whom to tell of news of a tip: kept until it closes, they say stop, or it is old."""
        return seal_record(key, self._server_key, record_context("notice", notice_id), _dump(body))

    def open_notice(self, key: bytes, notice_id: str, record: bytes) -> Mapping[str, Any]:
        raw = open_record(key, self._server_key, record_context("notice", notice_id), record)
        body: Mapping[str, Any] = json.loads(raw)
        return body

    def seal_subscription(self, key: bytes, subscription_id: str, body: Mapping[str, Any]) -> bytes:
        """Whom to send new cards to: kept until they say stop, or it is old."""
        context = record_context("subscription", subscription_id)
        return seal_record(key, self._server_key, context, _dump(body))

    def open_subscription(
        self, key: bytes, subscription_id: str, record: bytes
    ) -> Mapping[str, Any]:
        context = record_context("subscription", subscription_id)
        return _load(open_record(key, self._server_key, context, record))

    def seal_alert(self, key: bytes, what: str, id: str, body: Mapping[str, Any]) -> bytes:
        """What of officers' alerts is kept: *what* is "record", "contact" or "line"."""
        context = record_context("alert", what, id)
        return seal_record(key, self._server_key, context, _dump(body))

    def open_alert(self, key: bytes, what: str, id: str, record: bytes) -> Mapping[str, Any]:
        """Raises sealing.Tampered for another key, *what* or *id*."""
        context = record_context("alert", what, id)
        return _load(open_record(key, self._server_key, context, record))

    def seal_line(self, key: bytes, outbox_id: str, line: Mapping[str, Any]) -> bytes:
        """One line of the outbox: the intent, and the secret it shows."""
        return seal_record(key, self._server_key, record_context("line", outbox_id), _dump(line))

    def open_line(self, key: bytes, outbox_id: str, record: bytes) -> Mapping[str, Any]:
        raw = open_record(key, self._server_key, record_context("line", outbox_id), record)
        return _load(raw)


def _raw(person: str) -> bytes:
    return person.encode("utf-8", "surrogatepass")


def _dump(body: Mapping[str, Any]) -> bytes:
    try:
        return pydantic_core.to_json(body)
    except pydantic_core.PydanticSerializationError:  # half a surrogate pair, in a file's name
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogatepass")


def _load(raw: bytes) -> Mapping[str, Any]:
    """Raises ValueError."""
    try:
        # Names of fields may be remembered, values never: seeds are among them.
        body: Mapping[str, Any] = pydantic_core.from_json(raw, cache_strings="keys")
    except ValueError:
        body = json.loads(raw.decode("utf-8", "surrogatepass"))
    return body


def _draft_out(draft: Draft) -> dict[str, Any]:
    return {
        "tip_id": draft.tip_id,
        "case": draft.case_seed.hex(),
        "reply": draft.reply_seed.hex(),
        "seq": draft.seq,
        "head": draft.head.hex(),
    }


def _draft_in(body: Mapping[str, Any]) -> Draft:
    return Draft(
        str(body["tip_id"]),
        bytes.fromhex(body["case"]),
        bytes.fromhex(body["reply"]),
        int(body["seq"]),
        bytes.fromhex(body["head"]),
    )


def _following_out(following: Following) -> dict[str, Any]:
    return {
        "tip_id": following.tip_id,
        "reply": following.reply_seed.hex(),
        "flow": following.flow,
        "receipt": None if following.receipt_seed is None else following.receipt_seed.hex(),
    }


def _following_in(body: Mapping[str, Any]) -> Following:
    receipt = body.get("receipt")
    return Following(
        str(body["tip_id"]),
        bytes.fromhex(body["reply"]),
        str(body["flow"]),
        None if receipt is None else bytes.fromhex(receipt),
    )
