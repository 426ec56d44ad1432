"""The receipt stands on the screen until the person says it is written down.

Whatever else arrives, the receipt is shown again: nobody can lose it by typing the wrong thing.
Where the bot can speak first, they may ask here to be told of news; the receipt comes back at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from handlers import effects, events
from handlers.conversation import Conversation
from handlers.effects import Effect
from handlers.events import Event
from handlers.kinds import notify
from handlers.kinds.base import Heard, Here, Screen
from handlers.kinds.choice import options
from handlers.strays import edited

WIPE = "noted_wipe"


@dataclass(frozen=True, slots=True)
class Noted:
    """Once noted, the secret goes, and so does the conversation."""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = True
    is_secret: ClassVar[bool] = True

    def screen(self, here: Here) -> Screen:
        if here.pending:
            return Screen(notify.ASK, notify.agreement(), params=notify.terms(here), without=_NONE)
        choices = (*_choices(here), *(("notify",) if _may_ask(here) else ()))
        return Screen(f"ask.{here.key}", options(here.key, choices), without=_NONE)

    def hear(self, here: Here, event: Event) -> Heard | None:
        language = here.conversation.language
        if isinstance(event, events.Choice) and event.choice in _choices(here) and not here.pending:
            return Heard(
                Conversation("start", language, asked="menu"),
                (effects.Noted(), effects.Forget(), *_goodbye(here, event.choice)),
            )
        asking = _hear_asking(here, event)
        if asking is not None:
            return asking
        here = replace(here, conversation=replace(here.conversation, pending=()))
        if isinstance(event, events.Unsent) and event.part_id is not None:
            return Heard(
                here.conversation,
                (effects.Remove(event.part_id), effects.SecretOnce(language, "receipt")),
            )
        if isinstance(event, events.Edited) and event.question is not None:
            changed = edited(here, event.part_id, event.words, event.question)
            return replace(
                changed, effects=(*changed.effects, effects.SecretOnce(language, "receipt"))
            )
        is_file = isinstance(event, events.Media | events.Held)
        lost = (here.say("file_not_now"),) if is_file else ()
        return Heard(here.conversation, (*lost, effects.SecretOnce(language, "receipt")))

    def needs(self, key: str) -> Iterable[str]:
        labels = (f"label.{key}.{choice}" for choice in ("noted", WIPE, "notify"))
        return (f"ask.{key}", *labels, *notify.WORDS)

    def most_choices(self) -> int:
        return 3


_NONE = frozenset({"back", "cancel"})


def _hear_asking(here: Here, event: Event) -> Heard | None:
    """Answer what is about being told of news; None for all else."""
    language, done = here.conversation.language, replace(here.conversation, pending=())
    match event:
        case events.Choice(choice="notify") if _may_ask(here):
            return here.wait("notify")
        case events.Choice(choice="agree") if here.pending:
            return Heard(done, (effects.Notify(),), is_waiting=True)
        case events.Choice(choice="stop_notify") if here.book.channel.can_push:
            told = (*notify.stopped(here), effects.SecretOnce(language, "receipt"))
            return Heard(done.without_notice(), told)
        case events.Notified():
            there, said = notify.answered(replace(here, conversation=done), event)
            return Heard(there.conversation, (said, effects.SecretOnce(language, "receipt")))
    return None


def _may_ask(here: Here) -> bool:
    return here.conversation.notice == "off" and not here.pending


def _choices(here: Here) -> tuple[str, ...]:
    """Where the bot can wipe the chat, noting and wiping are one press."""
    return (WIPE, "noted") if here.book.channel.can_wipe else ("noted",)


def _goodbye(here: Here, choice: str) -> tuple[Effect, ...]:
    name, language = here.book.channel.name, here.conversation.language
    if not here.book.channel.can_wipe:
        return (here.say(f"goodbye_{name}"),)
    if choice == WIPE:
        return (effects.Erase(language), here.say(f"goodbye_{name}"))
    return (effects.Erase(language, "receipt"), here.say("goodbye_kept"))
