"""Forgotten means gone: the key first, then the bytes, then nothing that any copy could bring back.

What was forgotten is looked for as a thief would: with the server key, the forget store as it is
now, an old copy of database, log and files, and the person's own session. Each test begins by
showing that the same thief opens it all while it is not forgotten yet.
"""

import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from handlers.events import Command
from storage import Database, Transaction
from tests.bot.turn_house import RECOVERY, SOMCHAI, House, Person
from tests.whole.thief import Copy, Loot, Thief, keys_in, slices

SESSION = "Zk3vQ0mYb7tXw2nLr9sDf5hJc8pGa1eU"
WORDS = "เขาเอาปูนของหลวงไปทำถนนหน้าบ้านตัวเอง " * 12
PHOTO = b"\xff\xd8 what only the teller saw " * 900


@dataclass
class Watch:
    """A database that lets a test look round at the moment of each commit."""

    inner: Database
    before: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.read, self.close, self.truncate_log = (
            self.inner.read,
            self.inner.close,
            self.inner.truncate_log,
        )

    async def commit(self, work: Callable[[Transaction], Any]) -> Any:
        self.before()
        return await self.inner.commit(work)


@dataclass
class Scene:
    """A person telling something in a deployment whose disk can be copied at any time."""

    house: House
    person: Person
    scratch: Path
    numbers: Any = field(default_factory=itertools.count)
    captured: set[bytes] = field(default_factory=set)

    @property
    def database(self) -> Path:
        return self.house.folder / "db.sqlite"

    @property
    def forget_store(self) -> bytes:
        return (self.house.folder / "forget").read_bytes()

    def copy(self) -> Copy:
        return Copy.of(self.database, self.house.folder / "blobs")

    def thief(self, forget_store: bytes | None = None) -> Thief:
        store = self.forget_store if forget_store is None else forget_store
        return Thief(self.house.server_key, store, (SESSION,))

    def loot(
        self, copy: Copy, forget_store: bytes | None = None, known: tuple[bytes, ...] = ()
    ) -> list[Loot]:
        scratch = self.scratch / f"copy {next(self.numbers)}"
        return self.thief(forget_store).loot(copy, scratch, known)

    def capture(self) -> None:
        """Remember every sealed byte that is on the disk now."""
        copy = self.copy()
        sealed = copy.sealed(self.scratch / f"copy {next(self.numbers)}")
        self.captured |= {*sealed.values(), *copy.blobs.values()}

    def remains(self, of: set[bytes]) -> list[bytes]:
        copy = self.copy()
        return [piece for piece in slices(of) if copy.holds(piece)]

    async def tell(self) -> None:
        """Tell everything up to the review, with words and a photo, capturing on the way."""
        await self.person.press("report")
        for _ in range(60):
            self.capture()
            ask = await self.person.ask()
            ids = [option.id for option in ask.choices]
            match ask.question:
                case "send":
                    return
                case "what" if "back" in ids and ask.key == "ask.what":
                    await self.person.say(WORDS)
                case "what":
                    await self.person.press("done")
                case "leads" if ask.key == "ask.leads":
                    await self.person.send_file(PHOTO)
                case "leads":
                    await self.person.press("done")
                case "category":
                    await self.person.press(ids[0])
                case _:
                    offered = ("unsure", "unknown", "skip", "none", "done")
                    await self.person.press(next(each for each in offered if each in ids))
        raise AssertionError("the review never came")

    async def key_of_draft(self) -> bytes:
        (key_id,) = await self.house.db.read(
            lambda t: [key_id for (key_id,) in t.rows("SELECT key_id FROM conversation")]
        )
        key = self.house.forget.get(key_id)
        assert key is not None
        return key


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    folder = tmp_path / "deployment"
    folder.mkdir()
    house = await House(folder, wrap=Watch).open()
    yield Scene(house, house.person(SESSION), tmp_path)
    await house.close()


def told(loot: list[Loot]) -> set[str]:
    """Which of the told things are in the loot."""
    plain = b"\n".join(each.plain for each in loot)
    return {name for name, it in {"words": WORDS.encode(), "photo": PHOTO}.items() if it in plain}


def watch(scene: Scene, on_commit: Callable[[], None]) -> None:
    assert isinstance(scene.house.db, Watch)
    scene.house.db.before = on_commit


# --- discarding -------------------------------------------------------------------------------


async def test_a_discarded_draft_loses_its_key_before_anything_is_committed(scene: Scene) -> None:
    await scene.tell()
    key = await scene.key_of_draft()
    await scene.person.press("cancel")
    assert key in scene.forget_store
    seen: list[bool] = []
    watch(scene, lambda: seen.append(key in scene.forget_store))
    await scene.person.press("drop")
    assert seen == [False]
    assert key not in keys_in(scene.forget_store)


async def test_no_byte_of_a_discarded_draft_is_left_after_the_log_is_truncated(
    scene: Scene,
) -> None:
    await scene.tell()
    drafted = set(scene.captured)
    assert len(scene.remains(drafted)) > 100  # the search sees them while they are there
    await scene.person.press("cancel")
    scene.capture()
    await scene.person.press("drop")
    await scene.house.db.truncate_log()
    assert scene.remains(scene.captured | drafted) == []
    assert scene.copy().blobs == {}
    assert scene.copy().log == b""


