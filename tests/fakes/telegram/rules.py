"""The platform's numbers, and its refusals as it words them."""

import html.parser
from dataclasses import dataclass
from typing import Any

MIB = 1024 * 1024


@dataclass(frozen=True)
class Rules:
    """What the platform allows. *file_bytes* None: a self-hosted server in local mode."""

    text_units: int = 4096
    caption_units: int = 1024
    callback_bytes: int = 64
    buttons: int = 100
    answer_units: int = 200
    deletes_at_once: int = 100
    delete_s: float = 48 * 3600
    refuses_old_deletes: bool = True
    query_s: float = 60.0
    file_bytes: int | None = 20 * MIB
    file_link_s: float = 3600.0
    updates_kept_s: float = 24 * 3600
    chat_per_s: float = 1.0
    chat_burst: int = 20
    all_per_s: float = 30.0
    all_burst: int = 30
    webhook_retry_s: float = 0.02
    http_webhooks: bool = True  # the cloud takes https only; this machine has no certificate


class Refused(Exception):
    """An answer with ok=false, as the Bot API gives it."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "ok": False,
            "error_code": self.status,
            "description": self.description,
        }
        return made | ({"parameters": self.parameters} if self.parameters else {})


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parsed(text: str, parse_mode: str | None, at_most: int) -> str:
    """The text without its entities' marks. Raises Refused as the platform does."""
    plain = text if parse_mode is None else _unmarked(text, parse_mode)
    plain = plain.strip()
    if not plain:
        raise bad("message text is empty")
    if units(plain) > at_most:
        raise bad("message is too long")
    return plain


class _Unmarker(html.parser.HTMLParser):
    TAGS = frozenset({"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "tg-spoiler"})

    def __init__(self) -> None:
        super().__init__()
        self.plain = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in self.TAGS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset 0')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise bad("can't parse entities: Unmatched end tag at byte offset 0")

    def handle_data(self, data: str) -> None:
        self.plain += data


def _unmarked(text: str, parse_mode: str) -> str:
    if parse_mode.lower() != "html":
        raise bad("unsupported parse_mode")
    marks = _Unmarker()
    marks.feed(text)
    marks.close()
    if marks.open:
        raise bad("can't parse entities: Can't find end tag")
    return marks.plain


def check_keyboard(markup: Any, rules: Rules) -> list[list[dict[str, Any]]]:
    """The rows of an inline keyboard. Raises Refused as the platform does."""
    if markup is None or markup == {}:
        return []
    if not isinstance(markup, dict) or not isinstance(markup.get("inline_keyboard", []), list):
        raise bad("object expected as reply markup")
    rows: list[list[dict[str, Any]]] = markup.get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    if len(buttons) > rules.buttons:
        raise bad("reply markup is too long")
    for button in buttons:
        if not str(button.get("text", "")).strip():
            raise bad('can\'t parse inline keyboard button: Field "text" must be non-empty')
        if "callback_data" not in button and "url" not in button:
            raise bad("can't parse inline keyboard button: Text buttons are unallowed")
        if "callback_data" in button:
            size = len(str(button["callback_data"]).encode("utf-8", "surrogatepass"))
            if not 1 <= size <= rules.callback_bytes:
                raise bad("BUTTON_DATA_INVALID")
    return [row for row in rows if row]
