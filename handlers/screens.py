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
from handlers.kinds.base import LANGUAGE, Here, Screen
from handlers.provinces import count_slips
from handlers.thai import fold, letters, tone_free
from handlers.words import USUAL_AT_MOST, spelling

CONTROLS = (
    "keep", "skip", "edit", "back", "cancel", "help", "safety", "real_bot", "language", "learn",
    "stop_notify", "menu", "lost_code",
)  # fmt: skip
ANYWHERE = (
    "edit", "back", "skip", "done", "cancel", "help", "safety", "real_bot", "language", "learn",
    "stop_notify", "menu", "lost_code",
)  # fmt: skip
"""What may be typed although no button says it just now."""
UNKNOWING = frozenset({"unknown", "unsure", "forgotten", "skip"})
"""Buttons of who does not know: the usual words for that press the first of them there is."""
CHOICES_AT_MOST = 11
"""Answers on one screen: LINE has 13 quick replies, two of them back and cancel."""

_NEAR_FROM, _NEAR_TO = 5, 30
"""Letters, tone marks aside, of what may be a button with a slip of the finger."""
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
    """The button that *words* mean: its number, its label, or a usual word for it; politeness
    around it aside, and a slip of the finger where nothing but a button is expected."""
    if len(words) > USUAL_AT_MOST:
        return None
    said = here.book.words
    key = fold(words)
    bare = said.bare(letters(key))
    number = _NUMBER.fullmatch(key) or _NUMBER.fullmatch(bare)
    if number is None and bare not in said.spelled:
        return _near(here, bare)
    screen = here.question.kind.screen(here)
    buttons = _buttons(here, screen)
    if number is not None and screen.takes_numbers:
        answers = [button for button in buttons if button.role == "answer"]
        nth = int(number[1])
        return answers[nth - 1].id if 1 <= nth <= len(answers) else None
    known = (*buttons, *screen.typed)
    for button in known:
        is_language = button.id.startswith(LANGUAGE)  # its label is another's in another language
        if not is_language and bare in _spellings(here.book, button):
            return button.id
    tongues = (LANGUAGE + language for language in here.book.languages)
    for choice in (*(button.id for button in known), *tongues, *ANYWHERE):
        verb = choice.partition(".")[0]
        if said.is_typed(f"{here.key}.{verb}", bare) or said.is_typed(verb, bare):
            return choice
        if bare in _spellings(here.book, Option(choice, f"label.{choice}")):
            return choice
    for button in buttons:
        if button.id in UNKNOWING and (
            said.is_typed("unknown", bare) or said.is_typed("none", bare)
        ):
            return button.id
    return None


def _near(here: Here, bare: str) -> str | None:
    """The one button whose label *bare* is but for a slip of the finger. Only where words are no
    answer: nobody's story is taken for a button. ("Not" is more than one slip in any language, and
    a receipt is not put away by one.)"""
    heard = tone_free(bare)
    if here.question.kind.takes_all or not _NEAR_FROM <= len(heard) <= _NEAR_TO:
        return None
    screen = here.question.kind.screen(here)
    if screen.accepts:
        return None
    texts = here.book.words.texts[here.conversation.language]
    meant = {
        button.id
        for button in (*_buttons(here, screen), *screen.typed)
        if count_slips(heard, tone_free(spelling(texts.get(button.label, ""))), 1) <= 1
    }
    return meant.pop() if len(meant) == 1 else None


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
        "lost_code": "lost_code" in screen.more,
        "back": goes_back,
        "cancel": flow.cancel is not None,
    }
    return tuple(
        control
        for control, is_there in offered.items()
        if is_there and control not in screen.without
    )
