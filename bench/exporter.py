"""An officer's console that takes a tip out of the desk, in a process of its own: `python -m
bench.exporter HOME PASSPHRASE FOLDER`. It does what the command does, and prints its figures as
JSON.

Beside the export, in turn: the floor, unsealing and hashing the same sealed bytes alone.
"""

import asyncio
import hashlib
import json
import os
import resource
import sys
import threading
import time
from pathlib import Path

from bench.measuring import resident_bytes
from console.export import BLOBS, SEALED, export_tip
from console.folder import Folder
from console.keyring import unlock_aside
from console.office import Office, working
from console.passphrase import Passphrase
from console.words import words_for
from sealing.age import Decryptor, PQIdentity

LOOK_S = 0.01
ROUNDS = 3
CHUNK = 256 * 1024


async def main(home: Path, passphrase: str, folder: Path) -> None:
    keys = await unlock_aside(Folder(home), Passphrase(passphrase))
    async with working(Folder(home), keys) as office:
        await office.me()
        await office.trust()
        found: dict[str, float] = {"before": resident_bytes()}
        tip_id = await _with_evidence(office)
        watch = _Watch()
        began_s, cpu_s = time.perf_counter(), time.process_time()
        done = await export_tip(
            office, tip_id, folder / "out", "bench", words_for("th"), lambda _: None
        )
        found["whole_s"] = time.perf_counter() - began_s
        found["cpu_s"] = time.process_time() - cpu_s
        below = resource.getrusage(resource.RUSAGE_CHILDREN)
        found["below_s"] = below.ru_utime + below.ru_stime
        watch.end()
        if done.skipped or done.unprinted:
            raise RuntimeError("not all of it was exported")
        found |= {"most": watch.most, "own": watch.own, "files": done.files}
        found["bytes"] = sum(p.stat().st_size for p in (done.path / "files").iterdir())
        found["floor_s"] = min(_floor_s(done.path) for _ in range(ROUNDS))
    print(json.dumps(found))


async def _with_evidence(office: Office) -> str:
    """The tip with most parts: the one that has the evidence."""
    page = await office.desk.tips()
    sizes = {tip.tip_id: len((await office.read(tip.tip_id)).tip.parts) for tip in page.tips}
    return max(sizes, key=lambda tip_id: sizes[tip_id])


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


class _Watch:
    """The memory of this process and of those below it, looked at from a thread all the time."""

    def __init__(self) -> None:
        self.most = self.own = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(LOOK_S):
            own, below = resident_bytes(), sum(map(_resident, _children(os.getpid())))
            self.own = max(self.own, own)
            self.most = max(self.most, own + below)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    except OSError:  # a thread or a process that has just ended
        pass
    return found + [below for child in found for below in _children(child)]


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:  # it is over
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS")), 0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
