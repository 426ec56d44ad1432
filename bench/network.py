"""Members' codes checked a second, beside bare Argon2id; and whether a large network is slower.

Real turns of people who come at once, the real pool of stretches, a deployment's own cost.
The floor stretches other codes of the same length one after the other, in one thread of its own,
and does nothing else: what a core can give.
"""

import asyncio
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from bench.house import House, Person, a_house
from bench.loop import AT_REST_S, rows_of
from bench.measuring import Beside, Took, heartbeat, idle_process, side_by_side, took
from bench.rows import Row
from bench.sizes import Sizes
from bot.server_key import ServerKey
from handlers.effects import Ask, Say
from sealing import MemberCode, generate_alias, stretch_member_code
from storage import Transaction
from storage.repositories import codes

RATE_GOAL, LOOK_UP_GOAL = 0.8, 1.2
CENTRE, EXPIRES, SINCE = "khon-kaen", "2099-12-31", 2020
BATCH = 2_000
LOOK_UPS = 50
NAMES = itertools.count()


async def rows(sizes: Sizes) -> list[Row]:
    async with a_house() as house:
        code = await _one_that_works(house)
        await _verify(await _at_the_code(house, 1), code)  # caches warm
        rate = await _rate(house, sizes, code)
        people = await _at_the_code(house, sizes.verifications)
        async with idle_process() as idle, heartbeat() as beat:
            await asyncio.sleep(AT_REST_S)
            await _verify(people, code)
            noise_s = await idle()
        look_up = await _look_ups(sizes)
    return [
        Row(
            "network",
            f"codes verified a second, {sizes.verifications} at once",
            1 / rate.real.wall_s,
            "/s",
            1 / rate.floor.wall_s,
            rate.wall_ratio,
            f"≥ {RATE_GOAL}",
            rate.wall_ratio >= RATE_GOAL,
            "floor: bare Argon2id, one core",
        ),
        Row(
            "network",
            "the same by CPU: ms a verification",
            rate.real.cpu_s * 1000,
            "ms",
            rate.floor.cpu_s * 1000,
            rate.cpu_ratio,
            note="with the turn around it: read, seal, commit",
        ),
        *rows_of("network", f"{sizes.verifications} codes verified", beat, noise_s),
        Row(
            "network",
            f"a code looked up among {sizes.many_members:,} (CPU)",
            look_up.real.cpu_s * 1e6,
            "µs",
            look_up.floor.cpu_s * 1e6,
            1 / look_up.cpu_ratio,
            f"≤ {LOOK_UP_GOAL}",
            1 / look_up.cpu_ratio <= LOOK_UP_GOAL,
            f"floor: among {sizes.few_members:,}; a read, stretch left out",
        ),
    ]


# --- verifying -----------------------------------------------------------------------------------


async def _rate(house: House, sizes: Sizes, code: str) -> Beside:
    cost, many = house.running.config.limits.stretch_cost, sizes.verifications
    key = _server_key(house)

    def bare() -> None:
        for _ in range(many):
            made = MemberCode.generate("mkm7")
            stretch_member_code(made, salt=key.salt, pepper=key.pepper, cost=cost)

    async def real() -> Took:
        people = await _at_the_code(house, many)
        return (await took(_verify(people, code))).per(many)

    with ThreadPoolExecutor(1) as thread:

        async def floor() -> Took:
            work = asyncio.get_running_loop().run_in_executor(thread, bare)
            return (await took(work)).per(many)

        return await side_by_side(sizes.verification_rounds, real, floor)


async def _at_the_code(house: House, many: int) -> list[Person]:
    """People nobody has seen, who are asked for their code."""
    people = [house.person(f"member {next(NAMES)}") for _ in range(many)]
    for person in people:
        await person.press("member")
    return people


async def _verify(people: Sequence[Person], code: str) -> None:
    await asyncio.gather(*(person.say(code) for person in people))
    for person in people[:1]:
        screen = await person.house.running.screens.show("web", person.name)
        said = [each.key for each in screen.intents if isinstance(each, Say | Ask)]
        if "say.member_ok" not in said:
            raise AssertionError(f"no code was verified: {said}")


async def _one_that_works(house: House) -> str:
    key, cost = _server_key(house), house.running.config.limits.stretch_cost
    code = MemberCode.generate(generate_alias())
    locator = stretch_member_code(code, salt=key.salt, pepper=key.pepper, cost=cost)
    row = codes.MemberCodeRow(locator, CENTRE, False, EXPIRES, SINCE)
    await house.running.means.db.commit(lambda t: codes.add(t, row))
    return code.grouped


def _server_key(house: House) -> ServerKey:
    config = house.running.config
    return ServerKey.read(config.server_key, is_credential=config.secrets.is_credential)


# --- looking up ----------------------------------------------------------------------------------


async def _look_ups(sizes: Sizes) -> Beside:
    """One read of a code's row, through the database's port, in a large network and a small one.
    All threads of both keep to one core: whether two of them happen to share one would be seen more
    than any database."""
    with _one_core():
        return await _look_ups_on_one_core(sizes)


@contextmanager
def _one_core() -> Iterator[None]:
    """Threads that are begun meanwhile run on one core, as this one does."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


async def _look_ups_on_one_core(sizes: Sizes) -> Beside:
    async with a_house() as few, a_house() as many:
        known = {
            house.folder: await _members(house, count)
            for house, count in ((few, sizes.few_members), (many, sizes.many_members))
        }

        async def look(house: House) -> Took:
            db, locators = house.running.means.db, next(known[house.folder])
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            found = [await db.read(partial(codes.get, locator=at)) for at in locators]
            took_ = Took(time.perf_counter() - wall_s, time.process_time() - cpu_s)
            if None in found[: LOOK_UPS // 2] or any(found[LOOK_UPS // 2 :]):
                raise AssertionError("known codes are found, and others are not")
            return took_.per(LOOK_UPS)

        for house in (few, many) * 3:
            await look(house)
        return await side_by_side(sizes.page_reads, lambda: look(many), lambda: look(few))


async def _members(house: House, many: int) -> Iterator[list[bytes]]:
    """Give *house* so many codes; some of their locators and as many that nobody has, ever anew."""
    locators = [os.urandom(32) for _ in range(many)]

    def add(t: Transaction, some: list[bytes]) -> None:
        for at in some:
            codes.add(t, codes.MemberCodeRow(at, CENTRE, False, EXPIRES, SINCE))

    for first in range(0, many, BATCH):
        some = locators[first : first + BATCH]
        await house.running.means.db.commit(partial(add, some=some))
    mixed = itertools.cycle(locators)
    half = LOOK_UPS // 2
    return (
        [*itertools.islice(mixed, half), *(os.urandom(32) for _ in range(half))]
        for _ in itertools.count()
    )
