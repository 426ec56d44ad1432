"""Telegram, asked: is the token good, and do updates come the way the configuration says?"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.config_sections import Config
from bot.doctor.findings import Finding
from bot.doctor.platforms import asking, skew
from bot.platforms.telegram import UPDATES, TelegramAccount, webhook_url

CHECK, WEBHOOK = "telegram", "telegram webhook"
_MANY_WAIT = 100
_SET_UP = "Run: saisaat setup telegram --config …"


def telegram(config: Config) -> Iterator[Finding]:
    """Look at the bot's account, if the channel is on."""
    if not config.telegram.is_on:
        yield Finding.ok(CHECK, "is off: there is no token.")
        return
    with TelegramAccount(config.telegram) as account:
        yield from asking(CHECK, lambda: _look(config, account))


def _look(config: Config, account: TelegramAccount) -> Iterator[Finding]:
    me = account.facts("getMe")
    yield Finding.ok(CHECK, f"knows the token: @{account.words(me.get('username'))}.")
    yield from skew("Telegram", account.skew_s)
    if me.get("can_join_groups"):
        yield Finding.warning(
            CHECK, "anybody may add the bot to a group, where others read along.",
            "@BotFather: /setjoingroups, choose the bot, Disable.",
        )  # fmt: skip
    if not account.call("getMyCommands"):
        yield Finding.warning(CHECK, "shows no commands: it was never set up.", _SET_UP)
    now = account.facts("getWebhookInfo")
    yield from _as_configured(config, now)
    yield from _arriving(account, now)


def _as_configured(config: Config, now: Mapping[str, Any]) -> Iterator[Finding]:
    secret, url = config.telegram.webhook_secret, now.get("url")
    if config.telegram.mode == "polling" or secret is None:
        if url:
            yield Finding.problem(
                WEBHOOK, "one is set, so a bot that polls hears nothing.", _SET_UP
            )
        else:
            yield Finding.ok(WEBHOOK, "none is set, as it should be: the bot asks by itself.")
        return
    if url != webhook_url(config.web.public_url, secret.get_secret_value()):
        says = "is not set." if not url else "is set to another address, or with another secret."
        yield Finding.problem(WEBHOOK, says, _SET_UP)
    elif set(now.get("allowed_updates") or ()) != set(UPDATES):
        yield Finding.problem(WEBHOOK, "does not ask for every kind of message.", _SET_UP)
    else:
        yield Finding.ok(WEBHOOK, "is set as configured.")


def _arriving(account: TelegramAccount, now: Mapping[str, Any]) -> Iterator[Finding]:
    waiting, error = now.get("pending_update_count"), now.get("last_error_message")
    if isinstance(waiting, int) and waiting > _MANY_WAIT:
        yield Finding.warning(
            WEBHOOK, f"{waiting} messages wait at Telegram, for 24 hours at most.",
            "See that the bot runs (saisaat serve), and its log.",
        )  # fmt: skip
    if error:
        yield Finding.warning(
            WEBHOOK, f"Telegram could not deliver lately: {account.words(error)}",
            "See that the bot runs, the certificate is good, and the proxy passes "
            "/telegram/webhook on.",
        )  # fmt: skip
