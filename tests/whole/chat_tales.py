"""What people tell on LINE and Telegram, from the first screen to the receipt, and how they return.

As `browser.Tale`, on chats: words and files go one by one, and each is answered. Refuses to know
which platform it is told on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.whole.chats import Chat


@dataclass(frozen=True, slots=True)
class ChatTale:
    """One tip as somebody tells it. *albums* are sent one after the other, each at once."""

    what: Sequence[str] = ("เห็นเขาเอาปูนของหลวงไปทำถนนหน้าบ้านตัวเอง",)
    who: str | None = None
    where: str | None = None
    albums: Sequence[Sequence[bytes]] = ()
    member_code: str | None = field(default=None, repr=False)

    @property
    def files(self) -> list[bytes]:
        return [photo for album in self.albums for photo in album]

    @property
    def is_members(self) -> bool:
        """A member is asked less, and whether they carry a story on before it is told."""
        return self.member_code is not None

    async def tell(self, chat: Chat) -> str:
        """Tell it all; the receipt."""
        await self.up_to_review(chat)
        await chat.press("send")
        assert chat.receipt is not None, chat.heard[-3:]
        return chat.receipt

    async def up_to_review(self, chat: Chat) -> None:
        await self.up_to_what(chat)
        for words in self.what:
            await chat.say(words)
        await self.from_what_to_review(chat)

    async def up_to_what(self, chat: Chat) -> None:
        await self._begin(chat)
        for choice in ("embezzlement", "TH-40", "unknown"):
            await chat.press(choice)
        if self.is_members:
            await chat.press("skip")
        else:
            await _free_text(chat, self.who)

    async def from_what_to_review(self, chat: Chat) -> None:
        await chat.press("done")
        if self.is_members:
            await _free_text(chat, self.who)
        await chat.press("yesterday")
        if not self.is_members:
            await _free_text(chat, self.where)
        for album in self.albums:
            await chat.show(*album)
        await chat.press("done" if self.albums else "none")
        if not self.is_members:
            await chat.press("skip")
        assert "send" in chat.choices, chat.heard[-3:]

    async def _begin(self, chat: Chat) -> None:
        await chat.start()
        if self.member_code is None:
            await chat.press("report")
            return
        await chat.press("member")
        await chat.say(self.member_code)
        await chat.press("case")


async def come_back(chat: Chat, receipt: str) -> None:
    """Open the tip of *receipt*; the officers' questions and the buttons stand there."""
    await chat.start()
    await chat.press("follow")
    await chat.say(receipt)
    assert "answer" in chat.choices, chat.heard[-3:]


async def _free_text(chat: Chat, words: str | None) -> None:
    if words is None:
        await chat.press("skip")
        return
    await chat.say(words)
    await chat.press("done")
