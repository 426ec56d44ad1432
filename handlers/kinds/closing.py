"""The reporter's word on an ending: it is so, or it is not over yet and why.

Asked once, first, of whoever comes back to a tip that officers closed or declined; later the menu
still has the way to reopen it. Whether either may still be said, the turn decides at that moment
and answers with `ClosureAnswered`. Why is sealed like every answer before anything is reopened: so
whatever becomes of it, the words are with the officers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from handlers import effects, events
from handlers.conversation import Answer, Conversation
from handlers.effects import Say
from handlers.events import Event
from handlers.kinds.base import Heard, Here, Screen
from handlers.kinds.choice import options
from handlers.kinds.free_text import Files

ENDED = "ended"
"""How the receipt of a tip settles whose ending its teller may say yes or no to."""
DECLINED = "declined"

_CLOSURES = ("open", "confirmed", "late")
_CHOICES = ("confirm", "reopen", "later")
_SAID = (
    "confirmed", "confirm_moved", "reopened", "reopen_late", "reopen_moved", "reopen_needs_why",
    "closing_confirmed", "closing_late",
)  # fmt: skip


def closure_in(facts: Mapping[str, object]) -> str | None:
    """What may be said to the ending of the tip that a receipt led to."""
    closure = facts.get("closure")
    return closure if closure in _CLOSURES and isinstance(closure, str) else None


def stands(here: Here, closure: str | None) -> tuple[Say, ...]:
    """Where there is nothing to be asked of an ending, what of it is to be known."""
    return (here.say(f"closing_{closure}"),) if closure in ("confirmed", "late") else ()


def may_reopen(conversation: Conversation) -> bool:
    """Whether the menu shows the way to reopen."""
    return conversation.closure in ("open", "confirmed")


@dataclass(frozen=True, slots=True)
class Closing:
    """Is it as the officers say?"""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        is_declined = here.conversation.status == DECLINED
        text = f"ask.{here.key}_{DECLINED}" if is_declined else f"ask.{here.key}"
        return Screen(text, options(here.key, _CHOICES), asks_findings=True)

    def hear(self, here: Here, event: Event) -> Heard | None:
        match event:
            case events.Choice(choice="confirm"):
                return Heard(here.conversation, (effects.Confirm(),), is_waiting=True)
            case events.Choice(choice="reopen" | "later" as choice):
                return here.settle(Answer(choice))
            case events.ClosureAnswered(verdict="confirmed"):
                return Heard(_answered(here, "confirmed"), (here.say("confirmed"),))
            case events.ClosureAnswered(verdict="late"):
                return Heard(_answered(here, "late"), stands(here, "late"))
            case events.ClosureAnswered():
                return Heard(_answered(here, None), (here.say("confirm_moved"),))
        return None

    def needs(self, key: str) -> Iterable[str]:
        labels = (option.label for option in options(key, _CHOICES))
        return (f"ask.{key}", f"ask.{key}_{DECLINED}", *labels, *(f"say.{one}" for one in _SAID))

    def most_choices(self) -> int:
        return len(_CHOICES) + 2  # what was found in words is asked about here too


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why it is not over: words and files until "done", at least one of them here and sealed."""

    at_most: int
    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    @property
    def _told(self) -> Files:
        return Files(self.at_most, words=True, may_be_none=False)

    def screen(self, here: Here) -> Screen:
        return self._told.screen(here)

    def hear(self, here: Here, event: Event) -> Heard | None:
        match event:
            case events.Choice(choice="done"):
                return _reopened(here)
            case events.ClosureAnswered(verdict="reopened", notice=notice):
                after = replace(_answered(here, None), notice=notice)
                there = replace(here, conversation=after)
                return there.settle(here.answer, here.say("reopened"))
            case events.ClosureAnswered(verdict=verdict):
                closure = "late" if verdict == "late" else None
                there = replace(here, conversation=_answered(here, closure))
                return there.settle(here.answer, here.say(f"reopen_{closure or 'moved'}"))
        return self._told.hear(here, event)

    def needs(self, key: str) -> Iterable[str]:
        return self._told.needs(key)

    def most_choices(self) -> int:
        return self._told.most_choices()


def _reopened(here: Here) -> Heard:
    """Something of why has to be here: officers begin with it."""
    if not here.answer.parts:
        is_coming = here.conversation.coming_for(here.key)
        said = () if is_coming else (here.say("reopen_needs_why"),)
        return Heard(here.conversation, said)
    reopen = effects.Reopen(here.answer.parts[0].part_id)
    return Heard(here.conversation, (reopen,), is_waiting=True)


def _answered(here: Here, closure: str | None) -> Conversation:
    """The conversation once the ending was answered: it is asked no more."""
    left = replace(here.conversation.without("closing"), closure=closure)
    return left.with_answer("receipt", Answer("ok").settled())
