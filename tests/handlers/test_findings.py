"""What was found is asked about beside the open question, decided once, and never blocks."""

from dataclasses import replace

import pytest

from handlers import effects, events
from handlers.effects import Ask, Effect, Say
from handlers.events import FileRef, Original
from tests.handlers.people import Someone
from tests.stories.engine_room import shared_book

PHONE, MAIL = "โทรหาผม 081-234-5678", "เมล somchai@example.org"
PHOTO = FileRef(
    "b" * 32,
    9,
    "a" * 64,
    "photo",
    "image/jpeg",
    original=Original("c" * 32, 9, "a" * 64, b"s" * 32, ("place", "time")),
    details="cleaned",
)
VIDEO = replace(PHOTO, media="video", original=None, details="unremovable")


def at(question: str) -> Someone:
    """Somebody before *question* of a report."""
    someone = Someone(shared_book())
    someone.meets(events.Choice("start", "report"))
    while someone.screen.question != question:
        ids = [option.id for option in someone.screen.choices]
        wanted = ("unsure", "unknown", "skip", "none", "done")
        press(someone, next((each for each in wanted if each in ids), ids[0]))
        if someone.screen.question == "what" and question != "what":
            someone.meets(events.Text("เรื่องที่เห็น"))
    return someone


def following() -> Someone:
    someone = Someone(shared_book())
    someone.meets(events.Choice("start", "follow"))
    someone.meets(events.Text("4821-0937-5518-2260-7314-9903"))
    return someone


def press(someone: Someone, verb: str) -> list[Effect]:
    """Press the button whose id is *verb*, or begins with it."""
    ids = [option.id for option in someone.screen.choices]
    choice = next(each for each in ids if each.partition(".")[0] == verb)
    return someone.meets(events.Choice(someone.screen.screen, choice))


def says(wanted: list[Effect]) -> list[str]:
    return [each.key.removeprefix("say.") for each in wanted if isinstance(each, Say)]


def verbs(someone: Someone) -> list[str]:
    return [option.id.partition(".")[0] for option in someone.screen.choices]


def decisions(wanted: list[Effect]) -> list[Effect]:
    kinds = (effects.KeepOriginal, effects.DropOriginal)
    return [each for each in wanted if isinstance(each, kinds)]


def test_a_phone_number_is_sealed_in_two_versions_and_asked_about_beside_the_question() -> None:
    someone = at("what")
    wanted = someone.meets(events.Text(PHONE))
    (seal,) = (each for each in wanted if isinstance(each, effects.Seal))
    assert (seal.words, seal.found) == (PHONE, ("phone",))
    assert seal.redacted == "โทรหาผม [เอาเบอร์โทรศัพท์ออก]"
    assert "081" not in repr(seal)
    assert says(wanted) == ["found"]
    assert someone.screen.question == "what"
    assert verbs(someone)[:3] == ["hide", "leave", "done"]


def test_words_without_a_finding_are_sealed_as_before() -> None:
    someone = at("what")
    wanted = someone.meets(events.Text("สัญญาเลขที่ 123/2569"))
    (seal,) = (each for each in wanted if isinstance(each, effects.Seal))
    assert (seal.redacted, seal.found) == (None, ())
    assert someone.conversation.findings == ()


@pytest.mark.parametrize(
    ("verb", "answer"),
    [("hide", effects.DropOriginal), ("leave", effects.KeepOriginal)],
)
def test_an_answer_decides_and_the_question_goes_on(verb: str, answer: type[Effect]) -> None:
    someone = at("what")
    someone.meets(events.Text(PHONE))
    part_id = someone.parts[-1]
    wanted = press(someone, verb)
    (decision,) = decisions(wanted)
    assert type(decision) is answer
    assert decision in (
        effects.DropOriginal(part_id),
        effects.KeepOriginal(part_id, is_answered=True),
    )
    assert someone.screen.question == "what"
    assert "hide" not in verbs(someone)


