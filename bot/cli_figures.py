"""saisaat figures show, preview: what the public page says, and what it would say next.

Reads only, also beside a running bot. What is printed of a quarter that is not published is
suppressed as it would be; the counters themselves are never shown.
"""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bot import logs
from bot.centres import organise
from bot.cli_registry import ConfigOption
from bot.clock import BANGKOK
from bot.config import Config, load
from bot.errors import Misconfigured
from bot.figures.book import FigureBook
from bot.figures.page import QuarterPage
from bot.figures.publishing import checked, first_since_restore, next_due, quarters_key, upcoming
from bot.figures.quarters import Quarter, newest_due
from bot.figures.tables import tables_of
from bot.rules import figure_rules
from bot.server_key import ServerKey
from sealing import canonical
from storage.looking import looking
from storage.port import Misuse, Transaction
from storage.repositories import public_quarters

T = TypeVar("T")

app = typer.Typer(
    help="ตัวเลขสาธารณะ · the public page of figures",
    no_args_is_help=True,
    rich_markup_mode=None,
)
JsonOption = Annotated[bool, typer.Option("--json", help="สำหรับโปรแกรม · for scripts")]
QuarterOption = Annotated[
    str | None, typer.Option("--quarter", metavar="2026-Q3", help="ไตรมาสไหน · which quarter")
]


@app.command("show")
def show(config: ConfigOption, quarter: QuarterOption = None, as_json: JsonOption = False) -> None:
    """แสดงสิ่งที่ประกาศแล้ว · Show what was published; each page's signature is checked."""
    loaded = _loaded(config)
    key = quarters_key(_server_key(loaded)).verify_key

    def pages(t: Transaction) -> list[QuarterPage]:
        names = public_quarters.quarters(t) if quarter is None else (str(_parsed(quarter)),)
        rows = [public_quarters.get(t, name) for name in names]
        return [checked(row, key).page for row in rows if row is not None]

    found = _look(loaded, pages)
    if as_json:
        typer.echo(_as_json([canonical.read(page.data) for page in found]))
    else:
        for page in found:
            typer.echo("\n".join(_as_text(page)) + "\n")
        if not found:
            typer.echo("ยังไม่มีที่ประกาศ · Nothing was published yet.")


@app.command("preview")
def preview(
    config: ConfigOption, quarter: QuarterOption = None, as_json: JsonOption = False
) -> None:
    """ดูก่อนประกาศ · Show what would be published of a quarter that is over; nothing is stored."""
    loaded, today = _loaded(config), datetime.now(BANGKOK).date()
    rules, tables = figure_rules(loaded), tables_of(organise(loaded).centres)
    book = FigureBook(_server_key(loaded))

    def page(t: Transaction) -> QuarterPage:
        due = next_due(t, today, rules)
        chosen = _parsed(quarter) if quarter is not None else due or newest_due(today, 1)
        if public_quarters.get(t, str(chosen)) is not None:
            raise Misconfigured(
                f"{chosen} ประกาศแล้วและไม่เปลี่ยนอีก · was published and never changes: "
                "saisaat figures show"
            )
        if newest_due(today, 1) < chosen:
            raise Misconfigured(f"{chosen} ยังไม่จบ · is not over yet.")
        first = first_since_restore(t)
        if first is not None and chosen < first:
            raise Misconfigured(
                f"{chosen} จบก่อนวันคืนข้อมูล อาจประกาศไปแล้ว จึงไม่ประกาศอีก · was over when this server "
                "was restored from a backup; it may have been published before, so it never "
                "will be again."
            )
        return upcoming(t, chosen, book, tables, rules.k)

    made = _look(loaded, page)
    if as_json:
        typer.echo(_as_json(canonical.read(made.data)))
        return
    typer.echo("\n".join(_as_text(made)))
    typer.echo("\n" + _when(made.quarter, rules.after_days, rules.is_public))


def _when(quarter: Quarter, after_days: int, is_public: bool) -> str:
    if not is_public:
        return (
            "ยังไม่ได้เปิด จึงไม่ประกาศ · Figures are off, so nothing is published: "
            "[figures] public = true"
        )
    day = (quarter.last_day + timedelta(days=after_days + 1)).isoformat()
    return f"ประกาศได้ตั้งแต่ · To be published from {day}"


def _as_text(page: QuarterPage) -> Iterator[str]:
    if page.total is None:
        yield (
            f"{page.quarter}: น้อยกว่า {page.k} เรื่อง จึงไม่บอก · "
            f"fewer than {page.k}, so nothing is told."
        )
        return
    yield f"{page.quarter}: จบ {page.total} เรื่อง · {page.total} tips ended (k = {page.k})"
    for table in page.tables:
        yield f"  {table.title.th} · {table.title.en}"
        if table.cells is None:
            yield "         – ไม่แสดง · not shown"
        for cell in table.cells or ():
            names = " + ".join(table.labels[value].th for value in cell.values)
            yield f"    {cell.n:>7,}  {names}"


def _look(config: Config, work: Callable[[Transaction], T]) -> T:
    path = config.storage.database
    if not path.exists():
        raise Misconfigured(f"{path} ยังไม่มี · is not there yet: saisaat serve")
    try:
        with looking(path) as t:
            return work(t)
    except Misuse:
        raise Misconfigured(
            "ฐานข้อมูลเก่ากว่าโปรแกรม เปิดบอตหนึ่งครั้งก่อน · the database is older than this "
            "program; the next start of the bot brings it up to date."
        ) from None


def _parsed(quarter: str) -> Quarter:
    try:
        return Quarter.parse(quarter)
    except ValueError:
        raise Misconfigured("ไตรมาสเขียนแบบนี้ · a quarter is written like 2026-Q3.") from None


def _loaded(config: Path) -> Config:
    logs.start(logging.WARNING)
    return load(config)


def _server_key(config: Config) -> ServerKey:
    return ServerKey.read(config.server_key, is_credential=config.secrets.is_credential)


def _as_json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2)
