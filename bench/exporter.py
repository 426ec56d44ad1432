"""An officer's console that takes a tip out of the desk, in a process of its own: `python -m
bench.exporter HOME PASSPHRASE TARGET [MODULE]`. It does what the command does, with the *MODULE*
loaded beside it, and prints its figures as JSON.

Beside the export, in turn: the floor, unsealing and hashing the same sealed bytes alone.
"""

import asyncio
import hashlib
import json
import os
import resource
import sys
import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from bench.footprint import Footprint
from console.export import BLOBS, SEALED, export_tip
from console.folder import Folder
from console.keyring import unlock_aside
from console.office import Office, working
from console.passphrase import Passphrase
from console.words import words_for
from sealing.age import Decryptor, PQIdentity

LOOK_S = 0.1
ROUNDS = 3
CHUNK = 256 * 1024


async def main(home: Path, passphrase: str, target: Path) -> None:
    keys = await unlock_aside(Folder(home), Passphrase(passphrase))
    async with working(Folder(home), keys) as office:
        await office.me()
        await office.trust()
        found: dict[str, float] = {}
        tip_id = await _with_evidence(office)
        async with Footprint(os.getpid()) as before:
            await asyncio.sleep(LOOK_S)
        async with Footprint(os.getpid()) as footprint:
            began_s, cpu_s, below_s = time.perf_counter(), time.process_time(), _below_s()
            done = await export_tip(
                office, tip_id, target, "bench", words_for("th"), lambda _: None
            )
            found["whole_s"] = time.perf_counter() - began_s
            found["cpu_s"] = time.process_time() - cpu_s
            found["below_s"] = _below_s() - below_s
        if done.skipped or done.unprinted:
            raise RuntimeError("not all of it was exported")
        found |= asdict(footprint.most) | {"before": before.most.together, "files": done.files}
        found["bytes"] = sum(p.stat().st_size for p in (done.path / "files").iterdir())
        found["floor_s"] = min(_floor_s(done.path) for _ in range(ROUNDS))
    print(json.dumps(found))


async def _with_evidence(office: Office) -> str:
    """The tip with most parts: the one that has the evidence."""
    page = await office.desk.tips()
    sizes = {tip.tip_id: len((await office.read(tip.tip_id)).tip.parts) for tip in page.tips}
    return max(sizes, key=lambda tip_id: sizes[tip_id])


def _below_s() -> float:
    """Processor time of the processes that have ended; the watcher still runs."""
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    return below.ru_utime + below.ru_stime


def _floor_s(out: Path) -> float:
    """Unsealing every blob with the tip's key and hashing what comes out; nothing else."""
    lines = (out / "identity-case.txt").read_text(encoding="ascii").splitlines()
    identity = PQIdentity.parse(lines[-1])
    blobs = [path.read_bytes() for path in (out / SEALED / BLOBS).iterdir()]
    began_s = time.perf_counter()
    for blob in blobs:
        opening, digest = Decryptor(identity), hashlib.sha256()
        for at in range(0, len(blob), CHUNK):
            digest.update(opening.update(blob[at : at + CHUNK]))
        digest.update(opening.finish())
    return time.perf_counter() - began_s


if __name__ == "__main__":
    for module in sys.argv[4:]:
        import_module(module)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
