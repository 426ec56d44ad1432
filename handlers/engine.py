"""The engine: one event in, the next conversation and what is to be done and said out.

`step` is pure and total: it never raises for anything a person can send, and it always leaves a
screen that can be answered. It knows the controls that every question has (back, skip, keep, edit,
cancel, help); what an answer is, the kinds know. Laws: an event answers the question that stood on
the person's screen, or none; what comes next is derived from what is settled.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from handlers import arrivals, crisis, effects, events, findings, strays
from handlers.book import Book
from handlers.cards import DOOR, body_key, title_key
from handlers.conversation import Answer, Conversation
from handlers.effects import Effect, Intent, Say, Word
from handlers.events import Event
from handlers.explaining import TOPICS, explained, is_courtesy, unheard
from handlers.flow import Flow, next_question, question_before
from handlers.kinds import learn, notify
from handlers.kinds.base import LANGUAGE, Heard, Here, Kind, removals
from handlers.kinds.noted import WIPE
from handlers.openings import opening
from handlers.screens import CONTROLS, draw, question_on_screen, typed_choice

START = "start"
STALE = frozenset({"say.stale", "say.stale_start"})
"""Said when an event was meant for a question that is gone; a channel may give the words back."""


ENDING = frozenset({"noted", WIPE, "drop", "cancel"})
"""Buttons after which nothing stands but the doors."""


_UNASKED = events.Blocked | events.News | events.NewCard
"""What is no answer, and asks for none."""


_TURNS_ANSWERS = events.Notified | events.Subscribed | events.MemberChecked | events.ClosureAnswered


@dataclass(frozen=True, slots=True)
class Step:
    """The conversation after an event, and its effects in the order they happen."""

    conversation: Conversation
    effects: tuple[Effect, ...]


def start(language: str) -> Conversation:
    """A conversation with somebody who has not been greeted yet."""
    return Conversation(START, language)


def step(
    book: Book,
    conversation: Conversation,
    event: Event,
    *,
    today: date,
    new_id: Callable[[], str],
) -> Step:
    """Answer *event*. *new_id* gives 32 random hex digits, for parts and for screens."""
    before = _at_home(book, conversation)
    here = Here(book, before, question_on_screen(book, before), today, new_id)
    greeting = _greeting(here, event)
    if isinstance(event, _UNASKED):
        return _aside(here, event)
    heard = _hear(here, event)
    if heard is None:
        heard = Heard(before, unheard(here, event, is_greeted=bool(greeting)))
    heard = strays.without_codes(here, event, heard)
    heard = _settled_loops(here, crisis.noticed(here, event, heard))
    heard = findings.noticed(here, heard)
    greeting, heard = crisis.first_on_a_page(here, greeting, heard)
    # Who is new gets the first question at once, even while a file is still on its way: some
    # channels can say nothing more until a person writes again.
    if heard.is_waiting and not (greeting and isinstance(event, events.Held)):
        return Step(heard.conversation, (*greeting, *heard.effects))
    return _ask(here, heard, greeting)


def _at_home(book: Book, conversation: Conversation) -> Conversation:
    """The conversation in this release: a flow, aside or language that is gone gives way."""
    if conversation.language not in book.languages:
        conversation = replace(conversation, language=book.languages[0])
    if conversation.flow not in book.flows:
        conversation = replace(conversation, flow=START, asked=None, aside=None, pending=())
    if conversation.aside is not None and conversation.aside not in book.asides:
        conversation = replace(conversation, aside=None)
    if _is_question_gone(book, conversation):
        conversation = replace(conversation, pending=())
    return conversation


def _is_question_gone(book: Book, conversation: Conversation) -> bool:
    """Whether this release no longer has the question that stands on the person's screen."""
    asked = conversation.asked
    is_in_flow = conversation.aside is None and asked is not None
    return is_in_flow and book.flows[conversation.flow].find(asked) is None


def _greeting(here: Here, event: Event) -> tuple[Intent, ...]:
    """The opening, for who has not seen it: whatever they say first."""
    conversation = here.conversation
    is_new = conversation.flow == START and conversation.asked is None
    if not is_new or isinstance(event, events.Choice | _UNASKED):
        return ()
    return opening(here.book, conversation)


