"""Telegram: the bot's commands, descriptions, menu button, and where its updates go.

Thai is written as the default (people of every language see it), English beside it.
"""

from collections.abc import Mapping
from typing import Any

from bot.config_sections import Config
from bot.platforms.telegram import UPDATES, TelegramAccount, webhook_url
from bot.setup.telling import LANGUAGES, Telling, words

_DEFAULT = LANGUAGES[0]


def set_up(config: Config, account: TelegramAccount, telling: Telling) -> None:
    """Write what belongs to the bot's account. Raises PlatformError at the first step that fails;
    what was written before stays, and the next run goes on."""
    _who(account, telling)
    for language in LANGUAGES:
        _texts(config, account, telling, language)
    button = account.facts("getChatMenuButton")
    telling.make_so(
        "ปุ่มเมนู · menu button",
        button.get("type") == "commands",
        lambda: account.call("setChatMenuButton", menu_button={"type": "commands"}),
    )
    _updates(config, account, telling)


def _who(account: TelegramAccount, telling: Telling) -> None:
    me = account.facts("getMe")
    telling.same("บอต · bot", f"@{account.words(me.get('username'))}")
    if me.get("can_join_groups"):
        telling.look(
            "กลุ่ม · groups", "anybody may add the bot to a group, where others read along.",
            "@BotFather: /setjoingroups, choose the bot, Disable.",
        )  # fmt: skip
    if me.get("can_read_all_group_messages"):
        telling.look(
            "กลุ่ม · groups", "the bot may read everything in groups; it needs nothing of it.",
            "@BotFather: /setprivacy, choose the bot, Enable.",
        )  # fmt: skip


def _texts(config: Config, account: TelegramAccount, telling: Telling, language: str) -> None:
    said = words(language)
    whose = {} if language == _DEFAULT else {"language_code": language}
    commands = [{"command": name, "description": text} for name, text in said["commands"].items()]
    telling.make_so(
        f"รายการคำสั่ง · commands ({language})",
        _commands(account.call("getMyCommands", **whose)) == commands,
        lambda: account.call("setMyCommands", commands=commands, **whose),
    )
    description = said["telegram"]["description"].strip().format(web=config.web.public_url)
    telling.make_so(
        f"คำอธิบาย · description ({language})",
        account.facts("getMyDescription", **whose).get("description") == description,
        lambda: account.call("setMyDescription", description=description, **whose),
    )
    short = said["telegram"]["short"].strip().format(web=config.web.public_url)
    telling.make_so(
        f"คำอธิบายสั้น · short description ({language})",
        account.facts("getMyShortDescription", **whose).get("short_description") == short,
        lambda: account.call("setMyShortDescription", short_description=short, **whose),
    )


def _commands(found: Any) -> list[dict[str, Any]]:
    found = found if isinstance(found, list) else []
    return [
        {"command": each.get("command"), "description": each.get("description")}
        for each in found
        if isinstance(each, Mapping)
    ]


def _updates(config: Config, account: TelegramAccount, telling: Telling) -> None:
    now = account.facts("getWebhookInfo")
    secret = config.telegram.webhook_secret
    if config.telegram.mode == "polling" or secret is None:
        telling.make_so(
            "รับข้อความแบบถามเอง · polling, no webhook",
            not now.get("url"),
            lambda: account.call("deleteWebhook", drop_pending_updates=False),
        )
        return
    url = webhook_url(config.web.public_url, secret.get_secret_value())
    telling.make_so(
        "ที่อยู่รับข้อความ · webhook",
        now.get("url") == url and sorted(now.get("allowed_updates") or ()) == sorted(UPDATES),
        lambda: account.call(
            "setWebhook", url=url, secret_token=secret.get_secret_value(),
            allowed_updates=list(UPDATES), drop_pending_updates=False,
        ),
    )  # fmt: skip
