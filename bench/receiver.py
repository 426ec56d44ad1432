"""The measured side of an upload: the web channel behind a real socket, in a process of its own.

First prints where it listens and the session that stands at a question for files. Then it answers
each line it reads with a line of JSON: `raw BYTES`, `hash BYTES`, `disk BYTES` (the cipher, the
hash, or a synced file of as many bytes, alone), `bare BYTES` (listen once: socket, cipher, synced
file, nothing else), `begin`, `end` (what was seen since).
"""

import asyncio
import gc
import hashlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bench.house import House, a_house
from bench.measuring import Beat, heartbeat, resident_bytes, took
from bench.primitives import raw_cipher
from bot.channels.web import serving
from bot.channels.web.session import new_session
from sealing.age import CHUNK

PIECE = os.urandom(1024 * 1024)


async def main() -> None:
    async with a_house() as house, AsyncExitStack() as stack:
        session = new_session()
        await house.person(session).walk_to("leads")
        server = uvicorn.Server(
            uvicorn.Config(house.running.web, host="127.0.0.1", port=0, **serving.settings())
        )
        task = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        say({"port": port, "session": session})
        seeing = Seeing(house, stack)
        while command := (await asyncio.to_thread(sys.stdin.readline)).split():
            say(await seeing.obey(*command))
        server.should_exit = True
        await task


@dataclass(slots=True)
class Seeing:
    """What is looked at between `begin` and `end`."""

    house: House
    stack: AsyncExitStack
    beat: Beat = field(default_factory=Beat)
    before: int = 0
    cpu_s: float = 0.0

    async def obey(self, command: str, *more: str) -> dict[str, Any]:
        if command in ("raw", "hash", "disk"):
            return await self.alone(command, int(more[0]) // len(PIECE))
        if command == "bare":
            return self.bare(int(more[0]))
        return await (self.begin() if command == "begin" else self.end())

    async def alone(self, what: str, pieces: int) -> dict[str, Any]:
        """In a thread, as the real one works; nothing else happens meanwhile."""
        work: dict[str, Callable[[], None]] = {
            "raw": lambda: raw_cipher(PIECE, pieces),
            "hash": lambda: _hash(pieces),
            "disk": lambda: _sync(pieces, self.house.folder / "alone"),
        }
        ran = await took(asyncio.to_thread(work[what]))
        return {"wall_s": ran.wall_s, "cpu_s": ran.cpu_s}

    def bare(self, many_bytes: int) -> dict[str, Any]:
        """Serve one connection as plainly as can be; blocks the loop, nothing else happens."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            say({"port": listening.getsockname()[1]})
            connection, _ = listening.accept()
            with connection:
                cpu_s = time.process_time()
                _seal_plainly(connection, many_bytes, self.house.folder / "bare")
                connection.sendall(b"!")
        return {"cpu_s": time.process_time() - cpu_s}

    async def begin(self) -> dict[str, Any]:
        gc.collect()
        self.beat = await self.stack.enter_async_context(heartbeat())
        await asyncio.sleep(0.05)
        _forget_peak()
        self.before, self.cpu_s = resident_bytes(), time.process_time()
        return {}

    async def end(self) -> dict[str, Any]:
        cpu_s = time.process_time() - self.cpu_s
        await self.stack.aclose()
        return {
            "cpu_s": cpu_s,
            "rise": resident_bytes("VmHWM") - self.before,
            "late_s": self.beat.late_s,
            "blocked_s": self.beat.blocked_s,
        }


def _seal_plainly(connection: socket.socket, many_bytes: int, path: Path) -> None:
    """Read *many_bytes*, put them through the bare cipher, write them, sync them."""
    cipher, buffer, count = ChaCha20Poly1305(os.urandom(32)), memoryview(bytearray(4 * CHUNK)), 0
    with path.open("wb", buffering=0) as out:
        while many_bytes:
            size = min(many_bytes, len(buffer))
            filled = 0
            while filled < size:
                filled += connection.recv_into(buffer[filled:size])
            for at in range(0, size, CHUNK):
                out.write(cipher.encrypt(count.to_bytes(12, "big"), buffer[at : at + CHUNK], None))
                count += 1
            many_bytes -= size
        os.fsync(out.fileno())
    path.unlink()


def _hash(pieces: int) -> None:
    digest = hashlib.sha256()
    for _ in range(pieces):
        digest.update(PIECE)
    digest.digest()


def _sync(pieces: int, path: Path) -> None:
    with path.open("wb", buffering=0) as out:
        for _ in range(pieces):
            out.write(PIECE)
        os.fsync(out.fileno())
    path.unlink()


def _forget_peak() -> None:
    """Make the peak of memory start from here (Linux)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
