"""To be told in this chat when there is news of a tip: asked for, agreed to, stopped.

Nothing is kept before the person agreed to a screen that says what has to be kept, for how long,
and who might see it. Stopping asks nothing, needs no receipt, and reads the same whether anything
was on or not: nobody who holds the phone learns it by trying.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from handlers import effects, events
from handlers.conversation import Answer
from handlers.effects import Effect, Option, Params, Say
from handlers.events import Event
from handlers.kinds.base import Heard, Here, Screen
from handlers.kinds.choice import options
from handlers.kinds.closing import may_reopen

ASK = "ask.notify"
WORDS = (
    ASK, "label.notify.agree", "label.notify.no", "label.stop_notify", "say.notify_on",
    "say.notify_off", "say.notify_busy", "say.notify_not",
)  # fmt: skip
"""Every word key that asking, agreeing and stopping need."""


def agreement() -> tuple[Option, ...]:
    """The buttons under what agreeing means."""
    return options("notify", ("agree", "no"))


def terms(here: Here) -> Params:
    """What the words before agreeing fill in."""
    return {"days": here.book.channel.notice_days}


def answered(here: Here, event: events.Notified) -> tuple[Here, Say]:
    """The conversation once the turn has kept the account, or has not; and what to say."""
    is_on = event.verdict == "on"
    verdict = event.verdict if event.verdict in ("on", "busy") else "not"
    told = replace(here.conversation, notice="on") if is_on else here.conversation
    return replace(here, conversation=told), here.say(f"notify_{verdict}")


def stopped(here: Here) -> tuple[Effect, ...]:
    """Stop, and say so."""
    return effects.StopNotify(), here.say("notify_off")


@dataclass(frozen=True, slots=True)
class Next:
    """What to do with the tip that is followed. What can be asked for here depends on the channel,
    on what is on already, and on whether it was ended."""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        answer, evidence, tell, stop = options(here.key, _CHOICES)
        notice = {"off": (tell,), "on": (here.button("stop_notify"),)}
        told = notice.get(here.conversation.notice or "", ())
        again = (here.button("reopen"),) if may_reopen(here.conversation) else ()
        shown = (answer, evidence, *again, *told, stop)
        return Screen(f"ask.{here.key}", shown, asks_findings=True)

    def hear(self, here: Here, event: Event) -> Heard | None:
        offered = [option.id for option in self.screen(here).options]
        if isinstance(event, events.Choice) and event.choice in offered:
            return here.settle(here.told(event.choice))
        return None

    def needs(self, key: str) -> Iterable[str]:
        buttons = ("label.stop_notify", f"label.{key}.reopen")
        return (f"ask.{key}", *buttons, *(f"label.{key}.{one}" for one in _CHOICES))

    def most_choices(self) -> int:
        return len(_CHOICES) + 3  # what was found in words is asked about here too


_CHOICES = ("answer", "evidence", "notify", "stop")


@dataclass(frozen=True, slots=True)
class Notify:
    """Really have this account kept with the tip?"""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        return Screen(ASK, agreement(), params=terms(here))

    def hear(self, here: Here, event: Event) -> Heard | None:
        match event:
            case events.Choice(choice="agree"):
                return Heard(here.conversation, (effects.Notify(),), is_waiting=True)
            case events.Choice(choice="no"):
                return here.settle(Answer("no"))
            case events.Notified():
                there, said = answered(here, event)
                return there.settle(Answer(event.verdict), said)
        return None

    def needs(self, key: str) -> Iterable[str]:
        return WORDS

    def most_choices(self) -> int:
        return 2
