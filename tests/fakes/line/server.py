"""The fake platform on a real socket, whose connections a test can break."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from tests.fakes.line.platform import FakeLine

Hangups = dict[tuple[str, int], asyncio.Transport]


def _protocol(open_now: Hangups) -> type[H11Protocol]:
    class Protocol(H11Protocol):
        """Remembers each connection, so that an answer can be a broken one."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
            super().connection_made(transport)
            self.peer = tuple(transport.get_extra_info("peername")[:2])
            open_now[self.peer] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            open_now.pop(self.peer, None)
            super().connection_lost(exc)

    return Protocol


@asynccontextmanager
async def listening(
    line: "FakeLine", make: Callable[["FakeLine", Hangups], ASGIApp]
) -> AsyncIterator[str]:
    """Serve *make*'s app on a free port of 127.0.0.1; its address."""
    open_now: Hangups = {}
    settings: dict[str, Any] = {"ws": "none", "lifespan": "off", "log_config": None}
    config = uvicorn.Config(make(line, open_now), access_log=False, **settings)
    config.load()
    state, protocol = ServerState(), _protocol(open_now)
    # uvicorn's own Server polls ten times a second whether it should end: too slow for every test.
    server = await asyncio.get_running_loop().create_server(
        lambda: protocol(config, state, {}), "127.0.0.1", 0
    )
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for transport in list(open_now.values()):
            transport.abort()
        for task in state.tasks:
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)


async def hang_up(open_now: Hangups, client: tuple[str, int] | None) -> None:
    """Break the connection that *client* came by, without another byte."""
    transport = open_now.get((client[0], client[1])) if client else None
    if transport is not None:
        transport.abort()
    await asyncio.sleep(0.01)  # until the server has noticed
