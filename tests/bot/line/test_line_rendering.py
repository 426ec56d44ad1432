"""What LINE's limits make of what is said: every shipped screen in every language, and extremes."""

import random
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.line.parts import DATA_UNITS, MESSAGES_AT_MOST, TEXT_UNITS
from bot.channels.line.pieces import OwnWords, Piece, numbered, shortened, split
from bot.channels.line.postback import COMMANDS, choice_data, command_data, read_data
from bot.channels.line.rendering import Rendered, joined, render
from bot.following import Letter
from bot.outbox import Parcel
from handlers import events
from handlers.book import Book, Channel, load_book
from handlers.checks import check
from handlers.conversation import Conversation
from handlers.effects import INTENTS, Ask, Card, Intent, OfficerWords, Option, Row, Say, SecretOnce
from handlers.engine import step
from handlers.events import Event
from tests.bot.line.line_room import CARD, LOST, RECEIPT, ask, parcel, receipt
from tests.fakes.line.limits import check_messages
from tests.fakes.line.person import shown_text
from tests.handlers.people import ENDED_CODE, TODAY, Someone, Tap
from tests.handlers.some_cards import LONGEST, SOME

TYPED = ("สารคาม", "นคร", "อบต.", RECEIPT, ENDED_CODE, "mkm7-k3m9-qxd4-ftb2-x", "ขอนแก่น")


@cache
def book() -> Book:
    on_line = Channel("line", can_push=True, unsend_hours=1)
    made = replace(load_book(channel=on_line), has_registrars=True)
    check(made)
    return made.with_cards(SOME)


@cache
def own() -> OwnWords:
    return OwnWords.shipped(book().languages)


def rendered(*parcels: Parcel) -> Rendered:
    return render(parcels, book().words, own())


def texts(made: Rendered) -> list[str]:
    return [shown_text(message) for message in made.messages]


@cache
def walks() -> tuple[tuple[Conversation, tuple[Intent, ...]], ...]:
    """What is said on long random walks through every flow, in every language."""
    found: list[tuple[Conversation, tuple[Intent, ...]]] = []
    for seed in range(60):
        chance = random.Random(seed)
        someone = Someone(book())
        someone.meets(events.Followed())
        if seed % 2:
            someone.meets(events.Command("language"))
        for _ in range(60):
            said = someone.meets(_happening(chance, someone.screen))
            found.append((someone.conversation, tuple(e for e in said if isinstance(e, INTENTS))))
    return tuple(found)


def _happening(chance: random.Random, screen: Ask) -> Event | Tap:
    if "send" in [option.id for option in screen.choices] and chance.random() < 0.5:
        return events.Choice(screen.screen, "send")
    match chance.randrange(12):
        case 0:
            return events.Text(chance.choice(TYPED))
        case 1:
            return events.Text("เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง")
        case 2:
            return events.Media(events.FileRef("b" * 32, 10, "a" * 64, "photo", "image/jpeg"))
        case 3:
            return events.Command(chance.choice(sorted(COMMANDS)))
        case 4:
            return events.Location(16.44, 102.83)
    return Tap(chance.randrange(15))


def parcels_of(intents: tuple[Intent, ...]) -> tuple[Parcel, ...]:
    letter = Letter("f" * 32, "2026-11-23", "message", "จำทะเบียนรถได้ไหม " * 20)
    return tuple(
        parcel(
            each,
            letter=letter if isinstance(each, OfficerWords) else None,
            receipt=RECEIPT if isinstance(each, SecretOnce) else None,
        )
        for each in intents
    )


def test_the_walks_meet_every_kind_of_screen() -> None:
    asks = [each for _, said in walks() for each in said if isinstance(each, Ask)]
    flows = [question.key for flow in book().flows.values() for question in flow.questions]
    assert {each.question for each in asks} == {*flows, *book().asides}
    assert {each.language for each in asks} == set(book().languages)
    kinds = {type(each) for _, said in walks() for each in said}
    assert {Say, Ask, Card, SecretOnce, OfficerWords} <= kinds


@pytest.mark.parametrize("language", book().languages)
def test_the_longest_card_is_one_message(language: str) -> None:
    someone = Someone(book())
    someone.meets(events.Command("language", language))
    said = someone.meets(events.NewCard(LONGEST.id))
    assert len(rendered(*parcels_of(tuple(said))).messages) == 1
    someone.meets(events.Command("learn"))
    someone.meets(Tap(0))
    someone.meets(Tap(8))
    said = someone.meets(events.Choice(someone.screen.screen, LONGEST.id))
    assert someone.screen.key == "ask.learn_read"
    assert len(rendered(*parcels_of(tuple(said))).messages) == 1


