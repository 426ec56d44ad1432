"""`saisaat setup`: writes what belongs to the bot's account on LINE or Telegram, and nothing twice.

Owns what the account should look like. Refuses to know conversations. Laws: looked at before it is
changed; each step said as it happens; no secret in any line.
"""

from collections.abc import Callable

from bot.config_sections import Config
from bot.errors import Misconfigured
from bot.platforms import LineAccount, PlatformError, TelegramAccount
from bot.setup import line, telegram
from bot.setup.fonts import NoFont
from bot.setup.telling import Telling

__all__ = ["set_up_line", "set_up_telegram"]


def set_up_telegram(config: Config, say: Callable[[str], None]) -> bool:
    """Set the Telegram bot up; tell whether all went well. Raises Misconfigured: it is off."""
    if not config.telegram.is_on:
        raise Misconfigured(_off(config, "[telegram] token", "telegram-token", "telegram"))
    with TelegramAccount(config.telegram) as account:
        return _run(lambda telling: telegram.set_up(config, account, telling), say)


def set_up_line(config: Config, say: Callable[[str], None]) -> bool:
    """Set the LINE account up; tell whether all went well. Raises Misconfigured: it is off."""
    if not config.line.is_on:
        names = "line-channel-secret, line-access-token"
        raise Misconfigured(_off(config, "[line] channel_secret", names, "line"))
    with LineAccount(config.line) as account:
        return _run(lambda telling: line.set_up(config, account, telling), say)


def _run(work: Callable[[Telling], None], say: Callable[[str], None]) -> bool:
    telling = Telling(say)
    try:
        work(telling)
    except PlatformError as error:
        telling.failed("หยุดที่ขั้นนี้ · stopped here", error.says, error.fix)
    except NoFont as error:
        wrong, _, fix = str(error).partition(". ")
        telling.failed("ภาพเมนู · the menu's picture", f"{wrong}.", fix)
    telling.close()
    return telling.is_fine


def _off(config: Config, key: str, names: str, channel: str) -> str:
    return (
        f"ยังไม่ได้เปิดช่องทางนี้ · {key}: is not set, so this channel is off. Put the secret into "
        f"{config.secrets.folder} ({names}), mode 0600; docs/operate-{channel}.md says where to "
        "get it."
    )
