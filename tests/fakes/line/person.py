"""Somebody with LINE on a phone (or a PC): what they do, and the chat as it stands before them.

Every doing posts a webhook, signed as LINE signs it, and returns the status the bot answered (None:
no answer in time). What the bot says back arrives in `chat`; `hears` waits for it.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from tests.fakes.line.platform import Content, FakeLine

HEARS_WITHIN_S = 8.0


@dataclass
class Bubble:
    """One message in the chat. *text* is all that can be read in it."""

    side: str
    kind: str
    text: str
    message_id: str
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_unsent: bool = False
    is_pushed: bool = False

    @property
    def quick(self) -> dict[str, Mapping[str, Any]]:
        """Label → action of the quick replies below it."""
        items = self.raw.get("quickReply", {}).get("items", [])
        return {item["action"]["label"]: item["action"] for item in items}

    @property
    def buttons(self) -> dict[str, Mapping[str, Any]]:
        """Label → action of the buttons inside it; they stay where they are."""
        return {action["label"]: action for action in _actions(self.raw.get("contents"))} | {
            action["label"]: action for action in self.raw.get("template", {}).get("actions", [])
        }


@dataclass
class LinePerson:
    """One account and its chat with the bot."""

    line: "FakeLine" = field(repr=False)
    user_id: str = field(repr=False)
    name: str = field(repr=False)
    is_on_pc: bool = False
    is_friend: bool = True
    chat: list[Bubble] = field(default_factory=list, repr=False)
    is_waiting_shown: bool = False
    rich_menu_id: str | None = None
    _read: int = 0
    _arrived: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    # --- doing -------------------------------------------------------------------------------

    async def says(self, words: str) -> int | None:
        message_id = self.line.new_message_id()
        self.chat.append(Bubble("person", "text", words, message_id))
        message = {"type": "text", "id": message_id, "quoteToken": self.line.secret("q")}
        return await self._message(message | {"text": words})

    async def types_number(self, number: int) -> int | None:
        return await self.says(str(number))

    async def taps(self, label: str) -> int | None:
        """Tap what says *label*: a quick reply of the newest message, or a button in the chat."""
        return await self._act(self._action(label))

    async def taps_in(self, bubble: Bubble, label: str) -> int | None:
        """Tap a button of an older message (quick replies too, as if the phone were slow)."""
        return await self._act({**bubble.buttons, **bubble.quick}[label])

    async def taps_menu(self, area: int) -> int | None:
        """Tap the nth area of the rich menu, from 0. There is none on a PC."""
        assert not self.is_on_pc, "a PC shows no rich menu"
        menu = self.line.menus.shown_to(self)
        assert menu is not None, "no rich menu is shown"
        return await self._act(menu["areas"][area]["action"])

    async def posts_back(self, data: str) -> int | None:
        """A postback with *data*, whatever made it."""
        return await self._event({"type": "postback", "postback": {"data": data}})

    async def sends_photo(self, data: bytes, mime: str = "image/jpeg") -> int | None:
        return await self._sends("image", data, mime)

    async def sends_album(self, *photos: bytes) -> int | None:
        """Several photos picked at once: one webhook, an event for each, one imageSet."""
        set_id, status = self.line.secret(""), None
        async with self.line.together():
            for index, photo in enumerate(photos, 1):
                album = {"id": set_id, "index": index, "total": len(photos)}
                status = await self._sends("image", photo, "image/jpeg", imageSet=album)
        return self.line.last_status if status is None else status

    async def sends_video(
        self, data: bytes, mime: str = "video/mp4", *, is_ready: bool = False
    ) -> int | None:
        """A video; LINE says 202 until `content(…).is_ready`."""
        return await self._sends("video", data, mime, is_ready=is_ready, duration=9000)

    async def sends_audio(self, data: bytes, mime: str = "audio/m4a") -> int | None:
        return await self._sends("audio", data, mime, duration=4000)

    async def sends_file(self, data: bytes, name: str, mime: str = "application/pdf") -> int | None:
        return await self._sends("file", data, mime, fileName=name, fileSize=len(data))

    async def sends_linked_photo(self, url: str) -> int | None:
        """A photo that lies elsewhere: contentProvider external (a LIFF app can send one)."""
        provider = {"type": "external", "originalContentUrl": url, "previewImageUrl": url}
        message = {"type": "image", "id": self.line.new_message_id(), "contentProvider": provider}
        return await self._message(message)

    async def drops_pin(self, latitude: float, longitude: float) -> int | None:
        message: dict[str, Any] = {"type": "location", "id": self.line.new_message_id()}
        message |= {"latitude": latitude, "longitude": longitude, "address": "canary address"}
        self.chat.append(Bubble("person", "location", "", message["id"]))
        return await self._message(message)

    async def sends_sticker(self) -> int | None:
        message = {"type": "sticker", "id": self.line.new_message_id(), "packageId": "446"}
        self.chat.append(Bubble("person", "sticker", "", message["id"]))
        return await self._message(message | {"stickerId": "1988", "keywords": ["canary"]})

    async def unsends(self, bubble: Bubble | None = None) -> int | None:
        """Take back *bubble*, or one's newest message."""
        mine = [each for each in self.chat if each.side == "person" and not each.is_unsent]
        bubble = bubble or mine[-1]
        bubble.is_unsent, bubble.text = True, ""
        if bubble.message_id in self.line.contents:
            self.line.contents[bubble.message_id].is_unsent = True
        unsend = {"messageId": bubble.message_id}
        return await self._event({"type": "unsend", "unsend": unsend}, has_token=False)

    async def follows(self, *, is_unblocked: bool = False) -> int | None:
        self.is_friend = True
        return await self._event({"type": "follow", "follow": {"isUnblocked": is_unblocked}})

    async def blocks(self) -> int | None:
        self.is_friend = False
        return await self._event({"type": "unfollow"}, has_token=False)

    # --- seeing ------------------------------------------------------------------------------

    async def hears(self, within_s: float = HEARS_WITHIN_S) -> list[Bubble]:
        """What the bot said since one last listened; waits for at least one message."""
        async with asyncio.timeout(within_s):
            while not (heard := self.unread):
                await self._arrived.wait()
        self._read = len(self.chat)
        return heard

    @property
    def unread(self) -> list[Bubble]:
        """The bot's messages that `hears` has not returned yet."""
        self._arrived.clear()
        return [bubble for bubble in self.chat[self._read :] if bubble.side == "bot"]

    @property
    def quick(self) -> tuple[str, ...]:
        """The labels above the keyboard now; a PC shows none."""
        return () if self.is_on_pc else tuple(self._quick())

    @property
    def said(self) -> str:
        """All that the bot said, as it stands in the chat."""
        return "\n".join(bubble.text for bubble in self.chat if bubble.side == "bot")

    def content(self, bubble: Bubble | None = None) -> "Content":
        """What LINE holds of *bubble*, or of one's newest file."""
        held = [each for each in self.chat if each.message_id in self.line.contents]
        return self.line.contents[(bubble or held[-1]).message_id]

    def shows(self, bubbles: list[Bubble]) -> None:
        """The platform puts *bubbles* into the chat."""
        self.chat.extend(bubbles)
        self.is_waiting_shown = False
        self._arrived.set()

    # --- how ---------------------------------------------------------------------------------

    def _quick(self) -> Mapping[str, Mapping[str, Any]]:
        bots = [bubble for bubble in self.chat if bubble.side == "bot"]
        return bots[-1].quick if bots else {}

    def _action(self, label: str) -> Mapping[str, Any]:
        quick = {} if self.is_on_pc else self._quick()
        if label in quick:
            return quick[label]
        for bubble in reversed(self.chat):
            if label in bubble.buttons:
                return bubble.buttons[label]
        raise AssertionError(f"no button says {label!r}; there are {list(quick)}")

    async def _act(self, action: Mapping[str, Any]) -> int | None:
        match action["type"]:
            case "message":
                return await self.says(action["text"])
            case "postback":
                if shown := action.get("displayText"):
                    new = Bubble("person", "text", shown, self.line.new_message_id())
                    self.chat.append(new)
                return await self.posts_back(action["data"])
            case "richmenuswitch":
                self.rich_menu_id = self.line.menus.aliases[action["richMenuAliasId"]]
                return await self.posts_back(action["data"])
        raise AssertionError(f"nobody can tap a {action['type']!r} here")

    async def _sends(
        self, kind: str, data: bytes, mime: str, *, is_ready: bool = True, **more: Any
    ) -> int | None:
        message_id = self.line.keep(data, mime, is_ready=is_ready)
        self.chat.append(Bubble("person", kind, "", message_id))
        message = {"type": kind, "id": message_id, **more}
        if kind != "file":
            message["contentProvider"] = {"type": "line"}
        return await self._message(message)

    async def _message(self, message: Mapping[str, Any]) -> int | None:
        return await self._event({"type": "message", "message": message})

    async def _event(self, body: Mapping[str, Any], *, has_token: bool = True) -> int | None:
        return await self.line.happens(self, body, has_token=has_token)


def shown_text(message: Mapping[str, Any]) -> str:
    """All that can be read in a message of the bot."""
    match message["type"]:
        case "text":
            return str(message["text"])
        case "flex":
            return "\n".join(_texts(message["contents"]))
        case "template":
            return str(message["template"]["text"])
    return ""


def _parts(node: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from _parts(each)
    elif isinstance(node, list):
        for each in node:
            yield from _parts(each)


def _texts(node: object) -> Iterator[str]:
    return (str(part["text"]) for part in _parts(node) if part.get("type") == "text")


def _actions(node: object) -> Iterator[Mapping[str, Any]]:
    buttons = (part for part in _parts(node) if part.get("type") == "button")
    return (cast(Mapping[str, Any], part["action"]) for part in buttons)
