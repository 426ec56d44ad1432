"""A big file from a real socket to a sealed blob, beside the bare cipher over the same bytes.

This process is the browser; `bench.receiver` is the bot. Wall time is the sender's, from the first
byte to the answer; so it holds the network, the form's parsing, hash, cipher, disk and two syncs.
"""

import asyncio
import http.client
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

from bench.loop import rows_of
from bench.measuring import Beat, idle_process
from bench.receiver import PIECE
from bench.rows import Row
from bench.sizes import Sizes

GOAL = 0.5
GOAL_MIB = 16.0
MIB = 1024 * 1024
PATIENCE_S = 300


async def rows(sizes: Sizes) -> list[Row]:
    size = sizes.file_bytes // len(PIECE) * len(PIECE) or len(PIECE)
    async with _Bot() as bot, idle_process() as idle:
        await bot.upload(size)  # warms up: the first one pays for code that is run once
        walls, cpus, raw_walls, raw_cpus, seen = [], [], [], [], []
        for _ in range(sizes.uploads):
            raw = await bot.ask(f"raw {size}")
            await bot.ask("begin")
            walls.append(await bot.upload(size))
            seen.append(await bot.ask("end"))
            cpus.append(seen[-1]["cpu_s"])
            raw_walls.append(raw["wall_s"])
            raw_cpus.append(raw["cpu_s"])
        noise_s = await idle()
    return _found(size, walls, cpus, raw_walls, raw_cpus, seen, noise_s)


def _found(
    size: int,
    walls: list[float],
    cpus: list[float],
    raw_walls: list[float],
    raw_cpus: list[float],
    seen: list[dict[str, Any]],
    noise_s: float,
) -> list[Row]:
    speeds = [size / MIB / statistics.median(each) for each in (walls, raw_walls, cpus, raw_cpus)]
    by_wall = statistics.median(raw / real for raw, real in zip(raw_walls, walls, strict=True))
    by_cpu = statistics.median(raw / real for raw, real in zip(raw_cpus, cpus, strict=True))
    rise = max(each["rise"] for each in seen) / MIB
    beat = Beat(max(each["late_s"] for each in seen), max(each["blocked_s"] for each in seen))
    what = f"{size / 1e6:.0f} MB from socket to blob"
    return [
        Row(
            "upload",
            what,
            speeds[0],
            "MiB/s",
            speeds[1],
            by_wall,
            f"≥ {GOAL}",
            by_wall >= GOAL,
            "floor: raw ChaCha20-Poly1305, 64 KiB chunks",
        ),
        Row("upload", "the same by CPU", speeds[2], "MiB/s", speeds[3], by_cpu),
        Row(
            "upload",
            "memory rise, peak",
            rise,
            "MiB",
            goal=f"≤ {GOAL_MIB:.0f} MiB",
            is_met=rise <= GOAL_MIB,
        ),
        *rows_of("upload", "during the upload", beat, noise_s),
    ]


class _Bot:
    """The measured process, and the browser's connection to it."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._place: dict[str, Any] = {}

    async def __aenter__(self) -> "_Bot":
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.receiver",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._place = await self._heard()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()

    async def ask(self, command: str) -> dict[str, Any]:
        """Send one command; its answer."""
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("the measured process does not run")
        self._process.stdin.write(f"{command}\n".encode())
        return await self._heard()

    async def upload(self, size: int) -> float:
        """Send one form with a file of *size* bytes; the seconds until its answer."""
        return await asyncio.to_thread(self._send, size)

    async def _heard(self) -> dict[str, Any]:
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("the measured process does not run")
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the measured process failed")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def _send(self, size: int) -> float:
        head, tail = _around(os.urandom(16).hex())
        http_ = http.client.HTTPConnection("127.0.0.1", self._place["port"], timeout=PATIENCE_S)
        headers = {
            "Content-Type": "multipart/form-data; boundary=bench",
            "Content-Length": str(len(head) + size + len(tail)),
            "Cookie": f"__Host-saisaat={self._place['session']}",  # as behind https
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
