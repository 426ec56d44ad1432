"""Nothing of a person, and no secret of ours, is in a log line or an error, even at DEBUG."""

import logging
import traceback

import pytest

from bot.channels.line import LineRules
from bot.channels.line.reading import read_event
from bot.channels.line.tokens import Token
from bot.errors import Unavailable
from bot.turn import Inbound
from tests.bot.line.line_room import (
    CARD,
    LOST,
    RECEIPT,
    StandIn,
    ask,
    opened_room,
    parcel,
    receipt,
    until,
)
from tests.fakes.line import Fault

WORDS = "canary คำที่เล่า 0812345678"


@pytest.fixture
def all_told(taken_over: None) -> None:
    """The platform's own libraries say all they can, too."""
    for name in ("linebot.v3.messaging.async_rest", "aiohttp.client", "aiohttp.server"):
        logging.getLogger(name).setLevel(logging.DEBUG)


async def test_nothing_secret_is_in_the_log_whatever_goes_wrong(
    all_told: None, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(inbound: Inbound) -> None:
        if len(turns.begun) % 3 == 0:
            raise RuntimeError(WORDS + inbound.person)
        if len(turns.begun) % 3 == 1:
            raise Unavailable("the database is away")

    turns = StandIn(fail)
    raised: list[BaseException] = []
    async with opened_room(LineRules(call_s=0.2, again_after_s=0), turns) as room:
        platform, person = room.platform, room.person
        platform.faults.slow_s = 0.4
        for fault in (None, *Fault):
            await person.says(WORDS)
            await person.sends_photo(b"photo")
            if fault is not None:
                platform.faults.next(fault, path="message/")
            for batch in ((parcel(CARD), receipt(), parcel(ask())), (parcel(LOST),)):
                try:
                    await room.deliver(*batch)
                except Exception as error:
                    raised.append(error)
            try:
                async with room.line.open(f'{{"message": "{person.chat[-1].message_id}"}}'):
                    pass
            except Exception as error:
                raised.append(error)
            platform.faults.stop()
        platform.quota.at_most = 0
        await until(lambda: turns.at_work == 0)
        for _ in range(9):
            try:
                await room.deliver(parcel(LOST))
            except Exception as error:
                raised.append(error)
        secrets = {*platform.secrets, WORDS, RECEIPT, "0812345678", platform.api_url}
    out, err = capsys.readouterr()
    assert '"line_event_failed"' in err
    assert '"line_quota_used_up"' in err
    assert len(raised) > 8
    for text in (out, err, *map(_told, raised)):
        shown = text + text.encode().decode("unicode_escape", errors="ignore")
        assert not [secret for secret in secrets if secret in shown]


def _told(error: BaseException) -> str:
    """What a traceback would print of *error* and of what led to it (our own code aside)."""
    led = "".join(traceback.format_exception_only(error))
    cause = error.__cause__
    return repr(error) + led + ("" if cause is None else repr(cause))


async def test_no_repr_shows_who_or_with_what(capsys: pytest.CaptureFixture[str]) -> None:
    async with opened_room() as room:
        event = room.platform.event(
            room.person.user_id,
            {"type": "message", "message": {"type": "text", "id": "5800", "text": WORDS}},
        )
        heard = read_event(event, "th")
        shown = repr(heard) + repr(Token(event["replyToken"], 0, 0.0)) + repr(room.line)
        secrets = {*room.platform.secrets, WORDS, "5800"}
        assert not [secret for secret in secrets if secret in shown]


def test_parts_hide_their_secrets() -> None:
    from bot.channels.line import LineParts
    from bot.clock import SystemClock

    parts = LineParts(StandIn(), SystemClock(), lambda: None, "canary-secret", "canary-token")  # type: ignore[arg-type,return-value]
    assert "canary" not in repr(parts)
