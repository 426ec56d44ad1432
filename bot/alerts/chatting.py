"""What the officers' bot answers. It knows a chat that a link has bound, and nobody else.

Takes events as every channel yields them and answers at once, outside the outbox: an answer that
gets lost is asked for again. Laws: whoever is not bound learns that this bot is for officers, the
same words whatever they wrote, and not more often than a few times a minute; an officer learns
counts and clocks, and no clock that ran out (it would tell which "urgent" is none).
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.alerts.alerting import Clocks, NoClocks
from bot.alerts.binding import LINK_LETTERS, Bindings, TooMany, tidied
from bot.alerts.clocks import readers_roles
from bot.alerts.counting import Standing
from bot.alerts.saying import Open, Saying
from bot.clock import Clock, today
from bot.inbound import Inbound, Taken
from handlers import events
from sealing import Officer, Roster
from storage import Database, Transaction
from storage.repositories import open_counts
from storage.repositories.tips import Status

Reply = Callable[[str, str], Awaitable[None]]
"""(person, text): say it in the chat they wrote in. Raises whatever its platform does."""

STRANGER_S = 60.0
"""How long the bot is silent after it told somebody unbound whom it is for."""
STRANGERS_A_MINUTE = 20
"""More are not answered at all: a platform lets a bot say so much a second, and that is for alerts.
"""
_COMMANDS = {
    "/queue": "queue",
    "คิว": "queue",
    "/mine": "mine",
    "ของฉัน": "mine",
    "/stop": "stop",
    "หยุด": "stop",
}
_TAKEN = Taken(is_fresh=True)


class Chatting:
    """One officers' bot on one channel. Give it to the channel where the turns would be."""

    def __init__(
        self,
        channel: str,
        db: Database,
        bindings: Bindings,
        saying: Saying,
        clock: Clock,
        reply: Reply,
        *,
        roster: Callable[[], Roster],
        clocks: Clocks | None = None,
    ) -> None:
        self._channel = channel
        self._db = db
        self._bindings = bindings
        self._saying = saying
        self._clock = clock
        self._reply = reply
        self._roster = roster
        self._clocks = clocks or NoClocks()
        self._heard: OrderedDict[str, float] = OrderedDict()
        """When who is not bound was answered last; at most a minute's worth."""

    async def take_first(self, burst: Sequence[Inbound]) -> int:
        """The first of *burst* only. Raises as `take`."""
        await self.take(burst[0])
        return 1

    async def take(self, inbound: Inbound) -> Taken:
        """Answer one event. Raises StorageError: nothing was done, and it may come again."""
        person, event = inbound.person, inbound.event
        if isinstance(event, events.Blocked):
            await self._bindings.unbind_chat(self._channel, person)
            return _TAKEN
        words = _words(event)
        bound, is_link = None, len(tidied(words)) == LINK_LETTERS
        if is_link:
            try:
                bound = await self._bindings.bind_chat(self._channel, person, words)
            except TooMany:
                bound = None
        bound = bound or await self._bindings.of_chat(self._channel, person)
        officer = None if bound is None else self._roster().officer(bound.officer)
        if bound is None or officer is None:
            await self._turn_away(person, inbound.language)
            return _TAKEN
        language = (await self._bindings.wishes(officer.id)).language
        if is_link:  # also when it comes again: the first answer may not have arrived
            said = [self._saying.text(language, key) for key in ("bound", "commands")]
            await self._reply(person, "\n\n".join(said))
            return _TAKEN
        match _COMMANDS.get(words.strip().lower()):
            case "stop":
                await self._bindings.unbind(bound)
                await self._reply(person, self._saying.text(language, "stopped"))
            case "queue":
                await self._reply(person, await self._queue(officer, language))
            case "mine":
                await self._reply(person, await self._mine(officer, language))
            case _:
                await self._reply(person, self._saying.text(language, "commands"))
        return _TAKEN

    async def say_trouble(self, person: str, language: str) -> None:
        """Something of ours failed."""
        await self._reply(person, self._saying.text(language, "trouble"))

    async def _turn_away(self, person: str, language: str) -> None:
        now_s = self._clock.monotonic_s()
        while self._heard and next(iter(self._heard.values())) <= now_s - STRANGER_S:
            self._heard.popitem(last=False)
        if person in self._heard or len(self._heard) >= STRANGERS_A_MINUTE:
            return
        self._heard[person] = now_s
        await self._reply(person, self._saying.text(language, "stranger"))

    async def _queue(self, officer: Officer, language: str) -> str:
        day = today(self._clock).isoformat()
        roles = readers_roles(officer)

        def look(t: Transaction) -> list[Open]:
            clocks = self._clocks.of_officer(t, officer, day)
            return [
                _open(centre, open_counts.by_status(t, officer.id, centre, roles), clocks)
                for centre in (officer.centres if roles else ())
            ]

        return self._saying.queue(await self._db.read(look), language)

    async def _mine(self, officer: Officer, language: str) -> str:
        day = today(self._clock).isoformat()
        many, nearest = await self._db.read(
            lambda t: (
                open_counts.held(t, officer.id, officer.centres, readers_roles(officer)),
                self._clocks.of_held(t, officer, day),
            )
        )
        return self._saying.mine(many, nearest, language)


def _open(centre: str, counts: Mapping[Status, int], clocks: Mapping[str, Standing]) -> Open:
    waiting = counts.get(Status.RECEIVED, 0)
    nearest = clocks.get(centre, Standing()).nearest_days
    return Open(centre, waiting, sum(counts.values()) - waiting, nearest)


def _words(event: events.Event) -> str:
    """What was typed, or what a link carries."""
    match event:
        case events.Text(words=words):
            return words
        case events.Command(name="start", argument=argument):
            return argument
    return ""
