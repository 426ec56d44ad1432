"""Many lives of the real bot at the price of one start: a process that has loaded it, and forks.

    with running(made) as bot: ...                  as `server.running`
    with the_nursery().running(made) as bot: ...    the same, but SIGKILL ends it

Loading the program takes most of a start, and a crash test starts it a hundred times. So one
process loads it, rehearses a start, keeps nothing open, runs no thread, and forks a child for each
life; the child is a process of its own in every respect, with the environment of whoever asked,
goes through `server.main`, and dies by SIGKILL like any other.
"""

import asyncio
import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from bot import app
from bot.config import load
from deploy.demo.programs import Server
from tests.whole import server
from tests.whole.deployment import Whole, make
from tests.whole.server import ROOT, Running

TEMP = tempfile.gettempdir()
"""Where the nursery rehearses: not in the temp folder that the test which starts it watches."""
POLL_S = 0.005
ENDS_AT_MOST_S = 30.0


# --- in the test's process ------------------------------------------------------------------------


class Life:
    """One forked bot, in the words of subprocess.Popen."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ask(wait=self.pid)
        return self.returncode

    def wait(self, timeout: float = ENDS_AT_MOST_S) -> int:
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("a life", timeout)
            time.sleep(POLL_S)
        return code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Nursery:
    """The process that forks, and how to ask it: one line, one answer."""

    process: "subprocess.Popen[str]"

    @contextmanager
    def running(
        self,
        made: Whole,
        *,
        kill_before_commit: int | None = None,
        kill_after_commit: int | None = None,
        is_verbose: bool = False,
        waits: bool = True,
        ends_politely: bool = False,
    ) -> Iterator[Running]:
        """As `server.running`, begun by a fork; SIGKILL ends it, unless it *ends_politely*."""
        logs = made.folder / "logs"
        logs.mkdir(exist_ok=True)
        clock_file, commits_file = made.clock_file, made.folder / "commits"
        commits_file.unlink(missing_ok=True)
        words = ["--config", made.config, "--clock-file", clock_file]
        words += ["--commits-file", commits_file]
        for name, number in (("before", kill_before_commit), ("after", kill_after_commit)):
            if number is not None:
                words += [f"--kill-{name}-commit", str(number)]
        if is_verbose:
            words.append("--verbose")
        log = logs / f"{len(list(logs.iterdir())):04}.log"
        asked = {"fork": [str(word) for word in words], "log": str(log), "env": {**os.environ}}
        life = Life(self, self.ask(**asked) or 0)
        bot = Server("the bot", cast("subprocess.Popen[bytes]", life), log)
        try:
            if waits:
                bot.wait_for_port(made.web_port)
                bot.wait_for_port(made.desk_port)
            yield Running(bot, clock_file, commits_file)
        finally:
            if ends_politely:
                bot.stop()
            life.kill()
            life.wait()

    def ask(self, **question: Any) -> int | None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the nursery is gone"
        found: int | None = json.loads(answer)
        return found


@contextmanager
def running(
    made: Whole,
    *,
    kill_before_commit: int | None = None,
    kill_after_commit: int | None = None,
    is_verbose: bool = False,
) -> Iterator[Running]:
    """As `server.running`, out of the one nursery that this process has."""
    with the_nursery().running(
        made,
        kill_before_commit=kill_before_commit,
        kill_after_commit=kill_after_commit,
        is_verbose=is_verbose,
        ends_politely=True,
    ) as bot:
        yield bot


@cache
def the_nursery() -> Nursery:
    """The one of this process, begun when somebody asks for it. Whoever may have asked ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.whole.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "TMPDIR": TEMP},
        start_new_session=True,
    )
    return Nursery(process)


def end_the_nursery() -> None:
    """End it, if there is one; no life outlives it."""
    if the_nursery.cache_info().currsize:
        process = the_nursery().process
        the_nursery.cache_clear()
        process.communicate()  # the end of its input is its end
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


# --- in the nursery -------------------------------------------------------------------------------


def main() -> None:
    # The program loads a platform's library when it switches the platform on: here, once for all.
    importlib.import_module("bot.channels.line")
    importlib.import_module("bot.channels.telegram")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_rehearsed(Path(folder)))
    gc.collect()
    gc.freeze()  # a life's collector need not walk, and so copy, what all of them share
    assert threading.active_count() == 1, "a fork would have one of these threads' locks for ever"
    lives: set[int] = set()
    try:
        for line in sys.stdin:
            question = json.loads(line)
            if "fork" in question:
                answer = _fork(question)
                lives.add(answer)
                print(answer, flush=True)
            else:
                code = _ended(question["wait"])
                if code is not None:
                    lives.discard(question["wait"])
                print(json.dumps(code), flush=True)
    finally:
        for pid in lives:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


async def _rehearsed(folder: Path) -> None:
    """What a program looks up once in its life is looked up before it forks."""
    async with app.opened(load(make(folder / "deployment").config)):
        pass


def _fork(question: dict[str, Any]) -> int:
    """The pid of a new life; the child never returns from here."""
    pid = os.fork()
    if pid:
        with contextlib.suppress(PermissionError, ProcessLookupError):  # it was quicker
            os.setpgid(pid, pid)
        return pid
    try:
        os.setpgid(0, 0)
        _live(question)
    except BaseException as error:
        print(f"the life ended with {type(error).__name__}: {error}", file=sys.stderr)
        os._exit(1)
    os._exit(0)


def _live(question: dict[str, Any]) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    out = os.open(question["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number, target in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(number, target)
    os.environ.clear()
    os.environ.update(question["env"])
    tempfile.tempdir = None  # as the environment has it now
    sys.argv = ["server", *question["fork"]]
    server.main()


def _ended(pid: int) -> int | None:
    """The exit code of a life as Popen has it (negative: killed by that signal), once it ended.
    Whatever it started itself goes with it."""
    if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return None
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # its number is still its own
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main()
