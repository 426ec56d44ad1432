"""Yes or no before something that cannot be undone, and the pick of an answer to change.

The first and the last interrupt a flow (`Book.asides`); all are plain screens like any other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from handlers import effects, events
from handlers.conversation import Answer, Conversation
from handlers.effects import Option
from handlers.events import Event
from handlers.kinds.base import Heard, Here, Screen
from handlers.kinds.choice import options
from handlers.strays import crisis

EDIT_AT_MOST = 11


@dataclass(frozen=True, slots=True)
class DropDraft:
    """Really drop what was told? Yes forgets all of it."""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        return Screen(
            f"ask.{here.key}",
            options(here.key, ("drop", "stay")),
            without=frozenset({"back", "cancel"}),
        )

    def hear(self, here: Here, event: Event) -> Heard | None:
        match event:
            case events.Choice(choice="drop"):
                blank = Conversation("start", here.conversation.language, asked="menu")
                # Numbers to call were to come once it was sent; now it never is.
                numbers = (crisis(here),) if here.conversation.is_crisis else ()
                return Heard(blank, (effects.Forget(), here.say("dropped"), *numbers))
            case events.Choice(choice="stay"):
                return Heard(replace(here.conversation, aside=None))
        return None

    def needs(self, key: str) -> Iterable[str]:
        return (f"ask.{key}", f"label.{key}.drop", f"label.{key}.stay", "say.dropped")

    def most_choices(self) -> int:
        return 2


@dataclass(frozen=True, slots=True)
class PickAnswer:
    """Which answer to change? The picked question is reopened and comes first."""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        told = tuple(Option(key, f"row.{key}") for key in _editable(here))
        return Screen(f"ask.{here.key}", told, without=frozenset({"cancel"}))

    def hear(self, here: Here, event: Event) -> Heard | None:
        if not isinstance(event, events.Choice) or event.choice not in _editable(here):
            return None
        answer = here.conversation.answer(event.choice).reopened()
        return Heard(replace(here.conversation.with_answer(event.choice, answer), aside=None))

    def needs(self, key: str) -> Iterable[str]:
        return (f"ask.{key}",)

    def most_choices(self) -> int:
        return 0


def _editable(here: Here) -> tuple[str, ...]:
    flow = here.book.flows[here.conversation.flow]
    told = here.conversation.told
    return tuple(
        question.key
        for question in flow.questions
        if question.key in told and told[question.key].is_settled and not question.kind.is_secret
    )


@dataclass(frozen=True, slots=True)
class StopContact:
    """Really hear nothing more about this tip?"""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        return Screen(f"ask.{here.key}", options(here.key, ("stop", "stay")))

    def hear(self, here: Here, event: Event) -> Heard | None:
        match event:
            case events.Choice(choice="stop"):
                silent = replace(here, conversation=replace(here.conversation, notice=None))
                return silent.settle(Answer("stop"), effects.StopContact(), here.say("stopped"))
            case events.Choice(choice="stay"):
                return here.settle(Answer("stay"))
        return None

    def needs(self, key: str) -> Iterable[str]:
        return (f"ask.{key}", f"label.{key}.stop", f"label.{key}.stay", "say.stopped")

    def most_choices(self) -> int:
        return 2
