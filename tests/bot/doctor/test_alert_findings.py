"""What the doctor says of alerts, asked over real HTTP and real SMTP; nothing is ever sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.config import load
from bot.doctor import Finding, State
from bot.doctor.alerts import EMAIL, LINE, TELEGRAM, alerts
from bot.doctor.secret_places import secret_places
from tests.bot.alerts.mail_server import Mailbox, mail_server
from tests.bot.setup.accounts import change, deployed, put_secret
from tests.fakes.line import FakeLine
from tests.fakes.telegram import FakeTelegram

Look = Callable[[Path], "asyncio.Future[dict[str, Finding]]"]


async def looked(
    path: Path, context: Callable[[], ssl.SSLContext] = ssl.create_default_context
) -> dict[str, Finding]:
    found = await asyncio.to_thread(lambda: list(alerts(load(path), context)))
    assert "canary" not in repr(found).replace("@canary", ""), "a secret shows"
    return {each.check: each for each in found if each.state is not State.OK}


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram.serving() as serving:
        yield serving


async def test_without_any_way_it_is_said_that_nobody_hears(tmp_path: Path) -> None:
    (found,) = alerts(load(deployed(tmp_path)))
    assert found.state is State.OK
    assert "no officer hears" in found.says


async def test_a_good_telegram_bot_is_fine_and_is_sent_nothing(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    path = deployed(tmp_path)
    change(path, r'api_url = "https://api.telegram.org"', f'api_url = "{telegram.api_url}"')
    put_secret(path, "alerts-telegram-token", telegram.token)
    telegram.profile.me["can_join_groups"] = False
    assert await looked(path) == {}
    telegram.profile.me["can_join_groups"] = True
    assert "group" in (await looked(path))[TELEGRAM].says
    assert telegram.called("sendMessage", "getUpdates") == []


async def test_a_token_that_telegram_does_not_know_is_a_problem(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    path = deployed(tmp_path)
    change(path, r'api_url = "https://api.telegram.org"', f'api_url = "{telegram.api_url}"')
    put_secret(path, "alerts-telegram-token", "1234567890:canary-other-token-abcdefghij")
    assert (await looked(path))[TELEGRAM].state is State.PROBLEM


async def test_a_line_account_whose_webhook_leads_elsewhere_is_a_problem(tmp_path: Path) -> None:
    async with FakeLine.opened() as line:
        path = deployed(tmp_path)
        change(path, r'api_url = "https://api.line.me"', f'api_url = "{line.api_url}"')
        change(
            path, r'data_api_url = "https://api-data.line.me"', f'data_api_url = "{line.data_url}"'
        )
        put_secret(path, "alerts-line-channel-secret", line.channel_secret)
        put_secret(path, "alerts-line-access-token", line.access_token)
        line.webhook_url = "https://chat.example.go.th/line/webhook"
        found = await looked(path)
        assert "/line/officers/webhook" in found[LINE].fix
        assert found[LINE].state is State.PROBLEM


def with_mail(path: Path, box: Mailbox, tls: str, host: str = "localhost") -> Path:
    change(path, r'# host = "mail.example.go.th"', f'host = "{host}"')
    change(path, r'# sender = "alerts@example.go.th"', 'sender = "alerts@example.go.th"')
    change(path, "port = 465", f"port = {box.port}")
    change(path, r'tls = "tls"', f'tls = "{tls}"')
    return path


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_a_mail_server_is_asked_for_its_certificate_and_sent_nothing(
    tls: str, tmp_path: Path
) -> None:
    (tmp_path / "mail").mkdir()  # before anything runs
    with mail_server(tmp_path / "mail", is_tls=tls == "tls") as box:
        path = with_mail(deployed(tmp_path), box, tls)
        assert await looked(path, box.trusting) == {}
        stranger = (await looked(path))[EMAIL]
        assert stranger.state is State.PROBLEM
        assert "certificate" in stranger.says
        assert box.got == []


async def test_the_wrong_way_to_encrypt_is_named_with_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()  # before anything runs
    with mail_server(tmp_path / "mail", is_tls=False) as box:
        path = with_mail(deployed(tmp_path), box, "tls")
        found = (await looked(path, box.trusting))[EMAIL]
        assert found.state is State.PROBLEM
        assert "587" in found.fix


async def test_a_mail_server_that_is_away_is_no_fault(tmp_path: Path) -> None:
    path = with_mail(deployed(tmp_path), Mailbox(port=1), "tls")
    assert (await looked(path))[EMAIL].state is State.WARNING


def test_a_password_in_the_configuration_is_pointed_out(tmp_path: Path) -> None:
    path = deployed(tmp_path)
    change(path, r'# user = "alerts"', 'user = "alerts"')
    change(path, r'# password = "…"', 'password = "canary password"')
    change(path, r'# telegram_token = "0000000000:…"', 'telegram_token = "123:canary-token"')
    path.chmod(0o600)
    said = [each.says for each in secret_places(path, load(path))]
    assert [each.partition(" is written")[0] for each in said] == [
        "[alerts] telegram_token", "[alerts.email] password",
    ]  # fmt: skip
    assert "canary" not in repr(said)
