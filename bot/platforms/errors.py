"""What can go wrong between us and a platform, by culprit. No text carries a token.

PlatformError
├── TokenRefused   the operator's: the platform does not know this token (any more)
├── Declined       ours or the operator's: the platform said no; its own words are kept
└── Unreachable    the world's: no answer, or none that the platform would give; try again later
"""

from bot.errors import BotError


class PlatformError(BotError):
    """Whatever a platform's account raises on purpose; `fix` says what to do."""

    def __init__(self, says: str, fix: str) -> None:
        self.says, self.fix = says, fix
        super().__init__(f"{says} {fix}")


class TokenRefused(PlatformError):
    """The platform does not accept the token."""


class Declined(PlatformError):
    """The platform refused what was asked."""


class Unreachable(PlatformError):
    """The platform did not answer, or asked for a pause."""
