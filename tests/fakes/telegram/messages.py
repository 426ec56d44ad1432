"""The messages of every private chat, on both sides, and what was done to them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.rules import Refused, Rules, bad


@dataclass
class Shown:
    """One message as it stands. *content* is what the update carried beside the text."""

    message_id: int
    chat_id: int
    is_from_bot: bool
    date_s: float
    text: str = ""
    rows: list[list[dict[str, Any]]] = field(default_factory=list)
    is_protected: bool = False
    is_deleted: bool = False
    shows_preview: bool = True
    content: dict[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.rows for button in row]

    @property
    def markup(self) -> dict[str, Any]:
        return {"reply_markup": {"inline_keyboard": self.rows}} if self.rows else {}


@dataclass(frozen=True)
class Deed:
    """One line of a chat's history: sent, edited or deleted."""

    what: str
    message_id: int
    text: str
    is_protected: bool = False


@dataclass
class Chat:
    """One person's chat with the bot."""

    chat_id: int
    sender: dict[str, Any]
    is_open: bool = False  # the person wrote first
    is_blocked: bool = False
    is_deactivated: bool = False
    history: list[Deed] = field(default_factory=list)


@dataclass
class Messages:
    rules: Rules
    chats: dict[int, Chat] = field(default_factory=dict)
    by_id: dict[int, Shown] = field(default_factory=dict)
    last_id: int = 100

    def of(self, chat_id: int) -> Iterator[Shown]:
        return (each for each in self.by_id.values() if each.chat_id == chat_id)

    def add(self, chat_id: int, now_s: float, *, is_from_bot: bool, **what: Any) -> Shown:
        self.last_id += 1
        made = Shown(self.last_id, chat_id, is_from_bot, now_s, **what)
        self.by_id[made.message_id] = made
        self.chats[chat_id].history.append(
            Deed("sent", made.message_id, made.text, made.is_protected)
        )
        return made

    def writable(self, chat_id: Any) -> Chat:
        """The chat, if the bot may write there. Raises Refused."""
        chat = self.chats.get(_number(chat_id, "chat_id"))
        if chat is None:
            raise bad("chat not found")
        if chat.is_deactivated:
            raise Refused(403, "Forbidden: user is deactivated")
        if chat.is_blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if not chat.is_open:
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def editable(self, chat_id: int, message_id: Any) -> Shown:
        found = self.find(chat_id, message_id)
        if found is None:
            raise bad("message to edit not found")
        if not found.is_from_bot:
            raise bad("message can't be edited")
        return found

    def find(self, chat_id: int, message_id: Any) -> Shown | None:
        found = self.by_id.get(_number(message_id, "message_id"))
        is_there = found is not None and found.chat_id == chat_id and not found.is_deleted
        return found if is_there else None

    def edit(self, message: Shown, text: str, rows: list[list[dict[str, Any]]]) -> None:
        if (message.text, message.rows) == (text, rows):
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.text, message.rows = text, rows
        self.chats[message.chat_id].history.append(
            Deed("edited", message.message_id, text, message.is_protected)
        )

    def delete(self, chat_id: int, message_ids: list[Any], now_s: float) -> None:
        """Delete for both sides. Unknown ones are skipped; an old one is refused, all with it."""
        if not 1 <= len(message_ids) <= self.rules.deletes_at_once:
            raise bad("there must be 1 to 100 message identifiers")
        found = [self.find(chat_id, each) for each in message_ids]
        there = [each for each in found if each is not None]
        old = [each for each in there if now_s - each.date_s >= self.rules.delete_s]
        if old and self.rules.refuses_old_deletes:
            raise bad("message can't be deleted for everyone")
        for each in there:
            if each not in old:
                each.is_deleted = True
                self.chats[chat_id].history.append(Deed("deleted", each.message_id, each.text))


def _number(value: Any, name: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise bad(f"{name} must be a number") from None
