"""What a console can tell of the parts that a server shows it."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing import NOTHING_BEFORE, Break, ChainLink, Finding, Malformed, check_chain, remember


def hash_of(seq: int, mark: str = "") -> bytes:
    return f"hash {seq} {mark}".encode().ljust(32)


def chain(length: int) -> list[ChainLink]:
    return [
        ChainLink(
            seq=seq,
            part_id=f"{seq:032x}",
            previous=hash_of(seq - 1) if seq > 1 else NOTHING_BEFORE,
            hash=hash_of(seq),
            is_tombstone=False,
        )
        for seq in range(1, length + 1)
    ]


def unopened(links: list[ChainLink]) -> list[ChainLink]:
    return [dataclasses.replace(link, previous=None) for link in links]


MEMORY = {seq: hash_of(seq) for seq in range(1, 6)}


@pytest.mark.parametrize("length", [0, 1, 5])
def test_a_whole_chain_has_no_break(length: int) -> None:
    assert check_chain(chain(length)) == ()
    assert check_chain(unopened(chain(length))) == ()
    assert check_chain(chain(5), {seq: hash_of(seq) for seq in range(1, length + 1)}) == ()


def test_a_tombstone_keeps_the_chain_whole() -> None:
    links = chain(5)
    links[2] = dataclasses.replace(links[2], previous=None, is_tombstone=True)
    assert check_chain(links) == ()
    assert check_chain(links, MEMORY) == ()


@pytest.mark.parametrize("gone", [1, 2, 4])
def test_a_part_left_out_is_missing(gone: int) -> None:
    links = [link for link in chain(5) if link.seq != gone]
    assert check_chain(links) == (Finding(gone, Break.MISSING),)
    assert check_chain(links, MEMORY) == (Finding(gone, Break.MISSING),)


def test_a_newest_part_left_out_is_missing_only_to_who_saw_it() -> None:
    assert check_chain(chain(4)) == ()
    assert check_chain(chain(4), MEMORY) == (Finding(5, Break.MISSING),)


def test_a_tip_that_shows_nothing_any_more_is_missing_all_that_was_seen() -> None:
    assert check_chain([], MEMORY) == tuple(Finding(seq, Break.MISSING) for seq in MEMORY)


def test_a_gap_of_any_size_is_named_once() -> None:
    far = dataclasses.replace(chain(1)[0], seq=2**53, previous=None)
    assert check_chain([far]) == (Finding(1, Break.MISSING),)


@pytest.mark.parametrize("altered", [1, 2, 4])
def test_other_bytes_are_altered_to_who_opened_the_next_part(altered: int) -> None:
    links = chain(5)
    links[altered - 1] = dataclasses.replace(links[altered - 1], hash=hash_of(altered, "new"))
    assert check_chain(links) == (Finding(altered, Break.ALTERED),)
    assert check_chain(unopened(links), MEMORY) == (Finding(altered, Break.ALTERED),)


def test_a_newest_part_altered_is_found_only_by_who_saw_it() -> None:
    links = chain(5)
    links[4] = dataclasses.replace(links[4], hash=hash_of(5, "new"))
    assert check_chain(links) == ()
    assert check_chain(links, MEMORY) == (Finding(5, Break.ALTERED),)


def test_a_tombstone_whose_hash_was_changed_is_altered() -> None:
    links = chain(5)
    links[1] = ChainLink(2, links[1].part_id, None, hash_of(2, "new"), is_tombstone=True)
    assert check_chain(links) == (Finding(2, Break.ALTERED),)


def test_a_first_part_that_follows_something_is_altered() -> None:
    first = dataclasses.replace(chain(1)[0], previous=hash_of(0))
    assert check_chain([first]) == (Finding(1, Break.ALTERED),)


def test_two_parts_that_changed_places_are_moved() -> None:
    links = unopened(chain(5))
    links[1], links[2] = (
        dataclasses.replace(links[2], seq=2),
        dataclasses.replace(links[1], seq=3),
    )
    assert check_chain(links, MEMORY) == (Finding(2, Break.MOVED), Finding(3, Break.MOVED))


def test_parts_shown_out_of_order_are_moved() -> None:
    links = chain(5)
    links[1], links[2] = links[2], links[1]
    assert check_chain(links) == (Finding(2, Break.MOVED),)


@pytest.mark.parametrize(
    "copied", [{}, {"part_id": "f" * 32}, {"hash": hash_of(6)}], ids=["both", "bytes", "id"]
)
def test_a_part_shown_again_further_down_is_replayed(copied: dict[str, Any]) -> None:
    again = dataclasses.replace(chain(5)[1], seq=6, previous=None, **copied)
    assert Finding(6, Break.REPLAYED) in check_chain([*chain(5), again])
    assert Finding(6, Break.REPLAYED) in check_chain([*chain(5), again], MEMORY)


def test_one_number_shown_twice_is_replayed() -> None:
    twin = ChainLink(5, "f" * 32, None, hash_of(5, "twin"), is_tombstone=False)
    assert check_chain([*chain(5), twin]) == (Finding(5, Break.REPLAYED),)


def test_an_old_part_in_the_place_of_a_newer_one_is_found() -> None:
    links = chain(5)
    links[4] = dataclasses.replace(links[1], seq=5, previous=None)
    assert Finding(5, Break.REPLAYED) in check_chain(links)
    assert {finding.seq for finding in check_chain(links, MEMORY)} == {5}


@given(st.integers(1, 6), st.data())
def test_any_change_to_a_remembered_chain_is_found(length: int, data: st.DataObject) -> None:
    links = unopened(chain(length))
    memory = remember(links)
    shown = data.draw(st.lists(st.sampled_from(links), max_size=length + 1))
    assert (check_chain(shown, memory) == ()) == (shown == links)


@pytest.mark.parametrize("seq", [0, -1])
def test_a_number_below_one_is_malformed(seq: int) -> None:
    with pytest.raises(Malformed):
        dataclasses.replace(chain(1)[0], seq=seq)


def test_memory_only_grows() -> None:
    memory = remember(chain(2))
    links = chain(3)
    links[0] = dataclasses.replace(links[0], hash=hash_of(1, "new"))
    assert remember(links, memory) == {seq: hash_of(seq) for seq in (1, 2, 3)}
