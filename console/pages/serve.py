"""Serving the pages: a socket on 127.0.0.1, a browser in a private profile, and the end of
both.

The profile lies in a temporary folder that goes with the browser; pages are no-store, so what
it may leave there is its own settings.
"""

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from console.errors import Unreachable
from console.folder import Folder, why
from console.pages.app import Window, make_pages
from console.words import Words

ADDRESS = "127.0.0.1"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "brave-browser", "microsoft-edge")
FIREFOX = ("firefox", "firefox-esr")
BROWSER_ENDS_S = 5.0


def serve(
    folder: Folder,
    words: Words,
    *,
    port: int,
    idle_s: float | None,
    with_browser: bool,
    tell: Callable[[str, str | None], None],
) -> None:
    """Serve until stopped. *tell* is given the address, and the browser's name if one was
    started.
    """
    with listening(port) as listener:
        host = f"{ADDRESS}:{listener.getsockname()[1]}"
        window = Window.opened(folder, words, idle_s)
        address = f"http://{host}/enter/{window.key.entry}"
        with browser(address) if with_browser else contextlib.nullcontext() as name:
            tell(address, name)
            asyncio.run(run(window, listener))


class _Server(uvicorn.Server):
    """Ends on Ctrl-C and SIGTERM without raising them again: the browser must be closed
    afterwards.
    """

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Windows' loop takes no handler, and no loop takes one outside the main thread: there
            # Ctrl-C ends the program as it ends any other.
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, self._end)
        yield

    def _end(self) -> None:
        self.should_exit = True


async def run(window: Window, listener: socket.socket) -> None:
    """The pages on *listener*; the keys are forgotten when it ends."""
    host = f"{ADDRESS}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        make_pages(window, host),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    async with asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(window.room.lock_when_idle())
        try:
            await _Server(config).serve(sockets=[listener])
        finally:
            watch.cancel()


@contextlib.contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """A socket on this machine only; port 0 takes a free one."""
    # Named as TCP: only then does asyncio send small answers at once, and not 40 ms later, when the
    # browser has acknowledged the head.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        try:
            listener.bind((ADDRESS, port))
            listener.listen()
        except OSError as error:
            raise Unreachable("page.no_port", port=port, why=why(error)) from None
        yield listener


@contextlib.contextmanager
def browser(address: str) -> Iterator[str | None]:
    """A browser window on *address* in a profile of its own, both gone at the end; None when
    none is found.
    """
    with tempfile.TemporaryDirectory(prefix="saisaat-", ignore_cleanup_errors=True) as profile:
        Path(profile).chmod(0o700)
        command = browser_command(address, profile)
        if command is None:
            yield None
            return
        with subprocess.Popen(  # noqa: S603  # a browser found on the PATH, and an address of ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield Path(command[0]).name
            finally:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(BROWSER_ENDS_S)
                process.kill()


def browser_command(
    address: str, profile: str, which: Callable[[str], str | None] = shutil.which
) -> list[str] | None:
    """How to start the first browser that is installed, privately."""
    for name in CHROMIUM:
        path = which(name)
        if path:
            return [
                path,
                f"--user-data-dir={profile}",
                "--incognito",
                "--no-first-run",
                "--no-default-browser-check",
                "--disable-sync",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-extensions",
                "--disk-cache-size=1",
                address,
            ]
    for name in FIREFOX:
        path = which(name)
        if path:
            return [path, "--no-remote", "--profile", profile, "--private-window", address]
    return None
