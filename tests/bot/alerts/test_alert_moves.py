"""A tip that comes to another centre is new there, and is told so; an officer who goes to another
is told no more of what stayed."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.alerts.alerting import Hook
from bot.alerts.clocks import TipClocks, readers_roles
from bot.alerts.counting import Told
from bot.alerts.raising import Uncounted
from bot.clock import today
from sealing import Officer, Role
from storage import Transaction
from storage.repositories import alerts, open_counts
from tests.bot.alerts.alert_house import alert_house
from tests.bot.desk_room import a_room
from tests.bot.turn_house import MALEE, ROSTER, SOMCHAI, officer


@dataclass
class Noted(Uncounted):
    handed_to: list[tuple[str, frozenset[str], str | None]] = field(default_factory=list)

    def handed(
        self, t: Transaction, tip_id: str, officers: Iterable[str], *, centre: str | None = None
    ) -> None:
        self.handed_to.append((tip_id, frozenset(officers), centre))


async def test_the_desk_counts_a_moved_tip_for_the_centre_it_comes_to(tmp_path: Path) -> None:
    noted = Noted()
    async with a_room(tmp_path, noted) as room:
        tip_id = await room.file()
        prasit = room.roster.officer(room["Prasit"].id)
        assert prasit is not None
        keys = room.tip_keys[tip_id]
        claimed = await room["Somchai"].claim(tip_id, 1)
        assert claimed.status_code == 200
        stale = await room["Somchai"].move(tip_id, 1, "loei", keys, prasit)
        assert stale.status_code == 409
        moved = await room["Somchai"].move(tip_id, 2, "loei", keys, prasit)
        assert moved.status_code == 200, moved.text
    assert noted.handed_to == [(tip_id, frozenset({prasit.id}), "loei")]


async def test_who_may_read_it_now_is_told_and_the_centres_webhook(tmp_path: Path) -> None:
    async with alert_house(tmp_path, hooks=(Hook("webhook:r", "region"),)) as made:
        await made.bind(SOMCHAI.id, "somchai")
        await made.bind(MALEE.id, "malee")
        tip_id = await made.file()
        await made.quarter()
        raising = made.house.means.raising
        await made.house.db.commit(lambda t: raising.handed(t, tip_id, [MALEE.id], centre="region"))
        await made.quarter()
        assert made.phone.told("malee") == [], "her grant is withheld"
        assert made.phone.told("webhook:r") == [(Told("region", 1),)]
        await made.house.db.commit(
            lambda t: t.execute("UPDATE tip_grant SET released = 1 WHERE tip_id = ?", (tip_id,))
        )
        await made.house.db.commit(lambda t: raising.handed(t, tip_id, [MALEE.id]))
        await made.quarter()
        assert made.phone.told("malee") == [(Told("region", 1),)]
        assert made.phone.told("somchai") == [(Told("kkn", 1),)]


@pytest.mark.parametrize(
    "now",
    [officer(SOMCHAI, "region"), replace(officer(SOMCHAI, "kkn"), roles=(Role.AUDITOR,))],
    ids=["left the centre", "is an auditor now"],
)
async def test_who_may_read_a_tip_no_more_is_told_nothing_of_it(
    tmp_path: Path, now: Officer
) -> None:
    async with alert_house(tmp_path, clocks=TipClocks()) as made:
        await made.bind(SOMCHAI.id, "somchai")
        tip_id = await made.file()
        await made.quarter()
        assert made.phone.told("somchai") == [(Told("kkn", 1),)]
        made.roster = made.house.roster = replace(ROSTER, officers=(now,))
        raising = made.house.means.raising
        await made.house.db.commit(lambda t: raising.answered(t, tip_id))
        await made.house.db.commit(lambda t: raising.handed(t, tip_id, [now.id]))
        await made.quarter()
        assert len(made.phone.told("somchai")) == 1
        record = await made.house.db.read(lambda t: alerts.record(t, now.id))
        assert record is not None
        counted = made.records.open_record(record)
        assert counted is not None
        assert not any(counted.counts.values()), "it would be told when they come back"


async def test_who_left_a_centre_is_not_told_of_what_they_held_there(tmp_path: Path) -> None:
    async with alert_house(tmp_path) as made:
        day = today(made.house.clock).isoformat()
        tip_id = await made.file()
        await made.house.db.commit(
            lambda t: t.execute("UPDATE tip SET claimed_by = ?, due_day = ?", (SOMCHAI.id, day))
        )

        async def held(who: Officer) -> tuple[int, int | None]:
            return await made.house.db.read(
                lambda t: (
                    open_counts.held(t, who.id, who.centres, readers_roles(who)),
                    TipClocks().of_held(t, who, day),
                )
            )

        assert await held(officer(SOMCHAI, "kkn")) == (1, 0)
        assert await held(officer(SOMCHAI, "region")) == (0, None)
        auditor = replace(officer(SOMCHAI, "kkn"), roles=(Role.AUDITOR,))
        assert await held(auditor) == (0, None)
        await made.house.db.commit(
            lambda t: t.execute(
                "UPDATE tip_grant SET is_personal = 1 WHERE tip_id = ? AND officer = ?",
                (tip_id, SOMCHAI.id),
            )
        )
        assert await held(officer(SOMCHAI, "region")) == (1, 0)
