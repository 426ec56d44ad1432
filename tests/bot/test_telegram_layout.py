"""Every screen there is fits what Telegram takes, in every language."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.buttons import pressed, token
from bot.channels.telegram.layout import PASSING, Talk, keyboard, laid_out, split, units
from bot.channels.telegram.phrases import shipped_phrases
from bot.outbox import Parcel
from handlers import events
from handlers.agencies import Agency
from handlers.book import load_book
from handlers.effects import INTENTS, Ask, Option, Say
from handlers.engine import start
from handlers.events import Choice
from tests.bot.telegram_house import BOOK, ask, say
from tests.fakes.telegram.rules import Rules, check_keyboard
from tests.handlers.people import HAPPENINGS, Someone, Tap
from tests.handlers.some_cards import LONGEST, SOME

RULES = Rules()
PHRASES = shipped_phrases(BOOK.languages)


def fits(someone: Someone, effects: list[object]) -> int:
    """Lay out what one event was answered with, and check it as the platform would."""
    intents = [each for each in effects if isinstance(each, INTENTS)]
    parcels = [Parcel(f"{n:032x}", each) for n, each in enumerate(intents)]
    pieces = laid_out(parcels, someone.book.words, PHRASES)
    assert sum(piece.count for piece in pieces) == len(parcels)
    for piece in pieces:
        if not isinstance(piece, Talk):
            continue
        for text in split(piece.text, RULES.text_units):
            assert 1 <= units(text) <= RULES.text_units
        rows = [[{"text": t, "callback_data": d} for t, d in row] for row in piece.rows]
        check_keyboard({"inline_keyboard": rows}, RULES)
        assert all(data.isascii() for row in piece.rows for _, data in row)
    for each in intents:
        if isinstance(each, Ask):
            for option in each.choices:
                assert pressed(token(each, option)) == Choice(each.screen, option.id)
    return len(pieces)


@pytest.mark.parametrize("language", BOOK.languages)
def test_every_screen_of_the_straight_way_fits(language: str) -> None:
    someone = Someone(BOOK, start(language))
    seen: set[str] = set()
    fits(someone, someone.meets(events.Command("start")))
    for door in ("report", "member", "follow"):
        fits(someone, someone.meets(events.Choice("start", door)))
        for happening in (
            *(Tap(0) for _ in range(4)),
            events.Text("เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง"),
            *(Tap(nth) for nth in (1, 0, 2, 0, 1, 0, 3, 0)),
        ):
            fits(someone, someone.meets(happening))
            seen.add(someone.screen.question)
        fits(someone, someone.meets(events.Command("cancel")))
        fits(someone, someone.meets(Tap(0)))
    assert len(seen) >= 6


@pytest.mark.parametrize("language", BOOK.languages)
def test_the_longest_card_is_one_message(language: str) -> None:
    someone = Someone(BOOK.with_cards(SOME), start(language))
    someone.meets(events.Command("start"))
    for happening in (
        events.NewCard(LONGEST.id),
        events.Command("learn"),
        Tap(0),
        Tap(8),
        Tap(2),
    ):
        said = someone.meets(happening)
        assert fits(someone, said) == 1
        parcels = [Parcel(f"{n:032x}", each) for n, each in enumerate(said)]
        (talk,) = laid_out(parcels, someone.book.words, PHRASES)
        assert isinstance(talk, Talk)
        assert len(list(split(talk.text, RULES.text_units))) == 1
    assert someone.screen.key == "ask.learn_read"


@settings(max_examples=60)
@given(st.sampled_from(BOOK.languages), st.lists(HAPPENINGS, max_size=25))
def test_every_screen_that_a_random_person_meets_fits(
    language: str, happenings: list[object]
) -> None:
    someone = Someone(BOOK.with_cards(SOME), start(language))
    for happening in happenings:
        fits(someone, someone.meets(happening))  # type: ignore[arg-type]


def test_the_longest_name_that_the_configuration_takes_fits_a_button() -> None:
    agency = Agency("a" * 40, "องค์การบริหารส่วนตำบลที่ชื่อยาวมาก", "x")
    book = load_book(agencies=(agency,), channel=BOOK.channel)
    option = Option(agency.id, f"label.agency_name.{agency.id}")
    shown = Ask("th", "agency", "ask.agency_of", {}, (option,), "f" * 8)
    ((_, data),) = keyboard(shown, book.words)[0:1][0]
    assert len(data.encode()) <= RULES.callback_bytes


def test_what_is_passing_are_words_there_are() -> None:
    assert all(key in BOOK.words for key in PASSING)


@pytest.mark.parametrize(
    "key",
    [
        "crisis", "crisis_now", "lost_code", "stale_start",
        "sent", "goodbye_telegram", "start_telegram", "safety_telegram", "help", "tor",
        "lost_failed", "lost_too_big_telegram", "status", "reply_sent", "stopped", "member_ok",
        "words_too_long", "file_not_now", "dropped", "receipt_is", "officer_says",
    ],
)  # fmt: skip
def test_what_a_person_may_need_later_is_never_put_on_the_card(key: str) -> None:
    assert f"say.{key}" in BOOK.words
    pieces = laid_out(
        [Parcel("0" * 32, each) for each in (_said(key), ask("who"))], BOOK.words, PHRASES
    )
    assert [piece.count for piece in pieces] == [1, 1]


@pytest.mark.parametrize(
    "key", ["stale", "coach.what", "when_vague", "receipt_mistyped", "not_understood_menu"]
)
def test_what_only_helps_with_the_question_is_put_on_the_card(key: str) -> None:
    pieces = laid_out(
        [Parcel("0" * 32, each) for each in (_said(key), ask("who"))], BOOK.words, PHRASES
    )
    assert [piece.count for piece in pieces] == [2]


def _said(key: str) -> Say:
    """*key* said, with something in each of its places."""
    return say(key, **dict.fromkeys(BOOK.words.params("th", f"say.{key}"), "x"))


def test_a_growing_answer_still_shows_what_was_asked() -> None:
    grown = ask("what", "done", key="ask.go_on", counts=1, done="เล่าจบแล้ว")
    (card,) = laid_out([Parcel("0" * 32, replace(grown, progress=(5, 9)))], BOOK.words, PHRASES)
    assert isinstance(card, Talk)
    assert card.text.startswith("(5/9) เล่าเท่าที่เห็น")
    assert "ได้รับ1แล้ว" in card.text


def test_answers_that_had_to_be_cut_stand_in_full_with_the_numbers_to_type() -> None:
    someone = Someone(BOOK)
    someone.meets(events.Command("start"))
    effects = someone.meets(events.Choice("start", "report"))
    parcels = [Parcel("0" * 32, each) for each in effects if isinstance(each, INTENTS)]
    card = laid_out(parcels, BOOK.words, PHRASES)[-1]
    assert isinstance(card, Talk)
    answers = [each for each in someone.screen.choices if each.role == "answer"]
    for nth, option in enumerate(answers, 1):
        assert f"\n{nth}. {BOOK.words.text('th', option.long or option.label)}" in card.text
    labels = [label for row in card.rows for label, _ in row]
    assert labels[0].startswith("1. ")


def test_controls_stand_on_rows_of_their_own_below() -> None:
    rows = keyboard(ask("when", "today", "yesterday", "ongoing", "forgotten"), BOOK.words)
    assert [label for label, _ in rows[-1]] == ["ย้อนกลับ", "ยกเลิก"]
    assert len(rows[0]) == 2


@given(st.text(), st.integers(1, 40))
def test_pieces_of_a_text_hold_all_of_it_and_never_too_much(text: str, at_most: int) -> None:
    at_most += 1  # two units are one character at least
    pieces = split(text, at_most)
    assert all(each == each.strip() and 0 < units(each) <= at_most for each in pieces)
    bare = "".join(text.replace("\ud800", "\ufffd").split())
    assert "".join("".join(pieces).split()) == bare or any("\ud800" <= c <= "\udfff" for c in text)


def test_a_cut_falls_between_words_and_not_between_a_letter_and_its_vowel() -> None:
    assert split("หนึ่ง สอง สาม", 8) == ("หนึ่ง", "สอง สาม")
    assert all(not each.startswith("ี่") for each in split("ที่ที่ที่ที่ที่ที่", 7))


def test_a_run_without_a_question_stays_whatever_is_said() -> None:
    pieces = laid_out([Parcel("0" * 32, say("stale"))], BOOK.words, PHRASES)
    assert [isinstance(each, Talk) and each.rows for each in pieces] == [()]
    assert isinstance(pieces[0], Talk)
    assert pieces[0].text == BOOK.words.text("th", "say.stale")
    assert isinstance(say("stale"), Say)