def _aside(here: Here, event: Event) -> Step:
    """What is no part of the conversation: nothing is asked, and nothing on the screen changes."""
    before = here.conversation
    if isinstance(event, events.News):
        return Step(before, (here.say("news_last" if event.is_ending else "news"),))
    if isinstance(event, events.NewCard):
        return Step(before, _card_sent(here, event.card_id))
    # Nobody can be told in a chat that is shut, so nothing should lead to it from a tip.
    is_told = here.book.channel.can_push
    return Step(before.without_notice(), (effects.StopNotify(),) if is_told else ())


def _card_sent(here: Here, card_id: str) -> tuple[Say, ...]:
    """One that was withdrawn before it was sent is not."""
    if all(card.id != card_id for card in here.book.cards):
        return ()
    return (here.say("card_new", title=Word(title_key(card_id)), body=Word(body_key(card_id))),)


# --- hearing -----------------------------------------------------------------------------------


def _hear(here: Here, event: Event) -> Heard | None:
    arrived = arrivals.heard(here, event)
    if arrived is not None:
        return arrived
    kind = here.question.kind
    if not kind.takes_all and (about := findings.decided(here, event)) is not None:
        return about
    is_answer = isinstance(event, events.Choice | events.Text | events.Location)
    if is_answer and not kind.takes_all and _is_question_gone(here.book, here.conversation):
        return Heard(here.conversation, (here.say("question_gone"),))
    match event:
        case events.Choice() | events.Text() if _is_stale(here, event):
            if not kind.takes_all:
                return Heard(here.conversation, (here.say(_stale_saying(here, event)),))
        case events.Text(words) if len(words) > here.book.limits.words_at_most:
            return _too_long(here)
        case events.Text(words):
            choice = typed_choice(here, words)
            if choice is not None:
                event = events.Choice(here.conversation.screen, choice)
                if (about := findings.decided(here, event)) is not None:
                    return about
    if kind.takes_all:
        return kind.hear(here, _unless_stale(here, event))
    return _hear_control(here, event) or _hear_answer(here, kind, event)


def _is_stale(here: Here, event: events.Choice | events.Text) -> bool:
    """Whether *event* was meant for another screen than the one that stands. The start menu looks
    the same to everybody, so its buttons never grow old while it stands."""
    talk = here.conversation
    if event.screen is None or event.screen == talk.screen:
        return False
    return not (talk.flow == START and talk.aside is None and event.screen == START)


def _stale_saying(here: Here, event: events.Choice | events.Text) -> str:
    """Who presses a button of long ago may look for what they left unsent; who pressed twice what
    ended it does not."""
    is_twice = isinstance(event, events.Choice) and event.choice in ENDING
    return "stale_start" if here.conversation.is_blank and not is_twice else "stale"


def _unless_stale(here: Here, event: Event) -> Event:
    if isinstance(event, events.Choice | events.Text) and _is_stale(here, event):
        return events.Unknown()
    return event


def _too_long(here: Here) -> Heard:
    return Heard(
        here.conversation, (here.say("words_too_long", most=here.book.limits.words_at_most),)
    )


def _hear_control(here: Here, event: Event) -> Heard | None:
    match event:
        case events.Choice(choice=control) if control in CONTROLS or control.startswith(LANGUAGE):
            return _control(here, control)
        case events.Command(name="language", argument=wanted) if wanted in here.book.languages:
            return _language(here, wanted)
        case events.Command(name=name) if name in CONTROLS:
            return _control(here, name)
        case events.Command(name=name):
            return _door(here, name)
        case events.Followed():
            return _door(here, START)
        case events.Unsent(part_id=part_id):
            return strays.unsent(here, part_id)
        case events.Edited(part_id=part_id, words=words, question=filed_under):
            return strays.edited(here, part_id, words, filed_under)
        case events.Filed():
            return Heard(here.conversation)
    return None


