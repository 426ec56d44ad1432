"""A cry for help in what somebody writes: when the numbers to call are said, and where they stand.

Owns that moment only: which words are a cry is data (data/crisis.toml), what is said of it a word
key. Law: the words themselves are never kept for it, only that they were there.
"""

from dataclasses import replace

from handlers import effects, events
from handlers.effects import Intent, Say
from handlers.events import Event
from handlers.explaining import is_not_understood
from handlers.kinds.base import Heard, Here
from handlers.screens import typed_choice
from handlers.strays import CRISIS_NOW, crisis


def noticed(here: Here, event: Event, heard: Heard) -> Heard:
    """Notice a cry for help. Of words that were sealed the fact is kept, not the words, and the
    numbers come once something is sent; but in danger now, or where nothing was kept that could be
    sent, they come at once."""
    words = event.words if isinstance(event, events.Text | events.Edited) else ""
    if not words or not here.book.sounds_like_crisis(words):
        return heard
    is_kept = any(isinstance(effect, effects.Seal) for effect in heard.effects)
    if is_kept and not here.book.sounds_like_danger(words):
        return replace(heard, conversation=replace(heard.conversation, is_crisis=True))
    if not is_kept and typed_choice(here, words) is not None:
        return heard  # a button's label says it too
    said = (
        effect
        for effect in heard.effects
        if not (isinstance(effect, Say) and is_not_understood(effect.key))
    )
    return replace(heard, effects=(crisis(here, is_now=True), *said))


def first_on_a_page(
    here: Here, greeting: tuple[Intent, ...], heard: Heard
) -> tuple[tuple[Intent, ...], Heard]:
    """Numbers to call now stand above the greeting on a page, which is read from above; a chat is
    read from its end."""
    if not greeting or here.book.channel.can_push:
        return greeting, heard
    urgent = [e for e in heard.effects if isinstance(e, Say) and e.key == CRISIS_NOW]
    rest = tuple(effect for effect in heard.effects if effect not in urgent)
    return (*urgent, *greeting), replace(heard, effects=rest)
