"""An officer's console at work on a big queue, in a process of its own: `python -m bench.officer
HOME PASSPHRASE`. It does what the pages do after unlocking, and prints its figures as JSON.
"""

import asyncio
import json
import statistics
import sys
import time
from itertools import islice
from pathlib import Path

from bench.measuring import resident_bytes
from console.answers import TipPage, parse
from console.folder import Folder
from console.keyring import unlock_aside
from console.office import WHOLE_PAGE, Office, working
from console.own_grants import Reader, look
from console.passphrase import Passphrase
from console.shelf.filling import Pace
from console.shelf.keeping import Shelf, shelved
from console.shelf.looking import Rhythm
from console.shelf.workers import Workers, working_beside

QUERIES = ("รถ", "เทศบาล", "ปูนซีเมนต์ ยี่สิบ", "นํ้ามัน", "๘๑-๔๔๓๒", "คนขับบอกว่า นายสั่งมา")
SHOWN = 30
AS_FAST_AS_IT_GOES = Pace(at_once=4, per_s=100_000.0, rest_s=0.05)
NEVER = Rhythm(new_s=3600, whole_s=3600)
ROUNDS = 5


async def main(home: Path, passphrase: str) -> None:
    folder = Folder(home)
    found: dict[str, float] = {"before": resident_bytes()}
    async with working_beside() as workers:
        keys = await unlock_aside(folder, Passphrase(passphrase))
        async with working(folder, keys) as office:
            await _measure(office, workers, found)
    print(json.dumps(found))


async def _measure(office: Office, workers: Workers, found: dict[str, float]) -> None:
    await office.me()
    await office.trust()
    began_s = time.perf_counter()
    async with shelved(office, workers, NEVER, AS_FAST_AS_IT_GOES) as shelf:
        await shelf.begun()
        found["first_s"] = time.perf_counter() - began_s
        most = await _until_whole(shelf)
        found["whole_s"] = time.perf_counter() - began_s
        found["tips"] = len(shelf.index.rows)
        filled_s = time.perf_counter()
        while shelf.index.progress.searched < found["tips"]:
            await asyncio.sleep(0.05)
            most = max(most, _memory(shelf))
        found["filled_s"] = time.perf_counter() - filled_s
        found["most"] = max(most, _memory(shelf))
        found["search_s"] = max(_search_s(shelf, query) for query in QUERIES)
        found["standings_s"] = await _standings_s(shelf)
        found["floor_s"] = await _floor_s(office, found["tips"]) / shelf.workers.count


async def _until_whole(shelf: Shelf) -> int:
    most = 0
    while not shelf.index.is_whole:
        await asyncio.sleep(0.01)
        most = max(most, _memory(shelf))
    return most


def _memory(shelf: Shelf) -> int:
    """Of this process and of those beside it."""
    beside = (Path(f"/proc/{pid}/status").read_text(encoding="ascii") for pid in shelf.workers.pids)
    return resident_bytes() + sum(
        int(line.split()[1]) * 1024
        for status in beside
        for line in status.splitlines()
        if line.startswith("VmRSS")
    )


def _search_s(shelf: Shelf, query: str) -> float:
    """A search as the page does it: what is found, and excerpts of what is shown."""
    took = []
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        hits = shelf.index.find(query)
        for tip_id in islice(hits, SHOWN):
            shelf.index.excerpt(tip_id, query)
        took.append(time.perf_counter() - began_s)
    return statistics.median(took)


async def _standings_s(shelf: Shelf) -> float:
    began_s = time.perf_counter()
    await shelf._looker.look_at_all()
    return time.perf_counter() - began_s


async def _floor_s(office: Office, tips: float) -> float:
    """Opening as many grants, one after the other, their bytes at hand."""
    raw = await office.desk.tips_raw(None, WHOLE_PAGE)
    page, signers = parse(TipPage, raw).tips, (await office.trust()).signers
    reader = Reader(office.keys.id, office.keys.age)
    took = []
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        for tip in page:
            look(tip, reader, signers, office.memory)
        took.append(time.perf_counter() - began_s)
    return statistics.median(took) / len(page) * tips


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
