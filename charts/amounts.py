"""What can be drawn: a number, an amount that is not told, or nothing known."""

import math
from dataclasses import dataclass

AT_MOST = 10**12
"""More than this is drawn as this much; what is said of it stays true ("≥ …")."""


@dataclass(frozen=True, slots=True)
class Under:
    """An amount that is not told: fewer than *below*."""

    below: int


Amount = int | float | Under | None
"""None: nothing is known, which is not nought."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An amount of something that has a name. *says* stands for the number where it says more. One
    that *is_mixed* is of several things that are not told apart."""

    label: str
    amount: Amount
    says: str = ""
    is_mixed: bool = False

    @property
    def is_untold(self) -> bool:
        return self.is_mixed or isinstance(self.amount, Under)


@dataclass(frozen=True, slots=True)
class Column:
    """One month (or another step of time): *label* under it, *era* where a new one begins, and an
    amount for each series."""

    label: str
    era: str
    amounts: tuple[Amount, ...]


def drawn(amount: Amount) -> float:
    """How far an *amount* reaches, never less than nought."""
    if isinstance(amount, Under):
        return _within(amount.below)
    return 0 if amount is None else _within(amount)


def known(amount: Amount) -> bool:
    """Whether *amount* is a number that can be said."""
    return amount is not None and not isinstance(amount, Under) and math.isfinite(_real(amount))


def said(amount: Amount) -> str:
    """An *amount* in figures, the same in every language: 1,234; 2.5; <10; –."""
    if isinstance(amount, Under):
        return f"<{_number(_within(amount.below))}"
    if amount is None or not known(amount):
        return "–"
    if amount > AT_MOST:
        return f"≥ {_number(AT_MOST)}"
    return _number(_within(amount))


def _number(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"


def _within(number: float) -> float:
    if not math.isfinite(_real(number)):
        return 0
    return min(max(number, 0), AT_MOST)


def _real(number: float) -> float:
    """A whole number too large for a float is as good as endless here, but a number."""
    return min(number, AT_MOST) if isinstance(number, int) else number
