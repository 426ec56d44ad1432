"""A deployment that is searched and stolen from, again and again, while a story goes on.

Owns what has become a canary so far, the copies that a thief made at each moment, and the searches:
of every file there is, of every file that the bot holds open, of the log. Refuses to know the story
and which channel it is told on.
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from console import acting
from console.extending import extend
from console.opening import open_export
from console.words import words_for
from tests.whole.canaries import Canaries
from tests.whole.deployment import Whole
from tests.whole.readings import readings
from tests.whole.restored import backed_up
from tests.whole.server import Running
from tests.whole.thief import Copy, Loot, Message, Thief, keys_in

DAY_S = 24 * 3600
PATIENCE_S = 45.0
CATEGORY, PROVINCE = b"embezzlement", b"TH-40"
TEMP_NAMES = ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR")


def quiet_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temp folder of one's own, for whatever starts from now on."""
    temp = tmp_path / "temp"
    temp.mkdir()
    for name in TEMP_NAMES:
        monkeypatch.setenv(name, str(temp))
    return temp


@dataclass
class Scene:
    """The deployment, whatever has become a canary so far, and older copies. *people* are the names
    that a platform (or a cookie) has for them; *messages* what it calls their messages; *ids* and
    *numbers* are searched for in fewer spellings, because there are many."""

    made: Whole
    temp: Path
    scratch: Path
    secrets: dict[str, str | bytes]
    people: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    numbers: set[int | float] = field(default_factory=set)
    copies: dict[str, tuple[Copy, bytes]] = field(default_factory=dict)

    def carry(self, name: str, code: str) -> None:
        """A code that somebody carries, in each way it could be written."""
        plain = re.sub(r"[^0-9a-z]", "", code.lower())
        self.secrets |= {name: code, f"{name} run together": plain}
        self.secrets |= {f"{name} spaced": code.replace("-", " "), f"{name} loud": plain.upper()}

    def meet(self, person: str) -> None:
        """What somebody is known by is a canary from now on."""
        self.people.append(person)
        self.secrets[f"person {len(self.people)}"] = person

    # --- searching -------------------------------------------------------------------------------

    @property
    def canaries(self) -> Canaries:
        return Canaries.of(self.secrets, ids=self.ids, numbers=self.numbers)

    def search(self) -> None:
        """Assert that no canary is anywhere, and no choice that was made is in the data. (The
        platforms' secrets lie in their own folder, where the operator put them.)"""
        made = self.made
        hits = self.canaries.in_folder(made.folder, self.temp, but=made.folder / "secrets")
        assert hits == []
        choices = Canaries((("category", "plain", CATEGORY), ("province", "plain", PROVINCE)))
        assert choices.in_folder(made.data, made.forget.parent) == []

    def back_up(self, moment: str) -> None:
        """Take a backup now, and assert that it tells nothing: no canary is in it, and a thief with
        the forget store and every key of the server as they are at this moment opens nothing."""
        self.scratch.mkdir(exist_ok=True)
        backup = backed_up(self.made, self.scratch / f"backup, {moment}")
        assert self.canaries.in_folder(backup, self.temp) == []
        stolen = Copy.of(backup / "saisaat.db", backup / "blobs")
        assert not stolen.holds(CATEGORY)
        assert not stolen.holds(PROVINCE)  # config.toml names the provinces of centres
        assert self.loot(stolen, self.made.forget.read_bytes()) == []
        assert keys_in(self.made.forget.read_bytes())  # there was something to steal with

    def search_open_files(self, bot: Running) -> None:
        """The same for what the bot holds open, named or not."""
        # The bot is not dumpable: only root, on Linux, is shown what it has open.
        if os.geteuid() == 0 and sys.platform == "linux":
            assert self.canaries.in_open_files(bot.pid, beside=()) == []

    async def receiving(self) -> None:
        """Return when some of a file is on the disk, and not yet all of it."""
        blobs = self.made.blobs
        async with asyncio.timeout(PATIENCE_S):
            while not any(path.stat().st_size for path in blobs.glob("*.half")):  # noqa: ASYNC110  # another process writes it
                await asyncio.sleep(0.01)

    # --- stealing --------------------------------------------------------------------------------

    def remember(self, moment: str) -> None:
        """Keep a thief's copy of this moment, with the forget store as it is now."""
        self.copies[moment] = (self.copy(), self.made.forget.read_bytes())

    def copy(self) -> Copy:
        return Copy.of(self.made.database, self.made.blobs)

    def loot(self, copy: Copy, forget_store: bytes) -> list[Loot]:
        thief = Thief(self.made.server_key, forget_store, self.people, self.messages)
        return thief.loot(copy, self.corner())

    def loot_then(self, moment: str) -> list[Loot]:
        """What the copy of *moment* gave at that moment."""
        return self.loot(*self.copies[moment])

    def loot_now(self, moment: str) -> list[Loot]:
        """What the copy of *moment* gives with the keys that are left now."""
        return self.loot(self.copies[moment][0], self.made.forget.read_bytes())

    def tips(self, moment: str) -> set[str]:
        """The ids of the filed tips in the copy of *moment*."""
        names = self.copies[moment][0].sealed(self.corner())
        return {name.split()[1] for name in names if name.startswith("tip ")}

    def holds(self, table: str, row: str = "") -> bool:
        """Whether *table* has anything sealed now (in *row*)."""
        names = self.copy().sealed(self.corner())
        return any(name.startswith(f"{table} {row}") for name in names)

    def corner(self) -> Path:
        """A folder that nobody used before."""
        self.scratch.mkdir(exist_ok=True)
        return self.scratch / f"{time.monotonic_ns()}"

    # --- time ------------------------------------------------------------------------------------

    async def forgotten(self, bot: Running, *, keys_at_most: int) -> None:
        """Wait until the bot has noticed what time it is: the database's log is empty, and so many
        keys are left at most."""
        log = Path(f"{self.made.database}-wal")
        async with asyncio.timeout(PATIENCE_S):
            while True:
                store = self.made.forget.read_bytes()  # small, and only this test waits
                if log.stat().st_size == 0 and len(keys_in(store)) <= keys_at_most:  # noqa: ASYNC240  # as above
                    return
                bot.advance(60)  # it may just have gone to sleep for a round
                await asyncio.sleep(0.05)


