"""What every signed deed is checked for, whatever it is about: the signature and the day."""

from datetime import date

from bot.clock import DAY_MAY_DIFFER, Clock, today
from bot.desk.errors import BadShape, Forbidden
from sealing import Forged, Officer, Statement


def check_signature(officer: Officer, statement: Statement, signature: bytes) -> None:
    """Raises Forbidden unless *officer* signed exactly this."""
    try:
        officer.sign.verify(statement, signature)
    except Forged:
        raise Forbidden("signature", "The signature does not fit this change.") from None


def check_day(day: str, clock: Clock) -> None:
    """Raises BadShape for a deed that was not signed today."""
    if abs(date.fromisoformat(day) - today(clock)) > DAY_MAY_DIFFER:
        raise BadShape("wrong_day", "Your machine's date is wrong.", field="day")
