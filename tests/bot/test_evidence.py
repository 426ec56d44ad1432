"""Files are sealed as they come, whole or not at all, within their limits."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

import pytest

from bot.evidence import CutOff, EvidenceRules, Refused
from handlers.events import FileRef, Media
from sealing import padme
from sealing.age import PQIdentity, decrypt
from storage import Missing
from storage.repositories import grants
from tests.bot.test_turn import telling
from tests.bot.turn_house import SOMCHAI, House, Person

MIB = 1024 * 1024


async def stream(data: bytes, piece: int = 60_000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), piece):
        yield data[at : at + piece]


async def receive(house: House, person: Person, chunks: AsyncIterator[bytes]) -> FileRef | Refused:
    return await house.evidence.receive(
        "web", person.name, chunks, mime="image/jpeg", name="a.jpg", media="photo"
    )


class SlowSenders:
    """Senders who give a first piece, and nothing more until *go_on*."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self._begun = asyncio.Semaphore(0)

    async def sending(self, piece: bytes = b"x") -> AsyncIterator[bytes]:
        yield piece
        self._begun.release()
        await self.go_on.wait()

    async def begun(self, count: int) -> None:
        """Return once the first piece of so many was taken."""
        async with asyncio.timeout(10):
            for _ in range(count):
                await self._begun.acquire()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def stored(house: House, blob_id: str) -> bytes:
    return b"".join([piece async for piece in house.blobs.read(blob_id)])


