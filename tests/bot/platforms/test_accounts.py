"""Asking a platform: every answer has a meaning, and no error carries a token."""

import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.config_sections import Line, Telegram
from bot.platforms import (
    Declined,
    LineAccount,
    PlatformError,
    TelegramAccount,
    TokenRefused,
    Unreachable,
)
from tests.bot.platforms.canned import Canned, canned

TOKEN = "1234567890:canary-token-of-the-bot-abcdef"
ACCESS = "canary-access-token"
SECRET = "canary-channel-secret"
ME = f"POST /bot{TOKEN}/getMe"
INFO = "GET /v2/bot/info"


@pytest.fixture
def server() -> Iterator[Canned]:
    with canned() as told:
        yield told


def telegram(url: str) -> TelegramAccount:
    return TelegramAccount(Telegram(token=SecretStr(TOKEN), api_url=url))


def line(url: str) -> LineAccount:
    section = Line(
        channel_secret=SecretStr(SECRET), channel_access_token=SecretStr(ACCESS),
        api_url=url, data_api_url=url,
    )  # fmt: skip
    return LineAccount(section)


def error_of_telegram(server: Canned, status: int, body: object) -> PlatformError:
    server.answers[ME] = (status, body)
    with telegram(server.url) as account, pytest.raises(PlatformError) as caught:
        account.facts("getMe")
    return clean(caught.value)


def error_of_line(server: Canned, status: int, body: object) -> PlatformError:
    server.answers[INFO] = (status, body)
    with line(server.url) as account, pytest.raises(PlatformError) as caught:
        account.info()
    return clean(caught.value)


def clean(error: PlatformError) -> PlatformError:
    assert "canary" not in str(error) + repr(error) + repr(error.args)
    assert error.__context__ is None, "the client's error holds the request, and so the token"
    assert error.fix
    return error


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"ok": False, "description": "Unauthorized"}, TokenRefused),
        (404, {"ok": False, "description": "Not Found"}, TokenRefused),
        (404, {"ok": False, "description": "Not Found: method not found"}, Declined),
        (404, b"<html>not found</html>", Unreachable),
        (400, {"ok": False, "description": f"Bad Request: {TOKEN}"}, Declined),
        (429, {"ok": False, "parameters": {"retry_after": 7}}, Unreachable),
        (502, b"bad gateway", Unreachable),
        (502, {"ok": False}, Unreachable),
        (200, b"", Unreachable),
        (200, [], Unreachable),
        (200, {"ok": True, "result": True}, Unreachable),
        (200, b"[" * 100_000, Unreachable),
        (302, b"", Unreachable),
    ],
)
def test_each_answer_of_telegram_has_its_meaning(
    status: int, body: object, kind: type[PlatformError], server: Canned
) -> None:
    assert type(error_of_telegram(server, status, body)) is kind


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"message": "Authentication failed"}, TokenRefused),
        (403, {"message": "Not available on this plan"}, Declined),
        (400, {"message": "bad", "details": [{"message": ACCESS}, 3]}, Declined),
        (400, b"rubbish", Unreachable),
        (429, {"message": "limit"}, Unreachable),
        (500, {"message": "x"}, Unreachable),
        (200, b"rubbish", Unreachable),
        (200, [1], Unreachable),
    ],
)
def test_each_answer_of_line_has_its_meaning(
    status: int, body: object, kind: type[PlatformError], server: Canned
) -> None:
    assert type(error_of_line(server, status, body)) is kind


def test_what_the_platform_says_is_kept_on_one_line_without_our_secrets(server: Canned) -> None:
    said = f"Bad\nRequest: \x1b[31m{TOKEN} {'x' * 1000}"
    error = error_of_telegram(server, 400, {"ok": False, "description": said})
    assert "Bad Request: " in error.says
    assert "\x1b" not in error.says
    assert "\n" not in error.says
    assert len(error.says) < 400


def test_a_platform_that_is_not_there_is_said_without_its_address_or_token() -> None:
    with canned() as gone:
        pass
    for account, ask in (
        (telegram(gone.url), lambda it: it.facts("getMe")),
        (line(gone.url), lambda it: it.info()),
    ):
        with account, pytest.raises(Unreachable) as caught:
            ask(account)
        assert "127.0.0.1 does not answer (ConnectError)" in clean(caught.value).says


def test_a_server_beside_us_is_not_asked_through_a_proxy(
    server: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    server.answers[INFO] = (200, {"basicId": "@x"})
    with line(server.url) as account:
        assert account.info()["basicId"] == "@x"


def test_an_account_never_shows_its_token(server: Canned) -> None:
    with telegram(server.url) as bot, line(server.url) as account:
        assert "canary" not in repr(bot) + repr(account)


def test_an_endless_answer_is_not_read_to_its_end(server: Canned) -> None:
    error = error_of_telegram(server, 200, b"1" * (3 * 1024 * 1024))
    assert isinstance(error, Unreachable)


@pytest.mark.parametrize(("ahead_s", "about"), [(0, 0), (-90, 90), (3600, -3600)])
def test_our_clock_is_compared_with_the_platforms(ahead_s: int, about: int, server: Canned) -> None:
    server.date_s = time.time() + ahead_s
    server.answers[INFO] = (200, {"basicId": "@x"})
    with line(server.url) as account:
        account.info()
        assert account.skew_s is not None
        assert abs(account.skew_s - about) < 20


def test_a_platform_that_tells_no_time_is_no_evidence(server: Canned) -> None:
    server.answers[INFO] = (200, {"basicId": "@x"})
    with line(server.url) as account:
        account.info()
        assert account.skew_s is None
