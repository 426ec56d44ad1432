"""A Telegram bot's own account: who it is, what it offers, where its updates go (Bot API 10.0).

Refuses to know conversations: it never asks for updates and sends no message.
"""

import hashlib
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from bot.config_sections import Telegram
from bot.platforms.errors import Declined, TokenRefused, Unreachable
from bot.platforms.wire import Answer, Wire, platform_words

UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update the channel hears; anything else never leaves Telegram."""

WEBHOOK_PATH = "/telegram/webhook"


def webhook_url(public_url: str, webhook_secret: str) -> str:
    """Where updates go. Telegram never tells which secret it sends along, so a short hash of the
    secret in the address makes a changed secret show (the channel ignores it)."""
    mark = hashlib.sha256(b"saisaat webhook 1:" + webhook_secret.encode()).hexdigest()[:8]
    return f"{public_url}{WEBHOOK_PATH}?v={mark}"


class TelegramAccount:
    """The bot whose token is in *section*, which must be on. Use as a context manager."""

    def __init__(self, section: Telegram) -> None:
        if section.token is None:
            raise ValueError("the Telegram channel is off")
        self._token = section.token.get_secret_value()
        self._hidden = [self._token]
        if section.webhook_secret is not None:
            self._hidden.append(section.webhook_secret.get_secret_value())
        self._wire = Wire(section.api_url, {})
        self.skew_s: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._wire.__exit__(kind, error, trace)

    def __repr__(self) -> str:
        return f"TelegramAccount({self._wire.host})"

    def call(self, method: str, **params: object) -> Any:
        """Call *method* of the Bot API and return its result. Raises PlatformError."""
        answer = self._wire.send("POST", f"/bot{self._token}/{method}", params)
        self.skew_s = self.skew_s if answer.skew_s is None else answer.skew_s
        if answer.status == 200 and answer.field("ok") is True:
            return answer.field("result")
        raise self._refusal(method, answer)

    def facts(self, method: str, **params: object) -> Mapping[str, Any]:
        """Call *method*, whose result is an object."""
        result = self.call(method, **params)
        if isinstance(result, Mapping):
            return result
        raise self._strange()

    def words(self, text: object) -> str:
        """What Telegram says, without our secrets."""
        return platform_words(text, *self._hidden)

    def _refusal(self, method: str, answer: Answer) -> Exception:
        if answer.field("ok") is not False:
            return self._strange()
        said = self.words(answer.field("description"))
        if answer.status in (401, 404) and "method" not in said:
            return TokenRefused(
                "Telegram does not know this token.",
                "Copy it again from @BotFather (/mybots, API Token) into the file telegram-token.",
            )
        if answer.status == 429 or answer.status >= 500:
            return Unreachable("Telegram asks for a pause.", "Try again in a minute.")
        return Declined(f"Telegram refused {method}: {said}", "Put that right, then run it again.")

    def _strange(self) -> Unreachable:
        return Unreachable(
            f"{self._wire.host} gave an answer that Telegram would not give.",
            "See that [telegram] api_url is right and no proxy stands in between.",
        )
