"""A file that hides details: cleaned on its way, the original under a key of its own."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from cleaning import CleaningRules, cleaner
from handlers.events import FileRef, Media
from sealing import Details, FileFacts, OriginalFile
from sealing.age import PQIdentity, WrongKey, decrypt
from tests.bot.test_evidence import MIB, files_in, receive, stored, stream
from tests.bot.test_turn import telling
from tests.bot.turn_house import SOMCHAI, House
from tests.cleaning import samples
from tests.cleaning.test_cleaner import saying
from tests.cleaning.test_formats import canaries_in, frames
from tests.whole.memory import Memory


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path, cleaning=CleaningRules()).open()
    yield house
    await house.close()


async def sent(house: House, data: bytes, mime: str = "image/jpeg") -> FileRef:
    person = await telling(house)
    found = await house.evidence.receive(
        "web", person.name, stream(data), mime=mime, name="a", media="photo"
    )
    assert isinstance(found, FileRef)
    return found


async def opened(house: House, file: FileRef, key: PQIdentity) -> bytes:
    return decrypt(await stored(house, file.blob_id), key)[: file.size]


async def test_a_photo_with_details_is_cleaned_and_its_original_lies_under_its_own_key(
    house: House,
) -> None:
    data = samples.jpeg().data
    found = await sent(house, data)
    original = found.original
    assert original is not None
    assert (found.details, found.seed) == ("cleaned", None)
    assert {"place", "device"} <= set(original.found)
    assert (original.size, original.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    blob = await stored(house, original.blob_id)
    assert decrypt(blob, PQIdentity.from_seed(original.seed))[: len(data)] == data
    assert await house.blobs.ids() == {found.blob_id, original.blob_id}
    with pytest.raises(WrongKey):
        decrypt(await stored(house, found.blob_id), PQIdentity.from_seed(original.seed))


async def test_an_officer_reads_the_cleaned_photo(house: House) -> None:
    person, data = await telling(house), samples.jpeg().data
    await person.say("ดูรูป")
    found = await receive(house, person, stream(data))
    assert isinstance(found, FileRef)
    await person.send(Media(found))
    await person.press("done")
    await person.tell_on()
    await person.press("send")
    (tip_id,) = await house.tip_ids()
    (part,) = [part for part in await house.read_as(SOMCHAI, tip_id) if part.file is not None]
    case = (await house.grant_of(SOMCHAI, tip_id)).case
    assert case is not None
    assert part.file is not None
    assert part.file.details is Details.CLEANED
    assert isinstance(part.original, OriginalFile)
    cleaned = await opened(house, found, part.file.identity(case))
    assert hashlib.sha256(cleaned).hexdigest() == part.file.sha256
    assert canaries_in(cleaned) == set()
    assert frames(cleaned) == frames(data)


@pytest.mark.parametrize(
    ("data", "mime", "details"),
    [
        (samples.plain("JPEG"), "image/jpeg", "none"),
        (samples.jpeg().data[:700], "image/jpeg", "unremovable"),
        (samples.zipped({"a": "b"}), "application/zip", "unremovable"),
    ],
)
async def test_a_file_that_stays_as_it_was_sent_carries_its_key_in_its_part(
    house: House, data: bytes, mime: str, details: str
) -> None:
    found = await sent(house, data, mime)
    assert (found.details, found.original) == (details, None)
    assert found.seed is not None
    assert await opened(house, found, PQIdentity.from_seed(found.seed)) == data
    facts = FileFacts("ab" * 16, 1, "00" * 32, "photo", mime, None, seed=found.seed)  # type: ignore[arg-type]  # any media
    assert await opened(house, found, facts.identity(PQIdentity.generate())) == data


@pytest.mark.parametrize(
    ("mime", "details"),
    [("video/mp4", "unremovable"), ("text/plain", "none"), ("application/x-odd", "unremovable")],
)
async def test_a_file_that_nobody_looks_into_is_sealed_as_its_part_is(
    house: House, mime: str, details: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.cleaner, "cleaning", lambda: pytest.fail("a worker for nothing"))
    found = await sent(house, b"anything", mime)
    assert (found.details, found.original, found.seed) == (details, None, None)


async def test_a_file_too_large_to_clean_gets_no_worker(tmp_path: Path) -> None:
    house = await House(tmp_path, cleaning=CleaningRules(file_bytes=MIB)).open()
    found = await sent(house, samples.jpeg().data + bytes(MIB))
    assert (found.details, found.original) == ("unremovable", None)
    await house.close()


async def test_a_worker_that_breaks_off_leaves_the_file_as_it_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_and_gone = b"F\0\0\0\x0a" + b'["author"]' + b"D\0\0\0\x01x?\0\0\0\0"
    monkeypatch.setattr(cleaner, "_START", saying(found_and_gone))
    house = await House(tmp_path, cleaning=CleaningRules()).open()
    found = await sent(house, samples.jpeg().data)
    assert (found.details, found.original) == ("unremovable", None)
    assert await house.blobs.ids() == {found.blob_id}
    await house.close()


async def test_a_slow_sender_holds_no_cleaner(tmp_path: Path) -> None:
    house = await House(tmp_path, cleaning=CleaningRules(at_once=1, wait_s=0.5)).open()
    slow, go_on = await telling(house, "slow"), asyncio.Event()

    async def trickling() -> AsyncIterator[bytes]:
        yield samples.jpeg().data[:500]
        await go_on.wait()

    task = asyncio.create_task(receive(house, slow, trickling()))
    await asyncio.sleep(0)
    assert (await sent(house, samples.jpeg().data)).details == "cleaned"
    go_on.set()
    await task
    await house.close()


async def test_a_sender_who_goes_away_while_the_file_is_looked_into_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, looking = await telling(house), asyncio.Event()
    assert house.evidence._hidden is not None

    async def never(*_: object) -> None:
        looking.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(house.evidence, "_hidden", type("Never", (), {"look": never})())
    task = asyncio.create_task(receive(house, person, stream(samples.jpeg().data)))
    await looking.wait()
    assert len(await house.blobs.ids()) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await house.blobs.ids() == frozenset()
    assert house.uploads.waiting == frozenset()


async def test_a_file_whose_turn_does_not_keep_it_goes_with_its_original(house: House) -> None:
    person = await telling(house)
    await person.say("เรื่อง")
    found = await receive(house, person, stream(samples.jpeg().data))
    assert isinstance(found, FileRef)
    assert len(await house.blobs.ids()) == 2
    await person.press("cancel")
    await person.press("drop")
    await person.send(Media(found))
    assert await house.blobs.ids() == frozenset()


@pytest.mark.parametrize("kind", ["jpeg", "pdf", "docx", "m4a"])
async def test_no_plain_byte_of_a_cleaned_file_reaches_the_disk(
    house: House, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the data folder nor any folder for temporary files, not even for a moment."""
    spool = tmp_path / "spool"
    spool.mkdir()
    for variable in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(variable, str(spool))
    sample, seen = samples.MADE[kind](), set[str]()

    def look() -> None:
        for path in files_in(tmp_path):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                continue  # a blob got its name meanwhile
            seen.update(str(path) for each in samples.CANARIES if each in data)
        seen.update(map(str, spool.iterdir()))

    person = await telling(house)
    task = asyncio.create_task(
        house.evidence.receive(
            "web", person.name, stream(sample.data, 3_000), mime=MIMES[kind], name=None,
            media="document",
        )
    )  # fmt: skip
    while not task.done():
        look()
        await asyncio.sleep(0)
    found = await task
    assert isinstance(found, FileRef)
    assert found.details == "cleaned"
    await person.send(Media(found))
    await house.db.truncate_log()
    look()
    assert seen == set()


