"""members …: a registrar's book, codes and cards.

A name is never an argument: arguments are readable by every process of the machine and stay in
shell histories. A code goes to a card or, once, to a terminal.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.text import Text

from console import days
from console.calm import calm_line
from console.commands import handing_out, member_tables
from console.errors import Distrusted, Mistaken
from console.export_folder import keep_new
from console.members.as_json import book_counts, counts_json, member_json, recorded_json
from console.members.book import Book, Member, Standing
from console.members.cards import SAMPLE, CardText, Printer, write_cards
from console.members.keeping import AT_MOST_BYTES, holding
from console.members.recorded import Recorded, recorded
from console.members.registrar import Registrar, Wish
from console.office import Office, working
from console.shell import Shell, shell_of
from console.trust import Trust
from console.words import LANGUAGES, words_for
from sealing import Cost

GOOD_FOR_DAYS = 365

T = TypeVar("T")

Alias = Annotated[str, typer.Argument(help="alias, 4 letters · ชื่อรหัส")]
Json = Annotated[bool, typer.Option("--json")]
Centre = Annotated[str | None, typer.Option("--centre", help="centre's id · รหัสศูนย์")]
Since = Annotated[int | None, typer.Option("--since", help="member since (year) · เป็นสมาชิกตั้งแต่ปี")]
Days = Annotated[int, typer.Option("--days", help="how long a code is good · ใช้ได้กี่วัน")]
Reason = Annotated[str | None, typer.Option("--reason", help="else asked for · ไม่ใส่จะถาม")]
Cards = Annotated[
    Path | None, typer.Option("--cards", help="a new PDF; else shown once · ไฟล์บัตร PDF ใหม่")
]
OnePerPage = Annotated[bool, typer.Option("--one-per-page", help="บัตรละหน้า")]
CardLang = Annotated[str, typer.Option("--card-lang", help="th | en")]


def make() -> typer.Typer:
    app = typer.Typer(
        help="the network's members and codes (registrar) · สมาชิกเครือข่ายและรหัส",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.command("add", help="a new member with a code · เพิ่มสมาชิก")(add)
    app.command("batch", help="many at once, one name a line · เพิ่มหลายคน")(batch)
    app.command("cards", help="a sample card, to try printing · บัตรตัวอย่าง")(sample)
    app.command("list", help="the book · รายชื่อ")(list_members)
    app.command("show", help="one member · ดูสมาชิก")(show)
    app.command("rotate", help="a new code; the old one stops · ออกรหัสใหม่")(rotate)
    app.command("duress", help="a second code for a day of force · รหัสฉุกเฉิน")(duress)
    app.command("pause", help="let the codes rest · พักรหัส")(pause)
    app.command("resume", help="let them work again · ให้ใช้ต่อ")(resume)
    app.command("revoke", help="stop the codes for good · ยกเลิกรหัส")(revoke)
    app.command("retire", help="a member leaves · พ้นจากเครือข่าย")(retire)
    app.command("expiring", help="codes that end soon · รหัสใกล้หมดอายุ")(expiring)
    app.command("counts", help="how many codes the desk has · จำนวนรหัส")(counts)
    app.command("record", help="what was done, signed · บันทึกที่โต๊ะ")(record)
    app.command("hand-over", help="the book for another registrar · มอบสมุด")(hand_over)
    app.command("take-over", help="merge a book handed over · รับมอบสมุด")(take_over)
    return app


# --- codes that are new


def add(
    context: typer.Context,
    centre: Centre = None,
    since: Since = None,
    days_good: Days = GOOD_FOR_DAYS,
    cards: Cards = None,
    one_per_page: OnePerPage = False,
    card_lang: CardLang = LANGUAGES[0],
) -> None:
    shell = shell_of(context)
    handing_out.check_screen(shell, cards)
    name = _asked(shell, "members.ask_name")

    async def work(registrar: Registrar) -> Member:
        hand = handing_out.hand(shell, registrar, cards, one_per_page, card_lang)
        wish = Wish(registrar.centre(centre), _year(since), days_good)
        return await registrar.add(name, wish, "", hand)

    member = _at_desk(shell, work)
    _say_code(shell, "members.added", member)
    _say_cards(shell, cards)


def batch(
    context: typer.Context,
    names: Annotated[Path | None, typer.Argument(help="one name a line; - is stdin")] = None,
    cards: Cards = None,
    centre: Centre = None,
    since: Since = None,
    days_good: Days = GOOD_FOR_DAYS,
    one_per_page: OnePerPage = False,
    card_lang: CardLang = LANGUAGES[0],
    abandon: Annotated[bool, typer.Option("--abandon", help="leave an unfinished list")] = False,
) -> None:
    shell = shell_of(context)
    if abandon:
        left = _at_desk(shell, _abandon)
        shell.print(shell.say("members.batch_left", n=len(left)))
        return
    if cards is None:
        raise Mistaken("members.needs_cards")
    listed = handing_out.names(names)

    async def work(registrar: Registrar) -> int:
        hand = handing_out.hand(shell, registrar, cards, one_per_page, card_lang)
        wish = Wish(registrar.centre(centre), _year(since), days_good)
        if registrar.book.batch is not None:
            shell.tell(shell.say("members.batch_resumed"), "yellow")
        with handing_out.progress(shell, len(listed)) as steps:
            return await registrar.batch(listed, wish, "", hand, steps)

    made = _at_desk(shell, work)
    if not made:
        shell.print(shell.say("members.batch_all_there"))
        return
    shell.print(shell.say("members.batch_done", n=made))
    _say_cards(shell, cards)


def sample(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="a new PDF · ไฟล์ PDF ใหม่")],
    one_per_page: OnePerPage = False,
    card_lang: CardLang = LANGUAGES[0],
) -> None:
    shell = shell_of(context)
    links = shell.folder.settings().links
    card = CardText(SAMPLE, days.today().isoformat())
    write_cards(file, Printer(words_for(card_lang), links, one_per_page).print([card]))
    shell.print(shell.say("members.sample_at", path=file))


def rotate(
    context: typer.Context,
    alias: Alias,
    reason: Reason = None,
    days_good: Days = GOOD_FOR_DAYS,
    cards: Cards = None,
    one_per_page: OnePerPage = False,
    card_lang: CardLang = LANGUAGES[0],
) -> None:
    shell = shell_of(context)
    handing_out.check_screen(shell, cards)
    why = _reason(shell, reason)

    async def work(registrar: Registrar) -> Member:
        hand = handing_out.hand(shell, registrar, cards, one_per_page, card_lang)
        return await registrar.rotate(alias, days_good, why, hand)

    member = _at_desk(shell, work)
    _say_code(shell, "members.rotated", member)
    if member.duress is not None:
        until = days.say_day(member.duress.expires_day, shell.words.language)
        shell.print(shell.say("members.duress_left", alias=member.alias, day=until))
    _say_cards(shell, cards)


def duress(context: typer.Context, alias: Alias) -> None:
    shell = shell_of(context)
    handing_out.check_screen(shell, None)

    async def work(registrar: Registrar) -> Member:
        return await registrar.duress(alias, lambda made: handing_out.show_once(shell, made))

    member = _at_desk(shell, work)
    if member.duress is not None:
        until = days.say_day(member.duress.expires_day, shell.words.language)
        shell.print(shell.say("members.duress_made", alias=member.alias, day=until))


# --- codes that are there


def pause(context: typer.Context, alias: Alias, reason: Reason = None) -> None:
    _change(shell_of(context), "members.paused", alias, reason, Registrar.pause)


def resume(
    context: typer.Context,
    alias: Alias,
    reason: Annotated[str, typer.Option("--reason", help="เหตุผล")] = "",
) -> None:
    _change(shell_of(context), "members.resumed", alias, reason, Registrar.resume)


def revoke(context: typer.Context, alias: Alias, reason: Reason = None) -> None:
    _change(shell_of(context), "members.revoked", alias, reason, Registrar.revoke)


def retire(context: typer.Context, alias: Alias, reason: Reason = None) -> None:
    _change(shell_of(context), "members.retired", alias, reason, Registrar.retire)


# --- looking


def list_members(
    context: typer.Context,
    centre: Centre = None,
    standing: Annotated[
        Standing | None, typer.Option(help="active, paused … · สถานะ", case_sensitive=False)
    ] = None,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    today = days.today().isoformat()
    found = [
        member
        for member in _book(shell).members
        if centre in (None, member.centre) and standing in (None, member.standing(today))
    ]
    found.sort(key=lambda member: (member.centre, member.alias))
    if json:
        shell.json({"members": [member_json(member, today) for member in found]})
        return
    if not found:
        shell.print(shell.say("members.list_empty"))
        return
    columns = ("alias", "name", "centre", "since", "standing", "until")
    table = member_tables.table(shell, "members.list_title", *columns)
    for member in found:
        table.add_row(*map(Text, member_tables.cells(shell, member, today)))
    shell.out.print(table)


def show(context: typer.Context, alias: Alias, json: Json = False) -> None:
    shell = shell_of(context)
    today = days.today().isoformat()
    member = _book(shell).find(alias)
    if json:
        shell.json(member_json(member, today))
        return
    shell.print(" · ".join(member_tables.cells(shell, member, today)), "bold")
    code = member.duress
    language = shell.words.language
    shell.print(
        shell.say("members.duress_none")
        if code is None
        else shell.say("members.duress_until", day=days.say_day(code.expires_day, language))
    )
    shell.print(shell.say("members.history"), "bold")
    for deed in member.history:
        said = shell.words.label("deed", deed.kind)
        line = " · ".join(
            part
            for part in (days.say_day(deed.day, language), said, deed.by_name, deed.reason)
            if part
        )
        shell.print(f"  {calm_line(line, at_most=2_000)}")


def expiring(
    context: typer.Context,
    within: Annotated[int, typer.Option("--days", min=0, max=3650, help="กี่วัน")] = 60,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    today = days.today()
    last = (today + timedelta(days=within)).isoformat()
    found = _book(shell).ending_within(today.isoformat(), last)
    if json:
        shell.json(
            {
                "codes": [
                    {
                        "alias": member.alias,
                        "centre": member.centre,
                        "is_duress": code.is_duress,
                        "expires_day": code.expires_day,
                        "has_ended": code.expires_day < today.isoformat(),
                    }
                    for member, code in found
                ]
            }
        )
        return
    if not found:
        shell.print(shell.say("members.expiring_none", n=within))
        return
    title = shell.say("members.expiring_title", n=within)
    table = member_tables.table(shell, title, "until", "alias", "name", "centre", "kind_of_code")
    for member, code in found:
        kind = shell.words.label("code_kind", "duress" if code.is_duress else "ordinary")
        until = days.say_day(code.expires_day, shell.words.language)
        table.add_row(
            *map(Text, (until, member.alias, calm_line(member.name), member.centre, kind))
        )
    shell.out.print(table)


def counts(context: typer.Context, json: Json = False) -> None:
    shell = shell_of(context)

    async def work(registrar: Registrar) -> tuple[list[dict[str, object]], Book]:
        told = await registrar.office.desk.member_counts()
        return [counts_json(each) for each in told.centres], registrar.book

    told, book = _at_desk(shell, work)
    today = days.today().isoformat()
    own = {str(each["centre"]): book_counts(book, str(each["centre"]), today) for each in told}
    if json:
        shell.json({"centres": [{**each, "book": own[str(each["centre"])]} for each in told]})
        return
    shell.print(shell.say("members.counts_title"), "bold")
    for each in told:
        for name, numbers in (
            (str(each["centre"]), each),
            (f"  {shell.say('members.counts_book')}", own[str(each["centre"])]),
        ):
            said = " · ".join(
                f"{shell.words.label('code_count', state)} {numbers[state]}" for state in _STATES
            )
            shell.print(f"{name}: {said}")
    if any(own[str(each["centre"])] != {s: each[s] for s in _STATES} for each in told):
        shell.tell(shell.say("members.counts_differ"), "yellow")


def record(context: typer.Context, centre: Centre = None, json: Json = False) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> tuple[list[Recorded], Trust]:
        trust = await office.trust()
        own = trust.roster.officer(office.keys.id)
        centres = (centre,) if centre else () if own is None else own.centres
        found = [each for one in centres for each in await recorded(office, one)]
        return found, trust

    found, trust = shell.at_work(work)
    if json:
        shell.json({"records": [recorded_json(each, trust.signers) for each in found]})
    elif not found:
        shell.print(shell.say("members.record_empty"))
    else:
        shell.out.print(member_tables.record_table(shell, found, trust))
    forged = sum(not each.is_trusted for each in found)
    if forged:
        shell.tell(shell.say("members.record_forged", n=forged), "bold red")
        raise typer.Exit(Distrusted.exit_code)


# --- the book itself


def hand_over(
    context: typer.Context,
    officer: Annotated[str, typer.Argument(help="registrar's name or id · ชื่อนายทะเบียน")],
    out: Annotated[Path, typer.Option("--out", help="a new file · ไฟล์ใหม่")],
    centre: Centre = None,
) -> None:
    shell = shell_of(context)

    async def work(registrar: Registrar) -> tuple[str, int]:
        sealed, other, count = await registrar.hand_over(officer, centre)
        keep_new(out, sealed)
        return other.name, count

    name, count = _at_desk(shell, work)
    shell.print(shell.say("members.handed_over", n=count, name=name, path=out))


def take_over(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="ไฟล์ที่รับมอบ")]
) -> None:
    shell = shell_of(context)
    try:
        with file.open("rb") as source:
            sealed = source.read(AT_MOST_BYTES + 1)
    except OSError:
        raise Mistaken("members.bad_file", path=file) from None
    merged = _at_desk(shell, lambda registrar: registrar.take_over(sealed))
    said = {"new": merged.new, "known": merged.known, "skipped": merged.skipped}
    shell.print(shell.say("members.took_over", **said))
    if merged.clashes:
        shell.tell(shell.say("members.clashes", aliases=", ".join(merged.clashes)), "yellow")


# --- how

_STATES = ("active", "paused", "revoked", "expired")


def _at_desk(shell: Shell, work: Callable[[Registrar], Awaitable[T]]) -> T:
    """Unlock, hold the book, finish what an earlier run left, do *work*."""
    keys = shell.unlock()

    async def run() -> T:
        async with working(shell.folder, keys) as office:
            with holding(shell.home, keys, office.today().isoformat()) as file:
                registrar = await Registrar.at_work(office, file)
                terms = registrar.book.terms
                if terms is not None and _is_weak(terms.cost):
                    shell.tell(shell.say("members.terms_weak"), "yellow")
                return await work(registrar)

    return asyncio.run(run())


def _book(shell: Shell) -> Book:
    keys = shell.unlock()
    with holding(shell.home, keys, days.today().isoformat()) as file:
        return file.book


async def _abandon(registrar: Registrar) -> tuple[Member, ...]:
    return registrar.abandon_batch()


def _change(
    shell: Shell,
    says: str,
    alias: str,
    reason: str | None,
    deed: Callable[[Registrar, str, str], Awaitable[Member]],
) -> None:
    why = _reason(shell, reason)
    member = _at_desk(shell, lambda registrar: deed(registrar, alias, why))
    shell.print(shell.say(says, alias=member.alias))


def _asked(shell: Shell, key: str) -> str:
    if sys.stdin.isatty():
        return shell.ask(key)
    return sys.stdin.readline().strip()


def _reason(shell: Shell, given: str | None) -> str:
    return given if given is not None else shell.ask("members.ask_reason", default="")


def _year(typed: int | None) -> int:
    """The year (CE) that a person meant: this one if they said none; พ.ศ. is read too."""
    if typed is None:
        return days.today().year
    return typed - days.BUDDHIST_ERA if typed > 2400 else typed


def _is_weak(cost: Cost) -> bool:
    advised = Cost()
    return cost.memory_kib < advised.memory_kib or cost.time < advised.time


def _say_code(shell: Shell, key: str, member: Member) -> None:
    if member.code is not None:
        until = days.say_day(member.code.expires_day, shell.words.language)
        shell.print(shell.say(key, alias=member.alias, day=until))


def _say_cards(shell: Shell, path: Path | None) -> None:
    if path is not None:
        shell.tell(shell.say("members.cards_at", path=path), "yellow")
