"""How the web chat is served: no access log, no client's address, and bounded patience.

uvicorn itself waits for ever for a request's head that comes a byte at a time; here a connection
has HEAD_S for it, and one that does not read its answer has WRITE_S. Bodies have their own
patience (`body.Patience`). Who is answered before their
body has ended may go on sending for LINGER_S: hanging up at once would destroy the answer on its
way, and a browser would show a broken connection instead of what to do.
"""

import asyncio
from typing import Any, Literal

import h11
from h11._readers import ContentLengthReader
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 15.0
LINGER_S = 20.0
WRITE_S = 60.0
KEEP_ALIVE_S = 5
HEAD_AT_MOST_BYTES = 16 * 1024
CONNECTIONS_AT_MOST = 800


class _Awaited(asyncio.Event):
    """An event that knows whether somebody waits for it."""

    is_awaited = False

    @classmethod
    def like(cls, other: asyncio.Event) -> "_Awaited":
        """One as set as *other*, for which nobody waits yet."""
        made = cls()
        if other.is_set():
            made.set()
        return made

    async def wait(self) -> Literal[True]:
        self.is_awaited = True
        try:
            return await super().wait()
        finally:
            self.is_awaited = False


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that hangs up on whoever does not finish a request's head, or read an answer, in
    time."""

    head_s = HEAD_S
    linger_s = LINGER_S
    write_s = WRITE_S
    _hang_up: asyncio.TimerHandle | None = None
    _give_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.access_log = False  # whatever the log is set to: no line with address and path
        self._wait_for_head(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_giving_up()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """They read slower than we write: what is under way has WRITE_S to drain."""
        super().pause_writing()
        self._stop_giving_up()
        self._give_up = self.loop.call_later(self.write_s, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_giving_up()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        reader = self._reader_of_body(len(data))
        if reader is None:
            super().data_received(data)
            return
        reader._remaining -= len(data)
        cycle = self.cycle
        cycle.body = cycle.body + data if cycle.body else data  # type: ignore[assignment]  # read only
        if len(cycle.body) > HIGH_WATER_LIMIT and not self._is_awaited():
            self.flow.pause_reading()
        cycle.message_event.set()

    def _is_awaited(self) -> bool:
        """Whether what has come is taken in the next round of the loop. Then reading goes on:
        pausing and resuming are two system calls for each piece."""
        event = self.cycle.message_event
        return isinstance(event, _Awaited) and event.is_awaited

    def _reader_of_body(self, size: int) -> ContentLengthReader | None:
        """What counts a request's body, while *size* more bytes are in the midst of it.

        h11 copies each byte four times on the way. In the midst of a body whose length was said
        there is nothing to parse, so these bytes pass it by, and its count is kept; the head, the
        first bytes and the last go through it as ever.
        """
        conn, reader = self.conn, self.conn._reader
        if not isinstance(reader, ContentLengthReader):
            return None
        is_within = (
            size < reader._remaining < reader._length
            and conn.their_state is h11.SEND_BODY
            and conn.our_state is h11.SEND_RESPONSE
            and not conn.trailing_data[0]
        )
        return reader if is_within else None

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop_waiting()
            self.cycle.message_event = _Awaited.like(self.cycle.message_event)

    def on_response_complete(self) -> None:
        is_still_sending = self.conn.their_state is h11.SEND_BODY
        self._wait_for_head(self.linger_s if is_still_sending else KEEP_ALIVE_S + self.head_s)
        super().on_response_complete()

    def _wait_for_head(self, wait_s: float) -> None:
        self._stop_waiting()
        self._hang_up = self.loop.call_later(wait_s, self.timeout_keep_alive_handler)

    def _stop_giving_up(self) -> None:
        if self._give_up is not None:
            self._give_up.cancel()
            self._give_up = None

    def _stop_waiting(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None


def settings() -> dict[str, Any]:
    """Keyword arguments for `uvicorn.Config`, beside app, host and port."""
    return {
        "http": PatientProtocol,
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "h11_max_incomplete_event_size": HEAD_AT_MOST_BYTES,
        "limit_concurrency": CONNECTIONS_AT_MOST,
    }