async def test_no_byte_is_left_when_many_come_and_go_and_pages_are_rebuilt(scene: Scene) -> None:
    """SQLite moves cells about when rows come and go, and could leave copies of them behind."""
    crowd = [scene.house.person(f"person {number}") for number in range(12)]
    for person in crowd:
        await person.tell(*(f"{person.name} เล่า {each} " * (each * 9) for each in range(1, 6)))
        scene.capture()
    for person in crowd[::2]:
        await person.press("cancel")
        scene.capture()
        await person.press("drop")
    for person in crowd[1::2]:
        await person.press("send")
        await person.press("noted")
    await scene.house.db.truncate_log()
    tips = await _column(scene, "SELECT sealed FROM part")
    assert len(tips) == 6 * 6
    assert scene.remains(scene.captured - tips - await _column(scene, STILL_NEEDED)) == []


STILL_NEEDED = (
    "SELECT state FROM conversation UNION SELECT sealed FROM tip_grant"
    " UNION SELECT receipt_grant FROM tip"
)


async def test_an_old_copy_reopens_nothing_that_was_discarded(scene: Scene) -> None:
    await scene.tell()
    old, old_store = scene.copy(), scene.forget_store
    assert told(scene.loot(old)) == {"words", "photo"}  # not forgotten yet: the thief is able
    await scene.person.press("cancel")
    await scene.person.press("drop")
    assert scene.loot(old) == []
    assert told(scene.loot(scene.copy())) == set()
    assert told(scene.loot(old, old_store)) == {"words", "photo"}  # so the store is what matters


# --- originals --------------------------------------------------------------------------------

PHONE = "โทรหาผมได้ที่ 081-234-5678"
PLACE = b"\xff\xd8 taken at 16.4419, 102.8360 " * 90
NOTHING_HIDDEN = b"\xff\xd8 a road without a place " * 90


async def tell_both(scene: Scene) -> None:
    """Words with a phone number and a recording with its place, not decided yet."""
    person = scene.person
    await person.press("report")
    while (await person.ask()).question != "what":
        ids = [option.id for option in (await person.ask()).choices]
        offered = ("unsure", "unknown", "skip")
        await person.press(next((each for each in offered if each in ids), ids[0]))
    await person.say(PHONE)
    await person.send_cleaned(PLACE, NOTHING_HIDDEN, "voice")


def originals(loot: list[Loot]) -> set[str]:
    """Which originals are in the loot."""
    plain = b"\n".join(each.plain for each in loot)
    return {
        name
        for name, it in {
            "phone": b"081-234-5678",
            "place": PLACE,
            "cleaned": NOTHING_HIDDEN,
        }.items()
        if it in plain
    }


async def test_an_old_copy_opens_no_original_from_the_moment_it_was_dropped(scene: Scene) -> None:
    await tell_both(scene)
    old, old_store = scene.copy(), scene.forget_store
    assert originals(scene.loot(old)) == {"phone", "place", "cleaned"}  # the thief is able
    await scene.person.decide("hide")
    assert originals(scene.loot(old)) == {"place", "cleaned"}
    await scene.person.decide("clean")
    for copy in (old, scene.copy()):
        assert originals(scene.loot(copy)) == {"cleaned"}  # the draft itself is still being told
    assert originals(scene.loot(old, old_store)) == {"phone", "place", "cleaned"}


async def test_no_byte_of_a_dropped_original_file_is_left(scene: Scene) -> None:
    await tell_both(scene)
    before = scene.copy().blobs
    await scene.person.decide("hide")
    await scene.person.decide("clean")
    gone = {data for name, data in before.items() if name not in scene.copy().blobs}
    assert len(gone) == 1
    await scene.house.db.truncate_log()
    assert scene.remains(gone) == []


@pytest.mark.parametrize("is_filed_first", [True, False])
async def test_officers_and_recovery_with_an_old_copy_open_no_dropped_original(
    scene: Scene, is_filed_first: bool
) -> None:
    """The words stay in the tip, sealed to a key that nobody has; with every key that anybody has,
    and what the disk held at any time, they do not open."""
    await tell_both(scene)
    old = scene.copy()
    await scene.person.decide("hide")
    await scene.person.decide("clean")
    copies = [old, scene.copy()]
    await scene.person.press("done")
    await scene.person.tell_on()
    await scene.person.press("send")
    copies.append(scene.copy())
    if is_filed_first:
        await scene.person.press("noted")
        copies.append(scene.copy())
    (tip_id,) = await scene.house.tip_ids()
    grant = await scene.house.grant_of(SOMCHAI, tip_id)
    assert grant.case is not None
    known = (SOMCHAI.age.seed, RECOVERY.seed, grant.case.seed, grant.reply.seed)
    for copy in copies:
        found = originals(scene.loot(copy, known=known))
        assert found == {"cleaned"}  # the officers' key opens the cleaned file, and no original


