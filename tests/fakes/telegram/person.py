"""Somebody with the app in their hand: what they do, and what they see.

Their updates carry what the real platform hands out unasked: name, username, language, and the
telephone number of a contact they share. A test can look for those canaries wherever they must not
be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram.messages import Chat, Deed, Shown
from tests.fakes.telegram.methods import Methods


@dataclass
class TelegramPerson:
    """One account and its private chat with the bot."""

    methods: Methods
    chat_id: int
    canaries: tuple[str, ...]
    phone: str

    @classmethod
    def new(
        cls, methods: Methods, nth: int, *, language_code: str | None = "th"
    ) -> "TelegramPerson":
        chat_id = 5_550_000_000 + nth
        first, last = f"Somying-canary-{nth}", f"Jaidee-canary-{nth}"
        username, phone = f"somying_canary_{nth}", f"+6689555{nth:04d}"
        sender: dict[str, Any] = {
            "id": chat_id,
            "is_bot": False,
            "first_name": first,
            "last_name": last,
            "username": username,
        }
        if language_code is not None:
            sender["language_code"] = language_code
        methods.messages.chats[chat_id] = Chat(chat_id, sender)
        return cls(methods, chat_id, (first, last, username, phone, str(chat_id)), phone)

    # --- what they see -------------------------------------------------------------------------

    @property
    def chat(self) -> list[Shown]:
        """The chat as it stands, oldest first."""
        return [each for each in self.methods.messages.of(self.chat_id) if not each.is_deleted]

    @property
    def from_bot(self) -> list[Shown]:
        """What stands there of the bot's."""
        return [each for each in self.chat if each.is_from_bot]

    @property
    def history(self) -> list[Deed]:
        """Everything that was ever sent, edited or deleted in this chat."""
        return self._chat.history

    @property
    def cards(self) -> list[Shown]:
        """The messages that have buttons now."""
        return [each for each in self.from_bot if each.rows]

    @property
    def card(self) -> Shown:
        """The one message with buttons."""
        (card,) = self.cards
        return card

    @property
    def text(self) -> str:
        """Everything that can be read of the bot's now."""
        return "\n\n".join(each.text for each in self.from_bot)

    @property
    def toasts(self) -> list[str]:
        """What pressing buttons was answered with, in order."""
        mine = {
            each for each, (chat_id, _) in self.methods.queries.items() if chat_id == self.chat_id
        }
        return [each.text for each in self.methods.answered if each.query_id in mine]

    # --- what they do --------------------------------------------------------------------------

    def start(self, argument: str = "") -> int:
        return self.write(f"/start {argument}".strip())

    def write(self, text: str) -> int:
        """Send words; the message's id."""
        entities = {}
        if text.startswith("/"):
            length = len(text.split()[0])
            entities = {"entities": [{"type": "bot_command", "offset": 0, "length": length}]}
        return self._send(text=text, content=entities)

    def edit(self, message_id: int, text: str) -> None:
        """Change a message's words, or its caption."""
        message = self.methods.messages.by_id[message_id]
        message.text = text
        body = self.methods.as_json(message) | {"edit_date": int(self._now_s)}
        self._tell({"edited_message": body})

    def tap(self, label: str, message: Shown | None = None) -> str:
        """Press the newest button that says *label* (on *message*, even if it is gone)."""
        places = [message] if message is not None else list(reversed(self.cards))
        for place in places:
            for row in place.rows:
                for button in row:
                    if label in (button["text"], button["text"].partition(". ")[2]):
                        return self.press(place, button["callback_data"])
        raise AssertionError((label, [place.labels for place in places]))

    def press(self, message: Shown, data: str) -> str:
        """Send *data* as a button of *message* would; a changed app can send anything."""
        query_id = f"{self.chat_id}{len(self.methods.queries):06d}"
        self.methods.queries[query_id] = (
            self.chat_id,
            self._now_s + self.methods.rules.query_s,
        )
        self._tell(
            {
                "callback_query": {
                    "id": query_id,
                    "from": self._chat.sender,
                    "message": self.methods.as_json(message),
                    "chat_instance": "4242",
                    "data": data,
                }
            }
        )
        return query_id

    def photo(self, data: bytes, caption: str = "", **more: Any) -> int:
        small = self.methods.files.add(data[: max(1, len(data) // 4)]) | {"width": 90, "height": 60}
        large = self.methods.files.add(data) | {"width": 1280, "height": 853}
        return self._send(text=caption, content={"photo": [small, large], **more})

    def album(self, photos: Sequence[bytes], caption: str = "") -> list[int]:
        """Several photos at once: an update each, one caption on the first."""
        group = str(13_000_000_000 + self.methods.messages.last_id)
        return [
            self.photo(data, caption if nth == 0 else "", media_group_id=group)
            for nth, data in enumerate(photos)
        ]

    def file(
        self,
        kind: str,
        data: bytes,
        *,
        caption: str = "",
        mime: str | None = None,
        name: str | None = None,
        size: int | None = None,
    ) -> int:
        """Send a video, voice, audio, document, animation or video_note."""
        held = self.methods.files.add(data, size) | {"duration": 4}
        if mime is not None:
            held["mime_type"] = mime
        if name is not None:
            held["file_name"] = name
        if kind in ("video", "animation"):
            held |= {"width": 640, "height": 480}
        if kind == "video_note":
            held["length"] = 240
        content: dict[str, Any] = {kind: held}
        if kind == "animation":
            content["document"] = held  # the platform sets both
        return self._send(text=caption, content=content)

    def voice(self, data: bytes) -> int:
        return self.file("voice", data, mime="audio/ogg")

    def video(self, data: bytes, caption: str = "") -> int:
        return self.file("video", data, caption=caption, mime="video/mp4", name="IMG_0001.MOV")

    def document(self, data: bytes, name: str, mime: str, caption: str = "") -> int:
        return self.file("document", data, caption=caption, mime=mime, name=name)

    def location(self, latitude: float, longitude: float) -> int:
        return self._send(content={"location": {"latitude": latitude, "longitude": longitude}})

    def venue(self, latitude: float, longitude: float, title: str) -> int:
        place = {"latitude": latitude, "longitude": longitude}
        venue = {"location": place, "title": title, "address": "ถนนมิตรภาพ"}
        return self._send(content={"location": place, "venue": venue})

    def contact(self) -> int:
        """Share their own telephone number."""
        sender = self._chat.sender
        return self._send(
            content={
                "contact": {
                    "phone_number": self.phone,
                    "first_name": sender["first_name"],
                    "user_id": self.chat_id,
                }
            }
        )

    def sticker(self) -> int:
        held = self.methods.files.add(b"sticker") | {
            "width": 512, "height": 512, "is_animated": False, "is_video": False,
            "type": "regular", "emoji": "😱",
        }  # fmt: skip
        return self._send(content={"sticker": held})

    def poll(self) -> int:
        return self._send(
            content={
                "poll": {
                    "id": "1", "question": "?", "options": [], "total_voter_count": 0,
                    "is_closed": False, "is_anonymous": True, "type": "regular",
                    "allows_multiple_answers": False,
                }
            }
        )  # fmt: skip

    def block(self) -> None:
        self._chat.is_blocked = True
        self._member("member", "kicked")

    def unblock(self) -> None:
        self._chat.is_blocked = False
        self._member("kicked", "member")

    def delete_account(self) -> None:
        self._chat.is_deactivated = True

    # --- how ---------------------------------------------------------------------------------

    @property
    def _chat(self) -> Chat:
        return self.methods.messages.chats[self.chat_id]

    @property
    def _now_s(self) -> float:
        return self.methods.clock.now_s()

    def _send(self, text: str = "", content: dict[str, Any] | None = None) -> int:
        self._chat.is_open = True
        made = self.methods.messages.add(
            self.chat_id, self._now_s, is_from_bot=False, text=text, content=content or {}
        )
        self._tell({"message": self.methods.as_json(made)})
        return made.message_id

    def _member(self, old: str, new: str) -> None:
        def member(status: str) -> dict[str, Any]:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.methods.profile.me, "status": status, **until}

        sender = self._chat.sender
        self._tell(
            {
                "my_chat_member": {
                    "chat": {
                        "id": self.chat_id,
                        "type": "private",
                        "first_name": sender["first_name"],
                    },
                    "from": sender,
                    "date": int(self._now_s),
                    "old_chat_member": member(old),
                    "new_chat_member": member(new),
                }
            }
        )

    def _tell(self, update: dict[str, Any]) -> None:
        self.methods.updates.add(update, self.chat_id)
