"""Intents and drafts survive JSON, older rows too; what was never one is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.conversation import Answer, Conversation, Member, PartMark
from handlers.effects import (
    Ask,
    Card,
    Counts,
    Day,
    Document,
    Erase,
    Intent,
    OfficerWords,
    Option,
    Progress,
    Row,
    Say,
    Seal,
    SecretOnce,
    Word,
)
from handlers.events import FileRef
from handlers.intent_json import from_json, to_json
from handlers.saying import plain
from handlers.words import shipped_words

KEYS = st.text(min_size=1, max_size=12)
COUNTS = st.dictionaries(KEYS, st.integers(0, 99), max_size=3)
PARAMS = st.dictionaries(
    KEYS,
    st.one_of(
        KEYS,
        st.integers(-5, 10**6),
        KEYS.map(Word),
        KEYS.map(Day),
        COUNTS.map(Counts),
        st.lists(KEYS.map(Word), max_size=3).map(tuple),
    ),
    max_size=3,
)
OPTIONS = st.builds(
    Option, KEYS, KEYS, st.none() | KEYS, st.sampled_from(["answer", "control"]), st.booleans()
)
ROWS = st.builds(Row, KEYS, KEYS, KEYS, st.lists(KEYS.map(Word) | KEYS.map(Day)).map(tuple), COUNTS)
INTENTS = st.one_of(
    st.builds(Say, KEYS, KEYS, PARAMS),
    st.builds(
        Ask,
        KEYS,
        KEYS,
        KEYS,
        PARAMS,
        st.lists(OPTIONS, max_size=3).map(tuple),
        KEYS,
        st.frozensets(st.sampled_from(["text", "files", "voice"])),
        st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9)),
    ),
    st.builds(Card, KEYS, st.lists(ROWS, max_size=3).map(tuple)),
    st.builds(Progress, KEYS, st.integers(), st.integers()),
    st.builds(SecretOnce, KEYS, KEYS),
    st.builds(OfficerWords, KEYS, KEYS),
    st.builds(Document, KEYS, KEYS),
    st.builds(Erase, KEYS),
)
ANSWERS = st.builds(
    Answer,
    st.none() | KEYS,
    st.lists(KEYS).map(tuple),
    st.lists(st.builds(PartMark, KEYS, KEYS), max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
CONVERSATIONS = st.builds(
    Conversation,
    flow=KEYS,
    language=KEYS,
    told=st.dictionaries(KEYS, ANSWERS, max_size=3),
    asked=st.none() | KEYS,
    aside=st.none() | KEYS,
    pending=st.lists(KEYS, max_size=3).map(tuple),
    screen=KEYS,
    total=st.none() | st.integers(0, 20),
    kind=KEYS,
    member=st.none() | st.builds(Member, KEYS, st.booleans()),
    status=st.none() | KEYS,
    since=st.none() | KEYS,
    is_crisis=st.booleans(),
    notice=st.sampled_from(["on", "off", None]),
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(INTENTS)
def test_an_intent_survives_json(intent: Intent) -> None:
    assert from_json(json.loads(json.dumps(to_json(intent)))) == intent


@given(CONVERSATIONS)
def test_a_draft_survives_json(conversation: Conversation) -> None:
    body = json.loads(json.dumps(conversation.to_json()))
    assert Conversation.from_json(body) == conversation


@given(CONVERSATIONS, st.dictionaries(KEYS.map(lambda key: f"new_{key}"), JUNK, max_size=2))
def test_a_draft_of_a_newer_release_opens(
    conversation: Conversation, more: dict[str, object]
) -> None:
    assert Conversation.from_json({**conversation.to_json(), **more}) == conversation


def test_a_draft_of_an_older_release_opens() -> None:
    old = {"flow": "report", "language": "th", "told": {"who": {"value": "x"}}}
    assert Conversation.from_json(old).answer("who") == Answer("x")


def test_parts_that_an_older_release_wrote_one_by_one_open_in_their_order() -> None:
    marks = (PartMark("a" * 32, "words"), PartMark("b" * 32, "photo"), PartMark("c" * 32, "words"))
    parts = [{"part_id": mark.part_id, "media": mark.media} for mark in marks]
    told = {"who": {"value": None, "ids": [], "parts": parts, "is_settled": False}}
    old = {"flow": "report", "language": "th", "told": told}
    assert Conversation.from_json(old).answer("who").parts == marks


def test_a_draft_says_only_what_differs_from_a_new_one() -> None:
    assert set(Conversation("report", "th", screen="a1").to_json()) == {
        "version", "flow", "language", "screen", "kind"
    }  # fmt: skip
    marks = tuple(PartMark(f"{nth:032x}", "words") for nth in range(3))
    answer = Conversation("report", "th", {"who": Answer(parts=marks)}).to_json()["told"]["who"]
    assert answer == {"parts": [{"media": "words", "part_ids": [mark.part_id for mark in marks]}]}


def test_an_intent_that_an_older_release_wrote_opens() -> None:
    option = {"id": "yes", "label": "label.yes", "long": None, "role": "answer", "is_on": False}
    more = {"question": "q", "params": {}, "screen": "s", "accepts": [], "progress": None}
    old = {"language": "th", "ask": "ask.q", "choices": [option], **more}
    asked = from_json(old)
    assert isinstance(asked, Ask)
    assert asked.choices == (Option("yes", "label.yes"),)
    assert asked.progress is None


def test_a_growing_answer_that_an_older_release_asked_about_names_the_button_to_press() -> None:
    done = {"id": "done", "label": "label.what.done", "role": "answer"}
    more = {"question": "what", "params": {"counts": {"counts": {"words": 1}}}, "screen": "s"}
    old = from_json({"language": "th", "ask": "ask.go_on", "choices": [done], **more})
    assert plain(shipped_words(), old) == (
        "ได้รับข้อความ 1 ข้อความแล้ว ส่งเพิ่มได้อีก หรือกด “เล่าจบแล้ว” เพื่อไปต่อ"
    )


@pytest.mark.parametrize("body", [{}, {"flow": "x"}, {"flow": "x", "language": "y", "told": 3}])
def test_what_was_never_a_draft_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a conversation"):
        Conversation.from_json(body)


@pytest.mark.parametrize(
    "body",
    [{}, {"language": "th"}, {"language": "th", "ask": "x"}, {"language": "th", "card": [1]}],
)
def test_what_was_never_an_intent_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not an intent"):
        from_json(body)


def test_a_part_is_words_or_a_file_and_not_both() -> None:
    file = FileRef("b", 1, "a", "photo", "x/y")
    for words, both in ((None, None), ("x", file)):
        with pytest.raises(ValueError, match="one of them"):
            Seal("1", "who", words, both)


def test_a_file_of_an_unknown_media_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown media"):
        FileRef("b", 1, "a", "hologram", "x/y")
