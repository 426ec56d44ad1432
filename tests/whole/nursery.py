"""Many lives of the real bot at the price of one start: a process that has loaded it, and forks.

    with nursery() as nursery:
        with nursery.running(made, kill_after_commit=12) as bot: ...    as `server.running`

Loading the program takes most of a start, and a crash test starts it a hundred times. So one
process loads it, opens nothing, runs no thread, and forks a child for each life; the child is a
process of its own in every respect, goes through `server.main`, and dies by SIGKILL like any other.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from deploy.demo.programs import Server
from tests.whole import server
from tests.whole.deployment import Whole
from tests.whole.server import ROOT, Running

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
        waits: bool = True,
    ) -> Iterator[Running]:
        """As `server.running`, begun by a fork."""
        logs = made.folder / "logs"
        logs.mkdir(exist_ok=True)
        clock_file, commits_file = made.clock_file, made.folder / "commits"
        commits_file.unlink(missing_ok=True)
        words = ["--config", made.config, "--clock-file", clock_file]
        words += ["--commits-file", commits_file]
        for name, number in (("before", kill_before_commit), ("after", kill_after_commit)):
            if number is not None:
                words += [f"--kill-{name}-commit", str(number)]
        log = logs / f"{len(list(logs.iterdir())):04}.log"
        life = Life(self, self.ask(fork=[str(word) for word in words], log=str(log)) or 0)
        bot = Server("the bot", cast("subprocess.Popen[bytes]", life), log)
        try:
            if waits:
                bot.wait_for_port(made.web_port)
                bot.wait_for_port(made.desk_port)
            yield Running(bot, clock_file, commits_file)
        finally:
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
def nursery() -> Iterator[Nursery]:
    """A nursery as long as the block; no life outlives it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.whole.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    try:
        yield Nursery(process)
    finally:
        process.communicate()  # the end of its input is its end
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


# --- in the nursery -------------------------------------------------------------------------------


def main() -> None:
    # The program loads a platform's library when it switches the platform on: here, once for all.
    importlib.import_module("bot.channels.line")
    importlib.import_module("bot.channels.telegram")
    lives: set[int] = set()
    try:
        for line in sys.stdin:
            question = json.loads(line)
            answer = _fork(question) if "fork" in question else _ended(question["wait"])
            if "fork" in question:
                lives.add(answer or 0)
            elif answer is not None:
                lives.discard(question["wait"])
            print(json.dumps(answer), flush=True)
    finally:
        for pid in lives:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _fork(question: dict[str, Any]) -> int:
    """The pid of a new life; the child never returns from here."""
    pid = os.fork()
    if pid:
        return pid
    try:
        _live(question["fork"], Path(question["log"]))
    except BaseException as error:
        print(f"the life ended with {type(error).__name__}: {error}", file=sys.stderr)
        os._exit(1)
    os._exit(0)


def _live(words: list[str], log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number, target in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(number, target)
    sys.argv = ["server", *words]
    server.main()


def _ended(pid: int) -> int | None:
    """The exit code of a life as Popen has it (negative: killed by that signal), once it ended."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


if __name__ == "__main__":
    main()
