"""The one link from a person to what they tell opens with everything together, or not at all."""

import pytest

from bot.marks import Marks
from bot.server_key import ServerKey
from bot.state import Draft, Drawer, Following, HeldSeed, State
from handlers import intent_json
from handlers.conversation import Conversation
from handlers.effects import Say
from sealing import Tampered
from storage.forget import Kept

KEY, SERVER = b"k" * 32, ServerKey(b"s" * 32, b"t" * 32)
STATE = State(
    Conversation("report", "th"),
    Draft.begin("ab" * 16).grown(b"h" * 32),
    Following("cd" * 16, b"r" * 32, "follow", b"q" * 32),
    (intent_json.to_json(Say("th", "say.sent", {"days": 7})),),
    frozenset({"text", "files"}),
    held={"ef" * 16: HeldSeed("9" * 32, b"sealed seed")},
)


def test_what_was_put_in_comes_out() -> None:
    drawer = Drawer(SERVER)
    record = drawer.seal_state(KEY, b"conversation", "U1", STATE)
    opened = drawer.open_state(KEY, b"conversation", "U1", record)
    assert opened == STATE
    assert opened.screen == (Say("th", "say.sent", {"days": 7}),)


@pytest.mark.parametrize(
    ("key", "server", "conversation", "person"),
    [
        (b"x" * 32, SERVER, b"conversation", "U1"),
        (KEY, ServerKey(b"x" * 32, b"t" * 32), b"conversation", "U1"),
        (KEY, SERVER, b"another", "U1"),
        (KEY, SERVER, b"conversation", "U2"),
    ],
)
def test_without_any_one_of_key_server_key_row_and_person_it_stays_shut(
    key: bytes, server: ServerKey, conversation: bytes, person: str
) -> None:
    record = Drawer(SERVER).seal_state(KEY, b"conversation", "U1", STATE)
    with pytest.raises(Tampered):
        Drawer(server).open_state(key, conversation, person, record)


@pytest.mark.parametrize(
    ("key", "server", "part_id", "person"),
    [
        (b"x" * 32, SERVER, "part", "U1"),
        (KEY, ServerKey(b"x" * 32, b"t" * 32), "part", "U1"),
        (KEY, SERVER, "another", "U1"),
        (KEY, SERVER, "part", "U2"),
    ],
)
def test_a_held_seed_opens_only_with_its_key_the_server_key_its_part_and_the_person(
    key: bytes, server: ServerKey, part_id: str, person: str
) -> None:
    held = Drawer(SERVER).hold_seed(Kept("id", KEY), "U1", "part", b"s" * 32)
    assert Drawer(SERVER).open_seed(KEY, "U1", "part", held) == b"s" * 32
    assert b"s" * 32 not in held.record
    with pytest.raises(Tampered):
        Drawer(server).open_seed(key, person, part_id, held)


@pytest.mark.parametrize("name", ["หลักฐาน.pdf", "\ud83d.pdf", '\x00\n"\\', ""])
def test_a_file_may_have_any_name(name: str) -> None:
    drawer = Drawer(SERVER)
    record = drawer.seal_fetch(KEY, "ab" * 16, {"name": name, "size": 2**53, "more": None})
    opened = drawer.open_fetch(KEY, "ab" * 16, record)
    assert opened == {"name": name, "size": 2**53, "more": None}


def test_what_an_older_release_wrote_opens() -> None:
    old = STATE.to_json()
    del old["accepts"], old["screen"], old["held"]
    assert State.from_json(old | {"unknown": 1}).draft == STATE.draft
    with pytest.raises(ValueError, match="not a conversation"):
        State.from_json({"conversation": 7})


def test_no_secret_shows_in_a_repr() -> None:
    assert STATE.draft is not None
    shown = repr(STATE)
    for secret in (STATE.draft.case_seed, STATE.draft.reply_seed, b"r" * 32):
        assert secret.hex() not in shown
        assert repr(secret) not in shown
    assert "ab" * 16 not in shown
    assert "cd" * 16 not in shown
    assert "sealed seed" not in shown


def test_marks_tell_nobody_apart_without_the_server_key() -> None:
    marks, others = Marks(SERVER), Marks(ServerKey.generate())
    assert marks.conversation("web", "a") == Marks(SERVER).conversation("web", "a")
    assert marks.conversation("web", "a") != others.conversation("web", "a")
    assert marks.conversation("we", "ba") != marks.conversation("web", "a")
    assert marks.event("web", "a", "1") != marks.event("web", "a1", "")


def test_a_followed_tip_of_an_older_release_is_read_without_the_receipts_key() -> None:
    stored = STATE.to_json()
    del stored["following"]["receipt"]
    assert State.from_json(stored).following == Following("cd" * 16, b"r" * 32, "follow")
