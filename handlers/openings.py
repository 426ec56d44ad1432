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
    if flow.offers_web:
        said += web_page(book, language)
    return tuple(said)


def web_page(book: "Book", language: str) -> tuple[Say, ...]:
    """Where our web page is, said after words that send somebody there from another channel."""
    channel = book.channel
    if channel.web is None or channel.name == "web":
        return ()
    return (Say(language, "say.web_is", {"web": channel.web}),)
