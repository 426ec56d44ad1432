"""A desk server for the run, a fresh world behind it for each test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
import typer.testing

from console.cli import make_app
from tests.console.fake_desk import DeskServer
from tests.console.fake_world import LOW_COST, PASSPHRASE, Person, World


@pytest.fixture(scope="session")
def desk_server() -> Iterator[DeskServer]:
    with DeskServer().running() as server:
        yield server


@pytest.fixture
def world(desk_server: DeskServer, tmp_path: Path) -> Iterator[World]:
    desk_server.world = World(tmp_path / "people", desk_server.origin)
    yield desk_server.world
    desk_server.world = None


@pytest.fixture
def somchai(world: World) -> Person:
    return world.join("สมชาย ใจดี", "kkn")


@dataclass
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str
    exception: BaseException | None


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def program() -> Iterator[typer.Typer]:
    """The command line, built once: that takes longer than most commands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.main.get_command))
        yield make_app(log_n=LOW_COST)


@pytest.fixture
def run(program: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program as *person* (or in *home*), in English unless *lang* says otherwise."""
    monkeypatch.delenv("LANG", raising=False)
    monkeypatch.delenv("LC_ALL", raising=False)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE + "\n", encoding="utf-8")

    def run_it(
        *arguments: object,
        person: Person | None = None,
        home: Path | None = None,
        lang: str = "en",
        passphrase_file: Path | None = passphrase,
        typed: str | None = None,
    ) -> Ran:
        begin: list[str] = ["--lang", lang]
        where = person.home if person else home
        if where is not None:
            begin += ["--home", str(where)]
        if passphrase_file is not None:
            begin += ["--passphrase-file", str(passphrase_file)]
        result: Any = typer.testing.CliRunner().invoke(
            program, [*begin, *map(str, arguments)], input=typed
        )
        exception = None if isinstance(result.exception, SystemExit) else result.exception
        return Ran(result.exit_code, result.stdout, result.stderr, exception)

    return run_it
