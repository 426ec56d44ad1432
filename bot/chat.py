"""What a channel must remember of one chat window, sealed in the conversation's state.

Message ids lead to an account for whoever holds the platform's side, so they live in the
forgettable state and nowhere else, and only for channels that edit or wipe what they sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

MESSAGES_REMEMBERED = 1000
"""The oldest are forgotten first: nobody's state grows without end."""


@dataclass(frozen=True, slots=True)
class Chat:
    """*card* is the message that holds the buttons now, *is_card_last* whether nothing came below
    it since. *messages* may be wiped (both sides, oldest first); *secrets* are those among them
    that show a receipt; *said* is the person's latest."""

    card: str | None = None
    is_card_last: bool = False
    messages: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    said: str | None = None

    def heard(self, message: str, *, is_tap: bool) -> "Chat":
        """The chat after the person sent *message* (or tapped a button of it)."""
        if is_tap:
            return self
        kept = (*(each for each in self.messages if each != message), message)
        return replace(self, is_card_last=False, messages=kept[-MESSAGES_REMEMBERED:], said=message)

    def merged(self, before: "Chat", after: "Chat") -> "Chat":
        """This chat, with what a delivery changed from *before* to *after* while the person may
        have gone on writing."""
        were = set(before.messages)
        gone = were - set(after.messages)
        added = [each for each in after.messages if each not in were]
        messages = (*(each for each in self.messages if each not in gone), *added)
        return Chat(
            after.card,
            after.is_card_last and self.said == before.said,
            messages[-MESSAGES_REMEMBERED:],
            after.secrets,
            self.said,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "card": self.card,
            "is_card_last": self.is_card_last,
            "messages": list(self.messages),
            "secrets": list(self.secrets),
            "said": self.said,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Chat":
        return cls(
            body.get("card"),
            bool(body.get("is_card_last", False)),
            tuple(str(each) for each in body.get("messages", ())),
            tuple(str(each) for each in body.get("secrets", ())),
            body.get("said"),
        )


NO_CHAT = Chat()
"""What a channel that remembers nothing starts and ends with."""
