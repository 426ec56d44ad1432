"""Running the real programs: commands that end, and servers that are ended.

Laws: every process that was started is gone when its `with` block is left, however that happens;
each has a group of its own, so that Ctrl-C reaches the demo first and the demo ends the others.
"""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.errors import DemoFailed

COMMAND_AT_MOST_S = 120.0
READY_AT_MOST_S = 60.0
STOP_AT_MOST_S = 10.0
SHOWN_LINES = 12
PORTS = range(20_000, 32_000)
_POLL_S = 0.02


def program(name: str) -> str:
    """The installed command *name* of this virtual environment. Raises DemoFailed."""
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        raise DemoFailed(f"{name} is not installed here. Run: make setup")
    return str(path)


def run(
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    given: str | None = None,
    allowed: Sequence[int] = (0,),
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. Raises DemoFailed with what it printed when it fails."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            input=given if given is not None else "",
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, **(env or {})},
            timeout=COMMAND_AT_MOST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DemoFailed(f"{_shown(words)} did not end in {COMMAND_AT_MOST_S:.0f} s.") from None
    if done.returncode not in allowed:
        raise DemoFailed(
            f"{_shown(words)} ended with {done.returncode}:", _last(done.stderr or done.stdout)
        )
    return done


def free_ports(many: int, among: Iterable[int] | None = None) -> tuple[int, ...]:
    """*many* different ports of this machine that nothing listens on now: the first free ones
    *among* these, or else any of PORTS. Raises DemoFailed.

    PORTS lie below those that outgoing connections get by themselves (from 32768 on Linux): one
    of these could take a port before the server does.
    """
    found: list[int] = []
    with contextlib.ExitStack() as held:  # until all are found, so that none is found twice
        for port in among or random.sample(PORTS, 100):
            probe = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == many:
                return tuple(found)
    raise DemoFailed("This machine has no port free.")


@dataclass(frozen=True, slots=True)
class Server:
    """A program that runs until it is ended; what it prints goes to *log*."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def printed(self) -> str:
        """Everything it printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def check_alive(self) -> None:
        """Raise DemoFailed when it has ended by itself."""
        code = self.process.poll()
        if code is not None:
            raise DemoFailed(f"{self.name} ended by itself with {code}:", _last(self.printed()))

    def wait_for_port(self, port: int) -> None:
        """Return when it takes connections on *port*. Raises DemoFailed."""
        until = time.monotonic() + READY_AT_MOST_S
        while time.monotonic() < until:
            self.check_alive()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
                return
            time.sleep(_POLL_S)
        raise DemoFailed(
            f"{self.name} did not answer within {READY_AT_MOST_S:.0f} s:", _last(self.printed())
        )

    def stop(self) -> None:
        """End it politely, then for good."""
        if self.process.poll() is not None:
            return  # its number may be another program's by now
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_AT_MOST_S)
        # Whatever it started itself is in its group and goes with it.
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


@contextmanager
def serving(
    name: str, command: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server that runs as long as the block."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            start_new_session=True,
        )
    server = Server(name, process, log)
    try:
        yield server
    finally:
        server.stop()


def _last(text: str) -> list[str]:
    return text.strip().splitlines()[-SHOWN_LINES:]


def _shown(words: Sequence[str]) -> str:
    return " ".join((Path(words[0]).name, *words[1:4]))