MIMES = {
    "jpeg": "image/jpeg", "pdf": "application/pdf", "m4a": "audio/mp4",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip


async def test_a_large_photo_is_never_whole_in_this_process(house: House) -> None:
    pixels = Image.frombytes("RGB", (2700, 2700), os.urandom(2700 * 2700 * 3))
    out = BytesIO()
    pixels.save(out, "PNG", compress_level=0, exif=samples.exif())
    data = out.getvalue()
    assert len(data) > 20 * MIB
    del pixels, out
    memory = Memory(os.getpid())
    memory.forget_peak()  # it was making the picture
    with memory.rising_at_most(16 * MIB):
        found = await sent(house, data, "image/png")
    assert found.details == "cleaned"


@pytest.mark.parametrize(("verb", "is_kept"), [("whole", True), ("clean", False), (None, False)])
async def test_what_the_person_says_of_the_original_is_done(
    house: House, verb: str | None, is_kept: bool
) -> None:
    """Kept as evidence, it opens for the officer; else, and unanswered, it opens for nobody."""
    person, data = await telling(house), samples.jpeg().data
    await person.say("ดูรูป")
    found = await receive(house, person, stream(data))
    assert isinstance(found, FileRef)
    assert found.original is not None
    await person.send(Media(found))
    await person.press("done")
    await person.tell_on()
    if verb is not None:
        ids = [option.id for option in (await person.ask()).choices]
        (button,) = (each for each in ids if each.startswith(f"{verb}."))
        await person.press(button)
    await person.press("send")
    (tip_id,) = await house.tip_ids()
    keys = [part.key for part in await house.read_as(SOMCHAI, tip_id) if part.key is not None]
    assert (found.original.blob_id in await house.blobs.ids()) is is_kept
    assert found.blob_id in await house.blobs.ids()
    if is_kept:
        (key,) = keys
        assert (
            decrypt(await stored(house, found.original.blob_id), key.identity)[: len(data)] == data
        )
    else:
        assert keys == []
