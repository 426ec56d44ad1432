"""Alerts to officers, asked: do the officers' bots answer, does the mail server speak good TLS?

Nothing is sent. A platform that cannot be reached is no fault of the deployment.
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator

from bot.alerts.links import officers_line, officers_telegram
from bot.alerts.wiring import LINE_WEBHOOK
from bot.config_sections import AlertsEmail, Config
from bot.doctor.findings import Finding
from bot.doctor.platforms import asking
from bot.platforms.line import LineAccount
from bot.platforms.telegram import TelegramAccount

CHECK, TELEGRAM, LINE = "alerts", "alerts telegram", "alerts line"
EMAIL, WEBHOOK = "alerts email", "alerts webhook"
CALL_S = 10.0
_FEW_PUSHES = 50


def alerts(
    config: Config, tls_context: Callable[[], ssl.SSLContext] = ssl.create_default_context
) -> Iterator[Finding]:
    """Look at every way that is switched on."""
    settings = config.alerts
    if settings.telegram_token is not None:
        with TelegramAccount(officers_telegram(config)) as telegram:
            yield from asking(TELEGRAM, lambda: _telegram(telegram))
    if settings.has_line:
        with LineAccount(officers_line(config)) as line:
            yield from asking(LINE, lambda: _line(config, line))
    if settings.has_email:
        yield _email(settings.email, tls_context)
    if settings.webhook:
        yield Finding.ok(WEBHOOK, f"{len(settings.webhook)} configured; none was called now.")
    if not (settings.telegram_token or settings.has_line or settings.has_email or settings.webhook):
        says = "are off: no officer hears that a tip came until they look (docs/operate-alerts.md)."
        yield Finding.ok(CHECK, says)


def _telegram(account: TelegramAccount) -> Iterator[Finding]:
    me = account.facts("getMe")
    yield Finding.ok(TELEGRAM, f"knows the token: @{account.words(me.get('username'))}.")
    if me.get("can_join_groups"):
        yield Finding.warning(
            TELEGRAM, "anybody may add the officers' bot to a group.",
            "@BotFather: /setjoingroups, choose the bot, Disable.",
        )  # fmt: skip
    if account.facts("getWebhookInfo").get("url"):
        yield Finding.warning(
            TELEGRAM, "has a webhook: is another program using this bot?",
            "The bot takes it away when it starts. Give the token to nothing else.",
        )  # fmt: skip


def _line(config: Config, account: LineAccount) -> Iterator[Finding]:
    info = account.info()
    yield Finding.ok(LINE, f"accepts the token: {account.words(info.get('basicId'))}.")
    wanted = f"{config.web.public_url}{LINE_WEBHOOK}"
    webhook = account.webhook() or {}
    if webhook.get("endpoint") != wanted or not webhook.get("active"):
        yield Finding.problem(
            LINE, "does not send what officers write to this bot.",
            f"LINE Developers console, the officers' channel, Messaging API tab: set the webhook "
            f"URL to {wanted} and switch “Use webhook” on.",
        )  # fmt: skip
    quota = account.quota()
    if quota is not None and quota - account.pushed() < _FEW_PUSHES:
        yield Finding.warning(
            LINE, f"has {max(0, quota - account.pushed())} of this month's pushes left.",
            "Take a larger plan, or let officers use Telegram or e-mail too.",
        )  # fmt: skip


def _email(email: AlertsEmail, tls_context: Callable[[], ssl.SSLContext]) -> Finding:
    host, port = str(email.host), email.port
    try:
        context = tls_context()
        if email.tls == "tls":
            with smtplib.SMTP_SSL(host, port, timeout=CALL_S, context=context) as server:
                server.noop()
        else:
            with smtplib.SMTP(host, port, timeout=CALL_S) as server:
                server.starttls(context=context)
                server.noop()
    except ssl.SSLCertVerificationError:
        return Finding.problem(
            EMAIL, f"{host} shows a certificate that is not good: no mail will be sent.",
            "Name the server as its certificate does, or have the certificate renewed.",
        )  # fmt: skip
    except (ssl.SSLError, smtplib.SMTPNotSupportedError):
        return Finding.problem(
            EMAIL, f"{host} does not encrypt that way on port {port}: no mail will be sent.",
            'Write tls = "tls" with port 465, or tls = "starttls" with port 587.',
        )  # fmt: skip
    except (OSError, smtplib.SMTPException) as error:
        return Finding.warning(
            EMAIL, f"{host} could not be asked ({type(error).__name__}).",
            "See whether this machine reaches it (name server, firewall, port).",
        )  # fmt: skip
    return Finding.ok(EMAIL, f"{host} speaks TLS with a good certificate.")