def test_every_shipped_screen_keeps_lines_limits_and_is_said_whole() -> None:
    for _, said in walks():
        if not said:
            continue
        made = rendered(*parcels_of(said))
        assert check_messages(list(made.messages)) == []
        assert check_messages(list(made.plainly)) == []
        assert made.count == len(said)
        assert len(made.messages) <= MESSAGES_AT_MOST


def test_every_button_is_on_the_last_message_and_means_its_choice() -> None:
    for _, said in walks():
        asks = [each for each in said if isinstance(each, Ask)]
        if not asks:
            continue
        messages = rendered(*parcels_of(said)).messages
        assert not any("quickReply" in message for message in messages[:-1])
        actions = [item["action"] for item in messages[-1]["quickReply"]["items"]]
        meant = [read_data(action["data"]) for action in actions]
        assert meant == [events.Choice(asks[-1].screen, each.id) for each in asks[-1].choices]
        assert len({action["label"] for action in actions}) == len(actions)


def test_every_number_that_is_listed_works_when_it_is_typed() -> None:
    tried = 0
    for conversation, said in walks():
        asks = [each for each in said if isinstance(each, Ask)]
        if not asks or not numbered(book().words, asks[-1]):
            continue
        answers = [each for each in asks[-1].choices if each.role == "answer"]
        for number, option in enumerate(answers, 1):
            typed = _after(conversation, events.Text(str(number)))
            assert typed == _after(conversation, events.Choice(asks[-1].screen, option.id))
            tried += 1
    assert tried > 100


def _after(conversation: Conversation, event: Event) -> Conversation:
    return step(book(), conversation, event, today=TODAY, new_id=lambda: "e" * 32).conversation


# --- how it reads ------------------------------------------------------------------------------


def test_three_answers_are_listed_with_numbers_and_two_are_not() -> None:
    (three,) = texts(rendered(parcel(ask(3))))
    assert three.startswith("(1/9) ")
    assert three.endswith("\n\n1. ใช่\n2. ไม่ใช่\n3. ไม่แน่ใจ")
    (two,) = texts(rendered(parcel(ask(2))))
    assert "1. ใช่" not in two


def test_a_label_that_was_cut_is_listed_in_full() -> None:
    agency = book().agencies[0]
    cut = Option("x", f"label.agency_name.{agency.id}", f"agency.{agency.id}")
    words = book().words.with_texts(
        {
            language: {cut.label: "เทศบาลเมืองที่ชื่อยาว…", f"agency.{agency.id}": "เทศบาลเมืองที่ชื่อยาวมาก"}
            for language in book().languages
        }
    )
    listed = numbered(words, replace(ask(3), choices=(cut, *ask(2).choices)))
    assert listed.startswith("1. เทศบาลเมืองที่ชื่อยาวมาก\n2. ")


def test_a_ticked_box_shows_and_its_label_still_fits() -> None:
    ticked = Option("afraid", "label.more.afraid", is_on=True)
    made = rendered(parcel(replace(ask(2), choices=(ticked,))))
    (item,) = made.messages[-1]["quickReply"]["items"]
    assert item["action"]["label"] == "✓ กลัวถูกกลั่นแกล้ง"
    assert item["action"]["displayText"] == "กลัวถูกกลั่นแกล้ง"


def test_the_card_says_the_same_to_who_cannot_see_it() -> None:
    (message,) = rendered(parcel(CARD)).messages
    assert message["type"] == "flex"
    assert shown_text(message) == message["altText"]


def test_a_card_beyond_lines_size_is_text() -> None:
    rows = tuple(Row("who", "row.who", "open") for _ in range(300))
    (message,) = rendered(parcel(Card("th", rows))).messages
    assert message["type"] == "text"


def test_the_receipt_stands_alone_whatever_comes_with_it() -> None:
    letter = Letter("f" * 32, "2026-11-23", "message", "ก" * 2000)
    letters = [parcel(OfficerWords("th", "f" * 32), letter=letter) for _ in range(5)]
    made = rendered(*letters[:3], receipt(), *letters[3:])
    assert len(made.messages) == MESSAGES_AT_MOST
    assert made.count == 6
    (alone,) = [text for text in texts(made) if RECEIPT in text]
    assert alone == book().words.text("th", "say.receipt_is", {"code": RECEIPT})


