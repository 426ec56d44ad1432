"""Each breach of the book is found before anyone is served, and named."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from handlers.book import Book, Channel
from handlers.checks import BadBook, check
from handlers.flow import Flow, Question, Told
from handlers.kinds.choice import Choice, Menu
from handlers.kinds.free_text import FreeText
from handlers.kinds.review import Review
from handlers.probe import probed
from handlers.words import Words
from tests.stories.engine_room import shared_book


@pytest.mark.parametrize("channel", ["web", "line", "telegram"])
def test_the_shipped_book_is_good_on_every_channel(channel: str) -> None:
    check(shared_book().for_channel(Channel(channel)))


def complaint(book: Book) -> str:
    with pytest.raises(BadBook) as caught:
        check(book)
    return str(caught.value)


def with_text(language: str, key: str, text: str | None) -> Book:
    """The shipped book with one text changed, or gone."""
    book = shared_book()
    texts = {**book.words.texts[language], key: text or ""}
    if text is None:
        del texts[key]
    words = Words({**book.words.texts, language: texts}, book.words.typed)
    return replace(book, words=words)


def with_report(*questions: Question, coach: tuple[str, ...] = ()) -> Book:
    """The shipped book with another report flow."""
    book = shared_book()
    report = replace(
        book.flows["report"], questions=questions, coach=coach, evidence=None, story=None
    )
    start = replace(book.flows["start"], evidence=None, story=None)
    member = replace(book.flows["member"], evidence=None)
    return replace(book, flows={**book.flows, "report": report, "start": start, "member": member})


WHAT = Question("what", FreeText())
WHO = Question("who", FreeText(skippable=True))
SEND = Question("send", Review())


def test_a_missing_word_is_named() -> None:
    said = complaint(with_text("en", "ask.who", None))
    assert "words/en.toml lacks 'ask.who'" in said


def test_a_param_that_nobody_fills_is_named() -> None:
    said = complaint(with_text("th", "say.sent", "ภายใน {dayz} วัน"))
    assert "'say.sent' in th names {dayz}, which nobody fills in" in said


def test_a_param_that_one_language_forgot_is_named() -> None:
    said = complaint(with_text("en", "say.sent", "Sent."))
    assert "'say.sent' in en lacks {days}, which th says" in said


def test_a_label_too_long_for_a_button_is_named() -> None:
    said = complaint(with_text("th", "label.skip", "ขอข้ามข้อนี้ไปก่อนนะเพราะไม่รู้"))
    assert "'label.skip' in th has" in said
    check(with_text("th", "label.skip", "น้ำ" * 20))


def test_a_label_with_a_box_keeps_room_for_the_tick() -> None:
    said = complaint(with_text("en", "label.more.afraid", "I fear reprisals so"))
    assert "'label.more.afraid' in en leaves no room for a tick" in said


def test_a_when_that_reads_a_later_question_is_named() -> None:
    early = replace(WHO, when=lambda told: told["what"] is None)
    said = complaint(with_report(early, WHAT, SEND))
    assert "the when of question 'who' in flow 'report' reads 'what'" in said


def test_a_when_is_followed_down_every_branch() -> None:
    def when(told: Mapping[str, Told]) -> bool:
        return told["a"] == "x" and (told["b"] in ("y", "z") or bool(told["c"]))

    assert probed(when) == {"a", "b", "c"}


def test_a_when_that_fails_on_a_missing_answer_is_named() -> None:
    late = replace(WHO, when=lambda told: len(told["what"]) > 1)  # type: ignore[arg-type]  # the fault under test
    said = complaint(with_report(WHAT, late, SEND))
    assert "the when of question 'who' in flow 'report' fails" in said


def test_too_many_choices_for_one_screen_are_named() -> None:
    choices = tuple(f"c{n}" for n in range(12))
    said = complaint(with_report(Question("category", Choice(choices)), SEND))
    assert "question 'category' has 12 choices" in said


def test_a_choice_named_like_a_control_is_named() -> None:
    said = complaint(with_report(Question("category", Choice(("back",))), SEND))
    assert "choice 'back' of question 'category' is the name of a control" in said


def test_a_question_key_used_twice_is_named() -> None:
    assert "'what'" in complaint(with_report(WHAT, WHAT, SEND))


def test_a_review_that_is_not_the_last_is_named() -> None:
    assert "must be the last" in complaint(with_report(SEND, WHAT))


def test_a_coach_for_a_question_that_is_not_asked_is_named() -> None:
    assert "coaches for 'when'" in complaint(with_report(WHAT, SEND, coach=("when",)))


def test_a_door_to_nowhere_is_named() -> None:
    book = shared_book()
    lost = Flow("start", (Question("menu", Menu({"report": "nowhere"})),), cancel=None)
    said = complaint(replace(book, flows={**book.flows, "start": lost}))
    assert "leads to flow 'nowhere'" in said


def test_an_unknown_likely_province_is_named() -> None:
    assert "'TH-00'" in complaint(replace(shared_book(), likely_provinces=("TH-00",)))


def test_a_limit_of_nothing_is_named() -> None:
    limits = replace(shared_book().limits, files_at_most=0)
    assert "'files_at_most'" in complaint(replace(shared_book(), limits=limits))
