"""What every command shares: the officer's folder, the language, how to print, how to ask.

Nothing of a tip is printed without `calm`: whoever writes a tip must not write to the terminal.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.text import Text

from console.calm import calm, calm_json
from console.errors import ConsoleError, Mistaken
from console.folder import Folder
from console.keyring import open_key_file, unlock
from console.office import Office, working
from console.passphrase import Passphrase, asked_passphrase, given_passphrase
from console.present import explain
from console.words import Words
from sealing import OfficerKeys, generate_passphrase

PASSPHRASE_AT_LEAST = 12
GENERATED_BITS = 80
PLAIN_WIDTH = 160

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shell:
    """One run of the program. *log_n* is the scrypt cost of key files made in it."""

    home: Path
    words: Words
    passphrase_file: Path | None
    log_n: int
    out: Console = field(repr=False)
    err: Console = field(repr=False)

    @property
    def folder(self) -> Folder:
        return Folder(self.home)

    def say(self, key: str, /, **params: object) -> str:
        return self.words.say(key, **params)

    def print(self, text: str = "", style: str = "") -> None:
        """One line or more to the terminal, made calm."""
        self.out.print(Text(calm(text), style=style), soft_wrap=True)

    def tell(self, text: str, style: str = "dim") -> None:
        """Beside the answer: progress, warnings, hints."""
        self.err.print(Text(calm(text), style=style), soft_wrap=True)

    def json(self, value: object) -> None:
        typer.echo(calm_json(value))

    def unlock(self) -> OfficerKeys:
        folder = self.folder
        folder.settings()  # a missing folder is said before a passphrase is asked for
        self.warn_if_open(folder.path)
        return unlock(folder, self.passphrase())

    def passphrase(self) -> Passphrase:
        return asked_passphrase(self.passphrase_file, self.ask_passphrase)

    def open_file(
        self,
        path: Path,
        missing: str,
        open_one: Callable[[bytes, str], T],
        *,
        passphrase_file: Path | None = None,
    ) -> T:
        """The key file at *path*, its passphrase asked for. *missing* says that there is none.

        Where two key files are at work, the second has a passphrase file of its own.
        """
        try:
            raw = path.read_bytes()
        except OSError:
            raise Mistaken(missing, path=path) from None
        passphrase = asked_passphrase(passphrase_file or self.passphrase_file, self.ask_passphrase)
        return open_key_file(raw, passphrase, open_one)

    def ask_passphrase(self) -> str:
        return self.ask("passphrase.ask", hidden=True)

    def new_passphrase(self, *, is_generated: bool = False) -> Passphrase:
        """A passphrase for a new key file: from a file, generated and shown once, or typed
        twice.
        """
        given = None if is_generated else given_passphrase(self.passphrase_file)
        typed = given.reveal() if given else "" if is_generated else self._typed_twice()
        if not typed:
            typed = generate_passphrase()
            self.tell(self.say("passphrase.generated", bits=GENERATED_BITS), "bold")
            self.tell(f"    {typed}", "bold")
        if len(typed) < PASSPHRASE_AT_LEAST:
            raise Mistaken("passphrase.weak", n=PASSPHRASE_AT_LEAST)
        return Passphrase(typed)

    def ask(self, key: str, *, hidden: bool = False, default: str | None = None) -> str:
        """Ask one line of the person. Nobody there to answer is an empty answer."""
        try:
            answer = typer.prompt(
                self.say(key),
                hide_input=hidden,
                default=default,
                show_default=False,
                err=True,
            )
        except typer.Abort:
            return ""
        return str(answer)

    def confirm(self, key: str) -> bool:
        try:
            return typer.confirm(self.say(key), err=True)
        except typer.Abort:
            return False

    def at_work(self, work: Callable[[Office], Awaitable[T]]) -> T:
        """Unlock the keys, go to the desk, do *work*."""
        keys = self.unlock()

        async def run() -> T:
            async with working(self.folder, keys) as office:
                return await work(office)

        return asyncio.run(run())

    def explain(self, error: ConsoleError) -> str:
        return calm(explain(self.words, error))

    def warn_if_open(self, path: Path) -> None:
        try:
            is_open = path.stat().st_mode & 0o077
        except OSError:
            return
        if is_open:
            self.tell(self.say("folder.open_to_others", path=path), "yellow")

    def _typed_twice(self) -> str:
        first = self.ask("passphrase.new", hidden=True, default="")
        if first and self.ask("passphrase.repeat", hidden=True, default="") != first:
            raise Mistaken("passphrase.differ")
        return first


def shell_of(context: typer.Context) -> Shell:
    shell = context.obj
    if not isinstance(shell, Shell):
        raise AssertionError("a command runs with a shell")
    return shell
