"""People on LINE and Telegram, in one set of verbs, as stories drive them.

    ann = TelegramChat(world)        bob = LineChat(world)
    await ann.start(); await ann.press("report"); await ann.say("…"); ann.receipt

Buttons are named by what they send (as in `browser`), never by their label. A deed returns once the
platform took it; `answered` waits for the next question. Refuses to know what a question means.
"""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl

from bot.channels.line import command_data
from tests.fakes.line import LinePerson
from tests.fakes.telegram import Shown, TelegramPerson
from tests.fakes.telegram.messages import Deed
from tests.whole.platforms import World

WAIT_S = 20.0
LOOK_S = 0.01
RECEIPT = re.compile(r"\d{4}(?:-\d{4}){5}")


@dataclass(frozen=True, slots=True)
class Button:
    """What a button sends: the question it belongs to, and the choice."""

    screen: str
    choice: str


class Chat(ABC):
    """One person and their chat with the bot."""

    name: str

    # --- what they see ---------------------------------------------------------------------------

    @property
    @abstractmethod
    def buttons(self) -> Mapping[Button, str]:
        """The buttons that stand before the person now, and what each is pressed by."""

    @property
    @abstractmethod
    def heard(self) -> Sequence[str]:
        """Every text that the bot ever put into this chat, oldest first."""

    @property
    @abstractmethod
    def is_asked(self) -> bool:
        """Whether the newest thing that the bot said is a question with buttons."""

    @property
    def choices(self) -> frozenset[str]:
        return frozenset(button.choice for button in self.buttons)

    @property
    def screen(self) -> str:
        """Which question the buttons belong to; "" when there are none."""
        return next((button.screen for button in self.buttons), "")

    @property
    def receipts(self) -> list[str]:
        """Every receipt that was shown, each once."""
        return list(dict.fromkeys(code for text in self.heard for code in RECEIPT.findall(text)))

    @property
    def receipt(self) -> str | None:
        """The newest receipt that was shown."""
        return next(reversed(self.receipts), None)

    # --- what they do ----------------------------------------------------------------------------

    @abstractmethod
    async def command(self, name: str) -> None:
        """Use an entry of the menu, or a command."""

    @abstractmethod
    async def write(self, words: str) -> str:
        """Send words; the message's id."""

    @abstractmethod
    async def tap(self, choice: str) -> None:
        """Press the button that sends *choice*."""

    @abstractmethod
    async def photos(self, *photos: bytes, caption: str = "") -> None:
        """Send photos, several at once as an album. (LINE has no captions.)"""

    @abstractmethod
    async def document(self, name: str, data: bytes) -> None: ...

    @abstractmethod
    async def pin(self, latitude: float, longitude: float) -> None: ...

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Wait, at the end, until something was said since the beginning, down to a question."""
        before = len(self.heard)
        yield
        await self.until(lambda: len(self.heard) > before and self.is_asked)

    async def start(self) -> None:
        async with self.answering():
            await self.command("start")

    async def say(self, words: str) -> str:
        async with self.answering():
            return await self.write(words)

    async def press(self, choice: str) -> None:
        """Press the button that sends *choice*, once it stands there; the answer is here then."""
        await self.until(lambda: choice in self.choices)
        async with self.answering():
            await self.tap(choice)

    async def show(self, *photos: bytes, caption: str = "") -> None:
        async with self.answering():
            await self.photos(*photos, caption=caption)

    async def until(self, is_so: Callable[[], bool], wait_s: float = WAIT_S) -> None:
        """Wait for what the fake will do in this very process."""
        try:
            async with asyncio.timeout(wait_s):
                while not is_so():  # noqa: ASYNC110  # several fakes, no one event of theirs
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise AssertionError((self.name, sorted(self.choices), self.heard[-3:])) from None


class TelegramChat(Chat):
    """A person on Telegram."""

    def __init__(self, world: World) -> None:
        self.person: TelegramPerson = world.telegram.person()
        self.name = f"telegram {self.person.chat_id}"

    @property
    def buttons(self) -> Mapping[Button, str]:
        rows = self._cards[-1].rows if self._cards else []
        data = [each["callback_data"] for row in rows for each in row]
        return {Button(*each.split(":", 1)): each for each in data}

    @property
    def heard(self) -> Sequence[str]:
        return [deed.text for deed in self._said]

    @property
    def is_asked(self) -> bool:
        by_id = self.person.methods.messages.by_id
        newest = self._said[-1:]
        return any(by_id[deed.message_id].rows for deed in newest)

    @property
    def _said(self) -> list[Deed]:
        by_id = self.person.methods.messages.by_id
        done = (deed for deed in self.person.history if deed.what in ("sent", "edited"))
        return [deed for deed in done if by_id[deed.message_id].is_from_bot]

    @property
    def _cards(self) -> list[Shown]:
        return self.person.cards

    async def command(self, name: str) -> None:
        self.person.write(f"/{name}")

    async def write(self, words: str) -> str:
        return str(self.person.write(words))

    async def tap(self, choice: str) -> None:
        (data,) = (data for button, data in self.buttons.items() if button.choice == choice)
        self.person.press(self._cards[-1], data)

    async def photos(self, *photos: bytes, caption: str = "") -> None:
        if len(photos) == 1:
            self.person.photo(photos[0], caption)
        else:
            self.person.album(photos, caption)

    async def document(self, name: str, data: bytes) -> None:
        self.person.file("document", data, name=name, mime="application/pdf")

    async def pin(self, latitude: float, longitude: float) -> None:
        self.person.location(latitude, longitude)


class LineChat(Chat):
    """A person on LINE."""

    def __init__(self, world: World) -> None:
        self.person: LinePerson = world.line.person()
        self.name = f"line {self.person.user_id[:6]}"

    @property
    def buttons(self) -> Mapping[Button, str]:
        return {
            Button(said["screen"], said["choice"]): action["data"]
            for action in self._last_quick.values()
            if "screen" in (said := dict(parse_qsl(action["data"])))
        }

    @property
    def heard(self) -> Sequence[str]:
        return [bubble.text for bubble in self.person.chat if bubble.side == "bot"]

    @property
    def is_asked(self) -> bool:
        return bool(self.buttons)

    @property
    def _last_quick(self) -> Mapping[str, Mapping[str, str]]:
        bots = [bubble for bubble in self.person.chat if bubble.side == "bot"]
        return bots[-1].quick if bots else {}

    async def command(self, name: str) -> None:
        await self.person.posts_back(command_data(name))

    async def write(self, words: str) -> str:
        await self.person.says(words)
        mine = [each for each in self.person.chat if each.side == "person"]
        return mine[-1].message_id  # the bot may have answered already

    async def tap(self, choice: str) -> None:
        (data,) = (data for button, data in self.buttons.items() if button.choice == choice)
        await self.person.posts_back(data)

    async def photos(self, *photos: bytes, caption: str = "") -> None:
        assert not caption, "LINE has no captions"
        if len(photos) == 1:
            await self.person.sends_photo(photos[0])
        else:
            await self.person.sends_album(*photos)

    async def document(self, name: str, data: bytes) -> None:
        await self.person.sends_file(data, name)

    async def pin(self, latitude: float, longitude: float) -> None:
        await self.person.drops_pin(latitude, longitude)


CHATS: Mapping[str, Callable[[World], Chat]] = {"telegram": TelegramChat, "line": LineChat}
"""Who chats on which platform."""
