"""The real bot in a process of its own, with a hand on its clock and on the moment of its death.

    python -m tests.whole.server --config F [--kill-before-commit N | --kill-after-commit N]
                                 [--clock-file F] [--commits-file F] [--verbose]

    with running(made, kill_after_commit=12) as bot: ...     from a test

Commits are counted from 1, those of the start included. Before: the process dies without having
begun it. After: it is durable, and nobody has heard. Both deaths are SIGKILL.

The clock file holds seconds that are added to the machine's time; whoever sleeps by this clock
wakes when the file says that it is late enough.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot import app, logs
from bot.clock import SystemClock
from bot.config import load
from bot.hardening import disable_core_dumps, keep_files_private
from deploy.demo.programs import Server, serving
from storage import Database, SqliteDatabase, Transaction
from tests.whole.deployment import Whole

ROOT = Path(__file__).parents[2]
LOOK_AT_CLOCK_S = 0.02
T = TypeVar("T")


# --- in the test's process -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Running:
    """A bot that runs, and what a test can do to it."""

    server: Server
    clock_file: Path
    commits_file: Path

    @property
    def pid(self) -> int:
        return self.server.process.pid

    @property
    def is_alive(self) -> bool:
        return self.server.process.poll() is None

    @property
    def was_killed(self) -> bool:
        """Whether it died of SIGKILL, by its own hand or by `kill`."""
        return self.server.process.poll() == -signal.SIGKILL

    @property
    def commits(self) -> int:
        """How many commits are durable so far."""
        return int(self.commits_file.read_text() or 0) if self.commits_file.exists() else 0

    @property
    def printed(self) -> str:
        return self.server.printed()

    def kill(self) -> None:
        """SIGKILL, now; returns when it is dead."""
        self.server.process.kill()
        self.server.process.wait()

    def wait_until_dead(self, wait_s: float = 60.0) -> int:
        """Its exit code, when it has ended by itself."""
        return self.server.process.wait(wait_s)

    def advance(self, wait_s: float) -> None:
        """Let time pass for the bot (never back)."""
        advance(self.clock_file, wait_s)


@contextmanager
def running(
    made: Whole,
    *,
    kill_before_commit: int | None = None,
    kill_after_commit: int | None = None,
    is_verbose: bool = False,
    waits: bool = True,
) -> Iterator[Running]:
    """Run the bot of *made* as long as the block. Time and the log go on where an earlier run of
    the same deployment left them. With *waits*, returns when web chat and desk take connections."""
    logs_folder = made.folder / "logs"
    logs_folder.mkdir(exist_ok=True)
    clock_file, commits_file = made.clock_file, made.folder / "commits"
    commits_file.unlink(missing_ok=True)
    command: list[str | Path] = [sys.executable, "-m", "tests.whole.server"]
    command += ["--config", made.config, "--clock-file", clock_file]
    command += ["--commits-file", commits_file]
    for name, number in (("before", kill_before_commit), ("after", kill_after_commit)):
        if number is not None:
            command += [f"--kill-{name}-commit", str(number)]
    if is_verbose:
        command.append("--verbose")
    log = logs_folder / f"{len(list(logs_folder.iterdir())):04}.log"
    # Tests may run anywhere; the program under test is found where they are.
    with serving("the bot", command, log, {"PYTHONPATH": str(ROOT)}) as server:
        bot = Running(server, clock_file, commits_file)
        if waits:
            server.wait_for_port(made.web_port)
            server.wait_for_port(made.desk_port)
        yield bot


def advance(clock_file: Path, wait_s: float) -> None:
    """Let time pass for whoever goes by *clock_file*: the bot, and the platforms' fakes."""
    beside = clock_file.with_suffix(".new")
    beside.write_text(str(offset_in(clock_file) + wait_s))
    beside.replace(clock_file)


# --- in the bot's process --------------------------------------------------------------------


class FileClock(SystemClock):
    """The machine's clock plus what the file says."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now_s(self) -> float:
        return super().now_s() + offset_in(self._file)

    def monotonic_s(self) -> float:
        return super().monotonic_s() + offset_in(self._file)

    async def sleep(self, wait_s: float) -> None:
        until = self.monotonic_s() + wait_s
        while (left := until - self.monotonic_s()) > 0:  # noqa: ASYNC110  # another process moves it
            await asyncio.sleep(min(left, LOOK_AT_CLOCK_S))


class MortalDatabase:
    """A database in a process that dies at a chosen commit; else exactly the one inside."""

    def __init__(
        self, inner: Database, before: int | None, after: int | None, commits_file: Path | None
    ) -> None:
        self._inner = inner
        self._before = before
        self._after = after
        self._commits_file = commits_file
        self._begun = 0
        self._durable = 0

    async def read(self, work: Callable[[Transaction], T]) -> T:
        return await self._inner.read(work)

    async def commit(self, work: Callable[[Transaction], T]) -> T:
        self._begun += 1
        if self._begun == self._before:
            die()
        made = await self._inner.commit(work)
        self._durable += 1
        if self._commits_file is not None:
            self._commits_file.write_text(str(self._durable))
        if self._durable == self._after:
            die()
        return made

    async def truncate_log(self) -> None:
        await self._inner.truncate_log()

    async def close(self) -> None:
        await self._inner.close()


def offset_in(file: Path) -> float:
    """The seconds in a clock file; none yet is no seconds."""
    with contextlib.suppress(FileNotFoundError):
        return float(file.read_text() or 0)
    return 0.0


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # the signal comes between two instructions; go no further


def main() -> None:
    wanted = _arguments()
    # As the command line starts it (bot.cli), so that logs and file modes are the real ones.
    logs.start(logging.DEBUG if wanted.verbose else logging.INFO)
    disable_core_dumps()
    keep_files_private()

    async def open_database(path: Path) -> Database:
        inner = await SqliteDatabase.open(path)
        before, after = wanted.kill_before_commit, wanted.kill_after_commit
        return MortalDatabase(inner, before, after, wanted.commits_file)

    clock = FileClock(wanted.clock_file) if wanted.clock_file else SystemClock()
    asyncio.run(app.run(load(wanted.config), clock=clock, open_database=open_database))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.whole.server")
    parser.add_argument("--config", type=Path, required=True)
    moment = parser.add_mutually_exclusive_group()
    moment.add_argument("--kill-before-commit", type=int)
    moment.add_argument("--kill-after-commit", type=int)
    parser.add_argument("--clock-file", type=Path)
    parser.add_argument("--commits-file", type=Path)
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
