"""Alerts to a program: counts as JSON, signed as Standard Webhooks says, never redirected."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.alerts.counting import Told
from bot.alerts.sending import Alert, Later, NeverTaken
from bot.alerts.webhook import Receiver, WebhookAlerts, signature
from bot.errors import Unavailable
from tests.bot.fake_clock import FakeClock
from tests.fakes.line import FakeLine
from tests.fakes.line.server import listening

SECRET = "whsec_" + base64.b64encode(b"canary secret of 24 bytes").decode()


@dataclass
class Hearer:
    """A program that hears webhooks."""

    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.heard.append((dict(request.headers), await request.body()))
        headers = {"location": "http://127.0.0.1:1/elsewhere"} if self.status == 302 else {}
        await Response(status_code=self.status, headers=headers)(scope, receive, send)


@pytest.fixture
def hearer() -> Hearer:
    return Hearer()


@pytest.fixture
async def receiver(hearer: Hearer) -> AsyncIterator[Receiver]:
    async with listening(FakeLine(), lambda *_: hearer) as url:
        yield Receiver(f"{url}/hook?key=canary", "kkn", SECRET)


def an_alert(receiver: Receiver) -> Alert:
    return Alert("ab" * 16, receiver.way, (Told("kkn", 3, 1, 0, 0, 2),), "th")


async def test_counts_arrive_signed_over_id_time_and_body(
    receiver: Receiver, hearer: Hearer
) -> None:
    clock = FakeClock()
    async with WebhookAlerts([receiver], clock) as hooks:
        await hooks.send(an_alert(receiver))
    ((headers, body),) = hearer.heard
    assert json.loads(body) == {
        "type": "alert",
        "centres": [
            {
                "centre": "kkn", "new": 3, "urgent": 1, "answers": 0, "applications": 0,
                "nearest_days": 2,
            }
        ],
    }  # fmt: skip
    assert headers["webhook-id"] == "ab" * 16
    assert headers["webhook-timestamp"] == str(int(clock.now_s()))
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(b"canary secret of 24 bytes", said, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()


def test_the_signature_is_that_of_the_specifications_example() -> None:
    """Standard Webhooks' reference libraries test with these."""
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_without_the_prefix_is_taken_as_it_stands() -> None:
    mac = hmac.new(b"plain-secret", b"id.5.{}", hashlib.sha256).digest()
    assert signature("plain-secret", "id", 5, b"{}") == "v1," + base64.b64encode(mac).decode()


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, Unavailable), (404, Unavailable), (302, Unavailable), (410, NeverTaken), (429, Later)],
)
async def test_answers_are_told_apart_and_no_redirect_is_followed(
    status: int, error: type[Exception], receiver: Receiver, hearer: Hearer
) -> None:
    hearer.status = status
    async with WebhookAlerts([receiver], FakeClock()) as hooks:
        with pytest.raises(error) as caught:
            await hooks.send(an_alert(receiver))
    assert len(hearer.heard) == 1
    assert "canary" not in repr(caught.value) + str(caught.value)


async def test_a_receiver_that_is_away_is_tried_again() -> None:
    receiver = Receiver("http://127.0.0.1:1/hook", "kkn", SECRET)
    async with WebhookAlerts([receiver], FakeClock()) as hooks:
        with pytest.raises(Unavailable):
            await hooks.send(an_alert(receiver))


async def test_a_receiver_that_was_taken_out_is_sent_nothing(receiver: Receiver) -> None:
    async with WebhookAlerts([], FakeClock()) as hooks:
        with pytest.raises(NeverTaken):
            await hooks.send(an_alert(receiver))


def test_neither_address_nor_secret_shows(receiver: Receiver) -> None:
    assert "canary" not in repr(receiver) + receiver.way
