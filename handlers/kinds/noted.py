"""The receipt stands on the screen until the person says it is written down.

Whatever else arrives, the receipt is shown again: nobody can lose it by typing the wrong thing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from handlers import effects, events
from handlers.conversation import Conversation
from handlers.effects import Effect
from handlers.events import Event
from handlers.kinds.base import Heard, Here, Screen
from handlers.kinds.choice import options


@dataclass(frozen=True, slots=True)
class Noted:
    """Once noted, the secret goes, and so does the conversation."""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = True
    is_secret: ClassVar[bool] = True

    def screen(self, here: Here) -> Screen:
        return Screen(
            f"ask.{here.key}",
            options(here.key, ("noted",)),
            without=frozenset({"back", "cancel"}),
        )

    def hear(self, here: Here, event: Event) -> Heard | None:
        language = here.conversation.language
        if isinstance(event, events.Choice) and event.choice == "noted":
            return Heard(
                Conversation("start", language, asked="menu"),
                (effects.Noted(), effects.Forget(), *self._goodbye(here)),
            )
        if isinstance(event, events.Unsent) and event.part_id is not None:
            return Heard(
                here.conversation,
                (effects.Remove(event.part_id), effects.SecretOnce(language, "receipt")),
            )
        lost = (here.say("file_not_now"),) if isinstance(event, events.Media) else ()
        return Heard(here.conversation, (*lost, effects.SecretOnce(language, "receipt")))

    def _goodbye(self, here: Here) -> tuple[Effect, ...]:
        wipe = here.book.channel.can_wipe
        erase = (effects.Erase(here.conversation.language),) if wipe else ()
        return (*erase, here.say(f"goodbye_{here.book.channel.name}"))

    def needs(self, key: str) -> Iterable[str]:
        return (f"ask.{key}", f"label.{key}.noted")

    def most_choices(self) -> int:
        return 1
