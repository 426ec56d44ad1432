"""Figures of many tips: the desk's route, beside the bare SQL of the same counts.

The floor counts what nobody may keep: one row for each tip that says in the open what it was about,
grouped by centre, month and each measure in turn. The desk reads what was decided of months that
are over. Deciding it is measured too, and what counting adds to a commit that ends a tip.
"""

import random
import sqlite3
import tempfile
import time
from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.measuring import Took, side_by_side, took
from bench.rows import Row
from bench.sizes import Sizes
from bot.clock import SystemClock, today
from bot.desk.figures import FiguresDesk
from bot.figures.book import FigureBook
from bot.figures.measures import shipped_measures
from bot.figures.periods import Periods
from bot.server_key import ServerKey
from sealing import Officer, OfficerKeys, Role
from storage import SqliteDatabase, Transaction
from storage.repositories.figures import ALL, COUNTED, INTAKE, YES, Basis, Counter

GOAL_S = 1.0
CENTRES = tuple(f"centre-{number}" for number in range(14))
DAYS = 700
K = 5
MEASURES = shipped_measures()
COLUMNS = ("category", "kind", "result", "teller", "acknowledged", "ended")
FIRST, LAST = "2020-01", "2029-12"
ENDINGS = 20


@dataclass(frozen=True, slots=True)
class _Tip:
    centre: str
    filed: str
    ended: str
    values: tuple[str, ...]


async def rows(sizes: Sizes) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="saisaat-bench-") as name:
        began_s, path = time.perf_counter(), Path(name) / "figures.db"
        async with await SqliteDatabase.open(path):
            pass  # the migrations
        several = list(_tips(sizes.many_tips))
        _fill(path, several)
        async with await SqliteDatabase.open(path) as database:
            book = FigureBook(ServerKey.generate())
            await database.commit(lambda t: book.add(t, _counters(several)))
            set_up_s = time.perf_counter() - began_s
            clock = SystemClock()
            decided = await took(Periods(database, clock, book, MEASURES, K).make())
            desk = FiguresDesk(database, clock, dict.fromkeys(CENTRES), K)
            shown = await side_by_side(
                max(3, sizes.rounds // 3),
                lambda: took(_show(desk)),
                lambda: took(_by_sql(database)),
            )
            counted = await side_by_side(
                sizes.rounds, lambda: _end(database, book), lambda: _end(database, None)
            )
    much = f"{sizes.many_tips:,} tips"
    return [
        Row(
            "figures", f"the desk's figures of {much}", shown.real.wall_s * 1000, "ms",
            shown.floor.wall_s * 1000, shown.wall_ratio, f"< {GOAL_S:.0f} s",
            shown.real.wall_s < GOAL_S, f"floor: bare SQL; set-up {set_up_s:.0f} s",
        ),
        Row("figures", "what is shown of two years decided", decided.wall_s * 1000, "ms",
            note="once a month"),
        Row(
            "figures", "a commit that counts an ending (CPU)", counted.real.cpu_s * 1000, "ms",
            counted.floor.cpu_s * 1000, counted.cpu_ratio, note="floor: one that does not",
        ),
    ]  # fmt: skip


async def _show(desk: FiguresDesk) -> None:
    answer = await desk.figures(_AUDITOR, FIRST, LAST)
    if len(answer) < 1000:
        raise AssertionError("empty figures measure nothing")


async def _by_sql(database: SqliteDatabase) -> None:
    for column in COLUMNS:
        await database.read(
            lambda t, column=column: t.rows(  # type: ignore[misc]  # a default keeps the loop's name
                f"SELECT centre, substr(ended_day, 1, 7) AS month, {column}, count(*)"  # noqa: S608  # our own columns
                f" FROM truth GROUP BY centre, month, {column}"
            )
        )
    await database.read(
        lambda t: t.rows(
            "SELECT centre, substr(filed_day, 1, 7) AS month, count(*) FROM truth"
            " GROUP BY centre, month"
        )
    )


async def _end(database: SqliteDatabase, book: FigureBook | None) -> Took:
    """Commits that write a little, and count an ending if there is a *book*; each."""
    tip = next(_tips(1))

    def ending(t: Transaction) -> None:
        t.execute("UPDATE truth SET kind = kind WHERE nth = 0")
        if book is not None:
            book.add(t, _counters([tip]))

    async def several() -> None:
        for _ in range(ENDINGS):
            await database.commit(ending)

    return (await took(several())).per(ENDINGS)


_KEYS = OfficerKeys.generate("Auditor")
_AUDITOR = Officer(
    _KEYS.name, _KEYS.age.recipient, _KEYS.sign.verify_key, (Role.AUDITOR,), CENTRES[:1]
)


def _tips(many: int) -> Iterator[_Tip]:
    """Tips of two years; some centres have many and some few."""
    chance, last = random.Random(7), today(SystemClock())  # a bench
    weights = [1 / (number + 1) for number in range(len(CENTRES))]
    for centre in chance.choices(CENTRES, weights, k=many):
        filed = last - timedelta(days=chance.randrange(DAYS))
        ended = min(last, filed + timedelta(days=chance.randrange(120)))
        values = tuple(chance.choice(MEASURES.values[each]) for each in COLUMNS)
        yield _Tip(centre, filed.isoformat(), ended.isoformat(), values)


def _counters(several: list[_Tip]) -> Iterator[Counter]:
    """Everything that is counted of them."""
    found = Tally[tuple[Basis, str, str, str, str]]()
    for tip in several:
        found[Basis.FILED, tip.filed[:7], tip.centre, INTAKE, ALL] += 1
        for measure, value in ((COUNTED, YES), *zip(COLUMNS, tip.values, strict=True)):
            found[Basis.ENDED, tip.ended[:7], tip.centre, measure, value] += 1
    return (Counter(*key, n) for key, n in found.items())


def _fill(path: Path, several: list[_Tip]) -> None:
    connection = sqlite3.connect(path)
    try:
        columns = ", ".join(
            f"{each} TEXT" for each in ("centre", "filed_day", "ended_day", *COLUMNS)
        )
        connection.execute(f"CREATE TABLE truth (nth INTEGER PRIMARY KEY, {columns})")
        holes = ", ".join("?" * (4 + len(COLUMNS)))
        connection.executemany(
            f"INSERT INTO truth VALUES ({holes})",  # noqa: S608  # ours
            ((nth, t.centre, t.filed, t.ended, *t.values) for nth, t in enumerate(several)),
        )
        connection.commit()
    finally:
        connection.close()
