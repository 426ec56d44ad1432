"""What a channel has to say at each line of a story: the pure engine's answer, as it reads there.

Owns what follows from how a channel is built and cannot be otherwise: files come in two steps, a
question that is overtaken is not asked, a page is not a conversation yet, and LINE lets the bot
speak only when somebody just wrote.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.channels.line.parts import TOKEN_S
from bot.channels.line.pushing import NOTICES
from bot.lines import PASSING
from handlers.effects import Ask, Card, Erase, Intent, Say, SecretOnce
from handlers.engine import start
from tests.stories.engine_room import EngineRoom
from tests.stories.player import Person, Story
from tests.stories.reading import FILES, Reads, as_it_happens, buttons_on, read_on, reads
from tests.stories.stage import A_MOMENT_S, SLOW_S

_UNPROMPTED = ("fetched", "lost", "slow", "unsent", "news", "last_news", "card", "blocked")
"""What happens without a word of the person, so that nothing answers it."""


class Expecting:
    """The engine, playing *story* on *channel*."""

    def __init__(self, story: Story, channel: str) -> None:
        self.channel = channel
        self.engine = EngineRoom(story, channel)

    @property
    def ask(self) -> Ask | None:
        return self.engine.ask

    def does(self, person: Person) -> Person | None:
        """What *person* does on this channel. Nobody can order a bot to refuse, so whoever would
        agree to notices and be refused says no instead (tests/bot/test_notices.py is refused)."""
        does = as_it_happens(self.channel, person, self.engine.ask)
        wishes = self.engine.wishes
        if does is not None and does.words == "ตกลง" and wishes and wishes[0] != "on":
            wishes.pop(0)
            return replace(does, words="ไม่ต้องแจ้ง")
        return does

    def hear(self, person: Person) -> Reads:
        """What has to be readable after *person*'s line of the story."""
        said = [intent for step in self._steps(person) for intent in step]
        wiped = frozenset(intent.what for intent in said if isinstance(intent, Erase))
        return reads(self._read(said), buttons_on(self.channel, self.engine), wiped)

    def _steps(self, person: Person) -> list[list[Intent]]:
        """The engine's answers: a file is announced, and then it is here."""
        if person.what not in FILES:
            return [self._heard(person)]
        media = person.what.removeprefix("marked_").removeprefix("odd_")
        steps = [self._heard(replace(person, what="held", words=media))]
        if self.engine.fetching:
            steps.append(self._heard(replace(person, what="fetched", words=person.what)))
        return steps

    def _heard(self, person: Person) -> list[Intent]:
        """The engine's answer. Whoever noted the receipt is forgotten once that was delivered, and
        so is whoever was told of news without being here: their next words begin anew."""
        is_new = self.engine.conversation.asked is None
        deeds = self.engine.hear(person).deeds or ()
        if "ทิ้งรหัส" in deeds or (person.what in ("news", "last_news", "card") and is_new):
            self.engine.conversation = start(self.engine.conversation.language)
        said = list(self.engine.intents)
        if not _has(said, SecretOnce) or self.engine.filed_now:
            return said
        # A receipt that is shown again is older than what is said about the newest message.
        shown = [each for each in said if isinstance(each, SecretOnce)]
        return [*shown, *(each for each in said if each not in shown)]

    def _read(self, said: Sequence[Intent]) -> str:
        return read_on(self.channel, self.engine, _without_overtaken(said))


class ExpectingPages(Expecting):
    """A page shows one screen, and stays as it is until there is another."""

    def __init__(self, story: Story, channel: str) -> None:
        super().__init__(story, channel)
        self._page = ""

    def hear(self, person: Person) -> Reads:
        is_new = self.engine.conversation.asked is None
        heard = super().hear(person)
        if person.what == "followed" and is_new:
            self.engine.conversation = start(self.engine.conversation.language)
        self._page = heard.text or self._page
        return replace(heard, text=self._page)

    def _steps(self, person: Person) -> list[list[Intent]]:
        return [self._heard(person)]

    def _heard(self, person: Person) -> list[Intent]:
        self.engine.hear(person)
        return list(self.engine.intents)


class ExpectingLine(Expecting):
    """On LINE an answer needs a reply token, which comes with a message and answers once. A push
    is spent on a lost file, a late receipt, news and new cards only. What cannot be said waits for
    the next message."""

    def __init__(self, story: Story, channel: str) -> None:
        super().__init__(story, channel)
        self._tokens: list[float] = []
        self._waiting: list[Intent] = []
        self._now_s = 0.0
        self._buttons: tuple[str, ...] = ()

    def hear(self, person: Person) -> Reads:
        self._now_s += A_MOMENT_S
        if person.what == "slow":
            self._now_s += SLOW_S
        if person.what not in _UNPROMPTED:
            self._tokens.append(self._now_s)
        texts = [self._delivered(step) for step in self._steps(person)]
        return reads("\n".join(texts), self._buttons)

    def _delivered(self, said: Sequence[Intent]) -> str:
        """What of *said*, and of what waits, can be read now."""
        if not said:
            return ""
        waiting, self._waiting = [*self._waiting, *said], []
        if _has(said, Ask):
            waiting = [*_without_outdated(waiting[: -len(said)]), *said]
        if not self._may_speak(waiting):
            self._waiting = waiting
            return ""
        asks = _has(waiting, Ask)  # buttons hang on the newest message only
        self._buttons = buttons_on("line", self.engine) if asks else ()
        return self._read(waiting)

    def _may_speak(self, said: Sequence[Intent]) -> bool:
        self._tokens = [at for at in self._tokens if self._now_s - at < TOKEN_S - 3]
        if self._tokens:
            self._tokens.pop()
            return True
        keys = [each.key for each in said if isinstance(each, Say)]
        return _has(said, SecretOnce) or any(
            key.startswith("say.lost_") or key in NOTICES for key in keys
        )


def expecting(story: Story, channel: str) -> Expecting:
    made = {"line": ExpectingLine, "web": ExpectingPages}.get(channel, Expecting)
    return made(story, channel)


def _has(said: Sequence[Intent], kind: type[Intent]) -> bool:
    return any(isinstance(each, kind) for each in said)


def _without_overtaken(said: Sequence[Intent]) -> list[Intent]:
    """Of several questions only the last is asked, and what was said of the others goes too."""
    asks = [place for place, each in enumerate(said) if isinstance(each, Ask)]
    if len(asks) < 2:
        return list(said)
    before, after = said[: asks[-2] + 1], said[asks[-2] + 1 :]
    return [*_without_outdated(before), *after]


def _without_outdated(said: Sequence[Intent]) -> list[Intent]:
    """What is still worth saying when a newer question stands."""
    return [
        each
        for each in said
        if not (isinstance(each, Ask | Card) or (isinstance(each, Say) and each.key in PASSING))
    ]
