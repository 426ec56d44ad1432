"""Registrars at their consoles, and the real desk on a real database: in this loop, or served on
this machine for the command line."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from bot.clock import SystemClock
from bot.desk import DeskParts, desk_app
from bot.desk.app import CentreName
from bot.desk.members import MemberTerms
from console import days
from console.desk_client import Desk
from console.folder import SEEN, Settings
from console.members.keeping import holding
from console.members.making import Made
from console.members.registrar import Registrar
from console.office import Office
from console.seen import Memory
from sealing import Cost, MemberCode, Role, member_locator, parse_roster, stretch_member_code
from sealing.signed_text import split_text
from storage import FolderBlobs, SqliteDatabase
from storage.repositories import codes
from storage.repositories.codes import MemberCodeRow
from tests.bot.counters import some_counting
from tests.console.fake_world import Person, World
from tests.loopback import listening
from tests.sealing.trails import SERVER_KEY

ORIGIN = "https://desk.example"
CHEAP = Cost(memory_kib=64, time=1)
TERMS = MemberTerms(
    salt=b"s" * 32, pepper=b"p" * 32, cost=CHEAP, web="https://chat.example", onion=None
)


class Killed(BaseException):
    """The console's machine went dark here."""


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """The way to the desk. *fails*, asked with the method and path of each request, says whether it
    is lost before the desk saw it ("before"), or its answer is ("after")."""

    desk: httpx.ASGITransport
    fails: Callable[[str, str], str | None] = lambda method, path: None
    seen: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request.url.path)
        self.bodies.append(await request.aread())
        lost = self.fails(request.method, request.url.path)
        if lost == "before":
            raise httpx.ConnectError("lost")
        answer = await self.desk.handle_async_request(request)
        if lost == "after":
            await answer.aread()
            raise httpx.ReadError("lost")
        return answer


@dataclass
class Handing:
    """What a registrar showed or printed."""

    made: list[Made] = field(default_factory=list)

    def __call__(self, made: Sequence[Made]) -> None:
        self.made += made

    @property
    def code(self) -> MemberCode:
        return self.made[-1].code

    @property
    def half(self) -> bytes:
        return self.made[-1].half


@dataclass
class Registry:
    """The world, the desk, and everybody's console."""

    world: World
    database: SqliteDatabase
    folder: Path
    wire: Wire

    @asynccontextmanager
    async def office(self, person: Person) -> AsyncIterator[Office]:
        settings = Settings(
            ORIGIN, str(self.world.admin.sign.verify_key), person.keys.name, None, {}
        )
        memory = Memory(person.home / SEEN, person.keys.sign.seed)
        desk = Desk(ORIGIN, person.id, person.keys.sign, transport=self.wire)
        async with desk:
            yield Office(person.keys, settings, memory, desk)

    @asynccontextmanager
    async def at_work(self, person: Person) -> AsyncIterator[Registrar]:
        async with self.office(person) as office:
            with holding(person.home, person.keys, days.today().isoformat()) as file:
                yield await Registrar.at_work(office, file)

    async def row(self, half: bytes) -> MemberCodeRow | None:
        """What the server has of a code."""
        locator = member_locator(half, pepper=TERMS.pepper)
        return await self.database.read(lambda t: codes.get(t, locator))

    async def works(self, code: MemberCode) -> bool:
        """Whether somebody who types *code* in the chat is believed."""
        locator = stretch_member_code(code, salt=TERMS.salt, pepper=TERMS.pepper, cost=CHEAP)
        found = await self.database.read(lambda t: codes.get(t, locator))
        return found is not None and found.is_usable(days.today().isoformat())

    async def rows(self) -> int:
        """How many codes the server has."""
        found = await self.database.read(lambda t: t.row("SELECT COUNT(*) FROM member_code"))
        assert found is not None
        return int(found[0])

    def join(self, name: str, *centres: str) -> Person:
        return self.world.join(name, *centres, roles=(Role.REGISTRAR,))


@asynccontextmanager
async def a_registry(folder: Path) -> AsyncIterator[Registry]:
    world = World(folder / "people", ORIGIN)
    (folder / "server").mkdir()
    async with (
        await SqliteDatabase.open(folder / "server" / "saisaat.db") as database,
        await FolderBlobs.open(folder / "server" / "blobs") as blobs,
    ):
        desk = httpx.ASGITransport(_app(world, database, blobs, ORIGIN))
        yield Registry(world, database, folder, Wire(desk))


@contextmanager
def served(folder: Path) -> Iterator[World]:
    """The real desk on a port of this machine, with a thread of its own; and its world."""
    place = listening()
    origin = f"http://127.0.0.1:{place.getsockname()[1]}"
    world = World(folder / "people", origin)
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        async with (
            await SqliteDatabase.open(folder / "server" / "saisaat.db") as database,
            await FolderBlobs.open(folder / "server" / "blobs") as blobs,
        ):
            app = _app(world, database, blobs, origin)
            config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve(sockets=[place]))
            ready.set()
            await asyncio.to_thread(stop.wait)
            server.should_exit = True
            await serving

    (folder / "server").mkdir()
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        assert ready.wait(20)
        yield world
    finally:
        stop.set()
        thread.join(20)
        place.close()


def everything_in(folder: Path) -> bytes:
    """Every byte of every file in *folder*."""
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def _app(world: World, database: SqliteDatabase, blobs: FolderBlobs, origin: str) -> FastAPI:
    return desk_app(
        DeskParts(
            database=database,
            blobs=blobs,
            roster=lambda: parse_roster(split_text(world.roster)[0]),
            signed_roster=lambda: world.roster,
            centres={"kkn": CentreName("ขอนแก่น", "Khon Kaen")},
            origin=origin,
            clock=SystemClock(),
            session_s=900,
            members=TERMS,
            counting=some_counting(),
            audit_key=SERVER_KEY.verify_key,
        )
    )
