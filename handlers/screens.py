"""The screen a person sees: which question stands on it, its buttons, and what typing can mean.

Every question gets its controls here, so that no kind can forget one; and whatever a button can
say, its number, its label in any language, or a usual word for it says too.
"""

import re
from dataclasses import replace

from handlers import findings
from handlers.book import Book
from handlers.conversation import Conversation
from handlers.effects import Ask, Intent, Option
from handlers.flow import Question, next_question, progress, question_before
from handlers.kinds.base import Here, Screen
from handlers.thai import fold, letters
from handlers.words import spelling

CONTROLS = (
    "keep", "skip", "edit", "back", "cancel", "help", "safety", "real_bot", "language", "learn",
    "stop_notify",
)  # fmt: skip
ANYWHERE = (
    "edit", "back", "skip", "done", "cancel", "help", "safety", "real_bot", "language", "learn",
    "stop_notify",
)  # fmt: skip
"""What may be typed although no button says it just now."""
CHOICES_AT_MOST = 11
"""Answers on one screen: LINE has 13 quick replies, two of them back and cancel."""

_READ_AT_MOST = 200
_NUMBER = re.compile(r"[(\[#]?(\d{1,2})[)\].]?")


def question_on_screen(book: Book, conversation: Conversation) -> Question:
    """The question an event answers: the one last asked, if this release still has it."""
    if conversation.aside is not None:
        return book.asides[conversation.aside]
    flow = book.flows[conversation.flow]
    return flow.find(conversation.asked) or next_question(flow, conversation)


def draw(here: Here, after: Conversation) -> tuple[Conversation, tuple[Intent, ...]]:
    """Put the question that *after* asks on the screen."""
    book, before = here.book, here.conversation
    question = question_on_screen(book, after)
    is_still_there = (before.flow, before.asked, before.aside) == (
        after.flow,
        after.asked,
        after.aside,
    )
    there = Here(book, after, question, here.today, here.new_id, is_new=not is_still_there)
    screen = question.kind.screen(there)
    shown = None
    if after.aside is None:
        shown, total = progress(book.flows[after.flow], after, question)
        if total != after.total:
            after = replace(after, total=total)
    ask = Ask(
        after.language,
        question.key,
        screen.text,
        screen.params,
        _buttons(there, screen),
        after.screen,
        screen.accepts,
        shown,
    )
    return after, (*screen.before, *findings.question(there, screen), ask)


def typed_choice(here: Here, words: str) -> str | None:
    """The button that *words* mean: its number, its label, or a usual word for it."""
    if len(words) > _READ_AT_MOST:
        return None
    key = fold(words)
    number, bare = _NUMBER.fullmatch(key), letters(key)
    if number is None and bare not in here.book.words.spelled:
        return None
    screen = here.question.kind.screen(here)
    buttons = _buttons(here, screen)
    if number is not None and screen.takes_numbers:
        answers = [button for button in buttons if button.role == "answer"]
        nth = int(number[1])
        return answers[nth - 1].id if 1 <= nth <= len(answers) else None
    known = (*buttons, *screen.typed)
    for button in known:
        if bare in _spellings(here.book, button):
            return button.id
    for choice in (*ANYWHERE, *(button.id for button in known)):
        verb = choice.partition(".")[0]
        if bare in map(spelling, here.book.words.typed.get(verb, ())):
            return choice
        if bare in _spellings(here.book, Option(choice, f"label.{choice}")):
            return choice
    return None


def _spellings(book: Book, button: Option) -> set[str]:
    keys = [key for key in (button.label, button.long) if key is not None]
    said = (texts.get(key, "") for texts in book.words.texts.values() for key in keys)
    return {spelling(text) for text in said} - {""}


def _buttons(here: Here, screen: Screen) -> tuple[Option, ...]:
    controls = (here.button(control, "control") for control in _controls(here, screen))
    about = findings.options(here, screen)
    # Where numbers are typed, those of the question's own answers stay what they were.
    answers = (*screen.options, *about) if screen.takes_numbers else (*about, *screen.options)
    return (*answers, *controls)


def _controls(here: Here, screen: Screen) -> tuple[str, ...]:
    conversation, kind = here.conversation, here.question.kind
    flow = here.book.flows[conversation.flow]
    has_room = len(screen.options) < CHOICES_AT_MOST
    goes_back = (
        conversation.aside is not None
        or conversation.pending
        or question_before(flow, conversation, here.key) is not None
    )
    offered = {
        "keep": has_room and here.answer.has_content and not conversation.pending,
        "skip": has_room and kind.skippable and not conversation.pending,
        "edit": "edit" in screen.more,
        "back": goes_back,
        "cancel": flow.cancel is not None,
    }
    return tuple(
        control
        for control, is_there in offered.items()
        if is_there and control not in screen.without
    )
