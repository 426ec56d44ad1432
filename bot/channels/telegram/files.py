"""Files that Telegram holds: where they are, and their bytes as they come.

A handle is JSON text of ours (`reading`). Never is a whole file in memory. The cloud hands out
20 MB at most; a Bot API server of one's own hands out anything, and, when it runs with --local,
a path on this machine instead of a link. What that server laid down there is what somebody told,
unsealed: it is deleted once it was read (the server fetches it anew if it is asked again).
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

from bot.channels.telegram.api import CHUNK_BYTES, Api
from bot.channels.telegram.errors import NotDone, Why
from bot.channels.telegram.parts import CHANNEL
from bot.errors import BadRequest, BotError
from bot.fetching import Arriving, Gone, NotReady, TooBig
from bot.logs import logger

UNAVAILABLE_S = 20.0
CLOUD_BYTES = 20 * 1024 * 1024
FALLBACK_MIME = "application/octet-stream"


class Files:
    """A source of files. *at_most_bytes* None: no limit of the platform's."""

    def __init__(self, api: Api, *, at_most_bytes: int | None) -> None:
        self._api = api
        self._at_most_bytes = at_most_bytes

    @asynccontextmanager
    async def open(self, handle: str) -> AsyncIterator[Arriving]:
        """The file behind *handle*. Raises Gone, TooBig or NotReady; Away: try again."""
        held = _opened(handle)
        self._check_size(held.get("size"))
        path = await self._path(str(held["file_id"]))
        name, mime = held.get("name"), str(held.get("mime") or FALLBACK_MIME)
        if path.startswith("/") and self._at_most_bytes is None:
            async with _local(path) as chunks:
                yield Arriving(mime, name, chunks)
            return
        async with self._api.download(path) as chunks:
            yield Arriving(mime, name, chunks)

    def _check_size(self, size: Any) -> None:
        at_most = self._at_most_bytes
        if at_most is not None and isinstance(size, int) and size > at_most:
            raise TooBig(at_most)

    async def _path(self, file_id: str) -> str:
        failed: BotError
        try:
            return await self._api.file_path(file_id)
        except NotDone as refusal:
            match refusal.why:
                case Why.TOO_BIG:
                    failed = TooBig(self._at_most_bytes or CLOUD_BYTES)
                case Why.NO_FILE:
                    failed = Gone("Telegram knows no such file")
                case Why.UNAVAILABLE_FILE:
                    failed = NotReady(UNAVAILABLE_S)
                case _:
                    failed = refusal
        raise failed


def _opened(handle: str) -> dict[str, Any]:
    try:
        held = json.loads(handle)
    except ValueError:
        held = None
    if not isinstance(held, dict) or not held.get("file_id"):
        raise BadRequest("not a handle of ours")
    return held


@asynccontextmanager
async def _local(path: str) -> AsyncIterator[AsyncGenerator[bytes, None]]:
    """A file that our own Bot API server laid down on this machine."""
    try:
        file = await asyncio.to_thread(Path(path).open, "rb")
    except FileNotFoundError:
        file = None
    if file is None:
        raise Gone("our Bot API server has the file no more")
    try:
        yield _read(file)
    finally:
        await asyncio.to_thread(file.close)
    try:
        await asyncio.to_thread(Path(path).unlink, missing_ok=True)
    except OSError as error:
        logger().warning("file_left_behind", channel=CHANNEL, error=type(error).__name__)


async def _read(file: BinaryIO) -> AsyncGenerator[bytes, None]:
    while piece := await asyncio.to_thread(file.read, CHUNK_BYTES):
        yield piece
