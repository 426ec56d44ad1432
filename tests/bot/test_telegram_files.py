"""Files come as a stream, never whole; what cannot be had is said with its reason."""

import asyncio
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram.errors import Away
from bot.channels.telegram.files import Files
from bot.channels.telegram.parts import CLOUD
from bot.errors import BadRequest
from bot.fetching import Arriving, Gone, NotReady, TooBig
from handlers.events import Held
from tests.bot.telegram_house import TelegramHouse, telegram_house
from tests.fakes.telegram import CUT_OFF, ERROR_500, NOT_FOUND, RESET_BEFORE, Rules, Slow

MIB = 1024 * 1024


async def held(house: TelegramHouse) -> Held:
    """The file that the person just sent, as its event tells of it."""
    before = len(house.turns.taken)
    async with house.polling():
        found = await house.turns.until(before + 1)
        await house.fake.settled()
    (last,) = [each for each in found[before:] if isinstance(each, Held)]
    return last


async def read(house: TelegramHouse, handle: str) -> tuple[Arriving, bytes]:
    async with house.telegram.open(handle) as arriving:
        return arriving, b"".join([piece async for piece in arriving.chunks])


async def test_a_photo_comes_byte_for_byte_with_its_type() -> None:
    async with telegram_house() as house:
        data = b"\xff\xd8\xff" + bytes(range(256)) * 3000
        house.fake.person().photo(data)
        arriving, found = await read(house, (await held(house)).handle)
        assert (arriving.mime, arriving.name) == ("image/jpeg", None)
        assert found == data


async def test_a_document_keeps_its_name_and_type() -> None:
    async with telegram_house() as house:
        house.fake.person().file("document", b"%PDF-", mime="application/pdf", name="สัญญา.pdf")
        arriving, _ = await read(house, (await held(house)).handle)
        assert (arriving.mime, arriving.name) == ("application/pdf", "สัญญา.pdf")
        assert "สัญญา" not in repr(arriving)


async def test_a_large_file_is_never_whole_in_memory() -> None:
    async with telegram_house() as house:
        house.fake.person().file("video", b"v" * 15 * MIB, mime="video/mp4")
        handle = (await held(house)).handle
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            size = 0
            async with house.telegram.open(handle) as arriving:
                async for piece in arriving.chunks:
                    size += len(piece)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert size == 15 * MIB
        assert peak - before < 6 * MIB  # the fake cuts its answer in eighths


async def cloud(house: TelegramHouse) -> Files:
    """Files as the cloud hands them out, from the fake."""
    return Files(house.telegram._files._api, at_most_bytes=house.parts.rules.file_bytes)


async def test_over_20_mb_the_cloud_is_not_even_asked() -> None:
    async with telegram_house() as house:
        house.fake.person().file("video", b"v", size=20 * MIB + 1)
        handle = (await held(house)).handle
        with pytest.raises(TooBig) as refused:
            async with (await cloud(house)).open(handle):
                pass
        assert refused.value.at_most_bytes == 20 * MIB
        assert house.fake.called("getFile") == []


async def test_over_20_mb_without_its_size_told_is_refused_by_the_cloud() -> None:
    async with telegram_house() as house:
        house.fake.person().file("video", b"v", size=21 * MIB)
        handle = json.loads((await held(house)).handle) | {"size": None}
        with pytest.raises(TooBig):
            async with (await cloud(house)).open(json.dumps(handle)):
                pass


async def test_a_server_of_ones_own_hands_out_more() -> None:
    async with telegram_house(rules=Rules(file_bytes=None)) as house:
        house.fake.person().file("video", b"v" * 100, size=25 * MIB)
        assert (await read(house, (await held(house)).handle))[1] == b"v" * 100
        assert replace(house.parts, api_url=CLOUD + "/").is_cloud
        assert not house.parts.is_cloud


async def test_a_server_of_ones_own_may_name_a_path_on_this_machine(tmp_path: Path) -> None:
    async with telegram_house(rules=Rules(file_bytes=None)) as house:
        house.fake.person().file("video", b"x", name="a.mp4")
        handle = (await held(house)).handle
        there = tmp_path / "video.mp4"
        there.write_bytes(b"v" * 200_000)

        class Local:
            async def file_path(self, file_id: str) -> str:
                return str(there)

        local: Any = Local()
        files = Files(local, at_most_bytes=None)
        with pytest.raises(ZeroDivisionError):
            async with files.open(handle):
                raise ZeroDivisionError
        assert there.exists(), "what could not be sealed can be read again"
        async with files.open(handle) as arriving:
            assert b"".join([piece async for piece in arriving.chunks]) == b"v" * 200_000
        assert not there.exists(), "nothing unsealed is left there"
        with pytest.raises(Gone):
            async with files.open(handle):
                pass


async def test_what_telegram_has_no_more_may_come_back_and_what_it_never_had_is_gone() -> None:
    async with telegram_house() as house:
        house.fake.person().photo(b"p")
        handle = (await held(house)).handle
        house.fake.files.forget(json.loads(handle)["file_id"])
        with pytest.raises(NotReady):
            await read(house, handle)
        with pytest.raises(Gone):
            await read(house, json.dumps({"file_id": "../../etc/passwd"}))


@pytest.mark.parametrize("fault", [CUT_OFF, NOT_FOUND, RESET_BEFORE, ERROR_500])
async def test_a_download_that_breaks_is_tried_again_and_never_taken_for_whole(fault: str) -> None:
    async with telegram_house() as house:
        house.fake.person().photo(b"p" * 100_000)
        handle = (await held(house)).handle
        house.fake.faults.next("file", fault)
        with pytest.raises(Away) as failed:
            await read(house, handle)
        assert failed.value.__context__ is None
        assert len((await read(house, handle))[1]) == 100_000


async def test_a_slow_download_can_be_given_up() -> None:
    async with telegram_house() as house:
        house.fake.person().photo(b"p" * 100_000)
        handle = (await held(house)).handle
        house.fake.faults.next("file", Slow(5))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await read(house, handle)


@pytest.mark.parametrize("handle", ["", "x", "[]", "{}", '{"file_id":""}', "null"])
async def test_what_is_no_handle_of_ours_is_refused(handle: str) -> None:
    async with telegram_house() as house:
        with pytest.raises(BadRequest):
            await read(house, handle)
