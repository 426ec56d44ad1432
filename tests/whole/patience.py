"""People who do not give up, and a LINE that does not either: what a test of faults needs.

`PatientLine` delivers every event until it is acknowledged, some of them once more, albums in any
order. `Stubborn` tells a story to a bot that comes and goes: whatever they did was taken; if they
see no answer, they ask for help. Refuses to know which faults there are.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.line import FakeLine, LinePerson
from tests.whole.chats import RECEIPT, Chat

PATIENCE_S = 1.2
"""So long (ours) somebody looks at a chat in which nothing happens."""
AT_MOST_S = 180.0
"""Somebody asks five or six times in it, each time after twice as long; who is stuck, stays so."""
AGAIN_S = 0.05
GREETING = "start"
"""The screen that everybody comes back to."""


@dataclass
class PatientLine(FakeLine):
    """LINE with redelivery that never ends, and a memory of what went in and out of each chat."""

    chance: random.Random = field(default_factory=lambda: random.Random(0))
    twice: float = 0.15
    """How likely an acknowledged event comes once more."""
    timeline: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list), repr=False)

    async def post(self, events: Iterable[Mapping[str, Any]]) -> int | None:
        leaving = [dict(event) for event in events]
        self.chance.shuffle(leaving)
        for event in leaving:
            self.timeline[event["source"]["userId"]].append("in")
        async with asyncio.timeout(AT_MOST_S):
            status = await self._post(leaving)
            again = [{**each, "deliveryContext": {"isRedelivery": True}} for each in leaving]
            while status != 200:
                await asyncio.sleep(AGAIN_S)
                status = await self._post(again)
        if self.chance.random() < self.twice:
            await self._post(again)
        return status

    def deliver(
        self, person: LinePerson, messages: list[dict[str, Any]], *, is_pushed: bool
    ) -> list[dict[str, str]]:
        self.timeline[person.user_id].append(json.dumps(messages, ensure_ascii=False))
        return super().deliver(person, messages, is_pushed=is_pushed)

    @property
    def said_blindly_again(self) -> list[str]:
        """What was said twice in a row although nobody had written in between. A receipt may be,
        once."""
        found = []
        for timeline in self.timeline.values():
            runs = "\n".join(timeline).split("in\n")
            for run in runs:
                said = [each for each in run.splitlines() if each and each != "in"]
                found += [
                    each
                    for each in set(said)
                    if said.count(each) > (2 if RECEIPT.search(each) else 1)
                ]
        return found


@dataclass
class Stubborn:
    """Somebody in *chat* who goes on until it is done."""

    chat: Chat
    left: set[str] = field(default_factory=set)
    """Questions they have answered: those do not stand there any more."""

    async def start(self) -> None:
        before = len(self.chat.heard)
        await self.chat.command("start")
        await self.until(
            lambda: len(self.chat.heard) > before and self.chat.screen not in ("", *self.left)
        )

    async def press(self, choice: str) -> None:
        """Press *choice* when it stands there; return when another question does."""
        chat = self.chat
        await self.until(lambda: self.chat.screen not in self.left and choice in chat.choices)
        before = self.chat.screen
        await chat.tap(choice)
        self.left |= {before} - {GREETING}
        await self.until(lambda: self.chat.screen not in ("", before, *self.left))

    async def until(self, is_so: Any) -> None:
        """Wait; when nothing happens for long, ask for help, as people do, each time later: who
        asks faster than a bot that keeps dying can take it would bury it in questions."""
        patience_s, before = PATIENCE_S, len(self.chat.heard)
        try:
            async with asyncio.timeout(AT_MOST_S):
                while True:
                    with suppress(AssertionError):
                        await self.chat.until(is_so, patience_s)
                        return
                    await self.chat.command("help")
                    patience_s *= 2
        except TimeoutError:
            chat = self.chat
            stuck = (chat.name, sorted(chat.choices), chat.heard[-1:], chat.heard[before:])
            raise AssertionError(stuck) from None