def test_who_takes_out_several_kinds_at_once_hears_that_all_of_it_is_out() -> None:
    someone = at("what")
    someone.meets(events.Text(f"{PHONE} {MAIL}"))
    assert says(press(someone, "hide")) == ["found_hidden_all"]


def test_a_second_press_decides_nothing_else() -> None:
    someone = at("what")
    someone.meets(events.Text(PHONE))
    tap = events.Choice(someone.screen.screen, someone.screen.choices[0].id)
    assert len(decisions(someone.meets(tap))) == 1
    someone.meets(events.Text(MAIL))
    assert decisions(someone.meets(tap)) == []
    assert len(someone.conversation.findings) == 1


@pytest.mark.parametrize(("typed", "count"), [("ไม่ใช่", 1), ("ของฉัน", 1), ("ใช่", 1), ("ไม่ใช่เขา", 0)])
def test_an_answer_may_be_typed(typed: str, count: int) -> None:
    someone = at("what")
    someone.meets(events.Text(PHONE))
    assert len(decisions(someone.meets(events.Text(typed)))) == count


def test_a_typed_yes_is_a_story_where_nothing_was_found() -> None:
    someone = at("what")
    wanted = someone.meets(events.Text("ใช่"))
    assert any(isinstance(each, effects.Seal) for each in wanted)


def test_several_messages_are_asked_about_one_after_the_other_by_number() -> None:
    someone = at("what")
    someone.meets(events.Text("เรื่องแรก"))
    someone.meets(events.Text(PHONE))
    wanted = someone.meets(events.Text(MAIL))
    asked = [each for each in wanted if isinstance(each, Say)]
    assert [(each.key, each.params["nth"]) for each in asked] == [("say.found_nth", 2)]
    (said,) = [each for each in press(someone, "hide") if isinstance(each, Say)][1:]
    assert (said.key, said.params["nth"]) == ("say.found_nth", 3)


def test_photos_are_asked_about_together_and_a_later_one_is_not_decided_with_them() -> None:
    someone = at("leads")
    someone.meets(events.Media(PHOTO))
    wanted = someone.meets(events.Media(PHOTO))
    assert says(wanted) == ["details_many"]
    tap = events.Choice(someone.screen.screen, someone.screen.choices[0].id)
    someone.meets(events.Media(PHOTO))
    assert len(decisions(someone.meets(tap))) == 2
    assert len(someone.conversation.findings) == 1
    assert says(press(someone, "whole")) == ["found_whole"]


def test_words_come_before_files_and_never_more_than_two_buttons() -> None:
    someone = at("leads")
    someone.meets(events.Media(PHOTO))
    someone.meets(events.Text(PHONE))
    assert verbs(someone)[:3] == ["hide", "leave", "done"]
    press(someone, "leave")
    assert verbs(someone)[:3] == ["clean", "whole", "done"]


def test_who_goes_on_without_an_answer_is_asked_once_more_before_sending() -> None:
    someone = at("what")
    someone.meets(events.Text(PHONE))
    press(someone, "done")
    assert someone.screen.question == "when"
    assert "hide" not in verbs(someone)
    while someone.screen.question != "send":
        wanted = press(someone, "skip" if "skip" in verbs(someone) else "none")
    assert "found_elsewhere" in says(wanted)
    assert verbs(someone)[:1] == ["send"], "a typed 1 still sends"
    assert {"hide", "leave"} <= set(verbs(someone))


def test_who_never_answers_keeps_words_as_sent_and_loses_hidden_details() -> None:
    someone = at("what")
    someone.meets(events.Text(PHONE))
    press(someone, "done")
    someone.meets(events.Media(PHOTO))
    while someone.screen.question != "send":
        press(someone, next(each for each in ("skip", "none", "done") if each in verbs(someone)))
    wanted = press(someone, "send")
    words, photo = someone.parts[-2:]
    assert decisions(wanted) == [
        effects.KeepOriginal(words, is_answered=False),
        effects.DropOriginal(photo),
    ]
    kinds = [type(each) for each in wanted if not isinstance(each, effects.INTENTS)]
    assert kinds[-1] is effects.File
    assert someone.conversation.findings == ()


