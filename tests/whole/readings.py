"""What an officer reads, as plain values that a test can compare."""

from collections.abc import Sequence

from console.office import Office, Reading, Wanted
from console.reading import OpenedPart, State
from sealing import Author, Kind


async def tip_ids(office: Office) -> list[str]:
    """Every tip in the officer's queue, page by page."""
    found: list[str] = []
    after = None
    while True:
        page = await office.queue(Wanted(), after=after)
        found += [row.shown.tip_id for row in page.rows]
        after = page.next
        if after is None:
            assert len(found) == len(set(found))
            return found


async def readings(office: Office) -> list[Reading]:
    """Every tip, opened; each of them whole and above suspicion."""
    found = [await office.read(tip_id) for tip_id in await tip_ids(office)]
    for reading in found:
        assert reading.alarms == ()
        assert all(part.state in (State.OPEN, State.UNSENT) for part in reading.tip.parts)
    return found


def told(reading: Reading, question: str | None = None) -> list[str]:
    """The reporter's words, in order; only those told under *question*, if there is one."""
    return [
        part.part.words
        for part in reading.tip.parts
        if part.part is not None
        and part.part.kind is Kind.WORDS
        and part.part.author is Author.REPORTER
        and part.part.words is not None
        and question in (None, part.part.question)
    ]


async def files(office: Office, reading: Reading) -> list[bytes]:
    """The files of the tip, fetched and checked."""
    return [await _file(office, reading, part) for part in reading.tip.files()]


async def _file(office: Office, reading: Reading, part: OpenedPart) -> bytes:
    return b"".join([piece async for piece in office.file(reading, part)])


def with_words(found: Sequence[Reading], words: str) -> list[Reading]:
    """The tips in which somebody told *words*."""
    return [reading for reading in found if words in told(reading)]
