"""One event of LINE's webhook, read: who, when, what, and the token to answer with.

Owns LINE's JSON, event by event: what is odd in one of them is its own affair. Refuses groups and
rooms (this is a talk of two), and follows no address that an event names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.channels.line.parts import CHANNEL
from bot.channels.line.postback import read_data
from bot.turn import Inbound
from handlers import events
from handlers.events import Event, Unknown

ID_AT_MOST = 128
TIMES_MS = range(10**12, 10**13)
"""2001 to 2286: what LINE's clock can say."""
NAME_AT_MOST = 255
_MEDIA = {"image": "photo", "video": "video", "audio": "voice", "file": "document"}


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that is ours to take. *at_ms* is when it happened, by LINE's clock."""

    inbound: Inbound
    at_ms: int
    token: str | None = field(default=None, repr=False)
    is_again: bool = False

    @property
    def is_file(self) -> bool:
        return isinstance(self.inbound.event, events.Held)


def read_event(raw_event: object, language: str) -> Heard | None:
    """*raw_event*, or None: nothing that a person did in this chat."""
    try:
        return _read(raw_event, language)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _read(raw: Any, language: str) -> Heard | None:
    person = _id(raw["source"]["userId"])
    if raw["source"]["type"] != "user" or raw.get("mode", "active") != "active":
        return None
    found = _event(raw)
    if found is None:
        return None
    event, message = found
    # LINE has given every event an id since 2022; a message has one of its own as well.
    event_id = raw.get("webhookEventId") or f"message:{_id(message)}"
    token = raw.get("replyToken")
    delivery = raw.get("deliveryContext") or {}
    return Heard(
        Inbound(CHANNEL, person, _id(event_id), event, language, message),
        _time(raw["timestamp"]),
        _id(token) if token else None,
        delivery.get("isRedelivery") is True,
    )


def _event(raw: Mapping[str, Any]) -> tuple[Event, str | None] | None:
    """What happened, and the id of the message it is about."""
    match raw["type"]:
        case "message":
            message = raw["message"]
            return _message(message), _id(message["id"])
        case "postback":
            return read_data(raw["postback"]["data"]), None
        case "unsend":
            return events.Unsent(None), _id(raw["unsend"]["messageId"])
        case "follow":
            return events.Followed(), None
        case "unfollow":
            return events.Blocked(), None
    return None


def _message(message: Mapping[str, Any]) -> Event:
    """What a message says. One that this version cannot read is still something a person sent."""
    try:
        match message["type"]:
            case "text":
                return events.Text(_text(message["text"]))
            case "image" | "video" | "audio" | "file":
                return _file(message)
            case "location":
                return _pin(message["latitude"], message["longitude"])
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    return Unknown()


def _file(message: Mapping[str, Any]) -> Event:
    kind = message["type"]
    if kind != "file" and message["contentProvider"]["type"] != "line":
        return Unknown()  # it lies somewhere else: asking there would tell them who we are
    name = message.get("fileName")
    name = name[:NAME_AT_MOST] if isinstance(name, str) and name else None
    handle = {"message": _id(message["id"])}
    album = message.get("imageSet")
    if isinstance(album, dict):
        handle["album"] = _id(album["id"])
    return events.Held(_MEDIA[kind], json.dumps(handle), name)


def _pin(latitude: Any, longitude: Any) -> Event:
    is_number = type(latitude) in (int, float) and type(longitude) in (int, float)
    if not is_number or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return Unknown()  # (a NaN is never within)
    return events.Location(float(latitude), float(longitude))


def _text(words: object) -> str:
    if not isinstance(words, str):
        raise TypeError("not a text")
    return words


def _time(at_ms: object) -> int:
    if type(at_ms) is not int or at_ms not in TIMES_MS:
        raise ValueError("not a time")
    return at_ms


def _id(text: object) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= ID_AT_MOST:
        raise ValueError("not an id")
    if not (text.isascii() and text.isprintable()):
        raise ValueError("not an id")
    return text