def test_a_piece_that_stands_alone_is_never_joined_even_if_it_is_the_shortest() -> None:
    pieces = [Piece("ก" * 2000), Piece("code", is_alone=True), *[Piece("ก" * 2000)] * 4]
    assert [piece.is_alone for piece in joined(pieces)].count(True) == 1
    assert len(joined(pieces)) == MESSAGES_AT_MOST


def test_more_than_five_are_joined_with_blank_lines_and_none_is_lost() -> None:
    made = rendered(*[parcel(LOST) for _ in range(9)], parcel(CARD), parcel(ask()))
    assert made.count == 11
    said = "\n\n".join(texts(made))
    assert said.count("มาไม่ถึงเรา") == 9
    assert "ตรวจก่อนส่ง" in said
    assert check_messages(list(made.messages)) == []


def test_what_does_not_fit_into_one_call_waits_for_the_next() -> None:
    long = Letter("f" * 32, "2026-11-23", "message", "ก" * 9000)
    letters = [parcel(OfficerWords("th", "f" * 32), letter=long) for _ in range(4)]
    made = rendered(*letters, parcel(ask()))
    assert made.count == 2
    assert check_messages(list(made.messages)) == []
    assert "quickReply" not in made.messages[-1]


def test_a_letter_that_no_call_carries_ends_with_an_ellipsis() -> None:
    endless = Letter("f" * 32, "2026-11-23", "message", "ก" * 40_000)
    made = rendered(parcel(OfficerWords("th", "f" * 32), letter=endless), parcel(ask()))
    assert made.count == 1
    assert check_messages(list(made.messages)) == []
    assert texts(made)[-1].endswith("…")


@pytest.mark.parametrize("language", ["th", "en"])
def test_what_can_no_more_be_shown_is_said(language: str) -> None:
    gone = rendered(
        parcel(SecretOnce(language, "receipt")), parcel(OfficerWords(language, "f" * 32))
    )
    assert texts(gone) == [own().text(language, key) for key in ("receipt_gone", "letter_gone")]


def test_the_languages_have_the_same_words_of_their_own() -> None:
    keys = [set(own()._texts[language]) for language in book().languages]
    assert keys[0] == keys[1]


@given(st.text(max_size=300), st.integers(1, 60))
@settings(deadline=None)
def test_a_text_is_split_without_losing_a_letter(text: str, at_most: int) -> None:
    at_most = max(at_most, 2)
    made = list(split(text, at_most))
    assert all(_units(each) <= at_most for each in made)
    assert "".join("".join(made).split()) == "".join(text.split())


@given(st.text(max_size=300), st.integers(2, 60))
@settings(deadline=None)
def test_what_is_shortened_fits(text: str, at_most: int) -> None:
    short = shortened(text, at_most)
    assert _units(short) <= at_most
    assert short == text or short.endswith("…")


@given(st.text(max_size=40), st.text(max_size=40))
def test_postback_data_comes_back_as_it_went(screen: str, choice: str) -> None:
    if screen and choice and max(screen + choice) < "\ud800":
        assert read_data(choice_data(screen, choice)) == events.Choice(screen, choice)


@given(st.one_of(st.text(max_size=400), st.none(), st.integers(), st.lists(st.text())))
def test_any_postback_data_is_read_as_something(raw: Any) -> None:
    assert isinstance(read_data(raw), events.Choice | events.Command | events.Unknown)


def test_the_menus_entries_come_back_as_commands() -> None:
    for name in COMMANDS:
        assert read_data(command_data(name)) == events.Command(name)
    with pytest.raises(ValueError, match="not a command"):
        command_data("forget")


def test_a_button_that_no_postback_carries_is_left_out_and_can_be_typed() -> None:
    odd = Option("ก" * DATA_UNITS, "label.yes")
    made = rendered(parcel(replace(ask(3), choices=(odd, *ask(3).choices))))
    labels = [item["action"]["label"] for item in made.messages[-1]["quickReply"]["items"]]
    assert len(labels) == 5
    assert check_messages(list(made.messages)) == []


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_the_bound_on_a_text_is_lines() -> None:
    assert check_messages([{"type": "text", "text": "ก" * TEXT_UNITS}]) == []
    assert check_messages([{"type": "text", "text": "ก" * (TEXT_UNITS + 1)}])
