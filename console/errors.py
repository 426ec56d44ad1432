"""What can go wrong, sorted by whose fault it is.

    ConsoleError
    ├── Mistaken      the officer asked for something that cannot be done (exit 2)
    ├── Unreachable   the desk or the disk did not answer: try again (exit 3)
    ├── Refused       the desk said no (exit 4)
    │   └── Waits     it is recorded, and a second officer must agree first
    └── Distrusted    something does not verify: nothing of it was used (exit 5)

An error carries a key of `words/*.toml` and its parameters, never a traceback for people and
never a word of a tip, a passphrase or a key.
"""


class ConsoleError(Exception):
    """A plain sentence for the officer: *key* names it, *params* fill it in."""

    exit_code = 1

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


class Mistaken(ConsoleError):
    exit_code = 2


class Unreachable(ConsoleError):
    exit_code = 3


class Refused(ConsoleError):
    exit_code = 4


class Waits(Refused):
    """Nothing went wrong: what was asked for goes on when somebody else has agreed."""


class Distrusted(ConsoleError):
    exit_code = 5
