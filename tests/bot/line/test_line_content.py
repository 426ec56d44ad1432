"""Files from LINE: streamed, never held whole; not ready, gone, too big, broken off."""

import asyncio
import tracemalloc

import pytest

from bot.channels.line import LineRules
from bot.errors import Unavailable
from bot.fetching import Gone, NotReady, TooBig
from handlers.events import Held
from tests.bot.line.line_room import Room, opened_room, parcel
from tests.fakes.line import Fault

MIB = 1024 * 1024


def handle_of(room: Room) -> str:
    held = room.turns.events[-1]
    assert isinstance(held, Held)
    return held.handle


async def fetched(room: Room, handle: str | None = None) -> tuple[str, bytes]:
    async with room.line.open(handle or handle_of(room)) as arriving:
        return arriving.mime, b"".join([chunk async for chunk in arriving.chunks])


async def read_into(arrived: list[int], room: Room) -> None:
    """Read the newest file, noting the size of every chunk."""
    async with room.line.open(handle_of(room)) as arriving:
        async for chunk in arriving.chunks:
            arrived.append(len(chunk))  # noqa: PERF401  # what came before an error counts too


async def test_a_photo_arrives_as_it_was_sent(room: Room) -> None:
    data = bytes(range(256)) * 2000
    await room.person.sends_photo(data)
    assert await fetched(room) == ("image/jpeg", data)
    (call,) = room.platform.called("/content")
    assert call.status == 200


async def test_a_video_is_not_ready_and_then_it_is(room: Room) -> None:
    await room.person.sends_video(b"film")
    with pytest.raises(NotReady) as not_yet:
        await fetched(room)
    assert not_yet.value.wait_s > 0
    room.person.content().is_ready = True
    assert await fetched(room) == ("video/mp4", b"film")


async def test_a_video_that_line_cannot_prepare_is_gone(room: Room) -> None:
    await room.person.sends_video(b"film")
    room.person.content().is_failed = True
    with pytest.raises(Gone):
        await fetched(room)


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.ODD_ANSWER])
async def test_a_video_whose_state_is_unclear_is_waited_for(fault: Fault, room: Room) -> None:
    await room.person.sends_video(b"film")
    room.platform.faults.next(fault, path="/transcoding")
    with pytest.raises(NotReady):
        await fetched(room)


async def test_what_was_unsent_is_gone(room: Room) -> None:
    await room.person.sends_photo(b"photo")
    handle = handle_of(room)
    await room.person.unsends()
    with pytest.raises(Gone):
        await fetched(room, handle)


@pytest.mark.parametrize(
    "handle",
    ["", "{}", "[]", "7", '{"message": 7}', '{"message": "../../x"}', '{"message": "a?b"}',
     '{"message": "1234"}', '{"message": "ก"}'],
)  # fmt: skip
async def test_what_line_never_had_is_gone_and_no_other_address_is_asked(
    handle: str, room: Room
) -> None:
    with pytest.raises(Gone):
        await fetched(room, handle or "-")
    assert all(call.path == "/v2/bot/message/1234/content" for call in room.platform.calls)


async def test_a_file_that_says_it_is_too_big_is_not_begun() -> None:
    async with opened_room(file_bytes=MIB) as room:
        await room.person.sends_file(b"x" * (MIB + 1), "big.pdf")
        with pytest.raises(TooBig) as too_big:
            await fetched(room)
        assert too_big.value.at_most_bytes == MIB
        await room.person.sends_file(b"x" * MIB, "fits.pdf")
        assert len((await fetched(room))[1]) == MIB


async def test_a_file_that_does_not_say_its_size_is_stopped_at_the_bound() -> None:
    async with opened_room(file_bytes=MIB) as room:
        await room.person.sends_file(b"x" * (20 * MIB), "big.pdf")
        room.person.content().has_length = False
        arrived: list[int] = []
        with pytest.raises(TooBig):
            await read_into(arrived, room)
        assert 0 < sum(arrived) <= MIB


async def test_a_file_that_breaks_off_is_no_file(room: Room) -> None:
    await room.person.sends_photo(b"x" * MIB)
    room.person.content().cut_after = MIB // 2
    with pytest.raises(Unavailable):
        await fetched(room)
    room.person.content().cut_after = None
    assert len((await fetched(room))[1]) == MIB


async def test_a_file_that_stalls_is_given_up() -> None:
    async with opened_room(LineRules(idle_s=0.1)) as room:
        await room.person.sends_photo(b"x" * MIB)
        room.person.content().stalls_after = MIB // 2
        async with asyncio.timeout(5):
            with pytest.raises(Unavailable):
                await fetched(room)


async def test_a_slow_file_that_keeps_coming_is_waited_for() -> None:
    async with opened_room(LineRules(idle_s=0.3)) as room:
        await room.person.sends_photo(b"x" * MIB)
        room.person.content().pause_s = 0.04
        assert len((await fetched(room))[1]) == MIB


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.RATE_LIMIT, Fault.RESET_BEFORE])
async def test_a_data_host_in_trouble_is_asked_again_later(fault: Fault, room: Room) -> None:
    await room.person.sends_photo(b"photo")
    room.platform.faults.next(fault, path="/content")
    if fault is Fault.RESET_BEFORE:
        room.platform.faults.next(fault, path="/content")  # the client tries a GET once more
    with pytest.raises(Unavailable):
        await fetched(room)
    assert (await fetched(room))[1] == b"photo"


async def test_what_the_reader_raises_comes_out_as_itself(room: Room) -> None:
    await room.person.sends_photo(b"x" * MIB)

    class Ours(list[int]):
        def append(self, _: int) -> None:
            raise KeyError("ours")

    with pytest.raises(KeyError):
        await read_into(Ours(), room)


async def test_a_large_file_is_never_held_whole() -> None:
    size = 64 * MIB
    async with opened_room(file_bytes=size) as room:
        await room.person.sends_file(bytes(size), "big.pdf")
        arrived = 0
        tracemalloc.start()
        try:
            async with room.line.open(handle_of(room)) as arriving:
                async for chunk in arriving.chunks:
                    arrived += len(chunk)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert arrived == size
        assert peak < 8 * MIB


async def test_slow_files_do_not_delay_an_answer() -> None:
    async with opened_room(LineRules(files_at_once=2, idle_s=5)) as room:
        await room.person.sends_photo(b"x" * MIB)
        room.person.content().stalls_after = 64 * 1024
        handle = handle_of(room)
        slow = [asyncio.create_task(fetched(room, handle)) for _ in range(4)]
        await asyncio.sleep(0.05)
        async with asyncio.timeout(2):
            await room.deliver(parcel())
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        assert len(room.person.unread) == 1
