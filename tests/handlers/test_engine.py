"""The engine under random people: it never raises, never loses its screen, never keeps a word."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import effects, events
from handlers.book import Channel
from handlers.conversation import Coming, Conversation
from handlers.effects import Ask, Say
from handlers.events import Event
from tests.handlers.people import HAPPENINGS, Someone, TakeBack, Tap, still_undecided
from tests.handlers.some_cards import SOME
from tests.stories.engine_room import shared_book

QUIET = (events.Blocked, events.News, events.NewCard)
PHONE = Channel("line", can_push=True)
BOOK = shared_book().with_cards(SOME)


@pytest.mark.parametrize("has_registrars", [False, True], ids=["nobody to join with", "registrars"])
@pytest.mark.parametrize("channel", [Channel(), PHONE], ids=["pulls", "pushes"])
@given(happenings=st.lists(HAPPENINGS, max_size=40))
@settings(max_examples=150, deadline=None)
def test_whatever_happens_there_is_a_screen_and_no_word_is_kept(
    channel: Channel, has_registrars: bool, happenings: list[Event | Tap | TakeBack]
) -> None:
    book = replace(BOOK, has_registrars=has_registrars)
    someone = Someone(book.for_channel(channel))
    for happening in happenings:
        wanted = someone.meets(happening)
        if not isinstance(happening, QUIET):
            assert isinstance(wanted[-1], Ask), "the last thing on the screen can be answered"
            assert someone.screen.screen == someone.conversation.screen
            assert someone.screen.language == someone.conversation.language


@given(st.lists(HAPPENINGS, max_size=20))
@settings(max_examples=100, deadline=None)
def test_news_disturbs_nothing_and_says_nothing_of_the_tip(
    happenings: list[Event | Tap | TakeBack],
) -> None:
    someone = Someone(BOOK.for_channel(PHONE))
    for happening in happenings:
        someone.meets(happening)
    before = someone.conversation
    assert someone.meets(events.News()) == [Say(before.language, "say.news")]
    assert someone.meets(events.News(is_ending=True)) == [Say(before.language, "say.news_last")]
    assert someone.conversation == before


def test_news_is_no_greeting_and_takes_none_away() -> None:
    someone = Someone(BOOK.for_channel(PHONE))
    assert someone.meets(events.News()) == [Say("th", "say.news")]
    said = [e.key for e in someone.meets(events.Text("สวัสดี")) if isinstance(e, Say)]
    assert said == ["say.start_line"]


RECEIPT_CODE = "4821-0937-5518-2260-7314-9903"


def following(**given: object) -> Someone:
    someone = Someone(BOOK.for_channel(PHONE))
    someone.meets(events.Command("follow"))
    someone.meets(events.Text(RECEIPT_CODE))
    someone.meets(events.Choice(someone.screen.screen, "answer"))
    someone.conversation = replace(someone.conversation, **given)  # type: ignore[arg-type]  # what a test wants
    return someone


def test_a_receipt_typed_as_an_answer_is_no_answer_but_the_way_into_its_tip() -> None:
    someone = following(is_crisis=True)
    assert someone.screen.question == "reply"
    wanted = someone.meets(events.Text(RECEIPT_CODE))
    assert not any(isinstance(effect, effects.Seal) for effect in wanted)
    assert someone.screen.question == "next"
    said = [effect.key for effect in wanted if isinstance(effect, Say)]
    assert said[0] == "say.crisis"  # a cry for help before it is not passed over
    assert "say.status" in said


def test_a_receipt_typed_while_a_file_is_coming_leaves_the_file_its_place() -> None:
    someone = following(coming=(Coming("f" * 32, "reply", "photo"),))
    wanted = someone.meets(events.Text(RECEIPT_CODE))
    assert Say("th", "say.still_fetching") in wanted
    assert someone.conversation.coming
    assert someone.screen.question == "reply"


@pytest.mark.parametrize("notice", ["off", "on", None])
def test_agreeing_keeps_nobody_where_the_terms_do_not_stand(notice: str | None) -> None:
    someone = Someone(BOOK.for_channel(PHONE))
    someone.conversation = Conversation(
        "receipt", "th", asked="receipt_noted", screen="now", notice=notice
    )
    for event in (events.Choice("now", "agree"), events.Choice("", "agree"), events.Text("ตกลง")):
        wanted = someone.meets(event)
        assert not any(isinstance(effect, effects.Notify) for effect in wanted)
        assert effects.SecretOnce("th", "receipt") in wanted


@given(st.lists(HAPPENINGS, max_size=40))
@settings(max_examples=100, deadline=None)
def test_every_part_is_counted_until_it_is_removed_filed_or_forgotten(
    happenings: list[Event | Tap | TakeBack],
) -> None:
    someone = Someone(BOOK)
    kept: set[str] = set()
    for happening in happenings:
        wanted = someone.meets(happening)
        for effect in wanted:
            if isinstance(effect, effects.Seal):
                kept.add(effect.part_id)
            elif isinstance(effect, effects.Remove):
                kept.discard(effect.part_id)
            elif isinstance(effect, effects.Forget | effects.File):
                kept.clear()
        told = someone.conversation.told
        parts = [part.part_id for answer in told.values() for part in answer.parts]
        assert len(parts) == len(set(parts))
        if someone.conversation.flow in ("report", "member"):
            assert set(parts) == kept


@given(st.lists(HAPPENINGS, max_size=40))
@settings(max_examples=150, deadline=None)
def test_every_original_is_kept_or_dropped_once_or_goes_with_its_part(
    happenings: list[Event | Tap | TakeBack],
) -> None:
    someone = Someone(BOOK)
    undecided: frozenset[str] = frozenset()
    for happening in happenings:
        undecided = still_undecided(undecided, someone.meets(happening))
        assert undecided == {each.part_id for each in someone.conversation.findings}


@given(st.lists(st.integers(0, 14), max_size=60))
@settings(max_examples=100, deadline=None)
def test_the_total_on_the_screen_never_grows(taps: list[int]) -> None:
    someone = Someone(BOOK)
    someone.meets(events.Choice("start", "report"))
    totals: list[int] = []
    for nth in taps:
        someone.meets(Tap(nth))
        if someone.conversation.flow != "report":
            break
        if someone.screen.progress is not None:
            totals.append(someone.screen.progress[1])
    assert totals == sorted(totals, reverse=True)


@given(st.lists(HAPPENINGS, max_size=15), st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_a_button_of_an_earlier_screen_changes_no_answer(
    happenings: list[Event | Tap | TakeBack], nth: int
) -> None:
    someone = Someone(BOOK)
    someone.meets(events.Choice("start", "report"))
    for happening in happenings:
        someone.meets(happening)
    before = someone.conversation
    stale = [ask for ask in someone.asked if ask.screen != before.screen]
    if not stale:
        return
    ask = stale[nth % len(stale)]
    someone.meets(events.Choice(ask.screen, ask.choices[nth % len(ask.choices)].id))
    if before.flow != "start":
        assert someone.conversation == before


def test_pressing_send_twice_files_once() -> None:
    someone = reach_review()
    send = events.Choice(someone.screen.screen, "send")
    first, second = someone.meets(send), someone.meets(send)
    assert sum(isinstance(effect, effects.File) for effect in first) == 1
    assert not any(isinstance(effect, effects.File) for effect in second)
    assert any(isinstance(effect, effects.SecretOnce) for effect in second)


def test_nothing_of_the_draft_outlives_filing() -> None:
    someone = reach_review()
    someone.meets(events.Choice(someone.screen.screen, "send"))
    left = someone.conversation
    assert (left.flow, left.told, left.member, left.is_crisis) == ("receipt", {}, None, False)
    someone.meets(events.Choice(someone.screen.screen, "noted"))
    assert someone.conversation.is_blank


def test_a_language_that_is_named_is_spoken_and_any_other_command_takes_the_next() -> None:
    someone = Someone(BOOK)
    for argument, spoken in (("th", "th"), ("en", "en"), ("en", "en"), ("xx", "th"), ("", "en")):
        someone.meets(events.Command("language", argument))
        assert someone.conversation.language == spoken
        assert someone.screen.language == spoken


def test_too_long_a_message_is_answered_and_not_sealed() -> None:
    someone = reach_review()
    wanted = someone.meets(events.Text("ก" * 200_000))
    assert not any(isinstance(effect, effects.Seal) for effect in wanted)
    said = next(effect for effect in wanted if isinstance(effect, effects.Say))
    assert said.key == "say.words_too_long"


def test_words_are_sealed_clean_but_whole() -> None:
    someone = Someone(BOOK)
    someone.meets(events.Choice("start", "report"))
    for happening in (Tap(0), Tap(0), Tap(0), Tap(0)):
        someone.meets(happening)
    someone.meets(events.Text("ก\x00ข\u202eค\ud800"))
    assert someone.seals[-1].words == "กขค\ufffd"


def test_a_file_too_many_is_said_and_not_kept() -> None:
    someone = reach("leads")
    file = events.Media(events.FileRef("b" * 32, 1, "a" * 64, "photo", "image/jpeg"))
    for _ in range(BOOK.limits.files_at_most):
        assert any(isinstance(e, effects.Seal) for e in someone.meets(file))
    wanted = someone.meets(file)
    assert not any(isinstance(e, effects.Seal) for e in wanted)
    assert any(isinstance(e, effects.Say) and e.key == "say.files_enough" for e in wanted)


def test_a_new_agency_replaces_the_old_one() -> None:
    someone = reach("agency")
    someone.meets(events.Text("ร้านค้าข้างทาง"))
    first = someone.seals[-1].part_id
    someone.meets(events.Command("back"))
    wanted = someone.meets(events.Text("ตลาดนัด"))
    assert effects.Remove(first) in wanted
    assert len(someone.conversation.told["agency"].parts) == 1


def test_no_repr_shows_what_a_person_wrote() -> None:
    secrets = (
        events.Text("ความลับ"),
        events.Command("x", "ความลับ"),
        events.Edited(None, "ความลับ"),
        effects.Seal("1", "q", words="ความลับ"),
        effects.CheckCode("receipt", "ความลับ"),
        events.FileRef("b", 1, "a", "photo", "x/y", "ความลับ"),
        effects.Fetch("1", "q", "photo", "ความลับ"),
    )
    assert not any("ความลับ" in repr(secret) for secret in secrets)


def reach(key: str) -> Someone:
    """A report whose screen asks *key*, everything before it skipped or tapped through."""
    someone = Someone(BOOK)
    someone.meets(events.Choice("start", "report"))
    while someone.screen.question != key:
        offered = {option.id for option in someone.screen.choices}
        choice = next((c for c in ("skip", "none", "done") if c in offered), None)
        choice = choice or someone.screen.choices[0].id
        someone.meets(events.Choice(someone.screen.screen, choice))
    return someone


def reach_review() -> Someone:
    """A report whose screen asks whether to send."""
    return reach("send")
