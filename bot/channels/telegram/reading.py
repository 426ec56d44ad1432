"""Updates as events: what a person did, in our words. Pure.

Owns what is taken from an update, and that nothing else is: no name, no username, no telephone
number (`bare` cuts an update down before it is parsed, so that nothing beside what we read can make
it unreadable). Only private chats count. What nobody can read is something unknown; what is of a
kind that we never asked for, or was done by the platform itself (a pin, a timer), is nothing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update, User

from bot.channels.telegram.bare import bare, is_of_platform
from bot.channels.telegram.buttons import pressed
from bot.channels.telegram.parts import CHANNEL
from bot.turn import Inbound
from handlers import events
from handlers.events import Event

COMMANDS = frozenset(
    {"start", "help", "cancel", "back", "edit", "language", "safety", "real_bot", "learn"}
    | {"report", "follow", "member"}
)
CAPTION = ":caption"
"""Added to a message's id for its caption: file and caption are two parts of one message."""
NAME_AT_MOST = 200

_COMMAND = re.compile(r"/([a-z_]{1,32})(?:@\w{1,64})?(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One update, read. *lane* keeps one person's updates in order. *query* is a pressed button
    that wants an answer. Odd: it could not be read, and nothing of it is kept."""

    update_id: int
    lane: str = field(default="", repr=False)
    inbounds: tuple[Inbound, ...] = ()
    query: str | None = field(default=None, repr=False)
    is_odd: bool = False


def update_id_of(raw: object) -> int | None:
    """The id of a raw update; None for what is no update."""
    found = raw.get("update_id") if isinstance(raw, Mapping) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def read(raw: Any) -> Reading:
    """Read one raw update. Never raises: whatever a platform may send some day."""
    update_id = update_id_of(raw) or 0
    try:
        return _read(Update.de_json(bare(raw), None), is_of_platform(raw))
    except Exception:
        # Of a shape that this release does not know. It must not sink the updates around it.
        return _unreadable(update_id, raw)


def message_number(message: str) -> int | None:
    """The platform's number of a message we remembered, also of one's caption."""
    digits = message.removesuffix(CAPTION)
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _unreadable(update_id: int, raw: Any) -> Reading:
    """Who sent something that cannot be read should hear that, if it can be told who it was."""
    message = raw.get("message") if isinstance(raw, Mapping) else None
    chat = message.get("chat") if isinstance(message, Mapping) else None
    if not isinstance(chat, Mapping) or chat.get("type") != "private":
        return Reading(update_id, is_odd=True)
    if not isinstance(chat.get("id"), int):
        return Reading(update_id, is_odd=True)
    person = str(chat["id"])
    inbound = Inbound(CHANNEL, person, str(update_id), events.Unknown())
    return Reading(update_id, person, (inbound,), is_odd=True)


def _read(update: Update, is_service: bool) -> Reading:
    if update.callback_query is not None:
        return _press(update.update_id, update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update.update_id, update.my_chat_member)
    if update.edited_message is not None:
        return _messaged(update.update_id, update.edited_message, _edited(update.edited_message))
    if update.message is not None and not is_service:
        return _messaged(update.update_id, update.message, _happened(update.message))
    return Reading(update.update_id)


def _press(update_id: int, query: CallbackQuery) -> Reading:
    chat = None if query.message is None else query.message.chat
    if chat is None or chat.type != "private":
        return Reading(update_id, query=query.id)
    person = str(chat.id)
    inbound = Inbound(
        CHANNEL, person, str(update_id), pressed(query.data or ""), _language(query.from_user)
    )
    return Reading(update_id, person, (inbound,), query.id)


def _membership(update_id: int, change: ChatMemberUpdated) -> Reading:
    # Coming back is told by the /start that follows it.
    if change.chat.type != "private" or change.new_chat_member.status != "kicked":
        return Reading(update_id)
    person = str(change.chat.id)
    inbound = Inbound(
        CHANNEL, person, str(update_id), events.Blocked(), _language(change.from_user)
    )
    return Reading(update_id, person, (inbound,))


_Found = tuple[tuple[Event, bool], ...]
"""What a message tells, each with whether it is the message's caption."""


def _messaged(update_id: int, message: Message, found: _Found) -> Reading:
    if message.chat.type != "private":
        return Reading(update_id)
    person, language = str(message.chat.id), _language(message.from_user)
    return Reading(
        update_id,
        person,
        tuple(
            Inbound(
                CHANNEL,
                person,
                str(update_id) if nth == 0 else f"{update_id}.{nth}",
                event,
                language,
                f"{message.message_id}{CAPTION if is_caption else ''}",
            )
            for nth, (event, is_caption) in enumerate(found)
        ),
    )


def _language(user: User | None) -> str:
    code = (user.language_code if user is not None else None) or ""
    return "en" if code.lower().startswith("en") else "th"


# --- messages ----------------------------------------------------------------------------------


def _happened(message: Message) -> _Found:
    if message.text is not None:
        return _typed(message.text)
    held = _held(message)
    if held is not None:
        caption = ((events.Text(message.caption), True),) if message.caption else ()
        return ((held, False), *caption)
    if message.location is not None:
        place = message.location
        return ((events.Location(place.latitude, place.longitude), False),)
    return ((events.Unknown(), False),)


def _edited(message: Message) -> _Found:
    """An edit names the message it changes. A place that moves on is not told again, nor a file
    that was exchanged for another: what was sent first stays."""
    if message.text is not None:
        return ((events.Edited(None, message.text), False),)
    if message.caption:
        return ((events.Edited(None, message.caption), True),)
    return ()


def _typed(words: str) -> _Found:
    """Words, or a command. What follows a command is said too, unless it is a link's argument."""
    found = _COMMAND.fullmatch(words)
    name = "" if found is None else found[1].lower()
    if found is None or name not in COMMANDS:
        return ((events.Text(words), False),)
    rest = (found[2] or "").strip()
    if name == "start" or not rest:
        return ((events.Command(name, rest), False),)
    return ((events.Command(name), False), (events.Text(rest), False))


def _held(message: Message) -> events.Held | None:
    """The file of a message. The order matters: an animation is marked as a document too."""
    if message.animation is not None:
        return _handle("video", message.animation, "video/mp4")
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return _handle("photo", largest, "image/jpeg")
    if message.video is not None:
        return _handle("video", message.video, "video/mp4")
    if message.video_note is not None:
        return _handle("video", message.video_note, "video/mp4")
    if message.voice is not None:
        return _handle("voice", message.voice, "audio/ogg")
    if message.audio is not None:
        return _handle("voice", message.audio, "audio/mpeg")
    if message.document is not None:
        return _handle(_media_of(message.document.mime_type), message.document, "")
    return None


def _media_of(mime: str | None) -> str:
    kinds = {"image": "photo", "video": "video", "audio": "voice"}
    return kinds.get((mime or "").partition("/")[0], "document")


def _handle(media: str, file: Any, usual_mime: str) -> events.Held:
    name = getattr(file, "file_name", None)
    name = str(name)[:NAME_AT_MOST] if name else None
    handle = {
        "file_id": file.file_id,
        "size": file.file_size,
        "mime": getattr(file, "mime_type", None) or usual_mime or "application/octet-stream",
        "name": name,
    }
    return events.Held(media, json.dumps(handle, ensure_ascii=False), name)
