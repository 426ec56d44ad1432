"""Whoever comes back long after the end is told that it may have been destroyed."""

from dataclasses import replace
from datetime import date

import pytest

from handlers import engine, events
from handlers.checks import check
from handlers.effects import Say
from handlers.saying import plain
from tests.stories.engine_room import shared_book

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("closed_days", "key", "says"),
    [
        (0, "say.receipt_unknown", ""),
        (400, "say.receipt_unknown_days", "400"),
        (1095, "say.receipt_unknown_years", "3"),
    ],
)
@pytest.mark.parametrize("language", ["th", "en"])
def test_an_unknown_receipt_may_be_one_of_a_tip_that_was_destroyed(
    closed_days: int, key: str, says: str, language: str
) -> None:
    book = replace(shared_book(), closed_days=closed_days)
    check(book)
    talk = engine.start(language)
    for event in (events.Command("follow"), events.CodeChecked("receipt", "unknown")):
        made = engine.step(book, talk, event, today=TODAY, new_id=lambda: "a" * 32)
        talk = made.conversation
    (said,) = [each for each in made.effects if isinstance(each, Say)]
    assert said.key == key
    assert says in plain(book.words, said)