async def officer_writes(
    made: Whole, *, note: str, sentence: str, question: str, reason: str = ""
) -> None:
    """The officer takes the only tip, notes something, asks for more time, and asks; and
    exports it, for a *reason*."""
    async with made.office() as office:
        (tip,) = await readings(office)
        tip_id = tip.tip.tip_id
        await acting.claim(office, tip_id)
        await acting.note(office, tip_id, note)
        await acting.set_status(office, tip_id, "screening", sentence)
        until = (office.today() + timedelta(days=40)).isoformat()
        await extend(office, tip_id, until, note, sentence, words=words_for("th"))
        await acting.reply(office, tip_id, question)
        if reason:
            await open_export(office, tip_id, reason)


def check_logs(made: Whole) -> None:
    """The log was at DEBUG and says something, and no line of it says when."""
    printed = b"".join(path.read_bytes() for path in (made.folder / "logs").iterdir())
    assert b'"level": "debug"' in printed
    assert re.search(rb"\d\d:\d\d:\d\d", printed) is None


def check_nothing_opens(scene: Scene, secrets: Sequence[str], moment: str) -> None:
    """With the keys of *moment*, the last one, no copy gives words, codes or *secrets*."""
    canaries = Canaries.of(scene.secrets)
    _, store = scene.copies[moment]
    for then, (copy, _) in scene.copies.items():
        for loot in scene.loot(copy, store):
            assert list(canaries.in_bytes(loot.plain, f"{then}: {loot.what}")) == []
            assert [secret for secret in secrets if secret.encode() in loot.plain] == []
