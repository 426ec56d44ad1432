"""What goes over the wire about an officer's own alerts."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.alerts.email import ADDRESS_AT_MOST, is_address
from bot.alerts.quiet import DAYS, Quiet
from bot.desk.fields import AnswerBody, Id, RequestBody

Language = Literal["th", "en"]
Chat = Literal["telegram", "line"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _hours(text: str) -> str:
    return Quiet(text).hours


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError("not an e-mail address")
    return text


Hours = Annotated[str, Field(max_length=11), AfterValidator(_hours)]
Address = Annotated[str, Field(min_length=3, max_length=ADDRESS_AT_MOST), AfterValidator(_address)]


class AskLink(RequestBody):
    """A link for one chat."""

    channel: Chat
    language: Language = "th"


class LinkAnswer(AnswerBody):
    """Good once, for so many seconds. Whoever opens it first is told of this officer's counts."""

    link: str
    expires_s: int


class AskMail(RequestBody):
    """Prove an address: a code is mailed to it."""

    address: Address
    language: Language = "th"


class MailedAnswer(AnswerBody):
    expires_s: int


class MailedCode(RequestBody):
    code: Annotated[str, Field(min_length=1, max_length=64)]


class NewWishes(RequestBody):
    """*hours* in quarters, like "20:00-07:00"; null: as the desk does for everybody. Urgent alerts
    come in quiet hours too if *breaks_quiet*."""

    hours: Hours | None = None
    days: Annotated[tuple[Day, ...], Field(max_length=len(DAYS))] = ()
    breaks_quiet: bool = False
    language: Language = "th"


class PlaceAnswer(AnswerBody):
    """One place where the officer is told. *shown* is a piece of an e-mail address, else empty."""

    binding_id: Id
    channel: str
    shown: str


class AlertsAnswer(AnswerBody):
    """The officer's own alerts. *hours* and *days* null: as *usual_hours* and *usual_days* say."""

    channels: tuple[str, ...]
    places: tuple[PlaceAnswer, ...]
    hours: str | None
    days: tuple[str, ...] | None
    breaks_quiet: bool
    language: str
    usual_hours: str
    usual_days: tuple[str, ...]


class TestedAnswer(AnswerBody):
    """To how many places a test is on its way."""

    places: int
