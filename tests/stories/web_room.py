"""Plays a story on the web chat: a browser without scripts, and what stands on its page."""

from contextlib import suppress

from handlers.effects import Ask
from handlers.saying import label as label_of
from tests.bot.web_house import Seen, Visitor
from tests.stories.files import file_of
from tests.stories.player import Person, Story
from tests.stories.reading import Reads, reads
from tests.stories.stage import Stage


class Everything(Seen):
    """A page with all that stands in its bubbles: officers' words and the receipt too."""

    def handle_data(self, data: str) -> None:
        super().handle_data(data)
        is_apart = any(tag in ("bdi", "output") for tag, _ in self._path)
        if is_apart and self.bubbles and self._within("class", "said"):
            self.bubbles[-1] += data


class WebRoom:
    """One person and their browser. *tabs* are pages that were open before and still are."""

    def __init__(self, stage: Stage, story: Story, codes: dict[str, str], browser: Visitor) -> None:
        self.stage = stage
        self.codes = codes
        self.browser = browser
        self.address = f"/?lang={story.setting('language', 'th')}"
        self.has_tabs = any(each.person.what == "stale_tap" for each in story.exchanges)
        self.tabs: list[tuple[Seen, Ask | None]] = []

    async def enter(self) -> None:
        """Open the page, in the language that a person chose at its top."""
        await self.browser.open(self.address)

    async def hear(self, person: Person, ask: Ask | None) -> Reads:
        """Carry out one line of the story while *ask* stands; what can be read then."""
        self.stage.passes()
        if self.has_tabs:
            seen = self.browser.seen
            self.tabs.append((await self.browser.open(), ask))
            self.browser.seen = seen
        await self._do(person, ask)
        seen = Everything(self.browser.answer.text)
        return reads("\n".join(seen.bubbles), tuple(seen.buttons.values()))

    def printed(self) -> str:
        """The page as it stands, for somebody to read."""
        seen = self.browser.seen
        return "\n".join((*seen.bubbles, f"    [{'] ['.join(seen.buttons.values())}]"))

    async def _do(self, person: Person, ask: Ask | None) -> None:
        browser, words = self.browser, person.words.format_map(self.codes)
        match person.what:
            case "followed":
                await browser.open(self.address)
            case "text":
                await browser.say(words)
            case "tap":
                await browser.press(self._choice(browser.seen, ask, words))
            case "stale_tap":
                await self._tap_again(words)
            case what:
                sent = file_of(what)
                await browser.upload((sent.name, sent.data, sent.mime))

    def _choice(self, seen: Seen, ask: Ask | None, label: str) -> str:
        """The button of *seen* that a chat labels so: a page has room for its full wording. (What
        follows the dot in an id is drawn at random.)"""
        words, options = self.stage.house.means.books["web"].words, ask.choices if ask else ()
        named = [each.id for each in options if label_of(words, ask.language, each) == label]
        wanted = {each.partition(".")[0] for each in named}
        return next(each for each in seen.buttons if each.partition(".")[0] in wanted)

    async def _tap_again(self, label: str) -> None:
        """Press a button in a tab that was left open."""
        for tab, ask in reversed(self.tabs[:-1]):
            with suppress(StopIteration):
                choice = self._choice(tab, ask, label)
                self.browser.seen = tab
                await self.browser.press(choice)
                return
        raise AssertionError(f"no page offered {label}")
