"""Words and files, open until the person says "done": people write in bursts.

Every message is sealed the moment it comes; the draft remembers that it came, not what it said.
What was told stays when the question is reopened: new words add to it, and only "start over" or
taking a message back removes any.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from handlers import events
from handlers.conversation import Answer, PartMark
from handlers.effects import Counts, Effect, Word
from handlers.events import Event
from handlers.held import asked_for, called_off, files_of
from handlers.kinds.base import Heard, Here, Screen, mark_of, removals
from handlers.thai import clean_words


@dataclass(frozen=True, slots=True)
class FreeText:
    """Words, and voice notes where *voice*: they count as an answer."""

    skippable: bool = False
    voice: bool = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        accepts = frozenset({"text", "voice"} if self.voice else {"text"})
        return _open_screen(here, accepts, () if self.skippable else ("done",))

    def hear(self, here: Here, event: Event) -> Heard | None:
        if _media_of(event) not in (None, *(("voice",) if self.voice else ())):
            return None
        return _hear_parts(here, event)

    def needs(self, key: str) -> Iterable[str]:
        return (f"ask.{key}", *_OPEN_WORDS)

    def most_choices(self) -> int:
        return 4


@dataclass(frozen=True, slots=True)
class Files:
    """Photos, recordings, documents, at most *at_most* of them; words too where *words*;
    "nothing" is an answer where *may_be_none*."""

    at_most: int
    words: bool = False
    may_be_none: bool = True
    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        accepts = frozenset({"files", "voice", "text"} if self.words else {"files", "voice"})
        return _open_screen(here, accepts, ("none", "done") if self.may_be_none else ("done",))

    def hear(self, here: Here, event: Event) -> Heard | None:
        if isinstance(event, events.Text | events.Location) and not self.words:
            return None
        if isinstance(event, events.Choice) and event.choice == "none" and not here.answer.parts:
            return here.settle(Answer(is_skipped=True))
        if isinstance(event, events.Choice) and event.choice == "skip" and not self.may_be_none:
            return None
        is_file = _media_of(event) is not None
        if is_file and files_of(here.conversation, here.key) >= self.at_most:
            return here.keep(here.answer, here.say("files_enough", most=self.at_most))
        return _hear_parts(here, event)

    def needs(self, key: str) -> Iterable[str]:
        return (f"ask.{key}", "label.none", *_OPEN_WORDS)

    def most_choices(self) -> int:
        return 4


_OPEN_WORDS = ("ask.go_on", "label.done", "label.start_over")


def _open_screen(here: Here, accepts: frozenset[str], first: tuple[str, ...]) -> Screen:
    answer, plain = here.answer, frozenset({"keep"})
    is_coming = here.conversation.coming_for(here.key)
    coming = (here.say("still_fetching"),) if is_coming else ()
    if not answer.parts:
        return Screen(
            f"ask.{here.key}",
            tuple(map(here.button, first)),
            accepts,
            before=coming,
            without=plain,
            takes_numbers=False,
            asks_findings=True,
        )
    counts = Counts(answer.counts)
    over = ("done", "start_over") if answer.is_reopened else ("done",)
    return Screen(
        f"ask.{here.key}" if here.is_new else "ask.go_on",
        tuple(map(here.button, over)),
        accepts,
        params={} if here.is_new else {"counts": counts, "done": Word(here.button("done").label)},
        before=(here.say("told_before", counts=counts),) if here.is_new else coming,
        without=plain | {"skip"},
        takes_numbers=False,
        asks_findings=True,
    )


def _hear_parts(here: Here, event: Event) -> Heard | None:
    answer = here.answer
    match event:
        case events.Choice(choice="done" | "skip"):  # no button says "skip" here; people type it
            is_empty = not answer.parts and not here.conversation.coming_for(here.key)
            return here.settle(replace(answer, is_skipped=is_empty))
        case events.Choice(choice="start_over"):
            kept = here.keep(replace(answer, parts=()), *removals(answer))
            left, gone = called_off(kept.conversation, here.key)
            return replace(kept, conversation=left, effects=(*kept.effects, *gone))
        case events.Text(raw_words) if (words := clean_words(raw_words)).strip():
            seal = here.seal(words=words)
            return _kept(here, mark_of(seal), seal)
        case events.Location(latitude, longitude):
            seal = here.seal(words=f"geo:{latitude:.6f},{longitude:.6f}")
            return _kept(here, PartMark(seal.part_id, "location"), seal)
        case events.Held():
            return asked_for(here, event, here.key)
        case events.Media(file):
            seal = here.seal(file=file)
            return _kept(here, mark_of(seal), seal)
    return None


def _kept(here: Here, part: PartMark, seal: Effect) -> Heard:
    answer = here.answer
    if len(answer.parts) >= here.book.limits.parts_at_most:
        return here.keep(answer, here.say("parts_enough", most=here.book.limits.parts_at_most))
    return here.keep(answer.with_part(part), seal)


def _media_of(event: Event) -> str | None:
    """What kind of file *event* tells of, here or still held."""
    match event:
        case events.Media(file):
            return file.media
        case events.Held(media=media):
            return media
    return None
