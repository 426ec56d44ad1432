"""A big file from a real socket to a sealed blob, beside two floors over the same bytes.

This process is the browser; `bench.receiver` is the bot. Wall time is the sender's, from the first
byte to the answer; so it holds the network, the form's parsing, hash, cipher, disk and two syncs.
One floor is the raw cipher in memory; what hash and disk cost alone stands beside it, because
neither can be left out: evidence is known by its hash, and what is acknowledged survives the next
instant. The other reads the same socket, runs the same cipher and
syncs the same file, without a form, a hash or a format: what any server could do at best.
"""

import asyncio
import http.client
import os
import socket
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.loop import rows_of
from bench.measured import Measured
from bench.measuring import Beat, Took, idle_process
from bench.receiver import PIECE
from bench.rows import Row
from bench.sizes import Sizes

GOAL = 0.5
GOAL_MIB = 16.0
MIB = 1024 * 1024
PATIENCE_S = 300
IN_IT = "floor: the raw cipher; an upload holds this too, so its own ratio stays below"


async def rows(sizes: Sizes) -> list[Row]:
    size = sizes.file_bytes // len(PIECE) * len(PIECE) or len(PIECE)
    async with _Bot() as bot, idle_process() as idle:
        await bot.upload(size)  # warms up: the first one pays for code that is run once
        rounds = [await _round(bot, size) for _ in range(sizes.uploads)]
        noise_s = await idle()
    return _found(size, rounds, noise_s)


@dataclass(frozen=True, slots=True)
class _Round:
    """One upload, beside its floors."""

    real: Took
    raw: Took
    hashed: Took
    synced: Took
    bare: Took
    seen: dict[str, Any]


async def _round(bot: "_Bot", size: int) -> _Round:
    raw, hashed, synced = [await bot.alone(each, size) for each in ("raw", "hash", "disk")]
    listening = await bot.ask(f"bare {size}")
    bare_s = await asyncio.to_thread(_send_plainly, listening["port"], size)
    bare = await bot.heard()
    await bot.ask("begin")
    real_s = await bot.upload(size)
    seen = await bot.ask("end")
    return _Round(
        Took(real_s, seen["cpu_s"]),
        raw,
        hashed,
        synced,
        Took(bare_s, bare["cpu_s"]),
        seen,
    )


def _send_plainly(port: int, size: int) -> float:
    began_s = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        for _ in range(size // len(PIECE)):
            connection.sendall(PIECE)
        connection.recv(1)
    return time.perf_counter() - began_s


def _found(size: int, rounds: list[_Round], noise_s: float) -> list[Row]:
    rise = max(each.seen["rise"] for each in rounds) / MIB
    late_s = max(each.seen["late_s"] for each in rounds)
    beat = Beat(late_s, max(each.seen["blocked_s"] for each in rounds))
    what = f"{size / 1e6:.0f} MB from socket to blob"
    pairs = {
        (what, "floor: raw ChaCha20-Poly1305 in memory"): [
            (each.real.wall_s, each.raw.wall_s) for each in rounds
        ],
        ("the same", "floor: socket, raw cipher, synced file"): [
            (each.real.wall_s, each.bare.wall_s) for each in rounds
        ],
        ("the same by CPU", "floor: socket, raw cipher, synced file"): [
            (each.real.cpu_s, each.bare.cpu_s) for each in rounds
        ],
    }
    of_it = {
        "hashing the same bytes, alone": [(each.hashed, each.raw) for each in rounds],
        "writing and syncing the same bytes, alone": [(each.synced, each.raw) for each in rounds],
    }
    return [
        *(_speed(what, size, pair, note) for (what, note), pair in pairs.items()),
        *(
            _speed(part, size, [(one.wall_s, raw.wall_s) for one, raw in pair], IN_IT, goal=None)
            for part, pair in of_it.items()
        ),
        Row(
            "upload",
            "memory rise, peak",
            rise,
            "MiB",
            goal=f"≤ {GOAL_MIB:.0f} MiB",
            is_met=rise <= GOAL_MIB,
        ),
        *rows_of("upload", "an upload", beat, noise_s),
    ]


def _speed(
    what: str,
    size: int,
    pairs: list[tuple[float, float]],
    note: str,
    goal: float | None = GOAL,
) -> Row:
    real_s, floor_s = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(floor / real for real, floor in pairs)
    return Row(
        "upload",
        what,
        size / MIB / real_s,
        "MiB/s",
        size / MIB / floor_s,
        ratio,
        "" if goal is None else f"≥ {goal}",
        None if goal is None else ratio >= goal,
        note,
    )


class _Bot(Measured):
    """The measured process, and the browser's connection to it."""

    def __init__(self) -> None:
        super().__init__("bench.receiver")

    async def alone(self, what: str, size: int) -> Took:
        """What one part of the work costs when nothing else is done."""
        found = await self.ask(f"{what} {size}")
        return Took(found["wall_s"], found["cpu_s"])

    async def upload(self, size: int) -> float:
        """Send one form with a file of *size* bytes; the seconds until its answer."""
        return await asyncio.to_thread(self._send, size)

    def _send(self, size: int) -> float:
        head, tail = _around(os.urandom(16).hex())
        http_ = http.client.HTTPConnection("127.0.0.1", self.place["port"], timeout=PATIENCE_S)
        headers = {
            "Content-Type": "multipart/form-data; boundary=bench",
            "Content-Length": str(len(head) + size + len(tail)),
            "Cookie": f"__Host-saisaat={self.place['session']}",  # as behind https
        }

        def body() -> Iterator[bytes]:
            yield head
            for _ in range(size // len(PIECE)):
                yield PIECE
            yield tail

        began_s = time.perf_counter()
        http_.request("POST", "/say", body(), headers)
        answer = http_.getresponse()
        answer.read()
        took_s = time.perf_counter() - began_s
        http_.close()
        if answer.status != http.client.SEE_OTHER:
            raise RuntimeError(f"the upload was answered with {answer.status}")
        return took_s


def _around(form: str) -> tuple[bytes, bytes]:
    """What a browser sends before and behind the file. Ends like every form of ours: with fields
    that come first."""
    disposition = "--bench\r\nContent-Disposition: form-data; "
    head = (
        f'{disposition}name="form"\r\n\r\n{form}\r\n'
        f'{disposition}name="file"; filename="film.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    )
    return head.encode(), b"\r\n--bench--\r\n"
