"""LINE, asked: is the token good, do events come, who else could read, how many pushes are left?"""

from collections.abc import Iterator

from bot.config_sections import Config
from bot.doctor.findings import Finding, State
from bot.doctor.platforms import asking, skew
from bot.platforms.line import WEBHOOK_PATH, LineAccount

CHECK, CHAT, WEBHOOK = "line", "line chat", "line webhook"
REDELIVERY, QUOTA, MENU = "line redelivery", "line quota", "line menu"
_SET_UP = "Run: saisaat setup line --config …"
_CONSOLE = "LINE Developers console, Messaging API tab"


def line(config: Config) -> Iterator[Finding]:
    """Look at the account, if the channel is on."""
    if not config.line.is_on:
        yield Finding.ok(CHECK, "is off: there is neither secret nor token.")
        return
    yield from _font()
    with LineAccount(config.line) as account:
        yield from asking(CHECK, lambda: _look(config, account))


def _font() -> Iterator[Finding]:
    from bot.setup.fonts import NoFont, find  # the picture library: not for every command

    try:
        find()
    except NoFont as error:
        wrong, _, fix = str(error).partition(". ")
        yield Finding.warning(MENU, f"{wrong}.", fix)


def _look(config: Config, account: LineAccount) -> Iterator[Finding]:
    info = account.info()
    yield Finding.ok(CHECK, f"accepts the token: {account.words(info.get('basicId'))}.")
    yield from skew("LINE", account.skew_s)
    yield _chat(info.get("chatMode"))
    if account.default_menu() is None:
        yield Finding.warning(MENU, "people see none.", _SET_UP)
    yield from _webhook(config, account)
    yield Finding(
        REDELIVERY, State.OK,
        "cannot be read from here: see yourself that it is on. Without it, what people send while "
        "the bot is down is lost.",
        f"{_CONSOLE}: switch “Webhook redelivery” on.",
    )  # fmt: skip
    yield _quota(config, account)


def _chat(mode: object) -> Finding:
    if mode == "chat":
        return Finding.problem(
            CHAT, "is on: people with a seat in the OA manager could read every tip.",
            "LINE Official Account Manager: Settings, Response settings, switch Chat off.",
        )  # fmt: skip
    return Finding.ok(CHAT, "is off: nobody reads along in the OA manager.")


def _webhook(config: Config, account: LineAccount) -> Iterator[Finding]:
    now = account.webhook()
    if now is None or now.get("endpoint") != config.web.public_url + WEBHOOK_PATH:
        says = "is not set." if now is None else "is set to another address."
        yield Finding.problem(WEBHOOK, says, _SET_UP)
        return
    if not now.get("active"):
        yield Finding.problem(
            WEBHOOK, "is switched off: LINE sends nothing.",
            f"{_CONSOLE}: switch “Use webhook” on.",
        )  # fmt: skip
        return
    tested = account.test_webhook()
    if tested.get("success") is True:
        yield Finding.ok(WEBHOOK, "is set as configured, and answered LINE's signed test.")
    else:
        yield Finding.warning(
            WEBHOOK,
            f"did not answer LINE's signed test: {account.words(tested.get('reason'))} "
            f"{account.words(tested.get('detail'))}",
            "Fine while the bot is stopped. If it runs: see that the proxy passes /line/webhook "
            "on, and that line-channel-secret is this channel's.",
        )  # fmt: skip


def _quota(config: Config, account: LineAccount) -> Finding:
    quota, used = account.quota(), account.pushed()
    if quota is None:
        return Finding.ok(QUOTA, f"{used} messages pushed this month, without a limit.")
    left, reserve = max(quota - used, 0), config.line.push_reserve
    says = f"{left} of {quota} pushes are left this month; {reserve} are kept back."
    if left <= reserve:
        fix = "Answers still come at the person's next message; a larger plan has more pushes."
        return Finding.warning(QUOTA, says, fix)
    return Finding.ok(QUOTA, says)
