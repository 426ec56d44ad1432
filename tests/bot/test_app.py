"""The program starts only as it should, serves both sides, and stops cleanly."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import httpx
import pytest

from bot import deployment
from bot.app import Running, opened, run
from bot.config import Config, load
from bot.errors import RosterUnusable
from handlers.events import Followed
from sealing.roster import Roster
from storage import Database, InUse, SqliteDatabase
from storage.repositories import tips
from tests.bot import rosters
from tests.bot.fake_clock import FakeClock
from tests.loopback import own_ports
from tests.storage.sample_rows import a_tip


def deploy(folder: Path, *, roster: bytes | None = None) -> Config:
    """A deployment as `saisaat init` makes it, with cheap codes, free ports and a roster."""
    made = deployment.make(folder / "d", folder / "s")
    text = made.config.read_text(encoding="utf-8")
    web, desk = own_ports(2)
    for key, value in (
        (r"listen = \"127.0.0.1:8080\"", f'listen = "127.0.0.1:{web}"'),
        (r"listen = \"127.0.0.1:8081\"", f'listen = "127.0.0.1:{desk}"'),
        (r"public_url = \"https://chat.example.go.th\"", f'public_url = "http://127.0.0.1:{web}"'),
        (r"public_url = \"https://desk.example.go.th\"", f'public_url = "http://127.0.0.1:{desk}"'),
        (r"(?m)^admin_key = .*$", f'admin_key = "{rosters.ADMIN.verify_key}"'),
        (r"(?m)^argon2_memory_kib = .*$", "argon2_memory_kib = 8"),
        (r"(?m)^argon2_time = .*$", "argon2_time = 1"),
    ):
        text, count = re.subn(key, value, text)
        assert count == 1, key
    made.config.write_text(text, encoding="utf-8")
    config = load(made.config)
    if roster is not None:
        config.roster.file.write_bytes(roster)
    return config


def usable_roster(config: Config) -> bytes:
    return rosters.signed(of_all(config))


def of_all(config: Config) -> Roster:
    return rosters.roster(centres=tuple(centre.id for centre in config.centres))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    made = deploy(tmp_path)
    made.roster.file.write_bytes(usable_roster(made))
    return made


async def test_without_a_roster_nothing_is_served_and_the_sentence_says_why(
    tmp_path: Path,
) -> None:
    config = deploy(tmp_path)
    with pytest.raises(RosterUnusable, match="there is no roster of officers yet"):
        await run(config)
    with pytest.raises(RosterUnusable):  # and everything was let go of: it fails the same way again
        await run(config)


async def test_web_and_desk_answer_and_a_stop_lets_go_of_everything(config: Config) -> None:
    stop, answers = asyncio.Event(), list[httpx.Response]()

    async def visit() -> None:
        async with httpx.AsyncClient() as client:
            answers.append(await client.get(config.web.public_url))
            asked = {"officer": rosters.keys().id}
            url = f"{config.desk.public_url}/desk/v1/challenge"
            answers.append(await client.post(url, json=asked))
        stop.set()

    visits = []

    def ready(running: Running) -> None:
        visits.append(asyncio.create_task(visit()))

    async with asyncio.timeout(30):
        await run(config, stop=stop, on_ready=ready)
        await asyncio.gather(*visits)
    assert [answer.status_code for answer in answers] == [200, 200]
    async with opened(config) as running:  # nothing is held any more
        assert running.roster.current.version == 3


async def test_clock_and_database_are_arguments(config: Config) -> None:
    clock, opened_with = FakeClock(), list[Database]()

    async def open_database(path: Path) -> Database:
        opened_with.append(await SqliteDatabase.open(path))
        return opened_with[-1]

    async with opened(config, clock=clock, open_database=open_database) as running:
        assert [running.means.db] == opened_with
        assert running.clock is clock
        from bot.turn import Inbound

        assert (await running.turns.take(Inbound("web", "p", "1", Followed()))).is_fresh


async def test_two_programs_never_share_a_deployment(config: Config) -> None:
    async with opened(config):
        with pytest.raises(InUse):
            async with opened(config):
                pytest.fail("the second one must not open")


async def test_a_file_routed_by_the_real_tree_reaches_its_centre(config: Config) -> None:
    async with opened(config) as running:
        route = running.means.filing._route("TH-40", (), False)
        assert route.centre != route.ancestors[-1]
        unsure = running.means.filing._route(None, (), False)
        assert unsure.centre in route.ancestors


async def test_sigterm_ends_the_process_with_exit_0(config: Config, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bot.cli import main; main()",
        "serve",
        "--config",
        str(config.roster.file.parent / "config.toml"),
        cwd=Path(__file__).parent.parent.parent,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    said = b""
    async with asyncio.timeout(60):
        while b"bot_started" not in said:
            line = await process.stderr.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGTERM)
        said += await process.stderr.read()
        assert await process.wait() == 0, said
    assert b"bot_stops" in said
    assert b"Traceback" not in said


async def test_every_channel_knows_a_code_by_its_check_character(config: Config) -> None:
    async with opened(config, clock=FakeClock()) as running:
        for book in running.means.books.values():
            assert book.code_in("รหัส mkm7-k3m9-qxd4-ftb2-a") is not None
            assert book.code_in("รหัส mkm7-k3m9-qxd4-ftb2-b") is None
            assert book.code_in("4821-0937-5518-2260-7314-9903") is not None
            assert book.code_in("4821-0937-5518-2260-7314-9904") is None


async def test_other_days_in_the_configuration_are_every_tips_days_at_the_next_start(
    config: Config,
) -> None:
    tip = a_tip(centre="khon-kaen", filed_day="2026-11-23")
    async with opened(config, clock=FakeClock()) as running:
        await running.means.db.commit(lambda t: tips.file(t, tip, ()))
        assert running.means.books["web"].limits.acknowledge_days == 7
        filed = await running.means.db.read(lambda t: tips.get(t, tip.tip_id))
        assert filed is not None
        assert filed.due_day == "2026-11-30"
    centres = tuple(
        each.model_copy(update={"acknowledge_days": 10} if each.id == "khon-kaen" else {})
        for each in config.centres
    )
    changed = config.model_copy(update={"centre": centres})
    async with opened(changed, clock=FakeClock()) as running:
        # Before it is known which centre a tip goes to, no day is promised that not all keep.
        assert running.means.books["web"].limits.acknowledge_days == 10
        now = await running.means.db.read(lambda t: tips.get(t, tip.tip_id))
        assert now is not None
        assert now.due_day == "2026-12-03"
