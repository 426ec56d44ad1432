"""Keyed names for what must not be named: whose a conversation is, and which event was taken.

Without the server key a mark tells nothing: neither whose it is, nor whether two databases speak
of the same person.
"""

import hmac

from bot.server_key import Purpose, ServerKey


class Marks:
    """Makes marks (32 bytes, HMAC-SHA256 under keys derived from the server key)."""

    __slots__ = ("_conversations", "_events", "_messages")

    def __init__(self, server_key: ServerKey) -> None:
        self._conversations = server_key.derive(Purpose.CONVERSATION_IDS)
        self._events = server_key.derive(Purpose.SEEN_MARKS)
        self._messages = server_key.derive(Purpose.MESSAGE_MARKS)

    def conversation(self, channel: str, person: str) -> bytes:
        """The id of the conversation with *person* on *channel*."""
        return _mark(self._conversations, channel, person)

    def event(self, channel: str, person: str, event_id: str) -> bytes:
        """The mark of an event that was taken."""
        return _mark(self._events, channel, person, event_id)

    def message(self, channel: str, person: str, message: str) -> bytes:
        """The mark of a message that became a part."""
        return _mark(self._messages, channel, person, message)


def _mark(key: bytes, *facts: str) -> bytes:
    items = [fact.encode("utf-8", "surrogatepass") for fact in facts]
    text = b"".join(len(item).to_bytes(4, "big") + item for item in items)
    return hmac.digest(key, text, "sha256")
