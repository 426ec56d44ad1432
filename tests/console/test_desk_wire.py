"""The connections to the desk: none is used at the moment at which the desk hangs up."""

import asyncio

import pytest

from bot.channels.web import serving
from console import desk_wire
from console.desk_wire import Wire
from console.errors import ConsoleError
from sealing import SigningKey
from tests.console import fake_desk

REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


def test_the_console_lets_go_of_a_connection_well_before_the_desk_does() -> None:
    assert 2 * desk_wire.IDLE_S <= serving.KEEP_ALIVE_S == fake_desk.KEEP_ALIVE_S


async def asked_twice(pause_s: float) -> int:
    """How many connections two questions with a pause between them took."""
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            while head := await reader.readline():
                size = 0
                while head not in (b"\r\n", b""):
                    name, _, value = head.partition(b":")
                    size = int(value) if name.lower() == b"content-length" else size
                    head = await reader.readline()
                await reader.readexactly(size)
                writer.write(REFUSED)
        finally:  # also where the test ends first
            writer.transport.abort()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        async with Wire(f"http://{host}:{port}", "ab" * 16, SigningKey.generate()) as wire:
            for _ in range(2):
                with pytest.raises(ConsoleError):
                    await wire._sign_in()
                await asyncio.sleep(pause_s)
    return connections


async def test_an_idle_connection_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await asked_twice(0.0) == 1
    monkeypatch.setattr(desk_wire, "IDLE_S", 0.05)
    assert await asked_twice(0.1) == 2
