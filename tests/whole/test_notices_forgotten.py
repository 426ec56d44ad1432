"""Who asked to be told of news: sealed while it lasts, and nothing leads to them once it is over.

The thief has the server key, the forget store as it is now, an old copy of everything else, and
every account that there might be.
"""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from handlers.events import Blocked
from tests.bot.phone import Phone
from tests.bot.test_notices import DAY_S, Town
from tests.bot.turn_house import House
from tests.whole.thief import Copy, Loot, Thief

ACCOUNT = "U7f3c0a91b2d44e5f8a6b7c8d9e0f1a2b"


@dataclass
class Scene:
    """One person who asked to be told, and a disk that can be copied at any time."""

    town: Town
    phone: Phone
    folder: Path
    scratch: Path
    numbers: Any = field(default_factory=itertools.count)

    def copy(self) -> Copy:
        return Copy.of(self.folder / "db.sqlite", self.folder / "blobs")

    def store(self) -> bytes:
        return (self.folder / "forget").read_bytes()

    def loot(self, copy: Copy, store: bytes | None = None) -> list[Loot]:
        thief = Thief(self.town.house.server_key, store or self.store(), (ACCOUNT,))
        return thief.loot(copy, self.scratch / f"copy {next(self.numbers)}")

    def contacts(self, copy: Copy, store: bytes | None = None) -> list[str]:
        """Where in *copy* the account opens, but for conversations that are still running."""
        found = (each for each in self.loot(copy, store) if ACCOUNT.encode() in each.plain)
        return [each.what.split()[0] for each in found if not each.what.startswith("conv")]

    def on_disk(self) -> list[bytes]:
        return [path.read_bytes() for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    folder = tmp_path / "deployment"
    folder.mkdir()
    house = await House(folder).open()
    town = Town(house)
    phone = town.phone(ACCOUNT)
    phone.code = await phone.file("เห็นเขาเอาปูนไป")
    await phone.agree()
    await phone.press("noted")
    yield Scene(town, phone, folder, tmp_path)
    await house.close()


async def test_the_account_lies_nowhere_in_plain_from_asking_to_being_told(scene: Scene) -> None:
    tip_id = await scene.town.tip_id()
    for act in (scene.town.officer.write, scene.town.officer.note, scene.town.officer.write):
        await act(tip_id)
        assert not any(ACCOUNT.encode() in data for data in scene.on_disk())
        await scene.town.telling.tell_due()  # durable, and not delivered yet
        assert not any(ACCOUNT.encode() in data for data in scene.on_disk())
        await scene.town.post.deliver_due()
        assert not any(ACCOUNT.encode() in data for data in scene.on_disk())
    assert scene.contacts(scene.copy()) == ["notice"]  # so the search would find it


async def closes(scene: Scene) -> None:
    await scene.town.officer.set_status(await scene.town.tip_id(), "closed")
    await scene.town.tell()


async def stops(scene: Scene) -> None:
    await scene.phone.say("หยุดแจ้งเตือน")


async def wants_no_contact(scene: Scene) -> None:
    await scene.phone.follow(scene.phone.code)
    await scene.phone.press("stop")
    await scene.phone.press("stop")
    await scene.phone.press("cancel")


async def blocks(scene: Scene) -> None:
    await scene.phone.send(Blocked())


async def grows_old(scene: Scene) -> None:
    scene.town.house.clock.advance(181 * DAY_S)
    await scene.town.upkeep.once()


ENDS = (closes, stops, wants_no_contact, blocks, grows_old)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: str(end.__name__))
async def test_once_it_is_over_neither_this_copy_nor_an_old_one_opens_to_the_account(
    scene: Scene, end: Callable[[Scene], Awaitable[None]]
) -> None:
    await scene.town.officer.write(await scene.town.tip_id())
    await scene.town.tell()
    old, old_store = scene.copy(), scene.store()
    assert scene.contacts(old) == ["notice"]  # not over yet: the thief is able
    await end(scene)
    assert scene.contacts(old) == []
    assert scene.contacts(scene.copy()) == []
    assert scene.contacts(old, old_store) == ["notice"]  # so the store is what matters


async def test_no_byte_of_the_contact_is_left_after_the_log_is_truncated(scene: Scene) -> None:
    house = scene.town.house
    ((contact,),) = await house.db.read(lambda t: t.rows("SELECT contact FROM notice"))
    pieces = [contact[at : at + 40] for at in range(16, len(contact) - 40, 80)]
    assert any(scene.copy().holds(piece) for piece in pieces)
    await closes(scene)
    await house.db.truncate_log()
    assert not any(scene.copy().holds(piece) for piece in pieces)


async def test_the_mark_of_having_been_told_cannot_be_tried_out_against_accounts(
    scene: Scene,
) -> None:
    """Marks outlive the notice by days. Were an event named after what lies open in the database,
    whoever has the server key could ask of each account whether it was told of this tip."""
    house, tip_id = scene.town.house, await scene.town.tip_id()
    await scene.town.officer.write(tip_id)
    open_to_all = await _ids(house)
    before = await house.db.read(lambda t: t.rows("SELECT mark FROM seen"))
    await closes(scene)
    marks = await house.db.read(lambda t: t.rows("SELECT mark FROM seen"))
    assert len(marks) > len(before)  # it was told, and that is marked
    open_to_all |= await _ids(house)
    names = [*open_to_all, *("".join(pair) for pair in itertools.product(open_to_all, repeat=2))]
    tried = {
        (house.means.marks.event("line", ACCOUNT, f"{prefix}{name}"),)
        for name in names
        for prefix in ("", "news:")
    }
    assert not tried & set(marks)


async def test_what_is_left_after_closing_leads_from_the_account_to_no_tip(scene: Scene) -> None:
    tip_id = await scene.town.tip_id()
    await closes(scene)
    for loot in scene.loot(scene.copy()):
        assert tip_id.encode() not in loot.plain
        assert bytes.fromhex(tip_id) not in loot.plain


async def _ids(house: House) -> set[str]:
    """Every id about tips that lies open in the database."""
    rows = await house.db.read(
        lambda t: t.rows(
            "SELECT part_id FROM part UNION SELECT tip_id FROM tip UNION"
            " SELECT notice_id FROM notice UNION SELECT key_id FROM notice"
        )
    )
    return {value for (value,) in rows}
