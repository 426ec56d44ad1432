"""One of a few: a choice that is an answer, and a menu that leads into another flow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from handlers import events
from handlers.cards import DOOR, audiences_of
from handlers.effects import Option
from handlers.events import Event
from handlers.kinds.base import LANGUAGE, Heard, Here, Screen
from handlers.openings import opening

ROOM_AT_MOST = 4
"""So few choices leave room for two buttons about something else, and for a reader's calm."""


def options(key: str, choices: Iterable[str], longs: Iterable[str] = ()) -> tuple[Option, ...]:
    """Buttons of question *key*: labels are label.KEY.CHOICE, long forms long.KEY.CHOICE."""
    longs = frozenset(longs)
    return tuple(
        Option(choice, f"label.{key}.{choice}", f"long.{key}.{choice}" if choice in longs else None)
        for choice in choices
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """Exactly one of *choices*, likeliest first. *longs* are those whose label had to be cut;
    *unknowns* those that mean "I don't know" and so tell an officer nothing; *answered* those after
    which something is said. Where *keeps_kind*, the choice is the kind of report. *commands* are
    controls of the engine that stand beside them: the one to the knowledge cards where there are
    any."""

    choices: tuple[str, ...]
    longs: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    skippable: bool = False
    keeps_kind: bool = False
    commands: tuple[str, ...] = ()
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        return Screen(
            f"ask.{here.key}",
            options(here.key, (*self.choices, *_offered(here, self.commands)), self.longs),
            asks_findings=len(self.choices) <= ROOM_AT_MOST,
        )

    def hear(self, here: Here, event: Event) -> Heard | None:
        if not isinstance(event, events.Choice) or event.choice not in self.choices:
            return None
        said = (here.say(f"{here.key}_{event.choice}"),) if event.choice in self.answered else ()
        settled = here.settle(here.told(event.choice), *said)
        if not self.keeps_kind:
            return settled
        # Another kind is another way: its questions are counted anew.
        told = replace(settled.conversation, kind=event.choice, total=None)
        return replace(settled, conversation=told)

    def needs(self, key: str) -> Iterable[str]:
        yield f"ask.{key}"
        yield from (f"say.{key}_{choice}" for choice in self.answered)
        for option in options(key, (*self.choices, *self.commands), self.longs):
            yield option.label
            if option.long is not None:
                yield option.long

    def most_choices(self) -> int:
        own = len(self.choices) + len(self.commands)
        return own + (2 if len(self.choices) <= ROOM_AT_MOST else 0)


@dataclass(frozen=True, slots=True)
class Menu:
    """Doors: each choice leads into the flow *goes* names, or is one of the engine's controls
    (*commands*): the one to the knowledge cards where there are any. *unshown* are doors without a
    button, for who types their name."""

    goes: Mapping[str, str]
    commands: tuple[str, ...] = ()
    unshown: Mapping[str, str] = field(default_factory=dict)
    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        shown = (*self.goes, *_offered(here, self.commands))
        typed = tuple(door for door, flow in self.unshown.items() if here.book.offers(flow))
        return Screen(
            f"ask.{here.key}",
            tuple(_leading(here, each) for each in options(here.key, shown)),
            typed=options(here.key, typed),
        )

    def hear(self, here: Here, event: Event) -> Heard | None:
        doors = {**self.goes, **self.unshown}
        if not isinstance(event, events.Choice) or event.choice not in doors:
            return None
        name = doors[event.choice]
        if not here.book.offers(name):
            return None
        flow = here.book.flows[here.conversation.flow]
        own = (question.key for question in flow.questions)
        gone = replace(here.conversation.without(*own), flow=name, asked=None, total=None)
        return Heard(gone, opening(here.book, gone) if event.choice in self.unshown else ())

    def needs(self, key: str) -> Iterable[str]:
        yield f"ask.{key}"
        for option in options(key, (*self.goes, *self.commands, *self.unshown)):
            yield option.label

    def most_choices(self) -> int:
        return len(self.goes) + len(self.commands)


def _leading(here: Here, option: Option) -> Option:
    """*option*, which says to which language it leads if it is that one."""
    if option.id != "language":
        return option
    return replace(option, id=f"{LANGUAGE}{here.next_language}")


def _offered(here: Here, commands: Iterable[str]) -> tuple[str, ...]:
    """The controls among *commands* that lead somewhere: no door to an empty room."""
    is_member = here.conversation.member is not None
    has_cards = bool(audiences_of(here.book.cards, is_member=is_member))
    return tuple(each for each in commands if each != DOOR or has_cards)
