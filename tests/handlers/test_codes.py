"""Codes typed where none was asked for: seen however they are written, and never kept."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.books import is_code
from handlers import effects, events
from handlers.book import Channel
from handlers.effects import CheckCode, Erase, Say
from handlers.events import FileRef
from handlers.kinds.codes import Look, looks_like
from sealing import MemberCode
from tests.handlers.people import Someone, TakeBack
from tests.sealing.test_member_codes import codes, written
from tests.stories.engine_room import shared_book

STORY = "เมื่อวานเห็นเขาเอาปูนของหลวงไปเทถนนหน้าบ้านตัวเอง แล้วบอกว่าเป็นของบริจาคจากวัด"


@given(st.data(), codes)
def test_a_member_code_is_seen_however_it_is_written(data: st.DataObject, code: MemberCode) -> None:
    groups = [code.letters[at : at + 4] for at in range(0, 16, 4)]
    assume(any(not each.isalpha() and not each.isdecimal() for each in groups))
    assume(not any(letter in code.letters for letter in "01"))  # O and I are letters, until read
    look = looks_like(data.draw(written(code)))
    assert look is not None
    assert look.kind == "member"


@pytest.mark.parametrize(
    ("words", "look"),
    [
        ("MKM7 K3M9 QXD4 FTB2 A", Look("member", 0)),
        ("รหัส mkm7-k3m9-qxd4-ftb2-a", Look("member", 4)),
        ("mkm7k3m9qxd4ftb2a", Look("member", 0)),
        ("mkm7—k3m9—qxd4—ftb2—a", Look("member", 0)),
        ("๔๘๒๑ ๐๙๓๗ ๕๕๑๘ ๒๒๖๐ ๗๓๑๔ ๙๙๐๓", Look("receipt", 0)),
        ("รหัส 4821-0937-5518-2260-7314-9903", Look("receipt", 4)),
        ("482109375518226073149903", Look("receipt", 0)),
        ("482l-O937-55l8-226o-73I4-99o3", Look("receipt", 0)),
        ("รหัส 482l-O937-55l8-226o-73I4-99o3", Look("receipt", 4)),
    ],
)
def test_a_code_is_told_by_its_form(words: str, look: Look) -> None:
    assert looks_like(words) == look


@pytest.mark.parametrize(
    "words",
    [
        "they paid 5000 baht a month to the head",
        "that this were from a man",
        "mkm7",
        "mkm7-k3m9-qxd4-ftb2",
        "mkm7-k3m9-qxd4-ftb2-ax",
        "โทร 081-234-5678 หรือ 089-876-5432",
        "เลขบัญชี 123-4-56789-0 ยอด 4821 0937",
        "oooo llll oooo iiii oooo 4821",
        "",
        STORY,
    ],
)
def test_what_is_no_code_is_a_story_like_any_other(words: str) -> None:
    assert looks_like(words) is None


def at_the_menu() -> Someone:
    someone = Someone(shared_book())
    someone.meets(events.Followed())
    return someone


@pytest.mark.parametrize("code", ["mkm7-k3m9-qxd4-ftb2-a", "4821-0937-5518-2260-7314-9903"])
def test_a_story_with_a_code_in_it_is_not_kept_and_that_is_said(code: str) -> None:
    for place in (f"{code} {STORY}", f"{STORY} {code}", f"{STORY} {STORY} รหัส {code} {STORY}"):
        someone = at_the_menu()
        wanted = someone.meets(events.Text(place))
        assert not any(isinstance(each, effects.Seal | CheckCode) for each in wanted)
        assert Say("th", "say.code_among_words") in wanted


def test_a_code_with_a_few_words_leads_where_the_code_does() -> None:
    wanted = at_the_menu().meets(events.Text("รหัสเครือข่าย ๏ mkm7-k3m9-qxd4-ftb2-x"))
    assert any(isinstance(each, CheckCode) and each.kind == "member" for each in wanted)


def test_a_story_without_a_code_is_kept() -> None:
    wanted = at_the_menu().meets(events.Text(STORY))
    assert any(isinstance(each, effects.Seal) for each in wanted)


def test_a_receipt_among_the_words_of_a_follow_up_is_neither_checked_nor_kept() -> None:
    someone = at_the_menu()
    code = "4821-0937-5518-2260-7314-9903"
    someone.meets(events.Text(code))
    assert someone.conversation.flow == "follow"
    wanted = someone.meets(events.Text(f"ทะเบียนรถ กข 1234 เห็นใบเสร็จเลขที่ {code}"))
    assert not any(isinstance(each, effects.Seal | CheckCode) for each in wanted)


CODES = ("mkm7-k3m9-qxd4-ftb2-a", "MKM7 K3M9 QXD4 FTB2 A", "4821-0937-5518-2260-7314-9903")
VEHICLE = "MP1TFS86JHT123456"
"""A chassis number: as long as a member's code, and a lead to be kept."""


