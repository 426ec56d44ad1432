"""Plays a story on LINE: somebody with the app, and what came into their chat."""

from handlers.effects import Ask
from tests.fakes.line import Fault
from tests.stories.files import file_of
from tests.stories.player import Person, Story
from tests.stories.reading import Reads, reads
from tests.stories.stage import Stage


class LineRoom:
    """One person and their phone."""

    def __init__(self, stage: Stage, story: Story, codes: dict[str, str]) -> None:
        self.stage = stage
        self.codes = codes
        self.speaks_english = story.setting("language") == "en"
        self.phone = stage.line.person()

    async def enter(self) -> None:
        """LINE does not say which language a person reads; they have to."""
        if self.speaks_english:
            await self.phone.says("English")
            await self.stage.settled()

    async def hear(self, person: Person, ask: Ask | None) -> Reads:
        """Carry out one line of the story; what can be read then."""
        self.stage.passes()
        before = len(self.phone.chat)
        await self._do(person)
        assert self.stage.line.last_status == 200
        await self.stage.settled()
        said = [each for each in self.phone.chat[before:] if each.side == "bot"]
        return reads("\n".join(each.text for each in said), self.phone.quick)

    async def sends_album(self, count: int) -> None:
        await self.phone.sends_album(*([file_of("photo").data] * count))

    def said_by_bot(self) -> list[str]:
        """Everything the bot ever said in this chat."""
        return [each.text for each in self.phone.chat if each.side == "bot"]

    def printed(self) -> str:
        """The chat as it stands, for somebody to read."""
        lines = []
        for each in self.phone.chat:
            who = "บอท" if each.side == "bot" else "คน"
            lines.append(f"{who}> {each.text or '(ไฟล์)'}")
            if each.quick:
                lines.append(f"    [{'] ['.join(each.quick)}]")
        return "\n".join(lines)

    async def _do(self, person: Person) -> None:
        phone, words = self.phone, person.words.format_map(self.codes)
        match person.what:
            case "followed":
                await phone.follows()
            case "command":  # an entry of the rich menu
                await phone.posts_back(f"menu={words}")
            case "text":
                await phone.says(words)
            case "tap":
                await phone.taps(words)
            case "stale_tap":
                await self._tap_again(words)
            case "unsent":
                await phone.unsends()
            case "news" | "last_news" as what:
                is_ending = what == "last_news"
                await self.stage.tells_news("line", phone.user_id, is_ending=is_ending)
            case "card":
                await self.stage.sends_card("line", phone.user_id, words)
            case "blocked":
                await phone.blocks()
            case "location":
                await phone.drops_pin(16.4419, 102.8360)
            case "unknown":
                await phone.sends_sticker()
            case _:
                await self._send(person)

    async def _send(self, person: Person) -> None:
        """Files: LINE holds them, and they come when the story says so."""
        stage, phone = self.stage, self.phone
        match person.what:
            case "held":
                async with stage.holding_files():
                    await phone.sends_photo(file_of("photo").data)
            case "photo" | "marked_photo":
                await phone.sends_photo(file_of(person.what).data)
            case "voice":
                await phone.sends_audio(file_of("voice").data)
            case "odd_video":
                await phone.sends_video(file_of("odd_video").data, is_ready=True)
            case "document":
                paper = file_of("document")
                await phone.sends_file(paper.data, paper.name, paper.mime)
            case "fetched":
                stage.lets_a_file_through()
            case "lost":
                if person.words == "gone":
                    phone.content().is_unsent = True
                else:
                    stage.line.faults.next(Fault.SERVER_ERROR, path="/content")
                stage.lets_a_file_through()
            case "slow":
                await stage.files_are_slow()
            case what:
                raise AssertionError(f"nobody can do {what} on LINE")

    async def _tap_again(self, label: str) -> None:
        """Press a button of an earlier message, as a slow phone still shows it."""
        asked = [each for each in self.phone.chat if each.quick]
        for bubble in reversed(asked[:-1]):
            if label in bubble.quick:
                await self.phone.taps_in(bubble, label)
                return
        raise AssertionError(f"no message offered {label}")
