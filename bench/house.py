"""A whole bot in a folder for the benches: the real wiring, real costs, five officers.

Owns the making of the deployment and a person who walks to a given question. Measures nothing.
"""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot import app, collector, deployment
from bot.app import Connect, Running
from bot.clock import SystemClock, today
from bot.config import Config, load
from bot.turn import Inbound, Taken
from handlers.effects import Ask
from handlers.events import Choice, Event, Text
from sealing import Officer, OfficerKeys, Role, Roster, SigningKey, render, sign_roster
from sealing.age import PQIdentity

CHANNEL = "web"
PROVINCE = "TH-40"
OFFICERS = 5
VALID = timedelta(days=300)
ALLOWED_PER_S = {"telegram_per_s": 25, "line_per_s": 100}
"""The most that the configuration takes."""
WORDS = (
    "วันนี้เห็นรถของเทศบาลขนปูนซีเมนต์ไปลงที่บ้านหลังใหม่ในซอยสาม ประมาณยี่สิบถุง คนขับบอกว่านายสั่งมา มีคนถ่ายรูปไว้ด้วย"
)
OPEN = ("who", "what", "where", "leads")
USUAL = (PROVINCE, "unknown", "none", "done", "forgotten")


@dataclass(frozen=True, slots=True)
class House:
    """A bot that runs, and where it lies."""

    folder: Path
    running: Running
    registrar: OfficerKeys = field(repr=False)
    """Of every centre."""

    def person(self, name: str) -> "Person":
        return Person(self, name)

    async def people(self, many: int, question: str) -> "list[Person]":
        """*many* people who stand at *question* of the report."""
        people = [self.person(f"person {nth}") for nth in range(many)]
        await asyncio.gather(*(person.walk_to(question) for person in people))
        return people


@dataclass(slots=True)
class Person:
    """Somebody talking to the bot."""

    house: House
    name: str
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def send(self, event: Event) -> Taken:
        event_id = f"event {next(self.numbers)}"
        return await self.house.running.turns.take(Inbound(CHANNEL, self.name, event_id, event))

    async def say(self, words: str) -> Taken:
        return await self.send(Text(words))

    async def press(self, choice: str) -> Taken:
        return await self.send(Choice((await self.ask()).screen, choice))

    async def ask(self) -> Ask:
        """The question that stands on the screen."""
        screen = await self.house.running.screens.show(CHANNEL, self.name)
        return next(each for each in reversed(screen.intents) if isinstance(each, Ask))

    async def walk_to(self, question: str) -> frozenset[str]:
        """Answer everything until *question* is asked, with words where words are taken; the
        questions answered."""
        answered: set[str] = set()
        while (ask := await self.ask()).question != question:
            ids = [option.id for option in ask.choices if option.role == "answer"]
            if ask.question in OPEN and ask.question not in answered:
                await self.say(WORDS)
            else:
                choice = next((each for each in (*USUAL, "report") if each in ids), ids[0])
                await self.send(Choice(ask.screen, choice))
            answered.add(ask.question)
            if len(answered) > 40:
                raise AssertionError(f"nobody is ever asked {question}")
        return frozenset(answered)


@asynccontextmanager
async def a_house(connect: Connect | None = None) -> AsyncIterator[House]:
    """A fresh deployment in a folder that goes away, wired and swept; nobody serves it. *connect*
    switches platforms on."""
    with tempfile.TemporaryDirectory(prefix="saisaat-bench-") as name:
        registrar = OfficerKeys.generate("Registrar")
        config = a_config(Path(name), registrar)
        async with app.opened(config, connect=connect) as running:
            collector.keep_for_good()  # as `app.run` does
            yield House(Path(name), running, registrar)


def a_config(folder: Path, registrar: OfficerKeys) -> Config:
    """A deployment as `saisaat init` makes it, with a signed roster, room for big files, and
    campaigns as fast as the platforms allow."""
    admin = SigningKey.generate()
    made = deployment.make(folder / "server", folder / "secrets")
    text = made.config.read_text(encoding="utf-8")
    made.config.write_text(
        text.replace('admin_key = ""', f'admin_key = "{admin.verify_key}"'), encoding="utf-8"
    )
    config = load(made.config)
    config.roster.file.write_bytes(sign_roster(render(_roster(config, registrar)), admin))
    limits = config.limits.model_copy(update={"file_mib": 64, "conversation_mib": 20_000})
    fastest = config.campaigns.model_copy(update=ALLOWED_PER_S)
    return config.model_copy(update={"limits": limits, "campaigns": fastest})


def _roster(config: Config, registrar: OfficerKeys) -> Roster:
    """Recovery, a few officers and *registrar*, who have every centre: nothing is withheld."""
    day = today(SystemClock())
    centres = tuple(centre.id for centre in config.centres)
    officers = []
    for nth in range(OFFICERS):
        keys = OfficerKeys.generate(f"Officer {nth}")
        signs, reads = keys.sign.verify_key, keys.age.recipient
        officers.append(Officer(keys.name, reads, signs, (Role.OFFICER,), centres))
    signs, reads = registrar.sign.verify_key, registrar.age.recipient
    officers.append(Officer(registrar.name, reads, signs, (Role.REGISTRAR,), centres))
    recovery = PQIdentity.generate().recipient
    until = (day + VALID).isoformat()
    return Roster(1, day.isoformat(), until, recovery, tuple(officers))
