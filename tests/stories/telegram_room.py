"""Plays a story on Telegram: somebody with the app, and what stands in their chat afterwards."""

import asyncio
from dataclasses import replace

from handlers.effects import Ask
from tests.fakes.telegram import NOT_FOUND, Shown
from tests.stories.files import Sent, file_of
from tests.stories.player import Person, Story
from tests.stories.reading import RECEIPT, Reads, reads
from tests.stories.stage import AT_MOST_S, Stage


class TelegramRoom:
    """One person and their phone."""

    def __init__(self, stage: Stage, story: Story, codes: dict[str, str]) -> None:
        self.stage = stage
        self.codes = codes
        self.phone = stage.telegram.person(language_code=story.setting("language", "th"))
        self.cards: list[Shown] = []
        self.said: list[int] = []

    async def enter(self) -> None:
        """The language is the phone's: nothing to choose."""

    async def hear(self, person: Person, ask: Ask | None) -> Reads:
        """Carry out one line of the story; what can be read then."""
        self.stage.passes()
        before, calls = len(self.phone.history), len(self.stage.telegram.calls)
        stood = [*self.phone.chat]
        await self._do(person)
        async with asyncio.timeout(AT_MOST_S):
            await self.stage.telegram.settled()
        await self.stage.settled()
        return replace(self._read(before, calls), wiped=self._wiped(stood, before))

    async def sends_album(self, count: int) -> None:
        self.phone.album([file_of("photo").data] * count)
        await self.stage.telegram.settled()

    def said_by_bot(self) -> list[str]:
        """Everything the bot ever sent or changed in this chat."""
        return [each.text for each in self.phone.history if each.what != "deleted"]

    def printed(self) -> str:
        """The chat as it stands, for somebody to read."""
        return "\n\n".join(
            f"{'บอท' if each.is_from_bot else 'คน'}> {each.text or '(ไฟล์)'}"
            + "".join(
                f"\n    [{'] ['.join(button['text'] for button in row)}]" for row in each.rows
            )
            for each in self.phone.chat
        )

    async def _do(self, person: Person) -> None:
        phone, words = self.phone, person.words.format_map(self.codes)
        match person.what:
            case "command" | "followed":
                phone.write(f"/{words}")
            case "text":
                self.said.append(phone.write(words))
            case "tap":
                phone.tap(words)
            case "stale_tap":
                self._tap_again(words)
            case "edited":
                phone.edit(self.said[-1], words)
            case "news" | "last_news" as what:
                is_ending = what == "last_news"
                await self.stage.tells_news("telegram", str(phone.chat_id), is_ending=is_ending)
            case "card":
                await self.stage.sends_card("telegram", str(phone.chat_id), words)
            case "blocked":
                phone.block()
            case "location":
                phone.location(16.4419, 102.8360)
            case "unknown":
                phone.sticker()
            case _:
                await self._send(person)

    async def _send(self, person: Person) -> None:
        """Files: Telegram holds them, and they come when the story says so."""
        stage, phone = self.stage, self.phone
        match person.what:
            case "held":
                async with stage.holding_files():
                    phone.photo(file_of("photo").data)
                    await stage.telegram.settled()
            case "photo":
                phone.photo(file_of("photo").data)
            case "voice" | "document" | "marked_photo" | "odd_video":
                self._send_as_file(file_of(person.what), person.what)
            case "fetched":
                stage.lets_a_file_through()
            case "lost":
                stage.telegram.faults.next("file", NOT_FOUND)
                stage.lets_a_file_through()
            case "slow":
                await stage.files_are_slow()
            case what:
                raise AssertionError(f"nobody can do {what} on Telegram")

    def _send_as_file(self, sent: Sent, what: str) -> None:
        """Telegram takes the details out of photos by itself, unless they are sent as files."""
        kind = {"voice": "voice", "odd_video": "video"}.get(what, "document")
        self.phone.file(kind, sent.data, mime=sent.mime, name=sent.name)

    def _tap_again(self, label: str) -> None:
        """Press what stood on an earlier card, as a slow phone still shows it."""
        for card in reversed(self.cards[:-1]):
            if any(label in each for each in card.labels):
                phone_shows = replace(card)
                self.phone.tap(label, phone_shows)
                return
        raise AssertionError(f"no card said {label}")

    def _wiped(self, stood: list[Shown], before: int) -> frozenset[str]:
        """What is gone of the chat: all that stood there, every receipt, what was typed now."""
        gone = {each.message_id for each in self.phone.history[before:] if each.what == "deleted"}
        if stood and all(each.is_deleted for each in stood):
            return frozenset({"all"})
        hid = any(each.message_id in gone and RECEIPT.search(each.text) for each in stood)
        shows = any(each.is_from_bot and RECEIPT.search(each.text) for each in self.phone.chat)
        return frozenset(
            name
            for name, is_gone in (
                ("receipt", hid and not shows),
                ("said", bool(self.said) and self.said[-1] in gone),
            )
            if is_gone
        )

    # --- reading -------------------------------------------------------------------------------

    def _read(self, before: int, calls: int) -> Reads:
        """The bot's messages that are new or changed since, from top to bottom; also the card
        when what had to be said stood on it already."""
        phone, deeds = self.phone, self.phone.history[before:]
        touched = {each.message_id for each in deeds if each.what in ("sent", "edited")}
        touched |= {
            int(each.params["message_id"])
            for each in self.stage.telegram.calls[calls:]
            if each.method == "editMessageText"
        }
        shown = [each for each in phone.from_bot if each.message_id in touched]
        labels = phone.cards[-1].labels if phone.cards else []
        if phone.cards and (not self.cards or phone.cards[-1].rows != self.cards[-1].rows):
            self.cards.append(replace(phone.cards[-1]))
        return reads("\n".join(each.text for each in shown), labels)
