"""Alerts by e-mail: plain text in both languages, over TLS whose certificate is verified, or not at
all. Nothing in it is loaded from anywhere, and nothing can be clicked.
"""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from typing import Literal

import aiosmtplib

from bot.alerts.saying import LANGUAGES, Saying
from bot.alerts.sending import Alert, NeverTaken, Shut
from bot.clock import BANGKOK, Clock
from bot.errors import Unavailable

CHANNEL = "email"
CALL_S = 20.0
ADDRESS_AT_MOST = 254
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+"
)


def is_address(text: str) -> bool:
    """Whether *text* is an e-mail address of plain letters, which no mail server can take for two
    or for an option."""
    return len(text) <= ADDRESS_AT_MOST and _ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes our mail. *tls*: from the first byte ("tls"), or begun by STARTTLS."""

    host: str
    port: int
    tls: Literal["tls", "starttls"]
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class EmailAlerts:
    """`bot.alerts.sending.Way`; one connection a message: alerts are few."""

    def __init__(
        self,
        server: MailServer,
        saying: Saying,
        clock: Clock,
        tls_context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._server = server
        self._saying = saying
        self._clock = clock
        self._tls_context = tls_context

    async def send(self, alert: Alert) -> None:
        said = [self._saying.message(alert, language) for language in _in_order(alert.language)]
        ends = [self._saying.text(language, "open_desk") for language in _in_order(alert.language)]
        subject = self._saying.text(alert.language, "subject")
        await self._post(alert.address, subject, "\n\n".join([*said, *ends]), alert.id)

    async def send_code(
        self, address: str, code: str, minutes: int, language: str, id: str
    ) -> None:
        """Mail the *code* that proves *address*. Raises Unavailable, NeverTaken or Shut."""
        shown = "-".join(code[at : at + 4] for at in range(0, len(code), 4))
        text = self._saying.text(language, "code", code=shown, minutes=minutes)
        await self._post(address, self._saying.text(language, "code_subject"), text, id)

    async def _post(self, address: str, subject: str, text: str, id: str) -> None:
        server = self._server
        failure: Exception
        try:
            await aiosmtplib.send(
                self._message(address, subject, text, id),
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.tls == "tls",
                start_tls=server.tls == "starttls",
                tls_context=self._tls_context(),
                timeout=CALL_S,
                local_hostname=_domain(server.sender),
            )
            return
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [each.code for each in error.recipients]
            is_for_good = bool(codes) and all(500 <= code < 600 for code in codes)
            failure = Shut("no such mailbox") if is_for_good else Unavailable("not taken now")
        except aiosmtplib.SMTPDataError as error:
            is_for_good = 500 <= error.code < 600
            failure = NeverTaken("refused") if is_for_good else Unavailable("not taken now")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            failure = Unavailable(type(error).__name__)
        raise failure  # outside the handler: the original names the address

    def _message(self, address: str, subject: str, text: str, id: str) -> EmailMessage:
        message = EmailMessage(policy=POLICY)
        message["From"] = self._server.sender
        message["To"] = address
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.fromtimestamp(self._clock.now_s(), BANGKOK))
        message["Message-ID"] = f"<{id}@{_domain(self._server.sender)}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text + "\n", charset="utf-8", cte="base64")
        return message


def _in_order(language: str) -> tuple[str, ...]:
    """Both languages, the officer's first."""
    return tuple(sorted(LANGUAGES, key=lambda each: each != language))


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
