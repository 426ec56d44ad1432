"""`saisaat setup telegram` against a server that keeps the platform's rules."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import Config, load
from bot.errors import Misconfigured
from bot.setup import set_up_telegram
from tests.bot.setup.accounts import HOOK, change, deployed, saisaat, with_telegram
from tests.fakes.telegram import ERROR_500, RESET_AFTER, FakeTelegram

COMMANDS = [
    "report", "follow", "member", "learn", "safety", "real_bot", "help", "language", "cancel",
]  # fmt: skip


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram.serving() as serving:
        yield serving


async def run(config: Config) -> tuple[bool, list[str]]:
    lines: list[str] = []
    is_fine = await asyncio.to_thread(set_up_telegram, config, lines.append)
    return is_fine, lines


def writes(telegram: FakeTelegram) -> list[str]:
    """The methods that changed something, each as it was called."""
    return [each.method for each in telegram.calls if not each.method.startswith("get")]


async def test_a_new_bot_gets_commands_descriptions_button_and_no_webhook(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.profile.menu_button = {"type": "default"}
    config = with_telegram(deployed(tmp_path), telegram.api_url, telegram.token)
    is_fine, lines = await run(config)
    assert is_fine
    assert [each["command"] for each in telegram.profile.commands[""]] == COMMANDS
    assert telegram.profile.commands[""][0]["description"] == "แจ้งเบาะแส"
    assert telegram.profile.commands["en"][0]["description"] == "Report corruption"
    for language in ("", "en"):
        assert "https://chat.pacc.test" in telegram.profile.descriptions[language]
        assert "https://chat.pacc.test" in telegram.profile.short_descriptions[language]
    assert telegram.profile.menu_button == {"type": "commands"}
    assert "7 changed, 2 already so, 0 to look at, 0 failed." in lines[-1]


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_second_run_changes_nothing(
    mode: str, telegram: FakeTelegram, tmp_path: Path
) -> None:
    config = with_telegram(deployed(tmp_path), telegram.api_url, telegram.token, mode)
    await run(config)
    telegram.calls.clear()
    is_fine, lines = await run(config)
    assert is_fine
    assert writes(telegram) == []
    assert "0 changed, 9 already so" in lines[-1]


async def test_a_webhook_is_set_with_its_secret_and_keeps_what_waits(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.inject({"message": {"text": "x"}})
    config = with_telegram(deployed(tmp_path), telegram.api_url, telegram.token, "webhook")
    assert (await run(config))[0]
    hook = telegram.updates.webhook
    assert hook.url.startswith("https://chat.pacc.test/telegram/webhook?v=")
    assert hook.secret_token == HOOK
    assert hook.allowed_updates == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert telegram.updates.waiting, "what people sent meanwhile must not be thrown away"


async def test_a_changed_secret_is_set_again(telegram: FakeTelegram, tmp_path: Path) -> None:
    path = deployed(tmp_path)
    await run(with_telegram(path, telegram.api_url, telegram.token, "webhook"))
    (tmp_path / "s" / "telegram-webhook-secret").write_text("another-secret-of-24-letters")
    telegram.calls.clear()
    await run(load(path))
    assert writes(telegram) == ["setWebhook"]
    assert telegram.updates.webhook.secret_token == "another-secret-of-24-letters"


async def test_going_back_to_polling_removes_the_webhook_and_keeps_what_waits(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    path = deployed(tmp_path)
    await run(with_telegram(path, telegram.api_url, telegram.token, "webhook"))
    telegram.inject({"message": {"text": "x"}})
    change(path, 'mode = "webhook"', 'mode = "polling"')
    (tmp_path / "s" / "telegram-webhook-secret").unlink()
    telegram.calls.clear()
    await run(load(path))
    assert writes(telegram) == ["deleteWebhook"]
    assert telegram.updates.webhook.url == ""
    assert telegram.updates.waiting


async def test_a_bot_that_may_be_put_into_groups_is_pointed_at(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.profile.me |= {"can_join_groups": True, "can_read_all_group_messages": True}
    config = with_telegram(deployed(tmp_path), telegram.api_url, telegram.token)
    is_fine, lines = await run(config)
    assert is_fine
    said = "\n".join(lines)
    assert "/setjoingroups" in said
    assert "/setprivacy" in said


async def test_a_wrong_token_is_said_plainly_and_never_shown(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    wrong = telegram.token[:-3] + "abc"
    config = with_telegram(deployed(tmp_path), telegram.api_url, wrong)
    is_fine, lines = await run(config)
    said = "\n".join(lines)
    assert not is_fine
    assert "does not know this token" in said
    assert "@BotFather" in said
    assert wrong not in said
    assert writes(telegram) == []


async def test_a_server_that_fails_half_way_leaves_the_rest_to_the_next_run(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    config = with_telegram(deployed(tmp_path), telegram.api_url, telegram.token)
    telegram.faults.next("setMyDescription", ERROR_500)
    is_fine, lines = await run(config)
    assert not is_fine
    assert "gave an answer that Telegram would not give" in "\n".join(lines)
    telegram.faults.next("setMyDescription", RESET_AFTER)
    is_fine, lines = await run(config)
    assert not is_fine
    assert "does not answer (" in "\n".join(lines)
    telegram.calls.clear()
    assert (await run(config))[0]
    assert "setMyCommands" in writes(telegram)
    assert "deleteWebhook" not in writes(telegram)
    assert telegram.called("setMyCommands")[0].params["language_code"] == "en"


def test_without_a_token_it_says_where_to_put_one(tmp_path: Path) -> None:
    path = deployed(tmp_path)
    with pytest.raises(Misconfigured, match="telegram-token"):
        set_up_telegram(load(path), lambda _: None)


async def test_the_command_prints_each_step_and_no_secret(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    path = deployed(tmp_path)
    with_telegram(path, telegram.api_url, telegram.token, "webhook")
    arguments = ("setup", "telegram", "--config", str(path))
    done = await asyncio.to_thread(saisaat, *arguments)
    assert done.returncode == 0, done.stderr
    assert "แก้แล้ว · changed" in done.stdout
    telegram.faults.next("getMe", ERROR_500)
    failed = await asyncio.to_thread(saisaat, *arguments)
    assert failed.returncode == 1
    said = done.stdout + done.stderr + failed.stdout + failed.stderr
    assert "canary" not in said
    assert telegram.token not in said
    assert "Traceback" not in said


async def test_the_command_for_a_channel_that_is_off_is_a_plain_sentence(tmp_path: Path) -> None:
    path = str(deployed(tmp_path))
    for platform in ("telegram", "line"):
        done = await asyncio.to_thread(saisaat, "setup", platform, "--config", path)
        assert done.returncode == 1
        assert f"docs/operate-{platform}.md" in done.stderr
        assert "Traceback" not in done.stderr
