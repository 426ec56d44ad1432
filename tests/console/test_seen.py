"""The memory: it adds, never overwrites, and knows when somebody else wrote in it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from console.errors import Distrusted
from console.seen import Memory, SeenRoster, SeenTip

SECRET = bytes(range(32))
TIP = "a" * 32


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "seen.json", SECRET)


def test_nothing_is_known_at_first(memory: Memory) -> None:
    assert not memory.tip(TIP).is_known
    assert memory.roster() == SeenRoster()


def test_what_was_seen_first_stays(memory: Memory, tmp_path: Path) -> None:
    memory.remember_tip(TIP, SeenTip({1: b"one"}, 3, {2: b"x"}, frozenset({"g"})))
    memory.remember_tip(TIP, SeenTip({1: b"other", 2: b"two"}, 2, {2: b"y"}, frozenset({"h"})))
    again = Memory(tmp_path / "seen.json", SECRET).tip(TIP)
    assert again == SeenTip({1: b"one", 2: b"two"}, 3, {2: b"x"}, frozenset({"g", "h"}))


def test_a_tips_first_keys_stay_and_what_was_opened_adds_up(memory: Memory) -> None:
    memory.remember_tip(TIP, SeenTip({1: b"one"}, opened=frozenset({1})))
    memory.remember_tip(TIP, SeenTip({2: b"two"}, opened=frozenset({2}), recipients="first"))
    memory.remember_tip(TIP, SeenTip(recipients="second"))
    assert memory.tip(TIP).opened == {1, 2}
    assert memory.tip(TIP).recipients == "first"


def test_of_a_tips_keys_the_newest_stay_whichever_look_comes_later(memory: Memory) -> None:
    memory.remember_tip(TIP, SeenTip(recipients="filed"))
    memory.remember_tip(TIP, SeenTip(recipients="newest", recipients_at=7))
    memory.remember_tip(TIP, SeenTip(recipients="between", recipients_at=4))
    memory.remember_tip(TIP, SeenTip(version=9))
    found = memory.tip(TIP)
    assert (found.recipients, found.recipients_at, found.version) == ("newest", 7, 9)


def test_a_roster_only_goes_forward_and_keeps_every_key(memory: Memory) -> None:
    memory.remember_roster(SeenRoster(2, b"two", {"x": b"1"}))
    memory.remember_roster(SeenRoster(1, b"one", {"y": b"2"}))
    assert memory.roster() == SeenRoster(2, b"two", {"x": b"1", "y": b"2"})


def test_two_programs_of_one_officer_lose_nothing(tmp_path: Path) -> None:
    def look(number: int) -> None:
        Memory(tmp_path / "seen.json", SECRET).remember_tip(TIP, SeenTip({number: b"x"}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(1, 41)))
    assert set(Memory(tmp_path / "seen.json", SECRET).tip(TIP).parts) == set(range(1, 41))


def test_one_program_sees_what_another_wrote(memory: Memory, tmp_path: Path) -> None:
    assert not memory.tip(TIP).is_known
    Memory(tmp_path / "seen.json", SECRET).remember_tip(TIP, SeenTip({1: b"x"}))
    assert memory.tip(TIP).is_known


def test_anothers_memory_and_a_changed_one_are_refused(memory: Memory, tmp_path: Path) -> None:
    memory.remember_tip(TIP, SeenTip({1: b"x"}))
    with pytest.raises(Distrusted):
        Memory(tmp_path / "seen.json", bytes(32)).tip(TIP)
    for damage in (b"", b"{}", b"[]", b"null", b'{"seen": {}, "mac": "zz"}'):
        (tmp_path / "seen.json").write_bytes(damage)
        with pytest.raises(Distrusted):
            memory.tip(TIP)


def test_names_tell_nothing_without_the_key(memory: Memory, tmp_path: Path) -> None:
    assert memory.name(TIP) != Memory(tmp_path / "other", bytes(32)).name(TIP)
    assert TIP not in memory.name(TIP)
