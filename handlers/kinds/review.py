"""The last look before sending: the answers by name and count, and what would help most.

It coaches and never blocks. What stops it is only a question that a release added while this
screen stood open: that one is asked first, once, and may be skipped like any other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from handlers import events
from handlers.effects import Card, Option
from handlers.events import Event
from handlers.filing import file_tip
from handlers.kinds.base import Heard, Here, Screen
from handlers.trail import first_gap, trail

_TELL = "tell."
UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Review:
    """Send, tell the one thing that is most missing, edit, or cancel."""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        gap = first_gap(here.book, here.conversation)
        tell = () if gap is None else (Option(_TELL + gap, f"label.tell.{gap}"),)
        hint = () if gap is None else (here.say(f"coach.{gap}"),)
        card = Card(here.conversation.language, trail(here.book, here.conversation))
        return Screen(
            f"ask.{here.key}",
            (Option("send", f"label.{here.key}.send"), *tell),
            before=(card, *hint),
            without=frozenset({"back"}),
            more=frozenset({"edit"}),
            asks_findings=True,
        )

    def hear(self, here: Here, event: Event) -> Heard | None:
        is_waited_for = here.conversation.is_sending and not here.conversation.coming
        if isinstance(event, events.MemberChecked) and is_waited_for:
            return file_tip(here, is_member_checked=True) if event.works else _lapsed(here)
        if not isinstance(event, events.Choice):
            return None
        if event.choice == "send":
            return _waits(here) if here.conversation.coming else file_tip(here)
        key = event.choice.removeprefix(_TELL)
        if key == event.choice or key not in here.book.flows[here.conversation.flow].coach:
            return None
        reopened = here.conversation.answer(key).reopened()
        return Heard(here.conversation.with_answer(key, reopened))

    def needs(self, key: str) -> Iterable[str]:
        return (f"ask.{key}", f"label.{key}.send", "label.edit", "say.member_lapsed")

    def most_choices(self) -> int:
        return 5


def _waits(here: Here) -> Heard:
    """Filing waits for the last file. Mostly that is a moment, and the receipt is the answer; who
    has heard already that a file is slow hears that sending waits for it."""
    is_slow = any(each.is_slow for each in here.conversation.coming)
    said = (here.say("sending_waits"),) if is_slow else ()
    return Heard(replace(here.conversation, is_sending=True), said, is_waiting=True)


def _lapsed(here: Here) -> Heard:
    """The member's code stopped working: what was told goes on as a citizen's. It is pending, so
    that the buttons are new ones: who had pressed "send" twice has not sent it without knowing."""
    citizen = replace(here.conversation, member=None, is_sending=False, pending=(UNVERIFIED,))
    return Heard(citizen, (here.say("member_lapsed"),))
