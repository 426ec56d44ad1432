"""An update cut down to what we read, before anybody parses it. Pure.

Law: what is not named here never gets into an object of ours: no name, no contact, no forwarded
message, no reply. So nothing of it can leak, and nothing new or odd in it can make a message
unreadable.
"""

from collections.abc import Mapping
from typing import Any

FILES = ("animation", "video", "video_note", "voice", "audio", "document")
_OF_FILE = frozenset(
    {"file_id", "file_unique_id", "file_size", "file_name", "mime_type"}
    | {"width", "height", "duration", "length"}
)
_OF_MESSAGE = frozenset({"message_id", "date", "edit_date", "text", "caption"})
_OF_PLATFORM = frozenset(
    {"pinned_message", "message_auto_delete_timer_changed", "chat_background_set"}
    | {"write_access_allowed", "connected_website", "boost_added", "users_shared", "chat_shared"}
)
"""What the platform itself reports in a private chat. Nobody said anything."""


def is_of_platform(raw: Any) -> bool:
    """Whether a raw update's message is the platform's own."""
    message = raw.get("message") if isinstance(raw, Mapping) else None
    return isinstance(message, Mapping) and not _OF_PLATFORM.isdisjoint(message)


def bare(raw: Any) -> dict[str, Any]:
    """*raw* with only what is read of it. Raises for what has no such shape."""
    made: dict[str, Any] = {"update_id": raw["update_id"]}
    for kind in ("message", "edited_message"):
        if raw.get(kind) is not None:
            made[kind] = _message(raw[kind])
    if raw.get("callback_query") is not None:
        made["callback_query"] = _query(raw["callback_query"])
    if raw.get("my_chat_member") is not None:
        made["my_chat_member"] = _membership(raw["my_chat_member"])
    return made


def _message(message: Any) -> dict[str, Any]:
    made = _of(message, _OF_MESSAGE) | {"chat": _chat(message["chat"])}
    if message.get("from") is not None:
        made["from"] = _sender(message["from"])
    for kind in FILES:
        if message.get(kind) is not None:
            made[kind] = _of(message[kind], _OF_FILE)
    if message.get("photo"):
        made["photo"] = [_of(size, _OF_FILE) for size in message["photo"]]
    if message.get("location") is not None:
        made["location"] = _of(message["location"], frozenset({"latitude", "longitude"}))
    return made


def _query(query: Any) -> dict[str, Any]:
    made = _of(query, frozenset({"id", "chat_instance", "data"}))
    message = query.get("message")
    if message is not None:
        made["message"] = _of(message, frozenset({"message_id"})) | {
            "chat": _chat(message["chat"]),
            "date": 0,
        }
    return made | {"from": _sender(query["from"])}


def _membership(change: Any) -> dict[str, Any]:
    me = {"id": 0, "is_bot": True, "first_name": ""}
    is_out = change["new_chat_member"]["status"] == "kicked"
    out = {"status": "kicked", "user": me, "until_date": 0}
    return {
        "chat": _chat(change["chat"]),
        "from": _sender(change["from"]),
        "date": change["date"],
        "old_chat_member": {"status": "left", "user": me},
        "new_chat_member": out if is_out else {"status": "left", "user": me},
    }


def _chat(chat: Any) -> dict[str, Any]:
    return {"id": chat["id"], "type": chat["type"]}


def _sender(sender: Any) -> dict[str, Any]:
    """Only the language: the chat says where to answer."""
    return {
        "id": 0,
        "is_bot": False,
        "first_name": "",
        "language_code": sender.get("language_code"),
    }


def _of(thing: Any, kept: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if name in kept}
