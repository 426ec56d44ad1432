"""What people in the demo do on Telegram and on LINE, with the same few verbs as on the web.

Owns waiting: a chat answers when it answers, so whoever acts first waits for what they act on. What
the bot said is told as it comes, from top to bottom, and once.
"""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Self

from deploy.demo.errors import DemoFailed, check
from deploy.demo.person import BOT, RECEIPT, File
from deploy.demo.platforms import Platforms
from tests.fakes.line import LinePerson
from tests.fakes.telegram import TelegramPerson

ANSWER_AT_MOST_S = 45.0
QUIET_S = 0.3
"""After so long without another message, an answer is taken to be whole."""
_LOOK_EVERY_S = 0.03
_NUMBER = re.compile(r"^\d+\. ")

Tell = Callable[[str, str], None]
Message = tuple[str, str]
"""A message's id and its words, as they stand."""


class Chatter(ABC):
    """Somebody with a chat app. *tell* gets every word that is said, with who said it."""

    def __init__(self, name: str, platforms: Platforms, tell: Tell) -> None:
        self.name = name
        self._platforms = platforms
        self._tell = tell
        self._told: dict[str, str] = {}
        self._now: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._now = []  # the app is closed; the chat stays

    # --- what a person does

    def open(self) -> None:
        """Open the chat with the bot."""
        self._do(self._opens, self._opening)

    def tap(self, label: str) -> None:
        """Press the button that says *label*, once it is there."""
        if not self._comes(lambda: label in self.labels):
            raise DemoFailed(f"{self.name} finds no button “{label}”. There are:", self.labels)
        self._do(lambda: self._taps(label), f"[{label}]")

    def say(self, words: str) -> None:
        self._do(lambda: self._says(words), words)

    def send(self, file: File) -> None:
        self._do(lambda: self._sends(file), f"({file.name})")

    def _do(self, deed: Callable[[], object], shown: str) -> None:
        self._tell(self.name, shown)
        self._now = []
        self._carry_out(deed)
        self._listen()

    # --- what a person sees

    @property
    def bubbles(self) -> tuple[str, ...]:
        """What the bot said to the last thing that was done."""
        return tuple(self._now)

    @property
    def labels(self) -> tuple[str, ...]:
        return self._platforms.call(self._offered)

    @property
    def receipt(self) -> str:
        self._comes(lambda: RECEIPT.search("\n".join(self.bubbles)) is not None)
        found = RECEIPT.search("\n".join(self.bubbles))
        if found is None:
            raise DemoFailed("There is no receipt in the chat:", self.bubbles)
        return found[0]

    def sees(self, words: str) -> bool:
        return any(words in bubble for bubble in self.bubbles)

    def check_sees(self, *each: str) -> None:
        for words in each:
            is_said = self._comes(partial(self.sees, words))
            self._until_quiet()
            check(is_said, f"{self.name} should be told “{words}” but reads:", self.bubbles)

    @property
    def everything(self) -> str:
        """All that stands in the chat now, on both sides."""
        return "\n".join(words for _, words in self._platforms.call(self._standing))

    def _listen(self) -> None:
        """Wait until the bot has answered and is quiet; tell what it said."""
        if not self._comes(lambda: bool(self._now)):
            raise DemoFailed(f"{self.name} waits for an answer in vain.")
        self._until_quiet()

    def _until_quiet(self) -> None:
        quiet_from = time.monotonic()
        while time.monotonic() - quiet_from < QUIET_S:
            time.sleep(_LOOK_EVERY_S)
            if self._hear_news():
                quiet_from = time.monotonic()

    def _comes(self, claim: Callable[[], bool]) -> bool:
        """Whether *claim* holds before long: Telegram takes only so many messages a second, so an
        answer may come in pieces."""
        until = time.monotonic() + ANSWER_AT_MOST_S
        while not claim():
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK_EVERY_S)
            self._hear_news()
        return True

    def _hear_news(self) -> bool:
        news = [
            (message, words)
            for message, words in self._platforms.call(self._from_bot)
            if self._told.get(message) != words
        ]
        for message, words in news:
            self._told[message] = words
            self._now.append(words)
            self._tell(BOT, words)
        return bool(news)

    # --- the app

    _opening: str

    @abstractmethod
    def _carry_out(self, deed: Callable[[], object]) -> None: ...
    @abstractmethod
    def _opens(self) -> object: ...
    @abstractmethod
    def _taps(self, label: str) -> object: ...
    @abstractmethod
    def _says(self, words: str) -> object: ...
    @abstractmethod
    def _sends(self, file: File) -> object: ...
    @abstractmethod
    def _offered(self) -> tuple[str, ...]: ...
    @abstractmethod
    def _from_bot(self) -> list[Message]: ...
    @abstractmethod
    def _standing(self) -> list[Message]: ...


class OnTelegram(Chatter):
    """Somebody with Telegram."""

    _opening = "/start"

    def __init__(self, name: str, platforms: Platforms, tell: Tell) -> None:
        super().__init__(name, platforms, tell)
        self.phone: TelegramPerson = platforms.call(platforms.telegram.person)

    def _carry_out(self, deed: Callable[[], object]) -> None:
        self._platforms.call(deed)

    def _opens(self) -> object:
        return self.phone.start()

    def _taps(self, label: str) -> object:
        return self.phone.tap(label)

    def _says(self, words: str) -> object:
        return self.phone.write(words)

    def _sends(self, file: File) -> object:
        """As a file: Telegram makes a photo smaller, and takes its name away."""
        return self.phone.file("document", file.data, mime=file.mime, name=file.name)

    def _offered(self) -> tuple[str, ...]:
        return tuple(_NUMBER.sub("", each) for card in self.phone.cards for each in card.labels)

    def _from_bot(self) -> list[Message]:
        return [(str(each.message_id), each.text) for each in self.phone.from_bot]

    def _standing(self) -> list[Message]:
        return [(str(each.message_id), each.text) for each in self.phone.chat]


class OnLine(Chatter):
    """Somebody with LINE."""

    _opening = "(เพิ่มเพื่อน)"

    def __init__(self, name: str, platforms: Platforms, tell: Tell) -> None:
        super().__init__(name, platforms, tell)
        self.phone: LinePerson = platforms.call(platforms.line.person)

    def unsend(self) -> None:
        """Take back one's newest message. LINE lets the bot answer nothing to that."""
        self._tell(self.name, "(ยกเลิกข้อความ)")
        self._carry_out(self.phone.unsends)

    def _carry_out(self, deed: Callable[[], object]) -> None:
        self._platforms.run(deed())

    def _opens(self) -> object:
        return self.phone.follows()

    def _taps(self, label: str) -> object:
        return self.phone.taps(label)

    def _says(self, words: str) -> object:
        return self.phone.says(words)

    def _sends(self, file: File) -> object:
        return self.phone.sends_photo(file.data, file.mime)

    def _offered(self) -> tuple[str, ...]:
        return self.phone.quick

    def _from_bot(self) -> list[Message]:
        return [(each.message_id, each.text) for each in self.phone.chat if each.side == "bot"]

    def _standing(self) -> list[Message]:
        return [(each.message_id, each.text) for each in self.phone.chat]
