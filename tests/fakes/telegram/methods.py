"""The methods of the Bot API, each as documented: its limits, its refusals, its effect."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from tests.fakes.telegram.files import Files
from tests.fakes.telegram.floods import Floods
from tests.fakes.telegram.messages import Messages, Shown
from tests.fakes.telegram.profile import Profile
from tests.fakes.telegram.rules import Refused, Rules, bad, check_keyboard, parsed, units
from tests.fakes.telegram.updates import Updates, Webhook

ACTIONS = frozenset(
    {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"}
    | {"upload_document", "choose_sticker", "find_location", "record_video_note"}
)
Params = Mapping[str, Any]


@dataclass(frozen=True)
class Answered:
    """What answerCallbackQuery told the person."""

    query_id: str
    text: str


@dataclass
class Methods:
    """State and methods. `call` is the only door."""

    rules: Rules
    clock: Clock
    messages: Messages
    updates: Updates
    files: Files
    floods: Floods
    profile: Profile
    queries: dict[str, tuple[int, float]] = field(default_factory=dict)
    answered: list[Answered] = field(default_factory=list)
    actions: list[tuple[int, str]] = field(default_factory=list)

    async def call(self, method: str, params: Params) -> Any:
        """Raises Refused."""
        known: Mapping[str, Callable[[Params], Awaitable[Any]]] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "sendmessage": self._send_message,
            "senddocument": self._send_document,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_markup,
            "deletemessage": self._delete_message,
            "deletemessages": self._delete_messages,
            "answercallbackquery": self._answer,
            "sendchataction": self._action,
            "getfile": self._get_file,
        }
        name = method.lower()
        if name in known:
            return await known[name](params)
        if self.profile.knows(name):
            return self.profile.call(name, params)
        raise Refused(404, "Not Found: method not found")

    # --- updates -----------------------------------------------------------------------------

    async def _get_me(self, _: Params) -> Any:
        return self.profile.me

    async def _get_updates(self, params: Params) -> Any:
        limit = min(100, max(1, int(params.get("limit", 100))))
        return await self.updates.poll(
            int(params.get("offset", 0)),
            limit,
            float(params.get("timeout", 0)),
            params.get("allowed_updates"),
        )

    async def _set_webhook(self, params: Params) -> Any:
        hook = Webhook(
            str(params.get("url", "")),
            params.get("secret_token"),
            int(params.get("max_connections", 40)),
            params.get("allowed_updates"),
        )
        self.updates.set_webhook(hook, drops=bool(params.get("drop_pending_updates", False)))
        return True

    async def _delete_webhook(self, params: Params) -> Any:
        self.updates.set_webhook(Webhook(), drops=bool(params.get("drop_pending_updates", False)))
        return True

    async def _get_webhook_info(self, _: Params) -> Any:
        return self.updates.info()

    # --- messages ----------------------------------------------------------------------------

    async def _send_message(self, params: Params) -> Any:
        chat = self.messages.writable(params.get("chat_id"))
        text = parsed(str(params.get("text", "")), params.get("parse_mode"), self.rules.text_units)
        rows = check_keyboard(params.get("reply_markup"), self.rules)
        self.floods.count(chat.chat_id)
        preview = params.get("link_preview_options") or {}
        made = self.messages.add(
            chat.chat_id,
            self.clock.now_s(),
            is_from_bot=True,
            text=text,
            rows=rows,
            is_protected=bool(params.get("protect_content", False)),
            shows_preview=not preview.get("is_disabled", False),
        )
        return self.as_json(made)

    async def _send_document(self, params: Params) -> Any:
        chat = self.messages.writable(params.get("chat_id"))
        raw = params.get("document")
        if not isinstance(raw, bytes) or not raw:
            raise bad("there is no document in the request")
        if len(raw) > 50 * 1024 * 1024:
            raise Refused(413, "Request Entity Too Large")
        caption = str(params.get("caption", "")).strip()
        if units(caption) > self.rules.caption_units:
            raise bad("message caption is too long")
        self.floods.count(chat.chat_id)
        made = self.messages.add(
            chat.chat_id,
            self.clock.now_s(),
            is_from_bot=True,
            text=caption,
            is_protected=bool(params.get("protect_content", False)),
            content={"document": self.files.add(raw)},
        )
        return self.as_json(made)

    async def _edit_text(self, params: Params) -> Any:
        chat = self.messages.writable(params.get("chat_id"))
        message = self.messages.editable(chat.chat_id, params.get("message_id"))
        text = parsed(str(params.get("text", "")), params.get("parse_mode"), self.rules.text_units)
        rows = check_keyboard(params.get("reply_markup"), self.rules)
        self.floods.count(chat.chat_id)
        self.messages.edit(message, text, rows)
        return self.as_json(message)

    async def _edit_markup(self, params: Params) -> Any:
        chat = self.messages.writable(params.get("chat_id"))
        message = self.messages.editable(chat.chat_id, params.get("message_id"))
        rows = check_keyboard(params.get("reply_markup"), self.rules)
        self.floods.count(chat.chat_id)
        self.messages.edit(message, message.text, rows)
        return self.as_json(message)

    async def _delete_message(self, params: Params) -> Any:
        chat = self.messages.writable(params.get("chat_id"))
        if self.messages.find(chat.chat_id, params.get("message_id")) is None:
            raise bad("message to delete not found")
        self.messages.delete(chat.chat_id, [params["message_id"]], self.clock.now_s())
        return True

    async def _delete_messages(self, params: Params) -> Any:
        chat = self.messages.writable(params.get("chat_id"))
        message_ids = params.get("message_ids")
        if not isinstance(message_ids, list):
            raise bad("there must be 1 to 100 message identifiers")
        self.messages.delete(chat.chat_id, message_ids, self.clock.now_s())
        return True

    # --- beside the messages -----------------------------------------------------------------

    async def _answer(self, params: Params) -> Any:
        query_id, text = str(params.get("callback_query_id", "")), str(params.get("text", ""))
        if units(text) > self.rules.answer_units:
            raise bad("MESSAGE_TOO_LONG")
        _, until_s = self.queries.get(query_id, (0, 0.0))
        if self.clock.now_s() >= until_s:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.answered.append(Answered(query_id, text))
        return True

    async def _action(self, params: Params) -> Any:
        chat = self.messages.writable(params.get("chat_id"))
        if params.get("action") not in ACTIONS:
            raise bad("wrong parameter action in request")
        self.actions.append((chat.chat_id, str(params["action"])))
        return True

    async def _get_file(self, params: Params) -> Any:
        file_id = str(params.get("file_id", ""))
        if not re.fullmatch(r"[A-Za-z0-9_-]+", file_id):
            raise bad("invalid file_id")
        return self.files.link(file_id, self.clock.now_s())

    # --- as the platform writes them -----------------------------------------------------------

    def as_json(self, message: Shown) -> dict[str, Any]:
        """The message as an update or an answer carries it."""
        chat = self.messages.chats[message.chat_id]
        person = {key: value for key, value in chat.sender.items() if key != "is_bot"}
        person.pop("language_code", None)
        made: dict[str, Any] = {
            "message_id": message.message_id,
            "from": self.profile.me if message.is_from_bot else chat.sender,
            "chat": {**person, "id": message.chat_id, "type": "private"},
            "date": int(message.date_s),
            **message.content,
            **message.markup,
        }
        if message.text:
            made["caption" if message.content.keys() & CAPTIONED else "text"] = message.text
        return made | ({"has_protected_content": True} if message.is_protected else {})


CAPTIONED = frozenset({"photo", "video", "voice", "audio", "document", "animation"})