async def test_a_kept_original_opens_with_the_officers_key(scene: Scene) -> None:
    await tell_both(scene)
    await scene.person.decide("leave")
    await scene.person.decide("whole")
    await scene.person.press("done")
    await scene.person.tell_on()
    await scene.person.press("send")
    (tip_id,) = await scene.house.tip_ids()
    grant = await scene.house.grant_of(SOMCHAI, tip_id)
    assert grant.case is not None
    found = originals(scene.loot(scene.copy(), known=(grant.case.seed,)))
    assert found == {"phone", "place", "cleaned"}
    assert originals(scene.loot(scene.copy())) == set()  # and with no other


# --- expiry -----------------------------------------------------------------------------------


async def test_an_expired_conversation_loses_its_key_before_anything_is_committed(
    scene: Scene,
) -> None:
    await scene.tell()
    old, key = scene.copy(), await scene.key_of_draft()
    seen: list[bool] = []
    watch(scene, lambda: seen.append(key in scene.forget_store))
    conversation = scene.house.means.marks.conversation("web", SESSION)
    assert await scene.house.turns.forget_if(conversation, lambda row: True)
    assert seen == [False]
    assert scene.loot(old) == []


# --- filing -----------------------------------------------------------------------------------


async def test_a_filed_draft_keeps_its_key_until_the_tip_is_durable_and_no_longer(
    scene: Scene,
) -> None:
    await scene.tell()
    key = await scene.key_of_draft()
    seen: list[bool] = []
    watch(scene, lambda: seen.append(key in scene.forget_store))
    await scene.person.press("send")
    assert seen == [True]  # else a crash here would leave acknowledged words that nobody can open
    assert key not in scene.forget_store


async def test_an_old_copy_reopens_no_draft_that_was_filed(scene: Scene) -> None:
    await scene.tell()
    old = scene.copy()
    assert told(scene.loot(old)) == {"words", "photo"}
    await scene.person.press("send")
    filed = scene.copy()
    assert scene.loot(old) == []
    assert told(scene.loot(filed)) == set()
    await scene.person.press("noted")
    for copy in (old, filed, scene.copy()):
        assert told(scene.loot(copy)) == set()


async def test_no_byte_of_the_draft_is_left_once_it_is_filed_and_the_log_truncated(
    scene: Scene,
) -> None:
    await scene.tell()
    parts = await _column(scene, "SELECT sealed FROM part")
    blobs = set(scene.copy().blobs.values())
    drafts = scene.captured - parts - blobs
    await scene.person.press("send")
    await scene.house.db.truncate_log()
    assert scene.remains(drafts) == []
    assert scene.remains(parts | blobs) != []  # what was told is still there, for its officers


async def test_a_noted_receipt_is_gone_with_its_key_and_its_bytes(scene: Scene) -> None:
    await scene.tell()
    await scene.person.press("send")
    receipt = (await scene.person.screen()).receipt
    assert receipt is not None
    shown = scene.copy()
    lines = await _column(scene, "SELECT secret FROM outbox")
    assert any(receipt.encode() in each.plain for each in scene.loot(shown))
    await scene.person.press("noted")
    assert not any(receipt.encode() in each.plain for each in scene.loot(shown))
    await scene.house.db.truncate_log()
    assert scene.remains(lines) == []


async def test_nothing_that_opens_after_filing_leads_from_the_session_to_the_tip(
    scene: Scene,
) -> None:
    await scene.tell()
    await scene.person.press("send")
    (tip_id,) = await scene.house.tip_ids()
    for loot in scene.loot(scene.copy()):
        assert tip_id.encode() not in loot.plain
        assert bytes.fromhex(tip_id) not in loot.plain


# --- coming back ------------------------------------------------------------------------------


@pytest.mark.parametrize("way_out", ["cancel", "report", "start"])
async def test_leaving_a_followed_tip_forgets_which_one_it_was(scene: Scene, way_out: str) -> None:
    receipt = await scene.house.person("who filed it").file("เรื่องที่แจ้งไว้")
    (tip_id,) = await scene.house.tip_ids()
    await scene.person.press("follow")
    await scene.person.say(receipt)
    old = scene.copy()
    assert any(tip_id.encode() in each.plain for each in scene.loot(old))
    await scene.person.send(Command(way_out))
    for copy in (old, scene.copy()):
        assert not any(tip_id.encode() in each.plain for each in scene.loot(copy))


# --- taking back ------------------------------------------------------------------------------


async def test_starting_an_answer_over_destroys_the_bytes_of_what_was_said(scene: Scene) -> None:
    await scene.tell()
    parts = await _column(scene, "SELECT sealed FROM part WHERE kind = 'words'")
    await scene.person.press("edit")
    await scene.person.press("what")
    await scene.person.press("start_over")
    await scene.house.db.truncate_log()
    assert scene.remains(parts) == []


async def _column(scene: Scene, sql: str) -> set[bytes]:
    rows = await scene.house.db.read(lambda t: t.rows(sql))
    return {value for (value,) in rows if value is not None}