def _hear_answer(here: Here, kind: Kind, event: Event) -> Heard | None:
    if isinstance(event, events.Text) and strays.is_hollow(event.words) and not kind.is_secret:
        return Heard(here.conversation, (here.say("hollow"),))
    is_to_officers = _flow(here).adds_to_filed and not kind.is_secret
    if isinstance(event, events.Text) and not is_to_officers and is_courtesy(here, event.words):
        return Heard(here.conversation, unheard(here, event, is_greeted=True))
    if isinstance(event, events.CodeChecked) and not kind.is_secret:
        return strays.late_verdict(here, event)
    if isinstance(event, events.Text) and not kind.is_secret:
        again = strays.code_again(here, event.words)
        if again is not None:
            return again
    if isinstance(event, _TURNS_ANSWERS):
        return kind.hear(here, event) or Heard(here.conversation)
    if _is_question_gone(here.book, here.conversation):
        return strays.kept(here, event)
    heard = kind.hear(here, event)
    return strays.kept(here, event) if heard is None else strays.beside(here, event, heard)


# --- controls ------------------------------------------------------------------------------------


def _control(here: Here, control: str) -> Heard | None:
    match control:
        case "back":
            return _back(here)
        case "skip":
            return _skip(here)
        case "keep":
            return here.settle(here.answer) if here.answer.has_content else None
        case "cancel":
            return _cancel(here)
        case "edit":
            return _edit(here)
        case "language":
            return _language(here, here.next_language)
        case "learn":
            return _learn(here)
        case "menu":
            return _menu(here)
        case topic if topic in TOPICS:
            return Heard(here.conversation, explained(here, topic))
        case "stop_notify" if here.book.channel.can_push:
            return Heard(here.conversation.without_notice(), notify.stopped(here))
    wanted = control.removeprefix(LANGUAGE)
    return _language(here, wanted) if wanted in here.book.languages else None


def _back(here: Here) -> Heard:
    conversation, flow = here.conversation, _flow(here)
    if conversation.aside is not None:
        is_inside = bool(conversation.pending)
        aside = conversation.aside if is_inside else None
        return Heard(replace(conversation, aside=aside, pending=conversation.pending[:-1]))
    if conversation.pending:
        return Heard(replace(conversation, pending=()))
    before = question_before(flow, conversation, here.key)
    if before is None and _is_under_way(here):
        return Heard(conversation, (here.say("still_fetching"),))
    if before is not None:
        reopened = conversation.answer(before.key).reopened()
        return Heard(conversation.with_answer(before.key, reopened))
    if flow.cancel is None or _is_at_stake(here):
        return Heard(conversation, (here.say("at_first"),))
    return Heard(_left(conversation), (effects.Forget(),))


def _skip(here: Here) -> Heard | None:
    if not here.question.kind.skippable:
        return None
    answer = here.answer
    if answer.parts:
        return here.settle(answer)
    return here.settle(Answer(is_skipped=True), *removals(answer))


def _cancel(here: Here) -> Heard:
    conversation, flow = here.conversation, _flow(here)
    if flow.cancel is None:
        return Heard(replace(conversation, aside=None, pending=()))
    if _is_at_stake(here):
        return Heard(replace(conversation, aside="drop_draft", pending=()))
    if _is_under_way(here):
        return Heard(conversation, (here.say("still_fetching"),))
    return Heard(_left(conversation), (effects.Forget(),))


def _edit(here: Here) -> Heard | None:
    conversation = here.conversation
    if not _flow(here).is_editable or not any(a.is_settled for a in conversation.told.values()):
        return Heard(conversation, (here.say("nothing_to_edit"),))
    return Heard(replace(conversation, aside="pick_answer", pending=()))


def _language(here: Here, wanted: str) -> Heard:
    changed = replace(here.conversation, language=wanted)
    is_home = changed.flow == START and changed.aside is None and changed != here.conversation
    return Heard(changed, opening(here.book, changed) if is_home else ())


def _learn(here: Here) -> Heard:
    """The knowledge cards: beside what is being told, where something is or a code was accepted
    for it; else a door like the others."""
    conversation = here.conversation
    entered = learn.entered(here)
    is_beside = conversation.flow == START or conversation.member is not None or _is_at_stake(here)
    if is_beside or entered.conversation.aside != DOOR:
        return entered
    if _is_under_way(here):
        return Heard(conversation, (here.say("still_fetching"),))
    gone = replace(_left(conversation), aside=DOOR)
    return Heard(gone, (effects.Forget(),) if conversation.told else ())


