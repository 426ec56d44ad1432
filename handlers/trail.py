"""What was told so far, as choices and counts, never as words; and what is still missing."""

from typing import TYPE_CHECKING

from handlers.conversation import Answer, Conversation
from handlers.effects import Day, Row, Word
from handlers.flow import Flow, Question, holds

if TYPE_CHECKING:
    from handlers.book import Book


def trail(book: "Book", conversation: Conversation) -> tuple[Row, ...]:
    """The rows of "so far", in the flow's order: every question but the last that is asked, or
    that was told before it ceased to be."""
    flow = book.flows.get(conversation.flow)
    if flow is None or not flow.is_editable:
        return ()
    told = conversation.told
    return tuple(
        _row(book, question, conversation.answer(question.key))
        for question in flow.questions[:-1]
        if not question.kind.is_secret
        and (holds(question, told) or conversation.answer(question.key).has_content)
    )


def completeness(flow: Flow, conversation: Conversation) -> tuple[int, int]:
    """How many of the things that make a tip usable were told, of how many that were asked."""
    asked = [key for key in flow.coach if _is_asked(flow, conversation, key)]
    return sum(_is_known(flow, conversation, key) for key in asked), len(asked)


def first_gap(book: "Book", conversation: Conversation) -> str | None:
    """The most helpful thing still missing, unless the person said that they don't know it."""
    flow = book.flows[conversation.flow]
    for key in flow.coach:
        question = flow.find(key)
        answer = conversation.answer(key)
        if question is None or not holds(question, conversation.told):
            continue
        if not answer.has_content and answer.is_settled:
            return key
    return None


def _is_asked(flow: Flow, conversation: Conversation, key: str) -> bool:
    question = flow.find(key)
    return question is not None and (
        holds(question, conversation.told) or conversation.answer(key).has_content
    )


def _is_known(flow: Flow, conversation: Conversation, key: str) -> bool:
    question, answer = flow.find(key), conversation.answer(key)
    unknowns = getattr(question.kind, "unknowns", ()) if question is not None else ()
    return answer.has_content and answer.value not in unknowns


def _row(book: "Book", question: Question, answer: Answer) -> Row:
    untold = "skipped" if answer.is_skipped else "open"
    values = tuple(_value(book, question, value) for value in (answer.value, *answer.ids) if value)
    # A centre's id is nobody's business on a screen, and no word: it is left out here.
    shown = tuple(value for value in values if value is not None)
    return Row(
        question.key,
        f"row.{question.key}",
        "told" if answer.has_content else untold,
        shown,
        answer.counts,
    )


def _value(book: "Book", question: Question, value: str) -> Word | Day | None:
    if value[:4].isdigit():
        return Day(value)
    known = (f"label.{question.key}.{value}", f"province.{value}", f"label.{value}")
    return next((Word(key) for key in known if key in book.words), None)
