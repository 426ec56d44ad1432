"""Text turns per second, beside what no turn can do without: parse, one seal, one group commit.

The floor parses the same form, seals the same part and commits as many bytes as a turn stores, in
one row, through the same database; both sides have as many people at once.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlencode

from bench.house import WORDS, House, Person, a_house
from bench.measuring import Took, side_by_side, took
from bench.rows import Row
from bench.sizes import Sizes
from sealing import Author, Kind, Part, seal_part
from sealing.age import PQIdentity, PQRecipient
from storage import Transaction

GOAL = 0.5
FLOOR_TABLE = (
    "CREATE TABLE bench_floor (id BLOB NOT NULL PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID"
)
FLOOR_INSERT = "INSERT INTO bench_floor (id, data) VALUES (?, ?)"
# The bytes that a text turn stores: its mark, its conversation anew, its part.
STORED = (
    "SELECT (SELECT length(mark) + length(day) FROM seen LIMIT 1)"
    " + (SELECT avg(length(conversation) + length(state) + length(filler)) FROM conversation)"
    " + (SELECT avg(length(sealed) + length(hash) + length(part_id) + length(tip_id)"
    " + length(filler)) FROM part)"
)
BODY = urlencode({"form": "x" * 22, "screen": "a1b2c3d4", "words": WORDS}).encode("ascii")


async def rows(sizes: Sizes) -> list[Row]:
    async with a_house() as house:
        db = house.running.means.db
        people = await house.people(sizes.people, "what")
        await _all(people, 1, _say)
        await db.commit(lambda t: t.execute(FLOOR_TABLE))
        floor = _Floor(house, await _bytes_of_a_turn(house))
        await _all(people, 1, floor.turn)
        beside = await side_by_side(
            sizes.rounds,
            lambda: _all(people, sizes.messages, _say),
            lambda: _all(people, sizes.messages, floor.turn),
        )
    many = f"{sizes.people} at once"
    return [
        Row(
            "turns",
            f"text turns a second, {many}",
            1 / beside.real.wall_s,
            "/s",
            1 / beside.floor.wall_s,
            beside.wall_ratio,
            f"≥ {GOAL}",
            beside.wall_ratio >= GOAL,
            f"floor: parse + seal + commit of {floor.size:,} bytes",
        ),
        Row(
            "turns",
            "the same by CPU: ms a turn",
            beside.real.cpu_s * 1000,
            "ms",
            beside.floor.cpu_s * 1000,
            beside.cpu_ratio,
            f"≥ {GOAL}",
            beside.cpu_ratio >= GOAL,
        ),
    ]


def words_of(raw: bytes) -> str:
    """The words in a form's body, read as the web channel reads them."""
    pairs = parse_qsl(
        raw.decode("ascii"), keep_blank_values=True, encoding="latin-1", max_num_fields=64
    )
    return dict(pairs)["words"].encode("latin-1").decode("utf-8")


async def _say(person: Person) -> None:
    taken = await person.say(words_of(BODY))
    if not taken.parts:
        raise AssertionError("a turn that sealed nothing is no text turn")


async def _all(
    people: list[Person], messages: int, turn: Callable[[Person], Awaitable[None]]
) -> Took:
    async def one(person: Person) -> None:
        for _ in range(messages):
            await turn(person)

    everybody = asyncio.gather(*(one(person) for person in people))
    return (await took(everybody)).per(len(people) * messages)


async def _bytes_of_a_turn(house: House) -> int:
    def look(t: Transaction) -> int:
        ((size,),) = t.rows(STORED)
        return int(size)

    return await house.running.means.db.read(look)


class _Floor:
    """The least that any turn has to do."""

    def __init__(self, house: House, size: int) -> None:
        self._db = house.running.means.db
        self._recipients: dict[str, PQRecipient] = {}
        self._filling = os.urandom(size)
        self.size = size

    async def turn(self, person: Person) -> None:
        words = words_of(BODY)
        sealed = seal_part(a_part(words), self._recipient_of(person)).data
        row = (os.urandom(16), sealed + self._filling[len(sealed) :])
        await self._db.commit(lambda t: t.execute(FLOOR_INSERT, row))

    def _recipient_of(self, person: Person) -> PQRecipient:
        """Everybody's draft has a key of its own, known already."""
        if person.name not in self._recipients:
            self._recipients[person.name] = PQIdentity.generate().recipient
        return self._recipients[person.name]


def a_part(words: str) -> Part:
    tip_id, part_id, day = "ab" * 16, os.urandom(16).hex(), "2026-11-23"
    before = bytes(range(32))
    return Part(tip_id, part_id, 2, before, Author.REPORTER, day, Kind.WORDS, "what", words)
