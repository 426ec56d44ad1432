"""Joining the network: offered while a registrar could read it, never lost, and nobody's story."""

import json
from dataclasses import replace

import pytest

from handlers import effects, events
from handlers.effects import Effect, File, Say, Seal
from tests.handlers.people import Someone
from tests.stories.engine_room import shared_book

JOINABLE = replace(shared_book(), has_registrars=True)
PHONE, ID = "โทร 081-234-5678", "เลขบัตร 1-1017-00230-70-8"


def applying(question: str, candidate: str = "myself") -> Someone:
    """Somebody before *question* of an application."""
    someone = Someone(JOINABLE)
    someone.meets(events.Choice("start", "member"))
    press(someone, "join")
    answers = {"candidate": candidate, "consent": "not_asked", "home": "TH-42"}
    while someone.screen.question != question:
        key = someone.screen.question
        if key == "service":
            someone.meets(events.Text("ดูแลกองทุนหมู่บ้าน"))
        press(someone, answers.get(key, "done" if key == "service" else "skip"))
    return someone


def press(someone: Someone, choice: str) -> list[Effect]:
    assert choice in ids(someone)
    return someone.meets(events.Choice(someone.screen.screen, choice))


def ids(someone: Someone) -> list[str]:
    return [option.id for option in someone.screen.choices]


def seals(wanted: list[Effect]) -> list[Seal]:
    return [each for each in wanted if isinstance(each, Seal)]


def test_a_way_to_reach_somebody_is_kept_without_a_warning_where_it_is_asked_for() -> None:
    someone = applying("reach")
    words = f"{PHONE} เมล somchai@example.org ไลน์ไอดี somchai.k22"
    (seal,) = seals(someone.meets(events.Text(words)))
    assert (seal.words, seal.found, seal.redacted) == (words, (), None)
    assert someone.conversation.findings == ()
    assert seals(applying("service").meets(events.Text(PHONE)))[0].found == ("phone",)


def test_what_no_registrar_needs_is_pointed_out_there_too() -> None:
    (seal,) = seals(applying("reach").meets(events.Text(f"{PHONE} {ID}")))
    assert seal.found == ("national_id",)
    assert seal.redacted is not None
    assert "081-234-5678" in seal.redacted
    assert "00230" not in seal.redacted


def test_a_changed_way_to_reach_somebody_needs_no_warning_after_sending_either() -> None:
    someone = applying("reach")
    (first,) = seals(someone.meets(events.Text("มาหาที่บ้าน")))
    press(someone, "done")
    press(someone, "send")
    wanted = someone.meets(events.Edited(first.part_id, PHONE, "reach"))
    (seal,) = seals(wanted)
    assert (seal.question, seal.found) == ("reach", ())


def test_an_application_says_what_it_is_in_form_and_summary() -> None:
    wanted = press(applying("apply", "other"), "send")
    (file,) = (each for each in wanted if isinstance(each, File))
    assert (file.province, file.excluded, file.is_agency_confirmed) == ("TH-42", (), False)
    told = {key: file.summary[key] for key in ("kind", "category", "province", "is_verified")}
    assert told == {
        "kind": "application", "category": "application", "province": "TH-42", "is_verified": False
    }  # fmt: skip
    assert file.form["kind"] == "application"
    assert file.form["answers"] == {
        "candidate": {"value": "other"},
        "consent": {"value": "not_asked"},
        "home": {"value": "TH-42"},
        "service": {"counts": {"words": 1}},
        "reach": {"skipped": True},
    }
    said = [each.key for each in wanted if isinstance(each, Say)]
    assert said == ["say.sent_application"]


def test_the_kind_is_the_flows_own_whatever_was_begun_before() -> None:
    someone = applying("apply")
    someone.conversation = replace(someone.conversation, kind="information")
    (file,) = (each for each in press(someone, "send") if isinstance(each, File))
    assert (file.summary["kind"], file.form["kind"]) == ("application", "application")


def test_what_was_begun_is_sent_although_the_last_registrar_is_gone() -> None:
    someone = applying("service")
    someone.book = shared_book()
    someone.meets(events.Text("ดูแลกองทุนหมู่บ้าน"))
    press(someone, "done")
    press(someone, "skip")
    assert any(isinstance(each, File) for each in press(someone, "send"))


@pytest.mark.parametrize(
    "happening",
    [events.Command("apply"), events.Text("สมัครเครือข่าย"), events.Choice("start", "join")],
    ids=["command", "typed", "button"],
)
def test_nobody_is_led_to_joining_while_nobody_could_read_it(happening: events.Event) -> None:
    someone = Someone(shared_book())
    someone.meets(events.Followed())
    someone.meets(happening)
    assert (someone.conversation.flow, someone.screen.question) == ("start", "menu")
    someone = Someone(JOINABLE)
    someone.meets(events.Followed())
    someone.meets(happening)
    assert (someone.conversation.flow, someone.screen.question) == ("apply", "candidate")


def test_a_join_button_from_before_the_last_registrar_left_leads_nowhere() -> None:
    someone = Someone(JOINABLE)
    someone.meets(events.Choice("start", "member"))
    screen = someone.screen.screen
    someone.book = shared_book()
    someone.meets(events.Choice(screen, "join"))
    assert someone.screen.question == "code"


def test_evidence_meant_for_officers_is_not_carried_into_an_application() -> None:
    someone = Someone(JOINABLE)
    someone.meets(events.Choice("start", "member"))
    file = events.FileRef("b" * 32, 9, "a" * 64, "photo", "image/jpeg")
    someone.meets(events.Media(file))
    assert someone.screen.question == "code"
    assert "leads" in someone.conversation.told
    assert "join" not in ids(someone)
    someone.meets(events.Choice(someone.screen.screen, "join"))
    assert someone.conversation.flow == "member"
    someone.meets(events.Command("apply"))
    assert someone.conversation.flow == "member"


def test_sending_waits_for_a_voice_that_is_on_its_way() -> None:
    someone = applying("service")
    wanted = someone.meets(events.Held("voice", "handle"))
    (fetch,) = (each for each in wanted if isinstance(each, effects.Fetch))
    press(someone, "done")
    press(someone, "skip")
    assert not any(isinstance(each, File) for each in press(someone, "send"))
    someone.meets(events.Text("ส่งหรือยัง"))  # still on the review: it goes on waiting
    voice = events.FileRef("b" * 32, 9, "a" * 64, "voice", "audio/ogg")
    wanted = someone.meets(events.Fetched(fetch.fetch_id, voice))
    assert [type(each) for each in wanted if isinstance(each, Seal | File)] == [Seal, File]


def test_no_word_of_an_application_stays_in_the_draft() -> None:
    someone = applying("reach")
    someone.meets(events.Text(PHONE))
    assert "5678" not in json.dumps(someone.conversation.to_json())
