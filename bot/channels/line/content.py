"""What a person sent, streamed from LINE's data host.

Owns handles (a message id) and what LINE's statuses mean for a file. Law: no file is ever held
whole: the SDK's own `get_message_content` is not used. The data host has connections of its own, so
that slow files never delay an answer.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, cast

import aiohttp
from linebot.v3.messaging import (  # type: ignore[import-untyped]  # it ships no types
    AsyncApiClient,
    Configuration,
)

from bot.channels.line.parts import LineRules
from bot.errors import Unavailable
from bot.fetching import Arriving, Gone, NotReady, TooBig

CHUNK_BYTES = 64 * 1024
PROCESSING = 202


class Contents:
    """Opens files. Open it inside the running loop: `async with Contents(…) as contents`."""

    def __init__(
        self, data_api_url: str, access_token: str, file_bytes: int, rules: LineRules
    ) -> None:
        configuration = Configuration(host=data_api_url, access_token=access_token)
        configuration.connection_pool_maxsize = rules.files_at_once
        self._client: Any = AsyncApiClient(configuration)
        self._url = data_api_url
        self._file_bytes = file_bytes
        self._rules = rules

    async def __aenter__(self) -> "Contents":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.close()

    @asynccontextmanager
    async def open(self, handle: str) -> AsyncIterator[Arriving]:
        """The file of *handle* (`bot.fetching.Source`). Raises Gone, TooBig, NotReady, and
        Unavailable for whatever may be tried again."""
        path = f"/v2/bot/message/{_message_of(handle)}/content"
        async with await self._asked(path) as answer:
            if answer.status == PROCESSING:
                raise await self._unready(path)
            self._check(answer)
            yield Arriving(answer.content_type, None, self._chunks(answer))

    async def _unready(self, path: str) -> Gone | NotReady:
        """Why there is no file yet: LINE is at work on it, or has given it up."""
        async with await self._asked(f"{path}/transcoding") as answer:
            try:
                status = (await answer.json(content_type=None)).get("status")
            except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError):
                status = None
        if status == "failed":
            return Gone("LINE could not prepare the file")
        return NotReady(self._rules.processing_wait_s)

    async def _asked(self, path: str) -> aiohttp.ClientResponse:
        try:
            return await self._session.get(
                self._url + path,
                headers={"Authorization": self._client.default_headers["Authorization"]},
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._rules.connect_s, sock_read=self._rules.idle_s
                ),
                allow_redirects=False,
            )
        except (aiohttp.ClientError, TimeoutError):
            raise Unavailable("LINE's data host did not answer") from None

    @property
    def _session(self) -> aiohttp.ClientSession:
        return cast(aiohttp.ClientSession, self._client.rest_client.pool_manager)

    def _check(self, answer: aiohttp.ClientResponse) -> None:
        match answer.status:
            case 200:
                if (answer.content_length or 0) > self._file_bytes:
                    raise TooBig(self._file_bytes)
            case 404 | 410:
                raise Gone("LINE has the file no more")
            case _:
                raise Unavailable("LINE's data host did not give the file")

    async def _chunks(self, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        arrived = 0
        try:
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                arrived += len(chunk)
                if arrived > self._file_bytes:
                    raise TooBig(self._file_bytes)
                yield chunk
        except (aiohttp.ClientError, TimeoutError):
            raise Unavailable("the file broke off") from None


def _message_of(handle: str) -> str:
    """The message id in *handle*. Raises Gone for a handle that is none of ours."""
    try:
        message = json.loads(handle)["message"]
    except (ValueError, KeyError, TypeError):
        raise Gone("not a handle of this channel") from None
    if not isinstance(message, str) or not message.isascii() or not message.isalnum():
        raise Gone("not a handle of this channel")
    return message