def test_taking_back_starting_over_and_changing_let_the_finding_go() -> None:
    someone = at("what")
    someone.meets(events.Text(PHONE))
    someone.meets(events.Unsent(someone.parts[-1]))
    assert someone.conversation.findings == ()
    someone.meets(events.Text(PHONE))
    someone.meets(events.Edited(someone.parts[-1], "ไม่มีเบอร์แล้ว"))
    assert someone.conversation.findings == ()
    someone.meets(events.Edited(someone.parts[-1], MAIL))
    assert [each.kinds for each in someone.conversation.findings] == [("email",)]


def test_a_dropped_draft_decides_nothing_because_everything_goes() -> None:
    someone = at("what")
    someone.meets(events.Text(PHONE))
    press(someone, "cancel")
    wanted = press(someone, "drop")
    assert decisions(wanted) == []
    assert any(isinstance(each, effects.Forget) for each in wanted)


def test_a_change_to_what_was_filed_goes_as_sent_with_a_mark() -> None:
    someone = Someone(shared_book())
    wanted = someone.meets(events.Edited("9" * 32, PHONE, "what"))
    new = someone.parts[-1]
    assert decisions(wanted) == [effects.KeepOriginal(new, is_answered=False)]
    assert someone.conversation.findings == ()


@pytest.mark.parametrize("way", ["done", "cancel", "start"])
def test_the_end_of_a_reply_settles_what_was_found_in_it(way: str) -> None:
    someone = following()
    press(someone, "answer")
    someone.meets(events.Text(PHONE))
    someone.meets(events.Media(PHOTO))
    words, photo = someone.parts[-2:]
    wanted = someone.meets(events.Command(way)) if way == "start" else press(someone, way)
    assert decisions(wanted) == [
        effects.KeepOriginal(words, is_answered=False),
        effects.DropOriginal(photo),
    ]
    kinds = [type(each) for each in wanted]
    if effects.Forget in kinds:
        assert kinds.index(effects.Forget) > kinds.index(effects.DropOriginal)


def test_words_sent_at_the_menu_of_a_followed_tip_are_asked_about_there() -> None:
    someone = following()
    someone.meets(events.Text(PHONE))
    assert someone.screen.question == "next"
    assert verbs(someone)[:5] == ["answer", "evidence", "stop", "hide", "leave"]
    assert len(decisions(press(someone, "hide"))) == 1


def test_that_a_kind_of_file_cannot_be_cleaned_is_said_once_for_each_question() -> None:
    someone = at("leads")
    assert "details_unremovable" in says(someone.meets(events.Media(VIDEO)))
    assert "details_unremovable" not in says(someone.meets(events.Media(VIDEO)))
    press(someone, "done")
    press(someone, "back")
    assert "details_unremovable" in says(someone.meets(events.Media(VIDEO)))


def test_codes_are_never_looked_at() -> None:
    someone = Someone(shared_book())
    someone.meets(events.Choice("start", "follow"))
    wanted = someone.meets(events.Text("0812345678"))
    assert not any(isinstance(each, effects.Seal) for each in wanted)
    assert someone.conversation.findings == ()


def test_a_screen_never_has_more_buttons_than_a_platform_shows() -> None:
    someone = at("what")
    someone.meets(events.Text(PHONE))
    for _ in range(40):
        assert isinstance(someone.screen, Ask)
        assert len(someone.screen.choices) <= 13
        if someone.screen.question == "send":
            return
        press(someone, next(each for each in ("skip", "none", "done") if each in verbs(someone)))
    raise AssertionError("never got to send")


def test_a_stale_button_still_decides_what_it_names() -> None:
    someone = at("what")
    someone.meets(events.Text(PHONE))
    old = events.Choice(someone.screen.screen, someone.screen.choices[0].id)
    press(someone, "done")
    assert len(decisions(someone.meets(old))) == 1
    assert someone.screen.question == "when"
