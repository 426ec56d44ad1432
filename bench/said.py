"""What the platforms send, as the channels' benches send it."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

TELEGRAM_TOKEN = "1234567890:AAbench-token-bench-token-bench-token"
LINE_SECRET, LINE_TOKEN = "bench0bench0bench0bench0bench0be", "bench-access-token"


def telegram_update(update_id: int, chat_id: int, words: str, **more: Any) -> dict[str, Any]:
    """A text message, or with *more* another one."""
    content = more or {"text": words}
    sender = {"id": chat_id, "is_bot": False, "first_name": "x", "language_code": "th"}
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "date": int(time.time()),
            "chat": {"id": chat_id, "type": "private", "first_name": "x"},
            "from": sender,
            **content,
        },
    }


def line_event(number: int, person: str, message: dict[str, Any]) -> dict[str, Any]:
    """A message's event. Its reply token is its number."""
    return {
        "type": "message",
        "message": {"id": f"{10**17 + number}", **message},
        "webhookEventId": f"{number:026}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": person},
        "replyToken": f"{number:032}",
        "mode": "active",
    }


def signed(*events: dict[str, Any]) -> tuple[bytes, str]:
    """A webhook's body and its signature."""
    raw = json.dumps({"destination": "U" + "f" * 32, "events": events}).encode()
    digest = hmac.digest(LINE_SECRET.encode(), raw, hashlib.sha256)
    return raw, base64.b64encode(digest).decode()


def line_body(number: int, person: str, words: str) -> tuple[bytes, str]:
    return signed(line_event(number, person, {"type": "text", "text": words}))
