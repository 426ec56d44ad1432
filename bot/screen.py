"""What stands before a person now, with everything secret on it opened in memory.

Owns the reading side: no turn, no commit. Officers' words and the receipt leave their seals here
and nowhere else, and only for as long as it takes to render them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.clock import today
from bot.following import Letter, open_letter, reply_keys
from bot.means import Means
from bot.state import State
from handlers import engine, events
from handlers.effects import INTENTS, Ask, Intent, OfficerWords, Row
from handlers.trail import trail
from storage import Transaction
from storage.repositories import conversations, outbox, parts, tips
from storage.repositories.parts import PartRow


@dataclass(frozen=True, slots=True)
class Screen:
    """What to render, in order. Hold it no longer than that takes.

    *receipt* (groups of four digits) belongs to the SecretOnce among the intents, *letters* (by
    part id) to the OfficerWords; a letter that is missing was taken back or cannot be opened.
    *accepts* names what the question takes besides taps: text, files, voice. *trail* is what was
    told so far, by name and count. Not begun: this is the greeting, and nothing is stored yet.
    """

    language: str
    intents: tuple[Intent, ...]
    accepts: frozenset[str] = frozenset()
    trail: tuple[Row, ...] = ()
    receipt: str | None = field(default=None, repr=False)
    letters: Mapping[str, Letter] = field(default_factory=dict, repr=False)
    is_begun: bool = True


class Screens:
    """Shows people where they are. For channels that ask; the outbox uses `letters`."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def show(self, channel: str, person: str, language: str = "th") -> Screen:
        """The screen of *person*; for nobody known, the greeting in *language*."""
        means = self._means
        conversation = means.marks.conversation(channel, person)
        row, lines = await means.db.read(
            lambda t: (
                conversations.get(t, conversation),
                outbox.of_conversation(t, conversation),
            )
        )
        read = means.open(row, person, language)
        if read.key is None or not read.state.shown:
            return self._greeting(channel, read.state, is_begun=read.key is not None)
        state, intents = read.state, read.state.screen
        return Screen(
            state.conversation.language,
            intents,
            state.accepts,
            trail(means.books[channel], state.conversation),
            means.lines.receipt_among(lines),
            await self.letters(state, intents),
        )

    async def letters(self, state: State, intents: Iterable[Intent]) -> Mapping[str, Letter]:
        """The officers' words that *intents* show, opened with what *state* knows of the tip."""
        following = state.following
        wanted = [intent.part_id for intent in intents if isinstance(intent, OfficerWords)]
        if following is None or not wanted:
            return {}

        def find(t: Transaction) -> tuple[list[PartRow | None], tuple[bytes, ...]]:
            rows = [parts.get(t, following.tip_id, part_id) for part_id in wanted]
            return rows, tips.rekeys(t, following.tip_id)

        rows, rekeys = await self._means.db.read(find)
        keys = reply_keys(following, rekeys)
        opened = [open_letter(row, keys) for row in rows if row is not None]
        return {letter.part_id: letter for letter in opened if letter is not None}

    def _greeting(self, channel: str, state: State, *, is_begun: bool) -> Screen:
        means = self._means
        step = means.step(
            means.books[channel],
            state.conversation if is_begun else engine.start(state.conversation.language),
            events.Followed(),
            today=today(means.clock),
            new_id=means.new_id,
        )
        intents = tuple(effect for effect in step.effects if isinstance(effect, INTENTS))
        asks = [intent for intent in intents if isinstance(intent, Ask)]
        accepts = asks[-1].accepts if asks else frozenset[str]()
        return Screen(step.conversation.language, intents, accepts, is_begun=is_begun)
