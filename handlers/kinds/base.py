"""What every question kind can see and give back.

A kind sees where it stands (`Here`) and one event, and answers with the conversation as it is
after that event (`Heard`), or None: "this I do not understand". It never asks the next question,
never reads another question's answer except through the conversation, and keeps no words: they go
into a `Seal` effect or nowhere.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Protocol

from handlers.conversation import Answer, Conversation, PartMark
from handlers.effects import Effect, Intent, Option, Param, Params, Remove, Say, Seal
from handlers.events import Event, FileRef

if TYPE_CHECKING:
    from handlers.book import Book
    from handlers.flow import Question

TEXT = frozenset({"text"})
LANGUAGE = "language_"
"""Begins a control that leads to the language behind it: pressed twice, it leads there too."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where a kind stands: the book, the draft, its own question, today, and a source of ids.
    *is_new*: the question has just come on the screen."""

    book: "Book"
    conversation: Conversation
    question: "Question"
    today: date
    new_id: Callable[[], str]
    is_new: bool = False

    @property
    def key(self) -> str:
        return self.question.key

    @property
    def answer(self) -> Answer:
        return self.conversation.answer(self.key)

    @property
    def pending(self) -> tuple[str, ...]:
        return self.conversation.pending

    @property
    def next_language(self) -> str:
        languages = self.book.languages
        return languages[(languages.index(self.conversation.language) + 1) % len(languages)]

    def say(self, key: str, **params: Param) -> Say:
        return Say(self.conversation.language, f"say.{key}", params)

    def button(self, choice: str, role: str = "answer") -> Option:
        """The button of a *choice* that many questions have, in this question's words if it has
        its own."""
        own = f"label.{self.key}.{choice}"
        label = own if own in self.book.words else f"label.{choice}"
        return Option(choice, label, role=role)

    def told(self, value: str | None = None, ids: tuple[str, ...] = ()) -> Answer:
        """The answer with this value; parts that lie under the key already stay there."""
        return Answer(value, ids, self.answer.parts)

    def keep(self, answer: Answer, *effects: Effect) -> "Heard":
        """Remember *answer* and stay on the question."""
        told = {**self.conversation.told, self.key: answer}
        return Heard(replace(self.conversation, told=told, pending=()), effects)

    def settle(self, answer: Answer, *effects: Effect) -> "Heard":
        """Remember *answer* and go on."""
        return self.keep(answer.settled(), *effects)

    def wait(self, *pending: str, effects: tuple[Effect, ...] = ()) -> "Heard":
        """Stay, with something to be confirmed first."""
        return Heard(replace(self.conversation, pending=pending), effects)

    def seal(self, *, words: str | None = None, file: FileRef | None = None) -> Seal:
        return Seal(self.new_id(), self.key, words, file)


@dataclass(frozen=True, slots=True)
class Heard:
    """The conversation after an event, and what is to be done and said before the next question.
    *is_waiting*: the turn calls back (`CodeChecked`); nothing is asked until then."""

    conversation: Conversation
    effects: tuple[Effect, ...] = ()
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """How a question looks now: its text, its own buttons (controls are the engine's), what comes
    before it, which of the engine's controls make no sense on it and which more it needs, whether a
    typed number means a button, and whether it has room for the question about what was found in
    words or files (`handlers.findings`: two buttons). *typed* are choices that no button shows."""

    text: str
    options: tuple[Option, ...] = ()
    accepts: frozenset[str] = frozenset()
    params: Params = field(default_factory=dict)
    before: tuple[Intent, ...] = ()
    without: frozenset[str] = frozenset()
    more: frozenset[str] = frozenset()
    takes_numbers: bool = True
    asks_findings: bool = False
    typed: tuple[Option, ...] = ()


class Kind(Protocol):
    """One way of asking. `takes_all` hands it every event, commands too; `is_secret` says that
    what is typed here may be a code, which nobody else may look at or keep."""

    @property
    def skippable(self) -> bool: ...

    @property
    def takes_all(self) -> bool: ...

    @property
    def is_secret(self) -> bool: ...

    def screen(self, here: Here) -> Screen: ...

    def hear(self, here: Here, event: Event) -> Heard | None: ...

    def needs(self, key: str) -> Iterable[str]:
        """The word keys that a question of this kind under *key* cannot do without."""
        ...

    def most_choices(self) -> int:
        """The most answer buttons that one of its screens can show."""
        ...


def removals(answer: Answer) -> tuple[Remove, ...]:
    """Remove every part of *answer*."""
    return tuple(Remove(part.part_id) for part in answer.parts)


def mark_of(seal: Seal) -> PartMark:
    """How the draft remembers what *seal* seals."""
    return PartMark(seal.part_id, "words" if seal.file is None else seal.file.media)