async def test_a_file_is_sealed_padded_and_opens_for_the_officer(house: House) -> None:
    person, data = await telling(house), os.urandom(1_234_567)
    await person.say("ดูรูป")
    found = await person.upload(data)
    assert (found.size, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    await person.send(Media(found))
    await person.press("done")
    await person.tell_on()
    await person.press("send")
    (tip_id,) = await house.tip_ids()
    (part,) = [p for p in await house.read_as(SOMCHAI, tip_id) if p.file is not None]
    assert part.file is not None
    assert (part.file.blob_id, part.file.name) == (found.blob_id, "รูป.jpg")
    case = (await house.grant_of(SOMCHAI, tip_id)).case
    assert case is not None
    plain = decrypt(await stored(house, found.blob_id), case)
    assert plain[: len(data)] == data
    assert plain[len(data) :] == bytes(padme(len(data)) - len(data))


async def test_files_of_one_size_class_are_equal_to_the_byte(house: House) -> None:
    person = await telling(house)
    one, other = await person.upload(b"a" * 1_000_001), await person.upload(b"b" * 1_010_000)
    assert padme(one.size) == padme(other.size)
    assert await house.blobs.size(one.blob_id) == await house.blobs.size(other.blob_id)


async def test_an_upload_cut_off_in_the_middle_leaves_nothing(house: House, tmp_path: Path) -> None:
    person = await telling(house)

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 3_000_000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await receive(house, person, broken())
    assert os.listdir(tmp_path / "blobs") == []
    assert house.uploads.waiting == frozenset()
    assert await person.upload(b"again")


async def test_a_sender_who_stalls_is_cut_off(tmp_path: Path) -> None:
    house = await House(tmp_path, evidence_rules=EvidenceRules(idle_s=0.05)).open()
    person = await telling(house)

    async def stalled() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(60)

    with pytest.raises(CutOff):
        await receive(house, person, stalled())
    assert os.listdir(tmp_path / "blobs") == []
    await house.close()


@pytest.mark.parametrize(
    ("rules", "sizes", "reason"),
    [
        (EvidenceRules(file_bytes=MIB), [MIB + 1], "file_too_big"),
        (EvidenceRules(files_per_tip=2), [9, 9, 9], "files_enough"),
        (EvidenceRules(conversation_bytes=MIB), [600_000, 600_000], "files_too_much"),
        (EvidenceRules(), [0], "file_empty"),
    ],
)
async def test_each_limit_is_an_answer_and_keeps_nothing(
    tmp_path: Path, rules: EvidenceRules, sizes: list[int], reason: str
) -> None:
    house = await House(tmp_path, evidence_rules=rules).open()
    person = await telling(house)
    *before, last = sizes
    for size in before:
        await person.send(Media(await person.upload(bytes(size))))
    found = await receive(house, person, stream(bytes(last)))
    assert isinstance(found, Refused)
    assert found.reason == reason
    assert len(await house.blobs.ids()) == len(before)
    await house.close()


async def test_limits_hold_for_uploads_side_by_side(tmp_path: Path) -> None:
    house = await House(tmp_path, evidence_rules=EvidenceRules(conversation_bytes=MIB)).open()
    person = await telling(house)
    found = await asyncio.gather(*(receive(house, person, stream(bytes(400_000))) for _ in "12345"))
    assert sum(isinstance(each, FileRef) for each in found) <= 2
    assert len(await house.blobs.ids()) == sum(isinstance(each, FileRef) for each in found)
    await house.close()


async def test_when_every_place_is_taken_the_next_sender_is_told(tmp_path: Path) -> None:
    house = await House(tmp_path, evidence_rules=EvidenceRules(at_once=1, wait_s=0.1)).open()
    slow, other, senders = house.person("slow"), house.person("other"), SlowSenders()
    for person in (slow, other):
        await person.press("report")
    first = asyncio.create_task(receive(house, slow, senders.sending()))
    await senders.begun(1)
    assert await receive(house, other, stream(b"photo")) == Refused("file_busy")
    senders.go_on.set()
    assert isinstance(await first, FileRef)
    assert isinstance(await receive(house, other, stream(b"photo")), FileRef)
    await house.close()


async def test_senders_who_trickle_stop_nobody_elses_evidence(tmp_path: Path) -> None:
    """As many as the large places, each slow for ever: others are sealed in smaller pieces."""
    rules = EvidenceRules(large_at_once=2, wait_s=0.1)
    house, senders = await House(tmp_path, evidence_rules=rules).open(), SlowSenders()
    slow = []
    for nth in range(4):
        person = house.person(f"slow {nth}")
        await person.press("report")
        sent = senders.sending(bytes(100_000))
        slow.append(asyncio.create_task(receive(house, person, sent)))
    await senders.begun(4)
    data, other = os.urandom(3 * MIB), await telling(house)
    found = await receive(house, other, stream(data))
    assert isinstance(found, FileRef)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    senders.go_on.set()
    assert all(isinstance(each, FileRef) for each in await asyncio.gather(*slow))
    await house.close()


async def test_one_person_cannot_hold_everybodys_places(tmp_path: Path) -> None:
    rules = EvidenceRules(at_once=3, wait_s=0.1)
    house, senders = await House(tmp_path, evidence_rules=rules).open(), SlowSenders()
    greedy, other = house.person("greedy"), house.person("other")
    for person in (greedy, other):
        await person.press("report")
    held = [asyncio.create_task(receive(house, greedy, senders.sending())) for _ in range(5)]
    await senders.begun(2)
    assert isinstance(await receive(house, other, stream(b"photo")), FileRef)
    for told in islice(asyncio.as_completed(held, timeout=10), 3):
        assert await told == Refused("file_busy")
    senders.go_on.set()
    found = await asyncio.gather(*held)
    assert found.count(Refused("file_busy")) == 3
    await house.close()


async def test_where_no_file_can_be_taken_none_is_read(house: House) -> None:
    person = house.person()
    await person.press("follow")

    async def untouched() -> AsyncIterator[bytes]:
        pytest.fail("nobody should read this")
        yield b""

    assert await receive(house, person, untouched()) == Refused("file_not_now")


async def test_a_photo_sent_before_anything_else_opens_a_report(house: House) -> None:
    person = house.person("photographer")
    await person.send_file(b"photo")
    assert (await person.ask()).question == "category"
    assert len(await house.blobs.ids()) == 1


async def test_a_file_nobody_sealed_for_this_tip_is_not_taken(house: House) -> None:
    one, other = await telling(house, "one"), await telling(house, "other")
    found = await one.upload(b"mine")
    await other.send(Media(found))
    await other.send(Media(FileRef("ab" * 16, 4, "00" * 32, "photo", "image/jpeg")))
    assert house.uploads.waiting == {found.blob_id}
    await one.send(Media(found))
    assert house.uploads.waiting == frozenset()
    assert found.blob_id in await house.blobs.ids()


async def test_a_file_whose_event_is_redelivered_is_kept_once(house: House) -> None:
    person = await telling(house)
    first, second = await person.upload(b"photo"), await person.upload(b"photo")
    await person.send(Media(first), "the event")
    await person.send(Media(second), "the event")
    assert await house.blobs.ids() == {first.blob_id}


async def test_a_file_for_a_draft_that_was_discarded_meanwhile_is_destroyed(house: House) -> None:
    person = await telling(house)
    await person.say("เรื่อง")
    found = await person.upload(b"photo")
    await person.press("cancel")
    await person.press("drop")
    assert (await person.send(Media(found))).is_astray
    assert await house.blobs.ids() == frozenset()
    with pytest.raises(Missing):
        await stored(house, found.blob_id)


async def test_no_plain_byte_reaches_the_disk(house: House, tmp_path: Path) -> None:
    person, marker = await telling(house), b"canary-in-a-photo-"
    await person.send_file(marker * 20_000)
    await house.db.truncate_log()
    assert not [path for path in files_in(tmp_path) if marker in path.read_bytes()]


async def test_the_event_loop_is_not_held_up_by_a_large_file(house: House) -> None:
    person, longest = await telling(house), 0.0
    task = asyncio.create_task(receive(house, person, stream(bytes(20 * MIB), 64 * 1024)))
    while not task.done():
        started = time.perf_counter()
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - started)
    assert isinstance(await task, FileRef)
    assert longest < 0.5  # a bound that only a blocked loop breaks; the bench measures the real one


async def test_the_recovery_key_opens_files_too(house: House) -> None:
    person = await telling(house)
    found = await person.upload(b"photo")
    await person.send(Media(found))
    await person.press("done")
    await person.tell_on()
    await person.press("send")
    (tip_id,) = await house.tip_ids()
    rows = await house.db.read(lambda t: grants.of_tip(t, tip_id))
    assert "recovery" in {row.officer for row in rows}
    stranger = PQIdentity.generate()
    with pytest.raises(Exception, match="none of these keys"):
        decrypt(await stored(house, found.blob_id), stranger)
