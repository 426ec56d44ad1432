"""What stands behind a button: the screen's nonce and the option's id, in at most 64 bytes.

A press must be understood after a restart, without a table of what was shown, so the id itself goes
along: it is short ASCII, and says no more to Telegram than the label on the same button. The nonce
is random and tells a stale press. A changed app may send anything at all: what is no token of ours
becomes a press on no screen, which the engine answers kindly.
"""

from handlers.effects import Ask, Option
from handlers.events import Choice

BETWEEN = ":"
NO_SCREEN = "-"
"""No nonce is ever this: nonces are hex, or "start"."""


def token(ask: Ask, option: Option) -> str:
    """The callback data of *option* on *ask*."""
    return f"{ask.screen}{BETWEEN}{option.id}"


def pressed(data: str) -> Choice:
    """What a press with *data* means."""
    screen, between, choice = data.partition(BETWEEN)
    if not between or not screen or not choice:
        return Choice(NO_SCREEN, NO_SCREEN)
    return Choice(screen, choice)
