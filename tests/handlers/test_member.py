"""A network member's way of reporting, and a code that stops working on the way."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import effects, events
from handlers.conversation import Answer, Conversation, Member, PartMark
from handlers.effects import Effect, File, Say
from handlers.events import Event
from tests.handlers.people import HAPPENINGS, Someone, TakeBack, Tap, round_trip
from tests.stories.engine_room import shared_book

CODE = "mkm7-k3m9-qxd4-ftb2-x"


def member(kind: str = "case") -> Someone:
    """Somebody whose code was good, at the first question of their *kind* of report."""
    someone = Someone(shared_book())
    someone.meets(events.Choice("start", "member"))
    someone.meets(events.Text(CODE))
    press(someone, kind)
    return someone


def press(someone: Someone, choice: str) -> list[Effect]:
    return someone.meets(events.Choice(someone.screen.screen, choice))


def to_review(someone: Someone, *ticks: str) -> Someone:
    """Answer what is asked, *ticks* on the checklist, until the last look."""
    for _ in range(30):
        ids = [option.id for option in someone.screen.choices]
        match someone.screen.question:
            case "send":
                return someone
            case "province":
                press(someone, "TH-40")
            case "what":
                someone.meets(events.Text("เขาเก็บเงินชาวบ้านทุกเดือน"))
                press(someone, "done")
            case "more" if ticks:
                for each in ticks:
                    press(someone, each)
                press(someone, "done")
            case _:
                known = ("skip", "unknown", "none")
                press(someone, next((each for each in known if each in ids), ids[0]))
    raise AssertionError("the report never came to its end")


def filed(wanted: list[Effect]) -> File | None:
    return next((each for each in wanted if isinstance(each, File)), None)


def asked_by(kind: str) -> list[str]:
    someone = to_review(member(kind))
    asked = list(dict.fromkeys(ask.question for ask in someone.asked))
    return asked[asked.index("kind") :] if "kind" in asked else asked


def test_both_ways_are_shorter_than_a_citizens() -> None:
    case, information = asked_by("case"), asked_by("information")
    citizen = {question.key for question in shared_book().flows["report"].questions}
    assert information == ["kind", "province", "what", "leads", "send"]
    assert set(case) - {"kind"} == citizen - {"where"}


def test_a_case_says_who_the_member_is_and_where_it_must_not_go() -> None:
    someone = member()
    press(someone, "bribe")
    press(someone, "TH-40")
    someone.meets(events.Text("อบต."))
    press(someone, "yes")
    tip = filed(press(to_review(someone, "told_by_other", "afraid"), "send"))
    assert tip is not None
    assert tip.excluded == ("dla-integrity",)
    assert tip.is_agency_confirmed
    assert tip.summary["kind"] == "case"
    assert (tip.summary["alias"], tip.summary["is_verified"]) == ("mkm7", True)
    assert (tip.summary["is_secondhand"], tip.summary["is_afraid"]) == (True, True)
    assert tip.locator == "ab" * 32


def test_information_is_of_its_own_kind_and_complete_by_its_own_measure() -> None:
    tip = filed(press(to_review(member("information")), "send"))
    assert tip is not None
    assert (tip.summary["kind"], tip.form["kind"]) == ("information", "information")
    assert tip.summary["category"] == "unsure"
    assert (tip.summary["completeness_have"], tip.summary["completeness_of"]) == (1, 2)
    assert tip.summary["is_secondhand"] is False


def test_a_citizen_carries_no_story_on() -> None:
    items = {item for q in shared_book().flows["report"].questions for item in items_of(q.kind)}
    assert items == {"reported_elsewhere", "afraid"}


def items_of(kind: object) -> tuple[str, ...]:
    items: tuple[str, ...] = getattr(kind, "items", ())
    return items


@pytest.mark.parametrize("way", ["tap", "number", "numbers"])
def test_who_carries_a_story_on_hears_at_once_to_leave_out_the_teller(way: str) -> None:
    someone = member()
    for choice in ("bribe", "TH-40", "unknown"):
        press(someone, choice)
    assert someone.screen.question == "more"
    if way == "tap":
        wanted = press(someone, "told_by_other")
    else:
        wanted = someone.meets(events.Text("1" if way == "number" else "1, 2"))
    reminder = Say("th", "say.leave_out_teller")
    assert reminder in wanted
    assert reminder not in press(someone, "reported_elsewhere")
    assert reminder not in press(someone, "off.told_by_other")
    assert someone.conversation.answer("what") == Answer(), "it is said before the story is told"


def test_another_kind_keeps_what_was_told() -> None:
    someone = to_review(member("information"))
    told = someone.conversation.told
    press(someone, "edit")
    press(someone, "kind")
    press(someone, "case")
    assert someone.screen.question == "category"
    assert someone.screen.progress == (4, 8)
    to_review(someone)
    tip = filed(press(someone, "send"))
    assert tip is not None
    assert tip.summary["kind"] == "case"
    answers = tip.form["answers"]
    assert isinstance(answers, dict)
    assert answers["what"] == {"counts": {"words": 1}}
    assert told["province"] == Answer("TH-40", is_settled=True)


def test_back_from_the_first_question_leads_to_the_kind_and_never_to_the_code() -> None:
    someone = member()
    someone.meets(events.Command("back"))
    assert someone.screen.question == "kind"
    someone.meets(events.Command("back"))
    assert someone.screen.question == "kind"
    assert someone.conversation.member is not None


def test_no_code_is_offered_to_be_changed_or_shown() -> None:
    someone = to_review(member())
    cards = [each for each in someone.meets(events.Text("?")) if isinstance(each, effects.Card)]
    assert next(row.question for card in cards for row in card.rows) == "kind"
    press(someone, "edit")
    assert "code" not in [option.id for option in someone.screen.choices]


# --- a code that stopped ---------------------------------------------------------------------


def test_a_code_that_stopped_files_nothing_and_loses_nothing() -> None:
    someone = to_review(member(), "told_by_other")
    before = someone.conversation
    someone.code_works = False
    wanted = press(someone, "send")
    assert filed(wanted) is None
    assert Say("th", "say.member_lapsed") in wanted
    after = someone.conversation
    assert after.member is None
    assert (after.told, after.kind, after.asked) == (before.told, before.kind, "send")
    tip = filed(press(someone, "send"))
    assert tip is not None
    assert tip.locator is None
    assert tip.summary["is_verified"] is False
    assert {tip.summary[key] for key in ("alias", "member_centre", "member_since")} == {None}
    assert (tip.summary["is_duress"], tip.summary["is_secondhand"]) == (False, False)
    answers = tip.form["answers"]
    assert isinstance(answers, dict)
    assert answers["more"] == {"ids": ["told_by_other"]}
    assert answers["what"] == {"counts": {"words": 1}}
    assert "code" not in answers


def test_who_pressed_send_twice_has_not_sent_it_without_knowing() -> None:
    someone = to_review(member())
    someone.code_works = False
    send = events.Choice(someone.screen.screen, "send")
    someone.meets(send)
    wanted = someone.meets(send)
    assert filed(wanted) is None
    assert Say("th", "say.stale") in wanted
    assert filed(press(someone, "send")) is not None


def test_a_code_is_looked_at_again_once_the_last_file_is_here() -> None:
    for works in (True, False):
        someone = to_review(member())
        someone.meets(events.Held("photo", "handle"))
        someone.code_works = works
        assert filed(press(someone, "send")) is None
        assert someone.conversation.is_sending
        (coming,) = someone.conversation.coming
        file = events.FileRef("b" * 32, 1, "a" * 64, "photo", "image/jpeg")
        wanted = someone.meets(events.Fetched(coming.fetch_id, file))
        assert (filed(wanted) is not None) is works
        assert any(isinstance(each, effects.Seal) for each in wanted)
        assert works or someone.conversation.answer("leads").counts == {"photo": 1}


@given(st.lists(HAPPENINGS, max_size=30), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_verdict_nobody_waits_for_changes_nothing(
    happenings: list[Event | Tap | TakeBack], works: bool
) -> None:
    someone = member()
    for happening in happenings:
        someone.meets(happening)
    before = someone.conversation
    wanted = someone.meets(events.MemberChecked(works))
    if not before.is_sending:
        assert someone.conversation == before
        assert filed(wanted) is None


def test_a_verified_tip_always_stands_on_a_code_that_was_looked_at_again() -> None:
    for kind in ("case", "information"):
        someone = to_review(member(kind))
        wanted = press(someone, "send")
        looked = [place for place, e in enumerate(wanted) if isinstance(e, effects.CheckMember)]
        tips = [place for place, each in enumerate(wanted) if isinstance(each, File)]
        assert len(looked) == len(tips) == 1
        assert looked < tips


# --- drafts of an older release ---------------------------------------------------------------


OLD = {
    "version": 1,
    "flow": "report",
    "language": "th",
    "kind": "information",
    "member": {"alias": "mkm7", "is_duress": True, "centre": "kkn", "since": 2020},
    "asked": "who",
    "screen": "0badcafe",
    "total": 9,
    "told": {
        "category": {"value": "bribe", "is_settled": True},
        "province": {"value": "TH-40", "is_settled": True},
        "agency": {"value": "unknown", "is_settled": True},
    },
}


def test_a_members_draft_in_the_citizens_flow_goes_on_and_is_filed_verified() -> None:
    someone = Someone(shared_book(), Conversation.from_json(OLD))
    someone.meets(events.Choice("0badcafe", "skip"))
    assert someone.screen.question == "what"
    assert someone.screen.progress == (5, 9)
    tip = filed(press(to_review(someone), "send"))
    assert tip is not None
    assert tip.summary["alias"] == "mkm7"
    assert (tip.summary["is_duress"], tip.summary["kind"]) == (True, "information")
    assert tip.locator is None, "nothing is known to look for"


def test_a_draft_that_stood_at_the_kind_goes_on_in_the_members_flow() -> None:
    old = {**OLD, "flow": "member", "asked": "kind", "total": None}
    old["told"] = {"code": {"value": "ok", "is_settled": True}}
    someone = Someone(shared_book(), Conversation.from_json(old))
    someone.meets(events.Choice("0badcafe", "information"))
    assert someone.screen.question == "province"
    tip = filed(press(to_review(someone), "send"))
    assert tip is not None
    assert tip.summary["is_duress"] is True


def test_a_members_draft_is_as_long_under_duress_to_the_byte() -> None:
    told = {"what": Answer(parts=(PartMark("a" * 32, "words"),))}
    free = Conversation("member", "th", told, member=Member("mkm7", False, "kkn", 2020, "ab" * 32))
    forced = replace(free, member=Member("mkm7", True, "kkn", 2020, "cd" * 32))
    assert len(json.dumps(free.to_json())) == len(json.dumps(forced.to_json()))
    assert round_trip(forced).member == forced.member
    assert "cd" not in repr(forced)
    assert "True" not in repr(forced.member)
