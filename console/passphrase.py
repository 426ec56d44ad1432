"""Where the passphrase comes from: a prompt, or a file named on the command line or in the
environment.

Never from an argument: arguments are readable by every process of the machine and stay in shell
histories.
"""

import os
from collections.abc import Callable
from pathlib import Path

from console.errors import Mistaken
from console.folder import why

ENVIRONMENT = "SAISAAT_CONSOLE_PASSPHRASE_FILE"
AT_MOST_BYTES = 4096


class Passphrase:
    """A passphrase that no log or traceback shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Passphrase(…)"


def given_passphrase(file: Path | None) -> Passphrase | None:
    """The passphrase of *file* or of the environment's file (its first line), or None: ask the
    person.
    """
    named = file or (Path(os.environ[ENVIRONMENT]) if os.environ.get(ENVIRONMENT) else None)
    if named is None:
        return None
    try:
        with named.open("rb") as source:
            raw = source.read(AT_MOST_BYTES)
        text = raw.decode("utf-8").split("\n", 1)[0].rstrip("\r")
    except OSError as error:
        raise Mistaken("passphrase.unreadable", path=named, why=why(error)) from None
    except UnicodeDecodeError:
        raise Mistaken("passphrase.not_text", path=named) from None
    if not text:
        raise Mistaken("passphrase.empty")
    return Passphrase(text)


def asked_passphrase(file: Path | None, ask: Callable[[], str]) -> Passphrase:
    """The passphrase from a file if one is named, else from the person."""
    given = given_passphrase(file)
    if given is not None:
        return given
    text = ask()
    if not text:
        raise Mistaken("passphrase.empty")
    return Passphrase(text)
