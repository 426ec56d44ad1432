"""Files that the platform still holds: asked for, and on their way.

Nothing is asked or said while a file comes: the answer comes with it (`handlers.arrivals`).
"""

from dataclasses import replace

from handlers import effects, events
from handlers.conversation import Coming, Conversation
from handlers.effects import Remove
from handlers.kinds.base import Heard, Here


def asked_for(here: Here, held: events.Held, question: str) -> Heard:
    """Have *held* fetched for *question*."""
    conversation, most = here.conversation, here.book.limits.files_at_most
    if files_of(conversation, question) >= most:
        return Heard(conversation, (here.say("files_enough", most=most),))
    fetch = effects.Fetch(here.new_id(), question, held.media, held.handle, held.name)
    coming = (*conversation.coming, Coming(fetch.fetch_id, question, held.media))
    return Heard(replace(conversation, coming=coming), (fetch,), is_waiting=True)


def files_of(conversation: Conversation, question: str) -> int:
    """How many files *question* has, here or on their way."""
    parts = conversation.answer(question).parts
    here = sum(part.media not in ("words", "location") for part in parts)
    return here + conversation.coming_for(question)


def without(conversation: Conversation, fetch_id: str | None) -> Conversation:
    """*conversation* without the file that is on its way as *fetch_id*."""
    left = tuple(each for each in conversation.coming if each.fetch_id != fetch_id)
    return replace(conversation, coming=left)


def called_off(
    conversation: Conversation, question: str
) -> tuple[Conversation, tuple[Remove, ...]]:
    """Whatever is on its way for *question* is wanted no more."""
    coming = conversation.coming
    gone = tuple(Remove(each.fetch_id) for each in coming if each.question == question)
    left = tuple(each for each in coming if each.question != question)
    return replace(conversation, coming=left), gone
