"""What is said on entering a flow, before its first question."""

from typing import TYPE_CHECKING

from handlers.conversation import Conversation
from handlers.effects import Intent, Say

if TYPE_CHECKING:
    from handlers.book import Book


def opening(book: "Book", conversation: Conversation) -> tuple[Intent, ...]:
    """What is said on entering the conversation's flow."""
    flow = book.flows[conversation.flow]
    language, channel = conversation.language, book.channel
    said = [Say(language, f"say.{key.format(channel=channel.name)}") for key in flow.opening]
    if flow.offers_tor and channel.onion is not None:
        said.append(Say(language, "say.tor", {"onion": channel.onion}))
    return tuple(said)
