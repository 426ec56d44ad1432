"""What people type instead of pressing: politeness and slips are read past, "not" never is, and
words for a person are never taken for a button.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import effects, events
from handlers.book import Channel, load_book
from handlers.effects import Say
from handlers.events import Event
from handlers.kinds.base import LANGUAGE, Here
from handlers.screens import ANYWHERE, CONTROLS, UNKNOWING, question_on_screen, typed_choice
from handlers.words import USUAL_AT_MOST, spelling
from tests.handlers.people import TODAY, Someone

BOOK = load_book()
REASONS = ("courtesy", "confused", "human")
"""Words typed for something that is no button: they only decide what is said back."""

TO_PROVINCE = (events.Text("แจ้งเบาะแส"), events.Text("11"))
TO_AGENCY = (*TO_PROVINCE, events.Text("เลย"))
TO_WHO = (*TO_AGENCY, events.Text("ไม่ทราบ"))
TO_STORY = (*TO_WHO, events.Text("ข้าม"))
TO_WHEN = (*TO_STORY, events.Text("เห็นกับตา"), events.Text("เล่าจบแล้ว"))
TO_LEADS = (*TO_WHEN, events.Text("วันนี้"), events.Text("ข้าม"))
TO_MORE = (*TO_LEADS, events.Text("ไม่มี"))
TO_REVIEW = (*TO_MORE, events.Text("ข้าม"))
TO_DROP = (*TO_REVIEW, events.Text("ยกเลิก"))
FOLLOWING = (events.Text("ติดตาม"), events.Text("4821-0937-5518-2260-7314-9903"))


def someone_at(*before: Event, language: str = "th") -> Someone:
    person = Someone(BOOK)
    for event in (events.Followed(), *before, events.Command("language", language)):
        person.meets(event)
    return person


def meant(person: Someone, words: str) -> str | None:
    question = question_on_screen(BOOK, person.conversation)
    return typed_choice(Here(BOOK, person.conversation, question, TODAY, lambda: "0" * 32), words)


@pytest.mark.parametrize(
    ("where", "words", "choice"),
    [
        ((), "ขอแจ้งเรื่องหน่อยครับ", "report"),
        ((), "อยากแจ้งเบาะแสค่ะ", "report"),
        ((), "ข้อ ๒ ครับ", "member"),
        ((), "แจ้งเบาแส", "report"),
        ((), "ติดตามเรือง", "follow"),
        (TO_PROVINCE, "ไม่รู้ครับ", "unsure"),
        (TO_AGENCY, "ไม่แน่ใจค่ะ", "unknown"),
        (TO_WHO, "ไม่รู้ชื่อครับ", "skip"),
        (TO_WHO, "ไม่มี", "skip"),
        (TO_STORY, "ผ่านครับ", "skip"),
        (TO_WHEN, "ทุกเดือนเลยครับ", "ongoing"),
        (TO_WHEN, "ไม่รู้", "forgotten"),
        (TO_LEADS, "ไม่มีหลักฐานครับ", "none"),
        (TO_MORE, "ไม่มีค่ะ", "skip"),
        (TO_REVIEW, "ส่งเลยนะคะ", "send"),
        (TO_DROP, "ไม่ครับ", "stay"),
        (TO_DROP, "ใช่ค่ะ", "drop"),
        (TO_DROP, "ลบเลยค่ะ", "drop"),
        (FOLLOWING, "ตอบค่ะ", "answer"),
        (FOLLOWING, "ส่งหลักฐานเพิม", "evidence"),
        (FOLLOWING, "ออกค่ะ", "cancel"),
        (TO_MORE, "กลัวครับ", "afraid"),
        (TO_PROVINCE[:1], "ไม่แน่ใจค่ะ", "other"),
        ((), "ต้องบอกชื่อไหมคะ", "safety"),
        ((), "ภาษาไทย", "language_th"),
        ((), "english please", "language_en"),
    ],
)
def test_what_people_type_is_the_button_they_mean(
    where: tuple[Event, ...], words: str, choice: str
) -> None:
    assert meant(someone_at(*where), words) == choice


@pytest.mark.parametrize("words", ["ไม่รู้", "ไม่มี", "ไม่ทราบครับ", "จำไม่ได้", "ไม่สะดวก", "ไม่เข้าใจ", "งง"])
def test_short_words_for_an_officer_are_sent_to_them(words: str) -> None:
    person = someone_at(*FOLLOWING)
    for _ in range(2):  # typed at the menu, and where the answer is asked for
        sealed = [e for e in person.meets(events.Text(words)) if isinstance(e, effects.Seal)]
        assert [seal.words for seal in sealed] == [words]
        person.meets(events.Text("ตอบ"))


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize(
    "where",
    [(), TO_PROVINCE[:1], TO_MORE, TO_REVIEW, TO_DROP, FOLLOWING],
    ids=lambda w: str(len(w)),
)
def test_a_label_with_not_before_it_is_never_that_button(
    where: tuple[Event, ...], language: str
) -> None:
    person = someone_at(*where, language=language)
    for option in person.screen.choices:
        label = BOOK.words.text(language, option.label)
        for words in (f"ไม่{label}", f"not {label}", f"ยังไม่{label}", f"{label} ไม่ใช่"):
            assert meant(person, words) != option.id, words


def test_who_is_not_sure_nominates_nobody() -> None:
    person = Someone(replace(BOOK, has_registrars=True))
    for words in ("สมัครเครือข่าย", "ไม่แน่ใจ"):
        person.meets(events.Text(words))
    assert person.screen.question == "candidate"
    person.meets(events.Text("เสนอชื่อคนอื่นค่ะ"))
    assert person.conversation.answer("candidate").value == "other"


def test_several_boxes_are_ticked_however_their_numbers_are_joined() -> None:
    for words in ("1 กับ 2", "1และ2", "๑, ๒", "1 and 2"):
        person = someone_at(*TO_MORE)
        person.meets(events.Text(words))
        assert person.conversation.answer("more").ids == ("reported_elsewhere", "afraid")


@pytest.mark.parametrize("words", ["ขอคุยกับเจ้าหน้าที่ครับ", "มีใครอยู่ไหมคะ", "talk to a person please"])
def test_who_asks_for_a_person_hears_where_one_answers(words: str) -> None:
    keys = [e.key for e in someone_at().meets(events.Text(words)) if isinstance(e, Say)]
    assert "say.human" in keys
    following = someone_at(*FOLLOWING).meets(events.Text(words))
    assert [e.words for e in following if isinstance(e, effects.Seal)] == [words]


def test_words_that_send_somebody_to_the_web_page_say_where_it_is() -> None:
    channel = Channel("telegram", can_push=True, can_wipe=True, web="https://tip.example")
    where = Say("th", "say.web_is", {"web": "https://tip.example"})
    person = Someone(replace(BOOK, has_registrars=True).for_channel(channel))
    assert where in person.meets(events.Text("สมัครเครือข่าย"))
    teller = Someone(BOOK.for_channel(channel))
    (fetch,) = [
        e for e in teller.meets(events.Held("video", "handle")) if isinstance(e, effects.Fetch)
    ]
    assert where in teller.meets(events.Lost(fetch.fetch_id, "too_big", 20))


def test_a_receipt_is_not_put_away_by_a_slip() -> None:
    person = someone_at(*TO_REVIEW, events.Text("ส่ง"))
    for words in ("จบแล้ว", "จอแล้ว", "ขอบคุณครับ", "เมนู", "ไม่รู้", "เสร็จแล้วครับ"):
        wanted = person.meets(events.Text(words))
        assert not any(isinstance(effect, effects.Noted) for effect in wanted), words
        assert effects.SecretOnce("th", "receipt") in wanted
    assert any(isinstance(e, effects.Noted) for e in person.meets(events.Text("จดแล้วครับ")))


def test_a_story_is_never_taken_for_a_button_it_nearly_is() -> None:
    person = someone_at(*TO_STORY)
    wanted = person.meets(events.Text("เล่าจบแลว ๆ"))
    assert [e.words for e in wanted if isinstance(e, effects.Seal)] == ["เล่าจบแลว ๆ"]


def test_a_language_pressed_twice_is_still_that_language() -> None:
    person = someone_at()
    (press,) = [o.id for o in person.screen.choices if o.id.startswith(LANGUAGE)]
    screen = person.screen.screen
    for _ in range(2):
        person.meets(events.Choice(screen, press))
        assert person.conversation.language == "en"


def test_a_language_button_of_an_older_release_still_changes_it() -> None:
    person = someone_at()
    person.meets(events.Choice(person.screen.screen, "language"))
    assert person.conversation.language == "en"


@pytest.mark.parametrize(
    "words",
    [
        "ผู้ใหญ่บ้านโกงเงินกองทุน",
        "นายก อบต. เรียกเงินค่าต่อเติม",
        "ครูอมเงินค่าอาหารเด็ก",
        "the mayor takes bribes",
    ],
)
def test_a_few_words_that_tell_of_a_wrong_at_the_door_are_kept(words: str) -> None:
    person = Someone(BOOK)
    wanted = person.meets(events.Text(words))
    assert [(e.question, e.words) for e in wanted if isinstance(e, effects.Seal)] == [
        ("what", words)
    ]
    assert Say("th", "say.not_understood_menu") not in wanted
    assert person.screen.question == "category"


@pytest.mark.parametrize(
    "words",
    [
        "แจ้งเรื่องโกงที่นี่ได้ไหม",
        "ทุจริตคืออะไร",
        "อยากสมัครเครือข่ายต้านโกง",
        "ขอติดตามเรื่องโกงที่แจ้งไว้",
        "โกง",
        "มีใครอยู่หรือเปล่าครับ",
        "วันนี้ฝนตกหนักมาก",
        "can i report bribery here",
    ],
)
def test_other_words_at_the_door_are_not_kept_and_that_is_said(words: str) -> None:
    for person in (Someone(BOOK), someone_at()):  # new, and greeted before
        wanted = person.meets(events.Text(words))
        assert not any(isinstance(effect, effects.Seal) for effect in wanted)
        is_door = person.screen.question == "menu"
        assert (Say("th", "say.not_understood_menu") in wanted) == is_door


LONG = "เขามาเก็บเงินที่บ้านผมกับแม่คนละห้าร้อย บอกว่าเป็นค่าทำโฉนด"


@pytest.mark.parametrize(
    ("where", "words", "key", "value"),
    [
        (TO_WHEN, f"วันที่ 3 ส.ค. 69 {LONG}", "when", "2026-08-03"),
        (TO_WHEN, LONG, "when", None),  # no day in it: asked again, and kept all the same
        (TO_PROVINCE, f"จังหวัดเลย {LONG}", "province", None),  # asked whether it is that one
    ],
)
def test_a_story_told_where_a_day_or_a_place_was_asked_is_kept(
    where: tuple[Event, ...], words: str, key: str, value: str | None
) -> None:
    person = someone_at(*where)
    wanted = person.meets(events.Text(words))
    assert [(e.question, e.words) for e in wanted if isinstance(e, effects.Seal)] == [
        ("what", words)
    ]
    assert "say.kept_as_story" in [e.key for e in wanted if isinstance(e, Say)]
    assert person.conversation.answer(key).value == value


def test_a_day_alone_is_no_story() -> None:
    person = someone_at(*TO_WHEN)
    wanted = person.meets(events.Text("น่าจะประมาณวันที่ 3 ส.ค. 69 ครับ"))
    assert not any(isinstance(effect, effects.Seal) for effect in wanted)
    assert person.conversation.answer("when").value == "2026-08-03"


@pytest.mark.parametrize("words", ["สวัสดีครับ", "ขอบคุณมากค่ะ", "hello", "โอเคค่ะ"])
def test_greetings_and_thanks_are_not_told_to_be_senseless(words: str) -> None:
    for person in (Someone(BOOK), someone_at()):
        said = {e.key for e in person.meets(events.Text(words)) if isinstance(e, Say)}
        assert not any(key.startswith("say.not_") for key in said)


@pytest.mark.parametrize(
    "where", [TO_AGENCY, TO_WHO, TO_STORY, TO_LEADS], ids=lambda w: str(len(w))
)
@pytest.mark.parametrize("words", ["สวัสดีค่ะ", "ขอบคุณครับ", "hello", "ครับ"])
def test_a_greeting_is_no_answer(where: tuple[Event, ...], words: str) -> None:
    person = someone_at(*where)
    question = person.screen.question
    wanted = person.meets(events.Text(words))
    assert not any(isinstance(effect, effects.Seal) for effect in wanted)
    assert person.screen.question == question


def test_a_greeting_where_a_code_is_asked_is_no_code() -> None:
    wanted = someone_at(*FOLLOWING[:1]).meets(events.Text("สวัสดีครับ"))
    assert not any(isinstance(effect, effects.CheckCode) for effect in wanted)


def test_thanks_to_an_officer_reach_them() -> None:
    wanted = someone_at(*FOLLOWING).meets(events.Text("ขอบคุณค่ะ"))
    assert [e.words for e in wanted if isinstance(e, effects.Seal)] == ["ขอบคุณค่ะ"]


NOW = "say.crisis_now"


@pytest.mark.parametrize(
    "where",
    [(), TO_PROVINCE, TO_STORY, TO_REVIEW, FOLLOWING, FOLLOWING[:1]],
    ids=lambda w: str(len(w)),
)
@pytest.mark.parametrize("words", ["ช่วยด้วย", "เขาจะฆ่าผม", "Help me!", "หนูอยากตาย"])
def test_in_danger_the_numbers_come_at_once_wherever_it_is_typed(
    where: tuple[Event, ...], words: str
) -> None:
    person = someone_at(*where)
    said = [e.key for e in person.meets(events.Text(words)) if isinstance(e, Say)]
    assert said.count(NOW) == 1
    assert not any(key.startswith("say.not_understood") for key in said)


def test_a_new_person_in_danger_gets_the_numbers_where_they_look_first() -> None:
    page, chat = Channel("web"), Channel("line", can_push=True)
    for channel, place in ((page, 0), (chat, -1)):
        wanted = Someone(BOOK.for_channel(channel)).meets(events.Text("ช่วยด้วย"))
        said = [e.key for e in wanted if isinstance(e, Say)]
        assert len(said) == 2
        assert said[place] == NOW


def test_what_was_told_of_a_threat_brings_the_numbers_once_it_is_sent_or_dropped() -> None:
    told = (*TO_STORY, events.Text("เขาขู่ว่าจะทำร้ายถ้าเราพูด"))
    person = someone_at(*told)
    dropped = [e.key for e in person.meets(events.Text("ยกเลิก")) if isinstance(e, Say)]
    assert "say.crisis" not in dropped
    dropped = [e.key for e in person.meets(events.Text("ลบทั้งหมด")) if isinstance(e, Say)]
    assert dropped == ["say.dropped", "say.crisis"]
    assert "say.crisis" not in [
        e.key for e in person.meets(events.Text("แจ้งเบาะแส")) if isinstance(e, Say)
    ]


def test_a_button_that_speaks_of_fear_is_no_cry_for_help() -> None:
    person = someone_at(*TO_MORE)
    said = [e.key for e in person.meets(events.Text("กลัวถูกกลั่นแกล้ง")) if isinstance(e, Say)]
    assert NOW not in said
    assert person.conversation.answer("more").ids == ("afraid",)


@pytest.mark.parametrize("words", ["รหัสหาย", "ทำรหัสหายค่ะ", "ลืมรหัส", "i lost my code"])
def test_a_lost_receipt_is_no_wrong_try(words: str) -> None:
    person = someone_at(events.Text("ติดตาม"))
    wanted = person.meets(events.Text(words))
    assert not any(isinstance(effect, effects.CheckCode) for effect in wanted)
    assert Say("th", "say.lost_code") in wanted


def test_a_member_who_lost_their_code_hears_whom_to_ask() -> None:
    person = someone_at(events.Text("มีรหัส"))
    assert Say("th", "say.lost_code_code") in person.meets(events.Text("ลืมรหัสค่ะ"))


def test_an_old_button_says_so_when_nothing_is_being_told() -> None:
    wanted = Someone(BOOK).meets(events.Choice("0badcafe", "bribe"))
    assert [e.key for e in wanted if isinstance(e, Say)] == ["say.stale_start"]


def test_who_notes_a_receipt_twice_is_not_told_of_what_was_deleted() -> None:
    person = someone_at(*TO_REVIEW, events.Text("ส่ง"))
    press = events.Choice(person.screen.screen, "noted")
    person.meets(press)
    said = [e.key for e in person.meets(press) if isinstance(e, Say)]
    assert said == ["say.stale"]


def test_menu_never_leaves_behind_what_was_told() -> None:
    person = someone_at(*TO_STORY, events.Text("เห็นกับตา"))
    wanted = person.meets(events.Text("เมนูครับ"))
    assert not any(isinstance(e, effects.Forget) for e in wanted)
    assert Say("th", "say.midway") in wanted
    follower = someone_at(*FOLLOWING)
    assert any(isinstance(e, effects.Forget) for e in follower.meets(events.Text("เมนู")))
    assert follower.screen.question == "menu"


# --- the lists themselves ------------------------------------------------------------------------


def test_every_list_of_typed_words_is_for_something_that_can_be_meant() -> None:
    choices = {
        option.rpartition(".")[2] for option in BOOK.words.keys if option.startswith("label.")
    }
    languages = {LANGUAGE + language for language in BOOK.languages}
    known = {*choices, *CONTROLS, *ANYWHERE, *UNKNOWING, *REASONS, *languages, "unknown", "none"}
    names = [name.rpartition(".")[2] for name in BOOK.words.typed]
    assert set(names) <= known


def test_politeness_around_nothing_that_is_known_stays() -> None:
    assert BOOK.words.bare(spelling("ไม่ใช่แบบนั้นหรอกค่ะ")) == spelling("ไม่ใช่แบบนั้นหรอกค่ะ")


@given(st.text(max_size=60))
def test_reading_past_politeness_only_ever_shortens(words: str) -> None:
    key = spelling(words)
    bare = BOOK.words.bare(key)
    assert bare in key
    assert bare == key or bare in BOOK.words.spelled or bare.isdecimal()


def test_no_label_loses_a_part_to_politeness() -> None:
    labels = [
        text
        for texts in BOOK.words.texts.values()
        for key, text in texts.items()
        if key.startswith("label.")
    ]
    assert all(BOOK.words.bare(spelling(label)) == spelling(label) for label in labels)


def test_whatever_may_be_typed_for_a_button_is_read_to_its_end() -> None:
    labels = [
        text
        for texts in BOOK.words.texts.values()
        for key, text in texts.items()
        if key.startswith(("label.", "long."))
    ]
    usual = [word for words in BOOK.words.typed.values() for word in words]
    politeness = 2 * max(len(word) for words in BOOK.words.polite.values() for word in words)
    assert max(map(len, labels + usual)) + politeness <= USUAL_AT_MOST