def telling(*said: str, channel: Channel | None = None) -> Someone:
    """Somebody who has said so much, in a book that knows codes by their check characters."""
    book = replace(shared_book(), is_code=is_code)
    someone = Someone(book if channel is None else book.for_channel(channel))
    for words in said:
        someone.meets(events.Text(words))
    return someone


ANSWERS = ("แจ้งเบาะแส", "1", "เลย", "ไม่ทราบ", "ข้าม", "เห็นกับตา", "เล่าจบ", "วันนี้")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("asked", [3, 4, 5, 6, 8], ids=["agency", "who", "what", "more", "where"])
def test_a_code_in_an_answer_is_not_kept_for_officers_to_use(asked: int, code: str) -> None:
    for words in (code, f"รหัสผม {code} ครับ", f"{STORY} {code} {STORY}"):
        someone = telling(*ANSWERS[:asked])
        before = someone.conversation
        wanted = someone.meets(events.Text(words))
        assert not any(isinstance(each, effects.Seal | CheckCode) for each in wanted)
        assert Say("th", "say.code_in_answer") in wanted
        assert someone.conversation.told == before.told


def test_a_code_that_an_edit_brings_in_is_not_kept() -> None:
    someone = telling(*ANSWERS[:6])
    wanted = someone.meets(TakeBack(-1, f"เห็นกับตา {CODES[0]}"))
    assert not any(isinstance(each, effects.Seal | effects.Remove) for each in wanted)


def test_a_code_in_an_answer_to_officers_is_not_sent_to_them() -> None:
    for before in ((CODES[2],), (CODES[2], "ตอบ")):  # at the menu, and where it is asked for
        wanted = telling(*before).meets(events.Text(f"รหัสเครือข่ายของผม {CODES[0]}"))
        assert not any(isinstance(each, effects.Seal) for each in wanted)
        assert Say("th", "say.code_in_answer") in wanted


def test_the_message_with_the_code_is_wiped_where_it_can_be() -> None:
    channel = Channel("telegram", can_push=True, can_wipe=True)
    someone = telling(*ANSWERS[:5], channel=channel)
    assert Erase("th", "said") in someone.meets(events.Text(CODES[0]))
    # A story is left for its teller to copy.
    assert Erase("th", "said") not in someone.meets(events.Text(f"{STORY} {CODES[0]}"))


@pytest.mark.parametrize("words", [VEHICLE, f"เลขตัวถัง {VEHICLE}", f"{STORY} เลขตัวถัง {VEHICLE}"])
def test_what_only_looks_like_a_code_is_a_lead_and_kept(words: str) -> None:
    someone = telling(*ANSWERS[:5])
    for teller in (someone, telling(CODES[2])):  # in a report, and of whoever came back
        (seal,) = (e for e in teller.meets(events.Text(words)) if isinstance(e, effects.Seal))
        assert seal.words == words


def test_a_code_typed_at_the_other_door_leads_where_it_belongs() -> None:
    follower = telling("มีรหัส", CODES[2])
    assert follower.conversation.flow == "follow"
    assert follower.conversation.answer("receipt").is_settled
    member = telling("ติดตาม", CODES[0])
    assert member.conversation.member is not None


def test_the_other_door_never_costs_what_was_told() -> None:
    someone = telling("มีรหัส")
    someone.meets(events.Media(FileRef("b" * 32, 10, "a" * 64, "photo", "x/y")))
    wanted = someone.meets(events.Text(CODES[2]))
    assert someone.conversation.answer("leads").parts
    assert [each.kind for each in wanted if isinstance(each, CheckCode)] == ["member"]
