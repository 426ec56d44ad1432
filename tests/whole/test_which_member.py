"""Which member reported, an adversary cannot tell: not from the database, its log, the server's
key, the forget store, files and their times, or anything printed.

The same deployment lives through the same days several times: once one member reports, once
another, once one of another centre, once one under duress, once a citizen. What differs between two
of these lives, in any way that the adversary knows how to look at, is what can be learnt.
"""

import asyncio
import hmac
import itertools
import os
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import pytest

from bot.clock import BANGKOK, SystemClock, today
from bot.marks import Marks
from bot.server_key import Purpose
from sealing import MemberCode, stretch_member_code
from sealing.member_codes import half_locator
from tests.whole.adversary import Stolen, View, code_pages, order_of_writing, printed
from tests.whole.browser import Browser, Tale
from tests.whole.chat_tales import ChatTale
from tests.whole.chats import TelegramChat
from tests.whole.deployment import CHEAP, Whole, make
from tests.whole.nursery import running
from tests.whole.platforms import World, platforms
from tests.whole.readings import readings
from tests.whole.scene import DAY_S, Scene
from tests.whole.server import Running

HOUR_S = 3600
PATIENCE_S = 30.0
TEN_O_CLOCK = clock_time(10, tzinfo=BANGKOK)
FILED, LINKS_OVER, WEEK_LATER = "filed", "the links are over", "a week later"
PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 40
WORDS = "เห็นเขาเอาปูนของหลวงไปทำถนนหน้าบ้านตัวเอง"
NOBODYS = MemberCode.generate("zzzz").grouped
RETENTION = {"draft_days": 7, "receipt_hours": 24}


