"""The calls we make to Telegram, with its own client underneath. The token lives here only.

Owns the client, its timeouts and its silence: python-telegram-bot, httpx and httpcore write URLs
with the token and words of people into their logs, so none of them logs anything at all. Every
failure comes out as one of `errors`, with nothing of the original attached.
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import PurePosixPath
from typing import Any, TypeVar, cast
from urllib.parse import quote

import httpx
from pydantic import SecretStr
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.channels.telegram.errors import Away, NotDone, TooMany, Why, sorted_out

T = TypeVar("T")

Rows = tuple[tuple[tuple[str, str], ...], ...]
"""A keyboard: rows of (label, callback data)."""

CONNECT_S = 5.0
READ_S = 10.0
POOL_S = 2.0
FILE_READ_S = 30.0
POOL = 32
CHUNK_BYTES = 64 * 1024
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
SILENT = ("telegram", "httpx", "httpcore")
NO_PREVIEW = {"is_disabled": True}


class _Client(Bot):
    """The library's client; updates come out raw, because one odd update sinks its whole list."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "_Client()"

    async def raw_updates(self, asked: dict[str, Any], read_timeout_s: float) -> Any:
        return await self._post("getUpdates", asked, read_timeout=read_timeout_s)

    async def raw(self, method: str, **asked: Any) -> Any:
        """The answer as it came: of a message that was sent we want its number, no object."""
        return await self._post(method, asked)


class _Request(HTTPXRequest):
    """The library's requests, with a 429 read by us."""

    __slots__ = ()

    async def do_request(self, *args: Any, **more: Any) -> tuple[int, bytes]:
        status, payload = await super().do_request(*args, **more)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise TooMany(payload)
        return status, payload


class Api:
    """Calls to one Bot API server with one token. Close it."""

    def __init__(self, token: SecretStr, api_url: str) -> None:
        for name in SILENT:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        root = api_url.rstrip("/")
        self._requests = (_request(2), _request(POOL))
        self._bot = _Client(
            token.get_secret_value(),
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )
        self._files = httpx.AsyncClient(
            timeout=httpx.Timeout(CONNECT_S, read=FILE_READ_S, pool=FILE_READ_S)
        )
        self._file_root = f"{root}/file/bot{token.get_secret_value()}/"

    async def close(self) -> None:
        for request in self._requests:
            await request.shutdown()
        await self._files.aclose()

    # --- updates -----------------------------------------------------------------------------

    async def updates(self, offset: int | None, wait_s: float, at_most: int) -> list[Any]:
        """Raw updates from *offset* on; asking confirms everything before it."""
        asked = {"timeout": int(wait_s), "limit": at_most, "allowed_updates": WANTED}
        if offset is not None:
            asked["offset"] = offset
        found = await _told(self._bot.raw_updates(asked, wait_s + READ_S))
        return found if isinstance(found, list) else []

    async def take_no_webhook(self) -> None:
        """Let updates wait for polling; those that wait already stay."""
        await _told(self._bot.delete_webhook(drop_pending_updates=False))

    async def answer(self, query_id: str, text: str = "") -> None:
        """Stop the spinner of a pressed button."""
        await _told(self._bot.answer_callback_query(query_id, text or None))

    # --- messages ----------------------------------------------------------------------------

    async def send(
        self, chat_id: str, text: str, rows: Rows = (), *, is_protected: bool = False
    ) -> str:
        """Send plain words; the message's id."""
        sent = await _told(
            self._bot.raw(
                "sendMessage",
                chat_id=chat_id,
                text=text,
                reply_markup=_keyboard(rows),
                protect_content=is_protected,
                link_preview_options=NO_PREVIEW,
            )
        )
        if not isinstance(sent, dict) or not isinstance(sent.get("message_id"), int):
            raise Away(may_have_arrived=True)
        return str(sent["message_id"])

    async def edit(self, chat_id: str, message_id: str, text: str, rows: Rows = ()) -> None:
        """Put other words and buttons into a message of ours; as they are already is fine."""
        try:
            await _told(
                self._bot.raw(
                    "editMessageText",
                    chat_id=chat_id,
                    message_id=int(message_id),
                    text=text,
                    reply_markup=_keyboard(rows),
                    link_preview_options=NO_PREVIEW,
                )
            )
        except NotDone as refusal:
            if refusal.why is not Why.SAME:
                raise

    async def strip(self, chat_id: str, message_id: str) -> None:
        """Take the buttons off a message of ours."""
        await _told(self._bot.edit_message_reply_markup(chat_id, int(message_id)))

    async def delete(self, chat_id: str, message_ids: Sequence[int]) -> None:
        """Delete at most a hundred messages, on both sides; unknown ones are skipped."""
        await _told(self._bot.delete_messages(chat_id, message_ids))

    # --- files -------------------------------------------------------------------------------

    async def file_path(self, file_id: str) -> str:
        """Where a file can be had for the next hour."""
        found = await _told(self._bot.raw("getFile", file_id=file_id))
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str) or not path:
            raise NotDone(Why.UNAVAILABLE_FILE)
        return path

    @asynccontextmanager
    async def download(self, path: str) -> AsyncGenerator[AsyncGenerator[bytes, None], None]:
        """The bytes at *path*, as they come. Raises Away, also between two pieces."""
        url = self._file_root + quote(str(PurePosixPath(path)))
        asked = self._files.build_request("GET", url)
        response = await _told(self._files.send(asked, stream=True))
        pieces = _pieces(response)
        try:
            if response.status_code != httpx.codes.OK:
                raise Away(may_have_arrived=False)
            yield pieces
        finally:
            await pieces.aclose()
            await response.aclose()


def _request(connections: int) -> _Request:
    return _Request(
        connection_pool_size=connections,
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        write_timeout=READ_S,
        pool_timeout=POOL_S,
    )


def _keyboard(rows: Rows) -> dict[str, Any] | None:
    if not rows:
        return None
    buttons = [[{"text": label, "callback_data": data} for label, data in row] for row in rows]
    return {"inline_keyboard": buttons}


async def _told(call: Awaitable[T]) -> T:
    """The call's result. Raises one of `errors`; the original names the URL and is left behind."""
    try:
        return await call
    except Exception as error:
        ours = sorted_out(error)
    raise ours


async def _pieces(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    raw = cast(AsyncGenerator[bytes, None], response.aiter_bytes(CHUNK_BYTES))
    async with aclosing(raw) as pieces:
        while piece := await _told(anext(pieces, b"")):
            yield piece
