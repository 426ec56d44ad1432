"""What the doctor says of LINE and Telegram, asked over real HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.config import load
from bot.doctor import Finding, State, examine
from bot.doctor.line import line as look_at_line
from bot.doctor.secret_places import secret_places
from bot.doctor.telegram import telegram as look_at_telegram
from bot.setup import fonts, set_up_line, set_up_telegram
from tests.bot.platforms.canned import canned
from tests.bot.setup.accounts import (
    HOOK,
    change,
    deployed,
    put_secret,
    saisaat,
    with_line,
    with_telegram,
)
from tests.fakes.line import FakeLine, Fault
from tests.fakes.telegram import FakeTelegram

TOKEN = "1234567890:canary-token-of-the-bot-abcdef"


class Reached(FakeLine):
    """A platform that reaches every webhook: no test has a certificate of its own."""

    async def ping(self) -> int | None:
        return 200


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram.serving() as serving:
        yield serving


@pytest.fixture
async def line() -> AsyncIterator[FakeLine]:
    async with Reached.opened() as serving:
        yield serving


async def of_telegram(path: Path) -> list[Finding]:
    return await asyncio.to_thread(lambda: list(look_at_telegram(load(path))))


async def of_line(path: Path) -> list[Finding]:
    return await asyncio.to_thread(lambda: list(look_at_line(load(path))))


def off(found: list[Finding]) -> dict[str, Finding]:
    """What is not fine, by check."""
    assert "canary" not in repr(found).replace("@canary", ""), "a secret shows"
    return {each.check: each for each in found if each.state is not State.OK}


async def set_up(path: Path, platform: str) -> None:
    work = set_up_line if platform == "line" else set_up_telegram
    assert await asyncio.to_thread(work, load(path), lambda _: None)


def on(line: FakeLine, path: Path) -> Path:
    with_line(path, line.api_url, line.data_url, line.channel_secret, line.access_token)
    return path


async def test_channels_that_are_off_are_said_to_be_and_ask_nobody(tmp_path: Path) -> None:
    path = deployed(tmp_path)
    for found in (await of_telegram(path), await of_line(path)):
        assert [each.state for each in found] == [State.OK]
        assert "is off" in found[0].says


# --- Telegram


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_bot_that_was_set_up_is_fine(
    mode: str, telegram: FakeTelegram, tmp_path: Path
) -> None:
    path = deployed(tmp_path)
    with_telegram(path, telegram.api_url, telegram.token, mode)
    await set_up(path, "telegram")
    telegram.calls.clear()
    found = await of_telegram(path)
    assert off(found) == {}
    assert "@saisaat_test_bot" in found[0].says
    assert all(each.method.startswith("get") for each in telegram.calls), "the doctor only looks"


async def test_a_bot_that_was_never_set_up_is_told(telegram: FakeTelegram, tmp_path: Path) -> None:
    path = deployed(tmp_path)
    with_telegram(path, telegram.api_url, telegram.token, "webhook")
    telegram.profile.me["can_join_groups"] = True
    found = await of_telegram(path)
    told = off(found)
    assert told["telegram webhook"].state is State.PROBLEM
    assert "saisaat setup telegram" in told["telegram webhook"].fix
    assert {each.fix[:14] for each in found if each.check == "telegram"} >= {"@BotFather: /s"}
    assert any("never set up" in each.says for each in found)


async def test_a_webhook_that_keeps_a_polling_bot_deaf(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    path = deployed(tmp_path)
    with_telegram(path, telegram.api_url, telegram.token, "webhook")
    await set_up(path, "telegram")
    change(path, 'mode = "webhook"', 'mode = "polling"')
    (tmp_path / "s" / "telegram-webhook-secret").unlink()
    told = off(await of_telegram(path))
    assert told["telegram webhook"].state is State.PROBLEM
    assert "polls hears nothing" in told["telegram webhook"].says


async def test_a_webhook_with_another_secret_or_fewer_kinds_is_told(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    path = deployed(tmp_path)
    with_telegram(path, telegram.api_url, telegram.token, "webhook")
    await set_up(path, "telegram")
    telegram.updates.webhook.allowed_updates = ["message"]
    assert "every kind" in off(await of_telegram(path))["telegram webhook"].says
    put_secret(path, "telegram-webhook-secret", HOOK + "x")
    assert "another secret" in off(await of_telegram(path))["telegram webhook"].says


async def test_messages_that_pile_up_and_a_failing_delivery_are_told(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    path = deployed(tmp_path)
    with_telegram(path, telegram.api_url, telegram.token)
    await set_up(path, "telegram")
    for _ in range(101):
        telegram.inject({"message": {"text": "x"}})
    telegram.updates.webhook.last_error = "Wrong response from the webhook: 502 Bad Gateway"
    found = [each for each in await of_telegram(path) if each.state is State.WARNING]
    assert any("101 messages wait" in each.says for each in found)
    assert any("502 Bad Gateway" in each.says for each in found)


async def test_a_wrong_telegram_token_is_a_problem(telegram: FakeTelegram, tmp_path: Path) -> None:
    path = deployed(tmp_path)
    with_telegram(path, telegram.api_url, TOKEN)
    told = off(await of_telegram(path))
    assert told["telegram"].state is State.PROBLEM
    assert "does not know this token" in told["telegram"].says


async def test_offline_is_said_and_is_no_problem(tmp_path: Path) -> None:
    with canned() as gone:
        pass
    path = deployed(tmp_path)
    with_telegram(path, gone.url, TOKEN)
    with_line(path, gone.url, gone.url, "canary-channel-secret", "canary-access-token")
    for name, found in (("telegram", await of_telegram(path)), ("line", await of_line(path))):
        told = off(found)
        assert told[name].state is State.WARNING
        assert "could not be asked" in told[name].says
        assert "internet" in told[name].fix


# --- LINE


async def test_an_account_that_was_set_up_is_fine_and_redelivery_is_brought_to_mind(
    line: FakeLine, tmp_path: Path
) -> None:
    path = on(line, deployed(tmp_path))
    await set_up(path, "line")
    line.calls.clear()
    found = await of_line(path)
    assert off(found) == {}
    (redelivery,) = [each for each in found if each.check == "line redelivery"]
    assert "“Webhook redelivery” on" in redelivery.fix
    assert "LINE Developers console" in redelivery.fix
    assert {each.path for each in line.calls if each.method != "GET"} == {
        "/v2/bot/channel/webhook/test"
    }, "the doctor only looks"


async def test_an_account_that_was_never_set_up_is_told(line: FakeLine, tmp_path: Path) -> None:
    told = off(await of_line(on(line, deployed(tmp_path))))
    assert "saisaat setup line" in told["line webhook"].fix
    assert told["line menu"].says == "people see none."


async def test_a_webhook_elsewhere_or_switched_off_is_a_problem(
    line: FakeLine, tmp_path: Path
) -> None:
    path = on(line, deployed(tmp_path))
    await set_up(path, "line")
    line.is_webhook_active = False
    assert "Use webhook" in off(await of_line(path))["line webhook"].fix
    line.webhook_url = "https://elsewhere.test/line/webhook"
    assert "another address" in off(await of_line(path))["line webhook"].says


async def test_a_webhook_that_nobody_answers_is_worth_a_look(tmp_path: Path) -> None:
    async with FakeLine.opened() as line:
        path = on(line, deployed(tmp_path))
        await set_up(path, "line")
        told = off(await of_line(path))
    assert told["line webhook"].state is State.WARNING
    assert "while the bot is stopped" in told["line webhook"].fix


async def test_the_quota_is_told_and_warned_about_in_time(line: FakeLine, tmp_path: Path) -> None:
    path = on(line, deployed(tmp_path))
    await set_up(path, "line")
    line.quota.at_most, line.quota.used = 300, 279
    (quota,) = [each for each in await of_line(path) if each.check == "line quota"]
    assert (quota.state, quota.says) == (
        State.OK,
        "21 of 300 pushes are left this month; 20 are kept back.",
    )
    line.quota.used = 280
    assert off(await of_line(path))["line quota"].state is State.WARNING
    line.quota.used = 400
    assert off(await of_line(path))["line quota"].says.startswith("0 of 300")
    line.quota.at_most = None
    assert off(await of_line(path)) == {}


async def test_a_wrong_line_token_is_a_problem(line: FakeLine, tmp_path: Path) -> None:
    path = deployed(tmp_path)
    with_line(path, line.api_url, line.data_url, line.channel_secret, "canary-wrong")
    assert off(await of_line(path))["line"].state is State.PROBLEM


async def test_line_that_fails_half_way_is_told_with_what_was_found_before(
    line: FakeLine, tmp_path: Path
) -> None:
    path = on(line, deployed(tmp_path))
    await set_up(path, "line")
    line.faults.next(Fault.SERVER_ERROR, path="/message/quota")
    found = await of_line(path)
    assert any(each.check == "line webhook" and each.state is State.OK for each in found)
    assert "asks for a pause" in off(found)["line"].says


async def test_a_machine_without_thai_letters_is_told(
    line: FakeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = on(line, deployed(tmp_path))
    await set_up(path, "line")
    monkeypatch.setattr(fonts, "stacks_marks", lambda _: False)
    assert "apt-get install fonts-noto-core" in off(await of_line(path))["line menu"].fix


def test_chat_that_is_on_is_a_problem_and_a_wrong_clock_is_told(tmp_path: Path) -> None:
    path = deployed(tmp_path)
    with canned() as server:
        server.date_s = time.time() + 45
        server.answers = {
            "GET /v2/bot/info": (200, {"basicId": "@x", "chatMode": "chat"}),
            "GET /v2/bot/message/quota": (200, {"type": "none"}),
            "GET /v2/bot/message/quota/consumption": (200, {"totalUsage": 0}),
        }
        with_line(path, server.url, server.url, "canary-channel-secret", "canary-access-token")
        told = off(list(look_at_line(load(path))))
        assert told["line chat"].state is State.PROBLEM
        assert "switch Chat off" in told["line chat"].fix
        assert told["clock"].state is State.WARNING
        assert "behind that of LINE" in told["clock"].says
        server.date_s = time.time()
        assert "clock" not in off(list(look_at_line(load(path))))


# --- where the secrets lie


def test_a_secret_in_the_configuration_file_is_pointed_at(tmp_path: Path) -> None:
    path = deployed(tmp_path)
    assert list(secret_places(path, load(path))) == []
    change(path, '# token = "0000000000:…"', f'token = "{TOKEN}"')
    (told,) = secret_places(path, load(path))
    assert told.state is State.WARNING
    assert str(tmp_path / "s" / "telegram-token") in told.fix
    assert TOKEN not in repr(told)
    path.chmod(0o640)
    problem, _ = secret_places(path, load(path))
    assert problem.state is State.PROBLEM
    assert "chmod 600" in problem.fix


def test_a_secret_file_that_others_may_read_is_a_problem_with_its_fix(tmp_path: Path) -> None:
    path = deployed(tmp_path)
    put_secret(path, "telegram-token", TOKEN)
    secret = tmp_path / "s" / "telegram-token"
    secret.chmod(0o644)
    (told,) = examine(path, date(2026, 11, 23))
    assert (told.check, told.state) == ("config", State.PROBLEM)
    assert told.fix == f"Run: chmod 600 {secret}"
    assert TOKEN not in repr(told)


async def test_the_command_says_all_that_and_no_secret(
    telegram: FakeTelegram, line: FakeLine, tmp_path: Path
) -> None:
    path = on(line, deployed(tmp_path))
    with_telegram(path, telegram.api_url, telegram.token, "webhook")
    done = await asyncio.to_thread(saisaat, "doctor", "--config", str(path))
    for name in ("เทเลแกรม · telegram", "ไลน์ · line", "การส่งซ้ำของไลน์"):
        assert name in done.stdout
    said = done.stdout + done.stderr
    for secret in (telegram.token, HOOK, line.access_token, line.channel_secret):
        assert secret not in said
    assert "Traceback" not in said