MEMBERS_OF = {
    "one": ("khon-kaen", False),
    "another": ("khon-kaen", False),
    "from another centre": ("region-4", False),
    "under duress": ("khon-kaen", True),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the network: what they carry."""

    code: MemberCode
    centre: str
    is_duress: bool = False


@dataclass(frozen=True)
class Town:
    """A deployment before anybody came, its members, and where copies of its lives go."""

    made: Whole
    members: Mapping[str, Member]
    scratch: Path
    day: date

    @classmethod
    async def peopled(cls, made: Whole, scratch: Path) -> "Town":
        """Give *made* its members; nobody runs it yet."""
        carried = {}
        for name, (centre, is_duress) in MEMBERS_OF.items():
            code = await made.member_code(is_duress=is_duress, centre=centre)
            carried[name] = Member(code, centre, is_duress)
        for name in ("data", "forget"):
            shutil.copytree(made.folder / name, scratch / "before" / name)
        return cls(made, carried, scratch, today(SystemClock()) + timedelta(days=1))

    @property
    def before(self) -> Stolen:
        return Stolen(self.scratch / "before", self.day, self.made.server_key)

    def begin(self) -> None:
        """Everything as it was before anybody came; it is ten o'clock, as in every life."""
        for name in ("data", "forget"):
            shutil.rmtree(self.made.folder / name)
            shutil.copytree(self.scratch / "before" / name, self.made.folder / name)
        for name in ("logs", "consoles"):
            shutil.rmtree(self.made.folder / name, ignore_errors=True)
        ahead_s = datetime.combine(self.day, TEN_O_CLOCK).timestamp() - time.time()
        self.made.clock_file.write_text(str(ahead_s))

    def steal(self, life: str, moment: str, people: list[str]) -> Stolen:
        to = self.scratch / f"{life} {moment}"
        shutil.rmtree(to, ignore_errors=True)
        key = self.made.server_key
        return Stolen.from_live(self.made.folder, to, self.day, key, tuple(people))

    def locator(self, member: Member) -> bytes:
        key = self.made.server_key
        return stretch_member_code(member.code, salt=key.salt, pepper=key.pepper, cost=CHEAP)

    def known_of(self, member: Member) -> tuple[bytes, ...]:
        """What somebody could look for who knows all about *member*: a coercer, a registrar."""
        half = half_locator(member.code, salt=self.made.server_key.salt, cost=CHEAP)
        code, alias = member.code, member.code.alias
        texts = (code.letters, code.letters.lower(), code.grouped, alias, alias.upper())
        return (self.locator(member), half, *(text.encode() for text in texts))


Life = dict[str, Stolen]
"""What was stolen of one life, by moment."""


Tell = Callable[[Member | None, list[str]], Awaitable[None]]
"""Tell as this member, or as a citizen, and note the receipt; who it was is put on the list."""


async def lived(town: Town, life: str, tell: Tell) -> Life:
    """Somebody files, somebody guesses, and then the reporter of this *life* tells and notes."""
    town.begin()
    made, stolen = town.made, dict[str, Stolen]()
    member, people = town.members.get(life), list[str]()
    with running(made, is_verbose=True) as bot:
        await bystanders(made, people)
        await tell(member, people)
        stolen[FILED] = town.steal(life, FILED, people)
        bot.advance(2 * DAY_S + 2 * HOUR_S)
        stolen[LINKS_OVER] = await settled(town, bot, life, LINKS_OVER, people, are_over)
        bot.advance(7 * DAY_S)
        stolen[WEEK_LATER] = await settled(town, bot, life, WEEK_LATER, people, is_all_over)
        await check_officers_know(made, member)
    return stolen


async def bystanders(made: Whole, people: list[str]) -> None:
    """What happens besides, the same in every life."""
    async with Browser(made.web_url) as citizen, Browser(made.web_url) as guesser:
        await citizen.open()
        await Tale(what=(WORDS,)).tell(citizen)
        await citizen.press("noted")
        await guesser.open()
        await guesser.press("member")
        await guesser.say(NOBODYS)
        people += [citizen.session, guesser.session]


def on_the_web(made: Whole) -> Tell:
    async def tell(member: Member | None, people: list[str]) -> None:
        code = None if member is None else member.code.grouped
        tale = Tale(what=(WORDS,), member_code=code, files=(("a.jpg", PHOTO, "image/jpeg"),))
        async with Browser(made.web_url) as browser:
            await browser.open()
            await tale.tell(browser)
            people.append(browser.session)
            await browser.press("noted")

    return tell


def on_telegram(world: World, scratch: Path) -> Tell:
    scene = Scene(world.made, scratch / "temp", scratch / "looks", {})

    async def tell(member: Member | None, people: list[str]) -> None:
        code = None if member is None else member.code.grouped
        chat = TelegramChat(world)
        people.append(str(chat.person.chat_id))
        async with world.flying():
            await ChatTale(what=(WORDS,), member_code=code, albums=((PHOTO,),)).tell(chat)
            await chat.press("noted")
            mine = Marks(world.made.server_key).conversation("telegram", people[-1]).hex()
            await chat.until(lambda: not scene.holds("conversation", mine))

    return tell


def are_over(stolen: Stolen) -> bool:
    """Whether the links of a filed tip have died, and the database's log is empty."""
    return not stolen.log_of_database and not stolen.count("outbox", "recall", "recall_key")


def is_all_over(stolen: Stolen) -> bool:
    return are_over(stolen) and not stolen.count("conversation", "seen")


async def settled(
    town: Town,
    bot: Running,
    life: str,
    moment: str,
    people: list[str],
    is_so: Callable[[Stolen], bool],
) -> Stolen:
    """What can be stolen once the bot has noticed what time it is."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so(stolen := town.steal(life, moment, people)):
            bot.advance(60)
            await asyncio.sleep(0.1)
    return stolen


async def check_officers_know(made: Whole, member: Member | None) -> None:
    """Whom it is meant for can read which member it was: the lives differed."""
    async with made.office() as office:
        summaries = [each.tip.grant.summary for each in await readings(office)]
    aliases = [each.alias for each in summaries if each is not None and each.is_verified]
    assert aliases == ([] if member is None else [member.code.alias])
    assert any(each.is_duress for each in summaries if each) == bool(member and member.is_duress)


# --- what differs ------------------------------------------------------------------------------

LIVES = ("one", "another", "from another centre", "under duress", "a citizen")
MEMBERS = LIVES[1:-1]
"""Whose lives are held against that of the first one."""
MOMENTS = (FILED, LINKS_OVER, WEEK_LATER)


@dataclass(frozen=True, slots=True)
class Lives:
    """What was stolen of every life of one deployment."""

    town: Town
    by_name: Mapping[str, Life]

    @classmethod
    def on_the_web(cls, folder: Path) -> "Lives":
        async def live() -> Lives:
            made = make(folder / "deployment", retention=RETENTION)
            town = await Town.peopled(made, folder / "stolen")
            tell = on_the_web(made)
            return cls(town, {life: await lived(town, life, tell) for life in LIVES})

        return asyncio.run(live())


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    return Lives.on_the_web(tmp_path_factory.mktemp("lives"))


def differing(one: Stolen, other: Stolen) -> dict[str, tuple[View, View]]:
    """The views in which the two are not the same."""
    mine, theirs = one.views(), other.views()
    return {name: (mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("life", MEMBERS)
def test_nothing_at_rest_tells_which_member_reported_or_under_duress(
    lives: Lives, life: str, moment: str
) -> None:
    assert differing(lives.by_name["one"][moment], lives.by_name[life][moment]) == {}


def test_that_it_was_a_member_shows_in_a_count_for_a_week_and_then_not_at_all(
    lives: Lives,
) -> None:
    """A member's way to the receipt is another one, so it leaves more or fewer keyed marks."""
    one, citizen = lives.by_name["one"], lives.by_name["a citizen"]
    found = differing(one[LINKS_OVER], citizen[LINKS_OVER])
    assert found.keys() == {"rows", "joins"}
    mine, theirs = found["rows"]
    assert {table for table in mine if mine[table] != theirs[table]} == {"seen", "conversation"}
    assert differing(one[WEEK_LATER], citizen[WEEK_LATER]) == {}


@pytest.mark.parametrize("life", LIVES)
def test_verifying_leaves_the_codes_as_they_were_to_the_byte(lives: Lives, life: str) -> None:
    """No counter, no day of last use, no row written anew: not in their pages, not in the log."""
    before, town = lives.town.before, lives.town
    untouched = code_pages(before)
    assert len(untouched) >= 2  # table and index
    for stolen in lives.by_name[life].values():
        assert code_pages(stolen) == untouched
        assert not any(order_of_writing(stolen))
        for member in town.members.values():
            then, now = (_raw_bytes(each).count(town.locator(member)) for each in (before, stolen))
            assert then == now > 0  # nor is there another copy of a row in any page
    assert order_of_writing(lives.by_name[life][FILED])  # there was a log to look at


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("life", LIVES)
def test_no_code_alias_or_locator_stands_anywhere_in_any_disguise(
    lives: Lives, life: str, moment: str
) -> None:
    stolen = lives.by_name[life][moment]
    for member in lives.town.members.values():
        assert stolen.mentions(*lives.town.known_of(member)) == []


def _raw_bytes(stolen: Stolen) -> bytes:
    return stolen.database.read_bytes() + stolen.log_of_database


@asynccontextmanager
async def telegram_town(folder: Path) -> AsyncIterator[tuple[World, Town]]:
    async with platforms(folder / "deployment", retention=RETENTION) as world:
        yield world, await Town.peopled(world.made, folder / "stolen")


async def test_nothing_at_rest_tells_which_member_reported_on_telegram(tmp_path: Path) -> None:
    async with telegram_town(tmp_path) as (world, town):
        tell = on_telegram(world, town.scratch)
        of_all = {
            life: await lived(town, life, tell) for life in ("one", "another", "under duress")
        }
    for life, moment in itertools.product(("another", "under duress"), MOMENTS):
        one, other = of_all["one"][moment], of_all[life][moment]
        found = differing(one, other)
        # Time flies here, and the bot's rounds meet the person's turns as they may: how many
        # commits there were, and which lines of libraries came, is nobody's doing.
        mine, theirs = (set(printed(each)[0]) for each in (one, other))
        assert mine == theirs
        assert found.keys() <= {"order_of_writing", "printed"}
    for stolen in (each for life in of_all.values() for each in life.values()):
        assert code_pages(stolen) == code_pages(town.before)
        assert not any(order_of_writing(stolen))
        for member in town.members.values():
            assert stolen.mentions(*town.known_of(member)) == []


# --- the adversary is able ---------------------------------------------------------------------

Plant = Callable[[Stolen, Town], None]


def _changed(stolen: Stolen, sql: str, *params: object) -> None:
    with closing(sqlite3.connect(stolen.database)) as database:
        done = database.execute(sql, params)
        assert done.rowcount == 1
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def last_use(stolen: Stolen, town: Town) -> None:
    locator = town.locator(town.members["one"])
    _changed(stolen, "UPDATE member_code SET expires_day = '2027-01-01' WHERE locator = ?", locator)


def written_anew(stolen: Stolen, town: Town) -> None:
    """The same row as before, after it was another one."""
    locator = town.locator(town.members["one"])
    for state in ("revoked", "active"):
        _changed(stolen, "UPDATE member_code SET state = ? WHERE locator = ?", state, locator)


def in_the_log(stolen: Stolen, town: Town) -> None:
    """A write that changes nothing, still in the database's log."""
    locator = town.locator(town.members["one"])
    database = sqlite3.connect(stolen.database, isolation_level=None)
    database.execute("UPDATE member_code SET state = state WHERE locator = ?", (locator,))
    copy = stolen.folder / "wal"
    shutil.copyfile(f"{stolen.database}-wal", copy)
    shutil.copyfile(stolen.database, stolen.folder / "db")
    database.close()
    copy.replace(f"{stolen.database}-wal")
    (stolen.folder / "db").replace(stolen.database)


def larger_grant(stolen: Stolen, town: Town) -> None:
    some = "grant_id = (SELECT min(grant_id) FROM tip_grant)"
    _changed(stolen, f"UPDATE tip_grant SET sealed = CAST(sealed || x'00' AS BLOB) WHERE {some}")  # noqa: S608  # ours


def a_join(stolen: Stolen, town: Town) -> None:
    some = "tip_id = (SELECT min(tip_id) FROM tip)"
    locator = town.locator(town.members["one"])
    _changed(stolen, f"UPDATE tip SET locator = ? WHERE {some}", locator)  # noqa: S608  # ours


def a_line(stolen: Stolen, town: Town) -> None:
    log = next((stolen.folder / "logs").iterdir())
    with log.open("a") as out:
        out.write('{"day": "2026-01-01", "level": "info", "event": "code_checked"}\n')


def a_file_time(stolen: Stolen, town: Town) -> None:
    blob = next((stolen.folder / "data" / "blobs").iterdir())
    os.utime(blob, (0, blob.stat().st_mtime + 1))


def a_key(stolen: Stolen, town: Town) -> None:
    path = stolen.folder / "forget" / "keys"
    path.write_bytes(path.read_bytes()[:-64] + bytes(63) + b"k")


def a_hash_of_the_alias(stolen: Stolen, town: Town) -> None:
    alias = town.members["one"].code.alias.encode()
    key = town.made.server_key.derive(Purpose.SEEN_MARKS)
    mark = hmac.digest(key, alias, "sha256")
    _changed(stolen, "INSERT INTO setting VALUES ('last', ?)", mark.hex())


PLANTS: Mapping[Plant, frozenset[str]] = {
    last_use: frozenset({"rows", "code_pages"}),
    written_anew: frozenset({"code_pages"}),
    in_the_log: frozenset({"order_of_writing"}),
    larger_grant: frozenset({"rows"}),
    a_join: frozenset({"joins"}),
    a_line: frozenset({"printed"}),
    a_file_time: frozenset({"files"}),
    a_key: frozenset({"keys_left"}),
    a_hash_of_the_alias: frozenset({"rows", "joins"}),
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: str(plant.__name__))
def test_the_adversary_would_see_it(lives: Lives, plant: Plant) -> None:
    true = lives.by_name["one"][LINKS_OVER]
    planted = true.to_plant_in()
    plant(planted, lives.town)
    assert PLANTS[plant] <= differing(true, planted).keys()


def test_a_digest_of_an_alias_or_a_locator_elsewhere_would_be_found(lives: Lives) -> None:
    town, true = lives.town, lives.by_name["one"][LINKS_OVER]
    for plant in (a_hash_of_the_alias, a_join):
        planted = true.to_plant_in()
        plant(planted, town)
        assert planted.mentions(*town.known_of(town.members["one"]))
        assert not planted.mentions(*town.known_of(town.members["another"]))
