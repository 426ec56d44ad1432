"""What the looks at LINE and Telegram share: how a failed question is told, whose clock is right.

A platform that cannot be reached is no fault of the deployment: it is said, and the rest goes on.
"""

from collections.abc import Callable, Iterator

from bot.doctor.findings import Finding
from bot.platforms import PlatformError, Unreachable

SKEW_AT_MOST_S = 30


def asking(check: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what *look* finds; when the platform does not answer or refuses, say that and stop."""
    try:
        yield from look()
    except Unreachable as error:
        yield Finding.warning(check, f"could not be asked: {error.says}", error.fix)
    except PlatformError as error:
        yield Finding.problem(check, error.says, error.fix)


def skew(name: str, skew_s: float | None) -> Iterator[Finding]:
    """Compare our clock with *name*'s, as told with its answers."""
    if skew_s is not None and abs(skew_s) > SKEW_AT_MOST_S:
        way = "ahead of" if skew_s > 0 else "behind"
        yield Finding.warning(
            "clock", f"is {abs(skew_s):.0f} seconds {way} that of {name}.",
            "Let the clock be kept right (timedatectl set-ntp true).",
        )  # fmt: skip