def _door(here: Here, name: str) -> Heard | None:
    """A command that names a flow. What was told is never left behind without a question."""
    conversation = here.conversation
    flow = here.book.flows.get(name)
    if flow is None or not here.book.offers(name) or (flow.cancel is None and name != START):
        return None
    if _is_at_stake(here):
        return Heard(conversation, (here.say("midway"),))
    if _is_under_way(here):
        return Heard(conversation, (here.say("still_fetching"),))
    gone = Conversation(name, conversation.language)
    is_greeted = name == START and conversation.asked is None
    said = () if is_greeted else opening(here.book, gone)
    return Heard(gone, (*((effects.Forget(),) if conversation.told else ()), *said))


def _menu(here: Here) -> Heard | None:
    """Back to the doors, out of an aside first. What was told is never left behind."""
    conversation = here.conversation
    if conversation.aside is not None:
        return Heard(replace(conversation, aside=None, pending=()))
    if _is_at_stake(here):
        return Heard(conversation, (here.say("midway"),))
    if _is_under_way(here):
        return Heard(conversation, (here.say("still_fetching"),))
    if conversation.flow == START:
        return Heard(conversation)
    return Heard(_left(conversation), (effects.Forget(),))


def _flow(here: Here) -> Flow:
    return here.book.flows[here.conversation.flow]


def _is_at_stake(here: Here) -> bool:
    """Whether leaving would drop something that was told and not filed."""
    told, coming = here.conversation.told.values(), here.conversation.coming
    has_told = bool(coming) or any(answer.has_content for answer in told)
    return _flow(here).cancel == "ask" and has_told


def _is_under_way(here: Here) -> bool:
    """Whether leaving would lose a file on its way into a tip that is filed already."""
    return _flow(here).cancel == "leave" and bool(here.conversation.coming)


def _left(conversation: Conversation) -> Conversation:
    return Conversation(START, conversation.language, asked="menu")


# --- what every answer brings with it ------------------------------------------------------------


def _settled_loops(here: Here, heard: Heard) -> Heard:
    """A settled question that ends a round clears it; a cry for help in it is answered now."""
    flow = here.book.flows.get(heard.conversation.flow)
    after = heard.conversation
    for question in flow.questions if flow is not None else ():
        if question.clears and (answer := after.answer(question.key)).is_settled:
            after = after.without(*question.clears)
            if question.when_done is not None and answer.parts:
                done = here.say(question.when_done)
                heard = replace(heard, effects=(*heard.effects, done))
            if after.is_crisis:
                numbers = strays.crisis(here)
                after = replace(after, is_crisis=False)
                heard = replace(heard, effects=(*heard.effects, numbers))
    return heard if after is heard.conversation else replace(heard, conversation=after)


def _ask(here: Here, heard: Heard, greeting: tuple[Intent, ...]) -> Step:
    """Put the next question on the screen, under a new nonce unless it is the same screen."""
    book, after = here.book, heard.conversation
    before = here.conversation
    if after.flow != before.flow:
        after = replace(after, pending=(), aside=None)
    asked = next_question(book.flows[after.flow], after).key
    if asked != before.asked and (after.pending or after.is_warned):
        after = replace(after, pending=(), is_warned=False)
    if after.is_sending and (after.aside is not None or not book.flows[after.flow].is_last(asked)):
        after = replace(after, is_sending=False)
    is_same = (asked, after.aside, after.pending, after.flow) == (
        before.asked,
        before.aside,
        before.pending,
        before.flow,
    )
    screen = before.screen if is_same and before.screen else here.new_id()[:8]
    if after.flow == START and after.aside is None:
        screen = START
    if (asked, screen) != (after.asked, after.screen):
        after = replace(after, asked=asked, screen=screen)
    after, shown = draw(here, after)
    return Step(after, (*greeting, *heard.effects, *shown))
