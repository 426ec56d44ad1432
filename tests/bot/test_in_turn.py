"""Whoever waits is served in turn: channels first, then conversations; and nobody is forgotten."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.in_turn import InTurn

CHANNELS = ("web", "line", "telegram")
ITEMS = st.lists(
    st.tuples(st.sampled_from(CHANNELS), st.binary(min_size=1, max_size=1)), max_size=60
)


def filled(asked: list[tuple[str, bytes]]) -> InTurn[int]:
    made = InTurn[int]()
    for number, (channel, conversation) in enumerate(asked):
        made.add(channel, conversation, number)
    return made


@given(ITEMS)
def test_everybody_is_served_once_and_nobody_waits_for_more_than_one_turn_of_another_channel(
    asked: list[tuple[str, bytes]],
) -> None:
    waiting = filled(asked)
    served = [waiting.next() for _ in range(len(waiting))]
    assert sorted(served) == list(range(len(asked)))
    assert len(waiting) == 0
    left = Counter(channel for channel, _ in asked)
    for at, number in enumerate(served):
        channel = asked[number][0]
        others = {asked[each][0] for each in served[at + 1 : at + 1 + len(CHANNELS)]} - {channel}
        left[channel] -= 1
        assert others == {each for each in left if left[each] and each != channel}


@given(ITEMS)
def test_one_conversation_is_served_in_its_order_and_no_conversation_twice_in_a_round(
    asked: list[tuple[str, bytes]],
) -> None:
    waiting = filled(asked)
    served = [waiting.next() for _ in range(len(asked))]
    for pair in set(asked):
        mine = [number for number in served if asked[number] == pair]
        assert mine == sorted(mine)
    for channel in CHANNELS:
        mine = [asked[number][1] for number in served if asked[number][0] == channel]
        rounds = Counter[bytes]()
        for at, conversation in enumerate(mine):
            rounds[conversation] += 1
            waits = set(mine[at:])
            assert all(rounds[each] >= rounds[conversation] - 1 for each in waits)


@given(ITEMS, st.sampled_from(CHANNELS))
def test_only_a_channel_that_has_more_waiting_gives_way(
    asked: list[tuple[str, bytes]], newcomer: str
) -> None:
    waiting, lengths = filled(asked), Counter(channel for channel, _ in asked)
    most = max(lengths.values(), default=0)
    number = waiting.crowd_out(newcomer)
    if most <= lengths[newcomer]:
        assert number is None
        assert len(waiting) == len(asked)
    else:
        assert number is not None
        assert lengths[asked[number][0]] == most
        assert len(waiting) == len(asked) - 1


@given(ITEMS.filter(bool), st.data())
def test_who_gives_up_is_not_served_and_giving_up_twice_is_nothing(
    asked: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    waiting = filled(asked)
    number = data.draw(st.integers(0, len(asked) - 1))
    for _ in range(2):
        waiting.give_up(*asked[number], number)
        assert len(waiting) == len(asked) - 1
    waiting.give_up("nowhere", b"nobody", number)
    served = [waiting.next() for _ in range(len(waiting))]
    assert sorted([*served, number]) == list(range(len(asked)))
    with pytest.raises(LookupError):
        waiting.next()
    assert waiting.crowd_out() is None
